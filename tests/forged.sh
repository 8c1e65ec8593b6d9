#!/bin/sh
# forged - whatever clients, messages and the world's servers put into a real
# Postfix's log makes no fact for another account
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world"

BOB=bob@inside.example
CLAIM="sasl_method=PLAIN, sasl_username=$BOB"
QID=4jX8TF1Q2Pz1bq9r
LINE="Nov 21 23:00:00 mail postfix/smtpd[1]: $QID: client=x[203.0.113.9], $CLAIM"

send() { # ARGUMENT...
	"$TOOL/smtp_send" -x "LOGIN=alice@inside.example ADDR=203.0.113.7" "$@" \
	    >>"$BED/log/send.out" 2>&1
}

# The world's answer looks like a log line, too.
world_start world -i "250 2.0.0 Ok: queued as $QID) $LINE"
pf_new mta
pf_set mta "relayhost=$(world_relay world)" smtpd_hard_error_limit=1000 \
    'header_checks=regexp:{ { /^(Subject|X-Mailer):/ INFO } }' \
    strict_rfc821_envelopes=no
outpost_config <<END
letters: { letters = false; };
END
outpost_beside mta
dovecot_user alice@inside.example secret
pf_start mta
outpost_start
sub=$(pf_submission mta)
to='user%d@world.example'

n=0
for helo in "x], $CLAIM" "<x> $LINE" "[1.2.3.4]:$QID:client=x[203.0.113.9],$CLAIM" \
    "x from=<$BOB>, size=1, nrcpt=9 (queue active)"; do
	n=$((n + 1))
	send -H "$helo" "$sub" "helo$n@world.example"
done
for from in "\"a>, $CLAIM, b=<\"@inside.example" "\"$LINE\"@inside.example" \
    "\"a>, size=9, nrcpt=900 (queue active)\"@inside.example"; do
	send -f "$from" "$sub" "$to"
done
for rcpt in "\"a>, $CLAIM, to=<b\"@world.example" \
    "\"a>, relay=none, delay=1, status=deferred (x)\"@world.example" \
    "\"x>, orig_to=<$BOB\"@world.example"; do
	send "$sub" "$rcpt"
done
send -h "Message-ID: <x>, $CLAIM" "$sub" "$to"
send -h "Message-ID: $LINE" "$sub" "$to"
send -h "Subject: $LINE" "$sub" "$to"
send -h "Subject: x from x[203.0.113.9]; from=<$BOB> to=<y> proto=ESMTP helo=<z>, $CLAIM" \
    "$sub" "$to"
send -h "X-Mailer: x; $CLAIM; X-Outpost-Ref: abc from localhost[127.0.0.1]" \
    "$sub" "$to"
send -h "X-Outpost-Ref: $BOB" "$sub" "$to"
for rcpt in unknown-a spam-a policy-a; do
	send "$sub" "$rcpt@world.example"
done
# From outside: no account at all.
"$TOOL/smtp_send" -x 'ADDR=198.51.100.77 HELO=x' -f "$BOB" -h "X-Outpost-Ref: $BOB" \
    "$(pf_smtp mta)" box@inside.example >/dev/null 2>&1
# A login that fails, with a name that looks like a line.
"$TOOL/smtp_send" -u "x, $CLAIM" -p y "$sub" "$to" >/dev/null 2>&1
"$TOOL/smtp_send" -u "alice@inside.example" -p "$BOB" "$sub" "$to" >/dev/null 2>&1

pf_empty mta
want=$(grep -c 'qmgr.*nrcpt=1 (queue active)' "$PF_LOG")
check "Postfix took nearly all of it" test "$want" -ge 15
messages=$(grep -c ': client=.*, sasl_method=XCLIENT, sasl_username=alice@inside.example$' "$PF_LOG")
check_counts "alice: all of hers" alice@inside.example \
    "messages recipients unknown_user refused bounced deferred" \
    "$messages $messages 1 1 1 0"
check_eq "alice: failed logins" \
    "$(outpost_counts alice@inside.example login_failed)" 1
op show $BOB >"$BED/bob.out" 2>&1
check_eq "bob: nobody knows him" $? 5
check_eq "no other account sent" "$(op --json list --senders | tr '{' '\n' |
    grep '"account"' | grep -vc alice@inside.example)" 0
check "nothing is left in flight" wait_for \
    '[ "$(outpost_status messages_in_flight)" = 0 ]' 20
check_eq "nothing that Outpost did not understand" \
    "$(curl -s "http://$OUTPOST_HTTP/metrics" | grep -E \
    'log_other_total.*program="(qmgr|cleanup|smtp|virtual)"')" ""
