#!/bin/sh
# fbl_own - a user of the host moves a message to Junk in his mail program, and
# back: Dovecot's imapsieve tells Outpost, which believes that way and no other;
# what is said while outpostd is stopped is heard later
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/mail_dovecot.sh"
bed_need root dovecot sievec redis-server setpriv curl "$TOOL/smtp_send" \
    "$TOOL/smtp_world"

USER=bob@inside.example
BOX=$BED/mail/$USER
bed_port
IMAP_PORT=$bed_port
IMAP=imap://127.0.0.1:$IMAP_PORT

mail_dovecot() {
	mail_dovecot_conf "$BED/mail" mail mail
	cat <<-END
		namespace inbox {
		  inbox = yes
		  mailbox Junk {
		    auto = create
		  }
		  mailbox Trash {
		    auto = create
		  }
		}
	END
	sed "s|/etc/dovecot/outpost|$BED/imap/sieve|" \
	    "$(dovecot_example imapsieve/90-outpost.conf)"
}

moves() { # FROM TO: the first message there
	curl -sS -u "$USER:secret" "$IMAP/$1" -X "UID MOVE 1:* $2"
}

results() { # RESULT
	curl -s "http://$OUTPOST_HTTP/metrics" | sed -n \
	    "s/^outpost_reports_total{result=\"$1\"} //p"
}

became() { # RESULT N
	wait_for "[ \"\$(results $1)\" = $2 ]" 20
}

ingest() { # USER OF THE SYSTEM, ARGUMENT...
	user=$1
	shift
	setpriv --reuid="$user" --clear-groups "$BUILD/outpost" ingest \
	    --to "unix:$BED/own.sock" "$@" 2>&1
}

world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)"
outpost_fbl="fbl_own_listen = \"unix:$BED/own.sock\";
	fbl_own_users = ( \"mail\" );"
outpost_config </dev/null
outpost_beside mta
pf_start mta
outpost_start
"$TOOL/smtp_send" -q -x "LOGIN=ann@inside.example ADDR=203.0.113.7" \
    -f ann@inside.example -n 1 "$(pf_submission mta)" u1@world.example
check "a message left" wait_for 'ls "$BED"/world/[0-9]* 2>/dev/null' 15

mkdir -p "$BOX/new" "$BOX/cur" "$BOX/tmp" "$BED/imap/run" "$BED/imap/state" \
    "$BED/imap/sieve"
sed '/^X-World-/d; s/\r$//' "$BED"/world/[0-9]* >"$BOX/new/1.test"
chown -R mail:mail "$BED/mail"
cp "$TOP"/etc/imapsieve/*.sieve "$BED/imap/sieve"
sed "s|/usr/bin/outpost|$BUILD/outpost|; s|/run/outpost/own.sock|$BED/own.sock|
    s|/var/spool/outpost-reports|$BED/spool|" \
    "$TOP/etc/imapsieve/outpost-report" >"$BED/imap/sieve/outpost-report"
chmod 755 "$BED/imap/sieve/outpost-report"
install -d -o mail -m 700 "$BED/spool"
mail_dovecot >"$BED/imap/dovecot.conf"
bed_run imap dovecot -F -c "$BED/imap/dovecot.conf"
check "it is in the inbox" wait_for \
    'curl -sS -u "$USER:secret" "$IMAP/INBOX" -X "STATUS INBOX (MESSAGES)" |
	grep "MESSAGES 1"' 20

moves INBOX Junk
check "moved to Junk: counted" became counted 1
check_counts "as a complaint about who sent it" ann@inside.example \
    "complaints claims" "1 0"
moves Junk INBOX
check "and back: counted" became counted 2
check_counts "as its contrary" ann@inside.example "complaints not_spam" "1 1"
moves INBOX Junk
check "again and again: known" became known 1
moves Junk Trash
bed_kill imap
check_eq "thrown away: says nothing" "$(results counted) $(results known)" "2 1"

message=$(echo "$BED"/world/[0-9]*)
check_has "others may not" "$(ingest nobody --user "$USER" --spam \
    <"$message")" 'closed the connection'
check_eq "nor a login with a line of its own" "$(ingest mail --user "x
Feedback-Type: abuse" --spam <"$message" >/dev/null; echo $?)" 2
{
	printf '%s\n' "From: <$USER>" 'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report;' \
	    ' boundary="b"' '' '--b' 'Content-Type: message/feedback-report' '' \
	    'Feedback-Type: abuse' 'User-Agent: outpost-ingest/1' \
	    'Version: 1' "Original-Rcpt-To: victim@inside.example" '' '--b' \
	    'Content-Type: text/rfc822-headers' ''
	sed '/^\r*$/,$d; s/\r$//' "$message"
	printf '%s\n' '' '--b--'
} >"$BED/forged"
"$BUILD/outpost" --config "$OUTPOST_CONF" ingest "$BED/forged"
check "the same by mail is a claim" became claim 1
check_counts "that nobody suffers from" ann@inside.example "complaints" "1"

says() { # ARGUMENT...: as sieve, or cron, runs it
	setpriv --reuid=mail --clear-groups \
	    "$BED/imap/sieve/outpost-report" "$@" 2>&1
}
waiting() { ls "$BED/spool" | wc -l; }

check_eq "nothing waits" "$(waiting)" 0
bed_kill outpostd
says spam carl@inside.example <"$message" >/dev/null
check_eq "outpostd is stopped: sieve hears of no failure" $? 0
says spam dora@inside.example <"$message" >/dev/null
check_eq "both wait" "$(waiting)" 2
check_eq "without a body" "$(for file in "$BED"/spool/wait.*; do
	sed '1,/^\r*$/d' "$file"
done | wc -c)" 0
says flush >/dev/null
check_eq "still nobody there: they wait on" "$(waiting)" 2
outpost_start
says spam emma@inside.example <"$message" >/dev/null
check "with the next report they come in" became counted 3
check_eq "and wait no more" "$(waiting)" 0
bed_kill outpostd
says spam fred@inside.example <"$message" >/dev/null
outpost_start
says flush >/dev/null
check "or when cron says so" became counted 1
check_counts "each once" ann@inside.example complaints 5
