#!/bin/sh
# layers - the house keeps its shape: arrows go down, an outside library is
# known to one file, files and functions stay small
#
# Prints ok/FAIL lines; what has no unit test is only listed.
set -u
cd "$(dirname "$0")/.." || exit 1
LC_ALL=C
export LC_ALL
rooms='base ledger mta web follow limits reputation fbl notify domains config queue
daemon cli'
# The rooms of the programs: they read clocks, speak to the world and log.
shells='daemon|cli|queue|follow|web|config'
failed=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Prints ok when $out is empty, else FAIL and what is in it.
verdict() { # NAME
	if [ -s "$out" ]; then
		failed=1
		sed 's/^/  /' "$out"
		echo "FAIL layers: $1: $(wc -l <"$out") place(s), see above"
	else
		echo "ok layers: $1"
	fi
}

sources() { # files that exist, one a line
	for room in $rooms; do
		[ ! -d "$room" ] || find "$room" -name '*.[ch]'
	done | sort
}

# What a room may include from other rooms. A word with a slash is one file;
# FILE:HEADER is an exception for one file.
may_include() { # ROOM
	case $1 in
	base) echo base ;;
	ledger) echo base ledger ;;
	mta) echo base mta ledger/fact.h \
	    mta/chain_books.c:ledger/books.h \
	    mta/chain_books.c:ledger/pack.h mta/chain_pack.c:ledger/pack.h \
	    mta/chain_books_test.c:ledger/books.h ;;
	web) echo base web ;;
	follow) echo base follow ledger/books.h ;;
	config) echo base ledger mta limits reputation fbl notify domains config \
	    web/http.h config/trials_test.c:daemon/pipeline_script.h ;;
	queue) echo base config queue ;;
	daemon) echo "${rooms% cli}" daemon/report_test.c:cli/totals.h ;;
	cli) echo "$rooms" ;;
	*) echo base ledger mta "$1" ;;
	esac
}

check_arrows() {
	sources | xargs grep -n '^#include "' /dev/null |
	    sed 's/:#include "/ /; s/".*//; s/:\([0-9]*\) / /' |
	    while read -r file header; do
		allowed=" $(may_include "${file%%/*}" | tr '\n' ' ') "
		case $allowed in
		*" ${header%%/*} "* | *" $header "* | *" $file:$header "*) ;;
		*) echo "$file includes $header" ;;
		esac
	done >"$out"
	verdict "arrows go down"
}

# HEADER-PREFIX FILE...: the files that know a library (each one's unit test
# may, too).
libraries='
event2/ base/loop.c base/fetch.c
hiredis base/redis_wire.c
ares base/dns_wire.c
curl/ base/fetch.c base/fetch_request.c base/fetch_parts.h base/imap_wire.c
libconfig.h config/config_file.c
lmdb.h base/disk_parts.h
jansson.h base/json.c
gmime/ fbl/mime.c
openssl/ base/crypto.c base/certificate.c
zlib.h base/gz.c base/unpack.c
zip.h base/unpack.c
expat.h domains/dmarc_report.c
cdb.h mta/postfix_table.c
maxminddb.h base/geo.c
pcre2.h reputation/patterns.c
systemd/ base/sock.c daemon/notify_systemd.c follow/follow_journal.c
'

check_libraries() {
	echo "$libraries" | while read -r prefix owners; do
		[ -n "$prefix" ] || continue
		sources | xargs grep -l "^#include <$prefix" /dev/null |
		    while read -r file; do
			case " $owners " in
			*" $file "* | *" ${file%_test.c}.c "*) ;;
			*) echo "$file includes <$prefix...>" ;;
			esac
		done
	done >"$out"
	verdict "an outside library is known to its one file"
	sources | xargs grep -hoE '^#include <[^>]+>' |
	    sed 's/.*<//; s/>//' | sort -u | grep -vE \
	    '^(arpa|net|netinet|sys|asm|linux)/|^(assert|ctype|dirent|errno|fcntl|fnmatch|getopt|glob|grp|inttypes|limits|math|netdb|poll|pthread|pwd|regex|sched|semaphore|signal|stdarg|stdatomic|stdbool|stddef|stdint|stdio|stdlib|stdnoreturn|string|strings|syslog|termios|threads|time|unistd|malloc|locale|langinfo|wchar|spawn|utime|ifaddrs|endian|byteswap|float|fenv|setjmp|stdalign|iconv|uchar|wctype|sysexits)\.h$' |
	    while read -r header; do
		echo "$libraries" | awk -v h="$header" \
		    '$1 != "" && index(h, $1) == 1 { f = 1 }
		    END { exit !f }' || echo "<$header> is in no list"
	done >"$out"
	verdict "every outside library is on the list"
}

check_clocks() {
	sources | grep -vE "^($shells|base)/|_test\.c\$" | xargs grep -nE \
	    '(^|[^_a-z])(clock_gettime|gettimeofday|time_now[a-z_]*|time) ?\(' \
	    /dev/null | grep -vE '^[^:]*:[0-9]+:[ 	]*(\*|/\*)' >"$out"
	verdict "no clock is read outside the programs' rooms and base"
	sources | grep -vE "^($shells|base)/|_test\.c\$" | xargs grep -nE \
	    '#include "base/log.h"|[^sv]n?printf\(std(err|out)|[^a-z_]fprintf' \
	    /dev/null >"$out"
	verdict "only the programs' rooms log"
}

all_c() {
	{ sources; find tests -name '*.[ch]'; } | sort
}

check_sizes() {
	all_c | xargs wc -l | awk '$2 != "total" && $1 > 500 {
		print $2 " has " $1 " lines" }' >"$out"
	verdict "no file over 500 lines"
	# A function begins and ends with a brace in the first column.
	all_c | grep '\.c$' | xargs awk '
		FNR == 1 { at = 0 }
		/^[a-z_].*\(/ { name = $0 }
		/^\{/ { at = FNR }
		/^\}/ && at {
			if (FNR - at - 1 > 60)
				print FILENAME ":" at ": " name " has " \
				    FNR - at - 1 " lines"
			at = 0
		}' >"$out"
	verdict "no function over 60 lines"
}

check_words() {
	all_c | xargs grep -nE '(^|[^:"])//|TODO|FIXME|(^|[^X])XXX([^X]|$)' /dev/null |
	    grep -vE '"[^"]*//[^"]*"' >"$out"
	verdict "no // comments, no markers"
	sources | xargs grep -nE '^[ 	]*typedef (struct|enum|union)' \
	    /dev/null >"$out"
	verdict "no typedef for structs"
	sources | grep -v '_test\.c$' | xargs awk '
		FNR == 1 && !/^\/\* [a-z0-9_]+ - / {
			print FILENAME ": " $0 }' >"$out"
	verdict "a file begins with what it is"
}

list_untested() {
	for c in $(sources | grep '\.c$' | grep -vE '_(test|main|fuzz)\.c$'); do
		[ -e "${c%.c}_test.c" ] || printf ' %s' "$c"
	done | { read -r list && echo "without a unit test of its own: $list"; }
}

check_arrows
check_libraries
check_clocks
check_sizes
check_words
list_untested
exit $failed
