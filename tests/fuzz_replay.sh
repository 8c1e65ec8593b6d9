#!/bin/sh
# fuzz_replay - every fuzz target over its seeds, under ASan, by gcc
#
# The targets are tests/fuzz/NAME_fuzz.c, their seeds tests/data/fuzz/NAME/*;
# what a fuzzer found goes there too. BUILD is a sanitizer build of theirs
# (`make replay-programs`).
set -u
cd "$(dirname "$0")/.." || exit 1
: "${BUILD:=build-san}"
failed=0
found=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

for source in tests/fuzz/*_fuzz.c; do
	[ -e "$source" ] || continue
	found=1
	name=$(basename "$source" _fuzz.c)
	set -- "tests/data/fuzz/$name"/*
	if [ ! -e "$1" ]; then
		echo "FAIL fuzz_replay: $name: no seeds in tests/data/fuzz/$name"
		failed=1
	elif timeout 280 "$BUILD/replay/$name" "$@" >"$out" 2>&1; then
		echo "ok fuzz_replay: $name: $# seeds, $(tail -n 1 "$out") runs"
	else
		tail -n 40 "$out"
		echo "FAIL fuzz_replay: $name: see above"
		failed=1
	fi
done
[ "$found" = 1 ] || echo "SKIP fuzz_replay: no fuzz targets yet"
exit $failed
