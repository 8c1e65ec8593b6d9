#!/bin/sh
# fbl_forward - what came in with the reports and is none goes to a person, whole,
# also when the mail server is away and outpostd is killed; not what a machine
# sent
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server "$TOOL/smtp_world"

ingest() { # a mail on standard input
	"$BUILD/outpost" --config "$OUTPOST_CONF" ingest 2>&1
}

waiting() {
	find "$BED/state/forward/new" -type f 2>/dev/null | wc -l
}

desk() { # the mail server that takes letters, as before
	bed_run desk "$TOOL/smtp_world" -d "$BED/desk" "$(world_address desk)"
	wait_port "${desk%:*}" "${desk#*:}" || die "smtp_world did not start"
}

world_start desk
desk=$(world_address desk)
outpost_fbl='unread_to = "abuse@desk.example";'
outpost_config <<-END
	letters: { letter_smtp = "smtp://$desk"; letter_from = "out@host.example"; };
END
outpost_start
printf 'From: loop@provider.example\r\nSubject: please confirm\r\n\r\nAt http://x/1\r\n' |
    ingest
check "a letter is forwarded" wait_for '[ "$(world_count desk)" = 1 ]' 20
got=$(tr -d '\r' <"$(find "$BED/desk" -type f)")
check_has "to the address" "$got" '^To: abuse@desk.example'
check_has "as a machine does" "$got" '^Auto-Submitted: auto-generated'
check_has "whole" "$(echo "$got" | sed '1,/message.rfc822/d')" 'At http://x/1'
check "once" wait_for '[ "$(waiting)" = 0 ]' 10
check_eq "and is kept here" "$(ls "$BED/state/unread/new" | wc -l)" 1

printf 'From: x@y.example\nAuto-Submitted: auto-replied\n\nOut.\n' | ingest
printf 'From: Me <Out@host.example>\n\nOurs.\n' | ingest
sed '/^X-World-/d' "$(find "$BED/desk" -type f)" | ingest
check_eq "what a machine sent is kept" "$(ls "$BED/state/unread/new" | wc -l)" 4
check_eq "and not forwarded" "$(waiting)" 0

bed_kill desk
rm -f "$BED"/desk/*
printf 'From: a@b.example\n\nWhile it is away.\n' | ingest
check_eq "the mail server is away: it waits" "$(waiting)" 1
check "told" wait_for \
    'grep -q "unread_to: .*waits in" "$BED"/log/outpostd.out*' 15
bed_kill outpostd KILL
outpost_start
desk
check "it leaves when that is back" wait_for '[ "$(world_count desk)" = 1 ]' 40
check "once" wait_for '[ "$(waiting)" = 0 ]' 15
check_has "and nothing else" "$(cat "$BED"/desk/*)" 'While it is away'
check_eq "an address must be one" "$(echo 'fbl: { unread_to = "x"; };' \
    >"$BED/bad.conf"; "$BUILD/outpostd" -t -c "$BED/bad.conf" 2>&1 |
    grep -c 'bad.conf:1: unread_to must be an address')" 1
