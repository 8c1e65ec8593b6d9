#!/bin/sh
# demo - the main job on real parts, as it happens (make demo)
#
# A private Postfix on loopback, a world that takes mail, outpostd with its
# own Redis, a receiver of webhooks. Anna writes mail; Ben's password is
# stolen and his account blasts; Outpost sees it, first only observing, then
# for real; then he gets his voice back. Ends by itself, with a status other
# than 0 when a step did not happen.
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/show.sh"
bed_need root postfix dovecot redis-server curl "$TOOL/smtp_send" \
    "$TOOL/smtp_world" "$TOOL/http_sink" "$BUILD/outpostd"

began=$(date +%s)
ANNA=anna@example.com BEN=ben@example.com
HOME_IP=198.51.100.20 THIEF_IP=203.0.113.66
EVENTS=$BED/log/events.out
BLAST=$BED/log/blast.out

# --- the set

set_webhook() {
	mkdir "$BED/hooks"
	bed_port
	HOOK=127.0.0.1:$bed_port
	bed_run hook "$TOOL/http_sink" -d "$BED/hooks" "$HOOK"
	wait_port 127.0.0.1 "$bed_port"
}

set_postfix() {
	dovecot_user "$ANNA" anna-secret
	dovecot_user "$BEN" ben-secret
	world_start world -l "$BED/log/world"
	pf_new mx
	pf_set mx "relayhost=$(world_relay world)" \
	    "virtual_mailbox_domains=inside.example, example.com" \
	    'virtual_mailbox_maps=texthash:$virtual_mailbox_base/../etc/boxes'
	printf '%s anna/\n%s ben/\n' "$ANNA" "$BEN" >"$(pf_etc mx)/boxes"
	SUBMISSION=$(pf_submission mx)
}

set_outpost() {
	# Where a bed has no addresses but loopback, the world is there.
	outpost_chains='own_addresses = ( "127.0.0.1/32" ); inside_networks = ();'
	# Ben has sent from home for as long as the morning lasts; the demo has
	# no day to wait until that is known.
	outpost_config <<-END
		ladder: { known_network_after = "20s"; };
		letters: {
			letter_smtp = "smtp://$(pf_smtp mx)"; letter_delay = 0;
			letter_from = "postmaster@example.com";
			provider = "Example Mail";
			help_text = "Call us: extension 100, day and night.";
		};
		webhooks = ( { name = "desk"; url = "http://$HOOK/desk";
			secret = "shared with the desk"; } );
	END
	outpost_start
	bed_run events "$BUILD/outpost" --socket "$OUTPOST_SOCKET" events --follow
}

# The lines as an administrator takes them over: main.cf at its end, and what
# is said about the submission service.
set_lines() {
	"$BUILD/outpost" --config "$OUTPOST_CONF" postfix --postfix-config \
	    "$(pf_etc mx)" >"$BED/lines" || die "outpost postfix"
	cat "$BED/lines" >>"$(pf_etc mx)/main.cf"
	pf_opt mx "$SUBMISSION/inet/smtpd_recipient_restrictions=$(
		sed -n 's/^#   -o smtpd_recipient_restrictions=\(\$outpost.*\)/\1/p' \
		    "$BED/lines"
	)"
}

# --- the actors

mail() { # USER ADDRESS RECIPIENT [OPTION...]: one session; its answers
	mail_user=$1 mail_ip=$2 mail_to=$3
	shift 3
	"$TOOL/smtp_send" -u "$mail_user" -p "${mail_user%%@*}-secret" \
	    -x "ADDR=$mail_ip" -f "$mail_user" "$@" "$SUBMISSION" "$mail_to" 2>&1
}

# The thief goes on whatever he is told: a session that Postfix ends is
# followed by the next one.
blast() {
	blast_n=1
	trap 'kill "$blast_pid"; exit' TERM
	while :; do
		"$TOOL/smtp_send" -u "$BEN" -p ben-secret -x "ADDR=$THIEF_IP" \
		    -f "$BEN" -n 100 -m 20 -r 8 -c "$blast_n" -q -T \
		    -h 'Subject: You have won' "$SUBMISSION" \
		    'victim%d@world.example' 2>&1 &
		blast_pid=$!
		wait "$blast_pid"
		blast_n=$((blast_n + 2000))
		sleep 0.5
	done
}

