#!/bin/sh
# guessing - who tries the passwords of many accounts may not log in for a
# while; an office with a stale password, one where many work, and a front end
# are left alone; without outpostd the block goes on
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

# A real password check, from an address.
login() { # ADDRESS LOGIN PASSWORD [OPTION...]
	login_at=$1 login_as=$2 login_by=$3
	shift 3
	"$TOOL/smtp_send" -x "ADDR=$login_at" -u "$login_as" -p "$login_by" \
	    -f "$login_as" "$@" "$(pf_submission mta)" x@world.example 2>&1
}

blocked() { # the addresses, as a list
	op export blocked | tr '\n' ' '
}

world_sink sink
i=0
while [ $i -lt 45 ]; do
	i=$((i + 1))
	dovecot_user "user$i@inside.example" right
done
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
pf_opt mta "$(pf_submission mta)/inet/smtpd_delay_reject=no" \
    "$(pf_submission mta)/inet/smtpd_client_restrictions=\$outpost_blocked" \
    "$(pf_submission mta)/inet/smtpd_helo_restrictions="
outpost_config <<'END'
accounts: { front_ends = ( "198.51.100.99" ); };
guessing: { guess_failures = 150; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

# All at once: each failure takes a quarter of a second.
guess() { # ADDRESS FIRST LAST
	(
		i=$2
		while [ $i -le "$3" ]; do
			login "$1" "user$i@inside.example" "guess$i" &
			i=$((i + 1))
		done
		wait
	) >>"$BED/guess" 2>&1
}

# Two offices send; then half of one has a stale password, and in the other
# one program tries again and again.
for i in 1 2 3 4 5 6; do
	login 203.0.113.5 "user$i@inside.example" right >/dev/null
done
login 192.0.2.50 user40@inside.example right >/dev/null
outpost_reads
guess 203.0.113.5 1 15
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
	guess 192.0.2.50 40 41
	guess 192.0.2.51 40 40
done
# Behind a front end stand many.
guess 198.51.100.99 1 15
outpost_reads
check_eq "nobody is blocked so far" "$(blocked)" ''
check_counts "the failures were seen" client:192.0.2.51 login_failed 12
check_has "a stale password: the others of the office send" \
    "$(login 192.0.2.51 user42@inside.example right)" '^END 250'

# One address, many accounts.
guess 192.0.2.66 1 12
check "a guesser is blocked" wait_for '[ "$(blocked)" = "192.0.2.66 " ]' 5
check "and may not even try" wait_for 'login 192.0.2.66 user1@inside.example \
    right | grep -q "^XCLIENT 554 5.7.1 .*Client host rejected"' 5
check_has "its neighbour may" \
    "$(login 192.0.2.67 user1@inside.example right)" '^END 250'
check_has "it may hand in mail for us" "$("$TOOL/smtp_send" \
    -x ADDR=192.0.2.66 "$(pf_smtp mta)" user1@inside.example 2>&1)" '^END 250'
out=$(op show client:192.0.2.66)
check_has "show says why" "$out" \
    'why .*failed logins to 1[0-2] accounts in 1 h'
check_has "and that it ends" "$out" 'ends .*by itself'

# A network, address by address.
for i in 0 1 2 3 4 5; do
	guess "198.18.7.$i" $((i * 6 + 1)) $((i * 6 + 6))
done
check "a network that guesses is blocked" wait_for \
    'blocked | grep -q "198.18.7.0/24"' 5
check "all of it" wait_for 'login 198.18.7.200 user1@inside.example right |
    grep -q "^XCLIENT 554"' 5

# Where good accounts stand behind the very address, it is only told of.
guess 203.0.113.5 7 45
outpost_reads
check_soon_has "where others are in good standing: not blocked, but told" \
    'op events client:203.0.113.5' \
    'warning.*not blocked: 6 accounts in good standing'
check_has "and they send" "$(login 203.0.113.5 user1@inside.example right)" \
    '^END 250'

check_has "exported for nft" "$(op export blocked --format nft)" \
    '192\.0\.2\.66 timeout [0-9]*s'
if command -v nft >/dev/null; then
	op export blocked --format nft | nft -c -f - 2>"$BED/nft" ||
		fail "nft takes it" "$(cat "$BED/nft")"
fi
check_has "exported as JSON" "$(op export blocked --format json)" \
    '"network":"198.18.7.0/24"'

bed_kill outpostd KILL
check_has "without outpostd it is still blocked" \
    "$(login 192.0.2.66 user1@inside.example right)" '^XCLIENT 554'
outpost_start
check_has "after a restart" "$(blocked)" '192\.0\.2\.66'
op lift client:192.0.2.66 --reason known >/dev/null
check "lifted: may log in" wait_for 'login 192.0.2.66 user1@inside.example \
    right | grep -q "^END 250"' 5
guess 192.0.2.66 13 15
outpost_reads
check_eq "lifted: not blocked for the same facts" \
    "$(blocked | grep -c '192.0.2.66')" 0
