#!/bin/sh
# provider - deliveries to a provider are paused, slowed and resumed: its known
# domains and those that the log showed to be hosted there, deferred mail too;
# others aren't touched; a pause ends with outpostd and Redis dead
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"
[ "$BED_NS" = yes ] || {
	skip provider "a provider is known by its hosts' names: no namespaces"
	exit 0
}

send() { # RECIPIENT...
	"$TOOL/smtp_send" -x "LOGIN=ann@inside.example ADDR=203.0.113.7" \
	    -f ann@inside.example "$(pf_submission mta)" "$@" 2>&1
}

takes() { # NAME RECIPIENT: it is accepted, whatever happens then
	check_has "$1" "$(send "$2")" '^END 250'
}

# The line of its recipient.
says() { # NAME RECIPIENT ERE
	check "$1" pf_wait mta "to=<$2>, .*$3" 20
}

looked_up() { # DOMAIN
	postmap -c "$(pf_etc mta)" -q "$1" "cdb:$BED/state/tables/providers" \
	    2>/dev/null
}

# Postfix remembers for 30 s what it was told of the last recipient.
pauses() {
	pauses_n=$((${pauses_n:-0} + 1))
	send "p$pauses_n@known.example" >/dev/null
	grep -q "to=<p[0-9]*@known.example>.*deferred transport" "$PF_LOG"
}

# trivial-rewrite looks at its tables every ten seconds; a reload is sooner.
hurry() { # what the table has now: DOMAIN VALUE, "" for nothing
	hurry_domain=$1 hurry_value=$2
	wait_for '[ "$(looked_up "$hurry_domain")" = "$hurry_value" ]' 10 ||
		fail "the table: $1 $2" "$(op list)"
	pf_reload mta
}

world_sink big
world_sink other
bed_host "$(world_address big | sed 's/:.*//')" mx1.big.example slow.example
pf_new mta
cat >"$(pf_etc mta)/transport" <<-END2
	known.example smtp:[mx1.big.example]
	hosted.example smtp:[mx1.big.example]
	new.example smtp:[mx1.big.example]
	slow.example smtp:[mx1.big.example]
	far.example smtp:$(world_relay other)
END2
cat >"$BED/providers.conf" <<-'END2'
	providers = (
		{ name = "big"; mx = ( "big.example" );
		  domains = ( "known.example", "inside.example" ); },
		{ name = "other"; mx = ( "mx.other.example" ); }
	);
END2
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
providers: { providers_file = "$BED/providers.conf"; };
$(queue_config)
END2
redis_start redis >/dev/null
outpost_beside mta
pf_service mta <<-'END2'
	outpost-slow unix - - n - 1 smtp
	  -o syslog_name=postfix/outpost-slow
END2
pf_set mta outpost-slow_transport_rate_delay=2s
check_has "the lines: behind ours the operator's" \
    "$(postconf -c "$(pf_etc mta)" -h transport_maps)" \
    '^cdb:.*/tables/providers,? +texthash:'
pf_start mta
outpost_start

for domain in known hosted slow far inside; do
	takes "before: $domain" "u1@$domain.example"
	says "before: $domain is delivered" "u1@$domain.example" status=sent
done
outpost_reads

# Paused.
check_has "who is there" "$(op pause bigg --reason x 2>&1)" \
    'no provider "bigg"; did you mean big\?'
check_has "a reason" "$(op pause big 2>&1)" 'needs --reason'
check_has "not for ever" "$(op pause big --for 30d --reason x 2>&1)" \
    'at most 3 d '
check_has "paused" "$(op pause big --for 1h --reason 'they block us')" \
    '^big: paused until .*; 4 recipient domains'
check_has "list" "$(op list --kind provider)" 'provider:big +paused'
check_has "status" "$(outpost_status paused)" 'provider:big paused until'
check_has "events" "$(op events provider:big)" 'they block us'
check_has "show" "$(op show provider:big)" '^provider:big  *paused since'
check_has "show: what ends it" "$(op show provider:big)" \
    'outpost resume --reason "..." provider:big'
