# bed - the test bed that every scenario and the demo lie in
#
# A scenario begins with
#	. "$(dirname "$0")/lib/bed.sh"
# and has then: $TOP (the repository), $BUILD (absolute), $BED (a folder of
# its own, gone at the end), and a trap that ends, by process id, everything
# that was started with bed_run or told to bed_own, also on failure, INT
# and TERM. It says `ok`, `fail` or `skip` in the main shell, never in a
# subshell, and just ends: the trap prints what is to print and sets the
# exit status.
#
# Where the kernel lets it, the scenario runs in namespaces of its own (net,
# pid, mount): every port is free, nothing can leave loopback, nothing
# survives. Elsewhere (a container without rights) it takes ports that are
# free. OUTPOST_BED_NS=no chooses the second. $BED_NS tells which it is.
# OUTPOST_BED_KEEP=yes leaves the folder behind.

set -u
LC_ALL=C
export LC_ALL

# Postfix and dovecot run as users of their own and must reach the bed, and
# the path of a unix socket may have 107 bytes.
bed_fits() { # FOLDER
	[ ${#1} -le 40 ] || return 1
	bed_dir=$1
	while [ "$bed_dir" != / ]; do
		case $(stat -c %A "$bed_dir" 2>/dev/null) in
		*[xt]) ;;
		*) return 1 ;;
		esac
		bed_dir=$(dirname "$bed_dir")
	done
}

bed_folder() {
	bed_tmp=${TMPDIR:-/tmp}
	bed_fits "$bed_tmp" || bed_tmp=/tmp
	mktemp -d "$bed_tmp/outpost-bed.XXXXXX"
}

# unshare itself hears no signal: this shell stays, passes them on, and after
# ten seconds ends the namespace with all that is in it.
bed_enter() {
	OUTPOST_BED_NS=yes
	OUTPOST_BED_DIR=$(bed_folder) || exit 1
	export OUTPOST_BED_NS OUTPOST_BED_DIR
	exec 3<&0
	unshare -n -m -p -f --kill-child --mount-proc sh "$0" "$@" <&3 3<&- &
	bed_inner=$!
	exec 3<&-
	trap bed_leave HUP INT TERM
	wait "$bed_inner"
	exit $?
}

bed_leave() {
	trap '' HUP INT TERM
	# The inner shell, then what it waits for.
	pid=$(ps -o pid= --ppid "$bed_inner")
	# shellcheck disable=SC2046,SC2086
	kill $pid $(ps -o pid= --ppid $pid) 2>/dev/null
	for n in 0 1 2 3 4 5 6 7 8 9; do
		sleep 1
		kill -0 "$bed_inner" 2>/dev/null || exit 143
	done
	kill -s KILL "$bed_inner"
	wait "$bed_inner"
	rm -rf "$OUTPOST_BED_DIR"
	exit 143
}

# "yes" is said by bed_enter only, which made the folder as well: said by anybody
# else, the machine's own /etc/hosts would be covered.
if [ "${OUTPOST_BED_NS:-}" != no ] && [ "${OUTPOST_BED_DIR:-}" = "" ]; then
	if [ "$(id -u)" = 0 ] && unshare -n -m -p -f --kill-child \
	    --mount-proc sh -c 'ip link set lo up' 2>/dev/null; then
		bed_enter "$@"
	fi
	OUTPOST_BED_NS=no
fi
BED_NS=$OUTPOST_BED_NS
# A scenario that starts another one gives it namespaces of its own again.
unset OUTPOST_BED_NS

