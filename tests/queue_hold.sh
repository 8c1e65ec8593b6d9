#!/bin/sh
# queue_hold - what an account has in the queue is held while it is stopped:
# by Outpost alone released, at once, in order, none lost and none twice; what
# others hold, and other messages under the same queue id, are left alone
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server setpriv "$TOOL/smtp_send" "$TOOL/smtp_world" \
    "$TOOL/unix_talk"

send() { # LOGIN RECIPIENT ARGUMENT...
	login=$1@inside.example to=$2
	shift 2
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" \
	    "$@" "$(pf_submission mta)" "$to" 2>&1
}

held() { # ACCOUNT: how many Outpost says it holds
	opc --json queue "$1@inside.example" list | grep -o '"queue_id"' | wc -l
}

world_open() {
	bed_run world "$TOOL/smtp_world" -d "$BED/world" ${1:-} \
	    "$world_ip:$world_port"
	wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
}

world_shut() {
	bed_kill world
}

came() { # ACCOUNT: recipients of its messages, in the order in which they came
	grep -l "^X-World-From: .*$1@inside" "$BED"/world/[0-9]* 2>/dev/null |
	    sort -t/ -k"$(echo "$BED/world/x" | tr -cd / | wc -c)" -V |
	    xargs -r sed -n 's/^X-World-To: *<*\([^@]*\)@.*/\1/p'
}

let_go() { # the queue ids in the order in which they were released
	sed -n 's/.*postsuper\[.*: \([^ ]*\): released from hold/\1/p' "$PF_LOG"
}

each_once() { # ACCOUNT PREFIX N: do exactly PREFIX1..PREFIXN come?
	[ "$(came "$1" | sort -V | tr '\n' ' ')" = \
	    "$(seq -f "$2%g" 1 "$3" | tr '\n' ' ')" ]
}

ask() { # VERB "INSTANCE ID FROM TO SENDER": asks outpost-queue itself
	# shellcheck disable=SC2086
	set -- "$1" $2
	printf 'verb=%s\nmessage=%s %s ask %s %s 9999999999 0 x@y %s\n\n' "$@" |
	    "$TOOL/unix_talk" "$QUEUE_SOCKET" | head -n 1
}

field() { # QUEUE-ID NAME
	pf_queue mta | grep "\"$1\"" | sed "s/.*\"$2\": \"*\([^\",]*\).*/\1/"
}

bounces() { # ACCOUNT
	grep -l "^X-Failed-Recipients\|^Content-Type: multipart/report" \
	    "$BED"/mta/mail/all/new/* 2>/dev/null |
	    xargs -r grep -l "^To: $1@inside" | wc -l
}

world_at world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
# Postfix's own tools, of which one may hang.
mkdir "$BED/commands"
for tool in postsuper postcat postconf; do
	ln -s "$(command -v "$tool")" "$BED/commands/$tool"
done
cat >"$BED/commands/postqueue" <<END
#!/bin/sh
case \$* in
*" -i "*)
	if [ -e "$BED/hangs" ]; then
		echo "\$*" >>"$BED/hangs"
		exec sleep 100
	fi ;;
esac
exec $(command -v postqueue) "\$@"
END
chmod 755 "$BED/commands/postqueue"
outpost_config <<END
$(queue_config "held_messages_max = 8; postfix_commands = \"$BED/commands\";")
END
outpost_beside mta
pf_start mta
queue_start
outpost_start

# The world is closed: everything waits.
send alice 'a%d@world.example' -n 6
send carol 'c%d@world.example' -n 3
wait_for '[ "$(queue_counts mta)" = "0 9" ]' || die "mail doesn't wait"
mine=$(pf_queue mta | grep alice | sed 's/.*"queue_id": "\([^"]*\)".*/\1/' |
    sort | tail -n 1)
hers=$(pf_queue mta | grep carol | sed 's/.*"queue_id": "\([^"]*\)".*/\1/' |
    sort | tail -n 1)
