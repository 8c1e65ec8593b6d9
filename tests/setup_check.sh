#!/bin/sh
# setup_check - `outpost check` finds nothing in a set-up as it must be, and
# names what is wrong, with the line that mends it, in a dozen that are not
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/journal.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

ETC=$(pf_etc mta)

# The answer, and "STATUS" as its last line.
look() {
	timeout 30 "$BUILD/outpost" --config "$OUTPOST_CONF" check \
	    --postfix-config "$ETC" "$@"
	echo "STATUS $?"
}

# finds NAME STATUS ERE...: all of them are said, then all is fine again
finds() {
	find_name=$1 find_status=$2
	shift 2
	find_out=$(look)
	for ere in "$@"; do
		check_has "$find_name" "$find_out" "$ere"
	done
	check_has "$find_name: status" "$find_out" "^STATUS $find_status\$"
}

# Runs with main.cf as another one, then puts it back.
broken() { # NAME STATUS "PARAM=VALUE" ERE...
	broken_name=$1 broken_status=$2 broken_param=$3
	shift 3
	cp "$ETC/main.cf" "$BED/main.cf"
	cp "$ETC/master.cf" "$BED/master.cf"
	case $broken_param in
	-M#*) postconf -c "$ETC" -M# "${broken_param#-M#}" ;;
	*/*/*=*) postconf -c "$ETC" -P "$broken_param" ;;
	*) postconf -c "$ETC" -e "$broken_param" ;;
	esac
	finds "$broken_name" "$broken_status" "$@"
	cp "$BED/main.cf" "$ETC/main.cf"
	cp "$BED/master.cf" "$ETC/master.cf"
}

send() { # LOGIN ADDRESS SENDER ARGUMENT...
	login=$1 address=$2 sender=$3
	shift 3
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=$address" -f "$sender" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' >/dev/null 2>&1
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
cp -r /etc/postfix/dynamicmaps.cf* "$ETC/" 2>/dev/null
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END
letters: { letters = false; };
webhooks = ( { name = "desk"; url = "http://desk.example/"; } );
providers: { slow_transport = "outpost-slow:$(world_relay sink)"; };
END
redis_start redis --appendonly yes --hash-max-listpack-value 65536 >/dev/null
outpost_beside mta
submission=$(pf_submission mta)/inet
pf_opt mta "$submission/smtpd_client_restrictions=\$outpost_blocked" \
    "$submission/smtpd_delay_reject=no" "$submission/smtpd_helo_restrictions="
pf_service mta <<'END'
outpost-slow unix - - n - 1 smtp
END
pf_start mta
outpost_start
outpost_enforce
send ann@inside.example 203.0.113.7 ann@inside.example -n 3
check_counts "mail" ann@inside.example messages 3

out=$(look)
check_has "as it must be: status" "$out" '^STATUS 0$'
check_eq "as it must be: nothing is wrong" \
    "$(echo "$out" | grep -cE '^(WARN|FAIL)')" 0
for what in stages socket table reference log clock logins redis outpostd; do
	check_has "as it must be: $what" "$out" "^OK +$what "
done
check_has "for programs" "$(look --json | "$TOOL/json" 2>&1 || look --json)" \
    '"level": ?"OK"'

broken "no policy at RCPT" 1 smtpd_recipient_restrictions= \
    "^FAIL  stages .*smtpd_recipient_restrictions doesn't ask" \
    '-> main.cf: smtpd_recipient_restrictions = '
broken "no policy at DATA" 1 smtpd_data_restrictions= \
    "^FAIL  stages .*smtpd_data_restrictions doesn't ask"
broken "no policy at the end" 1 smtpd_end_of_data_restrictions= \
    "^FAIL  stages .*smtpd_end_of_data_restrictions doesn't ask"
broken "permitted before it is asked" 1 \
    'smtpd_recipient_restrictions=permit_sasl_authenticated,$outpost_suspended,$outpost_policy' \
    '^FAIL  stages .*permits before it asks'
broken "a service with restrictions of its own" 1 \
    "$(pf_submission mta)/inet/smtpd_recipient_restrictions=" \
    '^FAIL  stages .*master.cf .* doesn.t ask Outpost'
broken "no table" 1 \
    'smtpd_recipient_restrictions=$outpost_policy' \
    "^FAIL  table .*suspended accounts send"
broken "no table of clients" 6 \
    "outpost_suspended=check_sasl_access cdb:$BED/state/tables/logins" \
    "^WARN  table .*tables/clients isn't in smtpd_recipient_restrictions" \
    '-> main.cf: outpost_suspended = .*check_client_access cdb:.*/clients$'
broken "no table of local users" 6 authorized_submit_users=static:anyone \
    "^WARN  table .*tables/users isn't in authorized_submit_users" \
    '-> main.cf: authorized_submit_users = !cdb:.*/users, static:anyone'
broken "no table of who guesses passwords" 6 \
    "$submission/smtpd_client_restrictions=" \
    "^WARN  table .*tables/blocked isn't in smtpd_client_restrictions" \
    '-> master.cf.*outpost_blocked'
broken "no table of providers" 6 transport_maps= \
    "^WARN  table .*tables/providers isn't in transport_maps" \
    '-> main.cf: transport_maps = cdb:.*/providers, ...'
broken "paused mail has no transport" 6 defer_transports= \
    "^WARN  table .*outpost-paused isn't in defer_transports"
broken "slow mail goes nowhere" 6 -M#outpost-slow/unix \
    "^WARN  table .*master.cf has no outpost-slow"
sed '/slow_transport/d' "$OUTPOST_CONF" >"$BED/direct.conf"
check_has "slow mail goes past the relayhost" \
    "$(OUTPOST_CONF=$BED/direct.conf look)" \
    "^WARN  table .*leaves by a relayhost"
sed 's/slow_transport = /relay_route = "nowhere:"; &/' "$OUTPOST_CONF" \
    >"$BED/relay.conf"
check_has "relayed mail goes nowhere" "$(OUTPOST_CONF=$BED/relay.conf look)" \
    "^WARN  table .*master.cf has no nowhere"
sed '/^webhooks/d' "$OUTPOST_CONF" >"$BED/mail_only.conf"
check_has "alarms by mail alone" "$(OUTPOST_CONF=$BED/mail_only.conf look)" \
    "^WARN  alerts .*mail alone pages nobody"
broken "no reference" 6 header_checks= '^WARN  reference '

mv "$BED/state/tables/logins.cdb" "$BED/logins.cdb"
finds "the table is gone" 1 '^FAIL  table .*Postfix refuses all mail'
mv "$BED/logins.cdb" "$BED/state/tables/logins.cdb"
mv "$BED/state/tables/blocked.cdb" "$BED/blocked.cdb"
: >"$BED/state/tables/blocked.cdb"
finds "another one is damaged" 1 '^FAIL  table .*blocked.cdb is missing or dam'
mv "$BED/blocked.cdb" "$BED/state/tables/blocked.cdb"

chmod 700 "$POLICY_SOCKET"
finds "a socket that Postfix can't reach" 1 \
    '^FAIL  socket .*postfix may not reach it' '-> chmod o\+rw .*policy.sock'
chmod 666 "$POLICY_SOCKET"

redis_cli redis config set maxmemory-policy allkeys-lru >/dev/null
redis_cli redis config set appendonly no >/dev/null
redis_cli redis config set hash-max-listpack-value 64 >/dev/null
finds "a Redis that forgets" 1 \
    '^FAIL  redis .*allkeys-lru' '-> redis.conf: maxmemory-policy noeviction' \
    '^FAIL  redis .*append-only' '^WARN  redis .*listpack'
redis_cli redis config set maxmemory-policy noeviction >/dev/null
redis_cli redis config set appendonly yes >/dev/null
redis_cli redis config set hash-max-listpack-value 65536 >/dev/null

# The printed line gives all rights that are needed, and one less too few.
acl=$(sed -n '/^static const char acl/,/;$/s/.*"\(.*\)".*/\1/p' \
    "$TOP/cli/check_redis.c" | tr -d '\n' | sed 's/^ACL SETUSER outpost//')
# shellcheck disable=SC2086
redis_cli redis acl setuser default ${acl#*PASSWORD} '+acl|setuser' >/dev/null
check_has "the rights that it prints are enough" "$(look)" '^OK +redis '
redis_cli redis acl setuser default -xadd >/dev/null
finds "a right too few" 1 '^FAIL  redis .*XADD is refused .NOPERM' \
    '-> ACL SETUSER outpost .*~outpost:\*'
redis_cli redis acl setuser default allkeys +@all >/dev/null

# A user of Outpost's own, with a password from a file.
bed_port
redis_cli redis config set bind 127.0.0.1 >/dev/null
redis_cli redis config set port "$bed_port" >/dev/null
# shellcheck disable=SC2086
redis_cli redis acl setuser outpost on '>p@ss w:rd' ${acl#*PASSWORD} >/dev/null
echo 'p@ss w:rd' >"$BED/password"
sed -e "s|redis_uri = .*;|redis_uri = \"redis://outpost@127.0.0.1:$bed_port\"; &|" \
    -e "s|redis_uri = \"unix.*;|redis_password_file = \"$BED/password\"; };|" \
    "$OUTPOST_CONF" >"$BED/login.conf"
check_has "a user with these rights" "$(OUTPOST_CONF=$BED/login.conf look)" \
    '^OK +redis '
echo wrong >"$BED/password"
check_has "a wrong password" "$(OUTPOST_CONF=$BED/login.conf look)" \
    '^FAIL  redis .*WRONGPASS'

bed_kill redis STOP
begun=$(now_ms)
finds "a Redis that hangs" 1 '^FAIL  redis '
ms=$(($(now_ms) - begun))
check "in time ($ms ms)" test "$ms" -lt 15000
bed_kill redis CONT
check "well again" wait_for '[ "$(outpost_status redis)" = up ]' 15

cp "$PF_LOG" "$BED/mail.copy"
touch -d '3 hours ago' "$PF_LOG"
finds "a log that stands still" 6 '^WARN  log .*nothing written for 180 min'
touch "$PF_LOG"

n=0
while [ $n -lt 12 ]; do
	n=$((n + 1))
	send "u$n@inside.example" 203.0.113.99 "u$n@inside.example" -m 2
	send app@inside.example 203.0.113.8 "s$n@inside.example"
done
pf_logged mta
finds "a webmail, an application" 6 \
    '^WARN  shared .*12 accounts send from 203.0.113.99' \
    '-> outpost.conf: accounts: \{ front_ends = \( "203.0.113.99" \); \};' \
    '^WARN  shared .*app@inside.example sends as 12 senders' \
    '^WARN  relay .*100% goes to relay mx.sink.example'

{
	printf '%s mail postfix/smtp[1]: 4jXC0P2mYTz1dry%s: to=<a@b.example>, relay=127.0.0.1[127.0.0.1]:10024, delay=1, delays=0/0/0/1, dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as 4jXC0P2mYTz1xx%s)\n' \
	    "$(date '+%b %e %H:%M:%S')" B B "$(date '+%b %e %H:%M:%S')" C C \
	    "$(date '+%b %e %H:%M:%S')" D D "$(date '+%b %e %H:%M:%S')" F F
} >>"$PF_LOG"
finds "a filter whose other side logs elsewhere" 1 \
    '^FAIL  filter .*of 4 messages handed to ourselves only 0'
cp "$BED/mail.copy" "$PF_LOG"
printf '%s mail postfix/qmgr[1]: 4jXC0P2mYTz1dryE: removed\n' \
    "$(date -d '+10 min' '+%b %e %H:%M:%S')" >>"$PF_LOG"
finds "a clock that is wrong" 1 '^FAIL  clock .*ahead of the clock'

if [ "$BED_NS" = yes ] && [ -e /etc/systemd/journald.conf ]; then
	cp "$BED/mail.copy" "$PF_LOG"
	echo '[Journal]' >"$BED/journald.conf"
	mount --bind "$BED/journald.conf" /etc/systemd/journald.conf
	broken "journald drops lines" 6 maillog_file= '^WARN  journald .*10000'
	echo 'RateLimitBurst=0' >>"$BED/journald.conf"
	broken "journald drops none" 0 maillog_file= '^OK +journald '
fi

# The journal as the log: the same is seen.
if [ -x "$journal_remote" ]; then
	cp "$OUTPOST_CONF" "$BED/files.conf"
	sed -i "s|files = ( .* );|files = ( \"journal:$journal_dir\" );|" \
	    "$OUTPOST_CONF"
	finds "no journal" 1 '^FAIL  log .*journal.* can.t be read'
	journal_mail ann@inside.example 30
	journal_write
	finds "a journal" 6 '^OK +log .*journal.* is read' \
	    '^OK +logins .*30 of 30' '^WARN  relay .*100% goes to relay w:'
	cp "$BED/files.conf" "$OUTPOST_CONF"
fi

bed_kill outpostd
finds "outpostd doesn't run" 1 '^FAIL  outpostd ' '^FAIL  socket '
