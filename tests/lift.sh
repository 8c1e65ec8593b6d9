#!/bin/sh
# lift - held mail of an account that was taken over: what left its own network
# before the evidence is told from what the thief sent from two others; a lift
# lets go exactly what it is told to, on two hosts; what ends by itself lets go
# what is clean; returned is only what names its account, deleted only by a
# person who says why; at the end each message is accounted for
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need root dovecot redis-server setpriv "$TOOL/smtp_send" \
    "$TOOL/smtp_world"

HOME_NET=203.0.113.0/24
WHO='ann bob carl dora'

send() { # INSTANCE LOGIN ADDRESS RECIPIENT ARGUMENT...
	mta=$1 login=$2@inside.example address=$3 to=$4
	shift 4
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=$address" -f "$login" \
	    "$@" "$(pf_submission "$mta")" "$to@world.example" 2>&1
}

# What the log says of two days ago: each of them wrote from home.
past() {
	at=$(date -d '2 days ago' +%Y-%m-%dT%H:%M:%S.000000%:z)
	n=0
	for who in $WHO; do
		n=$((n + 1))
		id=3F00000000$n
		cat <<-END
			$at mx postfix/smtpd[10]: $id: client=c[203.0.113.7], sasl_method=PLAIN, sasl_username=$who@inside.example
			$at mx postfix/qmgr[12]: $id: from=<$who@inside.example>, size=900, nrcpt=1 (queue active)
			$at mx postfix/smtp[13]: $id: to=<x@world.example>, relay=w[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
			$at mx postfix/qmgr[12]: $id: removed
		END
	done
}

op2() {
	"$BUILD/outpost" --config "$BED/node2/outpost.conf" "$@"
}

came() { # sorted recipients of all that came
	cat "$BED"/world/[0-9]* 2>/dev/null |
	    sed -n 's/^X-World-To: *<*\([^@]*\)@.*/\1/p' | sort | tr '\n' ' '
}

is_come() { # RECIPIENTS...: these, and nothing else
	[ "$(came)" = "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ]
}

held() { # ACCOUNT [ORIGIN]: how many on host 1
	opc --json queue "$1@inside.example" list |
	    grep -o "\"origin\":\"${2:-}" | wc -l
}

held2() { # ACCOUNT
	op2 --json queue "$1@inside.example" list | grep -o '"origin"' | wc -l
}

bounces() { # ACCOUNT: what came back to it
	grep -ls "^Content-Type: multipart/report" \
	    "$BED"/mta/mail/all/new/* 2>/dev/null |
	    xargs -r grep -l "^To: $1@inside" | wc -l
}

redis_start
outpost_redis=unix:$BED/redis.sock
world_at world
rules='limits = ( { name = "blast"; window = "1h"; max = 9; action = "suspend";
	warn = 0; } );'
for mta in mta far; do
	pf_new $mta
	pf_set $mta "relayhost=$(world_relay world)" queue_run_delay=300s \
	    minimal_backoff_time=300s maximal_backoff_time=300s
done
outpost_config <<END
$rules
letters: { letters = false; };
$(queue_config)
END
node_config 2 <<END
$rules
queue: { queue_socket = "$BED/queue2.sock"; queue_user = "outpost";
	queue_state_dir = "$BED/queue2-state";
	instances = ( "postfix=$BED/far/etc" ); };
END
pf_set far "maillog_file=$BED/node2/mail.log"
outpost_beside mta
op2 postfix --postfix-config "$BED/far/etc" >>"$BED/far/etc/main.cf"
past >>"$outpost_log"
pf_start mta
pf_start far
queue_start
bed_run queue2 "$BUILD/outpost-queue" -c "$BED/node2/outpost.conf" \
    -l "$BED/queue2.sock"
outpost_start
node_start 2
outpost_enforce
outpost_reads

# The world is closed. From home each writes three letters, bob one of them by
# the other host.
for who in $WHO; do
	send mta $who 203.0.113.$((${#who} + 20)) "$who-good%d" -n 2
done
for who in ann carl dora; do
	send mta $who 203.0.113.9 "$who-good3"
done
send far bob 203.0.113.9 bob-good3
wait_for '[ "$(queue_counts mta)" = "0 11" ]' || die "mail doesn't wait"
wait_for '[ "$(queue_counts far)" = "0 1" ]' || die "mail doesn't wait"
sleep 1.1 # the second is the unit
noon=$(date '+%Y-%m-%d %H:%M:%S')
# Then thieves, from two networks; one of ann's is in another's name.
for who in $WHO; do
	send mta $who 198.51.100.9 "$who-b%d" -n 2
	send mta $who 192.0.2.77 "$who-c%d" -n 2
done
"$TOOL/smtp_send" -q -x 'LOGIN=ann@inside.example ADDR=198.51.100.9' \
    -f victim@inside.example "$(pf_submission mta)" ann-f@world.example
"$TOOL/smtp_send" -q -x 'LOGIN=bob@inside.example ADDR=198.51.100.9' \
    -f victim@inside.example "$(pf_submission mta)" bob-g@world.example
send mta carl 198.51.100.9 carl-f
send mta dora 198.51.100.9 dora-f
send far bob 198.51.100.9 bob-f
outpost_reads
for who in $WHO; do
	send mta $who 192.0.2.77 "$who-over%d" -n 3 >/dev/null
done
check "all four are stopped" wait_for '[ "$(op list suspended --json |
    grep -o "inside.example" | wc -l)" -ge 4 ]' 15
check "all their mail is held, on both hosts" wait_for \
    '[ "$(queue_counts mta | sed "s/.* //")$(queue_counts far |
    sed "s/.* //")" = 00 ]' 15
check "and known here" queue_told mta
check_soon "and there" \
    'op2 status | sed -n "s/^messages_held *//p"' "$(queue_held far | wc -l)"
check_eq "what left home before it began is clean" \
    "$(held ann clean) $(held bob clean) $(held carl clean)" "3 2 3"
n=$(held ann)
check_eq "all that the thief sent isn't" "$(held ann new)" $((n - 3))
check_has "listed by network" "$(opc queue ann@inside.example list)" \
    ' 203.0.113.0/24 *clean '
check_has "listed as JSON" "$(opc --json queue ann@inside.example list)" \
    '"network":"198.51.100.0/24","origin":"new","known":false'

# Killed and started again, it knows the same.
bed_kill outpostd KILL
bed_kill outpost-queue KILL
queue_start
outpost_start
check "and of all of it" queue_told mta
bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"

# Bad selections change nothing.
check_has "no such selection" "$(op lift ann@inside.example \
    --release some --reason x 2>&1)" 'none of all, before TIME, from NETWORK'
check_eq "it is still suspended" "$(outpost_standing ann@inside.example)" \
    suspended

# From one network.
out=$(op lift ann@inside.example --release from $HOME_NET --reason ok 2>&1)
check_has "from home: how many leave" "$out" '^3 held messages leave now'
check_has "from home: what stays, from where" "$out" \
    "^$((n - 3)) held messages stay: .* from 198.51.100.0/24 \(new\)"
expect='ann-good1 ann-good2 ann-good3'
# shellcheck disable=SC2086
check "from home: exactly these come" wait_for 'is_come $expect' 10
check_soon "from home: the rest stays" 'held ann' $((n - 3))

# Back to who sent it, but not in another's name.
c=$(opc --json queue ann@inside.example list --from 192.0.2.0/24 |
    grep -o '"queue_id"' | wc -l)
check_has "return: those of a network" "$(opc queue ann@inside.example \
    return --from 192.0.2.0/24 --reason stolen 2>&1)" "^$c returned"
check "return: exactly these bounce" wait_for \
    '[ "$(bounces ann)" = "$c" ]' 10
later=$(date -d '1 minute' '+%Y-%m-%d %H:%M:%S')
out=$(opc queue ann@inside.example return --before "$later" --reason stolen 2>&1)
check_eq "return: one in another's name is refused" $? 1
check_has "return: it is named" "$out" 'from <victim@inside.example>'
check_soon "return: it stays" 'held ann' 1
check_eq "return: no bounce to a stranger" "$(bounces victim)" 0

# Deleted by a person, who says why.
check_has "delete: why?" "$(opc queue ann@inside.example delete 2>&1)" \
    'needs --reason'
check_has "delete: really?" "$(opc queue ann@inside.example delete \
    --reason spam 2>&1 </dev/null)" '.-yes is needed'
check_eq "delete: until then it stays" "$(held ann)" 1
check_has "delete" "$(opc queue ann@inside.example delete --reason spam \
    --yes 2>&1)" '^1 deleted'
check_soon_has "delete: by whom and why, before and after" \
    'op events ann@inside.example --json | grep "\"type\":\"queue\"" | tail -n 1' \
    '"by":"root","reason":"spam".*"held_before":1,"held_after":0'
check_has "delete: known on the other node" \
    "$(wait_for 'node_op 2 events --json | grep -q "\"reason\":\"spam\""' 10 &&
	echo told)" told

# By time, on both hosts by one order.
b=$(held bob)
check_has "before: how many here" "$(op lift bob@inside.example \
    --release before "$noon" --reason ok 2>&1)" '^2 held messages leave now'
expect="$expect bob-good1 bob-good2 bob-good3"
# shellcheck disable=SC2086
check "before: these come, from both hosts" wait_for 'is_come $expect' 10
check_soon "before: the rest stays on both" 'echo "$(held bob) $(held2 bob)"' \
    "$((b - 2)) 1"
op2 queue bob@inside.example return --reason stolen >/dev/null 2>&1

# A lift that returns the rest.
op suspend bob@inside.example --reason 'once more' >/dev/null
out=$(op lift bob@inside.example --return --reason stolen 2>&1)
check_has "lift --return: how many" "$out" \
    "^$((b - 3)) held messages go back to their sender"
check_has "lift --return: what can't" "$out" 'name another sender'
check "lift --return: exactly these bounce" wait_for \
    '[ "$(bounces bob)" = $((b - 3)) ]' 10
check_soon "lift --return: one in another's name stays" 'held bob' 1
check_eq "lift --return: no bounce to a stranger" "$(bounces victim)" 0

# It ends by itself.
op suspend carl@inside.example --for 3s --reason 'not for long' >/dev/null
expect="$expect carl-good1 carl-good2 carl-good3"
# shellcheck disable=SC2086
check "by itself: what is clean comes" wait_for 'is_come $expect' 15
check_soon "by itself: what is clean is held no more" 'held carl clean' 0
check_eq "by itself: the rest stays" "$(held carl new)" "$(held carl)"
check "by itself: it isn't held any more" wait_for \
    'op events carl@inside.example | grep -q expire' 10

# Some leaves, the rest is deleted.
d=$(held dora)
check_has "lift --delete: asks" "$(opc lift dora@inside.example --release \
    from $HOME_NET --delete --reason spam 2>&1 </dev/null)" '.-yes is needed'
check_eq "lift --delete: nothing was done" \
    "$(outpost_standing dora@inside.example) $(held dora)" "suspended $d"
out=$(opc lift dora@inside.example --release from $HOME_NET --delete --yes \
    --reason spam 2>&1)
check_has "lift --delete: how many" "$out" "^$((d - 3)) deleted"
expect="$expect dora-good1 dora-good2 dora-good3"
# shellcheck disable=SC2086
check "lift --delete: the rest comes" wait_for 'is_come $expect' 10
check_soon "lift --delete: nothing is held" 'held dora' 0

# Each message: come, bounced, deleted or held, once.
logs="$PF_LOG $BED/node2/mail.log"
# shellcheck disable=SC2086
taken=$(cat $logs | grep 'smtpd.*: client=.*sasl_u' | grep -vc ': 3F00000000')
# shellcheck disable=SC2086
back=$(cat $logs | grep -c 'sender non-delivery notification')
deleted=$((1 + d - 3))
check_eq "each message is accounted for" "$taken" \
    $(($(came | wc -w) + back + deleted + $(held bob) + $(held carl)))
check_eq "none twice" "$(came | tr ' ' '\n' | sort | uniq -d | tr -d '\n')" ""
check_eq "nothing else waits" \
    "$(queue_counts mta | sed 's/.* //')$(queue_counts far | sed 's/.* //')" 00
