#!/bin/sh
# chains_bcc - copies that Postfix adds (always_bcc, sender and recipient BCC
# maps) are no recipients of the client's when bcc_recipients names them;
# without it each copy counts as one
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot smtp-sink redis-server "$TOOL/smtp_send" \
    "$TOOL/smtp_filter" "$TOOL/facts"

submit() { # LOGIN RECIPIENT [OPTION...]
	submit_login=$1@test.example submit_to=$2
	shift 2
	"$TOOL/smtp_send" -x "ADDR=192.0.2.77 LOGIN=$submit_login" \
	    -f "$submit_login" "$@" "${submit_at:-$(pf_submission mta)}" \
	    "$submit_to" >>"$BED/log/send.out" 2>&1 ||
		fail "submit" "$submit_login to $submit_to"
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" always_bcc=archive@keep.example \
    "sender_bcc_maps=texthash:$BED/mta/etc/sender" \
    "recipient_bcc_maps=texthash:$BED/mta/etc/recipient"
echo 'watched@test.example audit@world.example' >"$(pf_etc mta)/sender"
echo 'u1@world.example copy-u1@copies.example' >"$(pf_etc mta)/recipient"
echo 'team@inside.example a@world.example, u1@world.example' \
    >"$(pf_etc mta)/virtual"
# A content filter: the copies are added again behind it, or only there.
bed_port
filter_in=$bed_port
bed_port
filter_out=$bed_port
bed_port
filtered=127.0.0.1:$bed_port
bed_run filter "$TOOL/smtp_filter" -x "127.0.0.1:$filter_in" \
    "127.0.0.1:$filter_out"
pf_service mta <<-END
	127.0.0.1:$filter_out inet n - n - - smtpd
	  -o content_filter=
	  -o mynetworks=127.0.0.0/8
	  -o smtpd_authorized_xforward_hosts=127.0.0.0/8
	  -o smtpd_recipient_restrictions=
	  -o smtpd_data_restrictions=
	  -o smtpd_end_of_data_restrictions=
	$filtered inet n - n - - smtpd
	  -o smtpd_sasl_auth_enable=yes
	  -o content_filter=scan:[127.0.0.1]:$filter_in
	  -o receive_override_options=no_address_mappings
	scan unix - - n - - smtp
	  -o smtp_send_xforward_command=yes
END
outpost_chains='bcc_recipients = ( "archive@keep.example",
	"audit@world.example", "*@copies.example" );'
outpost_config <<END
limits = ( { name = "hour"; max = 6; action = "throttle"; points = 200; } );
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

submit plain 'u%d@world.example' -m 3
submit watched 'u%d@world.example' -m 3
submit aliased team@inside.example
submit_at=$filtered
submit filtered 'u%d@world.example' -m 3
submit_at=
submit limit 'u%d@world.example' -m 3
pf_empty mta 20 || fail "queue" "$(pf_queue mta)"
submit limit 'u%d@world.example' -m 3
pf_empty mta 20 || fail "queue" "$(pf_queue mta)"

ALL="messages recipients delivered attempts"
check_counts "always_bcc, recipient_bcc_maps" plain@test.example "$ALL" "1 3 3 0"
check_counts "sender_bcc_maps, too" watched@test.example "$ALL" "1 3 3 0"
check_counts "behind an alias" aliased@test.example "$ALL" "1 1 1 0"
check_counts "behind a content filter" filtered@test.example "$ALL" "1 3 3 0"
check_counts "no copy is taken off a limit" limit@test.example "$ALL" "2 6 6 0"
check_soon "the copies did leave" 'grep -c \
    "to=<\(archive@keep\|audit@world\|copy-u1@copies\).example>.*status=sent" \
    "$PF_LOG"' 12

# The same log without the setting: three copies for who is watched, two for
# the rest.
recipients() { # LOGIN
	grep -c "^recipient account=$1@test.example " "$BED/facts"
}

OWN="own_addresses=127.0.0.1 inside_networks=127.0.0.1"
# shellcheck disable=SC2086
"$TOOL/facts" $OWN "inside_domains=inside.example" <"$PF_LOG" >"$BED/facts"
check_eq "without the setting each copy counts" \
    "$(recipients plain) $(recipients watched) $(recipients limit)" "5 6 10"
check_eq "but not behind a content filter, where the client named none" \
    "$(recipients filtered)" 3
