#!/bin/sh
# three_nodes - three outpostd on one Redis are one installation: counts add up
# to the unit, a limit holds for the sum, orders hold everywhere; nodes come,
# go and come back
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl

everywhere() { # COMMAND: true on all nodes
	for node in $nodes; do
		eval "$1" || return 1
	done
}

sees() { # N SUBJECT "COUNT ..." "N ..."
	# shellcheck disable=SC2086
	[ "$(node_counts "$1" "$2" $3)" = "$4" ]
}

redis_start
nodes='1 2 3'
for node in $nodes; do
	node_config "$node" <<-END
		limits = ( { name = "hour"; window = "1h"; max = 300; action = "suspend"; },
			{ name = "net"; of = "network"; window = "1h"; max = 100000; } );
		providers: { providers_file = "$TOP/etc/providers.conf"; };
	END
	sed -i 's/policy: {/policy: { policy_users = ( "*" );/' \
	    "$BED/node$node/outpost.conf"
	node_start "$node"
done
node_op 2 mode enforce --reason test >/dev/null
check "the mode is one for all" wait_for \
    'everywhere "[ \"\$(node_status \$node mode)\" = enforce ]"'
check "all know of all" wait_for \
    'everywhere "[ \"\$(node_status \$node nodes)\" = 3 ]"' 15

check_has "status names them" "$(node_op 1 status)" \
    'node_[0-9a-f]{16} +mx2, alive, heard [0-9]+ s ago, '

# Each counts a part; the last one sees all.
node_mail 1 ann@example.com 10 2
node_mail 2 ann@example.com 20 1
wait_for 'sees 1 ann@example.com messages 10 && sees 2 ann@example.com messages 30'
node_mail 3 ann@example.com 5 4
check "counts add up" wait_for 'sees 3 ann@example.com \
    "messages recipients delivered" "35 60 60"'
node_mail 1 ann@example.com 1 1
check "also where it sent nothing" wait_for 'sees 2 ann@example.com \
    "messages recipients delivered" "36 61 61"'
check "to the unit" wait_for 'sees 1 ann@example.com \
    "messages recipients delivered" "36 61 61"'
check "networks, too" wait_for 'sees 1 network:203.0.113.0/24 messages 36'

# 3 x 110: no node has 300 alone.
for node in $nodes; do
	node_mail "$node" thief@example.com 11 10
done
check "a limit holds for the sum: suspended everywhere" wait_for \
    'everywhere "[ \"\$(node_standing \$node thief@example.com)\" = suspended ]"'
check_eq "once" "$(cat "$BED"/log/node*.out |
    grep -c 'sanction account thief@example.com suspended')" 3
check_soon "by one cause" 'redis_cli redis xrange outpost:events - + |
    grep thief@example.com | grep -c "\"rung\":\"suspended\""' 1

# Below it there is nothing.
for node in $nodes; do
	node_mail "$node" busy@example.com 9 10
done
check "270 are no reason" wait_for 'sees 1 busy@example.com recipients 270 ||
    sees 2 busy@example.com recipients 270 ||
    sees 3 busy@example.com recipients 270'
check_soon "watched at most" 'node_standing 1 busy@example.com' watched

# A lift counts for all.
node_op 3 lift thief@example.com --innocent --reason 'not the owner' >/dev/null
check "lifted everywhere" wait_for \
    'everywhere "[ \"\$(node_standing \$node thief@example.com)\" = good ]"'
sleep 1
for node in $nodes; do
	node_mail "$node" thief@example.com 9 10
done
standings() {
	for node in $nodes; do
		node_standing "$node" thief@example.com
	done | sort -u
}
check_soon "and what was before counts no more" standings watched
sleep 1
check_eq "and it stays so" "$(standings)" watched

node_spread 20 1 2 3 >"$BED/spread" 2>/dev/null
# One of them may meet a machine that is busy.
usual=$(sort -n "$BED/spread" | sed -n 15p)
longest=$(sort -n "$BED/spread" | tail -n 1)
check "a suspension is everywhere within 200 ms (15 of 20: $usual ms, at most $longest ms)" \
    test "$(wc -l <"$BED/spread")" = 20 -a "${usual%.*}" -lt 200 \
    -a "${longest%.*}" -lt 1000

