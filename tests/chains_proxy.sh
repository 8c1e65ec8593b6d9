#!/bin/sh
# chains_proxy - before-queue filters (smtpd_proxy_filter) on a real Postfix:
# the login stands in lines without a queue id, and counts are right to the
# unit, by the facts and by outpostd
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world" \
    "$TOOL/smtp_filter"

# A filter before the queue, with its way in at $proxy_at.
proxy_service() { # NAME SMTPD-OPTION FILTER-OPTION...
	proxy_name=$1 proxy_option=$2
	shift 2
	bed_port
	filter_in=$bed_port
	bed_port
	filter_out=$bed_port
	bed_port
	echo "127.0.0.1:$bed_port" >"$BED/run/$proxy_name.submission"
	bed_run "$proxy_name" "$TOOL/smtp_filter" "$@" \
	    "127.0.0.1:$filter_in" "127.0.0.1:$filter_out"
	pf_service mta <<-END
		127.0.0.1:$filter_out inet n - n - - smtpd
		  -o mynetworks=127.0.0.0/8
		  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
		  -o smtpd_recipient_restrictions=
		  -o smtpd_data_restrictions=
		  -o smtpd_end_of_data_restrictions=
		  -o receive_override_options=no_unknown_recipient_checks
		127.0.0.1:$bed_port inet n - n - - smtpd
		  -o smtpd_sasl_auth_enable=yes
		  -o mynetworks=198.51.100.0/24
		  -o smtpd_proxy_filter=127.0.0.1:$filter_in
		  -o smtpd_proxy_options=$proxy_option
	END
}

send() { # FILTER XCLIENT-ATTRIBUTES FROM RECIPIENT [OPTION...]
	send_at=$(pf_submission "$1") send_as=$2 send_from=$3 send_to=$4
	shift 4
	"$TOOL/smtp_send" -x "$send_as" -f "$send_from" "$@" "$send_at" \
	    "$send_to" >>"$BED/log/send.out" 2>&1
}

submit() { # FILTER LOGIN RECIPIENT [OPTION...]
	submit_filter=$1 submit_login=$2@test.example submit_to=$3
	shift 3
	send "$submit_filter" "ADDR=192.0.2.77 LOGIN=$submit_login" \
	    "$submit_login" "$submit_to" "$@" ||
		fail "submit" "$submit_login to $submit_to"
}

world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" \
    'header_checks=regexp:{{/^X-Bad:/ REJECT}}'
echo 'team@inside.example a@world.example, b@world.example' \
    >"$(pf_etc mta)/virtual"
proxy_service plain ''
proxy_service xforward '' -x
proxy_service words '' -x -a
proxy_service slow speed_adjust -w 1200
outpost_config <<END
accounts: { trusted_clients = ( "127.0.0.0/8", "198.51.100.0/24" ); };
END
outpost_beside mta
pf_start mta
outpost_start

FILTERS="plain xforward words slow"
for filter in $FILTERS; do
	submit $filter $filter 'u%d@world.example' -n 2 -m 3
	submit $filter $filter me@inside.example
	submit $filter $filter team@inside.example
	submit $filter $filter unknown-1@world.example
	submit $filter $filter-reset 'u%d@world.example' -m 3 -R
	send $filter "ADDR=192.0.2.77 LOGIN=$filter-bad@test.example" \
	    a@test.example u@world.example -h 'X-Bad: yes' &&
		fail "header check" "took the message"
	send $filter "ADDR=203.0.113.9" a@far.example me@inside.example ||
		fail "receive" "refused"
done
send plain "ADDR=198.51.100.7" web@test.example 'u%d@world.example' -m 2 ||
	fail "trusted client" "refused"
pf_empty mta 20 || fail "queue" "$(pf_queue mta)"

ALL="messages recipients inside delivered inside_delivered unknown_user attempts"
for filter in $FILTERS; do
	check_counts "$filter" $filter@test.example "$ALL" "5 8 1 7 1 1 0"
	check_counts "$filter, aborted" $filter-reset@test.example "$ALL" \
	    "0 0 0 0 0 0 0"
	check_counts "$filter, refused behind it" $filter-bad@test.example \
	    "$ALL" "0 0 0 0 0 0 0"
done
check_counts "trusted client" ip:198.51.100.7 "$ALL" "1 2 0 2 0 0 0"
check_counts "the filters themselves" ip:127.0.0.1 "$ALL" "0 0 0 0 0 0 0"
grep -E "NOQUEUE: client=|proxy-" "$PF_LOG" | head -n 12 >"$BED/seen"
check_has "Postfix logs the login without a queue id" "$(cat "$BED/seen")" \
    'NOQUEUE: client=[^ ]*\[192.0.2.77\], .*sasl_username=plain@test.example$'
check_has "and the id behind the filter" "$(cat "$BED/seen")" \
    'proxy-accept: .*queued as [^ ;]*; .*sasl_username=<plain@test.example>$'
check_soon "nothing stays pending" 'op --json show plain@test.example |
    grep -o "\"pending\":[0-9]*" | head -n 1' \
    '"pending":0'
