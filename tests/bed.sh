#!/bin/sh
# bed - the test bed itself: a real Postfix takes mail with a password, with
# XCLIENT, and from a local user, sends it to the world, and logs it
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

send() { # ARGUMENT...
	"$TOOL/smtp_send" "$@" 2>&1
}

world_sink sink
dovecot_user alice@test.example secret
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
pf_start mta
sub=$(pf_submission mta)

out=$(send -u alice@test.example -p secret -f alice@test.example -n 2 -m 3 \
    "$sub" 'user%d@world.example')
check_eq "login: accepted" "$(echo "$out" | grep -c '^END 250 ')" 2
check "login: logged" pf_wait mta \
    'postfix/submission/smtpd.*client=.*sasl_username=alice@test.example'
check "login: delivered" wait_for '[ "$(grep -c status=sent "$PF_LOG")" = 6 ]'
check "login: the world has it" wait_for '[ "$(world_count sink)" = 2 ]'

out=$(send -u alice@test.example -p wrong "$sub" x@world.example)
check_eq "wrong password: exit status" $? 3
check "wrong password: logged" pf_wait mta 'SASL PLAIN authentication failed'

out=$(send -x 'ADDR=203.0.113.7 LOGIN=bob@test.example' -f bob@test.example \
    "$sub" x@world.example)
check "xclient: logged" pf_wait mta \
    'client=.*\[203.0.113.7\].*sasl_username=bob@test.example'
check "xclient: delivered" pf_wait mta 'to=<x@world.example>.*status=sent'

out=$(send -f out@world.example "$(pf_smtp mta)" box@inside.example)
check "inbound: delivered by virtual" pf_wait mta \
    'postfix/virtual.*to=<box@inside.example>.*status=sent'

if echo 'Subject: hi' | pf_sendmail mta www-data local@world.example; then
	check "local user: picked up" pf_wait mta 'pickup.*uid=33 from='
	check "local user: delivered" pf_wait mta \
	    'to=<local@world.example>.*status=sent'
else
	skip "local user" "no mount namespaces here"
fi
check "queue runs empty" pf_empty mta

world_start picky -l "$BED/log/picky"
pf_set mta "relayhost=$(world_relay picky)"
pf_reload mta
send -x LOGIN=dan@test.example "$sub" unknown-a@w.example >/dev/null
send -x LOGIN=dan@test.example "$sub" spam-a@w.example >/dev/null
send -x LOGIN=dan@test.example "$sub" defer-a@w.example >/dev/null
check "world: unknown user" pf_wait mta \
    'to=<unknown-a@w.example>.*dsn=5.1.1, status=bounced .*User unknown'
check "world: spam" pf_wait mta \
    'to=<spam-a@w.example>.*dsn=5.7.1, status=bounced .*end of DATA command'
check "world: deferral" pf_wait mta \
    'to=<defer-a@w.example>.*dsn=4.2.0, status=deferred'

bed_port
mkdir "$BED/hooks"
bed_run hook "$TOOL/http_sink" -d "$BED/hooks" -c 500 -n 1 \
    "127.0.0.1:$bed_port"
wait_port 127.0.0.1 "$bed_port"
post() { # BODY
	curl -s -o "$BED/curl.out" -w '%{http_code}' -d "$1" \
	    "http://127.0.0.1:$bed_port/hook"
}
check_eq "webhook receiver: fails when told" "$(post one)" 500
check_eq "webhook receiver: then takes" "$(post two)" 200
check_eq "webhook receiver: keeps bodies" "$(cat "$BED/hooks/2.body")" two

redis_start
check_eq "redis" "$(redis_cli redis set a b)" OK

pf_new two postfix-two
pf_set two "relayhost=$(world_relay sink)" enable_long_queue_ids=no
pf_start two
out=$(send -x LOGIN=carol@test.example -f carol@test.example \
    "$(pf_submission two)" second@world.example)
check "second instance: short queue id" pf_wait two \
    'postfix-two/smtp\[[0-9]+\]: [0-9A-F]+: to=<second@world.example>.*=sent'

pf_stop two
check "an instance is stopped" wait_for '! bed_alive two'
check "the other goes on" bed_alive mta
