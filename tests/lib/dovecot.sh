# dovecot - a private Dovecot that only checks passwords for Postfix (SASL)
#
# dovecot_start          started once; $DOVECOT_SASL is the socket's path
# dovecot_user NAME PW   adds a login (before or after the start)
# $dovecot_more          more lines of its configuration
. "$TOP/tests/lib/dovecot_release.sh"

DOVECOT_SASL=$BED/dovecot/auth
dovecot_more=

dovecot_user() { # NAME PASSWORD
	mkdir -p "$BED/dovecot"
	echo "$1:{PLAIN}$2::::::" >>"$BED/dovecot/passwd"
}

# Failed logins are answered at once: no scenario has time for Dovecot's
# penalty of several seconds.
dovecot_config() {
	cat <<-END
		base_dir = $BED/dovecot/run
		state_dir = $BED/dovecot/state
		log_path = $BED/log/dovecot.log
		protocols =
		ssl = no
		auth_mechanisms = plain login
		auth_failure_delay = 0
		default_internal_user = dovecot
		default_login_user = dovenull
		default_internal_group = dovecot
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
		service auth {
		  unix_listener $DOVECOT_SASL {
		    mode = 0660
		    user = postfix
		    group = postfix
		  }
		}
	END
	if dovecot_is_23; then
		dovecot_config_23
	else
		dovecot_config_24
	fi
}

dovecot_config_23() {
	cat <<-END
		disable_plaintext_auth = no
		passdb {
		  driver = passwd-file
		  args = scheme=PLAIN username_format=%u $BED/dovecot/passwd
		}
		userdb {
		  driver = static
		  args = uid=65534 gid=65534 home=/nonexistent
		}
	END
}

dovecot_config_24() {
	cat <<-END
		auth_allow_cleartext = yes
		passdb passwd-file {
		  default_password_scheme = plain
		  auth_username_format = %{user}
		  passwd_file_path = $BED/dovecot/passwd
		}
		userdb static {
		  fields {
		    uid = 65534
		    gid = 65534
		    home = /nonexistent
		  }
		}
	END
}

dovecot_start() {
	bed_alive dovecot && return 0
	mkdir -p "$BED/dovecot/run" "$BED/dovecot/state"
	touch "$BED/dovecot/passwd"
	{
		dovecot_head
		dovecot_config
		echo "$dovecot_more"
	} >"$BED/dovecot/dovecot.conf"
	bed_run dovecot dovecot -F -c "$BED/dovecot/dovecot.conf"
	wait_for '[ -S "$DOVECOT_SASL" ]' 10 || die "dovecot did not start"
}
