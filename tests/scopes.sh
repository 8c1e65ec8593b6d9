#!/bin/sh
# scopes - sanctions on a customer's domain, an address, a network of any
# length; a network that several good accounts use is refused without --force,
# front ends are exempt always; the tables hold them without outpostd
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

# As a login from an address. The service has no table of blocked clients here:
# it is the policy service, or the table of RCPT, that refuses.
send() { # LOGIN ADDRESS
	"$TOOL/smtp_send" -x "LOGIN=$1 ADDR=$2" -f "$1" \
	    "$(pf_submission mta)" x@world.example 2>&1
}

sends() { # NAME LOGIN ADDRESS
	check_has "$1" "$(send "$2" "$3")" '^END 250'
}

refuses() { # NAME LOGIN ADDRESS
	check_has "$1" "$(send "$2" "$3")" '^RCPT .* 5[0-9]* 5.7.1'
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<'END'
accounts: { front_ends = ( "203.0.113.99", "198.18.0.0/24" ); };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

# A customer.
sends 'before: a customer sends' ann@customer.example 203.0.113.7
sends 'before: so does another' bob@customer.example 203.0.113.7
outpost_reads
out=$(op suspend @customer.example --reason unpaid)
check_has "a domain: suspended" "$out" 'customer.example: suspended'
refuses 'a domain: refused' ann@customer.example 192.0.2.1
refuses 'a domain: also one never seen before' new@customer.example 192.0.2.1
sends 'a domain: others send' carol@inside.example 192.0.2.1
check_has "a domain: receives" "$("$TOOL/smtp_send" -x ADDR=192.0.2.200 \
    -f a@world.example "$(pf_smtp mta)" x@inside.example 2>&1)" '^END 250'
# The tables follow within a second.
wait_for 'postmap -c "$(pf_etc mta)" -q bob@customer.example \
    "cdb:$BED/state/tables/logins"' || fail "table" "bob@customer.example is not in it"
bed_kill outpostd KILL
refuses 'a domain: refused without outpostd' ann@customer.example 192.0.2.1
refuses 'a domain: all its known accounts' bob@customer.example 192.0.2.1
sends 'a domain: others send without outpostd' carol@inside.example 192.0.2.1
outpost_start
op lift @customer.example --reason paid >/dev/null || fail lift
check "a domain: lifted" wait_for 'send ann@customer.example 203.0.113.7 |
    grep -q "^END 250"'

# Networks.
if out=$(op suspend 203.0.113.0/24 --reason spam 2>&1); then
	fail "an office is refused" "$out"
fi
check_has "an office: why" "$out" \
    '2 accounts in good standing sent from there.*(ann|bob)@customer.*--force'
sends 'an office: sends on' ann@customer.example 203.0.113.7
if out=$(op suspend client:203.0.113.7 --reason spam 2>&1); then
	fail "its address is refused" "$out"
fi
op suspend 203.0.113.200 --reason spam >/dev/null ||
	fail "an address beside it, unused" ''
refuses 'an address beside it' ann@customer.example 203.0.113.200
sends 'the office still' ann@customer.example 203.0.113.7
op suspend 203.0.113.0/24 --force --reason spam >/dev/null || fail force ''
refuses 'an office, by force' ann@customer.example 203.0.113.8
sends 'its front end' ann@customer.example 203.0.113.99
if out=$(op suspend 203.0.113.99 --force --reason spam 2>&1); then
	fail "a front end" "$out"
fi
check_has "a front end: never" "$out" 'one of front_ends'
if out=$(op suspend 198.18.0.64/26 --force --reason spam 2>&1); then
	fail "a part of the front ends" "$out"
fi

op suspend 192.0.2.128/26 --reason spam >/dev/null || fail /26 ''
refuses 'a /26: its first' carol@inside.example 192.0.2.128
refuses 'a /26: its last' carol@inside.example 192.0.2.191
sends 'a /26: the next one' carol@inside.example 192.0.2.192
sends 'a /26: the one before' carol@inside.example 192.0.2.127
op suspend 198.51.0.0/16 --for 1h --rung throttle --reason slow >/dev/null ||
	fail /16 ''
check_has 'a /16: deferred' "$(send carol@inside.example 198.51.77.7)" \
    '^RCPT .* 4[0-9]* 4.7.1'
check_has 'list' "$(op list --kind network)" '192.0.2.128/26 +suspended'
outpost_stop
outpost_start
refuses 'a /26: after a restart' carol@inside.example 192.0.2.150
check_has 'a /16: after a restart' "$(send carol@inside.example 198.51.77.7)" \
    '^RCPT .* 4[0-9]* 4.7.1'
bed_kill outpostd KILL
refuses 'a /26: without outpostd' carol@inside.example 192.0.2.150
sends 'a /26: the next one, without outpostd' carol@inside.example 192.0.2.192
outpost_start
op lift 192.0.2.128/26 --reason over >/dev/null || fail "lift" /26
check 'a /26: lifted' wait_for 'send carol@inside.example 192.0.2.150 |
    grep -q "^END 250"'

# This host.
host=$(outpost_status host)
check_has 'a node: one that there is' \
    "$(op suspend node:nowhere --reason x 2>&1)" "no node nowhere; .*$host"
check_has 'a node: never for ever' \
    "$(op suspend "node:$host" --for 300d --reason x 2>&1)" 'at most 3 d'
check_has 'a node: has an end by itself' \
    "$(op suspend "node:$host" --reason 'its address is listed')" \
    ': held until '
check_has 'a node: deferred' "$(send carol@inside.example 192.0.2.150)" \
    '^RCPT .* 4[0-9]* 4.7.1'
check_has "a node: receives" "$("$TOOL/smtp_send" -x ADDR=192.0.2.200 \
    -f a@world.example "$(pf_smtp mta)" x@inside.example 2>&1)" '^END 250'
check_has 'a node: status' "$(outpost_status paused)" "node:$host held until"
op lift "node:$host" --reason over >/dev/null || fail "lift" node
sends 'a node: lifted' carol@inside.example 192.0.2.150
