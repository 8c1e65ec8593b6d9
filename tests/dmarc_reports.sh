#!/bin/sh
# dmarc_reports - DMARC aggregate reports come by mail, as gzip, zip and XML:
# each counts once, what is hostile does no harm, and `outpost domain reports`
# tells who sends in a domain's name and what a stricter policy would cost
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server curl jq gzip "$TOOL/smtp_send" "$TOOL/smtp_world"

BOX=$BED/reports
NOW=$(date +%s)

row() { # IP COUNT DKIM SPF DISPOSITION ENVELOPE [REASON]
	cat <<-END
		<record><row><source_ip>$1</source_ip><count>$2</count>
		<policy_evaluated><disposition>$5</disposition><dkim>$3</dkim>
		<spf>$4</spf>${7:+<reason><type>$7</type></reason>}
		</policy_evaluated></row>
		<identifiers><envelope_from>$6</envelope_from>
		<header_from>example.org</header_from></identifiers>
		<auth_results><dkim><domain>other.example</domain>
		<result>pass</result></dkim><spf><domain>$6</domain>
		<result>pass</result></spf></auth_results></record>
	END
}

xml() { # ID [POLICY]: a report's, the rows on standard input
	cat <<-END
		<?xml version="1.0" encoding="UTF-8" ?>
		<feedback><version>1.0</version><report_metadata>
		<org_name>Receiver</org_name><email>d@receiver.example</email>
		<report_id>$1</report_id><date_range>
		<begin>$((NOW - 172800))</begin><end>$((NOW - 86401))</end>
		</date_range></report_metadata>
		<policy_published><domain>example.org</domain><p>${2:-none}</p>
		</policy_published>
	END
	cat
	echo '</feedback>'
}

le() { # NUMBER BYTES: little-endian
	le_n=$1 le_i=0
	while [ $le_i -lt "$2" ]; do
		# shellcheck disable=SC2059
		printf "\\$(printf %03o $((le_n & 255)))"
		le_n=$((le_n >> 8)) le_i=$((le_i + 1))
	done
}

zip_of() { # FILE: as a zip archive, of the gzip's own deflated bytes
	gzip -nc "$1" >"$BED/z"
	size=$(wc -c <"$BED/z")
	packed=$((size - 18))
	head -c $((size - 8)) "$BED/z" | tail -c +11 >"$BED/z.data"
	tail -c 8 "$BED/z" | head -c 4 >"$BED/z.crc"
	{ le 20 2; le 0 2; le 8 2; le 0 4; cat "$BED/z.crc"; le $packed 4
	  le "$(wc -c <"$1")" 4; le 5 2; le 0 2; } >"$BED/z.head"
	printf 'PK\003\004'
	cat "$BED/z.head"
	printf 'r.xml'
	cat "$BED/z.data"
	printf 'PK\001\002'
	le 20 2
	cat "$BED/z.head"
	le 0 2; le 0 2; le 0 2; le 0 4; le 0 4
	printf 'r.xmlPK\005\006'
	le 0 4; le 1 2; le 1 2; le 51 4; le $((35 + packed)) 4; le 0 2
}

mail() { # FROM TYPE NAME: the attachment on standard input
	printf '%s\n' \
	    'Authentication-Results: mail.test.example; dkim=pass header.d=receiver.example' \
	    "From: Reports <noreply@$1>" 'To: dmarc@inside.example' \
	    'Subject: Report Domain: example.org Submitter: receiver' \
	    'MIME-Version: 1.0' 'Content-Type: multipart/mixed; boundary="b"' '' \
	    '--b' 'Content-Type: text/plain' '' 'A report.' '--b' \
	    "Content-Type: $2; name=\"$3\"" 'Content-Transfer-Encoding: base64' \
	    "Content-Disposition: attachment; filename=\"$3\"" ''
	base64
	echo '--b--'
}

# A mail is in new when it is whole.
arrives() { # NAME: the mail on standard input
	cat >"$BOX/tmp/$1"
	mv "$BOX/tmp/$1" "$BOX/new/$1"
}

results() { # RESULT
	curl -s "http://$OUTPOST_HTTP/metrics" | sed -n \
	    "s/^outpost_reports_total{result=\"$1\"} //p"
}

mkdir -p "$BOX/new" "$BOX/cur" "$BOX/tmp"
world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)"
outpost_fbl="authserv_ids = ( \"mail.test.example\" ); fbl_maildir = \"$BOX\";"
outpost_config <<-'END'
	domains: { sending_addresses = ( "192.0.2.1" ); domain_checks = false; };
END
outpost_beside mta
pf_start mta
outpost_start
"$TOOL/smtp_send" -q -x "LOGIN=ann@bounce.example.org ADDR=203.0.113.7" \
    -f ann@bounce.example.org -n 1 "$(pf_submission mta)" u1@world.example

# One of each kind; the first from whom our own MTA vouches for.
{ row 192.0.2.1 80 pass pass none example.org
  row 192.0.2.1 10 fail fail none bounce.example.org
  row 198.51.100.7 5 fail fail none lists.example mailing_list
  row 2001:db8::7 4 fail fail none thief.example
  row 203.0.113.66 1 fail fail reject thief.example; } | xml r-1 >"$BED/1.xml"
