#!/bin/sh
# list_pages - thousands of standings are listed page by page: each that exists
# from the first page to the last is there, once, while others come, go and are
# forgotten; and the daemon is started anew in the middle
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/redis.sh"
bed_need redis-server perl

outpost_log=$BED/mail.log
: >"$outpost_log"
outpost_config <<'END'
admission: { standings_max = 6020; };
END
N=6000
mkdir -p "$BED/state"
"$BUILD/bench/books" make "$BED/state" 3000 $N >/dev/null
outpost_start
wait_for '[ "$(outpost_status suspended)" = 60 ]' 20

subjects() { # sorted
	perl -MJSON::PP -0777 -ne 'print "$_->{subject}\n" for @{decode_json($_)}' |
	    sort
}

# The books' own are there throughout; the others are x...
check_list() { # NAME
	op list --json | subjects >"$BED/listed"
	check_eq "$1: all" "$(grep -c '^user' "$BED/listed")" $N
	check_eq "$1: each once" "$(uniq -d "$BED/listed")" ""
}

check_list "alone"
(
	for i in $(seq 60); do
		op suspend "x$i@new.example" --reason test --for 1h
		[ $i -lt 6 ] || op lift "x$((i - 5))@new.example" --reason test
	done
	touch "$BED/done"
) >/dev/null 2>&1 &
for round in 1 2 3 4 5; do
	check_list "round $round"
done
wait_for '[ -e "$BED/done" ]' 60
check_list "after them"

check_eq "one kind of standing" "$(op list suspended --json | subjects |
    grep -c '^user')" 60
check_eq "a table" "$(op list | grep -c '^user')" $N
check_eq "of one domain" "$(op list --domain customer7.example --json |
    subjects | wc -l)" 100
check_eq "the busiest" "$(op list --senders --json | tr '{' '\n' |
    grep -c '"account"')" 20
check_has "a name that is nearly known" "$(op show user1@custmer0.example 2>&1)" \
    'did you mean user1@customer0.example\?'

ask() { # LINE
	perl -MIO::Socket::UNIX -e '
		$s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die;
		print $s "$ARGV[1]\n";
		local $/;
		print substr(<$s>, -200)' "$OUTPOST_SOCKET" "$1"
}
last=$(ask '{"command":"list","options":{"page":""}}' |
    sed 's/.*"last":"\([^"]*\)".*/\1/')
check_has "a second page" \
    "$(ask "{\"command\":\"list\",\"options\":{\"page\":\"$last\"}}")" '"exit":0|"last"'
check_has "no page at all" "$(ask '{"command":"list"}')" 'another version'
outpost_stop
outpost_start
check_has "of another start" \
    "$(ask "{\"command\":\"list\",\"options\":{\"page\":\"$last\"}}")" 'begun anew'
for wrong in '1 2' 'x' '9 9.9.9.9' ' '; do
	ask "{\"command\":\"list\",\"options\":{\"page\":\"$wrong\",\"domain\":\"a.b\"}}" \
	    >/dev/null
done
check "wrong places harm nobody" op status
