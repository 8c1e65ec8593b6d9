#!/bin/sh
# fuzz - every fuzz target for FUZZ_SECONDS (60), from its seeds
#
# Called by `make fuzz`, with BUILD a clang build with the fuzzer. What is
# new stays in BUILD/corpus/NAME; a crash is kept in BUILD/crash/NAME-*.
# FUZZ_ONLY names one target.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${FUZZ_SECONDS:=60}"
failed=0
mkdir -p "$BUILD/crash"
for source in tests/fuzz/*_fuzz.c; do
	name=$(basename "$source" _fuzz.c)
	[ "${FUZZ_ONLY:-$name}" = "$name" ] || continue
	mkdir -p "$BUILD/corpus/$name"
	echo "$name: $FUZZ_SECONDS seconds"
	if "$BUILD/fuzz/$name" -max_total_time="$FUZZ_SECONDS" -timeout=10 \
	    -rss_limit_mb=2048 -print_final_stats=1 -verbosity=0 \
	    -artifact_prefix="$BUILD/crash/$name-" \
	    "$BUILD/corpus/$name" "tests/data/fuzz/$name" \
	    >"$BUILD/crash/$name.log" 2>&1; then
		grep -h number_of_executed_units "$BUILD/crash/$name.log"
	else
		tail -n 40 "$BUILD/crash/$name.log"
		echo "FAILED $name"
		failed=1
	fi
done
exit $failed
