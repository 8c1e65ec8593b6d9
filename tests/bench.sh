#!/bin/sh
# bench - the figures, each beside its yardstick of the same run
#
# Rates are those of the least processor time of OUTPOST_BENCH_RUNS (5) runs that
# take turns with their yardstick's, for what else a machine does only adds to
# it; a log is read OUTPOST_BENCH_READS (15) times, since who uses the memory
# beside it makes the ledger half as slow again, and the bare pass hardly; other figures are medians; the policy's share of the bare loop is that over
# OUTPOST_BENCH_PAIRS (9) pairs, each one's rate divided by that of the run
# beside it, since what else the machine does meets both; there the servers have a
# processor and the client another, and beside it stands what it is when the
# system places them, as it does for latencies. The log has
# OUTPOST_BENCH_MESSAGES (1,000,000) messages and lies in the bed; what an
# account takes is measured with OUTPOST_BENCH_ACCOUNTS (32,000, whose tables are
# as full as a million's). What is wanted stands beside what was got; the exit
# status is 1 when a wanted figure was missed.
#
# A whole machine that stands still for some milliseconds is in every latency
# of that second, a bare loop's too. What of it is the program's own happens in
# each run: so p99 is the least of PAIRS runs of a second, of both alike. And of
# turns over 1 ms a bare loop has as many: all that it had in this run, before
# and behind what is measured, are what outpostd's are held against.
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
# A million accounts are read at a start; beside others that takes its time.
BED_PATIENCE=300
MESSAGES=${OUTPOST_BENCH_MESSAGES:-1000000}
SPAN=140 # days
RUNS=${OUTPOST_BENCH_RUNS:-5}
READS=${OUTPOST_BENCH_READS:-15}
PAIRS=${OUTPOST_BENCH_PAIRS:-9}
MSGIDS=${OUTPOST_BENCH_MSGIDS:-10000000}
ACCOUNTS=${OUTPOST_BENCH_ACCOUNTS:-32000}
STORED=${OUTPOST_BENCH_STORED:-1000000}
BENCH=$BUILD/bench
LOGFILE=$BED/mail.log
TZ=UTC
export TZ
missed=0
cd "$BED" || exit 1

row() { # FIGURE VALUE RATIO WANTED
	printf '%-46s %16s  %-24s %s\n' "$1" "$2" "${3:-}" "${4:-}"
}

# Says "ok" or "MISSED" and counts.
judge() { # AWK-CONDITION
	if awk "BEGIN { exit !($1) }"; then
		verdict=ok
	else
		verdict=MISSED
		missed=$((missed + 1))
	fi
}

calc() { # AWK-EXPRESSION [FORMAT]
	awk "BEGIN { printf \"${2:-%.0f}\", $1 }"
}

thousands() { # NUMBER
	echo "$1" | sed -e ':a' -e 's/\([0-9]\)\([0-9]\{3\}\)\($\|,\)/\1,\2\3/' \
	    -e 'ta'
}

# Runs a command under the measure; its figures are a line of NAME.runs.
run() { # NAME COMMAND...
	name=$1
	shift
	"$BENCH/measure" -o one "$@" >"$name.out" 2>"$name.err" </dev/null
	status=$?
	cat one >>"$name.runs"
	return $status
}

