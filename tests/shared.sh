#!/bin/sh
# shared - a shared account that blasts (a web server's user, a trusted
# client) is throttled and reported, never suspended by itself; the claimed
# accounts inside it are counted
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

HOOKS=$BED/hooks

world_sink sink
bed_port
hook=127.0.0.1:$bed_port
mkdir "$HOOKS"
bed_run hook "$TOOL/http_sink" -d "$HOOKS" "$hook"
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
pf_opt mta "$(pf_smtp mta)/inet/smtpd_relay_restrictions=permit_mynetworks,reject" \
    "$(pf_smtp mta)/inet/mynetworks=203.0.113.0/24"
outpost_config <<END
accounts: { trusted_clients = ( "203.0.113.0/24" ); };
limits = ( { name = "hour"; max = 10; action = "suspend"; points = 200; } );
letters: { letter_smtp = "smtp://$(pf_smtp mta)"; letter_delay = 0; };
webhooks = ( { name = "desk"; url = "http://$hook/x"; } );
END
outpost_beside mta
# What lets postdrop read a cdb lies beside the machine's main.cf.
cp -r /etc/postfix/dynamicmaps.cf* "$(pf_etc mta)/" 2>/dev/null
pf_start mta
outpost_start
outpost_enforce

# A trusted client is asked for: throttled at its limit, to the recipient.
out=$("$TOOL/smtp_send" -x 'ADDR=203.0.113.5' -f shop@inside.example -n 3 -m 5 \
    "$(pf_smtp mta)" 'user%d@world.example' 2>&1)
check_eq "trusted client: taken" "$(echo "$out" | grep -c '^RCPT .* 250 ')" 10
check_has "trusted client: deferred, not refused" "$out" '^RCPT .* 450 4\.7\.1 '
check_eq "trusted client: never a 5xx" "$(echo "$out" | grep -c ' 5[0-9][0-9] ')" 0
check "trusted client: throttled" wait_for \
    '[ "$(outpost_standing ip:203.0.113.5)" = throttled ]'
check_counts "trusted client: counted" ip:203.0.113.5 \
    "messages recipients" "2 10"
check_counts "trusted client: the claimed sender" \
    claimed:ip:203.0.113.5/shop@inside.example "messages recipients" "2 10"

if ! echo hi | pf_sendmail mta www-data one@world.example; then
	skip "local user" "no mount namespaces here"
	exit 0
fi
n=0
while [ $n -lt 14 ]; do
	n=$((n + 1))
	{
		echo "From: contact@inside.example"
		echo "Subject: $n"
		echo
	} | pf_sendmail mta www-data -f contact@inside.example \
	    "a$n@world.example" "b$n@world.example"
done
pf_empty mta
check_counts "local user: all of it leaves" uid:www-data \
    "messages recipients delivered" "15 29 29"
check_eq "local user: throttled" "$(outpost_standing uid:www-data)" throttled
check_has "local user: said to be shared" "$(op show uid:www-data)" \
    'a shared account: never held or suspended'
check_counts "local user: the claimed sender" \
    claimed:uid:www-data/contact@inside.example "messages recipients" "14 28"
check "the abuse desk is told" wait_for \
    'grep -l "\"subject\":\"uid:www-data\".*\"rung\":\"throttled\"" "$HOOKS"/*.body'
check_eq "nobody is suspended" "$(op list suspended)" nobody
op suspend uid:www-data --reason 'hacked site' >/dev/null
check_eq "a person may" "$(outpost_standing uid:www-data)" suspended
