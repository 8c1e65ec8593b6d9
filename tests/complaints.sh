#!/bin/sh
# complaints - what people complained about is listed and summed, who complained
# gets no more, by wish also none that is tried, and an account that many complain
# about is throttled; claims stop nobody, however many
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server curl "$TOOL/smtp_send" "$TOOL/smtp_world"

send() { # LOGIN RECIPIENT ARGUMENT...
	login=$1@inside.example to=$2
	shift 2
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" \
	    "$@" "$(pf_submission mta)" "$to" 2>&1
}

# A report about the message with this subject, as our MTA hands it in.
report() { # SUBJECT TYPE COMPLAINER [FROM]
	if [ -z "${4:-}" ]; then
		echo 'Authentication-Results: mail.test.example; dkim=pass header.d=arf.mail.yahoo.com'
	fi
	printf '%s\n' "From: ${4:-Loop <feedback@arf.mail.yahoo.com>}" \
	    "Message-ID: <$2.$3.$1@loop.example>" 'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report;' \
	    ' boundary="b"' '' '--b' 'Content-Type: message/feedback-report' \
	    '' "Feedback-Type: $2" 'User-Agent: Loop/1' 'Version: 1' \
	    'Source-IP: 192.0.2.25' "Original-Rcpt-To: $3" '' '--b' \
	    'Content-Type: text/rfc822-headers' ''
	sed '/^X-World-/d; /^\r*$/,$d; s/\r$//; s/^To: .*/To: redacted/' \
	    "$(grep -l "^Subject: $1" "$BED"/world/[0-9]* | head -n 1)"
	printf '%s\n' '' '--b--'
}

ingest() {
	"$BUILD/outpost" --config "$OUTPOST_CONF" ingest - 2>&1
}

world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)"
outpost_fbl='authserv_ids = ( "mail.test.example" );'
outpost_config <<END
accounts: { shared_accounts = ( "web@inside.example" ); };
own_ips = ( { name = "out5"; ipv4 = "192.0.2.25"; host = "elsewhere"; } );
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

ESCAPE=$(printf '\033')
send ann u1@world.example -h "Subject: one ${ESCAPE}[2J" -n 1
send bob u2@world.example -h 'Subject: two' -n 1
check "they left" wait_for \
    '[ "$(cat "$BED"/world/[0-9]* | grep -c "^Subject: test")" = 2 ]' 30

check_has "nobody complained yet" "$(op complaints)" 'no complaints'
report one abuse Jo.Doe@yahoo.com | ingest
report one abuse redacted-7@yahoo.com | ingest
report two fraud x@evil.example 'Eve <eve@evil.example>' | ingest
check_has "newest first" "$(op complaints | sed -n 2p)" \
    'bob@inside.example +claim +x@evil.example'
check_has "with who complained" "$(op complaints)" \
    'ann@inside.example +complaint +Jo.Doe@yahoo.com'
check_has "of one account" "$(op complaints bob@inside.example | wc -l)" '^2$'
check_has "with what stood in the message, made printable" \
    "$(op complaints ann@inside.example)" '<ann@inside.example> +one \?\[2J'
check_has "as JSON" "$(op complaints ann@inside.example --json --last 1)" \
    '"vouched":true.*"reporter":"feedback@arf.mail.yahoo.com".*"complainer":"redacted-7@yahoo.com".*"how":"reference".*"message_id":".*"source_ip":"192.0.2.25"'
check_has "summed by account" "$(op complaints --by account)" \
    'ann@inside.example +2 +0 +0 +0 +#{30}'
check_has "claims apart" "$(op complaints --by account)" \
    'bob@inside.example +0 +0 +1 +0'
check_has "by day" "$(op complaints --by day --json)" \
    '"complaints":2,"traps":0,"claims":1'
check_has "by the IP it came from" "$(op complaints --by ip)" \
    '192.0.2.25 +2 +0 +1 +0 +#{30}'
check_has "among what our addresses are answered" \
    "$(op --json providers others)" \
    '"ip":"out5","attempted":0,"delivered":0,"deferred":0,"refused":0,"complaints":2'
check_has "by domain" "$(op complaints --by domain)" \
    'inside.example +2 +0 +1 +0 +#{30}'
check_eq "not what came earlier" "$(op complaints --json --since \
    "$(date -d +1day '+%F %H:%M')")" '[]'
check_soon_has "show tells" 'op show ann@inside.example' \
    '2 complaints in 7 days, .*% of 1 delivered'
bed_kill outpostd KILL
outpost_start
check_has "kept over a kill" "$(op complaints --by account)" \
    'ann@inside.example +2'

standing() { # ACCOUNT
	op show "$1" --json | sed 's/.*"standing":"\([a-z]*\)".*/\1/'
}

check_eq "two complaints bother nobody" "$(standing ann@inside.example)" good
check_eq "not the desk either" "$(op cases --json)" '[]'
for i in 1 2 3 4 5 6 7 8 9; do
	report two abuse "victim$i@yahoo.com" 'Eve <eve@evil.example>' | ingest
	report two fraud "victim$i@yahoo.com" 'Eve <eve@evil.example>' | ingest
done
check_eq "however many claims, neither" "$(standing bob@inside.example)" good
report one abuse Third@yahoo.com | ingest
check "the third throttles" wait_for \
    '[ "$(standing ann@inside.example)" = throttled ]' 15