: "${TOP:=$(cd "$(dirname "$0")/.." && pwd)}"
: "${BUILD:=build}"
case $BUILD in
/*) ;;
*) BUILD=$TOP/$BUILD ;;
esac
SCENARIO=$(basename "$0" .sh)
TOOL=$BUILD/tool

bed_oks=0 bed_fails=0 bed_skips=0 bed_port_next=0 bed_hooks=

ok() { # NAME
	bed_oks=$((bed_oks + 1))
	echo "ok $SCENARIO: $1"
}

fail() { # NAME WHY
	bed_fails=$((bed_fails + 1))
	echo "FAIL $SCENARIO: $1: ${2:-}"
}

skip() { # NAME WHY
	bed_skips=$((bed_skips + 1))
	echo "SKIP $SCENARIO: $1: ${2:-}"
}

# Ends the scenario: what stands on a failed step is not worth running.
die() { # WHY
	fail end "$1"
	exit 1
}

check() { # NAME COMMAND...: ok if the command succeeds
	bed_check=$1
	shift
	if "$@" >"$BED/check.out" 2>&1; then
		ok "$bed_check"
	else
		fail "$bed_check" "$* ($(head -c 300 "$BED/check.out"))"
	fi
}

check_eq() { # NAME GOT WANT
	if [ "$2" = "$3" ]; then
		ok "$1"
	else
		fail "$1" "got \"$2\", want \"$3\""
	fi
}

check_has() { # NAME TEXT ERE: ok if a line of the text matches
	if printf '%s\n' "$2" | grep -Eq -- "$3"; then
		ok "$1"
	else
		fail "$1" "no /$3/ in \"$(printf '%s' "$2" | head -c 600)\""
	fi
}

# For what another process tells, or does, later: the shell text COMMAND prints
# WANT, or a line that matches, within TIMEOUT seconds.
check_soon() { # NAME COMMAND WANT [TIMEOUT]
	bed_says=$2 bed_wants=$3
	wait_for '[ "$(eval "$bed_says" 2>&1)" = "$bed_wants" ]' "${4:-}"
	check_eq "$1" "$(eval "$2" 2>&1)" "$3"
}

check_soon_has() { # NAME COMMAND ERE [TIMEOUT]
	bed_says=$2 bed_wants=$3
	wait_for 'eval "$bed_says" 2>&1 | grep -Eq -- "$bed_wants"' "${4:-}"
	check_has "$1" "$(eval "$2" 2>&1)" "$3"
}

# Polls the shell text CONDITION until it is true or TIMEOUT seconds passed, at
# least BED_PATIENCE: what comes costs no more for it, and a machine that is
# busy is no failure. May stand in a condition itself.
BED_PATIENCE=30
wait_for() { # CONDITION [TIMEOUT]
	[ "${2:-0}" -ge "$BED_PATIENCE" ] || set -- "$1" "$BED_PATIENCE"
	bed_poll "$1" "$2"
}

# Between two looks an eighth of what has passed since the first: what a look
# takes from the processor is missed by everybody.
bed_poll() { # CONDITION SECONDS
	bed_uptime
	set -- "$1" "$bed_cs" $((bed_cs + $2 * 100))
	until eval "$1" >/dev/null 2>&1; do
		bed_uptime
		[ "$bed_cs" -lt "$3" ] || return 1
		set -- "$1" "$2" "$3" $(((bed_cs - $2) / 8))
		[ "$4" -ge 5 ] || set -- "$1" "$2" "$3" 5
		[ "$4" -le 50 ] || set -- "$1" "$2" "$3" 50
		[ "$4" -ge 10 ] || set -- "$1" "$2" "$3" "0$4"
		sleep "0.$4"
	done
}

# Hundredths of a second, in $bed_cs; no program is started for it.
bed_uptime() {
	read -r bed_cs _ </proc/uptime
	bed_cs=${bed_cs%.*}${bed_cs#*.}
}

wait_line() { # FILE ERE [TIMEOUT]
	bed_file=$1 bed_ere=$2
	wait_for 'grep -Eq -- "$bed_ere" "$bed_file"' "${3:-}"
}

wait_port() { # ADDRESS PORT [TIMEOUT]
	bed_addr=$1 bed_lport=$2
	wait_for 'bed_listens "$bed_addr" "$bed_lport"' "${3:-}"
}

# From here on it is so long before midnight, for what is started.
bed_midnight() { # SECONDS
	TZ=$(date -u '+%H %M %S' | awk -v before="$1" '{
		s = 86400 - before - ($1 * 3600 + $2 * 60 + $3)
		if (s > 43200) { s = 86400 - s; sign = "" } else sign = "-"
		printf "BED%s%d:%02d:%02d", sign, s / 3600, s % 3600 / 60,
		    s % 60 }')
	export TZ
}

now_ms() {
	date +%s%3N
}

# Is something listening there (or on all addresses)?
bed_listens() { # ADDRESS PORT
	ss -Hltn "sport = :$2" | awk -v a="$1:$2" -v any="0.0.0.0:$2" \
	    '$4 == a || $4 == any || $4 ~ /^(\*|\[::\]):/ { f = 1 }
	    END { exit !f }'
}

# A free port, in $bed_port. Beds side by side look in different places.
bed_port() {
	[ "$bed_port_next" != 0 ] ||
		bed_port_next=$((10000 + $$ % 700 * 30))
	while ss -Hltn "sport = :$bed_port_next" | grep -q .; do
		bed_port_next=$((bed_port_next + 1))
	done
	bed_port=$bed_port_next
	bed_port_next=$((bed_port_next + 1))
}

# "START-TIME" of a process, empty when it is gone or a zombie.
bed_born() { # PID
	[ -r "/proc/$1/stat" ] || return 0
	{ read -r bed_stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	# shellcheck disable=SC2086
	set -- ${bed_stat##*) }
	[ "$1" = Z ] || [ "$1" = X ] || echo "${20}"
}

# From here on the bed ends this process. A number that another process
# took over meanwhile is left alone.
bed_own() { # PID NAME
	echo "$1 $(bed_born "$1") $2" >>"$BED/run/pids"
	echo "$1" >"$BED/run/$2.pid"
}

# Starts a program in the background; its output is $BED/log/NAME.out.
bed_run() { # NAME COMMAND...
	bed_name=$1
	shift
	"$@" >>"$BED/log/$bed_name.out" 2>&1 </dev/null &
	bed_own $! "$bed_name"
}

bed_pid() { # NAME
	cat "$BED/run/$1.pid"
}

bed_alive() { # NAME
	[ -s "$BED/run/$1.pid" ] && [ -n "$(bed_born "$(bed_pid "$1")")" ]
}

# Sends a signal; with TERM or KILL also waits for the end.
bed_kill() { # NAME [SIGNAL=TERM]
	bed_alive "$1" || return 0
	bed_victim=$1
	kill -s "${2:-TERM}" "$(bed_pid "$1")" 2>/dev/null
	case ${2:-TERM} in
	TERM | KILL) wait_for '! bed_alive "$bed_victim"' 10 ;;
	esac
}

# A command (one word: a function) to run at the end, last one first.
bed_at_end() { # FUNCTION
	bed_hooks="$1 $bed_hooks"
}

bed_reap() { # SIGNAL: sends it to whoever still lives; false if nobody does
	bed_left=1
	while read -r pid born _; do
		[ -n "$born" ] && [ "$(bed_born "$pid")" = "$born" ] || continue
		kill -s "$1" "$pid" 2>/dev/null
		[ "$1" = TERM ] && kill -s CONT "$pid" 2>/dev/null
		bed_left=0
	done <"$BED/run/pids"
	return $bed_left
}

bed_end() {
	bed_status=$?
	trap - EXIT
	trap '' HUP INT TERM
	for hook in $bed_hooks; do
		"$hook"
	done
	if [ "$bed_status" != 0 ] && [ "$bed_fails" = 0 ]; then
		fail end "status $bed_status"
	fi
	if [ "$bed_fails" != 0 ]; then
		bed_tell
	fi
	bed_reap TERM && bed_poll '! bed_reap 0' 5
	bed_reap KILL && bed_poll '! bed_reap 0' 5
	if [ "${OUTPOST_BED_KEEP:-}" = yes ]; then
		echo "bed kept: $BED"
	else
		rm -rf "$BED"
	fi
	[ "$bed_fails" = 0 ] || exit 1
	exit 0
}

# What a failure needs to be understood, and little more.
bed_tell() {
	for file in "$BED"/log/*; do
		[ -s "$file" ] || continue
		echo "--- $(basename "$file")"
		tail -n "${OUTPOST_BED_TAIL:-12}" "$file" | cut -c 1-400
	done
}

# Ends the scenario with SKIP when a program or a right is missing.
bed_need() { # PROGRAM...|root|ns
	for need in "$@"; do
		case $need in
		root) [ "$(id -u)" = 0 ] && continue ;;
		ns) [ "$BED_NS" = yes ] && continue ;;
		*) [ -x "$need" ] || command -v "$need" >/dev/null && continue ;;
		esac
		skip "$SCENARIO" "needs $need"
		exit 0
	done
}

# A name for an address: in namespaces by a hosts file of our own.
bed_host() { # ADDRESS NAME...
	[ "$BED_NS" = yes ] && echo "$*" >>"$BED/hosts"
}

bed_make() {
	BED=${OUTPOST_BED_DIR:-$(bed_folder)} || exit 1
	unset OUTPOST_BED_DIR
	trap bed_end EXIT
	trap 'exit 129' HUP
	trap 'exit 130' INT
	trap 'exit 143' TERM
	chmod 755 "$BED"
	mkdir "$BED/run" "$BED/log"
	: >"$BED/run/pids"
	WORLD_IP=127.0.0.25
	if [ "$BED_NS" = yes ]; then
		# The world gets addresses that are not loopback's, the
		# names come from a file, and no name server is asked.
		WORLD_IP=192.0.2.25
		ip link set lo up
		for n in 21 22 23 24 25 26 27 28 29; do
			ip address add "192.0.2.$n/32" dev lo
		done
		ip address add 198.51.100.10/32 dev lo
		echo '127.0.0.1 localhost' >"$BED/hosts"
		: >"$BED/resolv.conf"
		[ ! -e /etc/hosts ] || mount --bind "$BED/hosts" /etc/hosts
		[ ! -e /etc/resolv.conf ] ||
			mount --bind "$BED/resolv.conf" /etc/resolv.conf
	fi
}

bed_make