printf '%s\n%s\n' "$mine" "$hers" | pf_super mta -h - 2>/dev/null
op suspend alice@inside.example --for 1h --reason test >/dev/null
check "suspended: what waits is held" wait_for '[ "$(held alice)" = 5 ]' 5
check_eq "suspended: in the queue, too" "$(queue_counts mta)" "7 2"
check_has "listed" "$(opc queue alice@inside.example list)" \
    "^20.* 20.* alice@inside.example"
check_has "headers" "$(opc queue alice@inside.example headers)" \
    '^From: .*alice@inside.example'
check_soon "status" 'outpost_status messages_held' 5

# Nobody there, killed, back again: the same.
bed_kill outpostd KILL
bed_kill outpost-queue KILL
check_eq "killed: all stays on hold" "$(queue_counts mta)" "7 2"
queue_start
outpost_start
check "restarted: known" wait_for '[ "$(outpost_status messages_held)" = 5 ]'
check_eq "restarted: still held" "$(held alice)" 5

# What isn't Outpost's, or isn't the message that is meant.
at=$(field "$mine" arrival_time)
check_has "an operator's hold isn't taken over" \
    "$(ask hold "postfix $mine 0 $at alice@inside.example")" ' foreign '
check_has "an operator's hold isn't released" \
    "$(ask release "postfix $mine 0 $at alice@inside.example")" ' foreign '
check_has "an operator's hold isn't deleted" "$(printf \
    'verb=delete\nreason=x\nmessage=postfix %s ask 0 %s 0 0 a@b %s\n\n' \
    "$mine" "$at" alice@inside.example | "$TOOL/unix_talk" "$QUEUE_SOCKET")" \
    ' foreign '
free=$(pf_queue mta | grep deferred | head -n 1 |
    sed 's/.*"queue_id": "\([^"]*\)".*/\1/')
at=$(field "$free" arrival_time)
check_has "a queue id with another sender is left alone" \
    "$(ask hold "postfix $free 0 $at alice@inside.example")" ' changed '
check_has "a queue id used again is left alone" \
    "$(ask hold "postfix $free 0 $((at - 1)) carol@inside.example")" \
    ' changed '
check_has "an instance that isn't there" \
    "$(ask hold "other $free 0 $at carol@inside.example")" ' unknown '
check_has "no queue id" \
    "$(ask hold "postfix ALL 0 $at carol@inside.example")" '^failed='
check_eq "nothing of that changed the queue" "$(queue_counts mta)" "7 2"
check_has "others may not ask" "$(printf 'verb=list\n\n' | setpriv \
    --reuid=65534 --regid=65534 --clear-groups "$TOOL/unix_talk" \
    "$QUEUE_SOCKET")" '^failed=nobody%20may%20not'

# Released: at once, in order; the rest waits for the next run of the queue.
world_open
op lift alice@inside.example --reason test >/dev/null
sleep 2
check_eq "lift alone leaves it where it is" "$(held alice)" 5
op suspend alice@inside.example --for 1h --reason test >/dev/null
check_has "lift --release all" "$(op lift alice@inside.example \
    --release all --reason test)" '^5 held messages leave'
check "released: leaves at once" wait_for '[ "$(came alice | wc -l)" = 5 ]' 5
# Postfix takes up what it finds in its directories, several at a time: in what
# order it was told.
check_eq "released: in order" "$(let_go | head -n 5)" \
    "$(let_go | head -n 5 | sort)"
check_eq "released: five of them" "$(let_go | wc -l)" 5
check_soon "released: what others hold stays" 'queue_counts mta' "2 2"
pf_super mta -H ALL 2>/dev/null
pf_flush mta
check "all of it came, once" wait_for \
    'each_once alice a 6 && each_once carol c 3 && pf_is_empty mta'