# Median of a column (1 wall us, 2 cpu us, 3 peak KB) of NAME.runs.
median() { # NAME COLUMN
	[ -s "$1.runs" ] || { echo 0; return; }
	cut -d ' ' -f "$2" "$1.runs" | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

# Least of the CPU times of NAME.runs, in us.
busy() { # NAME
	[ -s "$1.runs" ] || { echo 0; return; }
	cut -d ' ' -f 2 "$1.runs" | sort -n | sed -n 1p
}

rate() { # NAME LINES: lines a second of CPU time
	calc "$2 / ($(busy "$1") / 1e6)"
}

cat >sum.awk <<'END'
/postfix\/submission\/smtpd.*sasl_username=/ {
	split($0, a, "sasl_username="); split($0, b, ": "); who[b[2]] = a[2]
}
/postfix\/qmgr.*nrcpt=/ {
	split($0, b, ": ")
	if (b[2] in who) {
		split($0, a, "nrcpt="); n[who[b[2]]] += a[2] + 0
		delete who[b[2]]
	}
}
END { for (k in n) print k, n[k] }
END

bench_log() {
	run gen "$BENCH/gen_log" --messages "$MESSAGES" --truth truth.tsv
	mv gen.out "$LOGFILE"
	lines=$(wc -l <"$LOGFILE")
	quarter=$((lines / 4))
	head -n "$quarter" "$LOGFILE" >quarter.log
	part=$((lines / 50))
	head -n "$part" "$LOGFILE" >part.log
	row "the log: $(thousands "$MESSAGES") messages" \
	    "$(thousands "$lines")" "lines" \
	    "written at $(thousands "$(rate gen "$lines")") a second"
}

bench_readers() {
	for i in $(seq "$READS"); do
		run wc wc -l "$LOGFILE"
		run scan "$BENCH/scan" "$LOGFILE"
		if [ -x "$BUILD/outpost" ]; then
			run replay "$BUILD/outpost" replay --totals "$LOGFILE" ||
				missed=$((missed + 1))
			run verdicts "$BUILD/outpost" replay --json "$LOGFILE"
			run quarter "$BUILD/outpost" replay --json quarter.log
		fi
		[ "$i" != 1 ] || run mawk mawk -f sum.awk "$LOGFILE"
		[ "$i" != 1 ] || ! command -v pflogsumm >/dev/null ||
			run pflogsumm pflogsumm --problems-first part.log
	done
	scan=$(rate scan "$lines")
	for name in wc mawk; do
		r=$(rate $name "$lines")
		row "$name, lines/s" "$(thousands "$r")" \
		    "$(calc "$r / $scan" %.2f) of the bare pass"
	done
	if [ -s pflogsumm.runs ]; then
		r=$(rate pflogsumm "$part")
		row "pflogsumm (a fiftieth of it), lines/s" \
		    "$(thousands "$r")" "$(calc "$r / $scan" %.3f) of the bare pass"
	fi
	row "bare pass, lines/s" "$(thousands "$scan")" "the yardstick"
}

# Counts are kept for 35 days, the older ones in wider buckets: whether memory
# grows with a log is seen in one that is longer than that.
bench_span() {
	n=$((MESSAGES / 8))
	"$BENCH/gen_log" --messages "$n" --rfc3339 --start 2025-06-01T00:00:00 \
	    --rate "$(calc "$n / ($SPAN * 86400)" %.6f)" >span.log
	head -n $(($(wc -l <span.log) / 4)) span.log >span4.log
	run months "$BUILD/outpost" replay --json span.log
	run month "$BUILD/outpost" replay --json span4.log
	rm -f span.log span4.log
}

bench_replay() {
	if [ ! -s replay.runs ]; then
		row "outpost replay" "not built"
		return
	fi
	# Totals need no ledger and no judge, verdicts need all of it.
	for name in replay verdicts; do
		[ $name = replay ] && title="outpost replay --totals" ||
			title="outpost replay, verdicts"
		r=$(rate $name "$lines")
		judge "$r >= 3000000"
		row "$title, lines/s" "$(thousands "$r")" \
		    "$(calc "$r / $scan" %.2f) of the bare pass" \
		    ">= 3,000,000 $verdict"
		ratio=$(calc "$(busy $name) / $(busy scan)" %.2f)
		judge "$ratio <= 4"
		row "$title, CPU time" \
		    "$(calc "$(busy $name) / 1e6" %.2f) s" \
		    "$ratio times the bare pass" "<= 4 $verdict"
	done
	small=$(median quarter 3) large=$(median verdicts 3)
	row "its peak memory, half a day of log" "$(thousands "$large") KB" \
	    "$(thousands "$small") KB at a quarter"
	small=$(median month 3) large=$(median months 3)
	judge "$large <= $small * 1.1 + 1024"
	row "its peak memory, $SPAN days of log" "$(thousands "$large") KB" \
	    "$(thousands "$small") KB at a quarter" "flat $verdict"
	if cmp -s truth.tsv replay.out; then
		verdict=equal
	else
		verdict=DIFFERENT
		missed=$((missed + 1))
		diff truth.tsv replay.out | head -n 6
	fi
	row "totals against the truth" \
	    "$(thousands $(($(wc -l <truth.tsv) - 1))) accounts" "$verdict"
}

# What policy_load said of NAME, sorted.
figures() { # FILE NAME
	awk -v k="$2" '{ for (i = 1; i < NF; i += 2)
		if ($i == k) print $(i + 1) }' "$1" | sort -n
}

