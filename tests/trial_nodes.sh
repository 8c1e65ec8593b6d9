#!/bin/sh
# trial_nodes - what a rule on trial finds on one host is known on all; what is
# sent on both together counts; an operator's word ends it on every host, also
# on one that reads the configuration later, or was away
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server

set_max() { # NODE MAX
	sed -i "s/max = [0-9]*;/max = $2;/" "$BED/node$1/outpost.conf"
	node_op "$1" reload >/dev/null || die "reload of $1"
}

max_of() { # NODE ACCOUNT
	node_op "$1" limit "$2" | awk '$1 == "hour" { print $5 }'
}

redis_start
for node in 1 2 3; do
	node_config $node <<END
limits = ( { name = "hour"; max = 20; warn = 0; } );
signals = ( { name = "burst"; enabled = false; } );
END
	node_start $node
done
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_op 3 mode | cut -d: -f1)" = enforce ]'
set_max 1 10
set_max 2 10
node_mail 1 ann@example.com 1 8
node_mail 2 ann@example.com 1 8
check "both together are over it: noted on each" wait_for \
    'node_op 1 list | grep -qE "^ann@example.com +throttled \(on trial\)" &&
    node_op 2 list | grep -qE "^ann@example.com +throttled \(on trial\)"' 15
check_has "counted once" "$(node_op 1 trial)" 'would have stopped 1 since'
check_eq "where it is not on trial nothing is shown" \
    "$(node_op 3 list | grep -c 'on trial')" 0
check_eq "she sends freely" "$(node_standing 2 ann@example.com)" good
node_mail 2 ann@example.com 1 8
check "over what held before: stopped, on all" wait_for \
    '[ "$(node_standing 3 ann@example.com)" = throttled ]' 15

node_stop 2
node_op 1 trial end hour --reason 'as it should be' >/dev/null
check_eq "ended: it holds" "$(max_of 1 ann@example.com)" 10
set_max 3 10
check "who reads it later knows" wait_for \
    '[ "$(max_of 3 ann@example.com)" = 10 ]' 10
node_start 2
check "who was away hears of it" wait_for \
    '[ "$(max_of 2 ann@example.com)" = 10 ]' 15
