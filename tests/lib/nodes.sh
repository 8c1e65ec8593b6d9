# nodes - several outpostd, as on several hosts, around one Redis
#
# node_config N <<groups   node N: state, log, sockets of its own, the bed's
#                          secret, the Redis of redis_start
# node_start N, node_stop N [SIGNAL]
# node_op N COMMAND...     the operator's command, there
# node_counts N SUBJECT COUNT...    as outpost_counts
# node_standing N SUBJECT
# node_status N KEY
# node_metric N NAME
# node_mail N ACCOUNT MESSAGES RECIPIENTS    appends what Postfix would log
# node_ask N ACCOUNT RECIPIENTS [MESSAGE]    asks policy, RCPT by RCPT; prints
#                                            how many were let through
# node_spread ROUNDS N...  suspends an account on the first, over and over;
#                          prints "MS" of each until the policies of all refuse
#
# Needs lib/redis.sh.
. "$TOP/tests/lib/counts.sh"

node_config() { # N
	node_dir=$BED/node$1
	mkdir -p "$node_dir/state"
	: >"$node_dir/mail.log"
	[ -e "$BED/secret" ] || (umask 077 && head -c 32 /dev/urandom >"$BED/secret")
	bed_port
	echo "$bed_port" >"$node_dir/port"
	{
		cat <<-END
			state_dir = "$node_dir/state";
			node_name = "mx$1";
			secret_file = "$BED/secret";
			log: { files = ( "$node_dir/mail.log" ); };
			policy: { listen = ( "unix:$node_dir/policy.sock" ); };
			control: { control_socket = "$node_dir/control.sock"; };
			http: { http_listen = "127.0.0.1:$bed_port"; };
			redis: { redis_uri = "unix:$BED/redis.sock"; };
			letters: { letters = false; };
			fbl: { fbl_listen = "unix:$node_dir/fbl.sock"; };
		END
		cat
	} >"$node_dir/outpost.conf"
}

node_start() { # N
	bed_run "node$1" "$BUILD/outpostd" -c "$BED/node$1/outpost.conf"
	node_n=$1
	wait_for 'node_op "$node_n" status' 10 || die "node $1 does not answer"
}

node_stop() { # N [SIGNAL]
	bed_kill "node$1" ${2:+"$2"}
}

node_op() { # N COMMAND...
	node_socket=$BED/node$1/control.sock
	shift
	"$BUILD/outpost" --socket "$node_socket" "$@"
}

node_counts() { # N SUBJECT COUNT...
	node_of=$1 node_subject=$2
	shift 2
	node_op "$node_of" why "$node_subject" 2>&1 | counts_last_day "$@"
}

node_standing() { # N SUBJECT
	node_op "$1" why "$2" 2>/dev/null | sed -n 's/^standing *//p'
}

node_status() { # N KEY
	node_op "$1" status 2>/dev/null | sed -n "s/^$2  *//p"
}

node_metric() { # N NAME
	curl -s "http://127.0.0.1:$(cat "$BED/node$1/port")/metrics" |
		awk -v s="outpost_$2" '$1 == s { print $2 }'
}

node_mailed=0
node_mail() { # N ACCOUNT MESSAGES RECIPIENTS
	node_mailed=$((node_mailed + 1))
	awk -v account="$2" -v messages="$3" -v recipients="$4" \
	    -v run="$1$node_mailed" -v at="$(date +%Y-%m-%dT%H:%M:%S.000000%:z)" '
	function say(what) { print at " mx postfix/" what }
	BEGIN {
		for (m = 0; m < messages; m++) {
			id = sprintf("%X%05X", run + 4096, m)
			say("smtpd[10]: " id ": client=c[203.0.113.7], " \
			    "sasl_method=PLAIN, sasl_username=" account)
			say("cleanup[11]: " id ": message-id=<" id "@x>")
			say("qmgr[12]: " id ": from=<" account ">, size=900, " \
			    "nrcpt=" recipients " (queue active)")
			for (r = 0; r < recipients; r++)
				say("smtp[13]: " id ": to=<u" run "." m "." r \
				    "@world.example>, relay=w[192.0.2.1]:25, " \
				    "delay=1, delays=0/0/0/1, dsn=2.0.0, " \
				    "status=sent (250 2.0.0 Ok)")
			say("qmgr[12]: " id ": removed")
		}
	}' >>"$BED/node$1/mail.log"
}

node_ask() { # N ACCOUNT RECIPIENTS [MESSAGE]
	perl -e '
		use IO::Socket::UNIX;
		my ($path, $account, $n, $message) = @ARGV;
		my $s = IO::Socket::UNIX->new($path) or die;
		my $taken = 0;
		for (1 .. $n) {
			print $s "request=smtpd_access_policy\n",
			    "protocol_state=RCPT\n", "instance=$message\n",
			    "client_address=203.0.113.7\n",
			    "sasl_username=$account\nsender=$account\n",
			    "recipient=p$_.$message\@world.example\n\n";
			$s->flush;
			my $answer = <$s>;
			<$s>;
			$taken++ if $answer =~ /DUNNO/;
		}
		print "$taken\n"' "$BED/node$1/policy.sock" "$2" "$3" "${4:-$(date +%s%N).1.0}"
}

node_spread() { # ROUNDS N...
	node_rounds=$1
	shift
	# shellcheck disable=SC2016
	perl -e '
		use IO::Socket::UNIX;
		use Time::HiRes qw(time sleep);
		my ($outpost, $bed, $rounds, @nodes) = @ARGV;
		my $mail = "request=smtpd_access_policy\nprotocol_state=RCPT\n" .
		    "client_address=203.0.113.7\nrecipient=x\@world.example\n";
		my @s = map { IO::Socket::UNIX->new("$bed/node$_/policy.sock")
		    or die } @nodes;
		sub refused {
			my ($s, $account) = @_;
			print $s $mail, "instance=$account.1\n",
			    "sasl_username=$account\n\n";
			$s->flush;
			my $answer = <$s>;
			<$s>;
			return $answer =~ /REJECT|^action=5/;
		}
		for my $i (1 .. $rounds) {
			my $account = "spread$i\@example.com";
			refused($_, $account) for @s;
			my $began = time;
			system("$outpost --socket $bed/node$nodes[0]/control.sock " .
			    "suspend $account --reason bench >&2") == 0 or die;
			for my $s (@s) {
				until (refused($s, $account)) {
					die "too long" if time - $began > 10;
					sleep 0.0005;
				}
			}
			printf "%.1f\n", (time - $began) * 1000;
		}' "$BUILD/outpost" "$BED" "$node_rounds" "$@"
}