# Their median.
figure() { # FILE NAME
	figures "$1" "$2" |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] + 0 }'
}

# The least of them, and in how many runs it was under LIMIT.
least() { # FILE NAME
	figures "$1" "$2" | sed -n 1p
}

under() { # FILE NAME LIMIT
	figures "$1" "$2" | awk -v most="$3" '$1 < most { n++ } END {
		print n + 0 " of " NR " runs under " most / 1000 " ms" }'
}

# The median of NAME's rate divided by OTHER's, run by run.
paired() { # NAME OTHER
	for name in "$1" "$2"; do
		awk '{ for (i = 1; i < NF; i += 2)
			if ($i == "rate") print $(i + 1) }' "$name.load" \
		    >"$name.rates"
	done
	paste "$1.rates" "$2.rates" | awk '$2 > 0 { print $1 / $2 }' | sort -n |
	    awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] + 0 }'
}

load() { # NAME ARGUMENT...
	name=$1
	shift
	${client_on:+taskset -c "$client_on"} "$BENCH/policy_load" "$@" \
	    >>"$name.load" 2>>"$name.err"
}

processors() { # those that this shell may run on, by number
	taskset -c -p $$ | sed -e 's/.*: //' -e 'y/,/\n/' |
	    awk -F - '{ for (i = $1; i <= (NF > 1 ? $2 : $1); i++) print i }'
}

servers_on() { # PROCESSORS
	for name in bare outpostd; do
		taskset -a -c -p "$1" "$(bed_pid "$name")" >>taskset.out
	done
}