check_has "why says it in words" "$(op why ann@inside.example)" \
    '3 complaints in 7 days, with [0-9]+ recipients delivered'
check_soon_has "a case opens for the desk" 'op cases' \
    ' review +ann@inside.example +throttled +complaints '
case=$(op cases --json | sed 's/.*"case":"\([^"]*\)".*/\1/')
check "which has the complaints, their headers, and what was counted" wait_for \
    'op case "$case" | grep -c "complaint .*\"one ?.*from <ann@" | grep -qx 3 &&
	op case "$case" --json | grep -q "\"name\":\"complaints\",[^}]*\"week\":3"' 15
check_has "it says how many of how many" "$(op case "$case")" \
    '3 complaints in 7 days, with 1 recipients delivered, 300%'
check_has "so is the next mail answered" "$(send ann u3@world.example -n 1)" \
    '450 4.7.1 .*: 3 complaints in 7 days'
op lift ann@inside.example --reason 'talked to her' >/dev/null
check_eq "lifted" "$(standing ann@inside.example)" good
check_soon_has "which ends the case, and nobody was written to" \
    'op case "$case" --json' '"state":"ended".*"letters":\[\]'
report one abuse Fourth@yahoo.com | ingest
check_eq "and no later complaint about what was before counts" \
    "$(standing ann@inside.example)" good
check_has "though it is listed" "$(op complaints --by account)" \
    'ann@inside.example +4 '

# A shared account is never stopped for them, but the desk shall look.
send web u1@world.example -h 'Subject: web' -n 1
check "the web site wrote" wait_for 'grep -q "^Subject: web" "$BED"/world/*' 30
for i in 1 2 3; do
	report web abuse "one$i@yahoo.com" | ingest
done
check "a warning opens a case, too" wait_for \
    'op cases | grep -q " review .* web@inside.example  *warned "' 15
check_eq "once" "$(op cases --account web@inside.example --json |
    grep -o '"case":' | wc -l)" 1
for i in 1 2 3; do
	report web not-spam "one$i@yahoo.com" | ingest
done
check "when there are few again, it ends by itself" wait_for \
    'op case web@inside.example | grep -q "closed: there are few again"' 15
check_eq "nobody waits" "$(op cases --json)" '[]'

check_has "who complained wants no more" "$(op suppressed ann@inside.example)" \
    'ann@inside.example +jo.doe@yahoo.com .*complaint +feedback@arf.mail.yahoo.com'
check_eq "three with an address, nobody's token, no victim of a claim" \
    "$(op export suppressed | sort | tr '\n' ' ')" \
    'ann@inside.example fourth@yahoo.com ann@inside.example jo.doe@yahoo.com ann@inside.example third@yahoo.com '
report one opt-out planted@yahoo.com |
	sed 's/^X-Outpost-Ref:/X-Outpost-Ref: of another\n&/' | ingest
check_eq "a reference that somebody else has put there opts nobody out" \
    "$(op suppressed | grep -c planted)" 0
report one not-spam third@yahoo.com | ingest
check_eq "not-spam takes back" "$(op export suppressed --format json |
    grep -c third)" 0
report two opt-out leaver@yahoo.com | ingest
check_has "who opts out is listed" "$(op suppressed bob@inside.example)" \
    'leaver@yahoo.com .*opt_out'
check_has "to take off needs a reason" \
    "$(op suppressed ann@inside.example Jo.Doe@yahoo.com --end 2>&1)" \
    'needs --reason'
op suppressed ann@inside.example Jo.Doe@yahoo.com --end --reason 'he asked' \
    >/dev/null
check_eq "taken off" \
    "$(op suppressed ann@inside.example --json | grep -c jo.doe)" 0
check_has "by whom and why is an event" \
    "$(op events ann@inside.example --last 1)" 'allow.*he asked'
bed_kill outpostd KILL
outpost_start
check_eq "all that over a kill" "$(op export suppressed | tr '\n' ' ')" \
    'bob@inside.example leaver@yahoo.com ann@inside.example fourth@yahoo.com '

check_eq "who wants no more gets it still" \
    "$(send bob leaver@yahoo.com -n 1)" ''
sed -i 's|fbl_listen|refuse_suppressed = true; suppressed_help = "https://mail.test.example/why"; &|' "$OUTPOST_CONF"
outpost_reload
check "unless that is to be refused, which a text explains" wait_for \
    'send bob Leaver@Yahoo.com -n 1 | grep -q "554 5.7.1 .*: \
Leaver@Yahoo.com asked not to get mail from you any more; see https://mail.test.example/why"' 15
check_eq "not what another account writes" \
    "$(send ann leaver@yahoo.com -n 1)" ''
check_eq "nor what he writes to others" \
    "$(send bob leaver2@yahoo.com -n 1)" ''
op mode observe --reason test >/dev/null
check_eq "nor while observing" "$(send bob leaver@yahoo.com -n 1)" ''
outpost_enforce
check_has "then again" "$(send bob leaver@yahoo.com -n 1)" 'any more'
op suppressed bob@inside.example leaver@yahoo.com --end --reason 'he asked' \
    >/dev/null
check_eq "until an operator ends it" "$(send bob leaver@yahoo.com -n 1)" ''
check_has "metrics count it" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    'outpost_policy_suppressed_total [2-9]'
