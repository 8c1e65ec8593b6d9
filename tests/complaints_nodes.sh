#!/bin/sh
# complaints_nodes - reports come to one node about mail that another sent: the
# rate is that of all, an account's and a provider's, each complaint counts once on whichever nodes it comes in,
# and who wants no more is known to all, also after Redis lost everything
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl curl

everywhere() { # COMMAND: true on all nodes
	for node in $nodes; do
		eval "$1" || return 1
	done
}

start() { # N
	node_config "$1" <<-END
		limits = ( { name = "hour"; window = "1h"; max = 100000; } );
		signals = ( { name = "burst"; enabled = false; } );
		providers: { providers_file = "$TOP/etc/providers.conf"; };
	END
	sed -i 's/policy: {/policy: { policy_users = ( "*" );/
		s/fbl_listen/authserv_ids = ( "mx.test" ); refuse_suppressed = true; &/' \
	    "$BED/node$1/outpost.conf"
	node_start "$1"
}

policy() { # N STATE ACCOUNT RECIPIENT: what Postfix is told
	perl -e '
		use IO::Socket::UNIX;
		my ($path, $state, $account, $recipient) = @ARGV;
		my $s = IO::Socket::UNIX->new($path) or die;
		print $s "request=smtpd_access_policy\nprotocol_state=$state\n",
		    "instance=$$.$recipient\nclient_address=203.0.113.7\n",
		    "sasl_username=$account\nsender=$account\n",
		    "recipient=$recipient\nrecipient_count=1\n\n";
		$s->flush;
		print scalar <$s>;' "$BED/node$1/policy.sock" "$2" "$3" "$4"
}

reference() { # N ACCOUNT: of a new message
	sleep 1.1 # references of one second are the same
	policy "$1" DATA "$2" x@yahoo.com | sed -n 's/^action=PREPEND //p'
}

report() { # REFERENCE TYPE COMPLAINER
	printf '%s\n' \
	    'Authentication-Results: mx.test; dkim=pass header.d=arf.mail.yahoo.com' \
	    'From: Loop <feedback@arf.mail.yahoo.com>' "Message-ID: <$2.$3@loop>" \
	    'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report;' \
	    ' boundary="b"' '' '--b' 'Content-Type: message/feedback-report' \
	    '' "Feedback-Type: $2" 'User-Agent: Loop/1' 'Version: 1' \
	    "Original-Rcpt-To: $3" '' '--b' \
	    'Content-Type: text/rfc822-headers' '' "$1" \
	    'From: ann@example.com' 'Subject: buy' '' '--b--'
}

ingest() { # N <REPORT
	"$BUILD/outpost" --config "$BED/node$1/outpost.conf" ingest - 2>&1
}

results() { # N RESULT
	node_metric "$1" "reports_total{result=\"$2\"}"
}

sees() { # N "COUNT ..." "N ..."
	# shellcheck disable=SC2086
	[ "$(node_counts "$1" ann@example.com $2)" = "$3" ]
}

suppressed() { # N
	node_op "$1" export suppressed | sort | cut -d ' ' -f 2 | tr '\n' ' '
}

redis_start
nodes='1 2'
for node in $nodes; do
	start "$node"
done
node_op 2 mode enforce --reason test >/dev/null
wait_for 'everywhere "[ \"\$(node_status \$node mode)\" = enforce ]"'
wait_for 'everywhere "[ \"\$(node_status \$node nodes)\" = 2 ]"' 20

mkdir "$BED/nodex"
node_mail x ann@example.com 10 100
sed 's/world\.example/yahoo.com/' "$BED/nodex/mail.log" >>"$BED/node2/mail.log"
wait_for 'sees 2 delivered 1000' 20
one=$(reference 2 ann@example.com)
check_has "a reference of the node that sends" "$one" '^X-Outpost-Ref: '
for i in 1 2 3; do
	report "$one" abuse "u$i@yahoo.com" | ingest 1
done
check "the node that hears of it knows what was delivered" wait_for \
    'sees 1 "complaints delivered" "3 1000"' 15
check "so does the other" wait_for 'sees 2 "complaints delivered" "3 1000"' 15
check_has "the rate is that of all" "$(node_op 1 show ann@example.com)" \
    '3 complaints in 7 days, 0.3[0-9]*% of 1000 delivered'
check "3 of 1000 throttle nobody" everywhere \
    '[ "$(node_standing $node ann@example.com)" != throttled ]'

report "$one" abuse u1@yahoo.com | ingest 2
check_eq "the same report at the other node" "$(results 2 known)" 1
two=$(reference 2 ann@example.com)
report "$two" abuse u1@yahoo.com | sed 's/^Message-ID: </&again./' | ingest 2
check_eq "the same person there, about another message" "$(results 2 again)" 1
check "count once" everywhere 'sees $node complaints 3'
check "the list of complaints is one" wait_for 'everywhere \
    "node_op \$node complaints --by account --json | grep -q \"complaints\\\":4,\""' 15

check "who wants no more is known everywhere" wait_for \
    'everywhere "[ \"\$(suppressed \$node)\" = \"u1@yahoo.com u2@yahoo.com u3@yahoo.com \" ]"' 15
check_has "and refused where the account sends" \
    "$(policy 2 RCPT ann@example.com u2@yahoo.com)" \
    '^action=REJECT 5.7.1 u2@yahoo.com asked not'
check_has "nobody else" "$(policy 2 RCPT ann@example.com u4@yahoo.com)" DUNNO
node_op 2 suppressed ann@example.com u2@yahoo.com --end --reason asked >/dev/null
check "taken off on one, off on all" wait_for \
    'everywhere "[ \"\$(suppressed \$node)\" = \"u1@yahoo.com u3@yahoo.com \" ]"' 15

for i in 4 5 6 7 8 9 10 11 12 13; do
	report "$one" abuse "u$i@yahoo.com" | ingest $((i % 2 + 1))
done
check "13 of 1000, on both nodes: throttled everywhere" wait_for \
    'everywhere "[ \"\$(node_standing \$node ann@example.com)\" = throttled ]"' 20
check "once each" wait_for 'everywhere "sees \$node complaints 13"' 15

check "of what the provider got" wait_for \
    'node_op 1 complaints --by provider | grep -Eq "yahoo +14 +1000 +1.40 "' 90
check "which is told" wait_for 'node_op 1 events --last 20 |
    grep -q "complaints from yahoo in 7 days, with 1000 recipients delivered"' 15

bed_kill redis
report "$one" opt-out v@yahoo.com | ingest 1
report "$one" opt-out w@yahoo.com | ingest 2
redis_start
nodes='1 2 3'
start 3
check "Redis lost all: each learns what the others heard, a new node everything" \
    wait_for 'everywhere "[ \"\$(suppressed \$node | wc -w)\" = 14 ]" &&
	! suppressed 3 | grep -q u2@' 40
check_soon_has "the complaints, too" \
    'node_op 3 complaints --by account --json' '"complaints":14,'