# Both servers on one processor, their client on another. Where the system puts
# server and client on one, which it does with either now and then, half of what
# is measured is the client.
servers_apart() {
	# shellcheck disable=SC2046
	set -- $(processors)
	[ $# -ge 2 ] || return 0
	servers_on "$1"
	client_on=$2
}

servers_anywhere() {
	servers_on "$(processors | paste -s -d , -)"
	client_on=
}

bench_policy() {
	bed_run bare "$BENCH/policy_bare" "unix:$BED/bare.sock"
	wait_for '[ -S "$BED/bare.sock" ]' 5
	for i in $(seq "$PAIRS"); do
		load barefree -c 50 -n 200000 "unix:$BED/bare.sock"
		load fullfree -c 50 -n 200000 "unix:$POLICY_SOCKET"
	done
	servers_apart
	for i in $(seq "$PAIRS"); do
		load bare -c 50 -n 200000 "unix:$BED/bare.sock"
		load full -c 50 -n 200000 "unix:$POLICY_SOCKET"
		load bare1 -1 -c 50 -n 50000 "unix:$BED/bare.sock"
		load full1 -1 -c 50 -n 50000 "unix:$POLICY_SOCKET"
	done
	servers_anywhere
	for kind in '' 1; do
		half=$(calc "$(figure "full$kind.load" rate) / 2")
		for i in $(seq "$PAIRS"); do
			load "barehalf$kind" ${kind:+-1} -c 50 -n "$half" \
			    -r "$half" "unix:$BED/bare.sock"
			load "half$kind" ${kind:+-1} -c 50 -n "$half" \
			    -r "$half" "unix:$POLICY_SOCKET"
		done
		bench_policy_rows "$kind" "$half"
	done
	row "50 connections, server and client anywhere" \
	    "$(thousands "$(figure fullfree.load rate)")" \
	    "$(calc "$(paired fullfree barefree)" %.2f) of the bare loop" \
	    "see tests/bench.sh"
}

bench_policy_rows() { # KIND HALF
	what="50 connections"
	[ -z "$1" ] || what="a connection per request"
	bare=$(figure "bare$1.load" rate)
	full=$(figure "full$1.load" rate)
	row "bare epoll loop, $what, requests/s" \
	    "$(thousands "$bare")" "the yardstick"
	ratio=$(paired "full$1" "bare$1")
	judge "$ratio >= 0.8"
	row "policy, $what, requests/s" "$(thousands "$full")" \
	    "$(calc "$ratio" %.2f) of the bare loop" ">= 0.80 $verdict"
	row "bare loop at half that ($(thousands "$2")/s), p99" \
	    "$(least "barehalf$1.load" p99_us) us" \
	    "$(under "barehalf$1.load" p99_us 2000)" \
	    "p50 $(figure "barehalf$1.load" p50_us) us"
	p99=$(least "half$1.load" p99_us)
	judge "$p99 < 2000"
	row "policy at half that ($(thousands "$2")/s), p99" "$p99 us" \
	    "$(under "half$1.load" p99_us 2000)" "< 2000 us $verdict"
	row "... p50" "$(figure "half$1.load" p50_us) us" "" ""
}

bench_refusal() {
	"$BENCH/refusal" "$LOGFILE.live" "$POLICY_SOCKET" 30 >refusal.out \
	    2>refusal.err
	judge "$? == 0"
	row "log line over a limit to the first refusal" \
	    "$(figure refusal.out median_us) us" \
	    "at most $(figure refusal.out max_us) us" "< 100 ms $verdict"
}

# What receivers answer, by the shipped rules.
bench_replies() {
	"$BENCH/replies" 400000 >replies.out 2>&1 || missed=$((missed + 1))
	new=$(figure replies.out new) again=$(figure replies.out again)
	judge "${new:-0} >= 50000"
	row "replies of receivers read/s, each another one" \
	    "$(thousands "${new:-?}")" "$(figure replies.out rules) rules" \
	    "floor 50,000 $verdict"
	row "... the same again" "$(thousands "${again:-?}")" \
	    "rules read in $(figure replies.out read_ms) ms"
}

# The tables of pools, made anew.
bench_tables() {
	"$BENCH/tables" . 1000000 >tables.out 2>&1 || missed=$((missed + 1))
	took=$(figure tables.out senders_ms)
	judge "${took:-9999} < 2000"
	row "table of a million senders, written" "${took:-?} ms" 	    "$(figure tables.out mb) MB" "< 2000 ms $verdict"
	row "... table of places, when an own IP is left" 	    "$(figure tables.out places_ms) ms"
	# On a real Postfix: from the command to the first mail by another IP.
	sh "$TOP/tests/bench/reach.sh" >reach.out 2>&1
	took=$(figure reach.out worst_ms)
	judge "${took:-0} > 0 && ${took:-0} < 2000"
	row "... one account of them goes elsewhere" \
	    "$(figure reach.out median_ms) ms" "worst of $(figure reach.out runs): $took ms" \
	    "< 2000 ms $verdict"
}

# A thousand domains, each with records of its own, by one core.
bench_domains() {
	awk 'BEGIN { print "_spf.host.test TXT \"v=spf1 ip4:192.0.2.1 -all\""
	    for (i = 0; i < 1000; i++) { d = "d" i ".test"
	    printf "%s TXT \"v=spf1 include:_spf.host.test include:a.%s ~all\"\n", d, d
	    printf "a.%s TXT \"v=spf1 ip4:198.51.100.0/24 ~all\"\n", d
	    printf "%s MX 10 mx.%s\nmx.%s A 192.0.2.9\n", d, d, d
	    printf "_dmarc.%s TXT \"v=DMARC1; p=none; rua=mailto:d@%s\"\n", d, d
	    print d >"domains.names" } }' >domains.zone
	bed_run dns "$TOOL/dns_server" domains.zone
	wait_for 'grep -q ^127 "$BED/log/dns.out"' || return
	cat >domains.conf <<-END
		dns: { dns_servers = ( "$(grep ^127 "$BED/log/dns.out")" ); };
		domains: { sending_addresses = ( "192.0.2.1" ); };
	END
	began=$(now_ms)
	run domains taskset -c 0 "$BUILD/outpost" --config domains.conf domains \
	    --from-file domains.names
	took=$(($(now_ms) - began))
	bed_kill dns
	judge "$(wc -l <domains.out) > 1000 && $took < 60000"
	row "a thousand domains checked, one core" "$took ms" "" \
	    "< 60,000 ms $verdict"
}

