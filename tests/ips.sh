#!/bin/sh
# ips - our own addresses and domains on lists that list, err, are silent, are
# dead, list the world and lie; their names; what the desk is told, once
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need redis-server curl jq openssl "$TOOL/http_sink" "$TOOL/smtp_world"

own6=1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2
test6=2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0

zone() { # LINE...: what is there beside
	{
		for list in good info half k3y.keyed; do
			echo "2.0.0.127.$list.test 0 A 127.0.0.2"
			echo "$test6.$list.test 0 A 127.0.0.2"
			echo "$list.test NS ns.test"
		done
		cat <<-END
			none.test NS ns.test
			test.names.test 0 A 127.0.0.2
			*.all.test 0 A 127.0.0.2
			*.parked.test 0 A 198.51.100.1
			*.refuses.test 0 A 127.255.255.254
			*.silent.test SILENT
			1.2.0.192.info.test 0 A 127.0.0.2
			1.2.0.192.half.test 0 A 127.0.0.77
			1.2.0.192.in-addr.arpa 0 PTR mail.example.net
			mail.example.net 0 A 192.0.2.1
			$own6.ip6.arpa 0 PTR mail.example.net
			mail.example.net 0 AAAA 2001:db8::1
			2.2.0.192.in-addr.arpa 0 PTR elsewhere.example.net
			elsewhere.example.net 0 A 192.0.2.77
			9.113.0.203.good.test 0 A 127.0.0.2
		END
		for line; do echo "$line"; done
	} >"$BED/zone"
	! bed_alive dns || bed_kill dns HUP
}

{
	echo 'dnsbls = ('
	for list in good none all parked refuses silent half; do
		printf '{ name = "%s"; zone = "%s.test"; lists = ( "ip4", "ip6" );
		usual = true; codes = "127.0.0.2 a bad one"; terms = "Free.";
		removal = "https://%s.test/?%%s"; },\n' $list $list $list
	done
	cat <<-END
		{ name = "info"; zone = "info.test"; lists = ( "ip4" );
		  codes = "127.0.0.2 a bad neighbourhood"; usual = true; info = true; },
		{ name = "keyed"; zone = "%k.keyed.test"; lists = ( "ip4" );
		  codes = "127.0.0.2 a bad one"; },
		{ name = "names"; zone = "names.test"; lists = ( "domain" );
		  listed = "test"; codes = "127.0.0.2 a bad name"; usual = true; } );
	END
} >"$BED/dnsbl.conf"
(umask 077 && echo k3y >"$BED/key")
zone
bed_run dns "$TOOL/dns_server" "$BED/zone"
wait_for 'grep -q ^127 "$BED/log/dns.out"' || die "no DNS server"
world_start world
bed_port
hook=127.0.0.1:$bed_port
mkdir -p "$BED/hook"
bed_run hook "$TOOL/http_sink" -d "$BED/hook" "$hook"
touch "$outpost_log"
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END
dns: { dns_servers = ( "$(grep ^127 "$BED/log/dns.out")" ); dns_cache = 0;
	dns_timeout = 1; };
dnsbls: { dnsbl_file = "$BED/dnsbl.conf"; dnsbl_every = 1; dnsbl_rate = 1000;
	dnsbl_keys = ( "keyed=$BED/key" ); client_dnsbls = ( "good", "all" ); addresses_every = 1; };
own_ips = ( { name = "out1"; ipv4 = "192.0.2.1"; ipv6 = "2001:db8::1";
		helo = "mail.example.net"; },
	{ name = "out2"; ipv4 = "192.0.2.2"; },
	{ name = "far"; ipv4 = "192.0.2.3"; host = "elsewhere"; } );
domains: { sending_domains = ( "example.com" ); };
letters: { letter_smtp = "smtp://$(world_address world)";
	letter_from = "postmaster@example.com"; desk_to = "desk@example.com"; };
webhooks = ( { name = "hook"; url = "http://$hook/"; } );
END
redis_start redis >/dev/null
outpost_start

lists() {
	op --json ips --lists | jq -r 'map(.list + " " + .state) | sort | join(", ")'
}
ips() { # ADDRESS
	op --json ips "$1" | jq -r '.listed | map(.list) | join(" ")'
}
told() { # TYPE: its events
	op --json events 2>/dev/null | grep -c "\"type\":\"$1\""
}
letters() {
	grep -l '^Subject:' "$BED"/world/[0-9]* 2>/dev/null | wc -l
}

check_soon "only lists that work are believed" lists \
    'all dead, good works, half works, info works, keyed works, names works, none dead, parked dead, refuses barred, silent no reply'
check_has "why" "$(op ips --lists)" '^all .* it lists everybody'
check_has "its terms" "$(op ips --lists)" '^good .* Free\.'
check_has "no key is shown" "$(op ips --lists)" '^keyed +%k\.keyed\.test +works'
check_eq "nobody is listed by them" "$(told listed)" 0
check_eq "what is for information is shown" "$(ips 192.0.2.1)" info
check_soon_has "names that are right" 'op ips out1' \
    '^  ok +192.0.2.1 is mail.example.net, and back$'
check_soon_has "names that are wrong" 'op ips 192.0.2.2' \
    '^  bad +192.0.2.2 is called elsewhere.example.net \(PTR\), which'
