#!/bin/sh
# storm - 500 accounts are taken over among 20,000 honest ones: none of the
# thieves goes on sending, no honest one is touched; the budget is suspended,
# the rest held and approved with one command; account by account
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/feed.sh"
bed_need redis-server perl

HONEST=20000 STOLEN=500

standings() { # "SUBJECT STANDING" of each that isn't good, sorted
	op list --json --kind account | sed 's/},/},\n/g' |
		sed -n 's/.*"subject":"\([^"]*\)","standing":"\([^"]*\)".*/\1 \2/p' |
		sort
}

stopped() { # how many are held or suspended
	standings | grep -cE ' (held|suspended)$'
}

asks() { # PATTERN FIRST LAST STEP: "N ANSWER" of one recipient each
	perl -e '
		use IO::Socket::UNIX;
		my ($path, $pattern, $first, $last, $step) = @ARGV;
		my $s = IO::Socket::UNIX->new($path) or die;
		for (my $i = $first; $i <= $last; $i += $step) {
			my $account = sprintf $pattern, $i;
			print $s "request=smtpd_access_policy\n",
			    "protocol_state=RCPT\ninstance=9.$i.0\n",
			    "client_address=203.0.113.7\nsender=$account\n",
			    "sasl_username=$account\n",
			    "recipient=x\@world.example\n\n";
			$s->flush;
			my ($answer) = <$s> =~ /=(\w+)/;
			<$s>;
			print "$answer\n";
		}' "$POLICY_SOCKET" "$@" | sort | uniq -c | awk '{ print $1, $2 }'
}

: >"$outpost_log"
outpost_config <<END
limits = ( { name = "person-hour"; window = "1h"; max = 300; action = "suspend"; } );
letters: { letters = false; };
END
outpost_start
outpost_enforce
feed "$outpost_log" u@c%d.example 1 $HONEST 1 2
check "20000 accounts sent" wait_for \
    '[ "$(outpost_counts u@c$HONEST.example recipients)" = 2 ]' 60
outpost_reads
check "the budget is 0.2% of them" wait_for \
    'op brake | grep -q "suspend 40 accounts"' 40

# In ten slices each thief sends to 40 at a time; the honest ones go on.
for slice in 1 2 3 4 5 6 7 8 9 10; do
	feed "$outpost_log" u@c%d.example \
	    $((slice * 1000)) $((slice * 1000 + 99)) 1 3
	feed "$outpost_log" u@c%d.example 1 $STOLEN 1 40
done
check "all thieves are stopped" wait_for '[ "$(stopped)" = $STOLEN ]' 60
outpost_reads
standings | grep -E ' (held|suspended)$' >"$BED/stopped"
check_eq "they, and nobody else, account by account" \
    "$(cut -d ' ' -f 1 "$BED/stopped" | md5sum)" \
    "$(seq -f 'u@c%.0f.example' 1 $STOLEN | sort | md5sum)"
check_eq "the budget is suspended, the rest waits" \
    "$(grep -c suspended "$BED/stopped")/$(outpost_status waiting)" 40/460
check_eq "one alarm" "$(op events --last 5000 | grep -c ' alarm ')" 1
check_eq "no thief sends" "$(asks u@c%d.example 1 $STOLEN 1)" \
    "$(printf '460 DEFER_IF_PERMIT\n40 REJECT')"
check_eq "every honest one does" \
    "$(asks u@c%d.example $((STOLEN + 1)) $HONEST 1)" \
    "$((HONEST - STOLEN)) DUNNO"

rules=$(op brake --json | grep -o '"rule":"[^"]*","class":"[^"]*","on":true' |
    cut -d '"' -f 4 | sort -u)
for rule in $rules; do
	op brake approve "$rule" --reason 'a storm' >/dev/null
done
check "approved: all are suspended" wait_for \
    '[ "$(standings | grep -c " suspended$")" = $STOLEN ]' 60
check_eq "nobody waits" "$(outpost_status waiting)" 0
check_eq "and still nobody else" \
    "$(standings | grep ' suspended$' | cut -d ' ' -f 1 | md5sum)" \
    "$(seq -f 'u@c%.0f.example' 1 $STOLEN | sort | md5sum)"
check_eq "no thief sends, for good" "$(asks u@c%d.example 1 $STOLEN 1)" \
    "500 REJECT"
outpost_stop
outpost_start
check_eq "nor after a restart" "$(asks u@c%d.example 1 $STOLEN 1)" "500 REJECT"
