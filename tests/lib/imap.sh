# imap - a private Dovecot with mailboxes, over TLS by a CA of our own
#
# imap_start             started; imaps://localhost:$IMAP_PORT, whose certificate
#                        is good for localhost by $IMAP_CA
# imap_user NAME PW      adds a login (before or after the start)
# imap_put USER FOLDER   delivers a message from standard input (a delivery
#                        agent's way; unread)
# imap_ask USER COMMAND  as USER, by curl, in the folder INBOX: what the server says
# imap_count USER FOLDER KEY...   how many messages a SEARCH finds
# imap_stop              ended
. "$TOP/tests/lib/dovecot_release.sh"

IMAP=$BED/imap
IMAP_CA=$IMAP/ca.pem

# A CA, and a certificate of it for a name, the first in $IMAP.
imap_certificate() { # NAME FILE: FILE.pem, FILE.key
	openssl req -newkey rsa:2048 -nodes -keyout "$2.key" -out "$2.csr" \
	    -subj "/CN=$1" 2>/dev/null
	echo "subjectAltName = DNS:$1" >"$2.ext"
	openssl x509 -req -in "$2.csr" -CA "$IMAP_CA" -CAkey "$IMAP/ca.key" \
	    -CAcreateserial -days 3 -extfile "$2.ext" -out "$2.pem" 2>/dev/null
}

imap_make() {
	[ ! -e "$IMAP_CA" ] || return 0
	mkdir -p "$IMAP/run" "$IMAP/state"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$IMAP/ca.key" \
	    -out "$IMAP_CA" -days 3 -subj "/CN=a CA of the bed" 2>/dev/null
	imap_certificate localhost "$IMAP/server"
	touch "$IMAP/passwd"
	bed_port
	IMAP_PORT=$bed_port
}

imap_user() { # NAME PASSWORD
	imap_make
	echo "$1:{PLAIN}$2::::::" >>"$IMAP/passwd"
	echo "$2" >"$IMAP/$1.password"
	chmod 640 "$IMAP/$1.password"
	mkdir -p "$BED/mail/$1/cur" "$BED/mail/$1/new" "$BED/mail/$1/tmp"
	chown -R mail:mail "$BED/mail"
}

imap_config() {
	cat <<-END
		base_dir = $IMAP/run
		state_dir = $IMAP/state
		log_path = $BED/log/imap.log
		protocols = imap
		ssl = required
		auth_mechanisms = plain login
		auth_failure_delay = 0
		default_internal_user = dovecot
		default_login_user = dovenull
		default_internal_group = dovecot
		first_valid_uid = 1
		default_vsz_limit = $(dovecot_unlimited)
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
		service imap-login {
		  inet_listener imap {
		    port = 0
		  }
		  inet_listener imaps {
		    $(dovecot_listen 127.0.0.1)
		    port = $IMAP_PORT
		    ssl = yes
		  }
		}
	END
	if dovecot_is_23; then
		cat <<-END
			mail_location = maildir:$BED/mail/%u
			ssl_cert = <$IMAP/server.pem
			ssl_key = <$IMAP/server.key
			passdb {
			  driver = passwd-file
			  args = scheme=PLAIN username_format=%u $IMAP/passwd
			}
			userdb {
			  driver = static
			  args = uid=mail gid=mail home=$BED/mail/%u
			}
		END
	else
		cat <<-END
			mail_driver = maildir
			mail_path = $BED/mail/%{user}
			ssl_server_cert_file = $IMAP/server.pem
			ssl_server_key_file = $IMAP/server.key
			passdb passwd-file {
			  default_password_scheme = plain
			  auth_username_format = %{user}
			  passwd_file_path = $IMAP/passwd
			}
			userdb static {
			  fields {
			    uid = mail
			    gid = mail
			    home = $BED/mail/%{user}
			  }
			}
		END
	fi
	cat <<-END
		namespace inbox {
		  inbox = yes
		}
	END
}

imap_start() {
	imap_make
	{
		dovecot_head
		imap_config
	} >"$IMAP/dovecot.conf"
	bed_run imap dovecot -F -c "$IMAP/dovecot.conf"
	wait_for 'echo | openssl s_client -connect "127.0.0.1:$IMAP_PORT" \
	    2>/dev/null | grep -q "OK "' 20 || die "dovecot did not start"
}

imap_stop() {
	bed_kill imap
}

imap_put() { # USER FOLDER <MESSAGE
	imap_box=$BED/mail/$1
	[ "$2" = INBOX ] || imap_box=$imap_box/.$2
	imap_n=$(date +%s%N)
	cat >"$imap_box/tmp/$imap_n.test"
	chown mail:mail "$imap_box/tmp/$imap_n.test"
	mv "$imap_box/tmp/$imap_n.test" "$imap_box/new/$imap_n.test"
}

imap_ask() { # USER COMMAND
	curl -sS --cacert "$IMAP_CA" -u "$1:$(cat "$IMAP/$1.password")" \
	    "imaps://localhost:$IMAP_PORT/INBOX" -X "$2" 2>&1 | tr -d '\r'
}

imap_count() { # USER FOLDER KEY...
	imap_name=$1 imap_folder=$2
	shift 2
	curl -sS --cacert "$IMAP_CA" \
	    -u "$imap_name:$(cat "$IMAP/$imap_name.password")" \
	    "imaps://localhost:$IMAP_PORT/$imap_folder" -X "SEARCH $*" \
	    2>/dev/null | tr -d '\r' | sed -n 's/^\* SEARCH//p' | wc -w
}