check_soon "that is an alarm" 'op events | grep -c "alarm  *own-ip:192.0.2.2 "' 1
check_has "of another host" "$(op ips far)" 'its own host asks them'
check_has "none of ours" "$(op ips 192.0.2.99 2>&1)" 'is none of our addresses'

others() { # LINE...
	zone 'example.com.names.test 0 A 127.0.0.2' \
	    '2.2.0.192.k3y.keyed.test 0 A 127.0.0.2' "$@"
}
others '1.2.0.192.good.test 0 A 127.0.0.2' \
    '1.2.0.192.good.test 0 TXT "spam seen, http://good.test/"' \
    "$own6.good.test 0 A 127.0.0.2"
check_soon "a listing of each kind is told" 'told listed' 4
check_eq "IPv4" "$(ips 192.0.2.1)" 'good info'
check_eq "IPv6" "$(ips 2001:db8:0::1)" good
check_eq "by a list with a key" "$(ips out2)" keyed
check_eq "a domain" "$(ips example.com)" names
check_has "at a glance" "$(op ips)" \
    '^192.0.2.1 +out1 +good +ok +- +find who caused it'
shown=$(op ips 192.0.2.1)
check_has "since when, and what it means" "$shown" '^  good since .*: a bad one$'
check_has "its own words" "$shown" 'it says: spam seen, http://good.test/$'
check_has "what to do" "$shown" 'ask good for removal: https://good.test/\?192.0.2.1'
check_soon "each is a letter to the desk" letters 4
check_has "which says all that" "$(tr -d '\r' <"$(grep -l 'Subject: 192.0.2.1 is' "$BED"/world/[0-9]*)")" \
    '^2\. Ask for removal: https://good.test/\?192'
check_soon "and goes to the webhook" \
    'grep -l "\"type\":\"listed\"" "$BED"/hook/*.body | wc -l' 4
check_has "metrics" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    '^outpost_listed\{list="good"\} 2$'
check_has "how many have wrong names" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    '^outpost_address_names\{found="bad"\} 1$'
check_has "which lists are dead" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    '^outpost_list_works\{list="parked"\} 0$'

# outpost check names what is wrong, and certificates of other names.
looks() { # ERE: what check says
	check_has "check says: $1" "$looked" "$1"
}
mkdir "$BED/etc"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
    -days 3 -keyout "$BED/cert.key" -out "$BED/cert.pem" \
    -subj /CN=mail.example.net -addext subjectAltName=DNS:mail.example.net \
    2>/dev/null
cat >"$BED/etc/main.cf" <<-END
	compatibility_level = 3.6
	smtp_helo_name = other.example.net
	smtpd_tls_cert_file = $BED/cert.pem
END
: >"$BED/etc/master.cf"
looked=$("$BUILD/outpost" --config "$OUTPOST_CONF" check \
    --postfix-config "$BED/etc" 2>&1)
looks '^WARN +lists +192.0.2.1 is on the list good: a bad one$'
looks '^WARN +names +.* is not for other.example.net, as mail'
looks '^WARN +names +.* is over in [23] days'
looks '^FAIL +names +192.0.2.2 is called elsewhere.example.net'

# Clients of accounts: nobody waits, and a list that lists everybody says nothing.
log() { # TEXT
	echo "$(date '+%b %e %T') mx postfix/$1" >>"$outpost_log"
}
begins() { # QUEUE-ID ACCOUNT CLIENT
	log "smtpd[1]: $1: client=x[$3], sasl_method=PLAIN, sasl_username=$2"
	log "qmgr[2]: $1: from=<$2>, size=500, nrcpt=1 (queue active)"
}
leaves() { # QUEUE-ID
	log "smtp[3]: $1: to=<r@world.example>, relay=mx.world.example[198.51.100.7]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 Ok)"
	log "qmgr[2]: $1: removed"
}
begins AAAA1 ill@example.com 203.0.113.9
begins AAAA2 well@example.com 203.0.113.10
check_soon_has "a client on a list" 'curl -s "http://$OUTPOST_HTTP/metrics"' \
    '^outpost_clients_listed_total 1$'
leaves AAAA1
leaves AAAA2
check_counts "its recipients count" ill@example.com \
    'recipients client_listed' '1 1'
check_counts "others don't" well@example.com 'recipients client_listed' '1 0'

# It is known over a restart, and told once; then it is gone.
outpost_stop
outpost_start
check_eq "known over a restart" "$(ips 192.0.2.1)" good
check_soon_has "and still so" lists 'good works'
check_eq "told once" "$(told listed)" 4
in_redis() { # TYPE
	redis_cli redis xrange outpost:events - + | grep -c "\"type\":\"$1\""
}
redis_cli redis flushall >/dev/null
check_soon "an emptied Redis is told again" 'in_redis listed' 4
check_eq "which is no news" "$(told listed)" 4
others '*.good.test SERVFAIL'
check_soon_has "a list that fails" lists 'good no reply'
check_eq "changes nothing" "$(told unlisted) $(ips 2001:db8::1)" '0 good'
zone
check_soon "that they are gone is told, too" 'told unlisted' 4
check_eq "listed no more" "$(ips 192.0.2.1)" info
# (A letter that is fresh when Redis loses its mark may be sent twice.)
check_soon "so is a letter" \
    'grep -l "^Subject: .* is no longer on the list" "$BED"/world/[0-9]* | wc -l' 4
check_eq "which says so" \
    "$(grep -l '^Subject: 192.0.2.1 is no longer on the list good' "$BED"/world/[0-9]* | wc -l)" 1
