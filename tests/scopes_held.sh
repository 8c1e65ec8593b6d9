#!/bin/sh
# scopes_held - a domain or a network that is suspended holds what its accounts
# have in the queue; an account that is exempt goes on; a lift lets the others'
# go, but not that of an account with a sanction of its own
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server setpriv "$TOOL/smtp_send" \
    "$TOOL/smtp_world"

send() { # LOGIN ADDRESS RECIPIENT ARGUMENT...
	login=$1 address=$2 to=$3
	shift 3
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=$address" -f "$login" "$@" \
	    "$(pf_submission mta)" "$to@world.example" 2>&1
}

is_held() { # RECIPIENT...: these wait on hold, and no others
	[ "$(pf_queue mta | grep '"queue_name": "hold"' |
	    sed 's/.*"address": "\([^@]*\)@.*/\1/' | sort | tr '\n' ' ')" = \
	    "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ]
}

is_come() { # RECIPIENT...
	[ "$(cat "$BED"/world/[0-9]* 2>/dev/null |
	    sed -n 's/^X-World-To: *<*\([^@]*\)@.*/\1/p' | sort |
	    tr '\n' ' ')" = "$(printf '%s\n' "$@" | sort | tr '\n' ' ')" ]
}

world_at world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
outpost_config <<END
letters: { letters = false; };
$(queue_config)
END
outpost_beside mta
pf_start mta
queue_start
outpost_start

send ann@shop.example 203.0.113.1 ann
send bob@shop.example 203.0.113.1 bob
send owner@shop.example 203.0.113.1 owner
send carl@else.example 203.0.113.1 carl
send dora@else.example 198.51.100.7 dora
wait_for '[ "$(queue_counts mta)" = "0 5" ]' || die "mail doesn't wait"
op exempt owner@shop.example --for 1h --reason 'writes to us' >/dev/null
op suspend bob@shop.example --reason stolen >/dev/null
op suspend @shop.example --reason unpaid >/dev/null
check "a domain: its accounts' mail is held, not of who is exempt" \
    wait_for 'is_held ann bob' 10
check_has "a domain: who is exempt sends" "$(
	send owner@shop.example 203.0.113.1 owner2 && echo sent)" sent
check_has "a domain: the others don't" \
    "$(send ann@shop.example 203.0.113.1 ann2)" '^RCPT.* 5.7.1'
check_has "a lift of one inside says what holds it" \
    "$(op lift ann@shop.example --reason x 2>&1)" \
    'its domain is suspended: lift @shop.example, or exempt'
# The tables follow within a second.
wait_for 'postmap -c "$(pf_etc mta)" -q ann@shop.example \
    "cdb:$BED/state/tables/logins"' || fail "table" "ann@shop.example is not in it"
bed_kill outpostd KILL
check_has "without outpostd: who is exempt sends" "$(
	send owner@shop.example 203.0.113.1 owner3 && echo sent)" sent
check_has "without outpostd: the others don't" \
    "$(send ann@shop.example 203.0.113.1 ann2)" '^RCPT.* 5.7.1'
outpost_start
check "started again: the same is held" is_held ann bob
check "and known" queue_told mta
op suspend 198.51.100.0/24 --reason 'a botnet' >/dev/null
check "a network: what came from there is held" \
    wait_for 'is_held ann bob dora' 10
check "and known" queue_told mta

bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
check_has "a domain is lifted: how many leave" "$(op lift @shop.example \
    --release all --reason paid 2>&1)" '^1 held message leaves now'
check "a domain is lifted: who has a sanction of its own stays" \
    wait_for 'is_come ann && is_held bob dora' 10
op suspend 198.51.100.0/24 --for 2s --reason 'not for long' >/dev/null
check "a network's end lets go by itself" \
    wait_for 'is_come ann dora && is_held bob' 15
op lift bob@shop.example --release all --reason found >/dev/null
pf_flush mta
check "all of it came, once" wait_for \
    'is_come ann bob carl dora owner owner2 owner3 && pf_is_empty mta' 15
