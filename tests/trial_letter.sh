#!/bin/sh
# trial_letter - while a rule is on trial in enforce mode, the abuse desk reads
# after midnight whom it would have stopped; its owner is not written to
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
node_config 1 <<END
limits = ( { name = "blast"; max = 100; action = "suspend"; warn = 0; } );
END
sed -i "s|^letters: .*|letters: { letter_smtp = \"smtp://$(world_address world)\"; \
	letter_from = \"postmaster@example.com\"; desk_to = \"desk@example.com\"; \
	letter_delay = 0; };|" "$BED/node1/outpost.conf"
node_start 1
node_op 1 mode enforce --reason test >/dev/null
sed -i 's/max = 100/max = 20/' "$BED/node1/outpost.conf"
check_has "on trial" "$(node_op 1 reload)" '^blast is on trial until'
node_mail 1 many@example.com 1 60
node_mail 1 fine@example.com 1 1
check "noted" wait_for 'node_op 1 list | grep -q "many.*on trial"' 10
check "the desk is written to, after midnight" wait_for \
    '[ "$(letters)" -ge 1 ]' 45
sleep 3
check_eq "and nobody else" "$(letters)" 1
letter=$(tr -d '\r' <"$(grep -l '^Subject:' "$BED"/world/[0-9]*)")
for line in 'To: desk@example.com' \
    'Subject: Rules on trial: who would have been stopped' ' +1 blast' \
    'many@example.com, suspended: 60 recipients in 1 hour'; do
	check_has "it says: $line" "$letter" "^$line"
done
check_has "how many" "$(echo "$letter" | tr '\n' ' ')" \
    'rules were on trial\. Had they been in force, 1 would have been stopped'
