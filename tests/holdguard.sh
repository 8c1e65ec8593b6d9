#!/bin/sh
# holdguard - nothing is held for ever: outpostd, Redis and outpost-queue dead
# for good, their state gone; killed at any moment; uninstalled
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server setpriv "$TOOL/smtp_send" \
    "$TOOL/smtp_world"

send() { # LOGIN RECIPIENT ARGUMENT...
	login=$1@inside.example to=$2
	shift 2
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" \
	    "$@" "$(pf_submission mta)" "$to" 2>&1
}

came() { # PREFIX: recipients that got a message, sorted
	sed -n "s/^X-World-To: *<*\($1[0-9]*\)@.*/\1/p" "$BED"/world/[0-9]* \
	    2>/dev/null | sort -V | tr '\n' ' '
}

expect() { # PREFIX N
	seq -f "$1%g" 1 "$2" | tr '\n' ' '
}

# With no more of root's power than the unit leaves it.
guard() { # ARGUMENT...
	setpriv --no-new-privs \
	    --bounding-set=-all,+dac_override,+fowner,+setuid,+setgid \
	    "$BUILD/outpost" --config "$OUTPOST_CONF" holdguard "$@"
}

world_at world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
# Postfix's own tools, of which one may hang.
mkdir "$BED/commands"
for tool in postqueue postcat postconf; do
	ln -s "$(command -v "$tool")" "$BED/commands/$tool"
done
cat >"$BED/commands/postsuper" <<END
#!/bin/sh
case \$* in
*" -h "*)
	if [ -e "$BED/hangs" ]; then
		echo "\$*" >>"$BED/hangs"
		exec sleep 20
	fi ;;
esac
exec $(command -v postsuper) "\$@"
END
chmod 755 "$BED/commands/postsuper"
outpost_config <<END
$(queue_config "postfix_commands = \"$BED/commands\";")
END
outpost_beside mta
pf_start mta
check_eq "nothing was ever held: nothing to do" "$(guard 2>&1)" ""
queue_start
outpost_start

send alice 'a%d@world.example' -n 4
send bob 'b%d@world.example' -n 3
send carol c1@world.example
wait_for '[ "$(queue_counts mta)" = "0 8" ]' || die "mail doesn't wait"
pf_queue mta | grep carol | sed 's/.*"queue_id": "\([^"]*\)".*/\1/' |
    pf_super mta -h - 2>/dev/null
op suspend alice@inside.example --for 10s --reason test >/dev/null
due=$(($(now_ms) + 11000))
op suspend bob@inside.example --for 1h --reason test >/dev/null
wait_for '[ "$(queue_counts mta)" = "8 0" ]' || die "not held"

redis_pid=$(cat "$BED/state/redis/redis.pid")
bed_kill outpostd KILL
kill -s KILL "$redis_pid"
bed_kill outpost-queue KILL
# Without its tables Postfix would refuse mail.
find "$BED/state" -mindepth 1 -maxdepth 1 ! -name tables -exec rm -r {} +
rm "$QUEUE_SOCKET"
bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
check_eq "not yet due: stays" "$(guard) $(queue_counts mta)" " 8 0"
setpriv --reuid=65534 --clear-groups "$BUILD/outpost" --config /dev/null \
    holdguard >/dev/null 2>&1
check_eq "it is for root" $? 4
wait_for '[ "$(now_ms)" -ge $due ]'
check_has "due: released" "$(guard 2>&1)" '^4 overdue messages, 4 released'
check "due: leaves at once" wait_for '[ "$(came a)" = "$(expect a 4)" ]' 5
check_soon "what isn't due, or isn't ours, stays" 'queue_counts mta' "4 0"
check_eq "again: nothing" "$(guard) $(queue_counts mta)" " 4 0"

# Another outpostd, born anew: it knows from outpost-queue what is held.
queue_start
outpost_start
check "born anew: known" wait_for '[ "$(outpost_status messages_held)" = 3 ]'

# Killed at any moment, both, again and again.
bed_kill world
send dave 'd%d@world.example' -n 40
wait_for '[ "$(queue_counts mta)" = "4 40" ]' 20 || die "mail doesn't wait"
op suspend dave@inside.example --for 2h --reason test >/dev/null
for n in 1 2 3 4 5 6 7 8; do
	sleep "0.0$n"
	bed_kill outpost-queue KILL
	[ $((n % 2)) = 0 ] || bed_kill outpostd KILL
	queue_start
	[ $((n % 2)) = 0 ] || outpost_start
	op lift dave@inside.example --reason test --release all \
	    >"$BED/said" 2>&1 || fail "lift $n" "$(cat "$BED/said")"
	sleep "0.0$n"
	op suspend dave@inside.example --for 2h --reason test \
	    >"$BED/said" 2>&1 || fail "suspend $n" "$(cat "$BED/said")"
done
check "killed over and over: all is held" wait_for \
    '[ "$(queue_counts mta)" = "44 0" ]' 60

# Noted, but not on hold yet.
send erin 'e%d@world.example' -n 3
wait_for '[ "$(queue_counts mta)" = "44 3" ]' 20 || die "mail doesn't wait"
touch "$BED/hangs"
op suspend erin@inside.example --for 2h --reason test >/dev/null
wait_for 'test -s "$BED/hangs"' 20 || die "postsuper isn't run"
wait_for '[ "$(outpost_status events_waiting)" = 0 ]' || die "not told"
bed_kill outpost-queue KILL
bed_kill outpostd KILL
rm "$BED/hangs"
queue_start
outpost_start
check "killed right before it is on hold: it is, in the end" wait_for \
    '[ "$(queue_counts mta)" = "47 0" ]' 20
bed_kill outpost-queue KILL
bed_kill outpostd KILL

# Uninstalled: what Outpost holds leaves first, by what is there.
mkdir -p "$BED/usr/bin" "$BED/usr/sbin" "$BED/etc/outpost"
cp "$BUILD/outpost" "$BED/usr/bin"
cp "$OUTPOST_CONF" "$BED/etc/outpost"
bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
uninstall() {
	env DESTDIR= PREFIX="$BED/usr" SYSCONFDIR="$BED/etc" \
	    sh "$TOP/etc/install.sh" uninstall 2>&1
}
mv "$QUEUE_STATE/held" "$BED/held"
echo damaged >"$QUEUE_STATE/held"
check_has "uninstall: can't be done, is refused" "$(uninstall)" \
    "can't be understood"
check "uninstall: refused, nothing is removed" test -x "$BED/usr/bin/outpost"
mv "$BED/held" "$QUEUE_STATE/held"
check_has "uninstall: lets go" "$(uninstall)" 'overdue messages, 46 released'
check "uninstall: done" test ! -e "$BED/usr/bin/outpost"
check "uninstall: all leaves" wait_for '[ "$(queue_counts mta)" = "1 0" ]' 20
check_eq "bob's, once" "$(came b)" "$(expect b 3)"
check_eq "dave's, once, none lost" "$(came d)" "$(expect d 40)"
check_eq "erin's, once" "$(came e)" "$(expect e 3)"
check_eq "an operator's hold is untouched" "$(came c)" ""
