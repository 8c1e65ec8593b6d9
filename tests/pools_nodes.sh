#!/bin/sh
# pools_nodes - own IPs of several hosts: what one may be sent, and was, every
# node knows; an address that two send from has one budget; a restart, and a
# Redis that lost all, forget none of it
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server jq

n=0
sent() { # NODE OWN-IP COUNT
	for _ in $(seq "$3"); do
		n=$((n + 1))
		cat <<-END
			$(date '+%b %e %T') mx$1 postfix/smtpd[1]: AAAA$n: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=ann@inside.example
			$(date '+%b %e %T') mx$1 postfix/$2/smtp[3]: AAAA$n: to=<r$n@big.example>, relay=mx1.big.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
			$(date '+%b %e %T') mx$1 postfix/qmgr[2]: AAAA$n: removed
		END
	done >>"$BED/node$1/mail.log"
}

lane() { # NODE OWN-IP: "STATE TRIED BUDGET"
	node_op "$1" --json ip "$2" |
	    jq -r '.providers[] | select(.provider == "big") | [.state, .tried, .budget] | join(" ")'
}

both() { # OWN-IP WHAT
	[ "$(lane 1 "$1")" = "$2" ] && [ "$(lane 2 "$1")" = "$2" ]
}

redis_start
mkdir "$BED/pf"
cat >"$BED/providers.conf" <<-'END2'
	providers = ( { name = "big"; mx = ( "big.example" ); } );
END2
printf 'nat unix - - n - - smtp\nout1 unix - - n - - smtp\n' >"$BED/pf/master.cf"
for node in 1 2; do
	node_config "$node" <<-END
		providers: { providers_file = "$BED/providers.conf"; };
		queue: { instances = ( "postfix=$BED/pf" ); };
		own_ips = (
			{ name = "nat"; ipv4 = "127.0.0.9"; },
			{ name = "out1"; ipv4 = "127.0.0.10"; host = "mx1"; }
		);
	END
	node_start "$node"
done
# The other one hears of it when something was sent already.
bed_kill node2 STOP
node_op 1 ip nat warm-up --reason new >/dev/null || fail warm-up ''
check "one warms it up" wait_for '[ "$(lane 1 nat)" = "warming 0 50" ]' 30
sent 1 nat 20
check "and sends" wait_for '[ "$(lane 1 nat)" = "warming 20 50" ]' 30
bed_kill node2 CONT
check "both warm it up" wait_for 'both nat "warming 20 50"' 30
sent 2 nat 25
check "one budget, whoever sends" wait_for 'both nat "warming 45 50"' 30
check_has "there is little left" "$(node_op 1 ip nat)" 'big +warming +45 of 50 recipients a day.*no more for now'
node_op 1 ip out1 warm-up --reason new >/dev/null || fail warm-up ''
check "by one host" wait_for '[ "$(lane 1 out1)" = "warming 0 50" ]' 30
sent 1 out1 7
check "the other host's address" wait_for 'both out1 "warming 7 50"' 30
check_has "is told as such" "$(node_op 2 ip out1)" '^out1 127.0.0.10: elsewhere'

node_stop 2
sent 1 nat 3
check "one is away" wait_for '[ "$(lane 1 nat)" = "warming 48 50" ]' 30
node_start 2
check "and back, it knows" wait_for 'both nat "warming 48 50"' 30
bed_kill redis KILL
redis_start
check "Redis lost it: they tell it again" wait_for \
    '[ "$(redis_cli redis hlen outpost:lanes)" = 2 ]' 90
check "and nothing is counted twice" wait_for 'both nat "warming 48 50"' 30
