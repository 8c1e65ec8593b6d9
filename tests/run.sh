#!/bin/sh
# Runs tests and counts them.
#   run.sh unit BUILD          every unit test program under BUILD
#   run.sh list BUILD FILE...  the scenarios named (sh scripts)
# A test prints "ok NAME", "SKIP NAME: why" or "FAIL NAME: why" on lines of
# their own; an exit status other than 0 without a FAIL line is a failure too.
# Totals are added to $TALLY ("passed failed skipped") if it is set, and the
# last line says "N passed, N failed, N skipped".
set -u
mode=$1
build=$2
shift 2
passed=0 failed=0 skipped=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

run_one() {
	name=$1
	shift
	start=$(date +%s)
	"$@" >"$out" 2>&1 </dev/null
	status=$?
	p=$(grep -c '^ok ' "$out")
	f=$(grep -c '^FAIL ' "$out")
	s=$(grep -c '^SKIP ' "$out")
	if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; fi
	if [ "$status" = 0 ] && [ "$p" = 0 ] && [ "$f" = 0 ] && [ "$s" = 0 ]; then
		echo "FAIL $name: ran no test" >>"$out"
		f=1
	fi
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
	took=$(($(date +%s) - start))
	if [ "$f" != 0 ]; then
		echo "FAILED $name (status $status, ${took}s)"
		sed 's/^/    /' "$out" | tail -n 60
	else
		echo "passed $name ($p, ${took}s)"
		grep '^SKIP ' "$out" | sed 's/^/    /'
	fi
}

if [ "$mode" = unit ]; then
	for t in $(find "$build" -name '*_test' -type f | sort); do
		run_one "${t#"$build"/}" "$t"
	done
else
	for t in "$@"; do
		run_one "$t" env BUILD="$build" sh "$t"
	done
fi

if [ -n "${TALLY:-}" ]; then
	if [ -s "$TALLY" ]; then
		read -r a b c <"$TALLY"
	else
		a=0 b=0 c=0
	fi
	echo "$((a + passed)) $((b + failed)) $((c + skipped))" >"$TALLY"
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
