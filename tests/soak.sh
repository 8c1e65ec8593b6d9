#!/bin/sh
# soak - outpostd and Redis killed with SIGKILL at random moments, over and
# over, while mail, rotations, abuse and lifts go on: counts equal the truth
# to the unit, each suspension happened once, each webhook was delivered
#
# OUTPOST_SOAK_SECONDS (30), OUTPOST_SOAK_NODES (1: with a managed Redis; more:
# with a Redis between them, now and then restarted empty), OUTPOST_SOAK_RATE
# (messages a second on each node, 40), OUTPOST_SOAK_PAUSE (longest time
# between two kills, 0.5 s), OUTPOST_SOAK_ROTATE (seconds, 3; 0: never),
# OUTPOST_SOAK_COPIES (yes: some rotations copy and truncate), OUTPOST_SOAK_SEED. `make soak` runs it for long.
#
# Each node follows a log of its own (tests/bench/gen_log knows the truth of
# it), in which besides some accounts, the abusers, send to 300 recipients at once.
# Every second one is lifted by the operator, after which counts begin anew, and
# begins again.
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need redis-server "$BUILD/bench/gen_log" "$TOOL/log_play" \
    "$TOOL/http_sink"

seconds=${OUTPOST_SOAK_SECONDS:-30} nodes=${OUTPOST_SOAK_NODES:-1}
rate=${OUTPOST_SOAK_RATE:-40} pause=${OUTPOST_SOAK_PAUSE:-0.5}
seed=${OUTPOST_SOAK_SEED:-$(date +%s)}
accounts=100
# An abuser begins every so many seconds; it begins again so long after.
every=4 again=12
[ "$seconds" -lt 120 ] || again=30
node_list=$(seq 1 "$nodes")
SOAK=$BED/soak
mkdir "$SOAK" "$SOAK/hooks" "$SOAK/log"

op_at() { # NODE COMMAND...
	soak_node=$1
	shift
	timeout 10 "$BUILD/outpost" --socket "$BED/control$soak_node.sock" "$@"
}

# The lines of one burst: 150 messages to 2 each, within a second.
burst() { # ACCOUNT START NUMBER
	TZ=UTC awk -v a="$1" -v t="$2" -v k="$3" '
	function say(us, text) {
		printf "%s.%06d+00:00 mail postfix/%s\n",
		    strftime("%Y-%m-%dT%H:%M:%S", t), us, text
	}
	BEGIN {
		for (i = 0; i < 150; i++) {
			us = i * 6000
			q = sprintf("4%06dz%04dz%02d", k, i, i % 100)
			gsub(/0/, "B", q); gsub(/1/, "C", q)
			say(us, "submission/smtpd[77]: " q ": client=x[100.64." \
			    k % 250 ".1], sasl_method=PLAIN, sasl_username=" a)
			say(us + 10, "qmgr[7]: " q ": from=<" a \
			    ">, size=700, nrcpt=2 (queue active)")
			for (r = 0; r < 2; r++)
				say(us + 5000 + r, "smtp[9]: " q ": to=<u" i \
				    "-" r "@world.example>, relay=w[192.0.2.25]" \
				    ":25, delay=0.1, delays=0/0/0/0.1, " \
				    "dsn=2.0.0, status=sent (250 ok)")
			say(us + 6000, "qmgr[7]: " q ": removed")
		}
	}' | LC_ALL=C sort -s -k 1,1
}

# What each node's log will be, and the truth about all of them.
make_logs() {
	soak_began=$(($(date +%s) + 6))
	for n in $node_list; do
		"$BUILD/bench/gen_log" --messages $((seconds * rate)) \
		    --rate "$rate" --retry 2 --accounts $accounts --rfc3339 \
		    --start $soak_began --seed "$seed$n" \
		    --truth "$SOAK/truth$n" >"$SOAK/all$n"
		: >"$SOAK/bursts$n"
	done
	k=0 at=2
	: >"$SOAK/abusers"
	: >"$SOAK/second"
	while [ $((at + again + 4)) -lt "$seconds" ]; do
		k=$((k + 1))
		n=$((k % nodes + 1)) name=abuser$k@inside.example times=1
		burst $name $((soak_began + at)) $((k * 2)) >>"$SOAK/bursts$n"
		if [ $((k % 2)) = 0 ]; then
			times=2
			echo "$name $((soak_began + at + again))" \
			    >>"$SOAK/second"
			n=$(((k + 1) % nodes + 1))
			burst $name $((soak_began + at + again)) \
			    $((k * 2 + 1)) >>"$SOAK/bursts$n"
		fi
		echo "$name $times" >>"$SOAK/abusers"
		at=$((at + every))
	done
	for n in $node_list; do
		sort -s -k 1,1 "$SOAK/bursts$n" >"$SOAK/b"
		sort -s -m -k 1,1 "$SOAK/all$n" "$SOAK/b" >"$SOAK/in$n"
		rm "$SOAK/all$n"
	done
	# Per account over all nodes: messages recipients delivered failed.
	{
		awk -F '\t' 'FNR > 1' "$SOAK"/truth*
		awk '{ print $1 "\t150\t300\t300\t0\t0" }' "$SOAK/abusers"
	} | awk -F '\t' '{ for (i = 2; i <= 6; i++) n[$1, i] += $i; a[$1] }
	END { for (x in a) print x, n[x, 2], n[x, 3], n[x, 4],
	    n[x, 6] }' | sort >"$SOAK/truth"
}

