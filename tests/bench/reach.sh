#!/bin/sh
# reach - how soon a change among a million accounts decides how mail leaves
#
# A real Postfix with the table of a million senders, under mail, as `outpost
# postfix` prints it. An account's standing changes by a command, back and forth
# between two pools; measured is from the command's begin to the moment when the
# log has the first delivery by the other own IP. Prints "median_ms N worst_ms N
# runs N". REACH_RUNS (20), REACH_SENDERS (1000000).
TOP=$(cd "$(dirname "$0")/../.." && pwd)
export TOP
. "$TOP/tests/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/pools.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$BUILD/bench/tables"

world_start far
pf_new mta
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
queue: { instances = ( "postfix=$(pf_etc mta)" ); };
own_ips = (
	{ name = "out1"; ipv4 = "127.0.0.11"; },
	{ name = "out2"; ipv4 = "127.0.0.12"; pools = ( "risk" ); }
);
END2
redis_start redis >/dev/null
outpost_beside mta
pf_set mta "relayhost=$(world_relay far)"
pools_services out1 out2
pf_start mta
outpost_start
who=user7@domain7.example
pools_sends() { # COUNT: one a tenth of a second
	while :; do
		sends_n=$((${sends_n:-0} + 1))
		pools_send "$who" "r$sends_n@far.example" >/dev/null
		sleep 0.1
	done
}
wait_for '[ -n "$(pools_table places default.1)" ]' 30 || die "no tables"
mkdir "$BED/million"
"$BUILD/bench/tables" "$BED/million" "${REACH_SENDERS:-1000000}" keep \
    >"$BED/tables.out" || die tables
mv "$BED/million/senders.cdb" "$BED/state/tables/senders.cdb"
pools_sends &
bed_own $! sends

goes_by() { # OWN-IP: since line $goes_from of the log
	tail -n "+$goes_from" "$PF_LOG" | grep -q "postfix/$1/smtp.*status=sent"
}
goes_from=1
wait_for 'goes_by out1' 60 || die "no mail leaves by out1"
run=0
while [ $run -lt "${REACH_RUNS:-20}" ]; do
	run=$((run + 1))
	goes_from=$(($(wc -l <"$PF_LOG") + 1))
	began=$(now_ms)
	if [ $((run % 2)) = 1 ]; then
		op suspend "$who" --reason bench >/dev/null || die suspend
		op lift "$who" --reason bench >/dev/null || die lift
		want=out2
	else
		op lift "$who" --innocent --reason bench >/dev/null || die innocent
		want=out1
	fi
	until goes_by $want; do
		[ $(($(now_ms) - began)) -lt 30000 ] || die "never by $want"
		sleep 0.02
	done
	echo "$(($(now_ms) - began))" >>"$BED/took"
	# Not in step with any clock of Postfix.
	sleep "$((run % 3 + 1)).$((run * 37 % 10))"
done
sort -n "$BED/took" | awk '{ v[NR] = $1 } END {
	printf "median_ms %d worst_ms %d runs %d\n", v[int((NR + 1) / 2)], v[NR], NR }'
