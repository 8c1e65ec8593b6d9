#!/bin/sh
# domains - outpostd looks after the domains in whose name mail leaves: learned
# from the log, checked by and by, a change for the worse is an event, and all
# of it is known after a restart
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server curl jq openssl "$TOOL/unix_talk" "$TOOL/smtp_world"

PF_LOG=$BED/log/mail.log
key=$(openssl genrsa 2048 2>/dev/null |
    openssl rsa -pubout -outform DER 2>/dev/null | base64 -w 0)

zone() { # SPF-OF-GOOD
	cat >"$BED/zone.new" <<-END
		test NS ns.test
		good.test TXT "$1"
		good.test MX 10 mail.test
		mail2026._domainkey.good.test TXT "v=DKIM1; p=$(echo "$key" |
		    cut -c 1-200)" "$(echo "$key" | cut -c 201-)"
		_dmarc.good.test TXT "v=DMARC1; p=reject; rua=mailto:d@good.test"
		bad.test TXT "v=spf1 -all"
		named.test TXT "hello"
		mail.test A 192.0.2.1
	END
	mv "$BED/zone.new" "$BED/zone"
}

log() { # TEXT
	echo "$(date '+%b %e %T') mx $1" >>"$PF_LOG"
}

n=0
sends() { # LOGIN SENDER TIMES
	left=$3
	while [ "$left" -gt 0 ]; do
		left=$((left - 1)) n=$((n + 1))
		log "postfix/smtpd[1]: AAAA$n: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=$1"
		log "postfix/qmgr[2]: AAAA$n: from=<$2>, size=500, nrcpt=1 (queue active)"
		log "postfix/smtp[3]: AAAA$n: to=<r$n@world.example>, relay=mx1.big.example[192.0.2.9]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)"
		log "postfix/qmgr[2]: AAAA$n: removed"
	done
}

row() { # DOMAIN: its colours
	op domains --json 2>/dev/null | jq -r --arg d "$1" \
	    '.[] | select(.domain == $d) | "\(.spf) \(.dkim) \(.dmarc)"'
}

checked() { # how many checks were ended
	curl -s "http://$OUTPOST_HTTP/metrics" |
	    sed -n 's/^outpost_domain_checks_total //p'
}

touch "$PF_LOG"
zone 'v=spf1 ip4:192.0.2.1 -all'
bed_run dns "$TOOL/dns_server" "$BED/zone"
wait_for 'grep -q ^127 "$BED/log/dns.out"' || die "no DNS server"
outpost_redis="unix:$BED/redis.sock"
world_start world
bed_port
outpost_config <<END
dns: { dns_servers = ( "$(grep ^127 "$BED/log/dns.out")" );
	dns_timeout = 1; dns_cache = 0; };
domains: { sending_addresses = ( "192.0.2.1" ); domain_check_every = 5;
	sending_domains = ( "named.test" ); refuse_unauthorised = true;
	refuse_foreign_senders = true; };
letters: { letter_smtp = "smtp://$(world_address world)";
	letter_from = "postmaster@host.test"; language = "de"; };
page: { page_listen = "127.0.0.1:$bed_port";
	page_url = "https://host.test/case/"; };
END
redis_start redis >/dev/null
outpost_start

sends alice@good.test alice@good.test 1
sends alice@good.test x@bad.test 3
sends alice@good.test x@once.test 1
wait_for '[ -n "$(row good.test)" ]'
log 'opendkim[9]: AAAA1: DKIM-Signature field added (s=mail2026, d=good.test)'
check_soon "an account's domain is looked at, its selector is learned" \
    'row good.test' "green green green"
check_soon "an envelope sender's, when it was seen more often" \
    'row bad.test' "red red amber"
check_soon "one that is configured" \
    'row named.test' "red red amber"
check_eq "one that was seen once isn't there" "$(row once.test)" ""
shown=$(op domains)
check_eq "not all is green" $? 6
check_eq "the worst comes first" "$(echo "$shown" | awk 'NR == 4 { print $1 }')" \
    good.test
check_has "with what is wrong" "$shown" \
    '^named.test .* named.test has no SPF record'
check_has "nothing is said of the first look" "$(op events --json | grep -c \
    domain-)" '^0$'

# Mail from a domain that doesn't let us send.
asks() { # SENDER: the policy's answer
	printf 'request=smtpd_access_policy\nprotocol_state=RCPT\ninstance=%s\nsasl_username=alice@good.test\nclient_address=203.0.113.9\nsender=%s\nrecipient=bob@world.example\n\n' \
	    "$n.$1" "$1" | timeout 8 "$TOOL/unix_talk" "$POLICY_SOCKET"
	n=$((n + 1))
}
sends alice@good.test x@bad.test 1
check_soon "it is counted" 'outpost_counts alice@good.test spf_failed' 1
check_has "not refused while observing" "$(asks x@bad.test)" '^action=DUNNO'
outpost_enforce
check_has "refused when that is wanted" "$(asks x@bad.test)" \
    '^action=REJECT 5.7.1 Mail from bad.test is not sent from here: its SPF'
