#!/bin/sh
# policy_postfix - the printed lines on a real Postfix: every request is seen,
# a policy service that is dead or frozen costs seconds and is asked again in
# the same session, a suspension holds without it, also when smtpd is chrooted
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server curl "$TOOL/smtp_send" \
    "$TOOL/maincf"

# Below the queue directory, where a chrooted smtpd finds it.
POLICY_SOCKET=$BED/mta/queue/outpost/policy

# How many requests outpostd answered since it started.
asked() {
	curl -s "http://$OUTPOST_HTTP/metrics" |
		awk '$1 == "outpost_policy_requests_total" { print $2 }'
}

suspend() { # ACCOUNT...
	for account in "$@"; do
		op suspend "$account" --reason test >/dev/null
	done
	wait_for 'send -x "LOGIN=$account" | grep -q "login name rejected"' 5
}

# One session: messages of 100 recipients, each after a line on descriptor 9.
session_begin() {
	rm -f "$BED/fifo"
	mkfifo "$BED/fifo"
	bed_run session sh -c 'exec "$@" <"$0"' "$BED/fifo" "$TOOL/smtp_send" \
	    -u alice@test.example -p secret -f alice@test.example -w \
	    -n 8 -m 100 "$sub" 'user%d@world.example'
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

# The session's next message is seen whole, or else the one after it, and so
# on: where this machine lets outpostd wait for a second, the stand-in answers.
session_is_seen() { # its first message
	for session_i in $(seq "$1" 7); do
		session_asked=$(asked)
		session_next "$session_i"
		[ "$(asked)" != $((session_asked + 102)) ] || return 0
	done
	return 1
}

# A message while the service is away, then one that it must see, in one
# session.
away() { # NAME GO-AWAY COME-BACK
	away_asked=$(asked)
	session_begin
	check_eq "$1: asked before" "$(asked)" $((away_asked + 102))
	$2
	away_ms=$(now_ms)
	session_next 2
	away_ms=$(($(now_ms) - away_ms))
	check "$1: 100 recipients in under 5 s ($away_ms ms)" \
	    test "$away_ms" -lt 5000
	$3
	check "$1: asked again in the session" session_is_seen 3
	session_end
}

stop() {
	outpost_stop
}

# The stand-in ends with outpostd, a moment later. Who connects in between and
# is cut off has a session that goes on unseen (attr_clnt.c keeps the dead
# stream); where systemd holds the sockets nobody is (activation.sh).
crash() {
	bed_kill outpostd KILL
	wait_for '! ps -C outpost-standin'
}

freeze() {
	bed_kill outpostd STOP
}

thaw() {
	bed_kill outpostd CONT
	wait_for 'op status'
}

send() { # ARGUMENT...
	"$TOOL/smtp_send" -f alice@test.example "$@" "$sub" \
	    'user%d@world.example' 2>&1
}

world_sink sink
mkdir "$BED/table"
dovecot_user alice@test.example secret
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
mkdir -p "$BED/mta/queue/outpost"
outpost_config <<END
accounts: { default_realm = "test.example"; };
letters: { letters = false; };
limits = ( { name = "hour"; max = 100000; } );
signals = ( { name = "burst"; enabled = false; } );
END
outpost_beside mta
pf_start mta
outpost_start
sub=$(pf_submission mta)

send -u alice@test.example -p secret -m 3 >/dev/null
check_eq "each stage is asked, each recipient" "$(asked)" 5
check "the reference is logged" pf_wait mta \
    'cleanup.*: info: header X-Outpost-Ref: [A-Za-z0-9_-]{20,120} from '

away stopped stop outpost_start
away crashed crash outpost_start
away frozen freeze thaw

suspend alice@test.example bob@test.example
stop
for login in alice@test.example Alice@Test.Example bob BOB@test.example; do
	check_has "suspended without the service: $login" \
	    "$(send -x "LOGIN=$login")" \
	    '^RCPT .* 554 5.7.1 <.*>: SASL login name rejected: Sending is susp'
done
check_has "another is not" "$(send -x LOGIN=carol@test.example)" '^END 250'
outpost_start
op lift alice@test.example --reason test >/dev/null
check "lifted" wait_for 'send -u alice@test.example -p secret |
    grep -q "^END 250"' 3

if [ "$BED_NS" = yes ]; then
	# A chrooted smtpd finds Dovecot below its root, but no table.
	mkdir -p "$BED/mta/queue$BED/dovecot"
	mount --bind "$BED/dovecot" "$BED/mta/queue$BED/dovecot"
	postconf -c "$BED/mta/etc" -F "$sub/inet/chroot=y"
	pf_reload mta
	away_asked=$(asked)
	check_has "chrooted: sends" "$(send -x LOGIN=alice@test.example)" \
	    '^END 250'
	check_eq "chrooted: each stage is asked" "$(asked)" \
	    $((away_asked + 3))
	op suspend alice@test.example --reason test >/dev/null
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
	"$TOOL/maincf" -u "$BED/table/users.cdb" "unix:$POLICY_SOCKET" >/dev/null
	"$TOOL/maincf" -t "$BED/table/users.cdb" "unix:$POLICY_SOCKET" \
	    www-data >/dev/null
	chmod 644 "$BED/table/users.cdb"
	pf_set mta "authorized_submit_users=!cdb:$BED/table/users, static:anyone"
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
