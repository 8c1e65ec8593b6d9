#!/bin/sh
# rotation - logs that are renamed, rotated by `postfix logrotate`, copied and
# truncated, absent for a while, as mail flows: counts to the unit
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

A=alice@inside.example

# A session that goes on by itself, 40 messages of 2 in 4 seconds.
flow() {
	"$TOOL/smtp_send" -x "LOGIN=$A ADDR=203.0.113.7" -f $A -n 40 -m 2 -r 10 \
	    "$(pf_submission mta)" 'user%d@world.example' \
	    >>"$BED/log/flow.out" 2>&1 &
	bed_own $! flow
}

flown() { # NAME: and the counts are right
	check "$1: all of it was taken" wait_for '! bed_alive flow' 20
	messages=$((messages + 40))
	pf_empty mta
	check_counts "$1: counted to the unit" $A \
	    "messages recipients delivered" \
	    "$messages $((2 * messages)) $((2 * messages))"
}

# As a rotation does it, which waits for nobody.
reload() {
	postfix -c "$(pf_etc mta)" reload >>"$BED/log/postfix.out" 2>&1
}

read_so_far() {
	wait_for '[ "$(outpost_status log_bytes_behind)" = 0 ]'
}

line() { # TEXT: as another Postfix would have logged it
	echo "$(date '+%b %e %T') far postfix/$1"
}

world_sink sink
pf_new mta
# gzip as logrotate's compressor would take the old file from under us.
pf_set mta "relayhost=$(world_relay sink)" maillog_file_compressor=gzip
outpost_log="$PF_LOG\", \"$BED/log/late.log"
outpost_config <<END
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
messages=0

check "a log that isn't there: said, with its path" wait_line \
    "$BED/log/outpostd.out" "late.log: No such file"

flow
sleep 0.5
mv "$PF_LOG" "$PF_LOG.1"
sleep 0.3
reload
sleep 2 # the old file is left when it is silent for a second
mv "$PF_LOG" "$PF_LOG.2"
reload
flown "renamed twice"

flow
sleep 0.5
postfix -c "$(pf_etc mta)" logrotate >>"$BED/log/postfix.out" 2>&1
flown "postfix logrotate"
check "postfix logrotate: really" sh -c 'ls "$0".*.gz' "$PF_LOG"

# Between the copy and the truncation nobody may write, or lines are lost
# whoever reads: postlogd waits meanwhile.
flow
for n in 1 2 3; do
	sleep 0.8
	pid=$(ps -o pid=,args= --ppid "$(bed_pid mta)" |
	    awk '$2 == "postlogd" { print $1; exit }')
	[ -n "$pid" ] || continue
	kill -s STOP "$pid"
	read_so_far
	cp "$PF_LOG" "$BED/copy"
	: >"$PF_LOG"
	kill -s CONT "$pid"
done
flown "copied and truncated, three times"

# Rotated while outpostd was stopped, and compressed, and killed as it read.
rotate_numbers() { # as logrotate does: .1, then .2.gz
	for k in 5 4 3 2; do
		[ ! -e "$PF_LOG.$k.gz" ] || mv "$PF_LOG.$k.gz" "$PF_LOG.$((k + 1)).gz"
	done
	if [ -e "$PF_LOG.1" ]; then
		mv "$PF_LOG.1" "$PF_LOG.2"
		gzip "$PF_LOG.2"
	fi
	mv "$PF_LOG" "$PF_LOG.1"
	reload
}
rm -f "$PF_LOG".*
flow
sleep 0.5
outpost_stop
rotate_numbers
sleep 1
rotate_numbers
sleep 1
rotate_numbers
outpost_start
flown "rotated three times while stopped, twice compressed"

flow
for signal in KILL TERM KILL; do
	sleep 0.4
	bed_kill outpostd "$signal"
	rotate_numbers
	outpost_start
done
flown "killed, rotated, started, three times"

flow
sleep 1
mv "$PF_LOG" "$PF_LOG.20261122-000001"
reload
sleep 0.3
mv "$PF_LOG" "$PF_LOG.20261122-000002"
reload
flown "rotated twice within a second"

# A log that comes late, in pieces, with a hole and an unfinished end.
{
	line 'smtpd[1]: AAAA1: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=zoe'
	line 'qmgr[2]: AAAA1: from=<zoe@inside.example>, size=500, nrcpt=2 (queue active)'
	line 'smtp[3]: AAAA1: to=<a@world.example>, relay=w[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 ok)'
	printf '\0\0\0\0'
	line 'smtp[3]: AAAA1: to=<b@world.example>, relay=w[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.1.1, status=bounced (host w[192.0.2.1] said: 550 5.1.1 User unknown (in reply to RCPT TO command))'
	line 'qmgr[2]: AAAA1: rem' | tr -d '\n'
} >"$BED/log/late.log"
check "the late log: said to be read again" wait_line "$BED/log/outpostd.out" \
    "late.log: is read again"
check_counts "the late log" zoe "messages recipients delivered unknown_user" \
    "1 2 1 1"
check_soon "an unfinished line waits" 'outpost_status messages_in_flight' 1
echo oved >>"$BED/log/late.log"
check "until its end comes" wait_for \
    '[ "$(outpost_status messages_in_flight)" = 0 ]'
check_eq "that was said once" \
    "$(grep -c 'late.log: is read again' "$BED/log/outpostd.out")" 1
