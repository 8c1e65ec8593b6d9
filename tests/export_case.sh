#!/bin/sh
# export_case - the evidence of a suspension as one file: what was imposed, the
# rule as it was then, the log's lines, what came before and after; nobody
# else's address is in it, however it got into the log
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world"

THIEF=alice@inside.example

send() { # RECIPIENT ARGUMENT...
	to=$1
	shift
	"$TOOL/smtp_send" -q -x "LOGIN=alice ADDR=203.0.113.7" -f "$THIEF" \
	    "$@" "$(pf_submission mta)" "$to"
}

# Every other address here has this word in its local part.
check_masked() { # NAME FILE
	check_eq "$1: no address of others" "$(grep -ci 'geheim' "$2")" 0
	check_eq "$1: nor encoded" "$(grep -c 'Z2VoZWlt' "$2")" 0
}

world_at world
bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
pf_new mta
pf_set mta "relayhost=$(world_relay world)" \
    'header_checks=regexp:{ { /^(Subject|X-Note):/ INFO } }'
dovecot_user bob-geheim@inside.example secret
outpost_config <<END
accounts: { default_realm = "inside.example"; };
limits = ( { name = "blast"; window = "10m"; max = 60;
    action = "suspend"; } );
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

send unknown-geheim@world.example
send UNKNOWN-GEHEIM@World.Example
send '"geheim quoted"@world.example' -h 'Subject: for geheim.one@x.example'
send full-geheim@world.example -h 'Subject: "geheim two"@x.example, <GEHEIM3@X.EXAMPLE>'
send policy-geheim@world.example -h 'X-Note: geheim4%40x.example and geheim5=40x.example'
send g1-geheim@world.example -h 'Subject: =?utf-8?B?Z2VoZWltQHguZXhhbXBsZQ==?='
send g2-geheim@xn--bcher-kva.example -h 'Subject: geheim@bücher.example'
send geheim@inside.example -h 'Subject: =?utf-8?q?geheim?= =?utf-8?q?=40x.example?='
send "bounce+geheim=x.example@world.example"
outpost_reads
send 'u%d-geheim@world.example' -n 20 -m 10 >/dev/null
check "suspended" wait_for 'send more-geheim@world.example >/dev/null
    [ "$(outpost_standing "$THIEF")" = suspended ]' 20
send late-geheim@world.example >/dev/null
# The rule is another one by now.
sed -i 's/max = 60/max = 70/' "$OUTPOST_CONF"
outpost_reload
op lift "$THIEF" --reason 'asked geheim@phone.example' >/dev/null
outpost_reads
wait_for 'opc config list | grep -c "^ *2 "' 10
opc export "$THIEF" >"$BED/case.txt"
check_eq "exported" $? 0
out=$(head -n 60 "$BED/case.txt")
check_has "what" "$out" '^imposed  *suspended$'
check_has "subject" "$out" "^subject  *$THIEF\$"
check_has "counted" "$out" '^6[0-9] recipients in 10 minutes, the limit is 60 \(blast'
check_has "the rule then" "$out" '^limit \{ name = "blast".* max = 60;.*"suspend"'
check_has "versions" "$out" '^postfix  *3\.'
check_has "after" "$out" '^  20.*lift suspended by root: asked r[0-9a-f]*@phone'
check_has "before" "$out" '^  20.*warning .* by outpost'
check_masked plain "$BED/case.txt"
log=$(sed -n '/^== The log/,$p' "$BED/case.txt")
check_has "lines" "$log" "postfix/qmgr\[[0-9]*\]: .*from=<$THIEF>, size="
check_has "recipients" "$log" ': to=<r[0-9a-f]{10}@world\.example>,.*status=sent'
check_has "replies" "$log" \
    'said: 550 5\.1\.1 <r[0-9a-f]{10}@world\.example>: .* unknown'
check_has "subjects" "$log" 'header Subject: for r[0-9a-f]{10}@x\.example from'
check_has "refusals" "$log" 'reject: RCPT .* to=<r[0-9a-f]{10}@world\.example>'
check_eq "the same address is the same token" "$(echo "$log" |
    sed -n 's/.*: to=<\(r[0-9a-f]*\)@[Ww]orld.*550 5\.1\.1 .*/\1/p' | sort -u |
    wc -l)" 1

opc --json export "$THIEF" >"$BED/case.json"
check_masked json "$BED/case.json"
check_has "json" "$(cat "$BED/case.json")" '"lines":\["'
id=$(sed -n 's/^Outpost case //p' "$BED/case.txt")
check_eq "by the event's id" "$(opc export "$id" | sed '/^exported/d')" \
    "$(sed '/^exported/d' "$BED/case.txt")"
case=$(sed -n 's/^case  *//p' "$BED/case.txt")
check_eq "by the case that refusals name" "$(opc export "$case" |
    head -n 1)" "Outpost case $id"
opc export nobody@inside.example >/dev/null 2>"$BED/err"
check_eq "no case" "$? $(grep -c 'no case' "$BED/err")" "5 1"
