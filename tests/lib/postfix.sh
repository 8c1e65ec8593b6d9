# postfix - private instances of the real Postfix
#
# Each has its own configuration, queue and log under the bed; the machine's
# Postfix is neither needed (no /etc/postfix/main.cf) nor touched.
#
# pf_new NAME [SYSLOG_NAME]   makes one; syslog_name is "postfix" by default
# pf_set NAME PARAM=VALUE...  changes main.cf
# pf_service NAME <LINES      adds master.cf entries
# pf_opt NAME SERVICE/TYPE/PARAM=VALUE...   changes "-o" of a service
# pf_pool NAME TRANSPORT IP   an outgoing transport bound to IP, with a
#                             syslog_name of its own
# pf_start, pf_stop NAME
# pf_reload NAME              returns when master has read main.cf again
# pf_log NAME                 the log's path (one file for all instances)
# pf_smtp NAME                "ADDRESS:PORT" of plain smtpd (XCLIENT allowed)
# pf_submission NAME          "ADDRESS:PORT" with SASL (and XCLIENT LOGIN=)
# pf_wait NAME ERE [TIMEOUT]  until the log has such a line
# pf_logged NAME              until the log has what was said so far: programs
#                             go on while postlogd writes for them
# pf_queue NAME               postqueue -j
# pf_super NAME ARGUMENT...   postsuper
# pf_flush NAME               tries everything again
# pf_sendmail NAME USER ARG.. local submission as that user
# pf_empty NAME [TIMEOUT]     until the queue is empty
# pf_is_empty NAME
#
# Domains: inside.example is delivered by virtual(8), local.example by
# local(8) to system users (aliases: ETC/aliases, .forward: ETC/USER.forward),
# ETC/virtual is virtual_alias_maps, ETC/transport transport_maps; the rest
# goes to relayhost. pf_etc NAME tells ETC.

. "$TOP/tests/lib/dovecot.sh"

PF_LOG=$BED/log/mail.log

pf_etc() { # NAME
	echo "$BED/$1/etc"
}

pf_log() { # NAME
	echo "$PF_LOG"
}

pf_smtp() { # NAME
	cat "$BED/run/$1.smtp"
}

pf_submission() { # NAME
	cat "$BED/run/$1.submission"
}

pf_main_cf() { # NAME SYSLOG_NAME
	cat <<-END
		compatibility_level = 3.6
		queue_directory = $BED/$1/queue
		data_directory = $BED/$1/data
		command_directory = /usr/sbin
		daemon_directory = /usr/lib/postfix/sbin
		mail_owner = postfix
		setgid_group = postdrop
		maillog_file = $PF_LOG
		maillog_file_prefixes = $BED
		syslog_name = $2
		import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG
		myhostname = mail.test.example
		mydomain = test.example
		myorigin = test.example
		inet_interfaces = 127.0.0.1
		inet_protocols = ipv4
		mynetworks =
		mydestination = local.example
		local_recipient_maps =
		alias_maps = texthash:$BED/$1/etc/aliases
		alias_database =
		forward_path = $BED/$1/etc/\$user.forward
		mail_spool_directory = $BED/$1/spool/
		virtual_alias_maps = texthash:$BED/$1/etc/virtual
		virtual_mailbox_domains = inside.example
		virtual_mailbox_base = $BED/$1/mail
		virtual_mailbox_maps = static:all/
		virtual_uid_maps = static:65534
		virtual_gid_maps = static:65534
		transport_maps = texthash:$BED/$1/etc/transport
		default_transport = smtp
		relayhost = [127.0.0.1]:9
		disable_dns_lookups = yes
		smtp_host_lookup = native
		smtp_dns_support_level = disabled
		smtpd_peername_lookup = $BED_NS
		enable_long_queue_ids = yes
		append_dot_mydomain = no
		biff = no
		queue_run_delay = 5s
		minimal_backoff_time = 5s
		maximal_backoff_time = 30s
		smtpd_error_sleep_time = 0
		smtpd_authorized_xclient_hosts = 127.0.0.0/8
		smtpd_sasl_type = dovecot
		smtpd_sasl_path = $DOVECOT_SASL
		smtpd_sasl_auth_enable = no
		smtpd_sasl_security_options = noanonymous
		smtpd_relay_restrictions = permit_mynetworks,
		    permit_sasl_authenticated, reject_unauth_destination
	END
}

pf_master_cf() { # SYSLOG_NAME SMTP SUBMISSION
	cat <<-END
		$2 inet n - n - - smtpd
		$3 inet n - n - - smtpd
		  -o syslog_name=$1/submission
		  -o smtpd_sasl_auth_enable=yes
		  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject
		postlog unix-dgram n - n - 1 postlogd
		pickup unix n - n 2 1 pickup
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		tlsmgr unix - - n 1000? 1 tlsmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		verify unix - - n - 1 verify
		flush unix n - n 1000? 0 flush
		proxymap unix - - n - - proxymap
		proxywrite unix - - n - 1 proxymap
		smtp unix - - n - - smtp
		relay unix - - n - - smtp
		showq unix n - n - - showq
		error unix - - n - - error
		retry unix - - n - - error
		discard unix - - n - - discard
		local unix - n n - - local
		virtual unix - n n - - virtual
		lmtp unix - - n - - lmtp
		anvil unix - - n - 1 anvil
		scache unix - - n - 1 scache
	END
}

