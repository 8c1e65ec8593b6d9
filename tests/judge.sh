#!/bin/sh
# judge - the default configuration over labelled weeks (tests/sim)
#
# Each seed is a week of 600 accounts, 40 of them hijacked, with two weeks before
# it to learn from. The defaults were tuned on seeds 1 to 8 and are reported on
# others: JUDGE_SEEDS (501 to 508). JUDGE_VARIANTS: of
#   plain      as it is
#   cold       without the two weeks: the first day is judged
#   filter     through an after-queue content filter
#   tier       delivered by a second Postfix
#   smarthost  what becomes of mail is hidden, but for what comes back
#   brakes     40 throw-away accounts more, within an hour, to spend the brakes
# the first over all seeds, the others over the first JUDGE_FEW (3) of them. CONF
# for another configuration. Prints, saves nothing. Not part of `make check`.
set -eu
cd "$(dirname "$0")/.."
: "${BUILD:=build}" "${JUDGE_SEEDS:=501 502 503 504 505 506 507 508}"
: "${JUDGE_VARIANTS:=plain cold filter tier smarthost brakes}" "${JUDGE_FEW:=3}"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
trap 'exit 143' HUP INT TERM

options_of() { # VARIANT
	case $1 in
	plain) ;;
	cold) echo --before 0 ;;
	brakes) echo --throwaway 40 ;;
	*) echo --hop "$1" ;;
	esac
}

score() { # VARIANT SEED...
	variant=$1
	shift
	echo "== $variant, seeds $*"
	seeds=$*
	set --
	for seed in $seeds; do
		# shellcheck disable=SC2046
		"$BUILD/sim/week" --seed "$seed" --truth "$dir/$seed.truth" \
		    $(options_of "$variant") >"$dir/log"
		"$BUILD/outpost" ${CONF:+-c "$CONF"} replay --json "$dir/log" \
		    >"$dir/$seed.json"
		set -- "$@" "$dir/$seed.truth" "$dir/$seed.json"
		rm "$dir/log"
	done
	"$BUILD/sim/score" "$@"
	rm "$@"
	echo
}

# shellcheck disable=SC2086
few=$(printf '%s\n' $JUDGE_SEEDS | head -n "$JUDGE_FEW")
all=$JUDGE_SEEDS
for variant in $JUDGE_VARIANTS; do
	# shellcheck disable=SC2086
	score "$variant" $all
	all=$few
done
