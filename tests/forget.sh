#!/bin/sh
# forget - an account is forgotten on two hosts and in Redis, to the last word;
# not while it is stopped, nor while a case of it is to be kept; others stay
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
. "$TOP/tests/lib/loop.sh"
bed_need redis-server perl

GONE=john.doe@example.com

start() { # N
	node_config "$1" <<-END
		limits = ( { name = "hour"; window = "1h"; max = 300; action = "suspend"; } );
		webhooks = ( { name = "desk"; url = "http://127.0.0.1:9/"; } );
		books: { fold_every = "1s"; };
		fbl: { authserv_ids = ( "mx.test" ); fbl_listen = "unix:$BED/node$1/fbl.sock"; };
		policy: { policy_users = ( "*" ); listen = ( "unix:$BED/node$1/policy.sock" ); };
	END
	sed -i '/^fbl: { fbl_listen = "unix[^;]*; };$/d
		/^policy: { listen = ( "unix[^;]*; };$/d' "$BED/node$1/outpost.conf"
	node_start "$1"
}

in_redis() { # all of it, as text
	redis_cli redis --scan | while read -r key; do
		echo "$key"
		case $(redis_cli redis type "$key") in
		stream) redis_cli redis xrange "$key" - + ;;
		hash) redis_cli redis hgetall "$key" ;;
		string) redis_cli redis get "$key" ;;
		esac
	done
}

on_screen() { # N: all that the command tells
	for ask in 'events --last 1000' 'events --json --last 1000' list \
	    'list --senders' 'cases --state all' 'cases --state all --json' \
	    complaints 'complaints --by account' suppressed 'export suppressed' \
	    'webhooks --json' 'webhooks desk' 'top --once' report status; do
		# shellcheck disable=SC2086
		node_op "$1" $ask 2>&1
	done
}

in_books() { # N
	rm -f "$BED/books$1"
	"$BUILD/outpost" --config "$BED/node$1/outpost.conf" books export \
	    >"$BED/books$1" 2>&1
	cat "$BED/books$1"
}

names() { # how often the account is named
	grep -aic "${1:-$GONE}" || :
}

redis_start
start 1
start 2
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]' 15
for account in "$GONE" mary@example.com; do
	reference=$(loop_reference 1 "$account")
	node_mail 1 "$account" 4 100
	loop_report "$reference" "$account" |
		"$BUILD/outpost" --config "$BED/node1/outpost.conf" ingest - \
		    >>"$BED/ingest" 2>&1
done
check "both hosts know it" wait_for \
    'node_op 1 cases | grep -q "$GONE" && node_op 2 cases | grep -q "$GONE" &&
	node_op 2 complaints | grep -q "$GONE" &&
	[ "$(in_redis | names)" -gt 5 ]' 20
check "and what was filed" wait_for \
    'node_op 2 case mary@example.com --json | grep -q "\"log\":\[\"" &&
	node_op 2 case "$GONE" --json | grep -q "\"log\":\[\""' 15
case=$(node_op 1 cases --account "$GONE" --json | sed 's/.*"case":"\([^"]*\)".*/\1/')

check_eq "of its own messages alone" \
    "$(node_op 2 case mary@example.com --json | names)" 0
check_has "a reason is needed" "$(node_op 1 forget "$GONE" 2>&1)" \
    'needs --reason'
out=$(node_op 1 forget "$GONE" --reason 'he asked' 2>&1)
check_has "not while it is stopped" "$out" 'not forgotten: it is suspended'
node_op 1 lift "$GONE" --reason 'he left' >/dev/null
node_op 1 case "$case" keep >/dev/null
out=$(node_op 1 forget "$GONE" --reason 'he asked' 2>&1)
check_has "nor while a case is to be kept" "$out" "case $case is to be kept"
node_op 1 case "$case" release >/dev/null
out=$(node_op 1 forget nobody@example.com --reason 'he asked' 2>&1)
check_has "nobody is forgotten, too" "$out" 'counts +0'

for n in 1 2; do
	check "node $n knew it" [ "$(on_screen $n | names)" -gt 10 ]
done
mary=$(on_screen 2 | names mary@example.com)
out=$(node_op 1 forget "$GONE" --reason 'he asked' 2>&1 | tr '\n' ' ')
check_has "forgotten, with what was removed" "$out" \
    'counts +1[^0-9].*standing +1[^0-9].*events +[0-9][^0-9].*cases +1[^0-9].*complaints +1[^0-9].*suppressed +1[^0-9].*deliveries +[0-9].*log lines +[1-9]'
for n in 1 2; do
	check "node $n doesn't know it any more" wait_for \
	    "[ \"\$(on_screen $n | names)\" = 0 ]" 15
	check "nor do its books" wait_for "[ \"\$(in_books $n | names)\" = 0 ]" 20
	check_eq "which have the other one" \
	    "$([ "$(in_books $n | names mary@example.com)" -gt 0 ] && echo yes)" yes
done
check "nor does Redis" wait_for '[ "$(in_redis | names)" = 0 ]' 30
check_eq "all of the other one stays" \
    "$(on_screen 2 | names mary@example.com)" "$mary"
check_has "that and why it was forgotten is an event" \
    "$(node_op 2 events --last 20)" 'forget.*forgotten-[0-9a-f]{16}.*he asked'
check_has "the chain is good" "$(node_op 1 case mary@example.com --verify)" \
    'as they were written'

for n in 1 2; do
	bed_kill "node$n" KILL
done
start 1
start 2
check_eq "nor after a kill" "$(on_screen 1 | names)/$(on_screen 2 | names)" 0/0
redis_cli redis flushall >/dev/null
check "nor is it told again when Redis lost all" wait_for \
    'in_redis | grep -q mary@example.com' 30
check_eq "to nobody" "$(in_redis | names)" 0

# A host that was away brings back what it still has; not for long.
GONE=jane.roe@example.com
reference=$(loop_reference 1 "$GONE")
node_mail 1 "$GONE" 1 100
loop_report "$reference" "$GONE" |
	"$BUILD/outpost" --config "$BED/node1/outpost.conf" ingest - >/dev/null 2>&1
check "another one" wait_for 'node_op 2 complaints | grep -q "$GONE"' 20
node_stop 2
node_op 1 forget "$GONE" --reason 'she asked' >/dev/null
began=$(date +%s)
check "is forgotten" wait_for '[ "$(in_redis | names)" = 0 ]' 20
wait_for '[ $(($(date +%s) - began)) -gt 8 ]' 20
start 2
check "the host that was away hears of it" wait_for \
    'node_op 1 events --last 5 | grep -q "a host heard of it late"' 30
for n in 1 2; do
	check "node $n doesn't know it" wait_for \
	    "[ \"\$(on_screen $n | names)\" = 0 ]" 20
done
check "nor does Redis then" wait_for '[ "$(in_redis | names)" = 0 ]' 20

# Who may write to Redis and has not the secret can't tell it once more.
told=$(redis_cli redis --raw xrange outpost:events - + |
    grep '"type":"forget"' | tail -n 1 | sed 's/"seq":[0-9]*/"seq":7000001/')
redis_cli redis xadd outpost:events '*' e "$told" >/dev/null
check "what is told again by another name is not genuine" wait_for \
    "grep -q \"can't be forgotten: .*genuine\" \"\$BED/log/node1.out\"" 20
