#!/bin/sh
# throttle - a limit holds to the recipient, whichever stages ask; what is too
# much is deferred; the operator's own maximum, exemption and lift; retries
# and aborted transactions do not count
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

taken() { # OUTPUT: how many recipients were
	echo "$1" | grep -c '^RCPT .* 250 '
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
outpost_config <<END
limits = (
	{ name = "hour"; window = "1h"; max = 20; },
	{ name = "messages"; count = "messages"; window = "10m"; max = 8; }
);
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

a=alice@inside.example
out=$(send $a -n 3 -m 6)
check_eq "below the limit" "$(taken "$out")" 18
check "warning at 80%" wait_for 'op events $a | grep -q "warning.*near the limit of 20"'
out=$(send $a -m 6)
check_eq "to the recipient" "$(taken "$out")" 2
check_has "deferred, with the reason" "$out" \
    '^RCPT .* 450 4\.7\.1 .*21 recipients in 1 hour, the limit is 20; try again'
check_counts "counted once, though asked at three stages" $a \
    "messages recipients delivered" "4 20 20"
for n in 1 2 3; do
	out=$(send $a -m 2)
	check_eq "retry $n: deferred" "$(taken "$out")" 0
done
check_counts "retries do not count" $a "messages recipients" "4 20"
check_eq "retries: tried recipients are shown" \
    "$([ "$(outpost_counts $a attempts)" -ge 2 ] && echo yes)" yes
out=$(send bob@inside.example)
check_eq "others send" "$(taken "$out")" 1
check_has "an address that is inside is not limited" "$("$TOOL/smtp_send" \
    -f a@world.example "$(pf_smtp mta)" $a 2>&1)" '^END 250'

op limit $a hour 26 --reason 'a good customer' >/dev/null
out=$(send $a -m 10)
check_eq "the operator's maximum" "$(taken "$out")" 6
check "the operator's maximum is shown" wait_for 'op limit $a |
    grep -q "^hour .* 26  *26  *set by an operator"'
op limit $a hour --end --reason over >/dev/null
sleep 1 # causes are told apart by the second
op limit $a hour 30 --for 4s --reason short >/dev/null
out=$(send $a -m 2)
check_eq "the operator's maximum, for a while" "$(taken "$out")" 2
check "it ends by itself" wait_for 'op limit $a | grep -q "^hour.* 20 *$"' 6
check_eq "then the old one holds" "$(taken "$(send $a -m 1)")" 0
op exempt $a --for 1h --reason trusted >/dev/null
out=$(send $a -m 5)
check_eq "exempt" "$(taken "$out")" 5
op exempt $a --end --reason enough >/dev/null
out=$(send $a -m 5)
check_eq "no longer exempt" "$(taken "$out")" 0
pf_empty mta
outpost_reads
op lift $a --reason 'all is well' >/dev/null
out=$(send $a -m 21)
check_eq "lifted: it begins anew" "$(taken "$out")" 20

c=carol@inside.example
send $c -R -n 4 -m 8 >/dev/null
out=$(send $c -m 20)
check_eq "of aborted transactions only the last counts, for a while" \
    "$([ "$(taken "$out")" -ge 12 ] && echo yes)" yes

d=dora@inside.example
out=$(send $d -n 9 -m 1)
check_eq "a limit of messages" "$(taken "$out")" 8
check_has "a limit of messages: the reason" "$out" \
    '^RCPT .* 450 4\.7\.1 .*9 messages in 10 minutes, the limit is 8'

op suspend eve@inside.example --rung throttle --for 4s --reason slow >/dev/null
check_has "throttled by hand" "$(send eve@inside.example)" \
    '^RCPT .* 450 4\.7\.1 .*slow; try again'
check "it lapses" wait_for '[ "$(taken "$(send eve@inside.example)")" = 1 ]' 6

# More and more new ones while it is stopped is no mail program's retry.
f=fay@inside.example
op suspend $f --rung throttle --for 10m --reason slow >/dev/null
send $f -m 36 >/dev/null
check_soon_has "whoever presses is told of" 'op why $f' \
    '36 recipients stopped here in 1 hour.*\(pressing\)'
send $f -m 36 >/dev/null
check_soon_has "the same ones again add nothing" 'op why $f' \
    '36 recipients stopped here in 1 hour.*\(pressing\)'
