#!/bin/sh
# lift_race - lifted while outpost-queue was putting its mail on hold, and many
# others are stopped: whatever answer comes first, nothing stays on hold; and
# suspended again while it was releasing it: all of it is on hold in the end
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot setpriv "$TOOL/smtp_send" "$TOOL/smtp_world"

OTHERS=300 # to look at all of them takes more than a turn

wait_asked() { # what outpost-queue was asked waits in its socket
	wait_for 'ss -Hxa | awk -v to="$QUEUE_SOCKET" \
	    "\$5 == to && \$3 > 0 { f = 1 } END { exit !f }"' ||
		fail "asked" "$(ss -Hxa)"
}

pf_new mta
world_at world
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
outpost_config <<END
letters: { letters = false; };
$(queue_config)
END
outpost_beside mta
pf_start mta
queue_start
outpost_start
"$TOOL/smtp_send" -q -x "LOGIN=ann@inside.example ADDR=203.0.113.7" \
    -f ann@inside.example -n 5 "$(pf_submission mta)" 'a%d@world.example'
wait_for '[ "$(queue_counts mta)" = "0 5" ]' || die "mail doesn't wait"
seq -f 'other%g@inside.example' $OTHERS >"$BED/others"
op suspend --from-file "$BED/others" --for 1h --reason test --yes >/dev/null
wait_for '[ "$(outpost_status suspended)" = $OTHERS ]' 20 ||
	fail "others" "$(op status)"

# outpost-queue is slow; its answer is read together with what the lift changed.
bed_kill outpost-queue STOP
op suspend ann@inside.example --for 1h --reason test >/dev/null
wait_asked
op lift ann@inside.example --release all --reason test >/dev/null
bed_kill outpostd STOP
bed_kill outpost-queue CONT
check "it is put on hold" wait_for '[ "$(queue_counts mta)" = "5 0" ]' 20
wait_for 'grep -q "hold by root: 5 of 5" "$BED/log/outpost-queue.out"' 10
bed_kill outpostd CONT
check "nothing stays on hold" wait_for '[ "$(queue_counts mta)" = "0 5" ]' 10
check "nor in the books" wait_for '[ "$(outpost_status messages_held)" = 0 ]'

op suspend ann@inside.example --for 1h --reason test >/dev/null
check "suspended: held" wait_for '[ "$(queue_counts mta)" = "5 0" ]' 10
queue_told mta
bed_kill outpost-queue STOP
op lift ann@inside.example --release all --reason test >/dev/null
wait_asked
op suspend ann@inside.example --for 1h --reason test >/dev/null
sleep 1 # by then it has looked whom to stop
bed_kill outpost-queue CONT
check "suspended again: it had been released" wait_for \
    '[ "$(grep -c "release by root: 5 of 5" \
    "$BED/log/outpost-queue.out")" = 2 ]' 10
check "it is held again" wait_for '[ "$(queue_counts mta)" = "5 0" ]' 10
queue_told mta
