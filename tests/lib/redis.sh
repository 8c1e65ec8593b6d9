# redis - a private Redis on a unix socket
#
# redis_start [NAME] [OPTION...]   $BED/NAME.sock, no TCP, nothing on disk
#                                  unless options ask for it
# redis_cli NAME COMMAND...        asks it
# bed_kill NAME, bed_kill NAME STOP, bed_kill NAME CONT end and freeze it

redis_start() { # [NAME=redis] [OPTION...]
	redis_name=${1:-redis}
	[ $# = 0 ] || shift
	mkdir -p "$BED/$redis_name"
	bed_run "$redis_name" redis-server --port 0 --bind 127.0.0.1 \
	    --unixsocket "$BED/$redis_name.sock" --unixsocketperm 777 \
	    --dir "$BED/$redis_name" --save '' --appendonly no \
	    --daemonize no "$@"
	wait_for 'redis_cli "$redis_name" ping | grep -q PONG' 10 ||
		die "redis $redis_name did not start"
}

redis_cli() { # NAME COMMAND...
	redis_sock=$BED/$1.sock
	shift
	redis-cli -s "$redis_sock" "$@"
}
