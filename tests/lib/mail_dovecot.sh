# mail_dovecot - a private Dovecot without TLS, for mail that is there already
#
# mail_dovecot_conf FOLDER UID GID    its configuration: on $IMAP_PORT, maildirs
#                                     FOLDER/USER, everybody's password "secret"

mail_dovecot_conf() { # FOLDER UID GID
	cat <<-END
		base_dir = $BED/imap/run
		state_dir = $BED/imap/state
		log_path = $BED/log/imap.log
		protocols = imap
		ssl = no
		disable_plaintext_auth = no
		default_internal_user = dovecot
		default_login_user = dovenull
		default_internal_group = dovecot
		first_valid_uid = 1
		default_vsz_limit = 0
		mail_location = maildir:$1/%u
		service imap-login {
		  inet_listener imap {
		    address = 127.0.0.1
		    port = $IMAP_PORT
		  }
		}
		passdb {
		  driver = static
		  args = password=secret
		}
		userdb {
		  driver = static
		  args = uid=$2 gid=$3 home=$1/%u
		}
	END
}
