#!/bin/sh
# many - one order to many: from a file, by client network, rule and domain; a
# dry run first, a yes needed, each with its own result, bounded
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

send() { # LOGIN ADDRESS
	"$TOOL/smtp_send" -x "LOGIN=$1 ADDR=$2" -f "$1" \
	    "$(pf_submission mta)" x@world.example 2>&1
}

# STATUS, then "status: OUTPUT" of an operator's command without a terminal.
try() { # COMMAND...
	out=$(op "$@" 2>&1 </dev/null)
	status=$?
}

suspended() { # how many accounts
	op list suspended --kind account --json | grep -o '"subject"' | wc -l
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<'END'
limits = ( { name = "small"; window = "1h"; max = 2; action = "suspend"; } );
END
outpost_beside mta
pf_start mta
outpost_start

# A network of thieves, and others.
for i in 1 2 3 4 5 6; do
	send "thief$i@a.example" 203.0.113.$i >/dev/null
	send "good$i@b.example" 192.0.2.$i >/dev/null
done
outpost_reads
outpost_enforce

try suspend --client 203.0.113.0/24 --since 1h --reason stolen
check_eq "no terminal, no yes: status" "$status" 2
check_has "no yes: the numbers" "$out" '^suspend 6: 6 good$'
check_has "no yes: says so" "$out" 'yes is needed.*nothing was done'
check_eq "no yes: nobody is suspended" "$(suspended)" 0
try suspend --client 203.0.113.0/24 --reason stolen --dry-run
check_eq "dry run: status" "$status" 0
check_eq "dry run: nobody is suspended" "$(suspended)" 0
try suspend --client 203.0.113.0/24 --yes
check_eq "without a reason: each fails" "$status" 1
check_eq "without a reason: nobody is suspended" "$(suspended)" 0

try suspend --client 203.0.113.0/24 --since 1h --reason stolen --yes
check_eq "by network: status" "$status" 0
check_eq "by network: a line for each" \
    "$(echo "$out" | grep -c '^thief.@a.example: suspended')" 6
check_has "by network: the end" "$out" '^suspend: 6 of 6 done, 0 failed'
check_eq "by network: they alone" "$(suspended)" 6
check_has "by network: refused" "$(send thief3@a.example 198.51.100.1)" \
    '^RCPT .* 5.7.1'
check_has "by network: others send" "$(send good1@b.example 192.0.2.1)" \
    '^END 250'
check_has "the history names who and why" "$(op show thief3@a.example)" \
    'stolen'
sleep 2.1
try suspend --client 203.0.113.0/24 --since 1s --reason x --yes
check_eq "since: nobody" "$status" 5

try lift --domain a.example --reason 'new passwords' --innocent --yes
check_eq "by domain: status" "$status" 0
check_has "by domain: the numbers" "$out" '^lift 6: 6 suspended'
check_eq "by domain: lifted" "$(suspended)" 0
check "by domain: send again" wait_for 'send thief3@a.example 203.0.113.3 |
    grep -q "^END 250"'

check_has "the history names who, why, and what was before" \
    "$(op events thief3@a.example)" \
    'sanction +suspended .*stolen \[root\] \(was good\)'
check_has "of a lift, too" "$(op events thief3@a.example)" \
    'lift .*new passwords \[root\] \(was suspended\)'

# A rule that was too small.
for i in 4 5; do
	send "good$i@b.example" 192.0.2.$i >/dev/null
	send "good$i@b.example" 192.0.2.$i >/dev/null
	send "good$i@b.example" 192.0.2.$i >/dev/null
done
check "by rule: it suspends" wait_for '[ "$(suspended)" = 2 ]'
op suspend good6@b.example --reason byhand >/dev/null
check_has "list by rule" "$(op list --rule small)" 'good4@b.example +suspended'
try lift --rule small --reason 'too small' --innocent --yes
check_has "by rule" "$out" '^lift: 2 of 2 done'
check_eq "by rule: the operator's own stays" \
    "$(outpost_standing good6@b.example)" suspended
op lift good6@b.example --reason x --innocent >/dev/null

# A file.
{
	echo '# from the police'
	i=0
	while [ $i -lt 300 ]; do
		i=$((i + 1))
		echo "listed$i@c.example"
	done
	echo
	echo '198.51.100.0/33'
	echo '@d.example'
} >"$BED/list"
try suspend --from-file "$BED/list" --reason list --for 1h --yes
check_eq "a file: one is wrong" "$status" 1
check_has "a file: the numbers" "$out" '^suspend 302: 301 good, 1 that can.t be'
check_has "a file: which one" "$out" '198.51.100.0/33.* is no '
check_has "a file: the end" "$out" '^suspend: 301 of 302 done, 1 failed'
check_eq "a file: all accounts" "$(suspended)" 300
check_eq "a file: the domain" "$(outpost_standing domain:d.example)" suspended
try show --from-file "$BED/list" --json
check_eq "show: all of them" "$(echo "$out" | grep -c '"subject":"listed')" 300
grep listed "$BED/list" >"$BED/lift"
out=$(op lift --from-file - --reason over --innocent --yes <"$BED/lift" 2>&1)
check_has "a file on standard input" "$out" '^lift: 300 of 300 done'
check_eq "a file: lifted" "$(suspended)" 0
try suspend --from-file "$BED/none" --reason x --yes
check_eq "no such file: status" "$status" 1
: >"$BED/empty"
try suspend --from-file "$BED/empty" --reason x --yes
check_eq "an empty file: status" "$status" 5
try suspend thief1@a.example --domain a.example --reason x --yes
check_eq "a subject, too: status" "$status" 2
