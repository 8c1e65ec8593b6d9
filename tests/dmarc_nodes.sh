#!/bin/sh
# dmarc_nodes - a DMARC report comes to one node (by LMTP), and all of them tell of
# it: once, also when it comes to two, and what came while Redis was down
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server jq gzip

NOW=$(date +%s)

comes() { # NODE ID COUNT
	{
		printf '%s\n' 'From: Reports <noreply@receiver.example>' \
		    'To: dmarc@inside.example' 'Subject: Report Domain: a.example' \
		    'MIME-Version: 1.0' 'Content-Type: application/gzip' \
		    'Content-Transfer-Encoding: base64' ''
		gzip -c <<-END | base64
			<?xml version="1.0"?><feedback><report_metadata>
			<org_name>Receiver</org_name><report_id>$2</report_id>
			<date_range><begin>$((NOW - 172800))</begin>
			<end>$((NOW - 86401))</end></date_range></report_metadata>
			<policy_published><domain>a.example</domain><p>none</p>
			</policy_published><record><row>
			<source_ip>192.0.2.$3</source_ip><count>$3</count>
			<policy_evaluated><disposition>none</disposition>
			<dkim>pass</dkim><spf>fail</spf></policy_evaluated></row>
			<identifiers><header_from>a.example</header_from>
			</identifiers></record></feedback>
		END
	} | "$BUILD/outpost" --config "$BED/node$1/outpost.conf" ingest - \
	    >"$BED/ingested" 2>&1
}

sums() { # NODE: reports, messages
	node_op "$1" domain reports a.example --json 2>/dev/null |
	    jq -r '"\(.reports) \(.all.messages)"'
}

redis_start
for n in 1 2; do
	node_config $n </dev/null
	node_start $n
done
comes 1 r1 5
check_eq "it comes by LMTP" "$? $(cat "$BED/ingested")" "0 "
check_soon "the node that got it tells of it" 'sums 1' "1 5"
check_soon "so does the other" 'sums 2' "1 5"
comes 2 r1 5
comes 2 r2 7
check_soon "what comes to both counts once" 'sums 1' "2 12"
bed_kill redis
comes 1 r3 11
check_soon "with Redis gone it is known here" 'sums 1' "3 23"
redis_start
check "and there, when it is back" wait_for '[ "$(sums 2)" = "3 23" ]' 60
node_stop 2
rm -rf "$BED/node2/state/dmarc"
node_start 2
check_soon "a node without a store gets what is in the stream" 'sums 2' "1 11"
