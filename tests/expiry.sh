#!/bin/sh
# expiry - what ends by itself ends on time, also many at once, and is told
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need redis-server

ends() { # how many were told
	op events --last 500 --json | grep -o '"type":"expire"' | wc -l
}

outpost_config <<END
letters: { letters = false; };
END
mkdir -p "$BED/log"
: >"$outpost_log"
outpost_start
seq -f 'user%g@inside.example' 40 >"$BED/list"
op suspend --from-file "$BED/list" --for 4s --reason test --yes >/dev/null
check "all are suspended" test \
    "$(op list suspended --json | grep -o '"suspended"' | wc -l)" -gt 30
check "each end is told" wait_for '[ "$(ends)" = 40 ]' 20
check_eq "none is suspended any more" \
    "$(op list suspended --json | grep -c inside.example)" 0