pf_new() { # NAME [SYSLOG_NAME]
	mkdir -p "$BED/$1/etc" "$BED/$1/queue" "$BED/$1/data" \
	    "$BED/$1/spool" "$BED/$1/mail"
	chown postfix "$BED/$1/data"
	chown 65534:65534 "$BED/$1/mail"
	chmod 1777 "$BED/$1/spool"
	touch "$BED/$1/etc/aliases" "$BED/$1/etc/virtual" \
	    "$BED/$1/etc/transport" "$PF_LOG"
	bed_port
	echo "127.0.0.1:$bed_port" >"$BED/run/$1.smtp"
	bed_port
	echo "127.0.0.1:$bed_port" >"$BED/run/$1.submission"
	pf_main_cf "$1" "${2:-postfix}" >"$BED/$1/etc/main.cf"
	pf_master_cf "${2:-postfix}" "$(pf_smtp "$1")" \
	    "$(pf_submission "$1")" >"$BED/$1/etc/master.cf"
}

pf_set() { # NAME PARAM=VALUE...
	pf_dir=$BED/$1/etc
	shift
	postconf -c "$pf_dir" -e "$@" || die "postconf $*"
}

pf_service() { # NAME, lines on standard input
	cat >>"$BED/$1/etc/master.cf"
}

pf_opt() { # NAME SERVICE/TYPE/PARAM=VALUE...
	pf_dir=$BED/$1/etc
	shift
	postconf -c "$pf_dir" -P "$@" || die "postconf -P $*"
}

pf_pool() { # NAME TRANSPORT IP
	pf_service "$1" <<-END
		$2 unix - - n - - smtp
		  -o syslog_name=postfix-$2
		  -o smtp_bind_address=$3
		  -o smtp_bind_address_enforce=yes
	END
}

pf_start() { # NAME
	dovecot_start
	postfix -c "$BED/$1/etc" start >>"$BED/log/postfix.out" 2>&1 ||
		die "postfix start: $(tail -n 3 "$BED/log/postfix.out")"
	pf_name=$1
	wait_for 'pf_master "$pf_name"' 10 || die "no postfix master"
	bed_own "$(pf_master "$1")" "$1"
	pf_started="$pf_started $1"
	pf_port=$(pf_submission "$1")
	wait_port 127.0.0.1 "${pf_port#*:}" || die "postfix does not listen"
}

pf_master() { # NAME: the master's process id
	[ -s "$BED/$1/queue/pid/master.pid" ] &&
		tr -d ' ' <"$BED/$1/queue/pid/master.pid"
}

pf_stop() { # NAME
	bed_kill "$1"
}

pf_reload() { # NAME
	pf_to=$(pf_maillog "$1")
	pf_before=$(pf_reloads)
	postfix -c "$BED/$1/etc" reload >>"$BED/log/postfix.out" 2>&1
	wait_for '[ "$(pf_reloads)" -gt "$pf_before" ]'
}

# As main.cf says last; postconf would take longer to tell.
pf_maillog() { # NAME
	sed -n '/^maillog_file *= */{s///;h;}; ${x;p;}' "$BED/$1/etc/main.cf"
}

pf_reloads() {
	grep -cs '/master\[[0-9]*\]: reload -- version' "$pf_to"
}

pf_wait() { # NAME ERE [TIMEOUT]
	wait_line "$PF_LOG" "$2" "${3:-}"
}

pf_mark=0 pf_started=
pf_logged() { # NAME
	pf_mark=$((pf_mark + 1))
	postlog -c "$BED/$1/etc" -t postfix/bed "mark $pf_mark" 2>/dev/null
	wait_line "$(pf_maillog "$1")" \
	    "postfix/bed.*: mark $pf_mark\$"
}

pf_queue() { # NAME
	postqueue -c "$BED/$1/etc" -j
}

pf_super() { # NAME ARGUMENT...
	pf_dir=$BED/$1/etc
	shift
	postsuper -c "$pf_dir" "$@"
}

pf_flush() { # NAME
	postqueue -c "$BED/$1/etc" -f
}

pf_empty() { # NAME [TIMEOUT]
	pf_name=$1
	wait_for 'pf_is_empty "$pf_name"' "${2:-}"
}

pf_is_empty() { # NAME
	[ -z "$(pf_queue "$1")" ]
}

# Postfix lets a plain user name no configuration of his own: in a mount
# namespace ours lies where he looks. False when the kernel forbids that.
pf_sendmail() { # NAME USER ARGUMENT..., the message on standard input
	pf_dir=$BED/$1/etc pf_user=$2
	shift 2
	unshare -m sh -c 'mount --bind "$1" /etc/postfix && shift &&
		user=$1 && shift && exec setpriv --reuid="$user" \
		--regid="$(id -g "$user")" --clear-groups \
		/usr/sbin/sendmail "$@"' sh "$pf_dir" "$pf_user" "$@"
}
