# outpost - the daemon under test, with a configuration made for the bed
#
# outpost_config        makes the configuration: what every bed needs, then
#                       the groups on standard input
# outpost_start         starts outpostd and waits until it answers
# outpost_stop, outpost_reload
# op COMMAND...         the operator's command, speaking to this daemon
#
# It follows $outpost_log (the bed's mail.log) and speaks to the Redis of
# $outpost_redis ("managed").

OUTPOST_CONF=$BED/outpost.conf
OUTPOST_SOCKET=$BED/control.sock
POLICY_SOCKET=$BED/policy.sock
outpost_log=$BED/log/mail.log
outpost_redis=managed

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
			policy: { listen = ( "unix:$POLICY_SOCKET" ); };
			control: { control_socket = "$OUTPOST_SOCKET"; };
			http: { http_listen = "$OUTPOST_HTTP"; };
			redis: { redis_uri = "$outpost_redis"; };
		END
		cat
	} >"$OUTPOST_CONF"
}

outpost_start() {
	bed_run outpostd "$BUILD/outpostd" -c "$OUTPOST_CONF"
	wait_for 'op status' 10 || die "outpostd does not answer"
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
