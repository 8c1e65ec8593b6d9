#!/bin/sh
# fbl_csv - what providers tell of our own addresses a day, as CSV: kept once,
# shown, charged to nobody; a file with an error is not taken, nor half of it
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server setpriv

ingest() { # ARGUMENT...
	"$BUILD/outpost" --config "$OUTPOST_CONF" ingest --csv "$@" 2>&1
}

snds() { # IP DAY RECIPIENTS COLOUR RATE TRAPS
	echo "$1,$2 10:00 AM,$2 7:00 PM,9,9,$3,$4,$5,,,$6,mx.example,a@b.example,"
}

outpost_config </dev/null
outpost_start
{
	snds 192.0.2.7 11/20/2026 1893 GREEN '< 0.1%' 0
	snds 192.0.2.8 11/20/2026 500 RED '1.2%' 3
} >"$BED/snds.csv"
printf 'Date;FAI;IP;Plaintes\r\n2026-11-21;Orange;192.0.2.7;12\r\n' \
    >"$BED/signal.csv"
check_eq "two files" "$(ingest "$BED/snds.csv" "$BED/signal.csv")" "3 taken"
shown=$(op aggregates)
check_has "SNDS is shown" "$shown" \
    '2026-11-20 *192.0.2.8 *microsoft *snds *500 *- *3 *1.2% *red'
check_has "Signal Spam, too" "$shown" \
    '2026-11-21 *192.0.2.7 *orange *signal-spam *- *12 *- *- *-'
check_eq "the same again" "$(ingest - <"$BED/snds.csv")" "2 taken"
check_eq "counts once" "$(op aggregates | grep -c 192.0.2)" 3
snds 192.0.2.8 11/20/2026 501 YELLOW '1.2%' 3 | ingest >/dev/null
check_has "what is told anew replaces" "$(op aggregates 192.0.2.8)" \
    '501 .*yellow'
check_eq "of one address" "$(op aggregates 192.0.2.8 --json | tr '{' '\n' |
    grep -c ip)" 1
snds 192.0.2.9 11/20/2026 1 GREEN '' 0 >"$BED/good.csv"
snds 192.0.2.10 11/20/2026 1 PINK '' 0 >"$BED/bad.csv"
check_has "an error is told with its place" \
    "$(ingest "$BED/good.csv" "$BED/bad.csv")" \
    'bad.csv: line 1: column 7 .filter result.: .*PINK'
check_has "what is neither" "$(echo x | ingest)" 'line 1: neither SNDS'
check_eq "and nothing of it is taken" "$(op aggregates | grep -c 192.0.2)" 3
i=0
while [ $i -lt 1000 ]; do
	i=$((i + 1))
	echo "198.51.100.$((i % 250)),11/$((1 + i / 250))/2026,x,1,1,$i,GREEN,,,,0,,,"
done >"$BED/many.csv"
check_eq "a thousand" "$(ingest "$BED/many.csv")" "1000 taken"
check_eq "are there" "$(op aggregates --last 2000 | grep -c 198.51.100)" 1000
bed_kill outpostd KILL
outpost_start
check_eq "after a crash, too" "$(op aggregates --last 2000 | grep -c \
    '198.51.100\|192.0.2')" 1003
check_eq "nobody is charged" "$(op list; op complaints)" "everybody is good
no complaints"
check_has "others may not" "$(setpriv --reuid=nobody --clear-groups \
    "$BUILD/outpost" --socket "$OUTPOST_SOCKET" aggregates --add x 2>&1)" .
