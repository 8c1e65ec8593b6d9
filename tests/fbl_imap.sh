#!/bin/sh
# fbl_imap - reports lie in mailboxes that are asked over TLS: each is counted
# once and marked when it is, whatever is killed in between and whatever the
# server makes of its numbers; what is no report stays unread; nobody is asked
# whose certificate isn't good
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/imap.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server curl openssl "$TOOL/smtp_send" \
    "$TOOL/smtp_world"

MANY=300

report() { # N: about the message that left, by the Nth person
	printf '%s\n' \
	    'Authentication-Results: mail.test.example; dkim=pass header.d=arf.mail.yahoo.com' \
	    'From: Loop <feedback@arf.mail.yahoo.com>' \
	    "To: fbl@inside.example" "Message-ID: <$1@loop.example>" \
	    'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"' \
	    '' '--b' 'Content-Type: text/plain' '' 'A complaint.' \
	    'A001 OK not the end' '* 1 EXPUNGE' '+ {12}' '' '--b' \
	    'Content-Type: message/feedback-report' '' 'Feedback-Type: abuse' \
	    'User-Agent: Loop/1' 'Version: 1' \
	    "Original-Rcpt-To: person$1@yahoo.com" '' '--b' \
	    'Content-Type: text/rfc822-headers' ''
	cat "$BED/header"
	printf '%s\n' '' '--b--'
}

mailbox() { # USER MORE...
	echo "{ url = \"imaps://localhost:$IMAP_PORT\"; user = \"$1\";
	    password_file = \"$IMAP/$1.password\"; ca_file = \"$IMAP_CA\";
	    every = \"1s\"; ${2:-} }"
}

configure() { # MAILBOX, ...
	outpost_config <<-END
		fbl_imap = ( $* );
	END
}

results() { # RESULT
	curl -s "http://$OUTPOST_HTTP/metrics" | sed -n \
	    "s/^outpost_reports_total{result=\"$1\"} //p"
}

failing() {
	curl -s "http://$OUTPOST_HTTP/metrics" | sed -n \
	    's/^outpost_mailboxes_failing //p'
}

imap_user fbl secret
imap_user two 'pass "word\'
imap_user three secret
imap_start
world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)"
outpost_fbl='authserv_ids = ( "mail.test.example" ); fbl_max_size = 65536;'
configure "$(mailbox fbl)," \
    "$(mailbox two 'after = "move:Done"; unread_folder = "To read";')," \
    "$(mailbox three 'after = "delete";')"
outpost_beside mta
pf_start mta
outpost_start
"$TOOL/smtp_send" -q -x "LOGIN=ann@inside.example ADDR=203.0.113.7" \
    -f ann@inside.example -n 1 "$(pf_submission mta)" u1@world.example
check "it left" wait_for 'ls "$BED"/world/[0-9]* 2>/dev/null' 15
sed '/^X-World-/d; /^\r*$/,$d; s/\r$//' "$BED"/world/[0-9]* >"$BED/header"

report 1 | imap_put fbl INBOX
check "a report is marked as seen" wait_for \
    '[ "$(imap_count fbl INBOX SEEN)" = 1 ]' 20
check_counts "when it is counted" ann@inside.example complaints 1

report 2 | imap_put two INBOX
check "or moved, and marked" wait_for \
    '[ "$(imap_count two Done SEEN)" = 1 ]' 20
report 3 | imap_put three INBOX
check "or deleted" wait_for '[ "$(results counted)" = 3 ] &&
    [ "$(imap_count three INBOX ALL)" = 0 ]' 20
check_counts "and counted" ann@inside.example complaints 3

report 4 >"$BED/broken"
install -m 000 "$BED/broken" "$BED/mail/three/tmp/1.broken"
mv "$BED/mail/three/tmp/1.broken" "$BED/mail/three/new"
report 5 | imap_put three INBOX
check "one that the server refuses is no reason to leave the others" wait_for \
    '[ "$(results counted)" = 4 ]' 60
check "it is told" wait_for '[ "$(failing)" = 1 ]' 20
find "$BED/mail/three" -name '1.broken*' -exec chown mail:mail {} + \
    -exec chmod 600 {} +
