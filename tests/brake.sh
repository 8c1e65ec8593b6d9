#!/bin/sh
# brake - a bad rule that matches a tenth of all accounts: its budget is
# suspended, the rest waits on hold, one alarm tells; two nodes count together,
# over restarts; release and approve reach each who waits and nobody else
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl "$TOOL/http_sink"

bed_port
hook=127.0.0.1:$bed_port
HOOKS=$BED/hooks
mkdir "$HOOKS"
bed_run hook "$TOOL/http_sink" -d "$HOOKS" "$hook"

bodies() { # what it took, a line each
	for body in "$HOOKS"/*.body; do
		cat "$body"
		echo
	done
}

hooks() { # ERE: how many of them
	bodies 2>/dev/null | grep -cE "$1"
}

# Every account of 100 sends once; each tenth one to many.
mail() { # NODE FIRST LAST
	awk -v first="$2" -v last="$3" -v run="$1" \
	    -v at="$(date +%Y-%m-%dT%H:%M:%S.000000%:z)" '
	function say(what) { print at " mx postfix/" what }
	BEGIN {
		for (m = first; m <= last; m++) {
			id = sprintf("%X%05X", run + 4096, m)
			n = m % 10 == 0 ? 9 : 1
			account = "a" m "@example.com"
			say("smtpd[10]: " id ": client=c[203.0.113.7], " \
			    "sasl_method=PLAIN, sasl_username=" account)
			say("qmgr[12]: " id ": from=<" account ">, size=900, " \
			    "nrcpt=" n " (queue active)")
			for (r = 0; r < n; r++)
				say("smtp[13]: " id ": to=<u" r "@world.example>, " \
				    "relay=w[192.0.2.1]:25, delay=1, dsn=2.0.0, " \
				    "status=sent (250 2.0.0 Ok)")
			say("qmgr[12]: " id ": removed")
		}
	}' >>"$BED/node$1/mail.log"
}

# "SUBJECT STANDING" of each that isn't good, sorted.
standings() { # NODE
	node_op "$1" list --json --kind account |
		sed 's/},/},\n/g' |
		sed -n 's/.*"subject":"\([^"]*\)","standing":"\([^"]*\)".*/\1 \2/p' |
		sort
}

how_many() { # NODE STANDING
	standings "$1" | grep -c " $2\$"
}

waiting() { # NODE
	node_op "$1" brake --json --all | grep -o '"subject"' | grep -c .
}

# Each of FIRST..LAST, tenths or not, is as the bad rule leaves it.
tenths() { # FIRST LAST
	awk -v first="$1" -v last="$2" 'BEGIN { for (m = first; m <= last; m++)
	    if (m % 10 == 0) print "a" m "@example.com" }' | sort
}

redis_start
for node in 1 2; do
	node_config "$node" <<-END
		limits = ( { name = "bad"; window = "1h"; max = 5;
			action = "suspend"; warn = 0; },
		    { name = "good"; count = "messages"; window = "1h"; max = 1000; } );
		brake: { brake_budget = 12; };
		webhooks = ( { name = "desk"; url = "http://$hook/x"; } );
	END
	node_start "$node"
done
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]'
check_has "nobody waits" "$(node_op 1 brake)" 'nobody waits; .* 12 accounts'

# 8 on one node, then the budget's rest on the other.
mail 1 1 80
check "within the budget: suspended" wait_for '[ "$(how_many 1 suspended)" = 8 ]'
wait_for '[ "$(how_many 2 suspended)" = 8 ]'
mail 2 81 1000
check "over it they are held" wait_for '[ "$(how_many 2 held)" = 88 ]'
check_eq "the budget is that of both nodes" "$(how_many 2 suspended)" 12
check "both see the same" wait_for '[ "$(standings 1)" = "$(standings 2)" ]'
check_eq "the tenth and nobody else, account by account" \
    "$(standings 1 | cut -d ' ' -f 1)" "$(tenths 1 1000)"
