#!/bin/sh
# incident_mail - a real Postfix and receivers that refuse us at the greeting,
# MAIL, RCPT and the end of DATA, in the words of real ones: an incident each,
# within seconds; with the culprit first
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root smtp-sink dovecot redis-server jq "$TOOL/smtp_send"
[ "$BED_NS" = yes ] || {
	skip incident_mail "a provider is known by its hosts' names: no namespaces"
	exit 0
}

sends() { # ACCOUNT RECIPIENT...
	sender=$1
	shift
	for recipient; do
		"$TOOL/smtp_send" -x "LOGIN=$sender ADDR=203.0.113.7" \
		    -f "$sender" "$(pf_submission mta)" "$recipient" \
		    >/dev/null 2>&1
	done
}

# A receiver and its words; of a greeting Postfix says that it is put off.
receiver() { # NAME COMMAND TEXT
	if [ -n "$2" ]; then
		world_sink "$1" -f "$2" -B "$3"
	else
		world_sink "$1"
	fi
	bed_host "$(world_address "$1" | sed 's/:.*//')" "mx1.$1.example"
	echo "$1.example smtp:[mx1.$1.example]" >>"$(pf_etc mta)/transport"
	echo "{ name = \"$1\"; mx = ( \"$1.example\" ); }," >>"$BED/list"
}

pf_new mta
: >"$(pf_etc mta)/transport"
receiver gmx CONNECT '554 gmx.net (mxgmx001) Nemesis ESMTP Service not available, IP address is block listed. For explanation visit https://postmaster.gmx.net/en/case?c=r0001'
receiver outlook MAIL '550 5.7.1 Unfortunately, messages from [192.0.2.9] weren'"'"'t sent. Please contact your Internet service provider since part of their network is on our block list (S3140).'
receiver yahoo RCPT '553 5.7.1 [BL21] Connections will not be accepted from 192.0.2.9, because the ip is in Spamhaus list; see https://postmaster.yahooinc.com/550-bl23.html'
receiver google . '550 5.7.1 [192.0.2.9] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address.'
receiver friend '' ''
{
	echo 'providers = ('
	sed '$s/,$//' "$BED/list"
	echo ');'
} >"$BED/providers.conf"
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
providers: { providers_file = "$BED/providers.conf"; };
incidents: { incident_window = "30s"; };
END2
redis_start redis >/dev/null
outpost_beside mta
pf_start mta
outpost_start

for i in 1 2 3 4 5 6; do
	for to in gmx outlook yahoo google; do
		sends thief@inside.example "a$i@$to.example" "b$i@$to.example"
	done
	sends news@inside.example "c$i@friend.example"
done
for to in gmx outlook yahoo google; do
	sends ann@inside.example "d@$to.example"
done

opened() {
	op --json incidents | jq -r '.[] | [.provider, .state] | join(" ")' | sort
}
check "each of them is an incident" wait_for \
    '[ "$(opened | tr "\n" " ")" = "gmx blocked google blocked outlook blocked yahoo blocked " ]' 60
check_eq "who takes mail is none" "$(opened | grep -c friend)" 0
for to in outlook yahoo google; do
	check_eq "$to: who sent most of it is first" \
	    "$(op --json incident $to | jq -r '.told.causes[0].account')" \
	    thief@inside.example
done
check_has "greeting: its words" "$(op incident gmx)" 'IP address is block listed'
check_soon_has "all addresses are refused: alarms" 'op events --last 99' \
    'google refuses every address that we send from'
