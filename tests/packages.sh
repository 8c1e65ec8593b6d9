#!/bin/sh
# Installs what tests/packages names and the machine lacks. Needs root only
# then. Never starts a service: Debian's postfix is preseeded "No
# configuration", and nothing that this installs is allowed to start.
set -eu
list=$(dirname "$0")/packages

has() {
	dpkg-query -W -f '${Status}' "$1" 2>/dev/null |
		grep -q 'ok installed'
}
known() {
	apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

missing=
for line in $(sed 's/#.*//' "$list"); do
	found=
	for name in $(echo "$line" | tr '|' ' '); do
		if has "$name"; then found=yes; fi
	done
	[ -n "$found" ] || missing="$missing $line"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "packages missing (run make once as root):$missing" >&2
	exit 1
fi
echo "installing:$missing"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
apt-get update >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
install=
for line in $missing; do
	pick=
	for name in $(echo "$line" | tr '|' ' '); do
		if [ -z "$pick" ] && known "$name"; then pick=$name; fi
	done
	[ -n "$pick" ] || { echo "no package for $line" >&2; exit 1; }
	install="$install $pick"
done
if ! has postfix; then
	has debconf && echo 'postfix postfix/main_mailer_type select No configuration' |
		debconf-set-selections
fi
# Services must not start: a policy-rc.d of our own for the time of the
# installation, unless the machine has one already.
guard=/usr/sbin/policy-rc.d
made=
if [ ! -e "$guard" ]; then
	made=yes
	trap 'rm -f "$log" "$guard"' EXIT
	printf '#!/bin/sh\nexit 101\n' >"$guard"
	chmod 755 "$guard"
fi
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
	$install >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
[ -z "$made" ] || rm -f "$guard"
# Nor at the next boot, if only tests need it (Postfix has no configuration;
# who gives it one, and who uses this Redis, expects them to start).
if command -v systemctl >/dev/null; then
	for package in $install; do
		case $package in postfix* | redis*) continue ;; esac
		for unit in $(dpkg -L "$package" | sed -n \
		    's|^\(/usr\)*/lib/systemd/system/\([^/@]*\.\(service\|socket\|timer\)\)$|\2|p'); do
			systemctl disable "$unit" >/dev/null 2>&1 || true
		done
	done
fi
echo "installed."
