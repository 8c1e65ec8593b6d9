#!/bin/sh
# reload_brake - a configuration that would newly stop too many is refused, by
# command and by signal, with their names; --dry-run only tells, --force takes
# it; a few are no reason, nor is observe mode; a file that changed while
# outpostd was stopped is judged, too; and what held when can be told
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/feed.sh"
bed_need redis-server

set_max() { # MAX
	sed -i "s/max = [0-9]*;/max = $1;/" "$OUTPOST_CONF"
}

said() { # ERE: how many lines of outpostd's log
	grep -cE "$1" "$BED/log/outpostd.out"
}

: >"$outpost_log"
outpost_config <<END
limits = ( { name = "hour"; max = 100; warn = 0; } );
brake: { trial = "0"; };
letters: { letters = false; };
END
outpost_start
outpost_enforce
feed "$outpost_log" a%d@example.com 1 1000 1 6
feed "$outpost_log" b%d@example.com 1 3 1 20
wait_for '[ "$(outpost_counts b3@example.com recipients)" = 20 ]'
outpost_reads

set_max 10
check_has "three are no reason" "$(op reload --dry-run)" \
    '^good; it would newly stop 3 of 1003 active accounts:'
check_has "they are named" "$(op reload --dry-run)" \
    '^  b2@example.com would be throttled by hour: 20 recipients in 1 hour, the limit is 10'
check_eq "a dry run changes nothing" \
    "$(op limit b1@example.com | awk '$1 == "hour" { print $5 }')" 100
check_has "taken" "$(op reload)" '^reloaded; it would newly stop 3 of 1003'

set_max 5
err=$(op reload 2>&1)
check_eq "too many: refused" $? 1
check_has "too many: how many" "$err" \
    'outpost.conf: it would newly stop 1000 of 1003 active accounts; nothing was changed'
check_eq "too many: a hundred by name" \
    "$(echo "$err" | grep -c '^  a.* would be throttled by hour: 6 recipients')" 100
check_has "too many: and the rest" "$err" 'and 900 more'
check_has "as JSON" "$(op --json reload --dry-run)" \
    '"reloaded":false,"refused":true,"active":1003,"newly_stopped":1000,'
outpost_reload
check "HUP: refused, too" wait_for '[ "$(said \
    "newly stop 1000 of 1003 active accounts; the old configuration stays")" = 1 ]'
check_eq "HUP: some by name" "$(said 'a[0-9]*@example.com would be')" 5
check_soon "an alarm tells" \
    'op events | grep -c "alarm .*too many accounts"' 1
check_eq "the old configuration stays" \
    "$(op limit a1@example.com | awk '$1 == "hour" { print $5 }')" 10
feed "$outpost_log" a%d@example.com 1 9 1 1
wait_for '[ "$(outpost_counts a9@example.com recipients)" = 7 ]'
check_eq "nobody is stopped" "$(op list throttled | grep -c '^a')" 0

op mode observe >/dev/null
check_has "observe mode: taken, it stops nobody" "$(op reload)" '^reloaded'
op mode enforce >/dev/null
set_max 10
op reload >/dev/null
set_max 5
check_has "enforce mode again: refused" "$(op reload 2>&1)" 'nothing was changed'
check_has "--force takes it" "$(op reload --force)" \
    '^reloaded; it would newly stop [0-9]+ of 1003'
feed "$outpost_log" a%d@example.com 10 19 1 1
check "and then it holds" wait_for '[ "$(op list throttled | grep -c "^a")" = 10 ]'

# What held when.
conf() { # COMMAND...
	"$BUILD/outpost" --config "$OUTPOST_CONF" config "$@"
}
check_eq "every configuration that held is kept" \
    "$(conf list | awk 'NR > 1 { print $1 }' | xargs)" "1 2 3 4 5"
check_has "and shown" "$(conf show 2)" 'name = "hour"; max = 10;'
out=$(conf diff 1 2)
check_has "with what changed: before" "$out" '^-.*name = "hour"; max = 100;'
check_has "with what changed: after" "$out" '^\+.*name = "hour"; max = 10;'
check_has "an event names its configuration" \
    "$(op events a10@example.com --json)" "\"config\":\"$(outpost_status \
    config_generation)\""
check_eq "that is the latest one" "$(outpost_status config_generation)" \
    "$(conf list | awk 'END { print $2 }')"

# Changed while nobody was there: b and the like would be stopped.
set_max 1000
op reload >/dev/null
feed "$outpost_log" c%d@example.com 1 100 1 7
wait_for '[ "$(outpost_counts c100@example.com recipients)" = 7 ]'
outpost_stop
set_max 2
outpost_start
check "at the start: refused, too" wait_for '[ "$(said \
    "newly stop [0-9]+ of 1103 active accounts; the old configuration stays")" = 1 ]'
feed "$outpost_log" c%d@example.com 1 100 1 1
wait_for '[ "$(outpost_counts c100@example.com recipients)" = 8 ]'
check_eq "at the start: the old rules hold" "$(op list throttled | grep -c '^c')" 0
outpost_stop
set_max 900
outpost_start
check "at the start: a good one holds" wait_for \
    '[ "$(op limit c1@example.com | awk "\$1 == \"hour\" { print \$5 }")" = 900 ]'
check_eq "what was refused is not kept" "$(conf list | tail -n 1 |
    awk '{ print $1 }')" 7
