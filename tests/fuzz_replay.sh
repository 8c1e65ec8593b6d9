#!/bin/sh
# fuzz_replay - every fuzz target over its seeds, under ASan, by gcc
#
# The targets are tests/fuzz/NAME_fuzz.c, their seeds tests/data/fuzz/NAME/*;
# what a fuzzer found goes there too. BUILD is a sanitizer build of theirs
# (`make replay-programs`). As many run at a time as there are processors.
set -u
cd "$(dirname "$0")/.." || exit 1
: "${BUILD:=build-san}"
export BUILD

replay() { # NAME
	name=$1
	set -- "tests/data/fuzz/$name"/*
	if [ ! -e "$1" ]; then
		echo "FAIL fuzz_replay: $name: no seeds in tests/data/fuzz/$name"
		return 1
	fi
	out=$(mktemp)
	timeout 280 "$BUILD/replay/$name" "$@" >"$out" 2>&1
	status=$?
	if [ "$status" = 0 ]; then
		echo "ok fuzz_replay: $name: $# seeds, $(tail -n 1 "$out") runs"
	else
		printf '%s\n%s\n' "$(tail -n 40 "$out")" \
		    "FAIL fuzz_replay: $name: see above"
	fi
	rm -f "$out"
	return "$status"
}

if [ "${1:-}" = one ]; then
	replay "$(basename "$2" _fuzz.c)"
	exit $?
fi
set -- tests/fuzz/*_fuzz.c
if [ ! -e "$1" ]; then
	echo "SKIP fuzz_replay: no fuzz targets yet"
	exit 0
fi
printf '%s\n' "$@" | xargs -P "$(nproc)" -n 1 sh tests/fuzz_replay.sh one
