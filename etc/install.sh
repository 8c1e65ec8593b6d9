#!/bin/sh
# install - `make install` and `make uninstall`
#
# usage: [DESTDIR=] [PREFIX=/usr] [SYSCONFDIR=/etc] [BUILD=build]
#        install.sh install|uninstall
#
# With a DESTDIR (a package being built) only files are laid out. Without one
# this is the machine itself: the user, the directories and the secret are
# made too. Nothing is started, and Postfix is not touched. A configuration,
# a secret or a state that exists is never replaced or removed.
set -eu
cd "$(dirname "$0")/.."
: "${DESTDIR:=}" "${PREFIX:=/usr}" "${SYSCONFDIR:=/etc}" "${BUILD:=build}"
SBIN=$PREFIX/sbin/outpostd
BIN=$PREFIX/bin/outpost
QUEUE=$PREFIX/sbin/outpost-queue
PARTS="outpostd.service outpostd.socket outpost-queue.service
	outpost-queue.socket outpost-holdguard.service outpost-holdguard.timer"
UNITS=$PREFIX/lib/systemd/system
MAN=$PREFIX/share/man
SIEVE=$PREFIX/share/outpost/imapsieve
TEXTS=$PREFIX/share/outpost/templates
CONFIG=$SYSCONFDIR/outpost

put() { # MODE SOURCE TARGET
	install -D -m "$1" "$2" "$DESTDIR$3"
}

# The units and the sample name Debian's places.
put_moved() { # MODE SOURCE TARGET
	mkdir -p "$DESTDIR$(dirname "$3")"
	sed -e "s|/usr/sbin/outpostd|$SBIN|" \
	    -e "s|/usr/sbin/outpost-queue|$QUEUE|" \
	    -e "s|/usr/bin/outpost |$BIN |" \
	    -e "s|/etc/outpost/|$CONFIG/|" "$2" >"$DESTDIR$3.new"
	chmod "$1" "$DESTDIR$3.new"
	mv -f "$DESTDIR$3.new" "$DESTDIR$3"
}

put_page() { # NAME
	mkdir -p "$DESTDIR$MAN/man${1##*.}"
	gzip -9nc "$BUILD/man/$1" >"$DESTDIR$MAN/man${1##*.}/$1.gz"
	chmod 644 "$DESTDIR$MAN/man${1##*.}/$1.gz"
}

