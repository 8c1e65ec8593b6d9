#!/bin/sh
# judge - the default configuration over labelled weeks (tests/sim)
#
# Each seed is a week of 600 accounts, 30 of them hijacked, with two weeks before
# it to learn from. The defaults were tuned on seeds 1 to 10 and are reported on
# others: JUDGE_SEEDS (101 to 108), JUDGE_ARGS for the generator (--filter), CONF
# for another configuration. Not part of `make check`.
set -eu
cd "$(dirname "$0")/.."
: "${BUILD:=build}" "${JUDGE_SEEDS:=101 102 103 104 105 106 107 108}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' HUP INT TERM

set --
for seed in $JUDGE_SEEDS; do
	# shellcheck disable=SC2086
	"$BUILD/sim/week" --seed "$seed" --truth "$dir/$seed.truth" \
	    ${JUDGE_ARGS:-} >"$dir/log"
	"$BUILD/outpost" ${CONF:+-c "$CONF"} replay --json "$dir/log" \
	    >"$dir/$seed.json"
	set -- "$@" "$dir/$seed.truth" "$dir/$seed.json"
	rm "$dir/log"
done
exec "$BUILD/sim/score" "$@"
