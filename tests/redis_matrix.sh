#!/bin/sh
# redis_matrix - Redis absent at the start, gone, hung, slow, full, read-only,
# restarted empty, restored from an old copy, also while outpostd is stopped:
# mail flows, limits go on, it is said once each way, all is posted again, and
# 200 suspended, exempt and overridden accounts are still so, here, in Postfix's
# answers, and for a host that learns everything from Redis
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server bash curl "$TOOL/smtp_send"

SUSPENDED=70 EXEMPT=65 OVERRIDDEN=65
DIR=$BED/redis
CASES=${OUTPOST_MATRIX:-absent gone hung slow full readonly misconf empty \
    empty_stopped empty_killed old old_stopped old_beside full_start flush}

names() { # PREFIX N
	seq -f "$1%03.0f@inside.example" 1 "$2"
}

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

said() { # ERE
	grep -cE "$1" "$BED/log/outpostd.out"
}

metric() { # NAME
	curl -s -m 5 "http://$OUTPOST_HTTP/metrics" |
		awk -v m="outpost_$1" '$1 == m { print $2 }'
}

redis_do() {
	redis_cli redis "$@"
}

run_redis() { # OPTION...
	redis_start redis --appendonly yes --appendfsync no \
	    --save '' --enable-protected-configs local "$@" >/dev/null
}

# One request for each of the 200 and for five that nothing is known of, on one
# connection: "LOGIN ANSWER" lines.
answers() {
	matrix_asked=$((${matrix_asked:-0} + 1))
	while read -r login; do
		printf '%s\n' request=smtpd_access_policy protocol_state=RCPT \
		    "sasl_username=$login" "sender=$login" \
		    "recipient=x@world.example" client_address=203.0.113.7 \
		    "instance=$matrix_asked.${login%@*}" ''
	done <"$BED/logins" >"$BED/requests"
	timeout 5 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0"; cat "$1" >&3
	    while IFS= read -r login; do
		IFS= read -r answer <&3; IFS= read -r _ <&3
		echo "$login ${answer%; try again*}"
	    done <"$2"' "$POLICY_PORT" "$BED/requests" "$BED/logins"
}

overrides() {
	for login in $(names limit $OVERRIDDEN); do
		op limit "$login" --json
	done | grep -o '"max":[0-9]*' | sort | uniq -c
}

members() {
	tr '{' '\n' | sed 's/}.*//' | sort
}

list() {
	op list --json | members
}

