#!/bin/sh
# two_instances - Postfix instances that hand mail to each other, with one log
# and with logs of their own, queue ids that repeat: counts to the unit
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world"

send() { # INSTANCE LOGIN MESSAGES RECIPIENTS RECIPIENT
	"$TOOL/smtp_send" -x "LOGIN=$2 ADDR=203.0.113.7" -f "$2" -n "$3" \
	    -m "$4" "$(pf_submission "$1")" "$5" >>"$BED/log/$2" 2>&1
}

# Each account: 10 messages of 3, two unknown users, a message refused as
# spam with two recipients.
send_all() { # INSTANCE LOGIN
	send "$1" "$2" 10 3 'user%d@world.example'
	send "$1" "$2" 2 1 'unknown-%d@world.example'
	send "$1" "$2" 1 2 'spam-%d@world.example'
}

world_start world
pf_new out postfix-out
pf_set out "relayhost=$(world_relay world)" enable_long_queue_ids=no
pf_new in postfix
pf_set in "relayhost=[127.0.0.1]:$(pf_smtp out | sed 's/.*://')" \
    enable_long_queue_ids=no
pf_new far postfix
pf_set far "relayhost=[127.0.0.1]:$(pf_smtp out | sed 's/.*://')" \
    "maillog_file=$BED/log/far.log" enable_long_queue_ids=no
# What comes from the other instances: no login, XFORWARD from `in` only.
pf_set out mynetworks=127.0.0.0/8 smtpd_authorized_xforward_hosts=127.0.0.0/8
pf_set in smtp_send_xforward_command=yes
: >"$BED/log/far.log"
outpost_log="$PF_LOG\", \"$BED/log/far.log"
outpost_config <<END
letters: { letters = false; };
END
outpost_beside in
pf_start out
pf_start in
pf_start far
outpost_start

for pair in in:alice@inside.example out:bob@inside.example \
    far:carol@inside.example; do
	send_all "${pair%%:*}" "${pair#*:}" &
	bed_own $! "${pair%%:*}-sender"
done
wait_for '! bed_alive in-sender && ! bed_alive out-sender &&
    ! bed_alive far-sender' 30
for name in in out far; do
	pf_empty $name
done
for account in alice bob carol; do
	check_counts "$account" $account@inside.example \
	    "messages recipients delivered unknown_user refused" \
	    "13 34 30 2 2"
done
check_has "nobody else sent anything" "$(op --json list --senders |
    tr '{' '\n' | grep -c '"account"')" '^3$'
check "nothing is left in flight" wait_for \
    '[ "$(outpost_status messages_in_flight)" = 0 ]' 20
