#!/bin/sh
# metrics - /metrics is Prometheus text that tells the truth, and no names
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server curl "$TOOL/smtp_send"

get() { # PATH [OPTION...]
	path=$1
	shift
	curl -s -m 5 "$@" "http://$OUTPOST_HTTP$path"
}

value() { # SAMPLE
	get /metrics | awk -v s="$1" '$1 == s { print $2 }'
}

# What the exposition format asks: HELP and TYPE once, before the samples,
# samples of one name together and none twice, escaped labels, numbers.
valid() {
	awk '
	function bad(why) { print why ": " $0; status = 1 }
	/^# HELP [a-zA-Z_:][a-zA-Z0-9_:]* ./ { if ($3 in help) bad("twice");
		help[$3] = 1; next }
	/^# TYPE [a-zA-Z_:][a-zA-Z0-9_:]* (counter|gauge|histogram)$/ {
		if ($3 in type) bad("twice"); type[$3] = $4; name = $3
		if ($4 == "counter" && $3 !~ /_total$/) bad("no _total")
		next }
	!/^[a-z_:][a-z0-9_:]*(\{[a-z_]+="([^"\\]|\\.)*"(,[a-z_]+="([^"\\]|\\.)*")*\})? [-+0-9.eE]+$/ {
		bad("no sample"); next }
	{
		base = $1; sub(/\{.*/, "", base)
		if (type[name] == "histogram")
			sub(/_(bucket|sum|count)$/, "", base)
		if (base != name) bad("not under its TYPE")
		if (!(base in help)) bad("no HELP")
		if ($1 in seen) bad("twice")
		seen[$1] = 1; n++
	}
	END { if (n < 20) { print n " samples"; status = 1 } exit status }'
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<END
limits = ( { name = "hour"; max = 5; } );
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce
for name in alice bob; do
	"$TOOL/smtp_send" -x "LOGIN=$name@inside.example ADDR=203.0.113.7" \
	    -f $name@inside.example -n 2 -m 4 "$(pf_submission mta)" \
	    'secret%d@world.example' >/dev/null 2>&1
done
check_counts "mail was seen" bob@inside.example recipients 5

get /metrics >"$BED/metrics"
check "valid text" valid <"$BED/metrics"
check_has "its type" "$(get /metrics -D - -o /dev/null)" \
    '^Content-Type: text/plain; version=0.0.4'
check_eq "no address of anybody" \
    "$(grep -E 'alice|bob|secret|inside\.example|203\.0' "$BED/metrics")" ""
check_eq "recipients" "$(value 'outpost_facts_total{kind="recipient"}')" 10
check_eq "messages" "$(value 'outpost_facts_total{kind="accepted"}')" 4
check_eq "deferred answers" \
    "$(value 'outpost_policy_answers_total{action="defer"}')" 6
check_eq "throttled" "$(value 'outpost_standings{standing="throttled"}')" 2
check_eq "the mode" "$(value outpost_enforcing)" 1
check_soon "nothing is behind" 'value outpost_log_bytes_behind' 0
lines=$(value outpost_log_lines_total)
check "lines are counted as the file has them" wait_for \
    '[ "$(value outpost_log_lines_total)" = "$(wc -l <"$PF_LOG")" ]'
check "and grow" test "$lines" -gt 20

check_has "another path" "$(get /etc/passwd -D - -o /dev/null)" '^HTTP/1.1 404'
check_has "another method" "$(get /metrics -X POST -d x=y -D - -o /dev/null)" \
    '^HTTP/1.1 (405|501)'
host=${OUTPOST_HTTP%:*} port=${OUTPOST_HTTP#*:}
bash -c 'exec 3<>"/dev/tcp/$0/$1"; head -c 300000 /dev/zero >&3; cat <&3' \
    "$host" "$port" >/dev/null 2>&1
bash -c 'exec 3<>"/dev/tcp/$0/$1"; printf "GET / HTTP/9\r\nx\r\n\r\n" >&3
    timeout 2 cat <&3' "$host" "$port" >/dev/null 2>&1
check_eq "after hostile clients it still answers" \
    "$(value outpost_enforcing)" 1
