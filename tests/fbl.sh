#!/bin/sh
# fbl - a complaint comes back: the reference in the message that left names the
# account that sent it, whatever the provider took away; its Message-ID and our
# queue id do, too, which makes a claim, as one makes whom nobody vouches for; a report counts
# once; what is none is kept for a person
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server setpriv curl "$TOOL/smtp_send" "$TOOL/smtp_world"

send() { # LOGIN RECIPIENT ARGUMENT...
	login=$1@inside.example to=$2
	shift 2
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" \
	    "$@" "$(pf_submission mta)" "$to" 2>&1
}

# What a provider makes of a message that came to it: its header, without who
# got it; nothing else.
report() { # FROM TYPE RECIPIENT <MESSAGE
	printf '%s\n' "From: $1" "To: fbl@inside.example" \
	    "Subject: FW: a complaint" "Date: $(date -R)" \
	    "Message-ID: <$(date +%s%N)@loop.example>" 'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report;' \
	    ' boundary="b"' '' '--b' 'Content-Type: text/plain' '' \
	    'A complaint.' '' '--b' 'Content-Type: message/feedback-report' \
	    '' "Feedback-Type: $2" 'User-Agent: Loop/1' 'Version: 1' \
	    "Original-Rcpt-To: $3" '' '--b' \
	    'Content-Type: text/rfc822-headers' ''
	sed '/^X-World-/d; /^\r*$/,$d; s/\r$//; s/^To: .*/To: redacted/'
	printf '%s\n' '' '--b--'
}

left() { # SUBJECT: the file of the message that came out there
	grep -ls "^Subject: $1" "$BED"/world/[0-9]* | head -n 1
}

mails() { # FILE: to fbl@inside.example, through Postfix
	curl -sS --crlf --url "smtp://$(pf_smtp mta)/loop.example" \
	    --mail-from feedback@loop.example \
	    --mail-rcpt fbl@inside.example -T "$1"
}

results() { # RESULT
	curl -s "http://$OUTPOST_HTTP/metrics" | sed -n \
	    "s/^outpost_reports_total{result=\"$1\"} //p"
}

became() { # RESULT N
	wait_for "[ \"\$(results $1)\" = $2 ]" 15
}

world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" \
    header_checks="regexp:$(pf_etc mta)/vouch"
# A signature that verifies, as a milter would write it.
echo '/^From: Loop <feedback@arf\.mail\.yahoo\.com>/ PREPEND Authentication-Results: mail.test.example; dkim=pass header.d=arf.mail.yahoo.com' \
    >"$(pf_etc mta)/vouch"
outpost_fbl='authserv_ids = ( "mail.test.example" ); own_hosts = ( "mail.test.example" );'
outpost_config </dev/null
echo "fbl@inside.example lmtp:$(echo "unix:$FBL_SOCKET")" \
    >"$(pf_etc mta)/transport"
outpost_beside mta
pf_start mta
outpost_start

send ann u1@world.example -h 'Subject: one' -n 1
send ann u2@world.example -h 'Subject: two' -n 1
send bob u3@world.example -h 'Subject: three' -n 1
check "they left" wait_for \
    '[ -n "$(left one)" ] && [ -n "$(left two)" ] && [ -n "$(left three)" ]' 15
check_has "with a reference" "$(cat "$(left one)")" '^X-Outpost-Ref: '

LOOP='Loop <feedback@arf.mail.yahoo.com>'
report "$LOOP" abuse redacted-1@yahoo.com <"$(left one)" >"$BED/r1"
mails "$BED/r1"
check "a report: counted" became counted 1
check_counts "to who sent it" ann@inside.example "complaints claims" "1 0"
check_counts "and nobody else" bob@inside.example "complaints claims" "0 0"
mails "$BED/r1"
check "the same again: known" became known 1
report "$LOOP" abuse redacted-1@yahoo.com <"$(left one)" >"$BED/r2"
mails "$BED/r2"
check "another of the same person about it: known" became known 2
report "$LOOP" abuse redacted-2@yahoo.com <"$(left one)" >"$BED/r3"
mails "$BED/r3"
check "of another person: counted" became counted 2
report 'Eve <eve@evil.example>' abuse victim@yahoo.com <"$(left two)" \
    >"$BED/forged"
mails "$BED/forged"
check "whom nobody vouches for: a claim" became claim 1
for i in 1 2 3 4 5; do
	report 'Eve <eve@evil.example>' abuse "victim$i@yahoo.com" \
	    <"$(left two)" >"$BED/forged.$i"
	mails "$BED/forged.$i"
