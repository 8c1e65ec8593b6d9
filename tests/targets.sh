#!/bin/sh
# targets - letters and webhooks: one that is slow, hangs, fails or redirects
# costs nobody else anything; a reload, an emptied Redis and an end in the
# middle of it all lose nothing and tell nothing twice
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need redis-server "$TOOL/http_sink" "$TOOL/smtp_world"

sink() { # NAME [OPTION...]: a webhook's other side; its address in $sink
	sink_name=$1
	shift
	bed_port
	sink=127.0.0.1:$bed_port
	mkdir -p "$BED/$sink_name"
	bed_run "$sink_name" "$TOOL/http_sink" -d "$BED/$sink_name" "$@" "$sink"
}

got() { # NAME: how many requests came
	find "$BED/$1" -name '*.body' | wc -l
}

told() { # NAME: how many subjects it was told of
	grep -ho '"subject":"[^"]*"' "$BED/$1"/*.body 2>/dev/null |
	    sort -u | wc -l
}

letters() { # how many letters arrived
	grep -l '^Subject: Sending' "$BED"/mail/* 2>/dev/null | wc -l
}

suspend() { # FROM TO
	n=$1
	while [ "$n" -le "$2" ]; do
		op suspend "user$n@inside.example" --reason test >/dev/null ||
			return 1
		n=$((n + 1))
	done
}

webhook() { # NAME URL
	echo "{ name = \"$1\"; url = \"$2\"; timeout = \"4s\"; flood = 0; }"
}

configure() { # [WEBHOOK...]: more of them
	outpost_config <<-END
		letters: { letter_smtp = "smtp://$SMTP"; letter_delay = 0;
		    letter_timeout = "3s"; };
		webhooks = ( $(webhook good "http://$GOOD/x"),
		    $(webhook hangs "http://$HANGS/x"),
		    $(webhook hangs2 "http://$HANGS/y"),
		    $(webhook hangs3 "http://$HANGS/z"),
		    $(webhook fails "http://$FAILS/x"),
		    $(webhook moved "http://$MOVED/x"),
		    $(webhook closed "http://$CLOSED/x"),
		    $(webhook lost "http://nowhere.example/x") $* );
	END
}

slowest() { # SECONDS: of op status, in ms, over so long
	slowest=0 slowest_until=$(($(now_ms) + $1 * 1000))
	while [ "$(now_ms)" -lt "$slowest_until" ]; do
		slowest_at=$(now_ms)
		op status >/dev/null
		slowest_at=$(($(now_ms) - slowest_at))
		[ "$slowest_at" -le "$slowest" ] || slowest=$slowest_at
		sleep 0.02
	done
	echo "$slowest"
}

redis_start
outpost_redis=unix:$BED/redis.sock
: >"$BED/log/mail.log"
world_start mail
SMTP=$(world_address mail)
sink good && GOOD=$sink
sink hangs -w 1000 && HANGS=$sink
sink fails -c 500 && FAILS=$sink
sink moved -c 302 && MOVED=$sink
bed_port
CLOSED=127.0.0.1:$bed_port
if [ "$BED_NS" = yes ] && command -v perl >/dev/null; then
	# A name server that never answers.
	bed_run silence perl -MIO::Socket -e '$s = IO::Socket::INET->new(
	    LocalAddr => "192.0.2.29:53", Proto => "udp"); sleep 1000'
	echo 'nameserver 192.0.2.29' >"$BED/resolv.conf"
fi
configure
outpost_start
outpost_enforce
wait_for 'redis_cli redis xinfo groups outpost:events | grep -q webhook:lost'

suspend 1 40
check "40 letters arrive beside targets that don't work" \
    wait_for '[ "$(letters)" = 40 ]' 8
check "40 webhooks arrive" wait_for '[ "$(told good)" = 40 ]' 8
took=$(slowest 12)
# Who waits for one of the targets waits for 3 s at least.
check "the daemon answers meanwhile (slowest: $took ms)" test "$took" -lt 2500
check_eq "none twice" "$(got good) $(letters)" '40 40'
check_has "what fails is said" "$(cat "$BED/log/outpostd.out")" \
    'webhook:fails: answered 500; tried again'
check_has "what redirects too" "$(cat "$BED/log/outpostd.out")" \
    'webhook:moved: answered 302; tried again'
check_eq "a redirect is not followed" "$(got hangs)" 1
check_soon_has "what waits is counted" 'op status' \
    '^webhook:fails .*0 sent, .* 40 waiting'

sink late && LATE=$sink
configure ", $(webhook late "http://$LATE/x")"
outpost_reload
wait_for 'redis_cli redis xinfo groups outpost:events | grep -q webhook:late'
suspend 41 41
check "after a reload: told" wait_for '[ "$(told good)" = 41 ]' 5
check "after a reload: a new target begins with what is new" \
    wait_for '[ "$(got late)" = 1 ]' 5
sleep 1
check_eq "after a reload: none twice" "$(got good) $(letters)" '41 41'

bed_kill mail
suspend 42 44
check_soon "mail server down: the others are told" 'told good' 44
bed_run mail2 "$TOOL/smtp_world" -d "$BED/mail" -b '554 go away' "$SMTP"
sleep 8
bed_kill mail2
check_eq "mail server refuses: no letter" "$(letters)" 41
bed_run mail3 "$TOOL/smtp_world" -d "$BED/mail" -w 60000 "$SMTP"
sleep 8
bed_kill mail3
bed_run mail4 "$TOOL/smtp_world" -d "$BED/mail" "$SMTP"
check "mail server is back: letters" \
    wait_for '[ "$(redis_cli redis keys "outpost:sent:letters:*" |
	wc -l)" -ge 44 ]' 60

suspend 45 200
check "200 are told" wait_for '[ "$(told good)" = 200 ]' 20
check "200 letters" wait_for \
    '[ "$(redis_cli redis keys "outpost:sent:letters:*" | wc -l)" -ge 200 ]' 30
wait_for '[ "$(redis_cli redis xpending outpost:events letters |
    head -n 1)" = 0 ]' 60
letters=$(letters)
redis_cli redis flushall >/dev/null
check "FLUSHALL: all are put back" \
    wait_for '[ "$(redis_cli redis xlen outpost:events)" -ge 200 ]' 10
suspend 201 201
check "FLUSHALL: what comes next is told" \
    wait_for '[ "$(told good)" = 201 ]' 10
check_soon "FLUSHALL: by letter, too" letters $((letters + 1))
sleep 3
check_eq "FLUSHALL: nothing is told twice" \
    "$(got good) $(letters)" "201 $((letters + 1))"
check_has "FLUSHALL: said" "$(cat "$BED/log/outpostd.out")" \
    'Redis lost its data'

bed_kill redis STOP
suspend 202 203
check_soon_has "Redis hangs: the daemon doesn't" 'op status' '^redis .*down'
bed_kill redis CONT
check "Redis goes on: told" wait_for '[ "$(told good)" = 203 ]' 20

suspend 204 204
began=$(now_ms)
bed_kill outpostd
took=$(($(now_ms) - began))
check "TERM in the middle of attempts ($took ms)" test "$took" -lt 4000
check_eq "TERM: the heartbeat is gone" \
    "$(redis_cli redis keys 'outpost:node:*')" ''
outpost_start
check "after a restart: told" wait_for '[ "$(told good)" = 204 ]' 10
bed_kill redis STOP
began=$(now_ms)
bed_kill outpostd
took=$(($(now_ms) - began))
check "TERM while Redis hangs ($took ms)" test "$took" -lt 5000
bed_kill redis CONT
bed_kill redis

outpost_redis=managed
configure
outpost_start
check "managed: up" wait_for '[ "$(outpost_status redis)" = up ]'
suspend 205 205
check "managed: told" wait_for '[ "$(told good)" = 205 ]' 20
redis_pid=$(cat "$BED/state/redis/redis.pid")
kill -STOP "$redis_pid"
kill -TERM "$(bed_pid outpostd)"
sleep 0.5
kill -KILL "$redis_pid"
check "managed: it dies while outpostd ends" wait_for '! bed_alive outpostd' 5
outpost_start
check "managed: up again" wait_for '[ "$(outpost_status redis)" = up ]'
began=$(now_ms)
bed_kill outpostd
took=$(($(now_ms) - began))
check "managed: a clean end ($took ms)" test "$took" -lt 4000
check "managed: no server is left" \
    wait_for '! kill -0 "$(cat "$BED/state/redis/redis.pid" 2>/dev/null ||
	echo 999999999)"' 3
check_eq "no sanitizer complains" \
    "$(grep -E 'Sanitizer|runtime error' "$BED/log/outpostd.out")" ''
