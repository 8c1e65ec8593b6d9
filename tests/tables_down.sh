#!/bin/sh
# tables_down - what was suspended stays suspended while outpostd and Redis are
# gone: logins, local users, clients, networks; everybody else sends
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server unshare setpriv \
    "$TOOL/smtp_send"

TABLES=$BED/state/tables

# As a login from an address, at the submission service.
send() { # LOGIN ADDRESS
	"$TOOL/smtp_send" -x "LOGIN=$1 ADDR=$2" -f "$1" \
	    "$(pf_submission mta)" x@world.example 2>&1
}

# From an address without a login, at port 25.
hand_in() { # ADDRESS RECIPIENT
	"$TOOL/smtp_send" -x "ADDR=$1" -f a@world.example \
	    "$(pf_smtp mta)" "$2" 2>&1
}

submit() { # USER
	echo body | pf_sendmail mta "$1" -f "$1@test.example" x@world.example
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" 'mynetworks=198.51.100.0/24'
pf_set mta inet_protocols=all
# What sendmail finds where the machine's configuration is.
cp -R /etc/postfix/dynamicmaps.cf* "$(pf_etc mta)"
pf_opt mta "$(pf_submission mta)/inet/smtpd_delay_reject=no" \
    "$(pf_submission mta)/inet/smtpd_client_restrictions=\$outpost_blocked" \
    "$(pf_submission mta)/inet/smtpd_helo_restrictions="
outpost_config <<'END'
accounts: {
	shared_accounts = ( "uid:nobody" );
	trusted_clients = ( "198.51.100.0/24" );
	front_ends = ( "203.0.113.99" );
};
END
chmod 700 "$BED/state"
out=$("$BUILD/outpost" --config "$OUTPOST_CONF" postfix \
    --postfix-config "$BED/mta/etc")
check_has "who can't pass is told" "$out" \
    "others may not pass through\$"
check_eq "and the line that would refuse them isn't printed" \
    "$(echo "$out" | grep -c '^authorized_submit_users')" 0
chmod 751 "$BED/state"
outpost_beside mta
check_has "the lines: users" "$(cat "$BED/mta/etc/main.cf")" \
    "^authorized_submit_users = !cdb:$TABLES/users,"
check_has "the lines: blocked" "$(cat "$BED/mta/etc/main.cf")" \
    "^outpost_blocked = check_client_access cdb:$TABLES/blocked"
pf_start mta

# The tables are there before outpostd ever was.
check_has "before the first start: a login sends" \
    "$(send carol@inside.example 203.0.113.7)" '^END 250'
check "before the first start: a user sends" submit mail

outpost_start
outpost_enforce
suspend() {
	op suspend "$@" --reason test >/dev/null || fail "suspend" "$*"
}
suspend alice@inside.example
suspend uid:games
suspend ip:198.51.100.7
suspend 203.0.113.0/24
suspend 2001:db8:7::/64
suspend client:192.0.2.9
check "the tables tell of all of them" wait_for \
    '! submit games && send carol@inside.example 192.0.2.9 |
    grep -q "^XCLIENT 554"'
check_eq "nothing is left beside the tables" "$(find "$TABLES" -type f |
    sed 's,.*/,,' | sort | tr '\n' ' ')" \
    'blocked.cdb clients.cdb logins.cdb movers.cdb places.cdb providers.cdb senders.cdb users.cdb '
check_eq "only users.cdb is for all" "$(stat -c %a "$TABLES"/*.cdb |
    tr '\n' ' ')" '640 640 640 640 640 640 640 644 '

bed_kill outpostd KILL
kill -KILL "$(cat "$BED/state/redis/redis.pid")" 2>/dev/null
check "nobody answers any more" wait_for '! op status 2>/dev/null'

check_has "login: refused" "$(send alice@inside.example 192.0.2.1)" \
    '^RCPT .* 5.7.1 .*login name rejected: '
check_has "login: another sends" "$(send carol@inside.example 192.0.2.1)" \
    '^END 250'
check_has "network: no login" "$(send carol@inside.example 203.0.113.7)" \
    '^XCLIENT 554 5.7.1 .*Client host rejected'
check_has "network: its front end sends" \
    "$(send carol@inside.example 203.0.113.99)" '^END 250'
check_has "network: nothing is taken at port 25" \
    "$(hand_in 203.0.113.8 x@inside.example)" '^RCPT .* 554 5.7.1'
check_has "the network beside it" "$(hand_in 203.0.112.8 x@inside.example)" \
    '^END 250'
check_has "IPv6 network: no login" \
    "$(send carol@inside.example IPV6:2001:db8:7::5)" '^XCLIENT 554'
check_has "IPv6 network: spelt otherwise" \
    "$(send carol@inside.example IPV6:2001:db8:7:0:1::5)" '^XCLIENT 554'
check_has "IPv6: the network beside it" \
    "$(send carol@inside.example IPV6:2001:db8:7:1::5)" '^END 250'
check_has "client: no login" "$(send carol@inside.example 192.0.2.9)" \
    '^XCLIENT 554'
check_has "client: its neighbour" "$(send carol@inside.example 192.0.2.10)" \
    '^END 250'
check_has "trusted client: refused" "$(hand_in 198.51.100.7 x@world.example)" \
    '^RCPT .* 554 5.7.1'
check_has "trusted client: another sends" \
    "$(hand_in 198.51.100.8 x@world.example)" '^END 250'
if submit games >"$BED/submit" 2>&1; then
	fail "local user: refused" "$(cat "$BED/submit")"
else
	check_has "local user: refused" "$(cat "$BED/submit")" 'not allowed'
fi
check "local user: another sends" submit mail

outpost_start
for subject in alice@inside.example uid:games ip:198.51.100.7 \
    203.0.113.0/24 2001:db8:7::/64 client:192.0.2.9; do
	op lift "$subject" --reason test >/dev/null || fail "lift" "$subject"
done
check "lifted: all send" wait_for 'submit games 2>/dev/null &&
    send alice@inside.example 203.0.113.7 | grep -q "^END 250" &&
    send carol@inside.example 192.0.2.9 | grep -q "^END 250" &&
    send carol@inside.example IPV6:2001:db8:7::5 | grep -q "^END 250"'
check_soon_has "lifted: port 25" 'hand_in 203.0.113.8 x@inside.example' \
    '^END 250'
check_soon_has "lifted: the trusted client" \
    'hand_in 198.51.100.7 x@world.example' '^END 250'
