# loop - a provider's feedback loop, for nodes (lib/nodes.sh) whose policy socket
# answers at $BED/nodeN/policy.sock

# The header that node N has Postfix add to a new message of ACCOUNT.
loop_reference() { # N ACCOUNT
	perl -e '
		use IO::Socket::UNIX;
		my ($path, $account) = @ARGV;
		my $s = IO::Socket::UNIX->new($path) or die;
		print $s "request=smtpd_access_policy\nprotocol_state=DATA\n",
		    "instance=$$.1\nclient_address=203.0.113.7\n",
		    "sasl_username=$account\nsender=$account\n",
		    "recipient=x\@yahoo.com\nrecipient_count=1\n\n";
		$s->flush;
		print scalar <$s>;' "$BED/node$1/policy.sock" "$2" |
		sed -n 's/^action=PREPEND //p'
}

# A complaint about a message with REFERENCE, as a provider's loop sends it.
loop_report() { # REFERENCE ACCOUNT
	printf '%s\n' \
	    'Authentication-Results: mx.test; dkim=pass header.d=arf.mail.yahoo.com' \
	    'From: Loop <feedback@arf.mail.yahoo.com>' "Message-ID: <$2.$$@loop>" \
	    'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report;' \
	    ' boundary="b"' '' '--b' 'Content-Type: message/feedback-report' \
	    '' "Feedback-Type: abuse" 'User-Agent: Loop/1' 'Version: 1' \
	    "Original-Rcpt-To: jo@yahoo.com" '' '--b' \
	    'Content-Type: text/rfc822-headers' '' "$1" \
	    "From: $2" 'Subject: buy' '' '--b--'
}
