#!/bin/sh
# suspend - the main job: an account blasts and is suspended within seconds,
# also without outpostd; others are left alone, its owner and the abuse desk
# are told; after a lift mail flows at once
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server openssl "$TOOL/smtp_send"

THIEF=alice@inside.example
HOOKS=$BED/hooks

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

letters() { # SUBJECT-ERE: how many
	grep -lE "^Subject: $1" "$BED"/mta/mail/all/new/* 2>/dev/null | wc -l
}

hooks() { # TYPE: how many suspensions
	grep -l "\"type\":\"$1\".*\"rung\":\"suspended\"" "$HOOKS"/*.body \
	    2>/dev/null | wc -l
}

check_hook() { # TYPE: is what came signed by us?
	body=$(grep -l "\"type\":\"$1\".*\"rung\":\"suspended\"" \
	    "$HOOKS"/*.body | head -n 1)
	head=${body%.body}.head
	at=$(tr -d '\r' <"$head" | sed -n 's/^Outpost-Signature: t=\([0-9]*\),.*/\1/pi')
	mac=$({ printf '%s.' "$at" && cat "$body"; } |
		openssl dgst -sha256 -hmac hush | sed 's/.*= *//')
	check_has "webhook: $1 is signed" "$(tr -d '\r' <"$head")" \
	    "^Outpost-Signature: t=$at,v1=$mac\$"
	check_has "webhook: $1 names the account" "$(cat "$body")" \
	    "\"subject\":\"$THIEF\""
}

world_sink sink
bed_port
hook=127.0.0.1:$bed_port
mkdir "$HOOKS"
bed_run hook "$TOOL/http_sink" -d "$HOOKS" "$hook"
dovecot_user "$THIEF" secret
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<END
limits = ( { name = "blast"; window = "10m"; max = 100;
    action = "suspend"; } );
answers: { suspend_text = "Stopped, %a: see case %c"; };
letters: {
	letter_smtp = "smtp://$(pf_smtp mta)"; letter_delay = 0;
	letter_from = "abuse@inside.example";
};
webhooks = ( { name = "desk"; url = "http://$hook/x"; secret = "hush"; } );
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

send carol@inside.example -n 3 -m 2 >/dev/null
began=$(now_ms)
send "$THIEF" -n 30 -m 10 >"$BED/blast"
check "blast: suspended" wait_for 'send "$THIEF" >"$BED/refused"
    [ "$(outpost_standing "$THIEF")" = suspended ]' 5
took=$(($(now_ms) - began))
check "blast: within seconds ($took ms)" test "$took" -lt 10000
check_has "blast: refused, in the configured words" "$(send "$THIEF")" \
    "^RCPT .* 5[0-9]* 5\\.7\\.1 <.*>: .*: Stopped, $THIEF: see case [0-9A-Z]{4}-[0-9A-Z]{4}"
check_counts "blast: what left is what is allowed" "$THIEF" \
    "messages recipients" '10 100'
check_has "blast: the reason" "$(op show "$THIEF")" \
    'why .*101 recipients in 10 minutes'
check_has "another account sends" "$(send carol@inside.example)" '^END 250'
check_eq "another account is good" \
    "$(outpost_standing carol@inside.example)" good
check_has "the thief still receives" "$("$TOOL/smtp_send" -f a@world.example \
    "$(pf_smtp mta)" "$THIEF" 2>&1)" '^END 250'

check "letter: delivered" wait_for '[ "$(letters Sending.*stopped)" = 1 ]'
letter=$(cat "$(grep -lE '^Subject: Sending.*stopped' \
    "$BED"/mta/mail/all/new/*)")
for line in "To: $THIEF" 'From: abuse@inside.example' 'Date: .*[0-9]{4}' \
    'Message-ID: <.*@inside.example>' 'MIME-Version: 1.0' \
    'Content-Type: multipart/alternative;' \
    'Content-Type: text/plain; charset=utf-8' \
    'Content-Type: text/html; charset=utf-8' \
    'Auto-Submitted: auto-generated'; do
	check_has "letter: ${line%%:*}" "$letter" "^$line\$"
done
check_eq "letter: no bounce comes back" \
    "$(echo "$letter" | sed -n 's/^Return-Path: //p')" '<>'
check "webhook: delivered" wait_for '[ "$(hooks sanction)" = 1 ]'
check_hook sanction

# Nobody is there any more but Postfix. (The table follows within a second.)
check "table: written" wait_for 'send "$THIEF" | grep -q "login name rejected"'
bed_kill outpostd KILL
redis_pid=$(cat "$BED/state/redis/redis.pid")
kill -KILL "$redis_pid" 2>/dev/null
out=$("$TOOL/smtp_send" -u "$THIEF" -p secret -f "$THIEF" \
    "$(pf_submission mta)" x@world.example 2>&1)
check_has "without outpostd and Redis: refused" "$out" \
    '^RCPT .* 5.7.1 .*login name rejected: Stopped'
check_has "without outpostd and Redis: another sends" \
    "$(send carol@inside.example)" '^END 250'

outpost_start
check_eq "after a restart: suspended" "$(outpost_standing "$THIEF")" suspended
out=$(op lift "$THIEF" --reason 'new password')
check_has "lift" "$out" 'lifted'
check "lift: sends again" wait_for 'send "$THIEF" | grep -q "^END 250"' 3
outpost_reads
check_eq "lift: on probation" "$(outpost_standing "$THIEF")" probation
out=$(send "$THIEF" -n 4 -m 10)
check_eq "lift: not stopped for the same facts" \
    "$(echo "$out" | grep -c '^END 250')" 4
outpost_reads
check_eq "lift: still so" "$(outpost_standing "$THIEF")" probation
check "letter: lift is told" wait_for '[ "$(letters Sending.*again)" = 1 ]' 20
check "webhook: lift is told" wait_for '[ "$(hooks lift)" = 1 ]' 20
check_hook lift

op suspend dave@inside.example --for 3s --reason short >/dev/null
check "short: refused" wait_for 'send dave@inside.example |
    grep -q "^RCPT .* 5.7.1"' 2
check "short: ends by itself" wait_for 'send dave@inside.example |
    grep -q "^END 250"' 6
check_has "short: the history tells" "$(op show dave@inside.example)" \
    'ended by itself'
check "short: letters" wait_for '[ "$(letters Sending.*again)" = 2 ]'
check_eq "letters: none twice" \
    "$(letters Sending.*stopped)/$(letters Sending.*again)" 2/2
check_soon "webhooks: none twice" 'echo "$(hooks sanction)/$(hooks lift)"' 2/1
