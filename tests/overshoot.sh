#!/bin/sh
# overshoot - a thief who hurries or tricks gets no recipient beyond the limit:
# many sessions at once, addresses that only look as if they stayed inside; and
# a local user can't speak for an account on the policy socket
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root perl setpriv smtp-sink dovecot redis-server "$TOOL/smtp_send"

send() { # LOGIN RECIPIENT ARGUMENT...
	login=$1 rcpt=$2
	shift 2
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" "$rcpt" 2>&1
}

# As that user: 99 recipients in the name of an account.
speak_for() { # USER ACCOUNT
	setpriv --reuid="$1" --regid="$(id -g "$1")" --clear-groups perl -e '
		use IO::Socket::UNIX;
		my $s = IO::Socket::UNIX->new($ARGV[0]) or exit 1;
		$SIG{PIPE} = "IGNORE";
		print $s "request=smtpd_access_policy\nprotocol_state=RCPT\n",
		    "instance=$_.1\nclient_address=203.0.113.7\n",
		    "sasl_username=$ARGV[1]\nrecipient=u$_\@world.example\n\n"
		    for 1 .. 99;
		$s->flush; shutdown($s, 1);
		1 while <$s>' "$POLICY_SOCKET" "$2"
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
outpost_config <<END
limits = ( { name = "hour"; window = "1h"; max = 20; } );
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

n=0
while [ $n -lt 20 ]; do
	n=$((n + 1))
	bed_run "session$n" "$TOOL/smtp_send" -q -t 20 \
	    -x "LOGIN=par@inside.example ADDR=203.0.113.$n" \
	    -f par@inside.example -n 5 -m 7 -c $((n * 100)) \
	    "$(pf_submission mta)" 'user%d@world.example'
done
going_on() {
	for n in $(seq 20); do
		! bed_alive "session$n" || return 0
	done
	return 1
}
check "20 sessions at once: they end" wait_for '! going_on'
pf_empty mta
check_counts "20 sessions at once: nothing beyond the limit" \
    par@inside.example "recipients delivered" "20 20"

# That local.example is inside has to be learned first.
"$TOOL/smtp_send" -f a@world.example "$(pf_smtp mta)" nobody@local.example \
    >/dev/null
pf_empty mta
outpost_reads
n=0
for rcpt in 'user%d%world.example@local.example' \
    '"user%d@world.example"@local.example' \
    'world.example!user%d@local.example' \
    '@local.example:user%d@world.example'; do
	n=$((n + 1))
	out=$(send "thief$n@inside.example" "$rcpt" -m 50)
	check_eq "to $rcpt: taken" "$(echo "$out" | grep -c '^RCPT .* 250 ')" 20
done
out=$(send friend@inside.example 'user%d@local.example' -m 50)
check_eq "what stays inside is not limited" \
    "$(echo "$out" | grep -c '^RCPT .* 250 ')" 50

# Each delivery makes a log line that Postfix cuts.
pad=$(printf '%%local.example%.0s' $(seq 136))
for n in 1 2 3; do
	send long@inside.example "u%d%world.example$pad@local.example" \
	    -m 6 -c "${n}00" >/dev/null
	pf_empty mta
done
check_counts "lines that were cut count" long@inside.example \
    "messages recipients" "3 18"

# "It was delivered" with the whole message, to an address that is made up: the
# client asked for it.
send notify@inside.example \
    'box%d@inside.example> NOTIFY=SUCCESS ORCPT=rfc822;x@inside.example' \
    -f victim@world.example -n 5 >/dev/null
pf_empty mta
check_counts "notices that a client asks for are its messages" \
    notify@inside.example "messages inside recipients" "10 5 5"

speak_for www-data victim@inside.example
outpost_reads
check_has "a local user speaks for nobody" \
    "$(send victim@inside.example u@world.example)" '^END 250'
check_eq "the victim is good" "$(outpost_standing victim@inside.example)" good
speak_for postfix victim@inside.example
check_soon "Postfix is heard" 'outpost_standing victim@inside.example' throttled
