#!/bin/sh
# pools - four own IPs on a real Postfix: a sender has one of his own; who is on
# probation leaves by another; a provider that refuses one, as real ones word
# it, gets its mail from the others, and from it again bit by bit; drained ones
# rest; with outpostd dead the last tables go on
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/pools.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world"
[ "$BED_NS" = yes ] || {
	skip pools "a provider is known by its hosts' names: no namespaces"
	exit 0
}

takes() { # ACCOUNT RECIPIENT: it is accepted, whatever happens then
	takes_says=$(pools_send "$@")
	check_has "$2 is taken" "$takes_says" '^END 250'
}

hurry() { # CONDITION on the tables; Postfix looks at them every ten seconds
	check "$1" wait_for "$2" 30
	pf_reload mta
}

: >"$BED/refused"
chmod 644 "$BED/refused"
world_start big -c "$BED/refused"
world_start far
bed_host "$(world_address big | sed 's/:.*//')" big.example
bed_host "$(world_address far | sed 's/:.*//')" far.example
pf_new mta
cat >"$BED/providers.conf" <<-'END2'
	providers = ( { name = "big"; mx = ( "big.example" );
	  domains = ( "big.example" ); } );
END2
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
queue: { instances = ( "postfix=$(pf_etc mta)" ); };
providers: { providers_file = "$BED/providers.conf"; };
incidents: { incident_window = "16s"; incident_floor = 5; };
sending: { recover_rest = "12s"; recover_period = "2s"; recover_step = 2; };
own_ips = (
	{ name = "out1"; ipv4 = "127.0.0.11"; helo = "out1.example.com"; },
	{ name = "out2"; ipv4 = "127.0.0.12"; helo = "out2.example.com"; },
	{ name = "out3"; ipv4 = "127.0.0.13"; pools = ( "risk" ); },
	{ name = "out4"; ipv4 = "127.0.0.14"; pools = ( "bounce" ); }
);
END2
redis_start redis >/dev/null
outpost_beside mta
pf_set mta relayhost=
pools_services out1 out2 out3 out4
check_eq "a service for each" \
    "$(grep -c '^out[1-4] unix' "$(pf_etc mta)/master.cf")" 4
pf_start mta
outpost_start

# Nobody is known yet: default_transport.
pools_people
check_eq "not in the table: as without it" "$(pools_via first1@far.example)" ''
check_has "looked at" "$(op --config "$OUTPOST_CONF" check --postfix-config "$(pf_etc mta)" 2>&1)" \
    '4 own IPs: Postfix has a service for each, and notices changed tables within two seconds'
one=$of_out1 two=$of_out2
pf_reload mta
check "both own IPs have senders" [ -n "$one" -a -n "$two" ]
takes "$one" a1@big.example
takes "$two" a2@big.example
takes "$one" a3@big.example
check_eq "a sender has his" "$(pools_via a1@big.example)" out1
check_eq "another one another" "$(pools_via a2@big.example)" out2
check_eq "it stays so" "$(pools_via a3@big.example)" out1
check_eq "the null sender" "$(pools_place '<>')" out4

# On probation.
op suspend "$two" --reason test >/dev/null
op lift "$two" --reason test >/dev/null
hurry "probation" '[ "$(pools_place "$two")" = out3 ] &&
    [ -z "$(pools_table logins "$two")" ]'
takes "$two" b1@big.example
check_eq "probation: by risk's" "$(pools_via b1@big.example)" out3

# Refused, at MAIL.
echo "mail 127.0.0.11 550 5.7.1 Unfortunately, messages from [127.0.0.11]" \
    "weren't sent. Please contact your Internet service provider since part" \
    "of their network is on our block list (S3150)." >"$BED/refused"
refused() {
	refused_n=$((${refused_n:-0} + 1))
	pools_send "$one" "c$refused_n@big.example" >/dev/null
	[ "$(pools_table providers big.example)" = out2: ]
}
hurry "an incident: mail to it goes by another" refused
check_has "who says so" "$(op ip out1)" 'big +blocked +nothing'
takes "$one" d1@big.example
takes "$one" d2@far.example
check_eq "it leaves by another" "$(pools_via d1@big.example)" out2
check_has "and is taken" "$(grep "smtp\[.*to=<d1@" "$PF_LOG" | tail -n 1)" status=sent
check_eq "elsewhere he has his own" "$(pools_via d2@far.example)" out1

# They let us again: a little first.
: >"$BED/refused"
back() {
	back_n=$((${back_n:-0} + 1))
	pools_send "$one" "e$back_n@big.example" >/dev/null
	op ip out1 | grep -q "big  *$1"
}
check "back, by a budget" wait_for 'back back' 60
hurry "its own way again" '[ -z "$(pools_table providers big.example)" ]'
check "and freely" wait_for 'back open' 60
check "the incident is over" wait_for 'back . && [ "$(op incidents)" = "none is open" ]' 60

# Drained, by an order that survives.
op ip out1 drain --reason 'moving house' >/dev/null || fail drain ''
hurry "drained" '[ "$(pools_place "$one")" = out2 ]'
bed_kill outpostd KILL
takes "$one" f1@far.example
check_eq "outpostd dead: the last tables go on" "$(pools_via f1@far.example)" out2
outpost_start
check_has "drained still" "$(op ip 127.0.0.11)" '^out1 127.0.0.11: drained'
check_eq "so are the tables" "$(pools_place "$one")" out2
op ip out1 resume --reason done >/dev/null || fail resume ''
check "resumed" wait_for '[ "$(pools_place "$one")" = out1 ]' 30
op ip out2 warm-up --reason new >/dev/null || fail warm-up ''
check "warming up: no sender's" wait_for '[ "$(pools_place u1@inside.example)" = out1 ]' 30
check "but a part of a provider's mail" \
    wait_for '[ "$(pools_table providers big.example)" = out2: ]' 30
check_has "by a budget" "$(op ip out2)" 'big +warming +0 of 50 recipients a day'
