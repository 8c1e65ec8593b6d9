#!/bin/sh
# check - everything that has to hold, in one go; called by `make check`
#
# Builds with gcc, with clang and with the sanitizers, each in its own
# folder; runs the unit tests plain and under ASan and UBSan, the layers, the
# seeds of the fuzz targets, and every scenario. A step that fails does not
# stop the others. The last line is "N passed, N failed, N skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
: "${BUILD:=build}" "${MAKE:=make}"
JOBS=${JOBS:-2}
TALLY=$(mktemp)
log=$(mktemp)
export TALLY JOBS
trap 'rm -f "$TALLY" "$TALLY.fails" "$log"' EXIT
began=$(date +%s)

add() { # PASSED FAILED SKIPPED
	read -r p f s <"$TALLY" || p=0 f=0 s=0
	echo "$((p + $1)) $((f + $2)) $((s + $3))" >"$TALLY"
}

say() {
	printf '== %s (%ds)\n' "$*" "$(($(date +%s) - began))"
}

# One build counts as one test. (CFLAGS as an argument of make would replace
# what the Makefile adds; from the environment it is the beginning.)
build() { # NAME CFLAGS MAKE-ARGUMENT...
	what=$1 flags=$2
	shift 2
	say "build $what"
	if CFLAGS=$flags $MAKE --no-print-directory -k -j2 WERROR="${WERROR:-}" "$@" \
	    >"$log" 2>&1; then
		add 1 0 0
	else
		grep -E 'error:|warning:|undefined reference|\*\*\*' "$log" | head -n 40
		echo "FAILED build $what" | tee -a "$TALLY.fails"
		add 0 1 0
	fi
}

echo '0 0 0' >"$TALLY"
build gcc "-O3 -g" BUILD="$BUILD" CC=gcc programs tools unit-programs
say "unit tests"
sh tests/run.sh unit "$BUILD"
build sanitizers "-O1 -g" BUILD="$BUILD-san" CC=gcc SAN=address,undefined \
    unit-programs replay-programs programs
say "unit tests under ASan and UBSan"
UBSAN_OPTIONS=print_stacktrace=1 sh tests/run.sh unit "$BUILD-san"
build clang -O1 BUILD="$BUILD-clang" CC=clang programs tools \
    unit-programs
say "layers, fuzz seeds"
sh tests/run.sh list "$BUILD-san" tests/layers.sh tests/fuzz_replay.sh
say "scenarios"
scenarios=
for t in tests/*.sh; do
	case ${t#tests/} in
	bench.sh | check.sh | demo.sh | fuzz.sh | fuzz_replay.sh | layers.sh | \
	    lint.sh | packages.sh | run.sh) ;;
	*) scenarios="$scenarios $t" ;;
	esac
done
# shellcheck disable=SC2086
sh tests/run.sh list "$BUILD" $scenarios
say "done"
# Once more, where whoever sees only the end of it sees them.
[ ! -s "$TALLY.fails" ] || cat "$TALLY.fails"
read -r p f s <"$TALLY"
echo "$p passed, $f failed, $s skipped"
[ "$f" = 0 ]
