#!/bin/sh
# letter_delay - a letter waits a moment: who is lifted before is not written
# to, nor are those whose rule is braked until an operator has approved
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need redis-server "$TOOL/smtp_world"

letters() { # ACCOUNT SUBJECT-ERE: how many
	grep -l "^X-World-To: <*$1@example.com" "$BED"/world/* 2>/dev/null |
		xargs -r grep -lE "^Subject: $2" | wc -l
}

mail() { # ACCOUNT MESSAGES RECIPIENTS
	awk -v account="$1@example.com" -v messages="$2" -v n="$3" \
	    -v at="$(date +%Y-%m-%dT%H:%M:%S.000000%:z)" '
	function say(what) { print at " mx postfix/" what }
	BEGIN {
		for (m = 0; m < messages; m++) {
			id = sprintf("%X%05X", 4096 + m, length(account) * 999 + \
			    index("abcdef", substr(account, 1, 1)) * 16 + \
			    substr(account, 2, 1))
			say("smtpd[10]: " id ": client=c[203.0.113.7], " \
			    "sasl_method=PLAIN, sasl_username=" account)
			say("qmgr[12]: " id ": from=<" account ">, size=900, " \
			    "nrcpt=" n " (queue active)")
			for (r = 0; r < n; r++)
				say("smtp[13]: " id ": to=<u" r "@world.example>, " \
				    "relay=w[192.0.2.1]:25, delay=1, dsn=2.0.0, " \
				    "status=sent (250 2.0.0 Ok)")
			say("qmgr[12]: " id ": removed")
		}
	}' >>"$outpost_log"
}

becomes() { # ACCOUNT STANDING
	wait_for "[ \"\$(outpost_standing $1@example.com)\" = $2 ]"
}

world_start world
: >"$outpost_log"
outpost_config <<END
limits = ( { name = "wide"; max = 20; action = "suspend"; warn = 0; },
    { name = "often"; count = "messages"; max = 5; action = "suspend"; warn = 0; } );
brake: { brake_budget = 1; };
letters: { letter_smtp = "smtp://$(world_address world)"; letter_delay = "5s";
	letter_from = "postmaster@example.com"; };
END
outpost_start
outpost_enforce
sleep 1

op suspend ann@example.com --reason mistake >/dev/null
op suspend ben@example.com --reason stolen >/dev/null
sleep 1
check_eq "no letter yet" "$(letters ben Sending)" 0
op lift ann@example.com --reason 'it was a mistake' >/dev/null
check "then it leaves" wait_for '[ "$(letters ben Sending.*stopped)" = 1 ]'
check_eq "who was lifted before is not written to, nor told of the lift" \
    "$(letters ann Sending)" 0
sleep 1
op lift ben@example.com --reason 'new password' >/dev/null
check "a later lift is told" wait_for '[ "$(letters ben Sending.*again)" = 1 ]'

mail c1 1 25
becomes c1 suspended
mail c2 1 25
check "the brake trips" becomes c2 held
sleep 6
check_eq "its rule's letters wait" "$(letters 'c.' Sending)" 0
op brake approve wide --reason 'they were thieves' >/dev/null
check "approved: the one who waited is written to" wait_for \
    '[ "$(letters c2 Sending.*stopped)" = 1 ]'
check "and the one before" wait_for \
    '[ "$(letters c1 Sending.*stopped)" = 1 ]' 15

mail d1 9 1
becomes d1 suspended
mail d2 9 1
check "another rule's brake" becomes d2 held
op brake release often --reason 'a wrong rule' >/dev/null
check "released" becomes d2 good
sleep 7
check_eq "released: nobody is written to" "$(letters 'd.' Sending)" 0
check_eq "no letter twice" \
    "$(letters '[a-d].*' Sending.*stopped)/$(letters '[a-d].*' Sending.*again)" 3/1
