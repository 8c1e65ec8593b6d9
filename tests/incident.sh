#!/bin/sh
# incident - a provider refuses our address, as real ones word it: the incident
# opens within seconds and once, with the culprit first among decoys, on both
# nodes; it is told to the desk and paged; it closes when deliveries flow again,
# and the next one opens it again; of many domains some are a letter
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/world.sh"
bed_need root redis-server curl jq "$TOOL/http_sink" "$TOOL/smtp_world"

n=0
log() { # TEXT
	echo "$(date '+%b %e %T') mx postfix/$1" >>"$PF_LOG"
}

# A message to one recipient.
mail() { # ACCOUNT HOST STATUS TEXT
	n=$((n + 1))
	log "smtpd[1]: AAAA$n: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=$1"
	log "qmgr[2]: AAAA$n: from=<$1>, size=500, nrcpt=1 (queue active)"
	log "${out:-out1}/smtp[3]: AAAA$n: to=<r$n@$2.example>, relay=mx1.$2.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=$3 ($4)"
	[ "$3" = deferred ] || log "qmgr[2]: AAAA$n: removed"
}

refuses() { # ACCOUNT HOST TEXT
	mail "$1" "$2" bounced "host mx1.$2.example[192.0.2.1] said: $3 (in reply to MAIL FROM command)"
}

forwards() { # ADDRESS HOST TEXT: what comes in for it is refused there
	n=$((n + 1))
	log "smtpd[1]: AAAA$n: client=y[198.51.100.99]"
	log "qmgr[2]: AAAA$n: from=<z@far.example>, size=500, nrcpt=1 (queue active)"
	log "out1/smtp[3]: AAAA$n: to=<f@$2.example>, orig_to=<$1>, relay=mx1.$2.example[192.0.2.1]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host mx1.$2.example[192.0.2.1] said: $3 (in reply to end of DATA command))"
	log "qmgr[2]: AAAA$n: removed"
}

takes() { # ACCOUNT HOST
	mail "$1" "$2" sent "250 2.0.0 Ok"
}

letters() { # SUBJECT: how many
	grep -l "^Subject: .*$1" "$BED"/desk/[0-9]* 2>/dev/null | wc -l
}