check "status tells" wait_for '[ "$(node_status 1 waiting)" = 88 ]'
check_has "by rule and class" "$(node_op 1 status)" \
    '^brake +bad makes accounts of class person wait: 12 suspended'
out=$(node_op 1 brake)
check_has "brake: who waits" "$out" \
    '^bad, class person: 88 wait since .* until .*; 12 suspended .* of 12'
check_has "brake: and why" "$out" '^  a[0-9]+0@example\.com: 9 recipients in 1 hour, the limit is 5'
check_eq "brake: a few by name" "$(echo "$out" | grep -c '@example.com: ')" 5
check_eq "who waits is deferred" "$(perl -e '
	use IO::Socket::UNIX;
	my $s = IO::Socket::UNIX->new($ARGV[0]) or die;
	print $s "request=smtpd_access_policy\nprotocol_state=RCPT\n",
	    "instance=1.2\nclient_address=203.0.113.7\n",
	    "sasl_username=a1000\@example.com\nsender=a1000\@example.com\n",
	    "recipient=x\@world.example\n\n";
	$s->flush;
	print((split / /, <$s>)[0])' "$BED/node2/policy.sock")" action=DEFER_IF_PERMIT
check "one alarm" wait_for '[ "$(hooks "\"type\":\"alarm\"")" -ge 1 ]' 15
check_has "of the rule" "$(bodies | grep '"alarm"')" \
    '"rule":"brake".*the rule has suspended its 12 accounts of class person'

# Killed and started again, it knows.
node_stop 2 KILL
node_start 2
check_eq "after a crash: the same wait" "$(waiting 2)" 88
mail 2 1001 1010
check "and so does one more, as both know" wait_for \
    '[ "$(how_many 1 held)/$(how_many 2 held)" = 89/89 ]'

# The rule was bad.
check_eq "a reason is needed" "$(node_op 1 brake release bad 2>&1 >/dev/null |
    grep -c 'needs --reason')" 1
check_eq "another rule has nobody" "$(node_op 1 brake release good \
    --reason x 2>&1 >/dev/null)" 'outpost: nobody waits because of "good"'
check_has "release" "$(node_op 1 brake release bad --reason 'a wrong rule')" \
    '^bad: 89 who wait are let go'
check "released, on both nodes" wait_for \
    '[ "$(how_many 1 held)/$(how_many 2 held)" = 0/0 ]'
check_eq "those suspended before stay" "$(how_many 1 suspended)" 12
check_eq "all others are good, no probation" "$(standings 2 | grep -vc suspended)" 0
check_has "in the history, by whom" "$(node_op 2 events a900@example.com)" \
    'lift .*a wrong rule \[root\]'
sleep 1
check_eq "the same facts hold nobody again" "$(waiting 1)/$(waiting 2)" 0/0

# The hour's budget is used up: the next ones wait, too, and are guilty.
mail 1 1011 1040
check "the next wait again" wait_for '[ "$(how_many 2 held)" = 3 ]'
check_has "approve" "$(node_op 2 brake approve bad --reason 'thieves')" \
    '^bad: 3 who wait are suspended'
check "approved, on both nodes" wait_for \
    '[ "$(how_many 1 suspended)/$(how_many 2 suspended)" = 15/15 ]'
check_eq "nobody waits" "$(waiting 1)/$(waiting 2)" 0/0
check_has "by whom" "$(node_op 1 events a1040@example.com)" \
    'sanction suspended .*the limit is 5 \[root\]'
mail 1 1041 1050
check "after an approval the budget begins anew" wait_for \
    '[ "$(how_many 2 suspended)" = 16 ]'
check_soon "alarms: one for each time" 'bodies | grep "\"alarm\"" |
    grep -o "\"cause\":\"[^\"]*\"" | sort -u | grep -c .' 2
check_eq "nothing is told twice" \
    "$(bodies | grep -o '"cause":"[^"]*"' | sort | uniq -d)" ""