put_files() {
	put 755 "$BUILD/outpostd" "$SBIN"
	put 755 "$BUILD/outpost" "$BIN"
	put 755 "$BUILD/outpost-queue" "$QUEUE"
	for unit in $PARTS; do
		put_moved 644 "etc/$unit" "$UNITS/$unit"
	done
	put 644 etc/outpost.sysusers "$PREFIX/lib/sysusers.d/outpost.conf"
	put 644 etc/outpost.tmpfiles "$PREFIX/lib/tmpfiles.d/outpost.conf"
	for page in outpost.1 outpostd.8 outpost.conf.5; do
		put_page "$page"
	done
	for file in report-spam.sieve report-ham.sieve 90-outpost.conf \
	    2.4/90-outpost.conf; do
		put 644 "etc/imapsieve/$file" "$SIEVE/$file"
	done
	for file in etc/templates/*/*; do
		put 644 "$file" "$TEXTS/${file#etc/templates/}"
	done
	for file in 90-outpost-auth-policy.conf 91-outpost-doveadm.conf; do
		put 644 "etc/dovecot/$file" "$PREFIX/share/outpost/dovecot/$file"
		put 644 "etc/dovecot/2.4/$file" \
			"$PREFIX/share/outpost/dovecot/2.4/$file"
	done
	put_moved 755 etc/dovecot/outpost-doveadm \
		"$PREFIX/share/outpost/dovecot/outpost-doveadm"
	put_moved 755 etc/hooks/panel "$PREFIX/share/outpost/hooks/panel"
	put 644 etc/openapi.json "$PREFIX/share/outpost/openapi.json"
	put 644 etc/nginx/outpost.conf "$PREFIX/share/outpost/nginx/outpost.conf"
	put_moved 755 etc/imapsieve/outpost-report "$SIEVE/outpost-report"
	put_moved 644 "$BUILD/man/outpost.conf" "$CONFIG/outpost.conf.sample"
	put 644 etc/webhook.schema.json "$PREFIX/share/outpost/webhook.schema.json"
	put 644 etc/providers.conf "$CONFIG/providers.conf.sample"
	put 644 etc/dnsbl.conf "$CONFIG/dnsbl.conf.sample"
	[ -e "$DESTDIR$CONFIG/providers.conf" ] ||
		put 644 etc/providers.conf "$CONFIG/providers.conf"
	# It may come to hold the secrets of webhooks and of Redis.
	[ -e "$DESTDIR$CONFIG/outpost.conf" ] ||
		put_moved 640 "$BUILD/man/outpost.conf" "$CONFIG/outpost.conf"
}

make_user() {
	if command -v systemd-sysusers >/dev/null; then
		systemd-sysusers "$PREFIX/lib/sysusers.d/outpost.conf"
		return
	fi
	getent group outpost >/dev/null || groupadd --system outpost
	getent passwd outpost >/dev/null ||
		useradd --system --gid outpost --home-dir /var/lib/outpost \
		    --no-create-home --shell /usr/sbin/nologin outpost
}

make_here() {
	make_user
	install -d -m 755 -o outpost -g outpost /run/outpost
	install -d -m 751 -o outpost -g outpost /var/lib/outpost \
	    /var/lib/outpost/tables
	[ -e "$CONFIG/secret" ] || "$BIN" secret "$CONFIG/secret"
	chown root:outpost "$CONFIG/secret" "$CONFIG/outpost.conf"
	chmod 640 "$CONFIG/secret"
	if [ -d /run/systemd/system ]; then
		systemctl daemon-reload
		# One that runs is asked again and again, and never idle: an
		# old one would not understand what a new outpostd asks.
		systemctl try-restart outpost-queue.service || true
	fi
	cat <<-END
		Outpost is installed, not yet started, and Postfix is untouched. Next:
		  1. read $CONFIG/outpost.conf, then: outpostd -t
		  2. systemctl enable --now outpost-queue.socket \\
		         outpost-holdguard.timer outpostd.socket outpostd.service
		  3. outpost postfix    prints the lines for main.cf and master.cf
		  4. outpost events     tells what it would have stopped (mode observe)
		  5. outpost mode enforce --reason "..."    when you agree
	END
}

# Who lets held mail leave is about to go. Where that fails nothing is removed.
let_leave() {
	[ -x "$BIN" ] && [ -e "$CONFIG/outpost.conf" ] ||
		return 0
	"$BIN" --config "$CONFIG/outpost.conf" holdguard --all && return
	echo "Mail is still on hold (see above, and: postqueue -p)." \
	    "Nothing was removed." >&2
	return 1
}

stop_units() {
	[ -d /run/systemd/system ] || return 0
	systemctl disable --now outpostd.service outpostd.socket || true
	systemctl disable --now outpost-queue.socket || true
	systemctl stop outpost-queue.service || true
}

take_away() {
	if [ -z "$DESTDIR" ]; then
		stop_units
		let_leave
		[ ! -d /run/systemd/system ] ||
			systemctl disable --now outpost-holdguard.timer || true
	fi
	for unit in $PARTS; do
		rm -f "$DESTDIR$UNITS/$unit"
	done
	rm -f "$DESTDIR$SBIN" "$DESTDIR$BIN" "$DESTDIR$QUEUE" \
	    "$DESTDIR$PREFIX/lib/sysusers.d/outpost.conf" \
	    "$DESTDIR$PREFIX/lib/tmpfiles.d/outpost.conf" \
	    "$DESTDIR$MAN/man1/outpost.1.gz" \
	    "$DESTDIR$MAN/man8/outpostd.8.gz" \
	    "$DESTDIR$MAN/man5/outpost.conf.5.gz" \
	    "$DESTDIR$CONFIG/outpost.conf.sample" \
	    "$DESTDIR$CONFIG/providers.conf.sample" \
	    "$DESTDIR$CONFIG/dnsbl.conf.sample"
	rm -rf "$DESTDIR$PREFIX/share/outpost"
	[ -n "$DESTDIR" ] || [ ! -d /run/systemd/system ] ||
		systemctl daemon-reload
	[ -n "$DESTDIR" ] || cat <<-END
		Removed. Left where they are: $CONFIG, /var/lib/outpost, the user
		outpost. Take Outpost's lines out of main.cf and master.cf before
		the tables in /var/lib/outpost go: Postfix refuses mail without them.
	END
}

case ${1:-} in
install)
	put_files
	[ -n "$DESTDIR" ] || make_here
	;;
uninstall) take_away ;;
*)
	echo "usage: install.sh install|uninstall" >&2
	exit 2
	;;
esac
