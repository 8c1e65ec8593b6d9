#!/bin/sh
# check_dovecot - outpost postfix tells of Dovecot's auth policy, outpost check
# finds what is wrong with it
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/dovecot_release.sh"
bed_need dovecot doveconf redis-server

configured() { # LINES...: its configuration, the shipped one and these
	{
		dovecot_head
		echo "auth_policy_server_url = http://127.0.0.1:8427/auth-policy"
		echo "auth_policy_hash_nonce = x"
		echo "auth_policy_server_api_header = X-API-Key: $(cat "$BED/token")"
		sed "s|/etc/dovecot/outpost|$BED/none|" \
		    "$(dovecot_example dovecot/90-outpost-auth-policy.conf)"
		for line in "$@"; do
			echo "$line"
		done
	} >"$BED/dovecot.conf"
}

says() {
	"$BUILD/outpost" --config "$OUTPOST_CONF" --socket "$OUTPOST_SOCKET" \
	    check --dovecot-config "$BED/dovecot.conf" \
	    --postfix-config "${postfix:-$BED/postfix}" 2>&1 |
	    tee "$BED/said" | sed -n '/^[A-Za-z]* *dovecot/,/^[A-Za-z]* *[a-z]* /p'
}

finds() { # NAME ERE LINES...
	finds_name=$1 finds_ere=$2
	shift 2
	configured "$@"
	check_has "$finds_name" "$(says)" "$finds_ere"
}

# Of Postfix nothing is asked here; without a configuration it waits a second
# at each question.
mkdir "$BED/postfix"
echo 'compatibility_level = 3.6' >"$BED/postfix/main.cf"
: >"$BED/postfix/master.cf"
(umask 077 && echo 0123456789abcdef0123456789abcdef >"$BED/token")
outpost_config <<-END
	api: { api_listen = "127.0.0.1:8427"; auth_policy_facts = true;
	  api_tokens = ( "dovecot:login=$BED/token" ); };
END
outpost_start
check_has "outpost postfix tells of it" "$("$BUILD/outpost" --config \
    "$OUTPOST_CONF" postfix 2>/dev/null)" \
    '^#   auth_policy_server_url = http://127.0.0.1:8427/auth-policy'
configured
postfix=$BED/none
found=$(says)
postfix=
# That took longer than clocks may differ.
check_eq "a slow check isn't a clock that is wrong" \
    "$(grep -c '^[A-Z]* *clock' "$BED/said")" 0
check_has "as shipped" "$found" 'asks http://127.0.0.1:8427/auth-policy at logins'
check_eq "and nothing else" "$(echo "$found" |
    grep -ciE 'fail.*dovecot|warn.*dovecot')" 0
finds "another port" 'but api_listen is 127.0.0.1:8427' \
    'auth_policy_server_url = http://127.0.0.1:9999/auth-policy'
# 2.4 takes no configuration without a nonce.
nonce='auth_policy_hash_nonce =' found_nonce='hash_nonce is empty'
dovecot_is_23 || nonce='' found_nonce='answers at /auth-policy only'
configured 'auth_policy_server_url = http://127.0.0.1:8427/policy' \
    "$nonce" 'auth_policy_reject_on_fail = yes' \
    'auth_policy_server_api_header = X-API-Key: guess' \
    'auth_policy_report_after_auth = no'
found=$(says)
for ere in 'answers at /auth-policy only' "$found_nonce" \
    'its token is none' 'nobody logs in while' 'reports no login'; do
	check_has "all of it wrong: $ere" "$found" "$ere"
done
finds "nobody is asked" 'asks nobody at logins.*no login counts' \
    'auth_policy_server_url ='
