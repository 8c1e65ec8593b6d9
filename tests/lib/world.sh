# world - the mail servers out there
#
# world_sink NAME [OPTION...]   smtp-sink; takes everything unless its options
#                               say otherwise (-f CMD, -r CMD, -B text ...)
# world_start NAME [OPTION...]  tests/tool/smtp_world: the local part decides
#                               the answer (unknown-x, spam-x, defer-x ...)
# world_address NAME            "ADDRESS:PORT"
# world_relay NAME              "[HOST]:PORT" as Postfix wants it
# world_count NAME              messages taken (files in $BED/NAME)
#
# In namespaces the world lives outside loopback, on port 25, and its host
# is called mx.NAME.example; NAME's address is $WORLD_IP or world_at's.

world_at() { # NAME: an address and port of its own in $world_ip $world_port
	world_ip=$WORLD_IP world_port=25
	mkdir -p "$BED/$1"
	chown nobody "$BED/$1" 2>/dev/null
	if [ "$BED_NS" = yes ]; then
		while bed_listens "$world_ip" 25; do
			world_ip=192.0.2.$((${world_ip##*.} + 1))
		done
		bed_host "$world_ip" "mx.$1.example"
		echo "[mx.$1.example]:25" >"$BED/run/$1.relay"
	else
		bed_port
		world_port=$bed_port
		echo "[$world_ip]:$world_port" >"$BED/run/$1.relay"
	fi
	echo "$world_ip:$world_port" >"$BED/run/$1.address"
}

world_sink() { # NAME [OPTION...]
	world_name=$1
	shift
	world_at "$world_name"
	bed_run "$world_name" smtp-sink -u nobody -R "$BED/$world_name" \
	    -d '%M.' "$@" "$world_ip:$world_port" 500
	wait_port "$world_ip" "$world_port" || die "smtp-sink did not start"
}

world_start() { # NAME [OPTION...]
	world_name=$1
	shift
	world_at "$world_name"
	bed_run "$world_name" "$TOOL/smtp_world" -d "$BED/$world_name" \
	    "$@" "$world_ip:$world_port"
	wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
}

world_address() { # NAME
	cat "$BED/run/$1.address"
}

world_relay() { # NAME
	cat "$BED/run/$1.relay"
}

world_count() { # NAME
	find "$BED/$1" -type f | wc -l
}
