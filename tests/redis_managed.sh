#!/bin/sh
# redis_managed - the Redis that outpostd runs: taken over after a crash of
# outpostd, started again after its own, never two on one directory, whatever
# the last one left behind; damaged files are set aside and filled again
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need redis-server redis-cli

DIR=$BED/state/redis
AOF=$DIR/appendonlydir

said() { # ERE
	grep -cE "$1" "$BED/log/outpostd.out"
}

redis_do() {
	timeout 5 redis-cli -s "$DIR/redis.sock" "$@"
}

redis_pid() {
	redis_do info server | tr -d '\r' | sed -n 's/^process_id://p'
}

servers() { # how many there are on our directory
	ls -l /proc/[0-9]*/cwd 2>/dev/null | grep -c -- "-> $DIR\$"
}

is_well() {
	[ "$(outpost_status redis)" = up ] && [ "$(servers)" = 1 ] &&
		[ "$(outpost_status events_waiting)" = 0 ] &&
		redis_do xlen outpost:events | grep -qv '^0$'
}

list() {
	op list --json | tr '{' '\n' | sed 's/}.*//' | sort
}

holds() { # WHAT
	check "$1: well" wait_for is_well 20
	check_eq "$1: all is as it was" "$(list)" "$list"
	check_has "$1: and in Redis" "$(redis_do xrange outpost:events - + |
	    tail -n 400)" '"subject":"gone20@inside.example"'
}

kill_redis() {
	kill -s KILL "$(redis_pid)"
}

stop_all() {
	crash
	pid=$(redis_pid)
	kill -s KILL "$pid"
	wait_for '[ "$(servers)" = 0 ]'
}

at_end() {
	for link in /proc/[0-9]*/cwd; do
		[ "$(readlink "$link")" != "$DIR" ] && continue
		pid=${link#/proc/}
		kill -s KILL "${pid%/cwd}"
	done
}
bed_at_end at_end

: >"$BED/log/mail.log"
outpost_config <<END
letters: { letters = false; };
END
# After kill -9 its stand-in on the policy socket takes a moment to go.
crash() {
	bed_kill outpostd KILL
	sleep 0.3
}

outpost_start
outpost_enforce
for n in $(seq 1 20); do
	op suspend "gone$n@inside.example" --reason test >/dev/null
done
list=$(list)
holds "started"
check_eq "append-only" "$(redis_do config get appendonly | tail -n 1)" yes
check_eq "nothing evicted" \
    "$(redis_do config get maxmemory-policy | tail -n 1)" noeviction

old=$(redis_pid)
crash
check_eq "outpostd killed: Redis runs on" "$(redis_pid)" "$old"
outpost_start
holds "taken over"
check_eq "taken over: the same one" "$(redis_pid)" "$old"
check_eq "taken over: said" "$(said "pid $old, .*taken over")" 1

kill_redis
check "killed: another one" wait_for \
    '[ -n "$(redis_pid)" ] && [ "$(redis_pid)" != "$old" ]'
holds "killed"
check_eq "killed: said" "$(said 'redis-server .* ended')" 1

# What the dead ones left: a socket, and a number that is now another's.
stop_all
sleep 1000 &
bed_own $! sleeper
bed_pid sleeper >"$DIR/redis.pid"
check "a stale socket" test -S "$DIR/redis.sock"
outpost_start
holds "stale files"
check "stale files: the other process lives" bed_alive sleeper
stop_all
echo garbage >"$DIR/redis.pid"
rm "$DIR/redis.sock"
mkdir "$DIR/redis.conf.d"
echo 'port nonsense' >"$DIR/redis.conf"
outpost_start
holds "damaged configuration"

# Two at once, after both were killed.
stop_all
bed_run outpostd "$BUILD/outpostd" -c "$OUTPOST_CONF"
bed_run second "$BUILD/outpostd" -c "$OUTPOST_CONF"
wait_for 'op status' 10
check "two outpostd: one Redis" wait_for '[ "$(servers)" = 1 ]'
sleep 1
check_eq "two outpostd: still one" "$(servers)" 1
bed_kill second KILL
crash
outpost_start
holds "two outpostd"

damage() { # WHAT COMMAND: while nobody runs
	stop_all
	rm -rf "$DIR/appendonlydir.damaged"
	aside=$(said 'appendonlydir is now appendonlydir.damaged')
	eval "$2"
	outpost_start
	holds "$1"
}

put_aside() { # WHAT
	check_eq "$1: said, once" "$(($(said \
	    'appendonlydir is now appendonlydir.damaged') - aside))" 1
	check "$1: kept" test -d "$DIR/appendonlydir.damaged"
}

incr() {
	find "$AOF" -name '*.incr.aof' | sort | tail -n 1
}

damage "cut short" 'truncate -s -7 "$(incr)"'
check "cut short: Redis mends that itself" \
    test ! -d "$DIR/appendonlydir.damaged"
damage "garbage in the middle" 'printf garbage |
    dd of="$(incr)" bs=1 seek=100 conv=notrunc 2>/dev/null'
put_aside "garbage in the middle"
damage "no manifest in it" 'echo nonsense >"$AOF/appendonly.aof.manifest"'
put_aside "no manifest in it"
damage "a file is gone" 'rm "$(incr)"'
put_aside "a file is gone"
damage "all is gone" 'rm -rf "$DIR"'

# It can't start at all: mail goes on, few words.
stop_all
lines=$(grep -c . "$BED/log/outpostd.out")
sed -i 's|redis_uri = "managed";|& redis_server = "/bin/false";|' "$OUTPOST_CONF"
outpost_start
sleep 4
check_eq "ends at once: said once" \
    "$(tail -n "+$((lines + 1))" "$BED/log/outpostd.out" | grep -c 'ended, exit')" 1
check "ends at once: few words" test \
    "$(tail -n "+$((lines + 1))" "$BED/log/outpostd.out" | grep -c redis-server)" -lt 7
check_eq "ends at once: all is as it was" "$(list)" "$list"
outpost_stop
sed -i 's| redis_server = "/bin/false";||' "$OUTPOST_CONF"

# No room on its disk.
if ! { rm -rf "$DIR" && mkdir "$DIR" && chmod 700 "$DIR" &&
    mount -t tmpfs -o size=2m,mode=700 none "$DIR"; } 2>/dev/null; then
	skip "full disk" "can't mount a small disk"
	exit 0
fi
outpost_start
holds "small disk"
dd if=/dev/zero of="$DIR/fill" bs=4k 2>/dev/null
for n in $(seq 1 40); do
	op suspend "full$n@inside.example" --reason test >/dev/null
done
check "full disk: what can't be written waits" wait_for \
    '[ "$(outpost_status events_waiting)" -gt 0 ]' 20
list=$(list)
check "full disk: said" wait_for '[ "$(said "Redis refuses to write")" -ge 1 ]'
rm "$DIR/fill"
check "full disk: room again, and all is written" wait_for is_well 30
holds "full disk"
stop_all
dd if=/dev/zero of="$DIR/fill" bs=4k 2>/dev/null
outpost_start
check_eq "full disk at the start: all is as it was" "$(list)" "$list"
rm "$DIR/fill"
holds "full disk at the start"
outpost_stop
umount "$DIR" || true