outpost_stop
outpost_start
check "and taken when it can be" wait_for \
    '[ "$(imap_count three INBOX ALL)" = 0 ] && [ "$(failing)" = 0 ]' 30
check_counts "and counted" ann@inside.example complaints 5

printf 'From: a@b.example\nSubject: please confirm\n\nOr else.\n' >"$BED/plain"
imap_put fbl INBOX <"$BED/plain"
{
	cat "$BED/plain"
	head -c 70000 /dev/zero | tr '\0' x
} | imap_put fbl INBOX
check "what is no report, or too large, is told" wait_for \
    'op events --last 9 | grep -q "alarm.*message [0-9]*: .*it stays"' 20
imap_put two INBOX <"$BED/plain"
check "or moved to its folder" wait_for \
    '[ "$(imap_count two "To%20read" UNSEEN)" = 1 ]' 20
check_eq "unread" "$(imap_count fbl INBOX UNSEEN)" 2
check_eq "not kept elsewhere" "$(ls "$BED/state/unread/new" 2>&1 | wc -l)" 1

i=10
for kill in 1 2 3; do
	now=$(imap_count fbl INBOX SEEN)
	while [ $i -lt $((10 + MANY * kill / 3)) ]; do
		report $i | imap_put fbl INBOX
		i=$((i + 1))
	done
	wait_for '[ "$(imap_count fbl INBOX SEEN)" -gt $now ]' 20 ||
		fail "some are marked"
	bed_kill outpostd KILL
	outpost_start
done
check "killed thrice: all are marked" wait_for \
    '[ "$(imap_count fbl INBOX SEEN)" = $((MANY + 1)) ]' 60
check_counts "each counts once" ann@inside.example complaints $((MANY + 5))
check_eq "what stayed wasn't read again" "$(results unread)" ""

imap_stop
check "the server is gone: told" wait_for \
    'op events --last 9 | grep -q "alarm.*imaps://.*reports there wait"' 30
check "and shown" wait_for '[ "$(failing)" = 3 ]' 30
rm -f "$BED/mail/fbl"/dovecot*
find "$BED/mail/fbl/cur" -name '*,S*' | head -n 5 | while read -r f; do
	mv "$f" "${f%,*},"
done
imap_start
check "another UIDVALIDITY: what is unread is read again" wait_for \
    '[ "$(imap_count fbl INBOX SEEN)" = $((MANY + 1)) ]' 60
check_eq "and known" "$(results known)" 5
check_counts "so it doesn't count" ann@inside.example complaints \
    $((MANY + 5))
check "all are asked again" wait_for '[ "$(failing)" = 0 ]' 60

outpost_stop
chmod 644 "$IMAP/two.password"
echo wrong >"$IMAP/three.password"
openssl req -x509 -newkey rsa:2048 -nodes -keyout "$BED/other.key" \
    -out "$BED/other.pem" -days 3 -subj "/CN=another CA" 2>/dev/null
report 1000 | imap_put fbl INBOX
configure "$(mailbox fbl | sed "s|$IMAP_CA|$BED/other.pem|")," \
    "$(mailbox two)," "$(mailbox three)," \
    "$(mailbox fbl | sed 's|localhost|127.0.0.1|')"
: >"$BED/log/outpostd.out"
outpost_start
check "no certificate, no name, no password, no secret: none is asked" \
    wait_for '[ "$(failing)" = 4 ]' 30
said=$(cat "$BED"/log/outpostd.out*)
check_has "whose certificate isn't good" "$said" \
    'localhost:.*of fbl: .*[Cc]ertificate.*reports there wait'
check_has "or is another's" "$said" \
    '127.0.0.1:.*of fbl: .*reports there wait'
check_has "a password that others may read" "$said" \
    'two.password: others may read it'
check_has "a wrong password" "$said" 'of three: .*denied.*reports there wait'
check_eq "nothing was taken" "$(imap_count fbl INBOX UNSEEN)" 3
check_eq "a URL without TLS is no URL" "$(echo 'fbl_imap = ( {
    url = "http://localhost"; user = "x"; password_file = "/x"; } );' \
    >"$BED/bad.conf"; "$BUILD/outpostd" -t -c "$BED/bad.conf" 2>&1 |
    grep -c 'bad.conf:[12]: url: must be imaps://')" 1