# Postfix sees it by itself.
check "Postfix sees the table" wait_for pauses 30
takes "paused: it is taken" u2@known.example
takes "paused: what is hosted there, too" u2@hosted.example
takes "paused: others" u2@far.example
takes "paused: mail for here" u2@inside.example
says "paused: it waits" u2@known.example 'relay=none.*deferred transport'
says "paused: hosted there waits" u2@hosted.example 'deferred transport'
says "paused: others are delivered" u2@far.example status=sent
says "paused: what is for here is delivered" u2@inside.example \
    'relay=virtual.*status=sent'
pf_flush mta
says "a flush delivers nothing of it" u2@known.example \
    'mail transport unavailable'
check_counts "no evidence against who sent it" ann@inside.example \
    "refused bounced" "0 0"
# A domain that nobody knew is learned from its first delivery.
takes "one more is hosted there" u1@new.example
says "one more: its first mail" u1@new.example status=sent
hurry new.example outpost-paused:
takes "one more: taken" u2@new.example
says "one more: waits" u2@new.example deferred

# A restart forgets nothing.
outpost_stop
outpost_start
hurry hosted.example outpost-paused:
takes "after a restart: taken" u3@hosted.example
says "after a restart: waits" u3@hosted.example deferred
check_eq "none of them came there" \
    "$(grep -c 'to=<u[23]@\(known\|hosted\|new\).*status=sent' "$PF_LOG")" 0

# Resumed.
check_has "resumed" "$(op resume big --reason 'they let us')" '^big: resumed'
hurry known.example ''
pf_flush mta
for who in u2@known u2@hosted u2@new u3@hosted; do
	says "resumed: $who" "$who.example" 'relay=mx1.big.*status=sent'
done
check_has "resumed twice" "$(op resume big --reason x 2>&1)" \
    'neither paused nor slowed'

# Slowed: one by one, with time between.
check_has "slowed" "$(op slow big --for 1h --reason 'they slow us')" '^big: slowed'
hurry slow.example outpost-slow:
for n in 4 5 6; do
	takes "slowed: taken" "u$n@slow.example"
	takes "slowed: others" "u$n@far.example"
done
for n in 4 5 6; do
	says "slowed: it is delivered" "u$n@slow.example" status=sent
done
check_eq "slowed: by its own transport" \
    "$(grep -c 'outpost-slow/smtp.*to=<u[456]@slow.*sent' "$PF_LOG")" 3
check_eq "slowed: others aren't" \
    "$(grep -c 'postfix/smtp.*to=<u[456]@far.*sent' "$PF_LOG")" 3

# Its service is taken out of master.cf: slowed mail would wait for ever.
cp "$(pf_etc mta)/master.cf" "$BED/master.full"
sed -i '/^outpost-slow/,/^[^ ]/{/^outpost-slow/d;/^ /d}' "$(pf_etc mta)/master.cf"
hurry slow.example ''
check_soon_has "no service: it is told" 'op events --last 9' \
    'slowed leaves unslowed: Postfix has no service for slow_transport'
takes "no service: taken" u8@slow.example
says "no service: it leaves as all mail does" u8@slow.example status=sent
cp "$BED/master.full" "$(pf_etc mta)/master.cf"
hurry slow.example outpost-slow:

# The end comes, with everybody dead.
op pause big --for 8s --reason short >/dev/null || fail pause ''
hurry known.example outpost-paused:
bed_kill outpostd KILL
bed_kill redis KILL
takes "dead: taken" u7@known.example
says "dead: waits" u7@known.example deferred
# With no more of root's power than the unit leaves it.
guard() {
	setpriv --no-new-privs \
	    --bounding-set=-all,+dac_override,+fowner,+setuid,+setgid \
	    "$BUILD/outpost" --config "$OUTPOST_CONF" holdguard 2>&1
}
guard >/dev/null
check_has "dead: it isn't over" "$(looked_up known.example)" outpost-paused
wait_for 'guard | grep -q "are delivered to again"' 60 ||
	fail "dead: holdguard" "$(guard)"
hurry known.example ''
pf_flush mta
says "dead: it leaves when it is over" u7@known.example status=sent
check "nothing is left" pf_empty mta 20
