#!/bin/sh
# fbl_xarf - XARF is posted: who has a token is believed, a report counts once,
# and what is wrong is told with its place
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server curl "$TOOL/smtp_send" "$TOOL/smtp_world"

TOKEN=0123456789abcdef0123456789abcdef

xarf() { # N: about the message that left, by the Nth person
	printf '{"xarf_version": "4.2.0", "report_id":
	    "02eb480f-8172-431a-9276-%012d", "timestamp": "%s",
	    "reporter": %s, "sender": %s, "category": "messaging",
	    "type": "spam", "source_identifier": "192.0.2.7",
	    "smtp_to": "person%d@world.example", "evidence": [ {
	    "content_type": "message/rfc822", "payload": "%s" } ] }\n' \
	    "$1" "$NOW" "$WHO" "$WHO" "$1" \
	    "$(base64 -w 0 "$BED/header")"
}
NOW=$(date -u +%FT%TZ)
WHO='{ "org": "Isp", "contact": "a@isp.example", "domain": "isp.example" }'

post() { # [TOKEN HEADER [TYPE]]: "STATUS BODY"; what is posted on standard input
	curl -s -w '%{http_code}' -o "$BED/answer" \
	    -H "${1:-Authorization: Bearer $TOKEN}" \
	    -H "Content-Type: ${2:-application/json}" --data-binary @- \
	    "http://$API/xarf"
	echo " $(cat "$BED/answer")"
}

bed_port
API=127.0.0.1:$bed_port
echo "$TOKEN" >"$BED/token"
chmod 640 "$BED/token"
cp "$BED/token" "$BED/open"
chmod 644 "$BED/open"
echo short >"$BED/short"
chmod 640 "$BED/short"
world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)"
outpost_fbl="xarf_tokens = ( \"isp-desk=$BED/token\", \"open=$BED/open\",
	\"short=$BED/short\" );"
outpost_config <<-END
	api: { api_listen = "$API"; };
END
outpost_beside mta
pf_start mta
outpost_start
"$TOOL/smtp_send" -q -x "LOGIN=ann@inside.example ADDR=203.0.113.7" \
    -f ann@inside.example -n 1 "$(pf_submission mta)" u1@world.example
check "it left" wait_for 'ls "$BED"/world/[0-9]* 2>/dev/null' 15
{
	sed '/^X-World-/d; /^\r*$/,$d; s/\r$//' "$BED"/world/[0-9]*
	echo
} >"$BED/header"

check_has "one is taken" "$(xarf 1 | post)" '^202 .*"taken"'
check_counts "and counts in full" ann@inside.example "complaints claims" "1 0"
check_has "told with its reporter" "$(op complaints --json)" \
    "\"reporter\":\"isp-desk\""
check_has "again: a duplicate" "$(xarf 1 | post)" '^200 .*"duplicate"'
{
	printf '['
	xarf 1
	for i in 2 3 4; do
		printf ','
		xarf $i
	done
	printf ']'
} >"$BED/list"
check_has "a list: each told" "$(post <"$BED/list")" \
    '^202 .*"duplicate".*"taken".*"taken".*"taken"'
check_has "a list with one that is wrong" "$( (
	printf '['
	xarf 5
	printf ','
	xarf 6 | sed 's/"192.0.2.7"/7/'
	printf ']'
) | post)" '^400 {"error":"\[1\]: .*source_identifier'
check_counts "is not taken, nor half of it" ann@inside.example complaints 4
check_has "no JSON" "$(echo '[{' | post)" '^400 .*unreadable JSON'
check_has "no report" "$(echo '{"a": 1}' | post)" '^400 .*not XARF'
check_has "too large" "$(head -c 1100000 /dev/zero | post)" '^413'
check_has "another type" "$(xarf 7 | post '' text/plain)" \
    '^415'
check_has "no token" "$(xarf 7 | post X:)" '^401'
check_has "a wrong one" \
    "$(xarf 7 | post "Authorization: Bearer x$TOKEN")" '^401'
check_has "one that is too short to be one" \
    "$(xarf 7 | post 'Authorization: Bearer short')" '^401'
check_has "nor is it a page" "$(curl -s -o /dev/null -w '%{http_code}' \
    "http://$API/xarf")" '^405'
check_has "a file that others may read is no secret, told once" \
    "$(grep -h 'others may read it' "$BED"/log/outpostd.out*)" 'told once'
check_counts "none of them counted" ann@inside.example complaints 4
bed_kill outpostd KILL
outpost_start
check_has "after a crash it is known" "$(xarf 4 | post)" '^200 .*duplicate'
check_counts "and counted once" ann@inside.example complaints 4
