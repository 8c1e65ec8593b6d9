#!/bin/sh
# pools_stages - four own IPs on a real Postfix and providers that refuse one of
# them at the greeting, at RCPT and at the end of DATA, as real ones word it (at
# MAIL: pools): an incident each within seconds, with who caused it first among
# decoys, and mail moves to another address. One that refuses all: the least bad
# is taken, and that is said. A warm-up's budget is kept to. Without tables mail
# leaves as if there were none
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/pools.sh"
bed_need root dovecot redis-server jq "$TOOL/smtp_send" "$TOOL/smtp_world"
[ "$BED_NS" = yes ] || {
	skip pools_stages "a provider is known by its hosts' names: no namespaces"
	exit 0
}

# A receiver with its file of refusals, empty at first.
: >"$BED/list"
receiver() { # NAME
	: >"$BED/refuses.$1"
	chmod 644 "$BED/refuses.$1"
	world_start "$1" -c "$BED/refuses.$1"
	bed_host "$(world_address "$1" | sed 's/:.*//')" "$1.example"
	echo "{ name = \"$1\"; mx = ( \"$1.example\" ); domains = ( \"$1.example\" ); }," >>"$BED/list"
}

receiver gmx
receiver yahoo
receiver google
receiver outlook
receiver far
{
	echo 'providers = ('
	grep -v '"far"' "$BED/list" | sed '$s/,$//'
	echo ');'
} >"$BED/providers.conf"
pf_new mta
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
queue: { instances = ( "postfix=$(pf_etc mta)" ); };
providers: { providers_file = "$BED/providers.conf"; };
incidents: { incident_window = "30s"; };
own_ips = (
	{ name = "out1"; ipv4 = "127.0.0.11"; },
	{ name = "out2"; ipv4 = "127.0.0.12"; },
	{ name = "out3"; ipv4 = "127.0.0.13"; pools = ( "risk" ); },
	{ name = "out4"; ipv4 = "127.0.0.14"; pools = ( "bounce" ); }
);
END2
redis_start redis >/dev/null
outpost_beside mta
pf_set mta relayhost=
pools_services out1 out2 out3 out4
pf_start mta
outpost_start
pools_people
pf_reload mta

refuse() { # PROVIDER STAGE OWN-IP'S-LAST-NUMBER TEXT
	echo "$2 127.0.0.$3 $4" >>"$BED/refuses.$1"
}
refuse gmx connect 11 '554 gmx.net (mxgmx001) Nemesis ESMTP Service not available, IP address is block listed. For explanation visit https://postmaster.gmx.net/en/case?c=r0001'
refuse yahoo rcpt 11 '553 5.7.1 [BL21] Connections will not be accepted from 127.0.0.11, because the ip is in Spamhaus list; see https://postmaster.yahooinc.com/550-bl23.html'
refuse google data 11 '550 5.7.1 [127.0.0.11] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address.'
for ip in 11 12 13 14; do
	refuse outlook mail "$ip" "550 5.7.1 Unfortunately, messages from [127.0.0.$ip] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140)."
done

# Decoys: one who sends as much elsewhere, one who sends little there.
decoy='' thief=
for who in $people; do
	[ "$(pools_place "$who")" = out1 ] || continue
	if [ -z "$thief" ]; then thief=$who; else decoy=$who; fi
done
[ -n "$decoy" ] || decoy=$of_out2
began=$(date +%s)
for i in 1 2 3 4 5 6; do
	for to in gmx yahoo google; do
		pools_send "$thief" "a$i@$to.example" >/dev/null
	done
	pools_send "$decoy" "c$i@far.example" >/dev/null
done
for to in gmx yahoo google; do
	pools_send "$decoy" "d@$to.example" >/dev/null
done
opened() {
	op --json incidents | jq -r '.[] | select(.what == "out1") | .provider' | sort | tr '\n' ' '
}
check "each refuses out1: incidents" wait_for '[ "$(opened)" = "gmx google yahoo " ]' 40
echo "# $(($(date +%s) - began)) seconds after the first of the mail"
for to in gmx yahoo google; do
	check_soon "$to: who sent it is first" \
	    "op --json incident $to | jq -r '.told.causes[0].account'" "$thief"
	check "$to: its mail goes by another" \
	    wait_for "[ \"\$(pools_table providers $to.example)\" = out2: ]" 30
done
moved() {
	moved_n=$((${moved_n:-0} + 1))
	pools_send "$thief" "m$moved_n@$to.example" >/dev/null
	bed_poll 'grep -q "out2/smtp.*to=<m$moved_n@$to.example>.*status=sent" "$PF_LOG"' 3
}
for to in gmx yahoo google; do
	check "$to: and is taken" wait_for moved 40
done

# All are refused: one after the other.
all_refused() {
	all_n=$((${all_n:-0} + 1))
	pools_send "$of_out1" "e$all_n@outlook.example" >/dev/null
	pools_send "$of_out2" "f$all_n@outlook.example" >/dev/null
	grep -Eq 'outlook takes mail from none of our addresses: all of it goes by out[12], the least bad' \
	    "$BED/log/outpostd.out"
}
check "outlook refuses all: it is said, and the least bad is taken" wait_for all_refused 60
check_soon_has "an alarm" 'op events --last 99' 'outlook refuses every address'
check "which the tables name" \
    wait_for 'pools_table providers outlook.example | grep -q "out[12]:"' 30
check_has "by outpost ip, too" "$(op ip out1; op ip out2)" 'no own IP is better off there'

# A new address: a part of a day's 50, then others.
: >"$BED/refuses.yahoo"
op ip out2 warm-up --reason new >/dev/null || fail warm-up ''
check "a warm-up has its part" wait_for '[ "$(op --json ip out2 | jq -r ".providers[] | select(.provider == \"google\") | .budget")" = 50 ]' 30
check "of google's mail" wait_for '[ "$(pools_table providers google.example)" = out2: ]' 30
spend() {
	spend_n=$((${spend_n:-0} + 1))
	pools_send "$of_out1" "g$spend_n@google.example" >/dev/null
	[ "$(pools_table providers google.example)" != out2: ]
}
check "it is spent" wait_for spend 40
check_has "and is over for now" "$(op ip out2)" \
    'google +warming +[0-9]+ of 50 recipients a day;.*no more for now'
check_has "status tells" "$(outpost_status lanes)" 'warming up \([0-9]+ of [0-9]+ recipients today\)'

# The tables without outpostd, and without what they say.
bed_kill outpostd KILL
for table in movers senders places providers; do
	: | postmap -c "$(pf_etc mta)" "cdb:$BED/empty" 2>/dev/null
	: >"$BED/empty"
	postmap -c "$(pf_etc mta)" "cdb:$BED/empty"
	mv "$BED/empty.cdb" "$BED/state/tables/$table.cdb"
done
pools_leaves "empty tables: default_transport" "$of_out1" -
pf_set mta sender_dependent_default_transport_maps= "transport_maps="
pf_reload mta
pools_leaves "no tables: the same" "$of_out1" -
