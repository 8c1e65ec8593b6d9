# queue - outpost-queue and what it holds
#
# queue_config              the group for outpost_config (one instance, mta)
# queue_start, queue_stop   outpost-queue, by its own listener, with no more of
#                           root's power than its unit leaves it
# queue_held NAME           queue ids on hold, sorted
# queue_sends LOGIN N [SIZE] N messages to defer-N@world.example, which wait
# queue_counts NAME         "HOLD OTHER" messages in that Postfix's queue
# queue_told NAME           until outpostd knows of all that is on hold there:
#                           Postfix holds it before outpost-queue has told

QUEUE_SOCKET=$BED/queue.sock
QUEUE_STATE=$BED/queue-state

queue_config() {
	cat <<-END
		queue: { queue_socket = "$QUEUE_SOCKET"; queue_user = "outpost";
			queue_state_dir = "$QUEUE_STATE";
			instances = ( "postfix=$BED/mta/etc" ); ${1:-}
		};
	END
}

queue_start() {
	bed_run outpost-queue setpriv --no-new-privs \
	    --bounding-set=-all,+dac_override,+fowner,+setuid,+setgid \
	    "$BUILD/outpost-queue" -c "$OUTPOST_CONF" \
	    -l "$QUEUE_SOCKET"
	wait_for 'test -S "$QUEUE_SOCKET"' 5 || die "no outpost-queue"
}

queue_stop() {
	bed_kill outpost-queue
}

queue_held() { # NAME
	pf_queue "$1" | sed -n \
	    's/^{"queue_name": "hold", "queue_id": "\([^"]*\)".*/\1/p' | sort
}

queue_ids() { # NAME
	pf_queue "$1" | sed -n 's/.*"queue_id": "\([^"]*\)".*/\1/p' | sort
}

queue_counts() { # NAME
	echo "$(queue_held "$1" | wc -l) $(pf_queue "$1" |
	    grep -vc '^{"queue_name": "hold"')"
}

queue_told() { # NAME
	queue_mta=$1
	wait_for '[ "$(outpost_status messages_held)" = \
	    "$(queue_held "$queue_mta" | wc -l)" ]'
}

# The outpost command, reading the configuration.
opc() { # COMMAND...
	"$BUILD/outpost" --config "$OUTPOST_CONF" "$@"
}
