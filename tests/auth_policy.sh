#!/bin/sh
# auth_policy - Dovecot asks who may log in: a suspended account can't to send,
# and reads on; nobody from where passwords are guessed; its reports count, each
# once; without outpostd everybody logs in
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot doveadm redis-server curl "$TOOL/smtp_send"

TOKEN=0123456789abcdef0123456789abcdef

# By Postfix, from an address.
send() { # ADDRESS LOGIN PASSWORD
	"$TOOL/smtp_send" -x "ADDR=$1" -u "$2" -p "$3" -f "$2" \
	    "$(pf_submission mta)" x@world.example 2>&1
}

# As a login process of Dovecot does.
log_in() { # PROTOCOL ADDRESS LOGIN PASSWORD
	doveadm -c "$BED/dovecot/dovecot.conf" auth test -x "service=$1" \
	    -x "rip=$2" "$3" "$4" 2>&1
}

post() { # COMMAND TOKEN BODY
	curl -s -w ' %{http_code}' -H "X-API-Key: $2" -d "$3" \
	    "http://$API/auth-policy?command=$1"
}

bed_port
API=127.0.0.1:$bed_port
for i in token other; do
	(umask 077 && echo "$TOKEN$i" >"$BED/$i")
done
# What is installed, with this port and a file of ours.
dovecot_more="$(sed "s|127.0.0.1:8427|$API|; s|/etc/dovecot/outpost-token|$BED/outpost-token|" \
    "$(dovecot_example dovecot/90-outpost-auth-policy.conf)")
auth_verbose = yes"
(umask 077 && cat >"$BED/outpost-token.conf.ext") <<END
auth_policy_server_url = http://$API/auth-policy
auth_policy_server_api_header = X-API-Key: ${TOKEN}token
auth_policy_hash_nonce = x
END
for i in ann bob u1 u2 u3 u4 u5 u6 u7 u8 u9 u10 u11 u12; do
	dovecot_user "$i@inside.example" right
done
world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<-END
	api: { api_listen = "$API"; auth_policy_facts = true;
		api_tokens = ( "dovecot:login=$BED/token",
		"other:read=$BED/other" ); };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

ANN=ann@inside.example
check_has "she sends" "$(send 192.0.2.9 $ANN right)" '^END 250'
check_has "she reads" "$(log_in imap 192.0.2.9 $ANN right)" 'auth succeeded'
check_has "a wrong password" "$(log_in imap 192.0.2.9 $ANN wrong)" \
    'auth failed'
check_has "one at Postfix" "$(send 192.0.2.9 $ANN wrong)" '535 '
check_counts "each login counts once, as it was reported" $ANN \
    "logins login_failed" "1 2"

op suspend $ANN --reason test >/dev/null
check_has "suspended: she can't log in to send" \
    "$(send 192.0.2.9 $ANN right)" '535 '
check_has "nor by Dovecot's submission" \
    "$(log_in submission 192.0.2.9 $ANN right)" 'auth failed'
for i in imap pop3 sieve; do
	check_has "she goes on by $i" "$(log_in $i 192.0.2.9 $ANN right)" \
	    'auth succeeded'
done
check_has "others send" "$(send 192.0.2.9 bob@inside.example right)" \
    '^END 250'
check_has "Dovecot says why" "$(cat "$BED"/log/dovecot.log)" \
    'policy server refusal.*may not send'
check_counts "what was refused is no failure of hers" $ANN \
    "logins login_failed" "4 2"

(
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		log_in imap 192.0.2.66 u$i@inside.example guess$i &
	done
	wait
) >"$BED/guess"
check "who guesses is blocked" wait_for \
    '[ "$(op export blocked)" = 192.0.2.66 ]' 10
for i in imap pop3 smtp; do
	check_has "and doesn't log in by $i" \
	    "$(log_in $i 192.0.2.66 bob@inside.example right)" 'auth failed'
done
check_has "the neighbour does" \
    "$(log_in imap 192.0.2.67 bob@inside.example right)" 'auth succeeded'

ASK="{\"login\":\"$ANN\",\"protocol\":\"smtp\"}"
check_has "asked by hand" "$(post allow ${TOKEN}token "$ASK")" \
    '"status":-1,.* 200$'
check_has "no JSON" "$(post allow ${TOKEN}token '[{')" '"status":0,.* 200$'
check_has "no such command" "$(post x ${TOKEN}token "$ASK")" \
    '"status":0,.* 200$'
check_has "another scope's token" "$(post allow ${TOKEN}other "$ASK")" \
    '"status":0,.* 401$'
check_has "no token" "$(post allow "" "$ASK")" '"status":0,.* 401$'
op lift $ANN --reason test >/dev/null
# Postfix's table follows within a second.
check_soon_has "lifted, she sends" 'send 192.0.2.9 $ANN right' '^END 250'

op suspend $ANN --reason test >/dev/null
bed_kill outpostd KILL
check_has "without outpostd nobody is kept from logging in" \
    "$(log_in smtp 192.0.2.9 $ANN right)" 'auth succeeded'