# --- the time line

: >"$BLAST"
events_shown=0 answer_shown=

# What Outpost said since, one line each.
tell_events() {
	events_now=$(wc -l <"$EVENTS")
	[ "$events_now" -gt "$events_shown" ] || return 0
	sed -n "$((events_shown + 1)),${events_now}p" "$EVENTS" |
		sed -E 's/^[0-9-]+ [0-9:]+( [+-][0-9:]+)? +//; s/  +/ /g
			s/^(sanction|warning) (([a-z]+) )?([^ ]+@[^ ]+)( .observed.)? (.*) \[.*\]$/\4 \3\5: \6/
			s/ +(\(observed\))?:/ \1:/; s/ :/:/' |
		while read -r line; do
			show_at outpost "$line"
		done
	events_shown=$events_now
}

# The first refusal of each kind that the thief hears.
tell_answers() {
	answer=$(grep -Eo ' RCPT .*' "$BLAST" | tail -n 1)
	code=$(printf '%s' "$answer" | grep -Eo ' [45][0-9][0-9] [0-9.]+' | head -n 1)
	[ -n "$code" ] && [ "$code" != "$answer_shown" ] || return 0
	answer_shown=$code
	show_at thief "RCPT is answered: ${answer# RCPT * }"
}

# Shows the news until CONDITION holds; the demo fails when it never does.
watch_until() { # NAME CONDITION SECONDS
	watch_end=$(($(date +%s) + $3))
	until eval "$2" >/dev/null 2>&1; do
		tell_events
		tell_answers
		[ "$(date +%s)" -lt "$watch_end" ] || die "$1"
		sleep 0.2
	done
	tell_events
	tell_answers
}

spam_count() { # recipients that the world took from ben's thief
	grep -c 'victim[0-9]*@.* 250 .*queued as' "$BED/log/world"
}

has_event() { # ERE
	grep -Eq -- "$1" "$EVENTS"
}

letter_with() { # WORDS: the first letter in ben's mailbox with them
	grep -rl "^Subject: $1" "$BED/mx/mail/ben" | head -n 1
}

