#!/bin/sh
# books_broken - books that are damaged, cut off, foreign, newer, another
# user's, on a read-only disk, gone: mail flows at once, the message names the
# file and what to do, nothing is overwritten, and when they are good again
# outpostd goes on where it was
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server "$TOOL/systemd" "$TOOL/unix_talk" mount

thief=thief@inside.example
books=$BED/state/books

ask() { # LOGIN; the answer, of whoever listens
	printf 'request=smtpd_access_policy\nprotocol_state=RCPT\nsasl_username=%s\nrecipient=a@world.example\nsender=%s\nclient_address=192.0.2.1\ninstance=1.1.1\n\n' \
	    "$1" "$1" | timeout 8 "$TOOL/unix_talk" "$POLICY_SOCKET"
}

said() { # ERE: in the log since the last start
	grep -Eq -- "$1" "$BED/log/systemd.out"
}

start() {
	: >"$BED/notices"
	: >"$BED/log/systemd.out"
	bed_run systemd "$TOOL/systemd" -l "$POLICY_SOCKET" -o "$BED/notices" \
	    "$BUILD/outpostd" -c "$OUTPOST_CONF"
}

reload() {
	kill -s HUP "$(sed -n 's/^started //p' "$BED/notices" | tail -n 1)"
}

sums() {
	(cd "$BED/state" && find books tables -type f ! -name lock.mdb \
	    -exec cksum {} + | sort) 2>/dev/null
}

readies() {
	grep -c '^READY=1' "$BED/notices"
}

check_tried_again() { # NAME
	readies=$(readies)
	reload
	wait_for '[ "$(readies)" -gt "$readies" ]' 10
	op status >/dev/null 2>&1
	check_eq "$1: tried again, a missing group isn't told again" \
	    "$(grep -c 'there is no group' "$BED/log/systemd.out")" 1
}

# The state was broken just now, and mended is told how to undo that.
check_broken() { # NAME ERE MEND
	before=$(sums)
	start
	check "$1: it is said in the log" wait_for "said '$2'" 10
	check_eq "$1: mail flows" "$(ask $thief)" action=DUNNO
	began=$(now_ms)
	ask anna@inside.example >/dev/null
	check "$1: ... at once" [ $(($(now_ms) - began)) -lt 1000 ]
	[ "$1" = "another's" ] ||
		check "$1: systemd is told" wait_for \
		    'grep -Eq "STATUS=GUARDS NOTHING" "$BED/notices"' 10
	check_soon_has "$1: outpost says why" 'op status 2>&1' \
	    "guards nothing.*$2"
	op status >/dev/null 2>&1
	check_eq "$1: ... and fails" $? 1
	check "$1: it stays up" [ "$(grep -c '^started' "$BED/notices")" = 1 ]
	check_eq "$1: nothing is overwritten" "$(sums)" "$before"
	[ "$1" = "another's" ] || check_tried_again "$1"
	eval "$3"
	reload
	check "$1: mended, it guards again" wait_for 'op status' 10
	check_eq "$1: as before" "$(outpost_standing $thief)" suspended
	check_has "$1: and refuses" "$(ask $thief)" 'action=REJECT 5'
	bed_kill systemd
}

mkdir -p "$BED/state" "$BED/log"
outpost_log=$BED/log/mail.log
: >"$outpost_log"
outpost_control='control_group = "nobody-has-this-group";'
outpost_config <<END
letters: { letters = false; };
END
outpost_start
outpost_enforce
op suspend $thief --reason test >/dev/null
outpost_stop
cp -a "$BED/state" "$BED/good"
restore="rm -rf '$BED/state/books'; cp -a '$BED/good/books' '$BED/state/books'"

head -c 20000 "$BED/good/books/data.mdb" >"$books/data.mdb"
check_broken "cut off" "books/data.mdb is damaged" "$restore"

: >"$books/data.mdb"
check_broken "empty" "books/data.mdb is damaged: nothing is left" "$restore"

printf '\377\377\377\377' | dd of="$books/data.mdb" conv=notrunc bs=1 \
    seek=8216 2>/dev/null
pages=$(($(wc -c <"$books/data.mdb") / 4096))
for page in $(seq 2 $((pages - 1))); do
	printf '\377\377' | dd of="$books/data.mdb" conv=notrunc bs=1 \
	    seek=$((page * 4096 + 12)) 2>/dev/null
done
check_broken "bits flipped" "books/data.mdb is damaged: page" "$restore"

yes 'not a database' | head -c 40960 >"$books/data.mdb"
check_broken "foreign" "data.mdb: not written by Outpost" "$restore"

rm "$books/data.mdb"
check_broken "missing" "no books there .data.mdb is missing.: restore it" \
    "$restore"

umount_state() {
	umount "$BED/state"
}
mount --bind "$BED/state" "$BED/state" &&
    mount -o remount,bind,ro "$BED/state" 2>/dev/null &&
	check_broken "read-only" "[Rr]ead-only file system" umount_state

# Another user's: outpostd is not root then.
chmod 755 "$BED"
chown nobody "$BED/state"
chown -R nobody "$BED/state/tables" "$BED/state/redis"
printf 'user = "nobody";\n' >>"$OUTPOST_CONF"
chmod 644 "$BED/secret" "$OUTPOST_CONF" "$outpost_log"
chown nobody "$BED" "$BED/secret"
chmod 600 "$BED/secret"
check_broken "another's" "books.*belongs to root .mode 700., outpostd runs as nobody: chown -R nobody" \
    "chown -R nobody '$books'"