check_has "another isn't" "$(asks x@good.test)" '^action=DUNNO'
check_has "nor one that could not be told" "$(asks x@once.test)" \
    '^action=DUNNO'

# Its owner is told, once; nobody was while observing.
letters() { # TEXT: how many lines of letters have it
	cat "$BED"/world/[0-9]* 2>/dev/null | tr -d '\r' | grep -c -- "$1"
}
check_eq "observing nobody is written to" "$(letters .)" 0
check "the owner is written to, when it failed twice, in his language" wait_for \
    'sends alice@good.test x@bad.test 1
    [ "$(letters "^Subject: E-Mails von bad.test kommen vielleicht")" = 1 ]' 60
check_eq "with what is missing" "$(letters '^  ip4:192.0.2.1$')" 1
check_eq "and the domain's page" \
    "$(letters '^  https://host.test/case/.*/bad.test$')" 1
check_has "it is an event" "$(op events)" \
    'sender +spf +alice@good.test +sends under bad.test, whose SPF'

# Under an address that isn't the account's: Postfix says so, or it is another's.
sends bob@other.test bob@other.test 1
foreign() { # SENDER RECIPIENT
	log "postfix/smtpd[1]: NOQUEUE: reject: RCPT from x[203.0.113.9]: 553 5.7.1 <$1>: Sender address rejected: not owned by user alice@good.test; from=<$1> to=<$2> proto=ESMTP helo=<c>"
}
foreign ceo@elsewhere.test v1@world.example
foreign ceo@elsewhere.test v1@world.example
foreign 'x>: Sender address rejected: not owned by user bob@other.test' \
    v2@world.example
check_soon "what Postfix refuses is counted, each recipient once" \
    'outpost_counts alice@good.test disguised' 2
check_eq "nobody else is blamed" "$(outpost_counts bob@other.test disguised)" 0
check_soon "the owner is told of that, too" \
    'letters "^Subject: E-Mails von alice@good.test unter fremder"' 1
check_has "another account's address is refused" "$(asks bob@other.test)" \
    "^action=REJECT 5.7.1 The sender's address is another mailbox's"
sends alice@good.test x@bad.test 2
foreign ceo@elsewhere.test v3@world.example
sends bob@other.test bob@other.test 1
outpost_reads
check_eq "once in a week" "$(letters '^Subject: ')" 2

zone 'v=spf1 ip4:192.0.2.7 -all'
bed_kill dns HUP
check_soon_has "a change for the worse is an event" 'op events' \
    'domain-worse red +domain:good.test +SPF is red, it was green: Our address 192.0.2.1 is not authorised'
zone 'v=spf1 ip4:192.0.2.1 -all'
bed_kill dns HUP
check_soon_has "so is one for the better" 'op events' \
    'domain-better green +domain:good.test'
# When most of them fail, it is we who are wrong: nobody is written to.
{ cat "$BED/zone"; printf '%s TXT "v=spf1 -all"\n' f1.test f2.test f3.test \
    f4.test f5.test; } >"$BED/zone.new"
mv "$BED/zone.new" "$BED/zone"
bed_kill dns HUP
letters_before=$(letters '^Subject: ')
for n_failing in 1 2 3 4 5; do
	sends alice@good.test x@f$n_failing.test 3
done
wait_for '[ "$(curl -s "http://$OUTPOST_HTTP/metrics" |
    sed -n "s/^outpost_domains.*\"red\"} //p")" -ge 7 ]' || die "they aren't red"
check "that most of them fail is an alarm" wait_for \
    'sends carl@good.test x@f1.test 1
    op events | grep -q "alarm .*more than half of the domains"' 60
check_eq "and nobody is written to" "$(letters '^Subject: ')" "$letters_before"
bed_kill dns STOP
checks=$(checked)
wait_for '[ "$(checked)" -gt $((checks + 2)) ]'
check_eq "what can't be told changes nothing" "$(row good.test)" \
    "green green green"
check_has "metrics" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    'outpost_domain_checks_total [1-9]'
outpost_stop
outpost_start
check_eq "all is known after a restart" "$(row good.test)" "green green green"
bed_kill dns CONT
zone 'v=spf1 ip4:192.0.2.1 -all'
bed_kill dns HUP
outpost_stop
check_soon_has "without outpostd, those of the configuration" \
    '"$BUILD/outpost" --config "$OUTPOST_CONF" domains 2>/dev/null' \
    '^named.test +red'
