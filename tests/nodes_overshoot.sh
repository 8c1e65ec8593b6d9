#!/bin/sh
# nodes_overshoot - three nodes share a limit: of many sessions at once on all
# of them hardly a recipient gets beyond it; the log of what was admitted may
# come late; without Redis, or with one that hangs, answers don't wait
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl curl

nodes='1 2 3'

# SESSIONS on each node at once, each asking for RECIPIENTS; how many were
# admitted in all.
storm() { # ACCOUNT SESSIONS RECIPIENTS
	: >"$BED/taken"
	pids=
	for node in $nodes; do
		session=0
		while [ $session -lt "$2" ]; do
			session=$((session + 1))
			node_ask "$node" "$1" "$3" "s${1%%@*}n${node}x$session.1.0" \
			    >>"$BED/taken" &
			pids="$pids $!"
		done
	done
	# shellcheck disable=SC2086
	wait $pids
	awk '{ n += $1 } END { print n }' "$BED/taken"
}

redis_start
for node in $nodes; do
	node_config "$node" <<-END
		limits = ( { name = "hour"; window = "1h"; max = 300; } );
	END
	sed -i 's/policy: {/policy: { policy_users = ( "*" );/' \
	    "$BED/node$node/outpost.conf"
	node_start "$node"
done
node_op 1 mode enforce --reason test >/dev/null
for node in $nodes; do
	check "node $node knows the others" wait_for \
	    '[ "$(node_status $node nodes)" = 3 ] &&
	    [ "$(node_status $node mode)" = enforce ]' 15
done

late() {
	for node in $nodes; do
		node_metric "$node" policy_unsynced_total
		node_metric "$node" policy_standin_answers
	done | awk '{ n += $1 } END { print n + 0 }'
}

# A machine too busy to answer in 50 ms lets the local view decide, or the
# stand-in: such a round tells nothing.
worst=0 least=300 rounds=0 beyond=0
for i in 1 2 3 4 5 6 7 8; do
	before=$(late)
	n=$(storm "par$i@example.com" 10 100)
	echo "# $n of 300 admitted, 3000 asked, on three nodes at once;" \
	    "$(($(late) - before)) answered without the others"
	[ "$(late)" = "$before" ] || continue
	rounds=$((rounds + 1))
	[ "$n" -le "$worst" ] || worst=$n
	[ "$n" -le 315 ] || beyond=$((beyond + 1))
	[ "$n" -ge "$least" ] || least=$n
done
if [ $rounds = 0 ]; then
	skip "storms on three nodes" "this machine is too busy"
else
	# A process that the kernel leaves waiting between its question and
	# its answer shows in no metric: one round in four may go further.
	check "3 x 10 sessions at once: at most $worst of 300, in $beyond of\
 $rounds rounds over 315" \
	    test $((beyond * 4)) -le $rounds -a "$worst" -le 450
	check "and not much less: at least $least" test "$least" -ge 270
fi
check "many waited for the others" \
    test "$(node_metric 1 policy_synced_total)" -gt 30

# One after the other: exact, also when the log shows nothing of it yet.
n=0
for i in $(seq 12); do
	n=$((n + $(node_ask $((i % 3 + 1)) seq@example.com 40 "q$i.1.0")))
done
check "one after the other: $n of 300" test "$n" -ge 300 -a "$n" -le 312

redis_cli redis client no-evict off >/dev/null
bed_kill redis STOP
began=$(date +%s%3N)
n=$(node_ask 1 hang@example.com 320)
ms=$(($(date +%s%3N) - began))
check_eq "Redis hangs: the local view decides" "$n" 300
check "... in time ($ms ms for 320 recipients)" test "$ms" -lt 12000
bed_kill redis CONT
bed_kill redis KILL
sleep 0.5
began=$(date +%s%3N)
n=$(node_ask 2 gone@example.com 320)
ms=$(($(date +%s%3N) - began))
check_eq "Redis gone: the same" "$n" 300
check "... at once ($ms ms)" test "$ms" -lt 1000
