#!/bin/sh
# hooks_dovecot - the shipped script with a real Dovecot: the sessions of who is
# suspended end, others' go on; the phishing that reached a colleague is moved
# out of his INBOX, and nothing else is
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/mail_dovecot.sh"
bed_need root dovecot redis-server smtp-sink perl curl "$TOOL/smtp_send"

bed_port
IMAP_PORT=$bed_port
IMAP=imap://127.0.0.1:$IMAP_PORT
SCRIPT=$BED/outpost-doveadm

mail_dovecot() {
	mail_dovecot_conf "$BED/box" 65534 65534
	sed "s|/etc/dovecot/outpost|$BED/imap/outpost|; s|user = outpost|user = root|" \
	    "$(dovecot_example dovecot/91-outpost-doveadm.conf)"
}

# Logs in and waits until the server has enough of it.
session() { # USER
	perl -e '
	use IO::Socket::INET;
	my ($port, $user) = @ARGV;
	my $s = IO::Socket::INET->new(PeerAddr => "127.0.0.1",
	    PeerPort => $port) or die;
	print $s "a LOGIN $user secret\r\nb SELECT INBOX\r\nc IDLE\r\n";
	$| = 1;
	while (<$s>) { print }
	print "gone\n"' "$IMAP_PORT" "$1" >"$BED/session.$1" 2>&1
}

send() { # TO MESSAGE-ID
	perl -e '
	use IO::Socket::INET;
	my ($to, $rcpt, $id) = @ARGV;
	my $s = IO::Socket::INET->new(PeerAddr => $to) or die;
	sub says {
		print $s "$_[0]\r\n" if $_[0];
		my $line;
		do { $line = <$s> } while $line =~ /^...-/;
	}
	says("");
	says($_) for "EHLO x", "XCLIENT LOGIN=ben\@inside.example ADDR=203.0.113.7",
	    "EHLO x", "MAIL FROM:<ben\@inside.example>", "RCPT TO:<$rcpt>", "DATA",
	    "Message-ID: $id\r\nSubject: Your mailbox is full\r\n\r\nx\r\n.",
	    "QUIT"' "$(pf_submission mta)" "$1" "$2"
}

subjects() { # FOLDER: the Message-IDs in carl's
	for n in 1 2 3 4 5 6; do
		curl -sS -u carl@inside.example:secret \
		    "$IMAP/$1;MAILINDEX=$n;SECTION=HEADER.FIELDS%20(Message-ID)" \
		    2>/dev/null
	done | tr -d '\r' | sed -n 's/^Message-ID: //p' | sort | tr '\n' ' '
}

(umask 077 && mkdir -p "$BED/imap/run" "$BED/imap/state")
chmod 755 "$BED/imap" "$BED/imap/run"
install -d -o 65534 -g 65534 -m 700 "$BED/box"
# As the comment of the example says.
echo "doveadm_api_key = 0123456789abcdef" >"$BED/imap/outpost-doveadm.conf.ext"
echo "Authorization: X-Dovecot-API $(printf 0123456789abcdef | base64 -w 0)" \
    >"$BED/doveadm.header"
sed "s|^SOCKET=.*|SOCKET=$BED/imap/run/http|
    s|^HEADER=.*|HEADER=$BED/doveadm.header|" \
    "$TOP/etc/dovecot/outpost-doveadm" >"$SCRIPT"
chmod 755 "$SCRIPT"
mail_dovecot >"$BED/imap/dovecot.conf"
bed_run imap dovecot -F -c "$BED/imap/dovecot.conf"

world_sink sink
pf_new mta
echo "carl@inside.example carl@inside.example/" >"$BED/boxes"
pf_set mta "relayhost=$(world_relay sink)" "virtual_mailbox_base=$BED/box" \
    "virtual_mailbox_maps=texthash:$BED/boxes"
outpost_config <<-END
	hooks = ( { name = "kick"; on = ("suspended", "held");
	  command = ("$SCRIPT", "kick", "%account"); },
	  { name = "flush"; on = ("suspended", "lifted");
	  command = ("$SCRIPT", "flush", "%account"); } );
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

send carl@inside.example '<phish-1@thief.example>'
send someone@world.example '<phish-2@thief.example>'
send carl@inside.example '<phish-3@thief.example>'
send carl@inside.example '.'
check "it arrived" wait_for '[ "$(ls "$BED"/box/carl*/new | wc -l)" = 3 ]' 20
printf 'Message-ID: <good.1@work.example>\nSubject: lunch?\n\nx\n' \
    >"$BED/box/carl@inside.example/new/9.good"
chown 65534 "$BED/box/carl@inside.example/new/9.good"

session ben@inside.example &
bed_own $! ben_session
session carl@inside.example &
bed_own $! carl_session
check "both read their mail" wait_for \
    'grep -q idling "$BED/session.ben@inside.example" &&
    grep -q idling "$BED/session.carl@inside.example"' 20
op suspend ben@inside.example --reason stolen >/dev/null
check "suspended: his session ends" wait_for \
    'grep -q "^gone" "$BED/session.ben@inside.example"' 20
check "hooks: both done" wait_for 'op hooks --json | tr -d "\n" |
    grep -q "\"kick\".*\"done\":1.*\"flush\".*\"done\":1"' 20
check "others' go on" [ -z "$(grep gone "$BED/session.carl@inside.example")" ]
op lift ben@inside.example --reason 'a new password' >/dev/null
check "and on a lift" wait_for 'op hooks --json | tr -d "\n" |
    grep -q "\"flush\".*\"done\":2"' 20
check_soon_has "the case tells" 'op case ben@inside.example' 'hook kick: done'
check_eq "nobody there is no failure" \
    "$("$SCRIPT" kick nobody@inside.example; echo $?)" 0
check_has "a wrong key is one" "$(echo 'Authorization: X-Dovecot-API eA==' \
    >"$BED/bad.header"; sed "s|^HEADER=.*|HEADER=$BED/bad.header|" "$SCRIPT" |
    sh -s kick ben@inside.example 2>&1; echo "$?")" '^1$'

inside() {
	"$BUILD/outpost" --config "$OUTPOST_CONF" case ben@inside.example \
	    --inside "$@" 2>"$BED/inside.err"
}
check_soon "the list of the case: who inside got what" 'inside | sort' \
    "carl@inside.example <phish-1@thief.example>
carl@inside.example <phish-3@thief.example>"
check_has "what names no message is left out, and said" \
    "$(cat "$BED/inside.err")" '1 more'
check_has "as JSON" "$(inside --json)" \
    '"recipient":"carl@inside.example","message_id":"<phish-1@thief.example>"'
inside | "$SCRIPT" move Phishing >"$BED/moved"
check_eq "moved" "$(wc -l <"$BED/moved") $(subjects Phishing)" \
    "2 <phish-1@thief.example> <phish-3@thief.example> "
check_eq "the rest stays" "$(subjects INBOX)" ". <good.1@work.example> "
