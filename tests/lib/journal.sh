# journal - a private systemd journal, written as journald would
#
# journal_dir=DIR       where it is kept (made when first written)
# journal_line PROGRAM TEXT [FIELD=VALUE...]   one entry, as Postfix's (uid 0)
# journal_write         what journal_line and journal_mail have gathered becomes
#                       entries
# journal_mail LOGIN N  N messages of LOGIN with 2 recipients each

journal_dir=$BED/journal
journal_remote=/lib/systemd/systemd-journal-remote
journal_boot=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
journal_machine=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
journal_id=1000

journal_line() { # PROGRAM TEXT [FIELD=VALUE...]
	journal_program=$1 journal_text=$2
	shift 2
	journal_us=$(date +%s%6N)
	cat >>"$BED/journal.export" <<END
__REALTIME_TIMESTAMP=$journal_us
__MONOTONIC_TIMESTAMP=$journal_us
_BOOT_ID=$journal_boot
_MACHINE_ID=$journal_machine
_HOSTNAME=mx
SYSLOG_FACILITY=2
SYSLOG_IDENTIFIER=$journal_program
SYSLOG_PID=77
END
	[ $# -gt 0 ] || set -- _TRANSPORT=syslog _UID=0
	for journal_field in "$@"; do
		echo "$journal_field"
	done >>"$BED/journal.export"
	printf 'MESSAGE=%s\n\n' "$journal_text" >>"$BED/journal.export"
}

journal_mail() { # LOGIN N
	awk -v login="$1" -v n="$2" -v us="$(date +%s%6N)" -v id=$journal_id \
	    -v boot=$journal_boot -v machine=$journal_machine '
	function line(program, text) {
		us++
		printf "__REALTIME_TIMESTAMP=%.0f\n__MONOTONIC_TIMESTAMP=%.0f\n", us, us
		printf "_BOOT_ID=%s\n_MACHINE_ID=%s\n_HOSTNAME=mx\n", boot, machine
		print "SYSLOG_FACILITY=2\n_TRANSPORT=syslog\n_UID=103"
		print "_SYSTEMD_UNIT=postfix@-.service"
		printf "SYSLOG_IDENTIFIER=postfix/%s\nSYSLOG_PID=77\n", program
		printf "MESSAGE=%s\n\n", text
	}
	BEGIN {
		for (i = 0; i < n; i++) {
			q = sprintf("%010X", ++id)
			line("smtpd", q ": client=x[203.0.113.7], " \
			    "sasl_method=PLAIN, sasl_username=" login)
			line("qmgr", q ": from=<" login ">, size=500, nrcpt=2 " \
			    "(queue active)")
			for (k = 0; k < 2; k++)
				line("smtp", q ": to=<u" k "@world.example>, " \
				    "relay=w[192.0.2.1]:25, delay=1, " \
				    "delays=0/0/0/1, dsn=2.0.0, status=sent " \
				    "(250 ok)")
			line("qmgr", q ": removed")
		}
	}' >>"$BED/journal.export"
	journal_id=$((journal_id + $2))
}

journal_write() {
	mkdir -p "$journal_dir"
	$journal_remote -o "$journal_dir/mail.journal" - \
	    <"$BED/journal.export" >>"$BED/log/journal.out" 2>&1 ||
		die "systemd-journal-remote"
	: >"$BED/journal.export"
	chmod -R a+rX "$journal_dir"
}