hook_with() { # ERE: the first webhook body that matches
	grep -El -- "$1" "$BED"/hooks/*.body | head -n 1
}

# When the thief was first refused, in microseconds.
refused_at() {
	grep -Em 1 '^[0-9]+ RCPT .* 5[0-9][0-9] ' "$BLAST" | cut -d ' ' -f 1
}

# --- the play

show_title "The set: a private Postfix, the world, outpostd with its own Redis"
set_webhook
set_postfix
set_outpost
set_lines
pf_start mx
show_say "Postfix was told of Outpost by the lines that \`outpost postfix\` prints, in short:"
grep -E '^(outpost|smtpd_recip|smtpd_data)' "$BED/lines" | show_quote
show_command "outpost mode"
op mode | show_quote
show_say "A fresh installation only observes: it decides, tells, and does nothing."

show_title "An ordinary morning"
show_step "anna sends" mail "$ANNA" "$HOME_IP" 'friend%d@world.example' -n 3
show_at anna "writes to three friends: all taken"
show_step "ben sends" mail "$BEN" "$HOME_IP" 'customer%d@world.example' -n 2 -m 2
home_known=$(($(date +%s) + 21))
show_at ben "writes to four customers: all taken"
watch_until "the morning is counted" \
    'op list --senders | grep -Eq "^$BEN +4 +4 +4 "' 10
show_command "outpost list --senders"
op list --senders | show_quote

show_title "Ben's password is stolen (mode observe)"
watch_until "ben's home is known" '[ "$(date +%s)" -ge "$home_known" ]' 40
: >"$BLAST"
blast >>"$BLAST" 2>&1 &
bed_own $! blast
watch_until "the first spam is out" '[ "$(spam_count)" -gt 0 ]' 10
show_at thief "logs in as $BEN from $THIEF_IP; the first spam is out, 160 follow a second"
watch_until "observed: suspended" \
    'has_event "sanction +suspended +$BEN.*observed"' 40
show_at world "$(spam_count) spam recipients so far, and they keep coming: what is \
only observed is not stopped"
show_command "outpost show $BEN"
COLUMNS=76 LINES=24 op show "$BEN" | show_quote

show_title "Enforce"
show_say "Somebody read \`outpost events\`, agrees, and switches:"
show_command "outpost mode enforce --reason 'it is right about ben'"
switched=$(date +%s%6N)
op mode enforce --reason 'it is right about ben' | show_quote
observed=$(spam_count)
watch_until "suspended" \
    'grep "sanction +*suspended" "$EVENTS" | grep -v observed | grep -q "$BEN"' 20
watch_until "the thief is refused" '[ -n "$(refused_at)" ]' 20
show_at world "the next recipient was refused $(((\
$(refused_at) - switched) / 1000)) ms after the switch"
watch_until "the letter is there" '[ -n "$(letter_with "Sending from")" ]' 20
show_at letter "is in ben's mailbox: receiving and reading go on"
sed '1,/^Subject/{/^Subject/!d;}; /^\(Message\|Auto\|X-\|MIME\|Content\|Date\)/d' \
    "$(letter_with "Sending from")" | show_quote
stop_hook='suspended.*"is_observed":false'
watch_until "the webhook came" '[ -n "$(hook_with "$stop_hook")" ]' 20
show_at webhook "to the abuse desk, signed with the shared secret:"
show_json <"$(hook_with "$stop_hook")" | show_quote
show_step "anna still sends" mail "$ANNA" "$HOME_IP" 'friend%d@world.example'
show_at anna "writes a mail: taken, she notices nothing"

show_title "Without the daemon"
show_say "A suspension also stands in a table that Postfix reads itself. outpostd is stopped now, and the thief opens a new session:"
bed_kill blast
outpost_stop
out=$(mail "$BEN" "$THIEF_IP" last@world.example)
show_at thief "tries again: $(printf '%s\n' "$out" | grep '^RCPT' | sed 's/^RCPT [^ ]* //')"
case $out in
*'RCPT '*' 5'[0-9][0-9]' '*) ;;
*) die "refused without the daemon" ;;
esac
show_step "anna sends without the daemon" \
    mail "$ANNA" "$HOME_IP" 'friend%d@world.example'
show_at anna "writes a mail: taken, nothing waits for Outpost"
bed_kill events
outpost_start
show_at outpost "is back, and read on in the log where it was"

show_title "Ben has a new password"
show_say "The thief is out. The desk gives Ben his voice back:"
show_command "outpost lift $BEN --reason 'password changed'"
op lift "$BEN" --reason 'password changed' | show_quote
sleep 1.2
show_step "ben sends again" mail "$BEN" "$HOME_IP" 'customer%d@world.example'
show_at ben "writes to a customer: taken"
show_step "it arrives" wait_for \
    'grep -q "customer1@.* 250" "$BED/log/world"' 10
show_step "the second letter" wait_for '[ -n "$(letter_with "Sending .* again")" ]' 20
show_at letter "\"$(sed -n 's/^Subject: //p' "$(letter_with 'Sending .* again')")\""
show_command "outpost events --last 6"
op events --last 6 | show_quote
show_command "outpost list"
op list | show_quote

show_title "That was it, $(($(date +%s) - began)) seconds"
show_say "The world got $observed spam recipients while Outpost only observed, and \
$(($(spam_count) - observed)) after it was allowed to act."
cat <<'END'
   On a real host:
     make install                          programs, units, user, secret
     outpost replay /var/log/mail.log      whom would it have stopped so far?
     systemctl enable --now outpostd.socket outpostd.service
     outpost postfix                       the lines for main.cf and master.cf
     outpost events                        read for some days, mode observe
     outpost mode enforce --reason "..."   when you agree
   README.md has the steps, and what happens when something fails.
END
