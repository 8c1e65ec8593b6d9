#!/bin/sh
# policy_hostile - garbage, endless and slow requests, too many connections:
# each costs its own connection, while real mail is asked for and limited
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server bash curl "$TOOL/smtp_send"

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

value() { # METRIC
	curl -s -m 5 "http://$OUTPOST_HTTP/metrics" |
		awk -v m="outpost_$1" '$1 == m { print $2 }'
}

# Sends what standard input has to the policy port. Prints what comes back in
# half a second, on a line, and whether the connection was closed.
say() {
	bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0"; cat >&3
	    timeout 0.5 cat <&3 | tr "\n\0" " 0"
	    [ "${PIPESTATUS[0]}" = 124 ] && echo open || echo closed' \
	    "$POLICY_PORT" 2>/dev/null
}

request() { # STATE [LINE...]
	printf 'request=smtpd_access_policy\nprotocol_state=%s\n' "$1"
	shift
	printf '%s\n' "$@" ''
}

bed_port
POLICY_PORT=$bed_port
outpost_listen=", \"inet:127.0.0.1:$POLICY_PORT\""
outpost_policy='policy_max_connections = 50; policy_timeout = "2s";'
world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
outpost_config <<END
limits = ( { name = "hour"; max = 60; } );
signals = ( { name = "burst"; enabled = false; } );
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

# Real mail, 20 messages of 4 recipients in 4 seconds, of which 60 may pass.
send alice@inside.example -n 20 -m 4 -r 5 >"$BED/flow" &
bed_own $! flow

check_eq "a good request on TCP" \
    "$(request RCPT sasl_username=x@inside.example instance=1.1 | say)" \
    'action=DUNNO  open'
check_eq "an unknown stage" "$(request VRFY | say)" 'action=DUNNO  open'
check_eq "two at once" "$({ request RCPT && request VRFY; } | say)" \
    'action=DUNNO  action=DUNNO  open'
check_eq "garbage" "$(head -c 20000 /dev/urandom | say)" closed
check_eq "no names" "$(printf 'hello\n\n' | say)" closed
check_eq "NULs" "$(printf 'request=smtpd_access_policy\0\n\n\0\0\n\n' | say)" closed
check_eq "endless" "$(head -c 3000000 /dev/zero | tr '\0' x | say)" closed
check_eq "an endless list of names" "$(yes a=b | head -c 3000000 | say)" closed
long=$(head -c 5000 /dev/zero | tr '\0' y)
check_eq "a long name is cut, not fatal" \
    "$(request RCPT "helo_name=$long" "sasl_username=$long@inside.example" \
    instance=2.2 | say)" 'action=DUNNO  open'
check "malformed ones are counted" test "$(value policy_malformed_total)" -ge 3

# Slow: half a request, then nothing; a byte now and then.
slow_began=$(now_ms)
bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$0"; printf "request=smtpd_acc" >&3
    timeout 8 cat <&3' "$POLICY_PORT" >/dev/null
check "slow: closed after its time" test $(($(now_ms) - slow_began)) -lt 5500
check "slow: counted" wait_for '[ "$(value policy_slow_total)" -ge 1 ]'

# 120 connections that ask nothing; at most 50 stay.
bash -c 'for i in $(seq 10 129); do eval "exec $i<>/dev/tcp/127.0.0.1/$0" ||
    exit; done; sleep 20' "$POLICY_PORT" 2>/dev/null &
bed_own $! crowd
check "a crowd: the longest silent go" wait_for \
    '[ "$(value policy_evicted_total)" -ge 70 ]'
check "a crowd: not more than allowed" test "$(value policy_connections)" -le 50
check_eq "a crowd: others are answered" \
    "$(request RCPT sasl_username=x@inside.example instance=1.1 | say)" \
    'action=DUNNO  open'
check_eq "a crowd: mail is asked for" "$(send bob@inside.example -m 70 |
    grep -c '^RCPT .* 250 ')" 60

check "real mail went on" wait_for '! bed_alive flow' 20
check_eq "real mail: to the recipient" "$(grep -c '^RCPT .* 250 ' "$BED/flow")" 60
check_counts "real mail: counted" alice@inside.example \
    "messages recipients" "15 60"
check_eq "nothing that Postfix warns of" \
    "$(grep 'problem talking to server' "$PF_LOG" | head -n 3)" ""
check_eq "nothing that outpostd says" "$(grep -cE 'error|assert' \
    "$BED/log/outpostd.out")" 0
