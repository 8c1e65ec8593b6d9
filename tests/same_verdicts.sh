#!/bin/sh
# same_verdicts - replay says of a log what the daemon said as it read it
#
# A made-up day (tests/sim) is followed by outpostd, then replayed. Sanctions
# last longer than the log, so that none is over when it is read. Of each
# account the same verdicts must come in the same order, for the same reasons.
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/verdicts.sh"
bed_need redis-server "$BUILD/sim/week" "$TOOL/json"

# Where passwords are tried is blocked without a score.
blocked() {
	sed 's/^\(client:[^	]*	[^	]*	suspend\).*/\1/
	    s/^\(network:[^	]*	[^	]*	suspend\).*/\1/'
}

now=$(date +%s)
outpost_log=$BED/log/mail.log
"$BUILD/sim/week" --seed 7 --accounts 60 --hijacked 20 --before 0 --days 1 \
    --start $((now - 86300)) --truth "$BED/truth" >"$BED/week.log"
: >"$outpost_log"
outpost_config <<END
ladder: { watch_for = "1d"; throttle_for = "1d"; hold_for = "1d";
	suspend_for = "30d"; };
brake: { trial = "0"; brake_budget = 1000000; };
letters: { letters = false; };
guessing: { guess_block_for = "7d"; };
END

outpost_start
outpost_enforce
cat "$BED/week.log" >>"$outpost_log"
check "the daemon reads all of it" wait_for \
    '[ "$(outpost_status log_bytes_behind)" = 0 ]' 120
op events --last 100000 --json | grep '"type":"sanction"' >"$BED/live.json"
"$BUILD/outpost" --config "$OUTPOST_CONF" replay --json "$BED/week.log" \
    >"$BED/replay.json"
# Whoever is no account is shown with what it is: domain:customer.example.
verdict_rows "$BED/live.json" kind subject evidence.at rung evidence.score \
    evidence.reasons.0.text evidence.reasons.1.text |
    sed 's/^account	//; s/^\(domain\|client\|network\)	/\1:/' |
    blocked | sort >"$BED/live"
verdict_rows "$BED/replay.json" account time action score reasons.0 reasons.1 |
    blocked | sort >"$BED/replay"
check "there are verdicts" [ "$(wc -l <"$BED/replay")" -gt 10 ]
check "a place where passwords are tried among them" \
    grep -q '^client:' "$BED/replay"
check_eq "the same verdicts, at the same times, for the same reasons" \
    "$(diff "$BED/live" "$BED/replay")" ""
check_has "without a history it says so" "$(op status)" 'history_days  *[01]'
check_has "of an account, too" \
    "$(op why "$(sed -n 's/^\(user[^	]*\).*/\1/p' "$BED/live" | head -n 1)")" \
    'few, what is usual for its class counts'

# As people read it.
"$BUILD/outpost" --config "$OUTPOST_CONF" replay "$BED/week.log" >"$BED/text"
check_has "a replay tells who, when, why" "$(cat "$BED/text")" \
    '^20[0-9-]+ [0-9:]+ +(held|suspended) +user[0-9]+@[^ ]+: [0-9]+ '
check_eq "and sums it up by rule" \
    "$(awk '/^  [a-z_-]+ +[a-z]+ +[0-9]+$/ { n += $3 } END { print n }' "$BED/text")" \
    "$(grep -c '^20[0-9-]* ' "$BED/text")"
{
	cat "$OUTPOST_CONF"
	echo 'limits = ( { name = "blast"; window = "1h"; max = 20; action = "suspend"; } );'
} >"$BED/other.conf"
check_has "against another configuration: by what, after how many" \
    "$("$BUILD/outpost" --config "$OUTPOST_CONF" replay \
	--against "$BED/other.conf" "$BED/week.log")" \
    '^user[^ ]+ .*after [0-9]+ +suspended .*, blast, after [0-9]+'
