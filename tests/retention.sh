#!/bin/sh
# retention - what is kept of people goes when its time is over: cases, events,
# complaints, ids of messages, webhooks that were given up, lines of the log
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
. "$TOP/tests/lib/loop.sh"
bed_need redis-server perl

lines() { # ACCOUNT: of the log, in its case
	node_op 1 case "$1" --json | perl -MJSON::PP -e '
	    print scalar @{decode_json(join "", <STDIN>)->{log}}'
}

parked() {
	node_op 1 webhooks --json | sed 's/.*"parked":\([0-9]*\).*/\1/'
}

longest() { # PATTERN: seconds that such keys live still
	redis_cli redis --scan --pattern "outpost:$1" | while read -r key; do
		redis_cli redis ttl "$key"
	done | sort -n | tail -n 1
}

redis_start
node_config 1 <<END
limits = ( { name = "hour"; window = "1h"; max = 300; action = "suspend"; } );
webhooks = ( { name = "desk"; url = "http://127.0.0.1:9/"; retry_for = "2s"; } );
cases: { case_keep = "10s"; case_log_for = "12s"; };
policy: { policy_users = ( "*" ); listen = ( "unix:$BED/node1/policy.sock" ); };
END
sed -i '/^policy: { listen = ( "unix[^;]*; };$/d
	s/fbl_listen/authserv_ids = ( "mx.test" ); complaint_retention = "15s"; message_ids_kept = "2d"; &/
	s/control_socket/event_retention = "15s"; parked_retention = "15s"; &/' \
    "$BED/node1/outpost.conf"
node_start 1
node_op 1 mode enforce --reason test >/dev/null
began=$(date +%s)
reference=$(loop_reference 1 loud@example.com)
node_mail 1 quiet@example.com 1 1
node_mail 1 loud@example.com 4 100
loop_report "$reference" loud@example.com |
	"$BUILD/outpost" --config "$BED/node1/outpost.conf" ingest - >/dev/null 2>&1
check "a case, with lines of the log" wait_for \
    '[ "$(lines loud@example.com)" -gt 4 ]' 15
check_has "a complaint" "$(node_op 1 complaints)" 'loud@example.com'
check_has "events" "$(node_op 1 events)" 'suspended'
check "a webhook that was given up" wait_for '[ "$(parked)" -gt 0 ]' 10
for keys in 'm:*' 'mn:*'; do # by whole days; names some more
	left=$(longest "$keys")
	check "Redis knows until when it keeps $keys ($left s)" \
	    [ "${left:-0}" -gt 100000 -a "${left:-9999999}" -le 1123200 ]
done
node_op 1 lift loud@example.com --reason test >/dev/null

check "the case goes" wait_for \
    '[ "$(node_op 1 cases --state all --json)" = "[]" ]' 30
check "so does the complaint" wait_for \
    'node_op 1 complaints | grep -q "no complaints"' 30
check "in Redis, too" wait_for \
    '[ "$(redis_cli redis xlen outpost:complaints)" = 0 ]' 30
check "so do the events" wait_for \
    '[ "$(node_op 1 events --json | grep -c suspended)" = 0 ]' 30
check "so does the webhook" wait_for '[ "$(parked)" = 0 ]' 30
wait_for '[ $(($(date +%s) - began)) -gt 14 ]' 20
node_op 1 suspend quiet@example.com --reason test >/dev/null
check "a case of later copies what there is" wait_for \
    'node_op 1 case quiet@example.com --json | grep -q "\"host\":"' 15
check_eq "lines of the log are gone, too" "$(lines quiet@example.com)" 0
