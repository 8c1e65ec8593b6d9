#!/bin/sh
# chains_outbound - an outbound host behind the submission host, each with its
# own Postfix and outpostd on one Redis: the reference tells whose a message
# is, each thing is counted once, and what is forged counts for nobody
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root ns dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world"

SUB=192.0.2.27
OUT=192.0.2.28
LONG=a.login.of.more.than.39.bytes@long.test.example

# Speaks to the outbound node.
op_out() { # COMMAND...
	"$BUILD/outpost" --socket "$BED/out.sock" "$@"
}

start_out() {
	bed_run out-daemon "$BUILD/outpostd" -c "$BED/out.conf"
	wait_for 'op_out status' 10 || die "the outbound outpostd does not answer"
}

# "N N ...": what a node shows.
counts_on() { # COMMAND SUBJECT COUNT...
	on_shown=$($1 why "$2" 2>&1)
	shift 2
	on_line=
	for on_count in "$@"; do
		on_line="$on_line $(echo "$on_shown" | awk -v c="$on_count" \
		    '$1 == c && NF == 6 { n = $4 } END { print n + 0 }')"
	done
	echo "${on_line# }"
}

ALL="messages recipients delivered deferred unknown_user refused bounced"

# What the two nodes show, the greater of each number: a node shows the sum of
# both as far as it has read the other, so what is counted twice is seen.
counts_of_both() { # SUBJECT
	# shellcheck disable=SC2086
	{ counts_on op "$1" $ALL && counts_on op_out "$1" $ALL; } | awk '
		{ for (i = 1; i <= NF; i++) if ($i > n[i]) n[i] = $i; k = NF }
		END { for (i = 1; i <= k; i++) printf("%s%d", (i > 1 ? " " : ""), n[i]) }'
}

check_both() { # NAME SUBJECT COUNTS
	both_subject=$2 both_want=$3
	wait_for '[ "$(counts_of_both "$both_subject")" = "$both_want" ]' 30
	check_eq "$1" "$(counts_of_both "$2")" "$3"
}

submit() { # LOGIN RECIPIENT [OPTION...]
	submit_login=$1 submit_to=$2
	shift 2
	"$TOOL/smtp_send" -x "ADDR=192.0.2.77 LOGIN=$submit_login" \
	    -f sender@test.example "$@" "$(pf_submission sub)" \
	    "$submit_to" >>"$BED/log/send.out" 2>&1 ||
		fail "submit" "$submit_login to $submit_to"
}

drained() {
	{ pf_empty sub 20 && pf_empty out 20; } ||
		fail "queues" "$(pf_queue sub; pf_queue out)"
}

world_start world
redis_start
bed_port
out_port=$bed_port
pf_new sub
pf_set sub "relayhost=[$OUT]:$out_port" "smtp_bind_address=$SUB"
echo 'away@inside.example away@world.example' >"$(pf_etc sub)/virtual"
pf_new out
pf_set out "relayhost=$(world_relay world)" "maillog_file=$BED/log/out.log" \
    "mynetworks=$SUB" virtual_alias_maps= \
    virtual_mailbox_domains=
pf_service out <<-END
	$OUT:$out_port inet n - n - - smtpd
END
: >"$BED/log/out.log"
outpost_redis=unix:$BED/redis.sock
outpost_config <<END
chains: { outbound_hosts = ( "$OUT" ); };
END
sed -e "s|$BED/state|$BED/out-state|; s|$BED/log/mail.log|$BED/log/out.log|" \
    -e "s|$POLICY_SOCKET|$BED/out-policy.sock|; s|$OUTPOST_SOCKET|$BED/out.sock|" \
    -e "s|$OUTPOST_HTTP||; /^chains:/d" "$OUTPOST_CONF" >"$BED/out.conf"
echo "chains: { submission_hosts = ( \"$SUB\" ); };
accounts: { trusted_clients = ( \"127.0.0.0/8\", \"$SUB\" ); };" >>"$BED/out.conf"
mkdir -p "$BED/out-state"
outpost_beside sub
"$BUILD/outpost" --config "$BED/out.conf" postfix --outbound \
    --postfix-config "$(pf_etc out)" >"$BED/outbound.lines" ||
	die "outpost postfix --outbound"
check_has "the outbound host's lines" "$(cat "$BED/outbound.lines")" \
    '^header_checks = regexp:\{ \{ /\^X-Outpost-Ref:/ INFO \} \}$'
cat "$BED/outbound.lines" >>"$(pf_etc out)/main.cf"
pf_start sub
pf_start out
outpost_start
start_out

submit anna@test.example 'u%d@world.example' -m 3
submit anna@test.example unknown-1@world.example
submit anna@test.example spam-1@world.example
submit anna@test.example me@inside.example
submit "$LONG" 'u%d@world.example' -m 2
drained
check_both "an account" anna@test.example "4 5 3 0 1 1 0"
check_both "a login that the reference has no room for" "$LONG" \
    "1 2 2 0 0 0 0"
check_eq "the last log line says the first reference" \
    "$(grep -c 'info: header X-Outpost-Ref: ' "$BED/log/out.log")" 4

# Her reference, as whoever got her mail has it.
stolen=$(sed -n 's/.*info: header \(X-Outpost-Ref: [^ ]*\) .*/\1/p' \
    "$BED/log/out.log" | head -n 1)
submit bob@test.example u@world.example -h "$stolen"
# From outside through the submission host's alias, and straight to this one.
"$TOOL/smtp_send" -x 'ADDR=203.0.113.9' -f a@far.example -h "$stolen" \
    "$(pf_smtp sub)" away@inside.example >>"$BED/log/send.out" 2>&1 ||
	fail "send" "inbound mail"
pf_opt out "$(pf_smtp out)/inet/mynetworks=203.0.113.0/24"
pf_reload out
wait_port 127.0.0.1 "$(pf_smtp out | sed 's/.*://')"
"$TOOL/smtp_send" -x 'ADDR=203.0.113.9' -f a@far.example -h "$stolen" \
    "$(pf_smtp out)" 'u%d@world.example' -m 2 >>"$BED/log/send.out" 2>&1 ||
	fail "send" "past the submission host"
drained
check_both "with another's reference" bob@test.example \
    "1 1 1 0 0 0 0"
check_both "whose reference was copied" anna@test.example \
    "4 5 3 0 1 1 0"

# A new key: first read everywhere, then written.
"$BUILD/outpost" secret "$BED/new-secret" >/dev/null || die "outpost secret"
rotate() { # CONF FILE...
	rotate_conf=$1
	shift
	sed -i '/^ref_secrets/d' "$rotate_conf"
	echo "ref_secrets = ( $(printf ', "%s"' "$@" | cut -c 3-) );" \
	    >>"$rotate_conf"
}
rotate "$OUTPOST_CONF" "$BED/new-secret" "$BED/secret"
rotate "$BED/out.conf" "$BED/secret" "$BED/new-secret"
outpost_stop
bed_kill out-daemon
outpost_start
start_out
submit carl@test.example u@world.example
drained
check_both "a new key" carl@test.example "1 1 1 0 0 0 0"
# One that knows the old key alone reads nothing; her counts stay.
rotate "$BED/out.conf" "$BED/secret"
bed_kill out-daemon
start_out
submit carl@test.example u@world.example
drained
check_both "a key that is not known" carl@test.example \
    "2 2 1 0 0 0 0"
wait_for '[ "$(counts_on op_out "ip:$SUB" messages recipients)" = "1 1" ]' 30
check_eq "that is the submission host's own mail" \
    "$(counts_on op_out "ip:$SUB" messages recipients)" "1 1"
