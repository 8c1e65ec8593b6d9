#!/bin/sh
# incident_nodes - two nodes, one incident: each is refused, it is one; a Redis
# that lost it is told again; it is over when both are let in
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server jq

n=0
said() { # NODE STATUS TEXT
	n=$((n + 1))
	cat >>"$BED/node$1/mail.log" <<-END
		$(date '+%b %e %T') mx$1 postfix/smtpd[1]: AAAA$n: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=ann@inside.example
		$(date '+%b %e %T') mx$1 postfix/qmgr[2]: AAAA$n: from=<ann@inside.example>, size=500, nrcpt=1 (queue active)
		$(date '+%b %e %T') mx$1 postfix/out1/smtp[3]: AAAA$n: to=<r$n@big.example>, relay=mx1.big.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=$2 ($3)
		$(date '+%b %e %T') mx$1 postfix/qmgr[2]: AAAA$n: removed
	END
}

refused() { # NODE
	for i in 1 2 3 4 5 6; do
		said "$1" bounced "host mx1.big.example[192.0.2.1] said: 550 5.7.1 Client host [198.51.100.7] blocked using zen.spamhaus.org (in reply to MAIL FROM command)"
	done
}

state() { # NODE
	node_op "$1" --json incidents --all |
	    jq -r '.[] | [.provider, .what, .state, .times] | join(" ")'
}

both() { # STATE
	[ "$(state 1)" = "$1" ] && [ "$(state 2)" = "$1" ]
}

redis_start
cat >"$BED/providers.conf" <<-'END2'
	providers = ( { name = "big"; mx = ( "big.example" ); } );
END2
for node in 1 2; do
	node_config "$node" <<-END
		providers: { providers_file = "$BED/providers.conf"; };
		incidents: { incident_window = "8s"; };
	END
	node_start "$node"
done
refused 1
refused 2
check "both see it, and it is one" wait_for 'both "big out1 blocked 1"' 30
check_eq "one name" \
    "$(node_op 1 --json incidents | jq -r '.[0].incident')" \
    "$(node_op 2 --json incidents | jq -r '.[0].incident')"
# Redis loses all, a node is new: it learns what holds.
redis_cli redis flushall >/dev/null
node_config 3 <<-END
	providers: { providers_file = "$BED/providers.conf"; };
END
node_start 3
check_soon_has "told again to who didn't know" 'node_op 3 --json incidents' \
    '"provider":"big","what":"out1","state":"blocked"'
in_trouble() { # the first is let in, the other one isn't
	said 1 sent "250 2.0.0 Ok"
	refused 2
	node_op 1 events --last 99 | grep -q 'incident-news.*takes mail'
}
check "the first is let in" wait_for in_trouble 60
check "it goes on while one of them isn't" both "big out1 blocked 1"
flows() {
	said 1 sent "250 2.0.0 Ok"
	said 2 sent "250 2.0.0 Ok"
	both "big out1 closed 1"
}
check "both are let in: it is over" wait_for flows 60
