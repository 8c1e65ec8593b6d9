#!/bin/sh
# redis_gone - Redis absent at the start, killed, empty, frozen: mail flows,
# limits go on from memory, it is said once each way, and letters, webhooks
# and records follow when it is back
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send" \
    "$TOOL/board_page"

HOOKS=$BED/hooks

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

taken() { # LOGIN ARGUMENT...: how many recipients were
	send "$@" | grep -c '^RCPT .* 250 '
}

hooks() { # SUBJECT: how many suspensions of it the desk was told
	grep -l "\"type\":\"sanction\".*\"subject\":\"$1\"" "$HOOKS"/*.body \
	    2>/dev/null | wc -l
}

letters() { # SUBJECT
	grep -l "^To: $1" "$BED"/mta/mail/all/new/* 2>/dev/null | wc -l
}

said() { # ERE: how many lines of outpostd's log
	grep -cE "$1" "$BED/log/outpostd.out"
}

is_gone() {
	[ "$(outpost_status redis)" = down ]
}

is_back() {
	[ "$(outpost_status redis)" = up ]
}

posted() { # SUBJECT: is its record on the board?
	posted_at=$("$TOOL/board_page" "a:$1")
	posted_in=${posted_at%% *}
	posted_at=${posted_at#* }
	redis_cli redis eval 'local out = {}
	    for _, key in ipairs(redis.call("keys", "outpost:b:" .. ARGV[1] ..
		"*")) do
		for _, f in ipairs(redis.call("hkeys", key)) do
		    out[#out + 1] = f:gsub(".", function(c)
			return string.format("%02x", c:byte()) end)
		end
	    end
	    return out' 0 "$posted_in" | grep -q "^${posted_at%% *}"
}

# Mail while Redis is away, without and with a limit in its way.
flows() { # WHAT LOGIN
	begun=$(now_ms)
	check_eq "$1: mail flows" "$(taken "other-$2" -n 2 -m 2)" 4
	check_eq "$1: limits hold from memory" "$(taken "$2" -n 5 -m 3)" 10
	ms=$(($(now_ms) - begun))
	check "$1: no delay ($ms ms)" test "$ms" -lt 3000
	op suspend "$2" --reason "$1" >/dev/null
	check_has "$1: an operator's order holds" "$(send "$2")" \
	    '^RCPT .* 5\.7\.1 '
}

# What must have come when Redis is back.
caught_up() { # WHAT LOGIN
	check "$1: back" wait_for is_back 20
	check "$1: records are posted" wait_for 'posted "$gone_login"' 15
	check "$1: the abuse desk is told" wait_for \
	    '[ "$(hooks "$gone_login")" -ge 1 ]' 20
	check "$1: the owner is told" wait_for \
	    '[ "$(letters "$gone_login")" -ge 1 ]' 20
	check "$1: nothing waits" wait_for \
	    '[ "$(outpost_status events_waiting)" = 0 ]' 15
}

world_sink sink
bed_port
hook=127.0.0.1:$bed_port
mkdir "$HOOKS"
bed_run hook "$TOOL/http_sink" -d "$HOOKS" "$hook"
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END
limits = ( { name = "hour"; max = 10; } );
letters: { letter_smtp = "smtp://$(pf_smtp mta)"; letter_delay = 0; };
webhooks = ( { name = "desk"; url = "http://$hook/x"; } );
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

gone_login=ann@inside.example
check "absent at the start: said" wait_for '[ "$(said "warning: Redis:")" = 1 ]'
flows "absent at the start" $gone_login
redis_start
caught_up "absent at the start"
check_eq "absent at the start: said once each way" \
    "$(said 'warning: Redis:')/$(said 'Redis is back')" 1/1

gone_login=kim@inside.example
bed_kill redis KILL
check "killed: seen" wait_for is_gone
op lift @inside.example --reason x >"$BED/lift.out" 2>&1
check_eq "killed: what other hosts decided isn't known" \
    "$(grep -c "good here: nothing to lift; but Redis can't be reached" \
    "$BED/lift.out")" 1
flows killed $gone_login
redis_start
caught_up "killed, and back with nothing"
check "killed: the earlier standings are told again" wait_for \
    'redis_cli redis xrange outpost:events - + | grep -q ann@inside.example' 15
check_eq "killed: said once each way" \
    "$(said 'warning: Redis:')/$(said 'Redis is back')" 2/2

gone_login=eve@inside.example
bed_kill redis STOP
flows frozen $gone_login
check "frozen: seen" wait_for is_gone
bed_kill redis CONT
caught_up frozen
check_eq "frozen: said once each way" \
    "$(said 'warning: Redis:')/$(said 'Redis is back')" 3/3

for login in ann kim eve; do
	check_counts "$login: the counts" $login@inside.example \
	    "messages recipients delivered" "4 10 10"
	check_eq "$login: suspended" \
	    "$(outpost_standing $login@inside.example)" suspended
	check_eq "$login: told once" "$(grep -l "\"rung\":\"suspended\".*" \
	    $(grep -l "\"subject\":\"$login@inside.example\"" "$HOOKS"/*.body) |
	    wc -l)/$(letters $login@inside.example)" 1/1
done