done
check "however often, one" became known 7
sed 's/^X-Outpost-Ref: .\{9\}/&AAAA/; s/ id [0-9A-Za-z]*/ id ABCDE0/' \
    "$BED/r1" | grep -v '^Message-ID' \
    >"$BED/broken"
mails "$BED/broken"
check "a forged reference: about nobody" became nobody 1
check_counts "complaints and claims are told apart" ann@inside.example \
    "complaints claims" "2 1"

report "$LOOP" abuse redacted-5@yahoo.com <"$(left three)" |
    sed '/^X-Outpost-Ref:/d' >"$BED/bare"
check_has "a report with no more than the Message-ID" "$(cat "$BED/bare")" \
    '^Message-ID: <[^>]*@test.example>'
mails "$BED/bare"
check "counts as a claim" became claim 2
check_counts "to who sent that" bob@inside.example "complaints claims" "0 1"

report "$LOOP" abuse redacted-6@yahoo.com <"$(left three)" |
    sed '/^X-Outpost-Ref:/d; s/^Message-ID: <[^>]*@test.example>/Message-ID: <x@y>/' \
	>"$BED/queued"
check_has "one with no more than our Received line" "$(cat "$BED/queued")" \
    'by mail\.'
mails "$BED/queued"
check "is a claim, too" became claim 3
check_has "by the queue id" "$(op complaints bob@inside.example --json --last 1)" \
    '"how":"received","confidence":80'
sed '/^Message-ID: /d; s/redacted-6/redacted-7/
	s/ id [0-9A-Za-z]*/ id ABCDE1/' "$BED/queued" >"$BED/unknown"
mails "$BED/unknown"
check "another queue id is nobody's" became nobody 2

printf 'From: Loop <feedback@arf.mail.yahoo.com>\nSubject: confirm\n\nPlease confirm 1234\n' \
    >"$BED/letter"
mails "$BED/letter"
check "a letter is kept" became unread 1
check_soon_has "for a person" 'cat "$BED"/state/unread/new/*' 'confirm 1234'
check_soon_has "who is told" 'op events --last 5' 'alarm.*unread/?'

report "$LOOP" abuse redacted-9@yahoo.com <"$(left three)" >"$BED/r9"
bed_kill outpostd KILL
mails "$BED/r9"
check "outpostd is dead: Postfix keeps it" pf_wait mta \
    'to=<fbl@inside.example>.*status=deferred' 15
outpost_start
pf_flush mta
check "and hands it in later" became counted 1
check_counts "counted" bob@inside.example "complaints" "1"
check_counts "what was counted before still is" ann@inside.example \
    "complaints claims" "2 1"
cat "$BED/r1" | "$BUILD/outpost" --config "$OUTPOST_CONF" ingest
check "by ingest: known, also after a kill" became known 1
{
	for r in r3 forged; do
		echo "From x Sat Nov 21 10:00:00 2026"
		cat "$BED/$r"
		echo
	done
} >"$BED/mbox"
check_has "an mbox" "$("$BUILD/outpost" --config "$OUTPOST_CONF" ingest \
    "$BED/mbox" 2>&1)" '2 taken, 0 not'
check "both known" became known 3
check_has "others may not" "$(setpriv --reuid=nobody --clear-groups \
    "$BUILD/outpost" --config "$OUTPOST_CONF" ingest "$BED/r1" 2>&1)" \
    'closed the connection'
peak() {
	awk '/^VmHWM/ { print $2 }' "/proc/$(bed_pid outpostd)/status"
}
huge() { # SIZE: a report that is known, with so much behind it
	cat "$BED/r1"
	head -c "$1" /dev/zero | tr '\0' 'x' | fold -w 70
}
hands_in() {
	timeout 60 "$BUILD/outpost" --config "$OUTPOST_CONF" ingest "$@" 2>&1
}
before=$(peak)
huge 100M >"$BED/huge"
check_has "100 MB: is refused before it is read" "$(hands_in "$BED/huge")" \
    'huge: a mail of more than fbl_max_size'
huge 20M >"$BED/huge"
check_has "20 MB: is taken" "$(hands_in "$BED/huge" && echo yes)" 'yes$'
check "20 MB: known" became known 4
echo "# $before kB at most before, $(peak) kB after"
check "memory is bounded" test $(($(peak) - before)) -lt 100000
rm "$BED/huge"
bed_kill outpostd
"$BUILD/outpost" --config "$OUTPOST_CONF" ingest "$BED/r1" 2>/dev/null
check_eq "nobody there: pipe(8) shall try again" $? 75
check_eq "no body of a message is logged" \
    "$(grep -lE 'A complaint\.|xxxxxxxxxx' "$BED"/log/outpostd*.out)" ''