configure() {
	bed_port
	hook=127.0.0.1:$bed_port
	bed_run hook "$TOOL/http_sink" -d "$SOAK/hooks" "$hook"
	[ "$nodes" = 1 ] || outpost_redis="unix:$BED/redis.sock"
	for n in $node_list; do
		outpost_log=$SOAK/log/mail$n.log
		OUTPOST_CONF=$BED/outpost$n.conf
		OUTPOST_SOCKET=$BED/control$n.sock
		POLICY_SOCKET=$BED/policy$n.sock
		outpost_config <<-END
			node_name = "node$n";
			classes = ( { name = "abusers";
				accounts = ( "abuser*" ); } );
			limits = (
				{ name = "hour"; class = "abusers"; max = 60;
					action = "suspend"; },
				{ name = "any"; window = "1h"; max = 1000000; }
			);
			brake: { brake_budget = 1000000; };
			letters: { letters = false; };
			webhooks = ( { name = "desk"; url = "http://$hook/"; flood = 0; } );
		END
		mkdir -p "$BED/state$n"
		sed "s|\"$BED/state\"|\"$BED/state$n\"|" "$OUTPOST_CONF" \
		    >"$SOAK/conf" && mv "$SOAK/conf" "$OUTPOST_CONF"
		: >"$outpost_log"
	done
}

start() { # NODE
	bed_run "outpostd$1" "$BUILD/outpostd" -c "$BED/outpost$1.conf"
}

start_redis() {
	mkdir -p "$BED/redis"
	bed_run redis redis-server --port 0 --bind 127.0.0.1 --unixsocket \
	    "$BED/redis.sock" --unixsocketperm 777 --dir "$BED/redis" \
	    --save '' --appendonly yes --appendfsync everysec
}

# When and whom: "DELAY VICTIM" lines, Redis every eighth.
plan() {
	awk -v seed="$seed" -v nodes="$nodes" -v pause="$pause" \
	    -v seconds="$seconds" 'BEGIN {
		srand(seed)
		for (t = 0; t < seconds; t += d) {
			d = 0.02 + rand() * pause
			r = rand()
			if (r < 0.02 && nodes > 1) v = "empty"
			else if (r < 0.12) v = "redis"
			else v = 1 + int(rand() * nodes)
			printf "%.3f %s\n", d, v
		}
	}'
}

kill_redis() { # redis|empty
	if [ "$nodes" = 1 ]; then
		kill -s KILL "$(cat "$BED"/state1/redis/redis.pid \
		    2>/dev/null)" 2>/dev/null
		return
	fi
	bed_kill redis KILL
	[ "$1" = redis ] || rm -rf "$BED/redis/appendonlydir"
	start_redis
}

kill_all() {
	kills=0
	plan >"$SOAK/plan"
	while read -r delay victim; do
		sleep "$delay"
		kills=$((kills + 1))
		case $victim in
		redis | empty) kill_redis "$victim" ;;
		*)
			bed_kill "outpostd$victim" KILL
			start "$victim"
			;;
		esac
	done <"$SOAK/plan"
}

# There is nothing to lift where the answer to a lift was lost; but also on a
# node that was just started, and hasn't heard of the suspension yet.
was_lifted() { # NODE NAME
	op_at "$1" events --last 10000 --json </dev/null 2>/dev/null |
		grep '"type":"lift"' | grep -qF "\"subject\":\"$2\""
}

# The operator: lifts every second abuser when a node showed it suspended for
# two seconds (its burst is over then), until that is said to be done.
lift_all() {
	n=0
	: >"$SOAK/seen"
	awk '$2 == 2 { print $1 }' "$SOAK/abusers" >"$SOAK/to_lift"
	while [ -s "$SOAK/to_lift" ]; do
		sleep 0.2
		n=$((n % nodes + 1))
		op_at $n list >"$SOAK/listed" 2>/dev/null || continue
		awk -v now="$(date +%s)" '$2 == "suspended" { print $1, now }' \
		    "$SOAK/listed" >>"$SOAK/seen"
		awk -v now="$(date +%s)" 'NR == FNR {
			if ($2 <= now - 2) s[$1]; next } $1 in s' \
		    "$SOAK/seen" "$SOAK/to_lift" >"$SOAK/lifting"
		while read -r name; do
			op_at $n lift "$name" --reason soak </dev/null \
			    >"$SOAK/said" 2>&1 ||
				{ grep -q 'nothing to lift' "$SOAK/said" &&
					was_lifted $n "$name"; } || continue
			echo "$(date +%s) $n $name" >>"$SOAK/lifts"
			grep -vx "$name" "$SOAK/to_lift" >"$SOAK/left"
			mv "$SOAK/left" "$SOAK/to_lift"
		done <"$SOAK/lifting"
	done
}

