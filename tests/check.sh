#!/bin/sh
# check - everything that has to hold, in one go; called by `make check`
#
# Builds with gcc, with clang and with the sanitizers, each in its own
# folder; runs the unit tests plain and under ASan and UBSan, the layers, the
# seeds of the fuzz targets, and every scenario. A step that fails does not
# stop the others. The last line is "N passed, N failed, N skipped".
#
# Two lanes: tests mostly wait, so what only has to be built and what runs
# under sanitizers is done beside the scenarios, with what they leave of the
# processor; its output follows theirs. JOBS scenarios run at a time.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${BUILD:=build}" "${MAKE:=make}" "${BEGAN:=$(date +%s)}"
cores=$(nproc)
JOBS=${JOBS:-$((cores * 3))}
unit_jobs=$((cores * 3))
work=$(mktemp -d)
export BUILD MAKE BEGAN JOBS

TALLY=$work/tally
export TALLY
echo '0 0 0' >"$TALLY"

add() { # PASSED FAILED SKIPPED
	read -r p f s <"$TALLY"
	echo "$((p + $1)) $((f + $2)) $((s + $3))" >"$TALLY"
}

say() {
	printf '== %s (%ds)\n' "$*" "$(($(date +%s) - BEGAN))"
}

# One build counts as one test. (CFLAGS as an argument of make would replace
# what the Makefile adds; from the environment it is the beginning.)
build() { # NAME CFLAGS MAKE-ARGUMENT...
	what=$1 flags=$2
	shift 2
	say "build $what"
	if CFLAGS=$flags $MAKE --no-print-directory -k -j"$cores" \
	    WERROR="${WERROR:-}" "$@" >"$work/log" 2>&1; then
		add 1 0 0
	else
		grep -E 'error:|warning:|undefined reference|\*\*\*' \
		    "$work/log" | head -n 40
		echo "FAILED build $what" | tee -a "$TALLY.fails"
		add 0 1 0
	fi
}

unit() { # BUILD
	JOBS=$unit_jobs sh tests/run.sh unit "$1"
}

# clang's warnings don't depend on how far it optimises. What may be slow here
# has only the time that the scenarios leave. Of random trials a quarter has
# to do: under sanitizers they take ten times as long, and the plain unit tests
# made all of them.
beside() {
	TEST_SECONDS=900 OUTPOST_TRIALS=25
	export TEST_SECONDS OUTPOST_TRIALS
	build sanitizers "-O1 -g1" BUILD="$BUILD-san" CC=gcc TEST_O=-O0 \
	    SAN=address,undefined unit-programs replay-programs programs
	say "unit tests under ASan and UBSan"
	UBSAN_OPTIONS=print_stacktrace=1 unit "$BUILD-san"
	build clang -O0 BUILD="$BUILD-clang" CC=clang programs tools \
	    unit-objects
	say "layers, fuzz seeds"
	sh tests/run.sh list "$BUILD-san" tests/layers.sh tests/fuzz_replay.sh
	say "done beside"
}

scenarios() {
	for t in tests/*.sh; do
		case ${t#tests/} in
		bench.sh | check.sh | demo.sh | fuzz.sh | fuzz_replay.sh | judge.sh | \
		    layers.sh | lint.sh | packages.sh | run.sh) ;;
		*) echo "$t" ;;
		esac
	done
}

# What the other lane found, after what this one did.
join() {
	wait "$lane"
	cat "$work/out"
	if read -r p f s <"$work/beside"; then
		add "$p" "$f" "$s"
	else
		echo "FAILED the steps beside ended early" | tee -a "$TALLY.fails"
		add 0 1 0
	fi
	[ ! -s "$work/beside.fails" ] || cat "$work/beside.fails" >>"$TALLY.fails"
}

if [ "${1:-}" = beside ]; then
	rm -rf "$work"
	work=$2/lane TALLY=$2/lane/tally
	mkdir "$work"
	echo '0 0 0' >"$TALLY"
	beside
	[ ! -s "$TALLY.fails" ] || mv "$TALLY.fails" "$2/beside.fails"
	mv "$TALLY" "$2/beside"
	exit 0
fi

lane=
trap 'rm -rf "$work"' EXIT
# The lane is a process group of its own: all that it started ends with it.
trap '[ -z "$lane" ] || kill -- "-$lane"; exit 143' HUP INT TERM
build gcc "-O3 -g1" BUILD="$BUILD" CC=gcc programs tools unit-programs \
    manuals
setsid nice -n 10 sh tests/check.sh beside "$work" >"$work/out" 2>&1 &
lane=$!
say "unit tests"
unit "$BUILD"
say "scenarios"
# shellcheck disable=SC2046
sh tests/run.sh list "$BUILD" $(scenarios)
join
say "done"
# Once more, where whoever sees only the end of it sees them.
[ ! -s "$TALLY.fails" ] || cat "$TALLY.fails"
read -r p f s <"$TALLY"
echo "$p passed, $f failed, $s skipped"
[ "$f" = 0 ]
