#!/bin/sh
# learn - old logs into the books, so that the first day is as good as the last:
# what outpostd then says of the day is what it would say had it always been
# there, and nothing is counted twice
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/verdicts.sh"
bed_need redis-server "$BUILD/sim/week" "$TOOL/json"

# Six days to learn from, in two generations, and a day that is judged. (Of this
# seed the first message is soon after midnight: the days count from there.)
now=$(date +%s)
start=$((now - 7 * 86400 + 60))
cutoff=$(date -u -d "@$((start + 6 * 86400))" +%Y-%m-%dT%H:%M)
half=$(date -u -d "@$((start + 3 * 86400))" +%Y-%m-%dT%H:%M)
logs=$BED/logs
mkdir "$logs"
outpost_log=$logs/mail.log
"$BUILD/sim/week" --seed 12 --accounts 60 --hijacked 20 --before 6 --days 1 \
    --start "$start" --truth "$BED/truth" >"$BED/whole.log"
awk -v a="$half" -v b="$cutoff" -v d="$logs" '{
	print >(d "/" ($1 < a ? "mail.log.2" : $1 < b ? "mail.log.1" : "live")) }' \
    "$BED/whole.log"
gzip "$logs/mail.log.2"
: >"$outpost_log"

outpost_config <<END
ladder: { watch_for = "1d"; throttle_for = "1d"; hold_for = "1d";
	suspend_for = "30d"; };
brake: { trial = "0"; brake_budget = 1000000; };
letters: { letters = false; };
END

learn() { # FILE...
	"$BUILD/outpost" --config "$OUTPOST_CONF" learn "$@" 2>&1
}

# The messages that the books count of each account, in all.
counted() {
	cut -f 1 "$BED/totals" | while read -r account; do
		op why "$account" --json >"$BED/why"
		echo "$account $("$TOOL/json" counts.0.35d <"$BED/why")"
	done
}

# As it would be, had outpostd read it all, and judged the last day.
"$BUILD/outpost" --config "$OUTPOST_CONF" replay --learn 6 --json \
    "$BED/whole.log" >"$BED/replay.json"
verdict_rows "$BED/replay.json" account time action score reasons.0 \
    reasons.1 reasons.2 reasons.3 |
    grep '^user' >"$BED/replay"
"$BUILD/outpost" --config "$OUTPOST_CONF" replay --totals "$BED/whole.log" |
    awk 'NR > 1 && /^user/ { print $1 "\t" $2 }' >"$BED/totals"

check_has "without outpostd's directory it says what to do" \
    "$(rmdir "$BED/state"; learn "$logs/mail.log.1")" "start outpostd once"
mkdir "$BED/state"
outpost_start
outpost_enforce
check_has "not while outpostd runs" "$(learn "$logs/mail.log.1")" \
    "outpostd runs with its books"
check_eq "status says that there is no history" \
    "$(outpost_status history_days)" 0
outpost_stop
check_has "what is learned is told" \
    "$(learn "$logs/mail.log.1" "$logs/mail.log.2.gz")" "the books know"
check_has "learned again, nothing is counted twice" \
    "$(learn "$logs/mail.log.1" "$logs/mail.log.2.gz")" " 0 facts learned"
check_has "a file that can't be read: nothing is learned" \
    "$(learn "$logs/mail.log.1" "$BED/none")" "nothing was learned"

cat "$logs/live" >>"$outpost_log"
outpost_start
check_has "status tells since when there is a history" "$(op status)" \
    "history_since"
check "the day is read" wait_for '[ "$(outpost_status log_bytes_behind)" = 0 ] &&
	[ "$(outpost_status messages_in_flight)" -lt 60 ]' 120

op events --last 100000 --json | grep '"type":"sanction"' |
    grep '"kind":"account"' >"$BED/live.json"
verdict_rows "$BED/live.json" subject evidence.at rung evidence.score \
    evidence.reasons.0.text evidence.reasons.1.text evidence.reasons.2.text \
    evidence.reasons.3.text | grep '^user' >"$BED/verdicts"
check "there are verdicts" [ "$(wc -l <"$BED/verdicts")" -gt 5 ]
# What a log can tell, all of it: burst, strangers, foreign, foreign_strangers,
# odd_hours, unknown, refused, filtered, disguised, alike, wide, sprayed, known.
for words in 'recipients in 10 minutes' 'for the first time in 1 hour' \
    'recipients from new networks' 'first time, from new networks' \
    'at hours of the day without mail' "that don't exist" 'refused as spam' \
    'that our filter calls spam' "a new sender's domain" 'that are alike' \
    'to unusually many at once' 'new to several accounts'; do
	check "they tell of recipients or messages $words" \
	    grep -q "$words" "$BED/verdicts"
done
check_eq "the first day is judged as after six of following" \
    "$(diff "$BED/verdicts" "$BED/replay")" ""
counted | sed 's/ /	/' >"$BED/counted"
check_eq "each message is counted once" "$(diff "$BED/counted" "$BED/totals")" ""

# Books that have begun: only what is older counts.
outpost_stop
rm -rf "$BED/state"
mkdir "$BED/state"
mv "$outpost_log" "$logs/all"
gzip -dc "$logs/mail.log.2.gz" >"$BED/older"
cat "$BED/older" "$logs/mail.log.1" >"$BED/overlap"
cp "$logs/mail.log.1" "$outpost_log"
cat "$logs/all" >>"$outpost_log"
outpost_start
check "outpostd began four days ago" wait_for \
    '[ "$(outpost_status log_bytes_behind)" = 0 ]' 120
check_has "so much it knows" "$(op status)" "history_days           3"
outpost_stop
check_has "what it knows is passed over" "$(learn "$BED/overlap")" \
    "passed over"
outpost_start
check_has "the rest is learned" "$(op status)" "history_days           6"
counted | sed 's/ /	/' >"$BED/counted"
check_eq "each message is counted once, again" \
    "$(diff "$BED/counted" "$BED/totals")" ""
