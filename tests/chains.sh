#!/bin/sh
# chains - messages with several queue ids on a real Postfix: what each
# account sent is right to the unit, by the facts and by `outpost replay`
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
bed_need root dovecot "$TOOL/smtp_send" "$TOOL/smtp_world" \
    "$TOOL/smtp_filter" "$TOOL/facts"

OWN="own_addresses=127.0.0.1 inside_networks=127.0.0.1"

# The world is not loopback's where there are no namespaces either.
facts() {
	# shellcheck disable=SC2086
	"$TOOL/facts" $OWN "bcc_recipients=archive@world.example" \
	    "inside_domains=inside.example, local.example" <"$PF_LOG"
}

# "accepted 1, delivered/out 2 ..." of an account.
sent_by() { # ACCOUNT
	awk -v account="account=$1" '$2 == account && $1 != "pending" {
		where = $4 == "outward=yes" ? "/out" : "/in"
		n[$1 ($1 == "accepted" ? "" : where)]++
	}
	END { for (k in n) print k, n[k] }' "$BED/facts" | sort |
	    paste -sd, - | sed 's/,/, /g'
}

check_sent() { # NAME ACCOUNT WANT
	check_eq "$1" "$(sent_by "$2")" "$3"
}

# Through submission, logged in as LOGIN@test.example.
submit() { # LOGIN RECIPIENT [OPTION...]
	submit_login=$1@test.example submit_to=$2
	shift 2
	"$TOOL/smtp_send" -x "ADDR=192.0.2.77 LOGIN=$submit_login" \
	    -f "$submit_login" "$@" "${submit_at:-$(pf_submission mta)}" \
	    "$submit_to" >>"$BED/log/send.out" 2>&1 ||
		fail "submit" "$submit_login to $submit_to"
}

# From outside, without a login.
receive() { # RECIPIENT [OPTION...]
	receive_to=$1
	shift
	"$TOOL/smtp_send" -x "ADDR=203.0.113.9 NAME=mx.far.example" \
	    -f someone@far.example "$@" "$(pf_smtp mta)" "$receive_to" \
	    >>"$BED/log/send.out" 2>&1 || fail "receive" "$receive_to"
}

# A way of its own into and out of a filter: submission at $submit_at.
filter_service() { # NAME FILTER-OPTION...
	filter_name=$1
	shift
	bed_port
	filter_in=$bed_port
	bed_port
	filter_out=$bed_port
	bed_port
	submit_at=127.0.0.1:$bed_port
	echo "$submit_at" >"$BED/run/$filter_name.submission"
	echo "127.0.0.1:$filter_out" >"$BED/run/$filter_name.behind"
	bed_run "$filter_name" "$TOOL/smtp_filter" "$@" \
	    "127.0.0.1:$filter_in" "127.0.0.1:$filter_out"
	pf_service mta <<-END
		127.0.0.1:$filter_out inet n - n - - smtpd
		  -o content_filter=
		  -o mynetworks=127.0.0.0/8
		  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
		  -o receive_override_options=$filter_override
	END
}

content_filter() { # NAME OVERRIDE-AT-REENTRY OVERRIDE-AT-SUBMISSION OPTION...
	content_name=$1 filter_override=$2 content_override=$3
	shift 3
	filter_service "$content_name" "$@"
	pf_service mta <<-END
		$submit_at inet n - n - - smtpd
		  -o smtpd_sasl_auth_enable=yes
		  -o content_filter=scan-$content_name:[127.0.0.1]:$filter_in
		  -o receive_override_options=$content_override
		scan-$content_name unix - - n - - smtp
		  -o smtp_send_xforward_command=yes
		  -o disable_mime_output_conversion=yes
	END
}

world_start world
pf_new mta
pf_new two postfix-two
pf_set mta "relayhost=$(world_relay world)" smtp_connection_cache_on_demand=no \
    "transport_maps=texthash:$BED/mta/etc/transport" \
    smtp_connect_timeout=2s "mynetworks=127.0.0.9" \
    'header_checks=regexp:{{/^X-Bad:/ REJECT}}' \
    "sender_bcc_maps=texthash:$BED/mta/etc/bcc"
