#!/bin/sh
# books_copy - `outpost books`, check, export and import: beside outpostd and
# without; what was exported and imported is the same; half an export, or one
# over other books, is refused
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server "$BUILD/bench/gen_log"

local_op() { # COMMAND...: of the files, not of outpostd
	"$BUILD/outpost" --config "$OUTPOST_CONF" books "$@"
}

TZ=UTC
export TZ
mkdir -p "$BED/log"
# Of today: what is older than the windows is soon forgotten, a bit each second.
"$BUILD/bench/gen_log" --messages 3000 --rfc3339 \
    --start "$(date -u -d '1 day ago' +%Y-%m-%dT%H:%M:%S)" >"$outpost_log"
outpost_config <<END
letters: { letters = false; };
END
outpost_start
wait_for '[ "$(outpost_status subjects)" -gt 0 ]' 10
outpost_reads
op suspend thief@inside.example --reason test >/dev/null
sender=$(op list --senders | awk 'NR == 2 { print $1 }')
counts=$(outpost_counts "$sender" messages recipients delivered)
seen=$(outpost_status subjects)

wait_for 'op books | grep -q ^last_commit' 5
shown=$(op books)
for line in "directory +$BED/state/books" 'books +ok' 'node +[0-9a-f]{16}' \
    'begun +20' 'used_bytes +[1-9]' 'largest_bytes +4294967296' \
    'journal_bytes +[0-9]' 'commits_waiting +[0-9]' 'last_commit +20' \
    'log_bytes_behind +0' 'events_waiting +[0-9]'; do
	check_has "outpost books: $line" "$shown" "^$line"
done
check_has "... where reading goes on" "$shown" \
    "$outpost_log at byte $(wc -c <"$outpost_log")"
check_has "for a program" "$(op books --json)" '^\{.*"used_bytes":[1-9]'

check_has "check, beside outpostd" "$(local_op check)" '^good: node '
check_has "check --json" "$(local_op check --json)" '"name":"subjects"'
local_op export >"$BED/running" 2>"$BED/running.err"
check_eq "export, beside outpostd" $? 0
check_has "it says what it is" "$(head -n 1 "$BED/running")" \
    '^\{"outpost_books":1,"format":[0-9]+,"tables":\[.*"events"'
check_has "and where it ends" "$(tail -n 1 "$BED/running")" \
    '^\{"records":[0-9]+,"sum":"[0-9a-f]{16}"\}$'
mv "$BED/state/books" "$BED/state/aside"
"$BUILD/outpost" --config "$OUTPOST_CONF" --socket "$OUTPOST_SOCKET" \
    books import "$BED/running" >"$BED/err" 2>&1
check_eq "import below a running outpostd is refused" $? 1
check_has "... and says why" "$(cat "$BED/err")" 'runs with its books: stop it'
mv "$BED/state/aside" "$BED/state/books"
outpost_stop
check_has "check, without" "$(local_op check)" '^good: node '
local_op export >"$BED/stopped" 2>/dev/null
check_eq "export, without" $? 0
check_eq "nothing of it is root's alone" \
    "$(find "$BED/state/books" ! -user "$(stat -c %U "$BED/state")")" ""

local_op import "$BED/stopped" 2>"$BED/err"
check_eq "import over books is refused" $? 1
check_has "... and says why" "$(cat "$BED/err")" \
    "$BED/state/books: there are books already, and they are not overwritten"
local_op export 2>/dev/null | cmp -s - "$BED/stopped"
check_eq "... and changed nothing" $? 0

mv "$BED/state" "$BED/old"
mkdir "$BED/state"
chown nobody "$BED/state"
chmod 755 "$BED"
refused() { # NAME FILE ERE
	check_has "$1 is refused" "$(local_op import <"$2" 2>&1)" "$3"
	check_eq "... and leaves nothing" "$(ls -A "$BED/state")" ""
}
sed '$d' "$BED/stopped" >"$BED/bad"
refused "a cut export" "$BED/bad" 'cut off after line [0-9]+; nothing was'
sed '100s/"value":"./"value":"_/' "$BED/stopped" >"$BED/bad"
refused "a changed one" "$BED/bad" 'lines were changed, lost'
sed '50d' "$BED/stopped" >"$BED/bad"
refused "one that lacks a line" "$BED/bad" 'lines were changed, lost'
sed '60s/^/x/' "$BED/stopped" >"$BED/bad"
refused "one that isn't JSON" "$BED/bad" 'line 60: '
sed '1s/"outpost_books":1/"outpost_books":9/' "$BED/stopped" >"$BED/bad"
refused "a newer one" "$BED/bad" 'version 9, .*knows version 1'
refused "a log" "$outpost_log" 'line 1: '

check_has "import" "$(local_op import - <"$BED/stopped")" '^good: node '
check_eq "what is made is the owner's" \
    "$(stat -c %U "$BED/state/books" "$BED/state/books/data.mdb" | sort -u)" \
    nobody
local_op export 2>/dev/null >"$BED/again"
cmp "$BED/stopped" "$BED/again"
check_eq "exported again it is the same" $? 0
chown -R root "$BED/state"
outpost_start
outpost_reads
check_eq "outpostd goes on with it: counts" \
    "$(outpost_counts "$sender" messages recipients delivered)" "$counts"
check_eq "all subjects" "$(outpost_status subjects)" "$seen"
check_eq "and standings" "$(outpost_standing thief@inside.example)" suspended
outpost_stop
printf '\377\377\377\377' | dd of="$BED/state/books/data.mdb" conv=notrunc \
    bs=1 seek=4000 2>/dev/null
head -c 30000 "$BED/old/books/data.mdb" >"$BED/state/books/data.mdb"
check_has "damaged ones: check says so" "$(local_op check 2>&1)" \
    "$BED/state/books/data.mdb is damaged: page [0-9]+: "
check_has "export, too" "$(local_op export 2>&1)" 'is damaged: page'
