#!/bin/sh
# hold_first - whoever looks like a thief, and may be none, is held first: his
# new messages are taken and wait on hold. Nothing more comes to light: all of
# it leaves, in order, and the same doesn't hold him again. More does, or so much
# as nobody writes on a journey: he is suspended, and his mail stays.
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server setpriv "$TOOL/smtp_send" \
    "$TOOL/smtp_world"

send() { # LOGIN ADDRESS RECIPIENT ARGUMENT...
	login=$1@inside.example address=$2 to=$3
	shift 3
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=$address" -f "$login" "$@" \
	    "$(pf_submission mta)" "$to@world.example" 2>&1
}

came() { # PREFIX: recipients that got a message, sorted
	sed -n "s/^X-World-To: *<*\($1[0-9]*\)@.*/\1/p" "$BED"/world/[0-9]* \
	    2>/dev/null | sort -V | tr '\n' ' '
}

expect() { # PREFIX FROM TO
	seq -f "$1%g" "$2" "$3" | tr '\n' ' '
}

taken() { # SENDER: its queue ids in the order in which qmgr took them up
	sed -n "s/.*qmgr\[.*: \([^ ]*\): from=<$1@.*(queue active)/\1/p" "$PF_LOG"
}

# Two days ago each of them wrote from home.
lived() { # ACCOUNT QUEUE-ID
	at=$(date -d '2 days ago' +%Y-%m-%dT%H:%M:%S.000000%:z)
	cat <<-END
		$at mx postfix/smtpd[10]: $2: client=c[203.0.113.7], sasl_method=PLAIN, sasl_username=$1@inside.example
		$at mx postfix/qmgr[12]: $2: from=<$1@inside.example>, size=900, nrcpt=1 (queue active)
		$at mx postfix/smtp[13]: $2: to=<x@world.example>, relay=w[192.0.2.1]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
		$at mx postfix/qmgr[12]: $2: removed
	END
}

world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
outpost_config <<END
ladder: { hold_for = "8s"; doubt_most = 6; };
brake: { trial = "0"; };
letters: { letters = false; };
$(queue_config)
END
outpost_beside mta
{
	lived ann 3F000000001
	lived eve 3F000000002
	lived bob 3F000000003
} >>"$outpost_log"
pf_start mta
queue_start
outpost_start
outpost_enforce
outpost_reads

# A journey, or a thief: eight strangers from a network that is new.
send ann 198.51.100.9 'a%d' -n 8
send eve 192.0.2.77 'e%d' -n 8
send bob 192.0.3.66 'b%d' -n 8 -s 3000
check "in doubt: held" wait_for \
    '[ "$(outpost_standing ann@inside.example)" = held ] &&
    [ "$(outpost_standing eve@inside.example)" = held ] &&
    [ "$(outpost_standing bob@inside.example)" = held ]'
ann_went=$(came a) eve_went=$(came e)
check_eq "held: new messages are taken" \
    "$(send ann 198.51.100.9 'a%d' -n 5 -c 101)$(
	send eve 192.0.2.77 'unknown-e%d' -n 9 -c 201)" ""
check_eq "and wait on hold" "$(queue_counts mta)" "14 0"
check_eq "none has left" "$(came a | tr ' ' '\n' | grep -c a1..)" 0
check_has "Postfix says why" "$(grep ': hold: END-OF-MESSAGE' "$PF_LOG")" \
    'until Outpost knows more: 8 recipients'

# Bob's thief goes on, to five times doubt_most: bob is new here.
bob_said=$(send bob 192.0.3.66 'b%d' -n 40 -c 101 -s 3000)
check_has "held, and goes on and on: refused" "$bob_said" '^RCPT.* 5.7.1'
check_eq "suspended" "$(outpost_standing bob@inside.example)" suspended
check_has "the desk sees how many were stopped" \
    "$(opc show bob@inside.example)" 'recipients stopped here in 1 hour'
check_eq "none has left" "$(came b | tr ' ' '\n' | grep -c b1..)" 0
bob_held=$(($(queue_held mta | wc -l) - 14))

# Of eve's mail from before more is heard: nobody is there.
at=$(date +%Y-%m-%dT%H:%M:%S.000000%:z)
{
	echo "$at mx postfix/smtpd[20]: 3F000000009: client=c[192.0.2.77], sasl_method=PLAIN, sasl_username=eve@inside.example"
	echo "$at mx postfix/qmgr[12]: 3F000000009: from=<eve@inside.example>, size=900, nrcpt=24 (queue active)"
	for n in $(seq 24); do
		echo "$at mx postfix/smtp[13]: 3F000000009: to=<none$n@world.example>, relay=w[192.0.2.1]:25, delay=1, dsn=5.1.1, status=bounced (host w[192.0.2.1] said: 550 5.1.1 <none$n@world.example>: User unknown)"
	done
} >>"$outpost_log"
check "more comes to light: suspended" wait_for \
    '[ "$(outpost_standing eve@inside.example)" = suspended ]'
check_has "suspended: refused" "$(send eve 192.0.2.77 e300)" '^RCPT.* 5.7.1'

check "nothing more: all of it leaves" wait_for \
    '[ "$(came a)" = "$(expect a 1 8)$(expect a 101 105)" ]' 30
check_eq "in order" "$(taken ann | tail -n 5)" \
    "$(taken ann | tail -n 5 | sort)"
check_eq "let go: good again, or watched" "$(
    outpost_standing ann@inside.example | sed 's/watched/good/')" good
check_soon "what the thieves sent stays" 'queue_counts mta' \
    "$((bob_held + 9)) 0"
send ann 198.51.100.9 'a%d' -n 3 -c 301
check "the same doesn't hold again" wait_for \
    '[ "$(came a | tr " " "\n" | grep -c "a3..")" = 3 ]'
check_has "eve's is told to be from a new network" \
    "$(opc queue eve@inside.example)" 'new'
