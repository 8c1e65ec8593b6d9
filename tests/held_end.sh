#!/bin/sh
# held_end - nobody decided about a thief's mail: when the time is over, what
# names the account goes back to it, what names a stranger stays, and a person
# is told; what is clean left at the sanction's end
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server setpriv "$TOOL/smtp_send" \
    "$TOOL/smtp_world"

send() { # SENDER ADDRESS RECIPIENT ARGUMENT...
	sender=$1@inside.example address=$2 to=$3
	shift 3
	"$TOOL/smtp_send" -q -x "LOGIN=ann@inside.example ADDR=$address" \
	    -f "$sender" "$@" "$(pf_submission mta)" "$to@world.example" 2>&1
}

bounces() { # ACCOUNT
	grep -ls "^Content-Type: multipart/report" \
	    "$BED"/mta/mail/all/new/* 2>/dev/null |
	    xargs -r grep -l "^To: $1@inside" | wc -l
}

world_at world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
outpost_config <<END
limits = ( { name = "blast"; window = "1h"; max = 6; action = "suspend";
	warn = 0; } );
letters: { letters = false; };
$(queue_config 'held_keep = 0;')
END
outpost_beside mta
at=$(date -d '2 days ago' +%Y-%m-%dT%H:%M:%S.000000%:z)
cat >>"$outpost_log" <<END
$at mx postfix/smtpd[10]: 3F000000001: client=c[203.0.113.7], sasl_method=PLAIN, sasl_username=ann@inside.example
$at mx postfix/qmgr[12]: 3F000000001: from=<ann@inside.example>, size=900, nrcpt=1 (queue active)
$at mx postfix/smtp[13]: 3F000000001: to=<x@world.example>, relay=w[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
$at mx postfix/qmgr[12]: 3F000000001: removed
END
pf_start mta
queue_start
outpost_start
outpost_enforce
outpost_reads
send ann 203.0.113.9 good
wait_for '[ "$(queue_counts mta)" = "0 1" ]' || die "mail doesn't wait"
sleep 1.1 # the second is the unit
send ann 198.51.100.9 'bad%d' -n 4
send victim 198.51.100.9 forged
outpost_reads
send ann 198.51.100.9 'over%d' -n 3 >/dev/null
check "stopped, all is held" wait_for \
    '[ "$(outpost_standing ann@inside.example)" = suspended ] &&
    [ "$(queue_counts mta | sed "s/.* //")" = 0 ]' 15
n=$(queue_held mta | wc -l)
bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
op suspend ann@inside.example --for 3s --reason 'not for long' >/dev/null
check "its end: the thief's goes back to whom it names" wait_for \
    '[ "$(bounces ann)" = '$((n - 2))' ]' 20
check_soon "what is clean came, and nothing else" 'cat "$BED"/world/[0-9]* |
    sed -n "s/^X-World-To: *<*\([^@]*\)@.*/\1/p"' good
check "what names a stranger stays" wait_for \
    '[ "$(queue_counts mta)" = "1 0" ]' 10
check_eq "no bounce to a stranger" "$(bounces victim)" 0
check "a person is told" wait_for \
    'op events | grep -q "an ended sanction stays on hold .1."' 10
bed_kill outpostd KILL
outpost_start
sleep 2
check_eq "started again: it stays" "$(queue_counts mta)" "1 0"