# A node that ends, even badly, counts on.
node_mail 3 ann@example.com 10 1
wait_for 'sees 1 ann@example.com messages 46'
node_stop 3 KILL
node_mail 2 ann@example.com 1 1
check "a dead node's counts stay" wait_for 'sees 2 ann@example.com \
    "messages recipients" "47 72"'
node_op 1 suspend ben@example.com --reason stolen >/dev/null
node_op 1 exempt cat@example.com --for 1h --reason friend >/dev/null
node_op 2 limit dan@example.com hour 1000 --reason mailing >/dev/null
node_mail 3 ann@example.com 3 1
node_start 3
check "back, it reads on" wait_for 'sees 3 ann@example.com \
    "messages recipients" "50 75"'
check "and knows what it missed: suspended" wait_for \
    '[ "$(node_standing 3 ben@example.com)" = suspended ]'
check_soon_has "exempt" 'node_op 3 show cat@example.com' 'exempt +until .*friend'
check_soon_has "its own limit" 'node_op 3 limit dan@example.com' '^hour .* 1000 '

# Redis forgets everything: the nodes tell it again.
redis_cli redis flushall >/dev/null
node_mail 1 ann@example.com 1 1
check "an emptied Redis is filled again" wait_for \
    '[ "$(redis_cli redis --scan --pattern "outpost:b:*" | sed "s/.*://" |
	sort -u | wc -l)" = 3 ]' 15
node_mail 2 ann@example.com 1 1
check "sums are what they were" wait_for 'sees 2 ann@example.com \
    "messages recipients" "52 77"'

# Deliveries to a provider are paused on all hosts, new mail on one.
node_op 1 pause google --for 1h --reason '421 4.7.28' >/dev/null
check "a pause holds everywhere" wait_for \
    'everywhere "node_op \$node list --kind provider | grep -q \"^provider:google .*paused\""'
node_op 3 resume google --reason over >/dev/null
check "and ends everywhere" wait_for \
    'everywhere "! node_op \$node list --kind provider | grep -q ^provider:google"'
# Hosts tell their names now and then, and Redis lost all.
check "a host is known by its name" wait_for \
    'node_op 1 suspend node:mx2 --for 1h --reason works >/dev/null 2>&1'
check "one host takes no mail, by an order on another" wait_for \
    '[ "$(node_ask 2 tim@example.com 1)" = 0 ]'
check_eq "the others do" \
    "$(node_ask 1 tim@example.com 1)$(node_ask 3 tim@example.com 1)" 11
node_op 3 lift node:mx2 --reason done >/dev/null
check "until it is lifted" wait_for '[ "$(node_ask 2 tim@example.com 1)" = 1 ]'

# A new node, with a state of its own.
node_config 4 <<END
END
node_start 4
check "a fourth learns what holds" wait_for \
    '[ "$(node_standing 4 ben@example.com)" = suspended ] &&
    [ "$(node_status 4 mode)" = enforce ]'
node_mail 4 ann@example.com 1 1
check "and adds up" wait_for 'sees 4 ann@example.com "messages" 53'
node_stop 4

# A copied state directory; one that has our name.
mkdir "$BED/node5"
cp -r "$BED/node1/state" "$BED/node5/"
node_config 5 <<END
END
sed -i 's/node_name = .*/node_name = "mx2";/' "$BED/node5/outpost.conf"
node_start 5
node_mail 5 ann@example.com 100 1
check "a name that is taken is said" wait_for \
    'grep -q "is also called mx2" "$BED/log/node5.out"' 20
check "a copied state directory is noticed by its owner" wait_for \
    'grep -q "another outpostd posts as node" "$BED/log/node5.out"' 60
check "the others see it, too" wait_for \
    'node_op 2 status | grep -q "a copy: posts nothing"' 25
node_mail 2 ann@example.com 1 1
check "and posts nothing" wait_for 'sees 2 ann@example.com messages 54'
