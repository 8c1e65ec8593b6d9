#!/bin/sh
# chains_xclient - what stands in front of smtpd: postscreen, Dovecot's
# submission (XCLIENT), a front end that speaks XCLIENT, and one that doesn't;
# the account and the client's address are right, no front end is a client
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root ns dovecot smtp-sink redis-server "$TOOL/smtp_send"

ALL="messages recipients delivered"
PROXY=192.0.2.29 # Who speaks to an own address comes from that address.

send() { # WHAT HOST:PORT [OPTION...]
	send_what=$1 send_at=$2
	shift 2
	"$TOOL/smtp_send" -f sender@test.example "$@" "$send_at" \
	    'u%d@world.example' >>"$BED/log/send.out" 2>&1 ||
		fail "send" "$send_what"
}

# Dovecot's submission proxy, in front of Postfix's submission service.
submission_config() {
	cat <<-END
		base_dir = $BED/front/run
		state_dir = $BED/front/state
		log_path = $BED/log/front.log
		protocols = submission
		listen = $PROXY
		ssl = no
		hostname = front.test.example
		auth_mechanisms = plain login
		auth_failure_delay = 0
		default_internal_user = dovecot
		default_login_user = dovenull
		default_internal_group = dovecot
		submission_relay_host = 127.0.0.1
		submission_relay_port = $(pf_submission mta | sed 's/.*://')
		submission_relay_trusted = yes
		service submission-login {
		  inet_listener submission {
		    port = $front_port
		  }
		}
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
	END
	if dovecot_is_23; then
		dovecot_config_23
		echo "mail_location = mbox:$BED/front/mail"
	else
		dovecot_config_24
		echo "mail_driver = mbox"
		echo "mail_path = $BED/front/mail"
	fi
}

start_submission() {
	bed_port
	front_port=$bed_port
	mkdir -p "$BED/front/run" "$BED/front/state" "$BED/front/mail"
	chown 65534:65534 "$BED/front/mail"
	{
		dovecot_head
		submission_config | sed "s|/nonexistent|$BED/front/mail|"
	} >"$BED/front/dovecot.conf"
	bed_run front dovecot -F -c "$BED/front/dovecot.conf"
	wait_port "$PROXY" "$front_port" || die "Dovecot's submission"
}

world_sink sink
dovecot_user anna@test.example secret
dovecot_user webmail@test.example secret
pf_new mta
bed_port
screen_port=$bed_port
pf_set mta "relayhost=$(world_relay sink)" postscreen_greet_wait=1s \
    inet_protocols=all postscreen_cache_map= postscreen_dnsbl_sites= \
    smtpd_sasl_auth_enable=yes
pf_service mta <<-END
	127.0.0.1:$screen_port inet n - n - 1 postscreen
	smtpd pass - - n - - smtpd
	dnsblog unix - - n - 0 dnsblog
	tlsproxy unix - - n - 0 tlsproxy
END
# What logs to syslog elsewhere has its own file here.
: >"$BED/log/front.log"
outpost_config <<END
accounts: { front_ends = ( "127.0.0.1" ); };
END
sed -i "s|files = ( \"$outpost_log\" )|files = ( \"$outpost_log\", \"$BED/log/front.log\" )|" \
    "$OUTPOST_CONF"
outpost_beside mta
pf_start mta
outpost_start

send "by XCLIENT" "$(pf_submission mta)" -m 2 \
    -x "ADDR=198.51.100.7 NAME=client.example LOGIN=xclient@test.example"
send "by XCLIENT, IPv6" "$(pf_submission mta)" \
    -x "ADDR=IPV6:2001:db8::7 NAME=client.example LOGIN=six@test.example"
send "behind postscreen" "127.0.0.1:$screen_port" -m 2 \
    -x "ADDR=198.51.100.8 NAME=client.example LOGIN=screened@test.example"
send "a webmail" "$(pf_submission mta)" -m 3 -u webmail@test.example -p secret
if [ -x /usr/lib/dovecot/submission-login ]; then
	start_submission
	send "through Dovecot" "$PROXY:$front_port" -m 2 \
	    -u anna@test.example -p secret
	"$TOOL/smtp_send" -u anna@test.example -p sesame "$PROXY:$front_port" \
	    u@world.example >>"$BED/log/send.out" 2>&1 &&
		fail "a wrong password" "was taken"
fi
pf_empty mta 20 || fail "queue" "$(pf_queue mta)"

check_counts "XCLIENT" xclient@test.example "$ALL" "1 2 2"
check_counts "XCLIENT: its client" client:198.51.100.7 "$ALL" "1 2 2"
check_counts "XCLIENT, IPv6: its client" client:2001:db8::7 "$ALL" "1 1 1"
check_counts "postscreen" screened@test.example "$ALL" "1 2 2"
check_counts "postscreen: its client" client:198.51.100.8 "$ALL" "1 2 2"
check_counts "a webmail's login" webmail@test.example "$ALL" "1 3 3"
check_eq "no front end is a client" \
    "$(outpost_counts client:127.0.0.1 $ALL)" "0 0 0"
check_eq "nor a network" "$(outpost_counts network:127.0.0.0/24 $ALL)" "0 0 0"
if [ -x /usr/lib/dovecot/submission-login ]; then
	check_counts "Dovecot's submission" anna@test.example "$ALL" "1 2 2"
	check_counts "Dovecot's submission: its client" "client:$PROXY" \
	    "$ALL" "1 2 2"
	# Who only reads mail is no account that is kept. Hers is known by now;
	# her first login counts if her mail was read before it, for they
	# stand in different logs.
	outpost_reads
	before=$(outpost_counts anna@test.example logins)
	send "through Dovecot again" "$PROXY:$front_port" \
	    -u anna@test.example -p secret
	check_counts "Dovecot's submission: logins" anna@test.example \
	    "messages logins" "2 $((before + 1))"
	check_counts "whose password was wrong" "client:$PROXY" login_failed 1
	check_has "Postfix logs what XCLIENT says" "$(cat "$PF_LOG")" \
	    "client=[^ ]*\[$PROXY\], sasl_method=[^ ]*, sasl_username=anna@test"
else
	skip "Dovecot's submission" "is not installed"
fi
