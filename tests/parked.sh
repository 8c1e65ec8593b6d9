#!/bin/sh
# parked - a provider is paused: one message at a time probes it, of a sender who
# is known to be good; when it is resumed what he has waiting leaves before that
# of others, hurried by outpost-queue; and it can be sent to by a relay
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
. "$TOP/tests/lib/feed.sh"
bed_need root dovecot redis-server curl jq "$TOOL/smtp_send" "$TOOL/smtp_world"
[ "$BED_NS" = yes ] || {
	skip parked "a provider is known by its hosts' names: no namespaces"
	exit 0
}
GOOD=ann@inside.example NEW=new@inside.example
SLOW=outpost-slow:[mx1.big.example]

takes() { # ACCOUNT RECIPIENT
	check_has "$2 is taken" "$("$TOOL/smtp_send" \
	    -x "LOGIN=$1 ADDR=203.0.113.7" -f "$1" \
	    "$(pf_submission mta)" "$2@known.example" 2>&1)" '^END 250'
}
says() { # NAME RECIPIENT ERE
	check "$1" pf_wait mta "to=<$2@known.example>, .*$3" 60
}
looked_up() { # KEY
	postmap -c "$(pf_etc mta)" -q "$1" "cdb:$BED/state/tables/providers" \
	    2>/dev/null
}
table() { # NAME KEY VALUE: the table has it, and Postfix looks at it
	table_key=$2 table_value=$3
	check "$1" wait_for \
	    '[ "$(looked_up "$table_key")" = "$table_value" ]' 30
	pf_reload mta
}
look() { # FILTER
	op --json provider big | jq -r "$1"
}

world_start big
world_start other
bed_host "$(world_address big | sed 's/:.*//')" mx1.big.example
pf_new mta
echo 'known.example smtp:[mx1.big.example]' >"$(pf_etc mta)/transport"
cat >"$BED/providers.conf" <<-'END2'
	providers = ( { name = "big"; mx = ( "big.example" );
	  domains = ( "known.example" ); } );
END2
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
providers: { providers_file = "$BED/providers.conf"; slow_transport = "$SLOW";
	pause_probe = "3s";
	queue_lifetime = "1h"; resume_slowly = "3m"; relay_route = "smtp:$(world_relay other)"; };
$(queue_config)
END2
redis_start redis >/dev/null
outpost_beside mta
pf_service mta <<-'END2'
	outpost-slow unix - - n - 1 smtp
	  -o syslog_name=postfix/outpost-slow
END2
pf_set mta outpost-slow_transport_rate_delay=1s minimal_backoff_time=900s
pf_start mta
queue_start
outpost_start
feed "$PF_LOG" "$GOOD" 1 1 3 10
outpost_reads

op pause big --for 1h --reason 'they block us' >/dev/null || fail pause ''
table "paused" known.example outpost-paused:
takes $NEW new1
takes $GOOD defer-1
check_soon_has "a day before mail would be returned, it is told" \
    'op events --last 20' 'mail that waits since then is returned to its senders'
for who in new1 defer-1; do
	says "$who waits" $who 'deferred transport'
done
check_soon "what waits is known, and whose it is" \
    'look "[.waiting, .waiting_good] | join(\" \")"' '2 1'

table "a probe: one recipient" defer-1@known.example "$SLOW"
pf_flush mta
says "it leaves, by the slow transport" defer-1 'mx1.big.*status=deferred'
check_soon_has "what was answered is shown" 'op provider big' \
    '^probes +1, 0 taken; the last one .*: not taken: .*Try again later'
check "the recipient is no exception any more" \
    wait_for '[ -z "$(looked_up defer-1@known.example)" ]' 30
takes $GOOD ok1
table "another probe" ok1@known.example "$SLOW"
pf_flush mta
says "it is taken" ok1 'mx1.big.*status=sent'
check_soon_has "that is shown" 'op provider big' \
    '^probes +2, 1 taken; the last one .*: taken$'
check_has "metrics" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    '^outpost_provider_probes_total\{result="refused"\} 1$'

# Resumed: good senders first.
op provider big pause --for 1h --reason 'no probes now' >/dev/null
takes $GOOD ok2
says "ok2 waits" ok2 'deferred transport'
check_has "resumed" "$(op provider big resume --reason 'they let us')" \
    '^big: slowed until'
table "he is let through" ok2@known.example "$SLOW"
check_eq "others aren't" "$(looked_up known.example)" outpost-paused:
check_has "it is said" "$(op provider big)" 'these leave first, now'
says "what he has waiting is hurried" ok2 'mx1.big.*status=sent'
table "then all" known.example "$SLOW"
pf_flush mta
says "who isn't known comes then" new1 'mx1.big.*status=sent'

# By another way.
check_has "relayed" "$(op provider big relay --for 1h --reason 'no end')" \
    '^big: relayed until'
table "the route" known.example "smtp:$(world_relay other)"
takes $NEW new2
says "it goes there" new2 'mx.other.*status=sent'
check_has "how it is" "$(op provider big)" '^big +relayed until'
check_eq "customers notice nothing" "$(op provider big | grep -c customers)" 0
op provider big resume --reason over >/dev/null || fail resume ''
check "as ever" wait_for '[ -z "$(looked_up known.example)" ]' 30
op provider big pause --for 2s --reason short >/dev/null || fail pause ''
check_soon_has "a pause ends by itself, slowly" 'op provider big' \
    '^big +slowed until'
check_has "by outpost-queue" "$(cat "$BED/log/outpost-queue.out")" 'try by .*: [1-9]'
