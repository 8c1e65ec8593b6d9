#!/bin/sh
# disk_full - when the disk of the state directory is full orders take effect
# and are answered, and what was kept in memory is written when there is room
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server mount

said() { # ERE
	grep -cE "$1" "$BED/log/outpostd.out"
}

mkdir -p "$BED/state" "$BED/log"
: >"$outpost_log"
if ! mount -t tmpfs -o size=3m none "$BED/state" 2>/dev/null; then
	echo "SKIP disk_full: can't mount a small disk"
	exit 0
fi
outpost_config <<END
letters: { letters = false; };
END
outpost_start
dd if=/dev/zero of="$BED/state/fill" bs=64k 2>/dev/null
for name in anna bert cleo dora; do
	check_has "an order is answered: $name" "$(timeout 5 "$BUILD/outpost" \
	    --socket "$OUTPOST_SOCKET" suspend $name@inside.example \
	    --reason test)" "$name@inside.example: suspended"
done
check_soon "it is said once" 'said "data.mdb: cannot write"' 1
check_soon_has "status says so" 'op status' '^books +failing'
check_eq "the orders hold" "$(outpost_standing dora@inside.example)" suspended
rm "$BED/state/fill"
check "written when there is room" wait_for \
    '[ "$(said "the books are written again")" = 1 ]' 10
outpost_stop
outpost_start
check_eq "nothing is lost" "$(outpost_standing dora@inside.example)" suspended
outpost_stop
umount "$BED/state"
