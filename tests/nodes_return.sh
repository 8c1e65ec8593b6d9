#!/bin/sh
# nodes_return - a node that was away knows what was decided meanwhile before it
# judges what it missed; one born anew on its host counts nothing twice
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl

sees() { # N SUBJECT "COUNT ..." "N ..."
	# shellcheck disable=SC2086
	[ "$(node_counts "$1" "$2" $3)" = "$4" ]
}

start() { # N
	node_config "$1" <<-END
		limits = ( { name = "hour"; window = "1h"; max = 300; action = "suspend"; } );
	END
	node_start "$1"
}

redis_start
start 1
start 2
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]' 15

# Node 2 is away; meanwhile a friend is exempt, and what he sends is in its log.
node_stop 2
node_op 1 exempt eve@example.com --for 1h --reason friend >/dev/null
node_op 1 limit dan@example.com hour 1000 --reason mailing >/dev/null
node_mail 2 eve@example.com 1 400
node_mail 2 dan@example.com 1 400
node_mail 2 thief@example.com 1 400
node_start 2
check "what it missed is read" wait_for \
    'sees 2 thief@example.com recipients 400 && sees 2 eve@example.com recipients 400'
check "and judged: a thief is suspended" wait_for \
    '[ "$(node_standing 1 thief@example.com)" = suspended ]'
stopped() { # SUBJECT
	redis_cli redis xrange outpost:events - + | grep "$1" |
	    grep -c '"rung":"suspended"'
}
check_eq "who was exempt meanwhile never was" "$(stopped eve@example.com)" 0
check_eq "nor who was given another limit" "$(stopped dan@example.com)" 0

# Its state directory is lost; its log is there, and is read again.
node_mail 1 ann@example.com 1 50
node_mail 2 ann@example.com 2 60
wait_for 'sees 1 ann@example.com recipients 170' 15
node_stop 2
rm -r "$BED/node2/state"
mkdir "$BED/node2/state"
node_start 2
node_mail 2 ann@example.com 1 1
check "a host born anew counts its log once" wait_for \
    'sees 2 ann@example.com "messages recipients" "4 171"' 15
node_mail 1 ann@example.com 1 1
check "for the others, too" wait_for \
    'sees 1 ann@example.com "messages recipients" "5 172"' 15
sleep 6
check_eq "and stays so" "$(node_counts 1 ann@example.com recipients)" 172
check_eq "nobody was stopped for what counted twice" \
    "$(stopped ann@example.com)" 0

# An order that comes before it heard what was decided meanwhile: Redis is slow
# to tell.
node_stop 2
node_op 1 suspend kim@example.com --reason stolen >/dev/null
node_mail 2 kim@example.com 1 1
bed_kill redis STOP
node_start 2
node_op 2 lift kim@example.com --reason 'new password' >"$BED/said" 2>&1 &
bed_own $! lifter
sleep 0.7
bed_kill redis CONT
check "an order waits for that" wait_for '! bed_alive lifter' 10
check_has "and is obeyed" "$(cat "$BED/said")" 'kim@example.com: lifted'
check "everywhere" wait_for \
    'node_standing 1 kim@example.com | grep -Eq "^(good|probation)$"'