# What a node says of every account, in the form of the truth.
counted() { # NODE
	cut -d ' ' -f 1 "$SOAK/truth" | while read -r name; do
		op_at "$1" show "$name" --json </dev/null 2>/dev/null |
			sed 's/.*"counts":\[//; s/\].*//; s/},{/\n/g' | awk -v a="$name" '
			{ match($0, /"count":"[a-z_]*"/)
			  c = substr($0, RSTART + 9, RLENGTH - 10)
			  match($0, /"1d":[0-9]*/)
			  n[c] = substr($0, RSTART + 5, RLENGTH - 5) }
			END { print a, n["messages"] + 0,
			    n["recipients"] + n["inside"],
			    n["delivered"] + n["inside_delivered"],
			    n["unknown_user"] + n["refused"] + n["bounced"] + \
			    n["inside_failed"] }'
	done | sort
}

# "SUBJECT CAUSE" of every suspension a node remembers.
suspensions() { # NODE
	op_at "$1" events --last 10000 --json | grep '"rung":"suspended"' |
		grep '"type":"sanction"' | sed \
		's/.*"subject":"\([^"]*\)".*"cause":"\([^"]*\)".*/\1 \2/'
}

make_logs
configure
[ "$nodes" = 1 ] || start_redis
for n in $node_list; do
	start "$n"
done
for n in $node_list; do
	wait_for 'op_at $n status' 10 || die "node $n does not answer"
done
op_at 1 mode enforce --reason soak >/dev/null || die mode
for n in $node_list; do
	bed_run "play$n" "$TOOL/log_play" -s "$seed$n" -r "${OUTPOST_SOAK_ROTATE:-3}" -z -k 999 \
	    ${OUTPOST_SOAK_COPIES:+-c} "$SOAK/in$n" "$SOAK/log/mail$n.log"
done
sleep $((soak_began > $(date +%s) ? soak_began - $(date +%s) : 0))
lift_all &
bed_own $! lifter
kill_all
for n in $node_list; do
	wait_for '! bed_alive play$n' 60 || die "the log of node $n goes on"
done
check "every abuser to be lifted was" wait_for '! bed_alive lifter' 20

# On a machine so busy that a lift came only when the account sent again, nobody
# can say what of that was before it: such an account isn't compared.
touch "$SOAK/lifts"
awk 'NR == FNR { second[$1] = $2; next }
    $1 + 1 >= second[$3] { print $3 }' "$SOAK/second" "$SOAK/lifts" >"$SOAK/late"
[ ! -s "$SOAK/late" ] || echo "  lifted too late: $(xargs <"$SOAK/late")"
in_time() { # FILE
	grep -vwFf "$SOAK/late" "$1"
}
in_time "$SOAK/truth" >"$SOAK/truth.in_time"
in_time "$SOAK/abusers" | sort >"$SOAK/abusers.in_time"

quiet() {
	for n in $node_list; do
		op_at "$n" status >"$SOAK/status$n" 2>&1 || return 1
		grep -Eq '^log_bytes_behind +0$' "$SOAK/status$n" &&
			grep -Eq '^events_waiting +0$' "$SOAK/status$n" ||
			return 1
	done
}
check "all is read, all events are out" wait_for quiet 60

for n in $node_list; do
	want=$SOAK/truth.in_time
	agrees() {
		counted "$n" >"$SOAK/all"
		in_time "$SOAK/all" >"$SOAK/counted$n"
		cmp -s "$SOAK/counted$n" "$want"
	}
	check "node $n: counts equal the truth after $kills kills ($(
	    wc -l <"$want") accounts, seed $seed)" wait_for agrees 30
	diff "$want" "$SOAK/counted$n" | head -n 10
	suspensions "$n" | sort -u >"$SOAK/causes$n"
	awk '{ n[$1]++ } END { for (a in n) print a, n[a] }' \
	    "$SOAK/causes$n" | sort >"$SOAK/all"
	in_time "$SOAK/all" >"$SOAK/happened$n"
	check "node $n: each suspension happened once" \
	    cmp "$SOAK/happened$n" "$SOAK/abusers.in_time"
	diff "$SOAK/abusers.in_time" "$SOAK/happened$n" | head -n 10
done
check "the nodes know the same" test "$(
    md5sum "$SOAK"/causes* | cut -d ' ' -f 1 | sort -u | wc -l)" = 1

told() {
	awk 1 "$SOAK"/hooks/*.body | grep '"rung":"suspended"' |
		grep '"type":"sanction"' | sed \
		's/.*"cause":"\([^"]*\)".*/\1/' | sort >"$SOAK/told"
	sort -u "$SOAK/told" >"$SOAK/told.u"
	cut -d ' ' -f 2 "$SOAK/causes1" | sort | cmp - "$SOAK/told.u"
}
check "each suspension's cause was told to the desk, and no other" \
    wait_for told 60
echo "$kills kills, $(wc -l <"$SOAK/told") webhooks for $(
    wc -l <"$SOAK/causes1") suspensions, $(cat "$BED"/log/play*.out |
    awk '{ l += $1; r += $2 } END { print l " lines, " r " rotations" }')"
