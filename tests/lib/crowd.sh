# crowd - many accounts send at once, through the real submission service mta
#
# crowd_world                  world.example is open, slow.example shut; both
#                              before pf_start
# crowd_open                   slow.example opens
# crowd_sends RUN FIRST LAST RECIPIENTS
#                              each of the logins u@cFIRST.example ... sends a
#                              message to so many, half of them at slow.example
# crowd_answers RUN FIRST      "CODE x N, ..." of its messages
# crowd_taken                  every recipient of every message that was taken,
#                              sorted
# crowd_arrived                those that came out there
# crowd_standing ERE           how many accounts have such a standing
# crowd_held                   "FIRST LAST" account whose mail is on hold

# A session for each; prints "N RUN RECIPIENTS REPLY", REPLY that of the end, or
# of what was refused.
crowd_part() { # RUN FIRST LAST RECIPIENTS
	perl -e '
	use IO::Socket::INET;
	my ($to, $run, $first, $last, $n) = @ARGV;
	my ($host, $port) = split /:/, $to;
	sub answer {
		my ($s, $line) = (shift, "");
		do { $line = <$s> // "000" } while $line =~ /^\d\d\d-/;
		return substr $line, 0, 3;
	}
	sub says {
		my ($s, $text) = @_;
		print $s "$text\r\n";
		return answer($s);
	}
	for my $i ($first .. $last) {
		my $s = IO::Socket::INET->new(PeerAddr => $host,
		    PeerPort => $port, Timeout => 60) or die "no smtpd";
		$s->autoflush(1);
		answer($s);
		says($s, "EHLO x");
		says($s, "XCLIENT LOGIN=u\@c$i.example ADDR=203.0.113.7");
		says($s, "EHLO x");
		my $code = says($s, "MAIL FROM:<u\@c$i.example>");
		for my $r (1 .. $n) {
			last if $code !~ /^2/;
			my $at = $r % 2 ? "world.example" : "slow.example";
			$code = says($s, "RCPT TO:<r$i.$run.$r\@$at>");
		}
		$code = says($s, "DATA") if $code =~ /^2/;
		$code = says($s, "Subject: $i\r\n\r\nx\r\n.") if $code =~ /^3/;
		print "$i $run $n $code\n";
		says($s, "QUIT");
	}' "$(pf_submission mta)" "$@"
}

crowd_sends() { # RUN FIRST LAST RECIPIENTS: four at a time
	span=$((($3 - $2 + 4) / 4))
	pids=
	for part in 0 1 2 3; do
		from=$(($2 + part * span)) to=$(($2 + (part + 1) * span - 1))
		[ "$to" -le "$3" ] || to=$3
		crowd_part "$1" "$from" "$to" "$4" >"$BED/sent.$1.$2.$part" &
		pids="$pids $!"
	done
	# shellcheck disable=SC2086
	wait $pids
}

crowd_answers() { # RUN FIRST
	cat "$BED/sent.$1.$2".* | awk '{ print $4 }' | sort | uniq -c |
	    awk '{ printf "%s%s x %s", (NR > 1 ? ", " : ""), $2, $1 }'
}

crowd_standing() { # ERE
	op list --json --kind account | sed 's/},/},\n/g' |
	    grep -cE "\"standing\":\"($1)\""
}

crowd_arrived() {
	cat "$BED"/world/[0-9]* "$BED"/slow/[0-9]* 2>/dev/null |
	    sed -n 's/^X-World-To: *<*\(r[^@]*@[a-z.]*\).*/\1/p' | sort
}

crowd_taken() {
	cat "$BED"/sent.* | awk '$4 == 250 {
		for (r = 1; r <= $3; r++)
			printf "r%d.%d.%d@%s.example\n", $1, $2, r,
			    r % 2 ? "world" : "slow"
	}' | sort
}

crowd_held() {
	pf_queue mta | sed -n 's/.*"queue_name": "hold".*"sender": "u@c\([0-9]*\)[.].*/\1/p' |
	    sort -un | sed -n '1p; $p' | tr '\n' ' ' | sed 's/ $//'
}

crowd_world() {
	world_start world
	world_at slow
	crowd_slow=$world_ip:$world_port
	pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
	    minimal_backoff_time=300s maximal_backoff_time=300s \
	    smtpd_client_connection_count_limit=0 default_process_limit=20
	echo "slow.example smtp:$(world_relay slow)" >"$(pf_etc mta)/transport"
}

crowd_open() {
	bed_run slow "$TOOL/smtp_world" -d "$BED/slow" "$crowd_slow"
	wait_port "${crowd_slow%:*}" "${crowd_slow#*:}" ||
		die "smtp_world did not start"
}