# A hold that ends by itself; more than may be held.
world_shut
send dave 'd%d@world.example' -n 3
send erin 'e%d@world.example' -n 12
wait_for '[ "$(queue_counts mta)" = "0 15" ]' || die "mail doesn't wait"
op suspend dave@inside.example --rung hold --for 9s --reason test >/dev/null
op suspend erin@inside.example --for 1h --reason test >/dev/null
check "hold: held" wait_for '[ "$(held dave)" = 3 ]' 5
check "bounded: as many as may be" wait_for '[ "$(held erin)" = 8 ]' 5
world_open
check "bounded: told" wait_for 'op events | grep -q "held_queue\|as many as"' 5
check "hold: ended, leaves at once" wait_for 'each_once dave d 3' 12
check_eq "bounded: not a message more" "$(held erin)" 8
check_has "delete needs a reason" \
    "$(opc queue erin@inside.example delete 2>&1)" 'reason'
one=$(queue_held mta | head -n 1)
check_has "delete" "$(opc queue erin@inside.example delete "$one" \
    --reason spam 2>&1)" '^1 deleted'
check_has "delete: in the log, by whom and why" \
    "$(cat "$BED/log/outpost-queue.out")" "delete by root, spam: 1 of 1.*$one"
one=$(queue_held mta | head -n 1)
check_has "return" "$(opc queue erin@inside.example return "$one" \
    --reason spam 2>&1)" '^1 returned'
check "return: to its sender" wait_for '[ "$(bounces erin)" = 1 ]' 5
check_has "release" "$(opc queue erin@inside.example release)" '^6 released'
pf_flush mta
check "ten of erin's came" wait_for '[ "$(came erin | wc -l)" = 10 ]'
check_eq "none twice" "$(came erin | sort | uniq -d)" ""
check "the queue is empty" pf_empty mta

# A Postfix that doesn't answer who hurries messages: others don't wait for it.
world_shut
send henry 'h%d@world.example' -n 2
wait_for '[ "$(queue_counts mta)" = "0 2" ]' || die "mail doesn't wait"
touch "$BED/hangs"
{
	echo verb=try
	for n in 1 2 3 4 5 6 7 8 9; do
		echo "message=postfix 4jXD4k4KlLz1jQT$n ask 0 9 0 0 - -"
	done
	echo
} >"$BED/tries"
bed_run tries sh -c '"$0" "$1" <"$2"' "$TOOL/unix_talk" "$QUEUE_SOCKET" \
    "$BED/tries"
wait_for 'test -s "$BED/hangs"' || die "nobody hurries"
began=$(now_ms)
op suspend henry@inside.example --for 1h --reason test >/dev/null
wait_for '[ "$(held henry)" = 2 ]' 90
took=$(($(now_ms) - began))
check "held meanwhile ($took ms)" [ "$took" -lt 8000 ]
check "though it hangs still" [ ! -s "$BED/log/tries.out" ]
rm "$BED/hangs"
op lift henry@inside.example --reason test --release all >/dev/null
world_open
check "released meanwhile" wait_for 'each_once henry h 2'
world_shut

# In the middle of being delivered, by a slow world.
world_shut
world_open '-w 300'
send frank 'f%d@world.example' -n 8
op suspend frank@inside.example --for 1h --reason test >/dev/null
sleep 3
op lift frank@inside.example --reason test --release all >/dev/null
check "held while it is delivered: each once" wait_for \
    'each_once frank f 8 && pf_is_empty mta' 20

# A message that is old already isn't returned for its age.
pf_set mta maximal_queue_lifetime=8s
pf_reload mta
send grace grey-1@world.example
pf_wait mta 'grey-1.*status=deferred' || die "no first attempt"
op suspend grace@inside.example --for 1h --reason test >/dev/null
check "old: held" wait_for '[ "$(held grace)" = 1 ]' 5
sleep 9
op lift grace@inside.example --reason test --release all >/dev/null
check "old: requeued, tried" wait_for \
    '[ "$(grep -c "grey-1.*status=deferred" "$PF_LOG")" -ge 2 ]' 10
sleep 1
check_eq "old: not returned" "$(bounces grace)" 0
check_eq "old: still there" "$(queue_counts mta)" "0 1"
