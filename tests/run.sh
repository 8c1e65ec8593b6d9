#!/bin/sh
# Runs tests and counts them.
#   run.sh unit BUILD          every unit test program under BUILD
#   run.sh list BUILD FILE...  the scenarios named (sh scripts)
# A test prints "ok NAME", "SKIP NAME: why" or "FAIL NAME: why" on lines of
# their own; an exit status other than 0 without a FAIL line is a failure too.
# JOBS tests run at a time (1); those with a line "# alone" come afterwards,
# one by one. Those with a line "# long" begin first, so that the last one to
# end isn't one of them. A test that takes over TEST_SECONDS (300) is ended: a
# failure.
# Totals are added to $TALLY ("passed failed skipped") if it is set, its FAIL
# lines go to $TALLY.fails, and the last line says "N passed, N failed, N
# skipped". Of a failing test all FAIL lines come first, then its last lines.
# A test that failed beside others is run once more, alone: its time-outs
# are generous, but a machine can be busier than any. What it then says counts;
# an "UNSTEADY" line tells what it said first.
set -u
mode=$1
build=$2
shift 2

# One test; its output goes to $RESULTS/NUMBER, its counts beside it.
if [ "$mode" = one ]; then
	out=$RESULTS/$1
	name=$2
	shift 2
	start=$(date +%s)
	# timeout hears no Ctrl-C in its process group: pass it on.
	timeout -k 30 "${TEST_SECONDS:-300}" "$@" >"$out" 2>&1 </dev/null &
	trap 'kill $!' INT TERM
	wait $!
	status=$?
	trap - INT TERM
	took=$(($(date +%s) - start))
	p=$(grep -c '^ok ' "$out")
	f=$(grep -c '^FAIL ' "$out")
	s=$(grep -c '^SKIP ' "$out")
	if [ "$status" = 124 ] || [ "$status" = 137 ]; then
		echo "FAIL $name: took over ${TEST_SECONDS:-300}s" >>"$out"
		f=$((f + 1))
	elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
		echo "FAIL $name: status $status" >>"$out"
		f=1
	elif [ "$p$f$s" = 000 ]; then
		echo "FAIL $name: ran no test" >>"$out"
		f=1
	fi
	echo "$p $f $s" >"$out.counts"
	if [ "$f" != 0 ]; then
		{
			echo "FAILED $name (status $status, ${took}s)"
			grep '^FAIL ' "$out" | cut -c 1-1000 | sed 's/^/    /'
			echo "    --- its last lines"
			tail -n 60 "$out" | sed 's/^/    /'
		} >"$out.says"
	else
		{
			echo "passed $name ($p, ${took}s)"
			grep '^SKIP ' "$out" | sed 's/^/    /'
		} >"$out.says"
	fi
	cat "$out.says"
	exit 0
fi

RESULTS=$(mktemp -d)
export RESULTS
trap 'rm -rf "$RESULTS"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

{
	if [ "$mode" = unit ]; then
		find "$build" -name '*_test' -type f | sort
	else
		for t in "$@"; do
			! grep -q '^# long' "$t" || echo "$t"
		done
		for t in "$@"; do
			grep -q '^# long' "$t" || echo "$t"
		done
	fi
} >"$RESULTS/tests"
n=0
while read -r t; do
	n=$((n + 1))
	if [ "$mode" = unit ]; then
		echo "$n ${t#"$build"/} $t" >>"$RESULTS/together"
	elif grep -q '^# alone' "$t"; then
		echo "$n $t env BUILD=$build sh $t" >>"$RESULTS/alone"
	else
		echo "$n $t env BUILD=$build sh $t" >>"$RESULTS/together"
	fi
done <"$RESULTS/tests"
for list in "$RESULTS/together" "$RESULTS/alone"; do
	jobs=1
	[ "$list" = "$RESULTS/alone" ] || jobs=${JOBS:-1}
	[ ! -s "$list" ] ||
		xargs -P "$jobs" -L 1 sh "$0" one "$build" <"$list"
done

for list in "$RESULTS/together" "$RESULTS/alone"; do
	[ ! -s "$list" ] || cat "$list"
done >"$RESULTS/again"
again=0
while read -r i name command; do
	[ -s "$RESULTS/$i.counts" ] || continue
	read -r p f s <"$RESULTS/$i.counts"
	[ "$f" != 0 ] || continue
	again=$((again + 1))
	[ "$again" -le 5 ] || break
	mv "$RESULTS/$i" "$RESULTS/$i.first"
	# shellcheck disable=SC2086
	sh "$0" one "$build" "$i" "$name" $command </dev/null
	read -r p f s <"$RESULTS/$i.counts"
	[ "$f" != 0 ] || sed -n "s|^FAIL |UNSTEADY $name: |p" \
	    "$RESULTS/$i.first"
done <"$RESULTS/again"

passed=0 failed=0 skipped=0
i=0
while [ "$i" -lt "$n" ]; do
	i=$((i + 1))
	if [ -s "$RESULTS/$i.counts" ]; then
		read -r p f s <"$RESULTS/$i.counts"
	else
		p=0 f=1 s=0
	fi
	[ "$f" = 0 ] || [ -z "${TALLY:-}" ] ||
		grep '^FAIL ' "$RESULTS/$i" | cut -c 1-1000 >>"$TALLY.fails"
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done

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
