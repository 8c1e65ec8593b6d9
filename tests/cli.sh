#!/bin/sh
# cli - the operator's command: exit statuses, helpful errors, JSON from every
# command, who may look and who may change, a control socket that is abused
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server setpriv curl "$TOOL/json"

A=alice@example.com

run() { # ARGUMENT...: exit status in $status, what it said in $out and $err
	out=$(op "$@" 2>"$BED/err")
	status=$?
	err=$(cat "$BED/err")
}

does() { # STATUS ERE ARGUMENT...: fails so, and says that
	want=$1 ere=$2
	shift 2
	run "$@"
	check_eq "outpost $*: status" $status "$want"
	check_has "outpost $*: says" "$out$err" "$ere"
}

is_json() { # ARGUMENT...
	run --json "$@"
	check_eq "outpost --json $*: status" "$status$err" 0
	printf '%s' "${out:+$out
}" >"$BED/json"
	check "outpost --json $*: is JSON" "$TOOL/json" -l <"$BED/json"
}

as() { # USER GROUP ARGUMENT...
	as_user=$1 as_group=$2
	shift 2
	setpriv --reuid="$as_user" --regid="$as_group" --clear-groups \
	    "$BED/outpost" --socket "$OUTPOST_SOCKET" "$@" 2>&1
}

log() { # TEXT
	echo "$(date '+%b %e %T') mx postfix/$1" >>"$PF_LOG"
}

touch "$PF_LOG"
log "smtpd[1]: AAAA1: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=$A"
log "qmgr[2]: AAAA1: from=<$A>, size=500, nrcpt=1 (queue active)"
log 'smtp[3]: AAAA1: to=<a@world.example>, relay=w[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)'
outpost_control='control_group = "nogroup"; admins = ( "daemon" );'
outpost_config <<END
letters: { letters = false; };
END
check_has "no daemon: says so" "$(op status 2>&1)" 'outpostd does not answer'
op status >/dev/null 2>&1
check_eq "no daemon: exit status" $? 3
outpost_start
check_counts "the log was read" $A "messages recipients delivered" "1 1 1"

# Right ones.
does 0 "^$A: suspended until 20" suspend $A --for 2h --reason 'a test'
does 0 "^$A +suspended .* root +a test" list
does 0 "^$A" list suspended
does 0 'sanction suspended.*a test \[root\]' events $A
does 0 "^$A: lifted" lift $A --innocent --reason 'over'
does 0 "^$A: exempt until" exempt $A --for 1d --reason 'a friend'
does 0 "^$A: no longer exempt" exempt $A --end --reason 'was none'
does 0 "^$A: limit set" limit $A person-hour 500 --reason 'a mailing'
does 0 'person-hour .* 500 +set by an operator' limit $A
does 0 'override taken back' limit $A person-hour --end --reason 'over'
does 0 '^observe' mode
does 0 '203.0.113.0/24' show network:203.0.113.0/24
does 0 '@example.com' show domain:EXAMPLE.com
does 0 '^person-day .* 1000' why $A
does 0 '"sasl_username":"alice@example.com"' explain log "$PF_LOG"
does 0 '"class":"rate_limited","scope":"ip","provider":null,"temporary":true' \
    explain response '550 Ip frequency limited'
does 0 '"rule":null' explain response 'x y'
does 0 '^alice@example.com	1	1	1	0	0' replay --totals "$PF_LOG"
echo 'limits = ( { name = "none"; count = "recipients"; max = 1; } );' \
    >"$BED/other.conf"
does 0 '^both judge everybody alike' replay --against "$OUTPOST_CONF" "$PF_LOG"
does 0 '.' replay --learn 3 --against "$BED/other.conf" "$PF_LOG"
does 2 'number of days' replay --learn soon "$PF_LOG"
does 1 'No such file' replay --against /nonexistent.conf "$PF_LOG"
does 2 'nothing to compare' replay --totals --against "$OUTPOST_CONF" "$PF_LOG"
does 0 'usage: outpost suspend' help suspend