# What an active account takes at the end of a day of work, of a population that
# accounts_main.c states.
bench_accounts() { # strangers|circle
	"$BENCH/accounts" "$ACCOUNTS" "$1" >accounts.out 2>accounts.err ||
		missed=$((missed + 1))
	population=$1
	subjects=$(awk '$1 == "accounts" { print $4 }' accounts.out)
	for what in memory:300 disk:300 redis:350; do
		aim=${what#*:} what=${what%:*}
		set -- $(awk -v w="$what" '$1 == w { print $2, $4 }' accounts.out)
		judge "${1:-999999} <= $aim"
		row "account ($population), Wed 17:00: $what, bytes" "${1:-?}" \
		    "${2:-?} for each of $(calc "$subjects / $ACCOUNTS" %.2f)" \
		    "aim $aim $verdict"
	done
	row "... memory on Wed 4:00" \
	    "$(awk '$1 == "memory_quiet" { print $2 }' accounts.out)" "" ""
	row "... disk with the file's free pages" \
	    "$(awk '$1 == "disk_file" { print $2 }' accounts.out)" "" ""
	awk '$2 == "subjects" && $3 > 0.001 { print $1, $3, $5, $7, $9 }' \
	    accounts.out >parts.out
	while read -r kind n key record sketches; do
		row "... of it packed: ${kind}s" \
		    "$(calc "$key + $record + $sketches")" \
		    "$n each; key $key record $record sets $sketches" ""
	done <parts.out
}

ticks() { # of outpostd's processor time so far: hundredths of a second
	awk '{ print $14 + $15 }' "/proc/$(bed_pid outpostd)/stat"
}

# A figure of /metrics, whole.
metric() { # NAME
	curl -s "http://$OUTPOST_HTTP/metrics" | awk -v k="outpost_$1" \
	    '$1 == k { printf "%.0f\n", $2 }'
}

# The yardstick of outpostd's turns: 10,000 turns of a bare loop, before what is
# measured and once more behind it. On a virtual machine that has some over 1 ms
# of processor time, too.
bare_turns() {
	redis_start turns --appendonly yes --appendfsync everysec
	"$BENCH/turns" "$BED/turns.sock" 10000 200 >>turns.out
	bed_kill turns
	rm -f "$BED/log/turns.out"
}

# outpostd's turns since its start, beside those of the two bare loops; told,
# and held against all of them together at the end.
turns_row() { # TITLE
	turns=$(metric loop_turn_seconds_count)
	over=$(metric loop_turns_busy_total)
	longest=$(metric loop_turn_longest_microseconds)
	bare_turns
	bare=$(awk '{ n += $4 / 2 } END { print n }' turns.out)
	bare_longest=$(cut -d ' ' -f 6 turns.out | sort -n | tail -n 1)
	echo "$over $turns $bare" >>turned.out
	rm -f turns.out
	row "$1, turns over 1 ms of CPU time" "$over" \
	    "of $(thousands "$turns"), at most $longest us" ""
	row "... of 10,000" "$(calc "$over * 10000 / $turns" %.1f)" \
	    "a bare loop beside Redis: $bare, at most $bare_longest us" ""
}

# So rare an event may be missed by luck: of none in n turns no more is known
# than that it is rarer than three in n (the rule of three). So many more than
# the bare loops had are as good as theirs.
turns_verdict() {
	set -- $(awk '{ over += $1; n += $2; bare += $3 } END {
		print over, n, bare * 2, NR * 20000 }' turned.out)
	judge "$1 == 0 || $1 / $2 <= ($3 + 3) / $4"
	row "turns over 1 ms of CPU time, both together" "$1 of $(thousands "$2")" \
	    "bare loops: $(calc "$3") of $(thousands "$4")" \
	    "0, or as the bare loops $verdict"
}

# A million accounts in the books; the start is over when it answers.
bench_start() {
	mkdir -p books
	"$BENCH/books" make books "$STORED" >books.made || return
	for i in $(seq "$RUNS"); do
		run walk "$BENCH/books" walk books
		rm -rf state && cp -r books state
		began=$(now_ms)
		outpost_start
		echo "wall_ms $(($(now_ms) - began)) cpu_ms $(($(ticks) * 10))" \
		    >>start.load
		outpost_stop
	done
	cpu=$(figure start.load cpu_ms)
	judge "$cpu < 2000"
	row "start with $(thousands "$STORED") accounts, CPU time" "$cpu ms" \
	    "$(calc "$cpu * 1000 / $(median walk 2)" %.1f) times LMDB's bare walk" \
	    "< 2000 ms $verdict"
	row "the same, until it answers" "$(figure start.load wall_ms) ms" \
	    "$(calc "$(wc -c <books/books/data.mdb) / $STORED") bytes each" ""
	rm -rf books state
}

# 100,000 standings: status, /metrics, a suspension, all lists of them, and all
# told again to a Redis that was emptied. CPU time, since the wall has others' turns in it.
bench_standings() {
	rm -rf state && mkdir state
	"$BENCH/books" make state 20000 100000 >standings.made || return
	bare_turns
	outpost_start
	for i in 1 2 3; do
		op status >/dev/null
		metric loop_turns_busy_total >/dev/null
	done
	op suspend user7@customer0.example --reason bench >/dev/null
	for what in list 'list --json' 'list --senders' 'list --domain \
	    customer5.example' 'export blocked' brake 'show nobody@example.com'; do
		op $what >listed 2>&1
		[ "$what" != list ] || rows=$(($(wc -l <listed) - 1))
	done
	judge "$rows >= 100000"
	row "100,000 standings listed" "$(thousands "$rows") rows" "" "all $verdict"
	redis_private="$BED/state/redis/redis.sock"
	redis-cli -s "$redis_private" flushall >/dev/null
	wait_for '[ "$(redis-cli -s "$redis_private" xlen outpost:events)" \
	    -ge 100000 ]' 300
	turns_row "100,000 standings"
	turns_verdict
	outpost_stop
	rm -rf state
}

# Complaints read on one core, against mawk finding no more than their fields'
# names.
bench_reports() {
	set -- "$TOP"/tests/data/fuzz/report/*
	for i in 1 2 3 4 5 6 7 8 9 10; do
		cat "$@"
	done >reports.mbox
	for i in $(seq "$RUNS"); do
		echo "rate $("$BENCH/reports" 2 "$@")" >>reports.load
		run fields mawk -F: '/^[A-Za-z-]+:/ { n[$1]++ }
		    END { for (k in n) print k, n[k] }' reports.mbox
	done
	rate=$(figure reports.load rate)
	bare=$(rate fields $(($# * 10)))
	row "complaints read (our samples), reports/s" "$(thousands "$rate")" \
	    "$(calc "$rate / $bare" %.2f) of mawk finding fields" ""
}

# What a Message-ID costs in Redis, of as many as a large host's 30 days have.
bench_msgids() {
	redis_start ids
	memory() {
		redis_cli ids info memory | tr -d '\r' |
		    sed -n 's/^used_memory://p'
	}
	before=$(memory)
	"$BENCH/msgids" "$MSGIDS" 100000 |
	    redis-cli -s "$BED/ids.sock" --pipe >msgids.out 2>&1
	each=$(calc "($(memory) - $before) / $MSGIDS" %.1f)
	bed_kill ids
	judge "$each > 0 && $each <= 48"
	row "a Message-ID in Redis, of $(thousands "$MSGIDS")" "$each bytes" \
	    "12 bytes of it the entry itself" "<= 48 $verdict"
}

# A log of the last hours that grows faster than it is read, commits and posts
# going on. The clock is ahead of it from the first line on: otherwise it would
# be luck whether the daemon's first second passes before that line or after.
bench_live() {
	"$BENCH/gen_log" --messages 137000 --rfc3339 \
	    --start $(($(date +%s) - 7200)) >some.log
	some=$(wc -l <some.log)
	bare_turns
	rm -rf state
	: >"$LOGFILE.live"
	outpost_start
	sleep 2
	began=$(now_ms)
	cat some.log >>"$LOGFILE.live"
	wait_for '[ "$(outpost_status log_bytes_behind)" = 0 ]' 300
	took=$(($(now_ms) - began))
	row "followed live, with commits and posts, lines/s" \
	    "$(thousands "$(calc "$some * 1000 / $took")")" \
	    "$(metric books_commit_seconds_count) commits" ""
	turns_row "followed live"
	row "... over 1 ms on the wall" "$(metric loop_turns_long_total)" \
	    "preemption included" ""
	outpost_stop
}

# Pages to Redis: appendonly, fsync each second.
bench_board() {
	"$BENCH/board" 200000 500 5 >board.out 2>board.err
	raw=$(figure board.out raw) posted=$(figure board.out posted)
	row "bare pipeline of HSETs to Redis, a second" "$(thousands "$raw")" \
	    "the yardstick"
	judge "$posted >= 100000"
	row "accounts posted to Redis, a second" "$(thousands "$posted")" \
	    "$(calc "$posted / $raw" %.2f) of the pipeline" \
	    ">= 100,000 $verdict"
	longest=$(figure board.out longest)
	judge "$longest <= 1000"
	row "a turn of the loop while posting, longest" "$longest us" \
	    "p99 $(figure board.out p99) us of CPU" "<= 1000 us $verdict"
}

bench_nodes() {
	redis_start
	for node in 1 2 3; do
		node_config $node </dev/null
		sed -i 's/policy: {/policy: { policy_users = ( "*" );/' \
		    "$BED/node$node/outpost.conf"
		node_start $node
	done
	node_op 1 mode enforce --reason bench >/dev/null
	wait_for '[ "$(node_status 3 mode)" = enforce ] &&
	    [ "$(node_status 1 nodes)" = 3 ]' 15
	node_spread 100 1 2 3 >spread.out 2>spread.err
	longest=$(sort -n spread.out | tail -n 1)
	judge "$(wc -l <spread.out) == 100 && ${longest:-999} < 200"
	row "a suspension until three nodes refuse, longest" "$longest ms" \
	    "median $(sort -n spread.out | sed -n 50p) ms" "< 200 ms $verdict"
	for node in 1 2 3; do
		node_stop $node
	done
	bed_kill redis
}

row FIGURE VALUE "BESIDE" WANTED
bench_log
bench_readers
[ ! -x "$BUILD/outpost" ] || bench_span
bench_replay
bench_replies
bench_tables
bench_domains
bench_accounts strangers
bench_accounts circle
if [ -x "$BUILD/outpostd" ]; then
	: >"$LOGFILE.live"
	outpost_log=$LOGFILE.live
	outpost_config </dev/null
	outpost_start
	op mode enforce >/dev/null
	bench_policy
	bench_refusal
	outpost_stop
	bench_live
	bench_start
	bench_standings
	bench_board
	bench_nodes
	bench_reports
	bench_msgids
else
	row "policy service" "not built"
fi
echo "$missed missed"
[ "$missed" = 0 ]