row 192.0.2.1 100 pass fail none example.org | xml r-2 quarantine >"$BED/2.xml"
row 192.0.2.1 50 fail pass none example.org | xml r-3 >"$BED/3.xml"
gzip -c "$BED/1.xml" | mail receiver.example application/gzip \
    'receiver!example.org!1!2.xml.gz' |
    arrives 1
zip_of "$BED/2.xml" | mail elsewhere.example application/octet-stream r.zip |
    arrives 2
mail elsewhere.example text/xml r.xml <"$BED/3.xml" | arrives 3
gzip -c "$BED/1.xml" | mail receiver.example application/gzip \
    'again.xml.gz' |
    arrives 1again
check "they are taken" wait_for \
    '[ "$(find "$BOX/cur" -name "[123]*" | wc -l)" = 4 ]' 30
check_eq "three count" "$(results dmarc)" 3
check_eq "one is known" "$(results known)" 1

json=$(op domain reports example.org --json)
check_eq "all together" "$(echo "$json" | jq -c \
    '[.reports, .vouched, .all.messages, .all.passed, .all.dkim, .all.spf]')" \
    '[3,1,250,230,180,130]'
check_eq "what a stricter policy would cost" "$(echo "$json" | jq -c \
    '[.all.lost, .all.excused, .all.quarantined, .all.rejected]')" '[19,5,0,1]'
check_eq "what is vouched for stands apart" \
    "$(echo "$json" | jq .of_vouched.messages)" 100
check_eq "who sends in its name, and which of them are ours" "$(echo "$json" |
    jq -c '[.sources[] | .ip, .is_own, .counts.messages]')" \
    '["192.0.2.1",true,240,"198.51.100.7",false,5,"2001:db8::7",false,4,"203.0.113.66",false,1]'
check_soon_has "which account of ours sends misaligned" \
    'op domain reports example.org' '^  ann@bounce.example.org \(1 recipients\)'
shown=$(op domain reports example.org)
check_has "in words" "$shown" 'cost 19 of them that were delivered \(5 forwarded'
check_has "with a chart" "$shown" '^[0-9]{4}-[0-9]{2}-[0-9]{2} +250 #+x+$'
cat >"$BED/zone" <<'END'
example.org TXT "v=spf1 ip4:192.0.2.1 -all"
s1._domainkey.example.org TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
_dmarc.example.org TXT "v=DMARC1; p=none; rua=mailto:d@example.org"
END
bed_run dns "$TOOL/dns_server" "$BED/zone"
wait_for 'grep -q ^127 "$BED/log/dns.out"' || die "no DNS server"
echo "dns: { dns_servers = ( \"$(grep ^127 "$BED/log/dns.out")\" ); };" \
    >"$BED/dns.conf"
check_has "the assistant goes by them" "$("$BUILD/outpost" --config \
    "$BED/dns.conf" --socket "$OUTPOST_SOCKET" domain dmarc example.org \
    --ip 192.0.2.1 --selector s1 --others no </dev/null 2>&1)" \
    '^; By reports of [0-9]+ days 20 of 100 messages in its name would be'
check_has "a domain below it has its parent's" "$(op dmarc news.example.org)" \
    '^DMARC reports about example.org,'
check_has "one that nobody reported" "$(op domain reports none.example)" \
    'no DMARC report about none.example'
check_has "a bad name" "$(op domain reports 'a..b' 2>&1)" 'full domain name'

# Hostile: a bomb, entities, what ends early, a time to come.
{ xml bomb </dev/null | head -n 9; head -c 80000000 /dev/zero | tr '\0' ' '; } |
    gzip -9 | mail elsewhere.example application/gzip b.xml.gz |
    arrives bomb
{ printf '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
  sed '1d; s/Receiver/\&a;/' "$BED/1.xml"; } |
    mail elsewhere.example text/xml r.xml |
    arrives entity
gzip -c "$BED/1.xml" | head -c 200 |
    mail elsewhere.example application/gzip c.xml.gz |
    arrives cut
NOW=$((NOW + 900000)) xml later </dev/null |
    mail elsewhere.example text/xml r.xml |
    arrives later
check "they are moved" wait_for '[ -z "$(ls "$BOX/new")" ]' 30
check_eq "three are kept for a person" "$(results unread)" 3
check_eq "one is of another time" "$(results dmarc_dropped)" 1
check_has "with the reason" "$(cat "$BED/log/outpostd.out")" \
    'no DMARC report: it has a document type'
check_has "nor is a bomb unpacked" "$(cat "$BED/log/outpostd.out")" \
    'no DMARC report: too much of it is no element'
check_eq "nothing of them counts" \
    "$(op domain reports example.org --json | jq .all.messages)" 250

outpost_stop
outpost_start
check_soon "a restart loses nothing" \
    'op domain reports example.org --json | jq .all.messages' 250