# Wrong ones: each says what to do.
does 2 'did you mean .list.' lst
does 2 'see outpost help' frobnicate
does 2 'has no option --bogus' list --bogus
does 2 'usage: outpost show SUBJECT' show
does 2 'needs --reason' suspend $A
does 2 'is no duration' suspend $A --for long --reason x
does 2 'exemptions have an end' exempt $A --reason x
does 2 'observe or enforce' mode loud
does 2 'is no standing \(watched' list angry
does 2 'is no maximum' limit $A person-hour many --reason x
does 5 'no limit "nope"; there are:' limit $A nope 5 --reason x
does 5 'did you mean alice@example.com\?' show alice@exmaple.com
does 5 'no account nobody@example.org' lift nobody@example.org --reason x
does 5 'is no network' show network:bogus
does 1 'nothing to lift' lift $A --reason x
does 1 'No such file' replay /nonexistent/log
does 2 'no option' --bogus status

for command in status list 'list --senders' 'list suspended' "show $A" \
    "limit $A" "why $A" "explain account $A" mode 'events' "events $A" \
    'show all' 'show client:203.0.113.9' "explain log $PF_LOG" \
    providers 'providers --unmatched' 'explain response 550 no such user --mx mx.example' \
    "replay $PF_LOG" help settings reload \
    "suspend $A --for 1h --reason json" "lift $A --reason json" \
    "exempt $A --for 1h --reason json" "exempt $A --end --reason json" \
    "limit $A person-hour 5 --reason json" \
    "limit $A person-hour --end --reason json" 'mode enforce' \
    "secret $BED/another"; do
	# shellcheck disable=SC2086
	is_json $command
done
check_eq "JSON has what the table has" "$(op --json show $A |
    "$TOOL/json" counts.0.count)" messages

# Who may. (The program where everybody can reach it.)
cp "$BUILD/outpost" "$BED/outpost"
check_has "the group may look" "$(as nobody nogroup list)" 'good|alice'
check_has "the group may not change" \
    "$(as nobody nogroup suspend $A --reason x)" 'nobody may look, not change'
as nobody nogroup suspend $A --reason x >/dev/null
check_eq "the group may not change: status" $? 4
as nobody nogroup reload >/dev/null
check_eq "nor reload" $? 4
check_has "nor the mode, but see it" "$(as nobody nogroup mode)" '^enforce'
as nobody nogroup mode observe >/dev/null
check_eq "nor the mode: status" $? 4
check_eq "nothing was changed" "$(outpost_status mode)" enforce
check_has "an admin may change" "$(as daemon nogroup suspend $A --reason x)" \
    'suspended'
check_has "and is named" "$(op list)" "$A .* daemon "
check_has "others may nothing" "$(as www-data www-data status)" \
    'does not answer: .*Permission denied'

# What is no question.
ask() {
	curl -s -m 5 --unix-socket "$OUTPOST_SOCKET" telnet://x
}
check_has "rubbish" "$(echo rubbish | ask)" '^\{"exit":2,'
check_has "another protocol" "$(curl -s -m 5 --http0.9 \
    --unix-socket "$OUTPOST_SOCKET" http://x/)" '"exit":2'
check_has "deep" "$(head -c 20000 /dev/zero | tr '\0' '[' | (cat; echo) | ask)" \
    '"exit":2'
check_has "an unknown command" "$(echo '{"command":"halt"}' | ask)" '"exit":2'
check_has "a wrong type" "$(echo '{"command":"show","args":[1,{}]}' | ask)" \
    '"exit":2'
check_has "someone else's name" "$(echo '{"command":"suspend","user":"root",
    "args":["x@example.com"]}' | tr -d '\n' | (cat; echo) | ask)" '"exit":2'
head -c 5000000 /dev/zero | tr '\0' x | ask >/dev/null
head -c 300000 /dev/urandom | ask >/dev/null
check_has "and it still answers" "$(op status)" '^mode +enforce'
check_eq "nothing that outpostd says" "$(grep -cE 'error|assert' \
    "$BED/log/outpostd.out")" 0
