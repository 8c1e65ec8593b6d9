#!/bin/sh
# install - `make install` lays out a host that works, and never overwrites
# what an administrator wrote; `make uninstall` leaves that behind
. "$(dirname "$0")/lib/bed.sh"
bed_need make man groff

ROOT=$BED/root

# Others are running what was built: it is not made again under them.
made='-o programs'
[ ! -e "$BUILD/man/outpost.1" ] || made="$made -o manuals"

make_it() { # TARGET [VARIABLE=VALUE...]
	# MAKEFLAGS of the make that runs this test are none of ours.
	# shellcheck disable=SC2086
	env -u MAKEFLAGS -u MFLAGS make -C "$TOP" --no-print-directory $made \
	    BUILD="${BUILD#"$TOP"/}" DESTDIR="$ROOT" "$@" >"$BED/make.out" 2>&1
}

mode() { # FILE
	stat -c %a "$ROOT$1" 2>&1
}

make_it install || die "make install: $(tail -n 5 "$BED/make.out")"
ok "it installs"
for file in /usr/sbin/outpostd:755 /usr/bin/outpost:755 \
    /usr/sbin/outpost-queue:755 \
    /usr/lib/systemd/system/outpost-queue.service:644 \
    /usr/lib/systemd/system/outpost-queue.socket:644 \
    /usr/lib/systemd/system/outpost-holdguard.service:644 \
    /usr/lib/systemd/system/outpost-holdguard.timer:644 \
    /usr/lib/systemd/system/outpostd.service:644 \
    /usr/lib/systemd/system/outpostd.socket:644 \
    /usr/lib/sysusers.d/outpost.conf:644 \
    /usr/lib/tmpfiles.d/outpost.conf:644 \
    /usr/share/outpost/imapsieve/report-spam.sieve:644 \
    /usr/share/outpost/imapsieve/outpost-report:755 \
    /usr/share/outpost/nginx/outpost.conf:644 \
    /usr/share/man/man1/outpost.1.gz:644 \
    /usr/share/man/man8/outpostd.8.gz:644 \
    /usr/share/man/man5/outpost.conf.5.gz:644 \
    /etc/outpost/outpost.conf.sample:644 /etc/outpost/outpost.conf:640 \
    /etc/outpost/providers.conf.sample:644 /etc/outpost/dnsbl.conf.sample:644 \
    /etc/outpost/providers.conf:644; do
	check_eq "mode of ${file%:*}" "$(mode "${file%:*}")" "${file##*:}"
done
check "no secret in a package" [ ! -e "$ROOT/etc/outpost/secret" ]

for page in man1/outpost.1 man8/outpostd.8 man5/outpost.conf.5; do
	gzip -dc "$ROOT/usr/share/man/$page.gz" >"$BED/${page#*/}"
	warned=$(groff -man -ww -Tutf8 -z "$BED/${page#*/}" 2>&1)
	check_eq "$page: groff has nothing to say" "$warned" ""
	read_=$(MANWIDTH=80 man -l "$BED/${page#*/}" 2>&1)
	check_has "$page: a person can read it" "$read_" '^NAME'
	check_eq "$page: fits 80 columns" \
	    "$(printf '%s\n' "$read_" | awk 'length > 80' | head -n 1)" ""
done
check "the sample configuration is good" "$ROOT/usr/sbin/outpostd" -t \
    -c "$ROOT/etc/outpost/outpost.conf.sample"
# Every shipped line that is commented out must be good, too.
sed -n 's/^#\([a-z_]* = (\|	{.*\|);\)$/\1/p' \
    "$ROOT/etc/outpost/outpost.conf.sample" |
	sed 's/secret = "\.\.\."/secret = "x"/' >"$BED/lists.conf"
check_has "the sample shows lists" "$(cat "$BED/lists.conf")" '^limits = '
check "the lists it shows are good" "$ROOT/usr/sbin/outpostd" -t \
    -c "$BED/lists.conf"

if command -v systemd-analyze >/dev/null; then
	for unit in outpostd.service outpostd.socket outpost-queue.service \
	    outpost-queue.socket outpost-holdguard.service \
	    outpost-holdguard.timer; do
		sed "s|=/usr/|=$ROOT/usr/|; /^Documentation=/d" \
		    "$ROOT/usr/lib/systemd/system/$unit" >"$BED/$unit"
	done
	check_eq "systemd has nothing to say about the units" "$(systemd-analyze \
	    verify "$BED/outpostd.service" "$BED/outpostd.socket" \
	    "$BED/outpost-queue.service" "$BED/outpost-queue.socket" \
	    "$BED/outpost-holdguard.service" "$BED/outpost-holdguard.timer" \
	    2>&1)" ""
	check "the sandbox is tight" systemd-analyze security --offline=true \
	    --threshold=20 "$BED/outpostd.service"
	for unit in outpost-queue outpost-holdguard; do
		check "the sandbox of $unit is tight" systemd-analyze security \
		    --offline=true --threshold=25 "$BED/$unit.service"
	done
else
	skip "units" "no systemd-analyze here"
fi
if command -v systemd-sysusers >/dev/null; then
	mkdir -p "$BED/users/etc"
	check "the user is made" systemd-sysusers --root="$BED/users" \
	    "$ROOT/usr/lib/sysusers.d/outpost.conf"
	check_has "the user has no shell" "$(cat "$BED/users/etc/passwd")" \
	    '^outpost:.*:/usr/sbin/nologin$'
else
	skip "sysusers" "no systemd-sysusers here"
fi

echo '# mine' >"$ROOT/etc/outpost/outpost.conf"
echo 'also mine' >"$ROOT/etc/outpost/secret"
check "it installs again" make_it install
check_eq "the configuration is as it was" \
    "$(cat "$ROOT/etc/outpost/outpost.conf")" '# mine'

check "elsewhere: it installs" make_it install PREFIX=/opt/outpost \
    SYSCONFDIR=/opt/outpost/etc
check_has "elsewhere: the unit starts the program there" \
    "$(cat "$ROOT/opt/outpost/lib/systemd/system/outpostd.service")" \
    '^ExecStart=/opt/outpost/sbin/outpostd -c /opt/outpost/etc/outpost/outpost.conf$'
check "elsewhere: it uninstalls" make_it uninstall PREFIX=/opt/outpost \
    SYSCONFDIR=/opt/outpost/etc
check_eq "elsewhere: only the configuration stays" \
    "$(cd "$ROOT/opt" && find . -type f | sort | tr '\n' ' ')" \
    "./outpost/etc/outpost/outpost.conf ./outpost/etc/outpost/providers.conf "

check "it uninstalls" make_it uninstall
check_eq "configuration and secret stay, nothing else" \
    "$(cd "$ROOT" && find usr etc -type f | sort | tr '\n' ' ')" \
    "etc/outpost/outpost.conf etc/outpost/providers.conf etc/outpost/secret "