posts() { # EVENT
	grep -l "\"type\":\"$1\"" "$BED"/hook/*.body 2>/dev/null | wc -l
}

state() {
	op --json incidents --all | jq -r '.[] | [.provider, .what, .state, .times] | join(" ")'
}

touch "$PF_LOG"
cat >"$BED/providers.conf" <<-'END2'
	providers = (
		{ name = "outlook"; mx = ( "olc.example" );
		  check = ( "ptr", "spf" );
		  wait = "24h"; advice = "They answer within a day."; },
		{ name = "google"; mx = ( "google.example" ); }
	);
END2
world_start desk
bed_port
hook=127.0.0.1:$bed_port
mkdir -p "$BED/hook"
bed_run hook "$TOOL/http_sink" -d "$BED/hook" "$hook"
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
providers: { providers_file = "$BED/providers.conf"; };
incidents: { incident_window = "8s"; incident_letters = 2; };
letters: { letter_smtp = "smtp://$(world_address desk)"; desk_to = "desk@example.com"; };
webhooks = ( { name = "hook"; url = "http://$hook/"; } );
own_ips = ( { name = "out1"; ipv4 = "198.51.100.7"; host = "elsewhere"; } );
END2
redis_start redis >/dev/null
outpost_start

# Decoys: the largest is clean, one is refused elsewhere.
for i in 1 2 3 4 5 6 7 8 9; do
	takes news@inside.example olc
	refuses elsewhere@inside.example google '550 5.1.1 No such user'
done
takes ann@inside.example olc
forwards Bob@inside.example olc '554 5.7.1 Message rejected as spam by Content Filtering.'
forwards Bob@inside.example olc '554 5.7.1 Message rejected as spam by Content Filtering.'
for i in 1 2 3 4 5; do
	refuses thief@inside.example olc '550 5.5.0 Requested action not taken: mailbox unavailable'
	refuses thief@inside.example olc '554 5.7.1 Message rejected as spam by Content Filtering.'
done
check_eq "nothing yet" "$(op incidents)" 'none is open'
for i in 1 2 3 4 5 6 7 8 9; do
	refuses ann@inside.example olc "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. Please contact your Internet service provider since part of their network is on our block list (S3140)."
done
check "it opens" wait_for '[ "$(state)" = "outlook out1 blocked 1" ]' 30
check_eq "the culprit is first" \
    "$(op --json incident outlook | jq -r '.told.causes[0] | [.account, .unknown_user, .refused] | join(" ")')" \
    'thief@inside.example 5 5'
check_has "a forward is among them" "$(op --json incident outlook |
    jq -r '.told.causes[] | [.account, .recipients, .refused] | join(" ")')" \
    '^fwd:bob@inside.example 2 2$'
check_has "who is elsewhere isn't named" \
    "$(op incident outlook | grep -c elsewhere)" '^0$'
check_has "for a person" "$(op incident outlook)" \
    '^answer +host mx1.olc.example.* on our block list \(S3140\)'
check_soon_has "every address is refused: an alarm" 'op events --last 99' \
    'outlook refuses every address that we send from \(1\)'
check_soon "one event, however many lines" \
    'op events --last 99 | grep -c incident-opened' 1

check_soon "a letter to the desk" 'letters "outlook refuses out1"' 1
check_soon "to the webhook" 'posts incident-opened' 1
check_soon_has "the culprit's score rises" 'op why thief@inside.example' \
    'percent of what made a provider refuse'
check_eq "who isn't, isn't blamed" \
    "$(op why news@inside.example | grep -c 'made a provider')" 0
check_has "metrics" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    '^outpost_incidents\{state="blocked"\} 1$'
check_has "what the provider answers, with its delays (median, 95%)" \
    "$(op providers outlook)" '^out1 +3[0-9] +10 +0 +2[0-9] +0 +1 +1 +blocked 9'
check_has "with a chart" "$(op incident outlook)" \
    '^refused +\|.*█\| at most 21 an hour'
check_has "and the figures" "$(op incident outlook)" \
    '^figures +[0-9]+ tried, 10 delivered, 0 slowed, [0-9]+ refused'
check_has "what to do first" "$(op incident outlook)" 'Check the PTR record'
check_has "whom to write" "$(op incident outlook)" 'write to http.*LinkID=614866'
check_has "the own IP at a glance" "$(op ips)" \
    '^198.51.100.7 +out1 +no +.*outlook'
check_has "and by itself" "$(op ips out1)" \
    '^  outlook +blocks +10 of 3[0-9] taken; blocked 9'
check_has "the draft has the address" "$(op incident outlook --draft)" \
    '^Subject: Mail from 198.51.100.7 is refused'
check_has "a draft" "$(op incident outlook --draft)" '^To: http.*LinkID=614866'
check_has "with what they said" "$(op incident outlook --draft)" 'S3140'
check_eq "no name of ours" "$(op incident outlook --draft | grep -c thief)" 0
check_has "how it is" "$(op provider outlook)" '^incident +.*refuses out1'
check_has "paused until" \
    "$(op provider outlook pause --until "$(date -d '+2 hours' '+%F %H:%M')" --reason block 2>&1)" \
    '^outlook: paused until'
check_has "for customers" "$(op provider outlook)" 'Mail to outlook waits here'
check_has "it goes on slowly" "$(op provider outlook resume --reason over)" \
    '^outlook: slowed until'
check_has "then at once" "$(op provider outlook resume --at-once --reason over)" \
    '^outlook: resumed'
check_has "no such verb" "$(op provider outlook stop --reason x 2>&1)" '^.*usage'

# A restart forgets none.
outpost_stop
outpost_start
check_eq "kept over a restart" "$(state)" "outlook out1 blocked 1"

flows() {
	takes ann@inside.example olc
	[ "$(state)" = "$1" ]
}
check "it closes when mail flows again" \
    wait_for 'flows "outlook out1 closed 1"' 60
check_eq "none is open" "$(op incidents)" 'none is open'
check_soon "one event of its end" \
    'op events --last 99 | grep -c incident-closed' 1

check_soon "a letter of its end" 'letters "outlook takes mail"' 1
check_soon "to the webhook, too" 'posts incident-closed' 1

again() {
	for i in 1 2 3 4 5 6 7 8 9; do
		refuses ann@inside.example olc "550 5.7.1 Unfortunately, messages from [198.51.100.7] weren't sent. (S3150)"
	done
	[ "$(state)" = "outlook out1 blocked 2" ]
}
check "again: the same one is opened" wait_for again 30
check_eq "who sent before the restart is still known" \
    "$(op --json incident outlook | jq -r '.told.causes[] |
	select(.account == "thief@inside.example") |
	[.unknown_user, .refused] | join(" ")')" '5 5'

# Two own IPs: it pages when the second is refused, too.
out=out2 takes ann@inside.example google
for own in out1 out2; do
	check_eq "$own isn't all" \
	    "$(op events --last 99 | grep -c 'google refuses every address')" 0
	for i in 1 2 3 4 5 6; do
		out=$own refuses ann@inside.example google \
		    "550 5.7.1 [198.51.100.7] Our system has detected that this message is likely suspicious due to the very low reputation of the sending IP address."
	done
	google="google $own blocked 1"
	check "$own is refused" wait_for 'state | grep -q "$google"' 30
done
check_soon_has "both are all: an alarm" 'op events --last 99' \
    'google refuses every address that we send from \(2\)'

# One after the other, domains are refused: not each is a letter.
for domain in a b c d; do
	for i in 1 2 3 4 5 6; do
		refuses "x@$domain.example" olc \
		    "550 5.7.26 Unauthenticated email from $domain.example is not accepted due to domain's DMARC policy. Please contact the administrator of $domain.example domain."
	done
done
check_soon "four incidents" 'op --json incidents |
    jq -r ".[] | .what" | grep -c "^@"' 4
check_soon "told to the webhook" 'posts incident-opened' 8
check_soon "two letters" 'letters "outlook refuses @"' 2
