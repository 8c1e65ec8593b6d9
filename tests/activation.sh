#!/bin/sh
# activation - systemd holds the policy sockets: over a crash and a restart of
# outpostd nobody is refused, and what waits is answered; READY, RELOADING,
# WATCHDOG and STOPPING are told
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need "$BUILD/outpostd" redis-server "$TOOL/systemd" curl

ask() { # what Postfix asks; the answer
	printf 'request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=%s\nrecipient=a@world.example\nsender=%s\nclient_address=192.0.2.1\ninstance=%s.1.1\n\n' \
	    anna@example.com anna@example.com "$1" |
		timeout 8 "$TOOL/unix_talk" "$2"
}

pid() {
	sed -n 's/^started //p' "$BED/notices" | tail -n 1
}

notices() { # ERE
	grep -Ec -- "$1" "$BED/notices"
}

outpost_log=$BED/log/mail.log
: >"$outpost_log"
outpost_config </dev/null
mkdir "$BED/chroot"
bed_run systemd "$TOOL/systemd" -l "$BED/a.sock" -l "$BED/chroot/b.sock" \
    -o "$BED/notices" "$BUILD/outpostd" -c "$OUTPOST_CONF"
wait_for 'op status' 10 || die "outpostd does not answer"
check "READY=1 is told" wait_line "$BED/notices" '^READY=1'
check "the watchdog is fed" wait_for '[ "$(notices WATCHDOG=1)" -ge 3 ]' 5

check_eq "the first socket is served" "$(ask 1 "$BED/a.sock")" action=DUNNO
check_eq "and the second" "$(ask 2 "$BED/chroot/b.sock")" action=DUNNO
check "its own is not opened" test ! -S "$POLICY_SOCKET"

first=$(pid)
kill -s KILL "$first"
check_eq "asked right after a crash: answered" \
    "$(ask 3 "$BED/a.sock")" action=DUNNO
check "it was started again" wait_for '[ "$(pid)" != "$first" ] && op status'
check "READY=1 again" wait_for '[ "$(notices READY=1)" -ge 2 ]' 10

kill -s HUP "$(pid)"
check "RELOADING=1 is told" wait_line "$BED/notices" '^RELOADING=1.*MONOTONIC_USEC'
check "READY=1 after the reload" wait_for '[ "$(notices READY=1)" -ge 3 ]' 10

kill -s STOP "$(pid)"
began=$(now_ms)
check_eq "asked while it is frozen: answered" \
    "$(ask 4 "$BED/a.sock")" action=DUNNO
took=$(($(now_ms) - began))
kill -s CONT "$(pid)"
check "within 3 seconds" [ "$took" -lt 3000 ]

bed_kill systemd
check "STOPPING=1 is told" wait_line "$BED/notices" '^STOPPING=1'
check "the sockets' paths stay for the next" test -S "$BED/a.sock"
