# outpost - the daemon under test, with a configuration made for the bed
#
# outpost_config        reads settings from standard input and puts them
#                       after the ones every bed needs
# outpost_start         starts outpostd and waits until it answers
# outpost_stop, outpost_reload
# op COMMAND...         the operator's command, speaking to this daemon

OUTPOST_CONF=$BED/outpost.conf
OUTPOST_SOCKET=$BED/state/control.sock

outpost_config() {
	mkdir -p "$BED/state"
	cat >"$OUTPOST_CONF"
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
