# outpost - the daemon under test, with a configuration made for the bed
#
# outpost_config        makes the configuration: what every bed needs, then
#                       the groups on standard input
# outpost_start         starts outpostd and waits until it answers
# outpost_stop, outpost_reload
# op COMMAND...         the operator's command, speaking to this daemon
# outpost_beside NAME   the printed lines into that Postfix's main.cf (the
#                       configuration is made, the Postfix not yet started)
# outpost_counts SUBJECT COUNT...   "N N ...": its last day, from `op why`
# check_counts NAME SUBJECT "COUNT ..." "N ..."    they become and stay so
# outpost_reads         until everything that was logged so far was read
# outpost_standing SUBJECT          "suspended", "good" ...
# outpost_status KEY    a line of `op status`
# outpost_enforce       enforce mode
#
# It follows $outpost_log (the bed's mail.log) and speaks to the Redis of
# $outpost_redis ("managed"). $outpost_listen (', "inet:..."'), $outpost_policy,
# $outpost_control, $outpost_fbl and $outpost_chains go into these groups.
. "$TOP/tests/lib/counts.sh"

OUTPOST_CONF=$BED/outpost.conf
OUTPOST_SOCKET=$BED/control.sock
POLICY_SOCKET=$BED/policy.sock
outpost_log=$BED/log/mail.log
outpost_redis=managed
FBL_SOCKET=$BED/fbl.sock
outpost_listen='' outpost_policy='' outpost_control='' outpost_fbl='' outpost_chains=''

outpost_config() {
	mkdir -p "$BED/state"
	[ -e "$BED/secret" ] || (umask 077 && head -c 32 /dev/urandom >"$BED/secret")
	bed_port
	OUTPOST_HTTP=127.0.0.1:$bed_port
	{
		cat <<-END
			state_dir = "$BED/state";
			secret_file = "$BED/secret";
			log: { files = ( "$outpost_log" ); };
			policy: { listen = ( "unix:$POLICY_SOCKET"$outpost_listen );
				$outpost_policy };
			control: { control_socket = "$OUTPOST_SOCKET"; $outpost_control };
			http: { http_listen = "$OUTPOST_HTTP"; };
			redis: { redis_uri = "$outpost_redis"; };
			fbl: { fbl_listen = "unix:$FBL_SOCKET"; $outpost_fbl };
		END
		# Without namespaces the world is on loopback, too.
		case $BED_NS/$outpost_chains in
		yes/* | */*own_addresses*) ;;
		*)	outpost_chains="$outpost_chains own_addresses = (
			\"127.0.0.1\" ); inside_networks = ( \"127.0.0.1\" );" ;;
		esac
		[ -z "$outpost_chains" ] || echo "chains: { $outpost_chains };"
		cat
	} >"$OUTPOST_CONF"
}

outpost_start() {
	bed_run outpostd "$BUILD/outpostd" -c "$OUTPOST_CONF"
	wait_for 'op status' || die "outpostd does not answer"
}

outpost_stop() {
	bed_kill outpostd
}

outpost_reload() {
	bed_kill outpostd HUP
}

op() { # COMMAND...
	"$BUILD/outpost" --socket "$OUTPOST_SOCKET" "$@"
}

outpost_beside() { # NAME
	"$BUILD/outpost" --config "$OUTPOST_CONF" postfix \
	    --postfix-config "$BED/$1/etc" >>"$BED/$1/etc/main.cf" ||
		die "outpost postfix"
	# It stands in the printed one.
	sed -i '/^transport_maps = texthash:/d' "$BED/$1/etc/main.cf"
}

outpost_counts() { # SUBJECT COUNT...
	outpost_of=$1
	shift
	op why "$outpost_of" 2>&1 | counts_last_day "$@"
}

outpost_standing() { # SUBJECT
	op why "$1" 2>/dev/null | sed -n 's/^standing *//p'
}

outpost_status() { # KEY
	op status 2>/dev/null | sed -n "s/^$1  *//p"
}

outpost_reads() {
	for outpost_mta in ${pf_started:-}; do
		! bed_alive "$outpost_mta" || pf_logged "$outpost_mta"
	done
	wait_for '[ "$(outpost_status log_bytes_behind)" = 0 ]'
}

check_counts() { # NAME SUBJECT "COUNT ..." "N ..."
	outpost_subject=$2 outpost_kinds=$3 outpost_want=$4
	# shellcheck disable=SC2086
	wait_for '[ "$(outpost_counts "$outpost_subject" $outpost_kinds)" = \
	    "$outpost_want" ]'
	outpost_reads
	# shellcheck disable=SC2086
	check_eq "$1" "$(outpost_counts "$2" $3)" "$4"
}

outpost_enforce() {
	op mode enforce --reason test >/dev/null || die "outpost mode"
}
