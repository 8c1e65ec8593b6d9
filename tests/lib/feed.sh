# feed - what Postfix would log, appended to a log, without a Postfix
#
# feed LOG ACCOUNT-PATTERN FIRST LAST MESSAGES RECIPIENTS
#       for each number of FIRST..LAST the account that printf makes of the
#       pattern ("a%d@example.com") sends so many messages to so many people

feed_run=0
feed() { # LOG PATTERN FIRST LAST MESSAGES RECIPIENTS
	feed_run=$((feed_run + 1))
	awk -v pattern="$2" -v first="$3" -v last="$4" -v messages="$5" \
	    -v n="$6" -v run="$feed_run" \
	    -v at="$(date +%Y-%m-%dT%H:%M:%S.000000%:z)" '
	function say(what) { print at " mx postfix/" what }
	BEGIN {
		for (i = first; i <= last; i++) {
			account = sprintf(pattern, i)
			for (m = 0; m < messages; m++) {
				id = sprintf("%X%06X", 256 + run, ++made)
				say("smtpd[10]: " id ": client=c[203.0.113.7], " \
				    "sasl_method=PLAIN, sasl_username=" account)
				say("qmgr[12]: " id ": from=<" account \
				    ">, size=900, nrcpt=" n " (queue active)")
				for (r = 0; r < n; r++)
					say("smtp[13]: " id ": to=<u" r "." i \
					    "@world.example>, " \
					    "relay=w[192.0.2.1]:25, delay=1, " \
					    "dsn=2.0.0, status=sent (250 2.0.0 Ok)")
				say("qmgr[12]: " id ": removed")
			}
		}
	}' >>"$1"
}
