#!/bin/sh
# fbl_maildir - reports are delivered to a maildir: each is counted once and moved
# when it is, whatever is killed in between; what is no report's file does no harm
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server curl "$TOOL/smtp_send" "$TOOL/smtp_world"

MANY=300
BOX=$BED/reports

report() { # N: about the message that left, by the Nth person
	printf '%s\n' \
	    'Authentication-Results: mail.test.example; dkim=pass header.d=arf.mail.yahoo.com' \
	    'From: Loop <feedback@arf.mail.yahoo.com>' \
	    "To: fbl@inside.example" "Message-ID: <$1@loop.example>" \
	    'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"' \
	    '' '--b' 'Content-Type: text/plain' '' 'A complaint.' '' '--b' \
	    'Content-Type: message/feedback-report' '' 'Feedback-Type: abuse' \
	    'User-Agent: Loop/1' 'Version: 1' \
	    "Original-Rcpt-To: person$1@yahoo.com" '' '--b' \
	    'Content-Type: text/rfc822-headers' ''
	cat "$BED/header"
	printf '%s\n' '' '--b--'
}

deliver() { # N: as a delivery agent does
	report "$1" >"$BOX/tmp/$1.test"
	mv "$BOX/tmp/$1.test" "$BOX/new/$1.test"
}

files() { # DIRECTORY NAME: how many
	find "$BOX/$1" -type f -name "$2" | wc -l
}

results() { # RESULT
	curl -s "http://$OUTPOST_HTTP/metrics" | sed -n \
	    "s/^outpost_reports_total{result=\"$1\"} //p"
}

mkdir -p "$BOX/new" "$BOX/cur" "$BOX/tmp"
world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)"
outpost_fbl="authserv_ids = ( \"mail.test.example\" ); fbl_maildir = \"$BOX\";
	fbl_max_size = 65536;"
outpost_config </dev/null
outpost_beside mta
pf_start mta
outpost_start
"$TOOL/smtp_send" -q -x "LOGIN=ann@inside.example ADDR=203.0.113.7" \
    -f ann@inside.example -n 1 "$(pf_submission mta)" u1@world.example
check "it left" wait_for 'ls "$BED"/world/[0-9]* 2>/dev/null' 15
sed '/^X-World-/d; /^\r*$/,$d; s/\r$//' "$BED"/world/[0-9]* >"$BED/header"

deliver 1
check "a report is moved" wait_for '[ -e "$BOX/cur/1.test:2,S" ]' 15
check_eq "from new" "$(files new '*')" 0
check_counts "when it is counted" ann@inside.example complaints 1

mkdir "$BOX/new/folder"
mkfifo "$BOX/new/pipe"
ln -s "$BED/secret" "$BOX/new/link"
: >"$BOX/new/.hidden"
head -c 70000 /dev/zero >"$BOX/new/large"
check "what can't be taken is told" wait_for \
    'op events --last 5 | grep -q "alarm.*/new/.*it stays"' 15
: >"$BOX/new/empty"
check "an empty file is no report, and kept" wait_for \
    '[ -e "$BOX/cur/empty:2,S" ]' 15
check_eq "once" "$(results unread)" 1

i=2
for kill in 1 2 3; do
	now=$(files cur '*.test:2,S')
	while [ $i -le $((MANY * kill / 3)) ]; do
		deliver $i
		i=$((i + 1))
	done
	wait_for '[ "$(files cur "*.test:2,S")" -gt $now ]' 15 ||
		fail "some are moved"
	bed_kill outpostd KILL
	outpost_start
done
check "killed thrice: all are moved" \
    wait_for '[ "$(files cur "*.test:2,S")" = $MANY ]' 60
check_counts "each counts once" ann@inside.example complaints $MANY
deliver 7
check "one that comes again" wait_for '[ ! -e "$BOX/new/7.test" ]' 15
check_eq "is known" "$(results known | sed 's/^[1-9].*/some/')" some
check_counts "and doesn't count" ann@inside.example complaints $MANY
check_eq "the others stay" "$(ls -A "$BOX/new" | tr '\n' ' ')" \
    ".hidden folder large link pipe "
check_eq "told a few times, not at each look" \
    "$(op events | grep -c 'alarm.*it stays' | sed 's/^[1-8]$/few/')" few

mv "$BOX" "$BOX.away"
check "without its maildir" wait_for \
    'grep -q "reports/new: No such file.*reports there wait" "$BED/log/outpostd"*' 15
mv "$BOX.away" "$BOX"
deliver 9999
check "when it is back, it goes on" wait_for '[ ! -e "$BOX/new/9999.test" ]' 20
check_counts "with the next" ann@inside.example complaints $((MANY + 1))
