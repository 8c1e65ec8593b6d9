#!/bin/sh
# observe_letter - while Outpost observes, the abuse desk reads after midnight
# who would have been stopped; on two nodes once; nobody else is written to
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server "$TOOL/smtp_world"

letters() {
	grep -l '^Subject:' "$BED"/world/[0-9]* 2>/dev/null | wc -l
}

bed_midnight 30
redis_start
world_start world
for node in 1 2; do
	node_config $node <<END
limits = ( { name = "blast"; window = "1h"; max = 20; action = "suspend"; warn = 0; },
    { name = "often"; count = "messages"; window = "1h"; max = 5; action = "throttle"; warn = 0; } );
END
	sed -i "s|^letters: .*|letters: { letter_smtp = \"smtp://$(world_address world)\"; \
		letter_from = \"postmaster@example.com\"; desk_to = \"desk@example.com\"; };|" \
	    "$BED/node$node/outpost.conf"
	node_start $node
done
node_mail 1 thief@example.com 1 60
node_mail 2 busy@example.com 8 1
node_mail 2 fine@example.com 1 1
check "observed" wait_for 'node_op 1 list | grep -q "thief.*observed" &&
    node_op 1 list | grep -q "busy.*observed"' 10
check_eq "nobody is written to" "$(letters)" 0
check "the desk is, after midnight" wait_for '[ "$(letters)" -ge 1 ]' 45
sleep 8
check_eq "once" "$(letters)" 1
letter=$(tr -d '\r' <"$(grep -l '^Subject:' "$BED"/world/[0-9]*)")
for line in 'To: desk@example.com' \
    'Subject: Outpost observes: who would have been stopped' \
    ' +1 blast' ' +1 often'; do
	check_has "it says: $line" "$letter" "^$line\$"
done
check_has "numbers" "$(echo "$letter" | tr '\n' ' ')" \
    '2 would have been stopped: 1 suspended, 0 held, 1 throttled'
check_has "the worst, and why" "$letter" \
    '^thief@example.com, suspended: 60 recipients in 1 hour'
node_op 2 mode enforce --reason 'they are right' >/dev/null
check "enforce, on every node: what was observed ends" wait_for \
    '[ "$(node_standing 1 thief@example.com)" = good ] &&
    [ "$(node_standing 2 busy@example.com)" = good ]' 5
check_has "all nodes at once" "$(node_op 1 mode)" '^enforce'
