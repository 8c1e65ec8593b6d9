#!/bin/sh
# signed_ref - a milter behind smtpd, as OpenDKIM and rspamd are, sees the
# reference header, so that it can sign it; and the fields of RFC 9477 that
# header_checks make of it, by which a complaint finds its account, too
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root dovecot redis-server perl "$TOOL/smtp_send" "$TOOL/smtp_world"

# Writes the names of the header fields that it sees, and adds one.
cat >"$BED/milter.pl" <<'END'
use IO::Socket::INET;
my ($port, $out) = @ARGV;
my $l = IO::Socket::INET->new(Listen => 5, LocalAddr => "127.0.0.1",
    LocalPort => $port, ReuseAddr => 1) or die;
sub take { my ($s, $n) = @_; my $all = "";
	while (length($all) < $n) {
		sysread($s, my $more, $n - length($all)) or return;
		$all .= $more;
	}
	return $all; }
sub say_to { my ($s, $bytes) = @_; syswrite($s, pack("N", length($bytes)) . $bytes); }
while (my $s = $l->accept) {
	while (defined(my $head = take($s, 4))) {
		my $p = take($s, unpack("N", $head));
		my $c = substr($p, 0, 1);
		last if $c eq "Q";
		next if $c eq "D" || $c eq "A";
		if ($c eq "O") { say_to($s, "O" . pack("NNN", 6, 1, 0)); next; }
		if ($c eq "L") {
			open(my $f, ">>", $out) or die;
			print $f (split /\0/, substr($p, 1))[0], "\n";
		}
		say_to($s, "hX-Signed\0yes\0") if $c eq "E";
		say_to($s, "c");
	}
}
END

world_start world
pf_new mta
bed_port
pf_set mta "relayhost=$(world_relay world)" "milter_default_action=tempfail" \
    "smtpd_milters=inet:127.0.0.1:$bed_port"
bed_run milter perl "$BED/milter.pl" "$bed_port" "$BED/seen"
outpost_fbl='authserv_ids = ( "mail.test.example" );'
outpost_config </dev/null
outpost_beside mta
printf '%s\n' '/^X-Outpost-Ref: ([^ ]+)$/ PREPEND CFBL-Feedback-ID: $1' \
    '/^From: / PREPEND CFBL-Address: fbl@inside.example; report=arf' \
    >"$(pf_etc mta)/cfbl"
sed -i '/^header_checks/d' "$(pf_etc mta)/main.cf"
pf_set mta "header_checks=regexp:$(pf_etc mta)/cfbl"
pf_start mta
outpost_start
"$TOOL/smtp_send" -q -x "LOGIN=ann@inside.example ADDR=203.0.113.7" \
    -f ann@inside.example -n 1 "$(pf_submission mta)" u1@world.example
check "it leaves" wait_for 'ls "$BED"/world/[0-9]* 2>/dev/null' 20
check_has "the milter saw the reference" "$(cat "$BED/seen")" '^X-Outpost-Ref$'
check_has "and its copy" "$(tr '\n' ' ' <"$BED/seen")" \
    'CFBL-Feedback-ID .*CFBL-Address '
check_has "and what left has both" "$(sed '/^\r*$/,$d' "$BED"/world/[0-9]*)" \
    '^X-Outpost-Ref: '
check_has "what it added" "$(sed '/^\r*$/,$d' "$BED"/world/[0-9]*)" '^X-Signed: yes'

{
	printf '%s\n' \
	    'Authentication-Results: mail.test.example; dkim=pass header.d=arf.mail.yahoo.com' \
	    'From: feedback@arf.mail.yahoo.com' 'Message-ID: <1@loop>' \
	    'MIME-Version: 1.0' \
	    'Content-Type: multipart/report; report-type=feedback-report;' \
	    ' boundary="b"' '' '--b' 'Content-Type: message/feedback-report' '' \
	    'Feedback-Type: abuse' 'User-Agent: Loop/1' 'Version: 1' '' '--b' \
	    'Content-Type: text/rfc822-headers' ''
	sed -n '/^\r*$/q; /^CFBL-/p' "$BED"/world/[0-9]*
	printf '%s\n' '' '--b--'
} | "$BUILD/outpost" --config "$OUTPOST_CONF" ingest - 2>/dev/null
check_has "a report with nothing else" "$(op complaints --json)" \
    '"account":"ann@inside.example","type":"complaint".*"how":"cfbl_feedback_id"'
