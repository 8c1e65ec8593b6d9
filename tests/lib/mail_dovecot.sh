# mail_dovecot - a private Dovecot without TLS, for mail that is there already
#
# mail_dovecot_conf FOLDER UID GID    its configuration: on $IMAP_PORT, maildirs
#                                     FOLDER/USER, everybody's password "secret"
. "$TOP/tests/lib/dovecot_release.sh"

mail_dovecot_conf() { # FOLDER UID GID
	dovecot_head
	cat <<-END
		base_dir = $BED/imap/run
		state_dir = $BED/imap/state
		log_path = $BED/log/imap.log
		protocols = imap
		ssl = no
		default_internal_user = dovecot
		default_login_user = dovenull
		default_internal_group = dovecot
		first_valid_uid = 1
		default_vsz_limit = $(dovecot_unlimited)
		service imap-login {
		  inet_listener imap {
		    $(dovecot_listen 127.0.0.1)
		    port = $IMAP_PORT
		  }
		}
	END
	if dovecot_is_23; then
		cat <<-END
			disable_plaintext_auth = no
			mail_location = maildir:$1/%u
			passdb {
			  driver = static
			  args = password=secret
			}
			userdb {
			  driver = static
			  args = uid=$2 gid=$3 home=$1/%u
			}
		END
	else
		cat <<-END
			auth_allow_cleartext = yes
			mail_driver = maildir
			mail_path = $1/%{user}
			passdb static {
			  password = secret
			}
			userdb static {
			  fields {
			    uid = $2
			    gid = $3
			    home = $1/%{user}
			  }
			}
		END
	fi
}
