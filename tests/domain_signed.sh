#!/bin/sh
# domain_signed - is what leaves really signed, and does it verify? By a test
# message to oneself, and by what receivers say in their reports; shown by
# `outpost domain check`, with the selectors that were learned
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server curl jq openssl "$TOOL/smtp_world" "$TOOL/dns_server"

BOX=$BED/reports
mkdir -p "$BOX/new" "$BOX/cur" "$BOX/tmp"
openssl genrsa -out "$BED/sign.pem" 2048 2>/dev/null
pub=$(openssl rsa -in "$BED/sign.pem" -pubout -outform DER 2>/dev/null |
    base64 -w 0)
cat >"$BED/zone" <<END
test NS ns.test
good.test TXT "v=spf1 ip4:192.0.2.1 -all"
good.test MX 10 mail.test
sig._domainkey.good.test TXT "v=DKIM1; p=$(echo "$pub" | cut -c 1-200)" "$(
    echo "$pub" | cut -c 201-)"
_dmarc.good.test TXT "v=DMARC1; p=reject; rua=mailto:d@good.test"
mail.test A 192.0.2.1
END
bed_run dns "$TOOL/dns_server" "$BED/zone"
wait_for 'grep -q ^127 "$BED/log/dns.out"' || die "no DNS server"
world_start world
: >"$outpost_log"
outpost_fbl="authserv_ids = ( \"mail.test.example\" ); fbl_maildir = \"$BOX\";"
outpost_config <<END
dns: { dns_servers = ( "$(grep ^127 "$BED/log/dns.out")" ); dns_cache = 0; };
domains: { sending_addresses = ( "192.0.2.1" ); domain_check_every = 5;
	sending_domains = ( "good.test" ); };
letters: { letter_smtp = "smtp://$(world_address world)"; };
END
outpost_start

dkim() { # what is found of good.test's DKIM
	"$BUILD/outpost" --config "$OUTPOST_CONF" domain check good.test --json |
	    jq -r '.parts[] | select(.part == "DKIM") | .findings[] |
	    "\(.id) \(.text)"'
}

arrives() { # NAME: the mail on standard input
	cat >"$BOX/tmp/$1"
	mv "$BOX/tmp/$1" "$BOX/new/$1"
}

report() { # BY RESULT: of a message from good.test
	printf '%s\n' \
	    "Authentication-Results: mail.test.example; dkim=pass header.d=$1" \
	    "From: Loop <feedback@$1>" 'To: fbl@inside.example' \
	    "Message-ID: <$1.$2@loop.example>" 'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"' \
	    '' '--b' 'Content-Type: text/plain' '' 'A complaint.' '' '--b' \
	    'Content-Type: message/feedback-report' '' 'Feedback-Type: abuse' \
	    'User-Agent: Loop/1' 'Version: 1' '' '--b' \
	    'Content-Type: text/rfc822-headers' '' \
	    "Authentication-Results: mx.receiver.example; dkim=$2 header.d=good.test" \
	    'Received: from mail.test' 'From: a@good.test' 'Subject: x' '' '--b--'
}

# The selector is known by the signer's log line alone.
wait_for '[ "$(op domains --json | jq -r ".[] | .spf")" = green ]'
check_soon_has "its selector isn't known" dkim '^DKIM_NO_SELECTOR'
echo "$(date '+%b %e %T') mx opendkim[9]: AAAA1: DKIM-Signature field added (s=sig, d=good.test)" >>"$outpost_log"
check_soon_has "a selector that was learned is looked at" dkim '^DKIM_OK'

# What receivers say, if they are believed.
report evil.example fail | arrives 1
report arf.mail.yahoo.com fail | arrives 2
check_soon_has "a receiver says that signatures don't hold" dkim \
    '^DKIM_TOLD_BAD .*did not hold \(arf.mail.yahoo.com, 2'
report arf.mail.yahoo.com none | arrives 4
check_soon_has "or that there are none" dkim '^DKIM_TOLD_NOT .*was not signed'
check_soon "the domain is not all right then" \
    'op domains --json | jq -r ".[] | .dkim"' amber
report arf.mail.yahoo.com pass | arrives 3
check_soon_has "another, that one does" dkim '^DKIM_TOLD_GOOD '

# A message to oneself: it leaves, and what comes back is looked at.
sent() { # the message as it left
	sed '/^X-World-/d; s/\r$//' "$(grep -l '^X-Outpost-Test' "$BED"/world/[0-9]* |
	    tail -n 1)"
}
field='From: outpost-test@good.test'
signed() { # as a signer would pass it on
	sent >"$BED/plain"
	bh=$(sed '1,/^$/d; s/$/\r/' "$BED/plain" |
	    openssl dgst -sha256 -binary | base64 -w 0)
	sig="v=1; a=rsa-sha256; c=relaxed/simple; d=good.test; s=sig; h=from; bh=$bh; b="
	b=$(printf 'from:%s\r\ndkim-signature:%s' "${field#From: }" "$sig" |
	    openssl dgst -sha256 -sign "$BED/sign.pem" | base64 -w 0)
	printf 'DKIM-Signature: %s%s\n' "$sig" "$b"
	cat "$BED/plain"
}
try() { # FILTER: sends, filters what left, says what became of it
	rm -f "$BED"/world/[0-9]*
	"$BUILD/outpost" --config "$OUTPOST_CONF" domain test good.test \
	    --send probe@host.test >"$BED/tried" 2>&1 &
	tried=$!
	wait_for 'grep -q "^X-Outpost-Test" "$BED"/world/[0-9]*' 2>/dev/null
	$1 | arrives "$1.$tried"
	wait $tried
	status=$?
}
try signed
check_eq "a test message that is signed" "$status $(cat "$BED/tried")" \
    "0 good.test: it came back, was signed, and the signature holds"
bent() { signed | sed 's/^Is this/Was this/'; }
try bent
check_eq "changed on its way" "$status $(cat "$BED/tried")" \
    "6 good.test: it came back and was signed, but the signature does not hold"
try sent
check_eq "not signed" "$status $(cat "$BED/tried")" \
    "6 good.test: it came back and was not signed"
check_has "it is a finding" "$(dkim)" \
    '^DKIM_TOLD_NOT .*was not signed \(test_message'
sent | sed '/^X-Outpost-Test/s/.$/x/' | arrives forged
check "a forged one is a letter like others" wait_for \
    '[ -n "$(curl -s "http://$OUTPOST_HTTP/metrics" |
    grep "^outpost_reports_total{result=\"unread\"} 1")" ]' 30