pf_set two "relayhost=$(world_relay world)" mynetworks=127.0.0.0/8
pf_pool mta out1 127.0.0.11
echo 'bcc@test.example archive@world.example' >"$BED/mta/etc/bcc"
cat >"$BED/mta/etc/virtual" <<-END
	team@inside.example a@world.example, b@world.example
	away@inside.example away@world.example
END
cat >"$BED/mta/etc/aliases" <<-END
	crowd x@world.example, y@world.example
END
bed_port
late=127.0.0.26:$bed_port
cat >"$BED/mta/etc/transport" <<-END
	pool.example out1:$(world_relay world)
	late.example smtp:[${late%:*}]:${late#*:}
	two.example smtp:[127.0.0.1]:$(pf_smtp two | sed 's/.*://')
END
echo 'gone@world.example' >"$BED/mta/etc/games.forward"
printf 'p@world.example\nq@world.example\n' >"$BED/mta/etc/news.forward"
content_filter xforward no_address_mappings '' -x
content_filter words no_address_mappings '' -x -a -w 300
content_filter bare '' no_address_mappings
content_filter slow '' no_address_mappings -w 1200
filter_override=no_unknown_recipient_checks
filter_service before
pf_service mta <<-END
	$submit_at inet n - n - - smtpd
	  -o smtpd_sasl_auth_enable=yes
	  -o smtpd_proxy_filter=127.0.0.1:$filter_in
END
submit_at=
pf_start mta
pf_start two

submit plain 'u%d@world.example' -m 3
submit kinds unknown-1@world.example
submit kinds spam-1@world.example
submit kinds full-1@world.example
submit kinds me@inside.example
submit bcc u@world.example
submit alias team@inside.example
submit list crowd@local.example
submit forward games@local.example
submit pool 'u%d@pool.example' -m 2
submit two 'u%d@two.example' -m 2
submit reset 'u%d@world.example' -m 3 -n 2 -R
"$TOOL/smtp_send" -x "LOGIN=checked@test.example" -f checked@test.example \
    -h 'X-Bad: yes' "$(pf_submission mta)" u@world.example \
    >>"$BED/log/send.out" 2>&1 && fail "header check" "took the message"
submit late 'u%d@late.example' -m 2
receive games@local.example
receive news@local.example
receive away@inside.example
receive me@inside.example
"$TOOL/smtp_send" -x "ADDR=127.0.0.9" -f web@test.example "$(pf_smtp mta)" \
    u@world.example >>"$BED/log/send.out" 2>&1
for filter in xforward words bare slow before; do
	submit_at=$(pf_submission $filter)
	submit $filter 'u%d@world.example' -m 3
	submit $filter me@inside.example
	submit $filter-team team@inside.example
	submit $filter-bad unknown-1@world.example
done
submit_at=
has_users=yes
echo hi | pf_sendmail mta www-data -f shop@test.example u@world.example \
    >>"$BED/log/send.out" 2>&1 || has_users=no

# What is left is for late.example: another world answers by naming a message
# that is in this queue, first under its id, then under its new one.
wait_for '[ "$(pf_queue mta | grep -vc late.example)" = 0 ]' 20 ||
	fail "queue" "$(pf_queue mta | head -n 3)"
pf_wait mta 'late.example>.*status=deferred' || fail "late" "is not deferred"
id=$(pf_queue mta | sed -n 's/.*"queue_id": "\([^"]*\)".*/\1/p')
# Whoever reaches the port behind a filter names it, too, and a client.
"$TOOL/smtp_send" -X "IDENT=$id ADDR=203.0.113.9" -f a@test.example \
    "$(cat "$BED/run/bare.behind")" 'hidden%d@world.example' -m 2 \
    >>"$BED/log/send.out" 2>&1 || fail "XFORWARD" "was refused"
pf_wait mta "client=[^ ]*\[127.0.0.1\], orig_queue_id=$id, orig_client=.*\[203.0.113.9\]" ||
	fail "XFORWARD" "no such line"
pf_super mta -h "$id" >>"$BED/log/postsuper.out" 2>&1
bed_run forger "$TOOL/smtp_world" -i "250 2.0.0 Ok: queued as $id" "$late"
wait_port "${late%:*}" "${late#*:}"
submit forged u@late.example
pf_wait mta "status=sent .*queued as $id" || fail "forged" "was not sent"
pf_super mta -r "$id" >>"$BED/log/postsuper.out" 2>&1
pf_wait mta "orig_id=$id" 20 || fail "requeue" "no new queue id"
pf_empty mta 20 || fail "queue" "$(pf_queue mta | head -n 3)"
pf_empty two 20 || fail "queue" "$(pf_queue two | head -n 3)"
# Postfix logs that a message is gone when it is.
pending() {
	facts >"$BED/facts"
	sed -n 's/.* pending=\(-*[0-9]*\) .*/\1/p' "$BED/facts" |
	    awk '{ n += $1 } END { print n + 0 }'
}
check_soon "nothing stays pending" pending 0

# The same sums as a table; the copy is one of its recipients, as replay
# without a configuration can't know better.
table() {
	sort "$BED/facts" | awk '{ a = $2; sub("account=", "", a); seen[a] = 1 }
	$1 == "accepted" { m[a]++ }
	$1 == "recipient" { r[a]++ }
	$1 == "delivered" { d[a]++ }
	$1 == "deferral" { f[a]++ }
	$1 ~ /^(unknown_user|refused|bounced)$/ { b[a]++ }
	END { for (a in m) print a "\t" m[a] "\t" r[a] + 0 "\t" d[a] + 0 \
	    "\t" f[a] + 0 "\t" b[a] + 0 }' | grep -v '^bcc@' | sort
}

check_sent "several recipients" plain@test.example \
    "accepted 1, delivered/out 3, recipient/out 3"
check_sent "kinds of failure, an inside recipient" kinds@test.example \
    "accepted 4, bounced/out 1, delivered/in 1, recipient/in 1, recipient/out 3, refused/out 1, unknown_user/out 1"
check_sent "BCC copy" bcc@test.example \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent "virtual alias" alias@test.example \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent "local alias" list@test.example \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent ".forward of an account's mail" forward@test.example \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent "transport with its own syslog_name" pool@test.example \
    "accepted 1, delivered/out 2, recipient/out 2"
check_sent "two instances" two@test.example \
    "accepted 1, delivered/out 2, recipient/out 2"
check_sent "aborted" reset@test.example ""
check_sent "refused at its end" checked@test.example ""
check_sent ".forward of inbound mail" fwd:games@local.example \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent ".forward to two" fwd:news@local.example \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent "virtual alias of inbound mail" fwd:away@inside.example \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent "trusted client" ip:127.0.0.9 \
    "accepted 1, delivered/out 1, recipient/out 1"
check_sent "who names another's message" ip:127.0.0.1 \
    "accepted 1, delivered/out 2, recipient/out 2"
for filter in xforward words bare slow before; do
	check_sent "$filter filter" $filter@test.example \
	    "accepted 2, delivered/in 1, delivered/out 3, recipient/in 1, recipient/out 3"
	check_sent "$filter filter, alias" $filter-team@test.example \
	    "accepted 1, delivered/out 1, recipient/out 1"
	check_sent "$filter filter, bounce" $filter-bad@test.example \
	    "accepted 1, recipient/out 1, unknown_user/out 1"
done
check_has "deferred, forged at, requeued, sent" \
    "$(sent_by late@test.example)" \
    '^accepted 1, deferral/out [0-9]+, deferred/out 2, delivered/out 2, recipient/out 2$'
check_sent "whose server forges" forged@test.example \
    "accepted 1, delivered/out 1, recipient/out 1"
if [ "$has_users" = yes ]; then
	check_sent "local user" uid:www-data \
	    "accepted 1, delivered/out 1, recipient/out 1"
	check_has "its claimed account" "$(grep uid:www-data "$BED/facts")" \
	    'claimed=shop@test.example domain= '
else
	skip "local user" "no mount namespaces here"
fi
check_eq "nobody else sent" "$(sed -n 's/.*account=\([^ ]*\).*/\1/p' \
    "$BED/facts" | grep -v '@\|uid:www-data' | sort -u |
    paste -sd, -)" ip:127.0.0.1,ip:127.0.0.9
if [ -x "$BUILD/outpost" ]; then
	check_eq "outpost replay --totals says the same" \
	    "$("$BUILD/outpost" replay --totals "$PF_LOG" | tail -n +2 |
		grep -v '^bcc@' | sort)" "$(table)"
else
	skip "outpost replay" "is not built"
fi