# What the board holds: KEY:NAME FIELD HASH, the name of those that are asked
# about, the hash without the format and the count of starts before each value.
image() {
	redis_do eval '
	    local out = {}
	    local function skip(v, at)
		while v:byte(at) >= 128 do at = at + 1 end
		return at + 1
	    end
	    local function hex(v)
		return (v:gsub(".", function(c)
		    return string.format("%02x", c:byte()) end))
	    end
	    for _, key in ipairs(redis.call("keys", "outpost:b:*")) do
		local h = redis.call("hgetall", key)
		for i = 1, #h, 2 do
		    out[#out + 1] = key .. " " .. hex(h[i]) .. " " ..
			redis.sha1hex(h[i + 1]:sub(skip(h[i + 1], 2)))
		end
	    end
	    table.sort(out)
	    return out' 0 | awk 'NR == FNR { name[$1 " " $2] = $3; next }
		{ split($1, k, ":"); print $1 ":" name[k[3] " " substr($2, 1, 12)],
		    $2, $3 }' \
	    "$BED/places" -
}

is_well() {
	[ "$(outpost_status redis)" = up ] &&
		[ "$(outpost_status events_waiting)" = 0 ]
}

same_list() {
	list >"$BED/list.now" && cmp -s "$BED/list" "$BED/list.now"
}

# A host that knows nothing but what is in Redis.
learns() {
	rm -rf "$BED/state2"
	mkdir "$BED/state2"
	sed -e "s|$BED/state\"|$BED/state2\"|" -e "s|$OUTPOST_SOCKET|$BED/control2.sock|" \
	    -e "s|$POLICY_SOCKET|$BED/policy2.sock|" -e "s|, \"inet:[^\"]*\"||" \
	    -e "s|http_listen = \"[^\"]*\"|http_listen = \"\"|" \
	    -e "s|mail.log|none.log|" "$OUTPOST_CONF" >"$BED/outpost2.conf"
	: >"$BED/log/none.log"
	bed_run outpostd2 "$BUILD/outpostd" -c "$BED/outpost2.conf"
	wait_for '"$BUILD/outpost" --socket "$BED/control2.sock" list --json |
	    members >"$BED/list2.now"; cmp "$BED/list" "$BED/list2.now"' 8
	learned=$?
	"$BUILD/outpost" --socket "$BED/control2.sock" limit limit065@inside.example \
	    >"$BED/limit2"
	bed_kill outpostd2
	return $learned
}

# While Redis is away or ill.
holds() { # WHAT
	begun=$(now_ms)
	answers >"$BED/answers.now"
	ms=$(($(now_ms) - begun))
	# One that hangs is believed for redis_timeout, 2 s, 50 ms at a time.
	check "$1: 205 answers in time ($ms ms)" test "$ms" -lt 3000
	check "$1: to each what it was" cmp "$BED/answers" "$BED/answers.now"
	begun=$(now_ms)
	check_has "$1: mail flows" "$(send "limit001@inside.example" -m 3)" \
	    '^END 250 '
	check_has "$1: a limit holds" "$(send none1@inside.example)" \
	    '^RCPT .* 450 4\.7\.1 '
	ms=$(($(now_ms) - begun))
	check "$1: without delay ($ms ms)" test "$ms" -lt 2500
	check "$1: the list is the same" same_list
	sent=$((sent + 3))
}

# When it is well again.
is_whole() { # WHAT
	check "$1: well again" wait_for is_well 15
	check "$1: the list is still the same" same_list
	check_eq "$1: so are the overrides" "$(overrides)" "$overrides"
	answers >"$BED/answers.now"
	check "$1: and the answers" cmp "$BED/answers" "$BED/answers.now"
	check "$1: a new host learns all of it from Redis" learns
	check_has "$1: overrides, too" "$(cat "$BED/limit2")" \
	    '^hour .* 100000 +set by an operator'
	check_counts "$1: counted" limit001@inside.example recipients "$sent"
	check "$1: every record is on the board" wait_for 'is_posted' 10
	changed=
}

# Every subject is there, and the one that changed is as it has become.
is_posted() {
	image >"$BED/image.now"
	cut -d ' ' -f 1,2 "$BED/image" | sort >"$BED/keys"
	cut -d ' ' -f 1,2 "$BED/image.now" | sort | comm -23 "$BED/keys" - |
		grep -q . && return 1
	[ -z "$changed" ] || ! grep -qxF "$changed" "$BED/image.now"
}

changed() {
	image | grep ":limit001@inside.example [0-9a-f]\{12\} "
}

once() { # WHAT ERE-BAD ERE-GOOD
	check "$1: said" wait_for "[ \$(said '$3') -gt $goods ]" 10
	check_eq "$1: once each way" \
	    "$(($(said "$2") - bads))/$(($(said "$3") - goods))" 1/1
	check "$1: the metric" wait_for '[ "$(metric redis_up)" = 1 ]' 5
}

mark() { # ERE-BAD ERE-GOOD
	changed=$(changed)
	bads=$(said "$1") goods=$(said "$2")
}

GONE='warning: Redis:' BACK='Redis is back'
FULL='Redis refuses to write' ROOM='Redis takes records again'

up_is() { # 0|1
	wait_for "[ \"\$(metric redis_up)\" = $1 ]" 10
}

case_gone() {
	mark "$GONE" "$BACK"
	bed_kill redis KILL
	check "gone: the metric" up_is 0
	holds gone
	run_redis
	is_whole gone
	once gone "$GONE" "$BACK"
}

case_hung() {
	mark "$GONE" "$BACK"
	bed_kill redis STOP
	holds "hung"
	check "hung: the metric" up_is 0
	holds "hung for longer"
	bed_kill redis CONT
	is_whole hung
	once hung "$GONE" "$BACK"
}

# A command takes nearly a second: late, but not too late.
case_slow() {
	mark "$GONE" "$BACK"
	for n in 1 2 3; do
		redis_do client pause 900 all >/dev/null
		holds "slow $n"
		redis_do ping >/dev/null
	done
	is_whole slow
	check_eq "slow: nothing to say" "$(($(said "$GONE") - bads))" 0
}

case_full() {
	mark "$FULL" "$ROOM"
	redis_do config set maxmemory 1 >/dev/null
	holds full
	check "full: said" wait_for '[ "$(said "$FULL")" -gt "$bads" ]'
	check "full: the metric" wait_for '[ "$(metric redis_refusing)" = 1 ]'
	redis_do config set maxmemory 0 >/dev/null
	is_whole full
	once full "$FULL" "$ROOM"
}

# So full that not even the heartbeat's key can be made.
case_full_start() {
	outpost_stop
	mark "$FULL" "$ROOM"
	changed=
	bed_kill redis TERM
	rm -rf "$DIR"
	run_redis --maxmemory 1
	outpost_start
	holds "full at the start"
	check "full at the start: said" wait_for '[ "$(said "$FULL")" -gt "$bads" ]'
	check "full at the start: the metric" wait_for \
	    '[ "$(metric redis_refusing)" = 1 ]'
	redis_do config set maxmemory 0 >/dev/null
	is_whole "full at the start"
	once "full at the start" "$FULL" "$ROOM"
}

case_readonly() {
	mark "$GONE" "$BACK"
	redis_do replicaof 127.0.0.1 1 >/dev/null
	check "read-only: the metric" up_is 0
	holds read-only
	redis_do replicaof no one >/dev/null
	is_whole read-only
	once read-only "$GONE" "$BACK"
}

# It can't save, and takes no writes until it can.
case_misconf() {
	mark "$FULL" "$ROOM"
	redis_do config set appendonly no >/dev/null
	mv "$DIR" "$DIR.away"
	mkdir "$DIR.gone"
	redis_do config set dir "$DIR.gone" >/dev/null
	rmdir "$DIR.gone"
	redis_do config set save '1 1' >/dev/null
	check "can't save: Redis refuses" wait_for \
	    'redis_do set x y | grep -q MISCONF' 10
	holds "can't save"
	check "can't save: said" wait_for '[ "$(said "$FULL")" -gt "$bads" ]'
	mkdir "$DIR"
	redis_do config set dir "$DIR" >/dev/null
	redis_do config set save '' >/dev/null
	redis_do config set appendonly yes >/dev/null
	is_whole "can't save"
	once "can't save" "$FULL" "$ROOM"
	rm -rf "$DIR.away"
}

case_empty() {
	mark "$GONE" "$BACK"
	changed=
	bed_kill redis KILL
	rm -rf "$DIR"
	run_redis
	is_whole "restarted empty"
	once "restarted empty" "$GONE" "$BACK"
	check "restarted empty: said" wait_for \
	    '[ "$(said "Redis lost its data")" -ge 1 ]'
}

case_flush() {
	redis_do flushall >/dev/null
	check "flushed: seen" wait_for \
	    'redis_do xlen outpost:events | grep -qv "^0"' 15
	is_whole flushed
}

while_stopped() { # WHAT SIGNAL
	bed_kill outpostd "$2"
	bed_kill redis KILL
	rm -rf "$DIR"
	[ ! -d "$BED/old" ] || [ "$3" != old ] || cp -a "$BED/old" "$DIR"
	run_redis
	outpost_start
	is_whole "$1"
}

case_empty_stopped() {
	while_stopped "emptied while outpostd was stopped" TERM empty
}

case_empty_killed() {
	while_stopped "emptied while outpostd was killed" KILL empty
}

# The copy of before the last orders.
case_old() {
	mark "$GONE" "$BACK"
	changed=
	bed_kill redis KILL
	rm -rf "$DIR"
	cp -a "$BED/old" "$DIR"
	run_redis
	is_whole "restored old"
	once "restored old" "$GONE" "$BACK"
}

case_old_stopped() {
	while_stopped "restored old while outpostd was stopped" TERM old
}

# Somebody else writes to the old copy before we see it.
case_old_beside() {
	bed_kill redis KILL
	rm -rf "$DIR"
	cp -a "$BED/old" "$DIR"
	redis-server --port 0 --unixsocket "$BED/other.sock" --dir "$DIR" \
	    --appendonly yes --save '' --daemonize no \
	    >>"$BED/log/other.out" 2>&1 </dev/null &
	bed_own $! other
	wait_for 'redis-cli -s "$BED/other.sock" ping | grep -q PONG'
	redis-cli -s "$BED/other.sock" xadd outpost:events '*' e \
	    '{"from":"another host"}' >/dev/null
	bed_kill other
	run_redis
	is_whole "restored old, and written to"
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
bed_port
POLICY_PORT=$bed_port
outpost_listen=", \"inet:127.0.0.1:$POLICY_PORT\""
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END
limits = ( { name = "hour"; max = 1; action = "throttle"; } );
signals = ( { name = "burst"; enabled = false; } );
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
bads=0 goods=0 changed=
outpost_start
outpost_enforce
{
	names gone $SUSPENDED
	names free $EXEMPT
	names limit $OVERRIDDEN
	names none 5
} | sed 's/^none00/none/' >"$BED/logins"

# Absent at the start: half of the orders are given before it is there.
order() { # FIRST LAST
	for n in $(seq -f %03.0f "$1" "$2"); do
		[ "$n" -gt $SUSPENDED ] || op suspend "gone$n@inside.example" \
		    --reason "stolen $n"
		[ "$n" -gt $EXEMPT ] || op exempt "free$n@inside.example" \
		    --for 5h --reason "a friend $n"
		[ "$n" -gt $OVERRIDDEN ] || op limit "limit$n@inside.example" \
		    hour 100000 --reason "a mailing $n"
	done >"$BED/log/orders"
}

sent=0
order 1 40
for n in 1 2 3 4 5; do
	send "none$n@inside.example" -m 2 >/dev/null
done
check "absent at the start: said" wait_for '[ "$(said "$GONE")" = 1 ]'
run_redis
check "absent at the start: well" wait_for is_well 15
redis_do bgrewriteaof >/dev/null
wait_for 'redis_do info persistence |
    grep -q "aof_rewrite_in_progress:0"'
# A copy from yesterday has no heartbeat of ours that still lives.
redis_do --scan --pattern 'outpost:node:*' | xargs -n 1 redis-cli \
    -s "$BED/redis.sock" del >/dev/null
cp -a "$DIR" "$BED/old"
order 41 70
check "orders of before and after are in Redis" wait_for is_well
answers >/dev/null
answers >/dev/null
answers >"$BED/answers"
list >"$BED/list"
overrides=$(overrides)
check_eq "suspended" "$(grep -c ' action=REJECT 5.7.1' "$BED/answers")" 70
check_eq "exempt and overridden" "$(grep -c 'DUNNO' "$BED/answers")" 130
check_eq "limited" "$(grep -c ' action=DEFER_IF_PERMIT 4.7.1' "$BED/answers")" 5
check_has "listed" "$(cat "$BED/list")" 'gone070.*suspended'
check_eq "suspended and exempt ones are listed" \
    "$(grep -c '"subject":"\(gone\|free\)' "$BED/list")" 135
# shellcheck disable=SC2046
"$TOOL/board_page" a:limit001@inside.example $(names none 5 |
    sed 's/^none00/a:none/') >"$BED/places"
wait_for 'image | grep -c :a:none | grep -qx 10' 5
image >"$BED/image"
is_whole "absent at the start"
once "absent at the start" "$GONE" "$BACK"
for case in $CASES; do
	[ "$case" = absent ] || "case_$case"
done
