#!/bin/sh
# policy_postfix - the printed lines on a real Postfix: every request is seen,
# a policy service that is dead or frozen costs seconds and is asked again in
# the same session, a suspension holds without it, also when smtpd is chrooted
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
bed_need root smtp-sink dovecot "$TOOL/smtp_send" "$TOOL/policy_stub" \
    "$TOOL/maincf"

SOCKET=$BED/mta/queue/outpost/policy
ASKED=$BED/log/policy.out
TABLE=$BED/table/suspended

policy() { # OPTION...
	: >"$ASKED"
	bed_run policy "$TOOL/policy_stub" -S -v "$@" "unix:$SOCKET"
	wait_line "$ASKED" '^ready' || die "no policy service"
}

asked() { # STATE: how many requests of it
	grep -c "^$1	" "$ASKED"
}

suspend() { # ACCOUNT...
	"$TOOL/maincf" -q "$BED/mta/queue" -t "$TABLE.cdb" -d test.example \
	    -u "$BED/table/users.cdb" "unix:$SOCKET" "$@" >"$BED/lines"
}

# One session: a message of 2 recipients, one of 100, one of 3, each after a
# line on descriptor 9.
session_begin() {
	rm -f "$BED/fifo"
	mkfifo "$BED/fifo"
	bed_run session sh -c 'exec "$@" <"$0"' "$BED/fifo" "$TOOL/smtp_send" \
	    -u alice@test.example -p secret -f alice@test.example -w \
	    -n 3 -m "$1" "$sub" 'user%d@world.example'
	exec 9>"$BED/fifo"
	session_wait 1
}

session_wait() { # MESSAGES
	session_n=$1
	wait_for '[ "$(grep -c "^END 250" "$BED/log/session.out")" = \
	    "$session_n" ]' 20 || fail "session" "message $1 was not taken"
}

session_next() {
	echo >&9
	session_wait "$1"
}

session_end() {
	exec 9>&-
	wait_for '! bed_alive session'
	rm -f "$BED/log/session.out"
}

# A 100-recipient message while the service is away, then one that it must
# see, in one session.
away() { # NAME GO-AWAY COME-BACK
	: >"$ASKED"
	session_begin 100
	check_eq "$1: asked before" "$(asked RCPT)/$(asked DATA)" 100/1
	$2
	away_ms=$(now_ms)
	session_next 2
	away_ms=$(($(now_ms) - away_ms))
	check "$1: 100 recipients in under 5 s ($away_ms ms)" \
	    test "$away_ms" -lt 5000
	$3
	: >"$ASKED"
	session_next 3
	check_eq "$1: asked again in the session" \
	    "$(asked RCPT)/$(asked DATA)/$(asked END-OF-MESSAGE)" 100/1/1
	session_end
}

stop() {
	bed_kill policy
}

freeze() {
	bed_kill policy STOP
}

thaw() {
	bed_kill policy CONT
}

send() { # ARGUMENT...
	"$TOOL/smtp_send" -f alice@test.example "$@" "$sub" \
	    'user%d@world.example' 2>&1
}

world_sink sink
dovecot_user alice@test.example secret
dovecot_user bob secret
mkdir "$BED/table"
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
mkdir -p "$BED/mta/queue/outpost"
suspend
cat "$BED/lines" >>"$BED/mta/etc/main.cf"
pf_start mta
sub=$(pf_submission mta)

policy -d 'PREPEND X-Outpost-Ref: abc'
send -u alice@test.example -p secret -m 3 >/dev/null
check_eq "each stage is asked" \
    "$(asked RCPT) $(asked DATA) $(asked END-OF-MESSAGE)" "3 1 1"
check_eq "one instance for a message" "$(grep RCPT "$ASKED" | cut -f 2 | sort -u | wc -l)" 1
check_has "DATA has the recipients" "$(grep ^DATA "$ASKED")" \
    'alice@test.example	alice@test.example		3$'
check "the reference is logged" pf_wait mta \
    'cleanup.*: info: header X-Outpost-Ref: abc from '
stop
policy

away stopped stop policy
away frozen freeze thaw

stop
suspend alice@test.example bob@test.example
for login in alice@test.example Alice@Test.Example bob BOB@test.example; do
	check_has "suspended without the service: $login" \
	    "$(send -x "LOGIN=$login")" \
	    '^RCPT .* 554 5.7.1 <.*>: SASL login name rejected: suspended'
done
check_has "another is not" "$(send -x LOGIN=carol@test.example)" '^END 250'
suspend bob@test.example
check_has "lifted" "$(send -u alice@test.example -p secret)" '^END 250'

if [ "$BED_NS" = yes ]; then
	# A chrooted smtpd finds Dovecot below its root, but no table.
	mkdir -p "$BED/mta/queue$BED/dovecot"
	mount --bind "$BED/dovecot" "$BED/mta/queue$BED/dovecot"
	postconf -c "$BED/mta/etc" -F "$sub/inet/chroot=y"
	pf_reload mta
	policy
	check_has "chrooted: sends" "$(send -x LOGIN=alice@test.example)" \
	    '^END 250'
	check_eq "chrooted: each stage is asked" \
	    "$(asked RCPT) $(asked DATA) $(asked END-OF-MESSAGE)" "1 1 1"
	suspend alice@test.example
	check_has "chrooted: suspended" "$(send -x LOGIN=alice@test.example)" \
	    '^RCPT .* 554 5.7.1 '
	umount "$BED/mta/queue$BED/dovecot"
else
	skip "chrooted" "no mount namespaces here"
fi

# What lets postdrop read a cdb lies beside the machine's main.cf.
cp -r /etc/postfix/dynamicmaps.cf* "$BED/mta/etc/"
if echo hi | pf_sendmail mta www-data u@world.example; then
	ok "local user: sends"
	"$TOOL/maincf" -t "$BED/table/users.cdb" "unix:$SOCKET" www-data \
	    >/dev/null
	chmod 644 "$BED/table/users.cdb"
	echo hi | pf_sendmail mta www-data u@world.example \
	    >"$BED/log/sendmail.out" 2>&1
	check_eq "local user: suspended" $? 75
else
	skip "local user" "no mount namespaces here"
fi
check_eq "nothing that Postfix warns of" \
    "$(grep -E 'warning|fatal|error:' "$PF_LOG" |
	grep -v 'problem talking to server\|timeout on\|connect to' |
	grep -v 'access_map_exceptions\|connect #' | head -n 5)" ""
