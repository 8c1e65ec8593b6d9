#!/bin/sh
# journal - the systemd journal as the log: every entry counted once over stops
# and kills; other users' entries are not believed; lost lines are an alarm
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/journal.sh"
bed_need redis-server "$journal_remote" "$TOOL/http_sink"

bed_port
hook=127.0.0.1:$bed_port
HOOKS=$BED/hooks
mkdir -p "$HOOKS"
bed_run hook "$TOOL/http_sink" -d "$HOOKS" "$hook"

A=alice@inside.example
outpost_log=journal:$journal_dir
outpost_config <<END
letters: { letters = false; };
webhooks = ( { name = "desk"; url = "http://$hook/x"; } );
END
# journal_mail's entries are of the user 103.
sed -i 's/^log: {/& journal_users = ("root", "103");/' "$OUTPOST_CONF"
messages=0

counted() { # NAME
	check_counts "$1" $A "messages recipients delivered" \
	    "$messages $((2 * messages)) $((2 * messages))"
}

mail() { # N
	journal_mail $A "$1"
	journal_write
	messages=$((messages + $1))
}

outpost_start
check "no journal yet: said, with its path" wait_line \
    "$BED/log/outpostd.out" "$journal_dir: .*o such file"
mail 30
counted "a journal that comes later"
mail 20
counted "what is appended"

outpost_stop
mail 20
outpost_start
counted "what was written while outpostd was stopped"

for n in 1 2 3; do
	mail 20
	bed_kill outpostd KILL
	mail 20
	outpost_start
done
counted "killed three times with entries coming"

journal_line postfix/smtpd "FFFFF1: client=x[203.0.113.7], sasl_method=PLAIN, \
sasl_username=$A" _TRANSPORT=syslog _UID=1000
journal_line postfix/qmgr "FFFFF1: from=<$A>, size=500, nrcpt=2 (queue active)" \
    _TRANSPORT=syslog _UID=1000
journal_line systemd-journald "Suppressed 5000 messages from postfix@-.service" \
    _TRANSPORT=syslog _UID=0
mail 1
counted "what another user logs as Postfix is not believed"
check_eq "nor who speaks for journald" "$(outpost_status log_lines_lost)" 0

journal_line systemd-journald "Suppressed 1500 messages from postfix@-.service" \
    _TRANSPORT=driver _UID=0 MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e
journal_line systemd-journald "Suppressed 700 messages from nginx.service" \
    _TRANSPORT=driver _UID=0 MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e
journal_write
check "lost lines: counted" wait_for \
    '[ "$(outpost_status log_lines_lost)" = 1500 ]'
check "in the status, with their source" wait_for \
    'op status | grep -q "^sources.*lost 1500 lines.*postfix@-"'
check "an event" wait_for 'op events | grep -q "alarm.*1500 lines were lost"'
check "the webhook hears it" wait_for \
    'cat "$HOOKS"/* | grep -q "1500 lines were lost"' 20
journal_line systemd-journald "Suppressed 10 messages from postfix@-.service" \
    _TRANSPORT=driver _UID=0 MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e
journal_write
check "more of them: counted" wait_for \
    '[ "$(outpost_status log_lines_lost)" = 1510 ]'
check_eq "but one alarm in five minutes" "$(op events | grep -c alarm)" 1

outpost_stop
rm -rf "$journal_dir"
mail 10
outpost_start
counted "another journal: on it goes"
check "that lines may be missing is said" wait_line \
    "$BED/log/outpostd.out" "the entry that was read last is gone"
check "and is an event" wait_for 'op events | grep -q "alarm.*is gone"'

id=$("$BUILD/outpost" --config "$OUTPOST_CONF" --json trace --account $A \
    --last 1 | "$TOOL/json" stories.0.queue_ids.0.queue_id)
check_has "outpost trace reads the journal" \
    "$("$BUILD/outpost" --config "$OUTPOST_CONF" trace "$id")" \
    "^$A sent it from .* 2 recipients: 2 delivered"
