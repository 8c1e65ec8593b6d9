#!/bin/sh
# restart - outpostd killed and started again, over and over, as mail flows:
# counts to the unit, standings, overrides, mode and tables as they were
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world"

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" 2>&1
}

kill_and_start() { # SIGNAL
	bed_kill outpostd "$1"
	sleep 0.2
	outpost_start
}

world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" smtpd_hard_error_limit=1000
outpost_config <<END
limits = (
	{ name = "hour"; max = 20; },
	{ name = "day"; window = "1d"; max = 100000; }
);
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce
sub=$(pf_submission mta)
a=alice@inside.example t=thief@inside.example to='user%d@world.example'

op limit $a hour 100000 --reason 'a mailing' >/dev/null
op exempt exempt@inside.example --for 1h --reason 'a friend' >/dev/null
op suspend $t --reason 'stolen' >/dev/null
send bob@inside.example -n 5 -m 5 "$sub" "$to" >/dev/null
check "suspended: the table has it" wait_for \
    'send $t "$sub" x@world.example | grep -q "login name rejected"'

# 5 seconds of mail, some of it refused, some deferred and tried again.
send $a -n 100 -m 2 -r 25 "$sub" "$to" >"$BED/log/a.out" &
bed_own $! flow
send $a -n 20 -r 5 "$sub" 'unknown-%d@world.example' >"$BED/log/b.out" &
bed_own $! flow2
send $a -n 10 -r 3 "$sub" 'defer-%d@world.example' >"$BED/log/c.out" &
bed_own $! flow3
for signal in KILL TERM KILL KILL; do
	sleep 0.7
	kill_and_start $signal
done
check "all of it was taken" wait_for \
    '! bed_alive flow && ! bed_alive flow2 && ! bed_alive flow3' 20
check_eq "all of it, really" "$(cat "$BED"/log/[abc].out |
    grep -c '^END 250')" 130
check "delivered" wait_for '[ "$(pf_queue mta | wc -l)" -le 10 ]'
check_counts "counted to the unit" $a \
    "messages recipients delivered unknown_user deferred" "130 230 200 20 10"
kill_and_start KILL
check_counts "and again after one more" $a \
    "messages recipients delivered unknown_user deferred" "130 230 200 20 10"
check_soon "what is in the queue is known" \
    'outpost_status messages_in_flight' 10

check_eq "the mode" "$(outpost_status mode)" enforce
check_eq "suspended stays suspended" "$(outpost_standing $t)" suspended
check_has "by whom and why" "$(op list)" "$t +suspended .* root +stolen"
check_has "the table, too" "$(send $t "$sub" x@world.example)" \
    '^RCPT .*login name rejected'
check_has "throttled stays throttled" "$(send bob@inside.example "$sub" \
    x@world.example)" '^RCPT .* 450 4\.7\.1 '
check_counts "others' counts" bob@inside.example "messages recipients" "4 20"
check_has "the override" "$(op limit $a)" '^hour .* 100000 +set by an operator'
check_has "the exemption" "$(op show exempt@inside.example)" \
    'exempt +until .*a friend'

# What an operator was told is done is done.
op suspend late@inside.example --reason 'now' >/dev/null
kill_and_start KILL
check_eq "an order, killed at once after its answer" \
    "$(outpost_standing late@inside.example)" suspended
op lift $t --reason 'new password' >/dev/null
kill_and_start KILL
check_eq "a lift, too" "$(outpost_standing $t)" probation
check "and mail flows" wait_for \
    'send $t "$sub" x@world.example | grep -q "^END 250"' 15
