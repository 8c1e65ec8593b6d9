# dovecot_release - what differs between Dovecot 2.3 (Debian 12) and 2.4 (13)
#
# dovecot_is_23             is the one that is installed of the older kind?
# dovecot_head              what its configuration begins with
# dovecot_listen ADDRESS    a line of an inet_listener
# dovecot_unlimited         as a size of memory
# dovecot_example PATH      the shipped example for it; PATH below etc

dovecot_is_23() {
	case $(dovecot --version) in
	2.[0-3].*) ;;
	*) return 1 ;;
	esac
}

# 2.4 wants its version first.
dovecot_head() {
	dovecot_is_23 || printf 'dovecot_%s_version = 2.4.0\n' config storage
}

dovecot_listen() { # ADDRESS
	if dovecot_is_23; then
		echo "address = $1"
	else
		echo "listen = $1"
	fi
}

dovecot_unlimited() {
	if dovecot_is_23; then
		echo 0
	else
		echo unlimited
	fi
}

dovecot_example() { # FOLDER/FILE
	if dovecot_is_23; then
		echo "$TOP/etc/$1"
	else
		echo "$TOP/etc/${1%/*}/2.4/${1##*/}"
	fi
}
