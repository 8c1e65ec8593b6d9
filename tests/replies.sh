#!/bin/sh
# replies - what receivers answer: counted by the rules of providers.conf, which
# are read again; a mistake in them changes nothing; what no rule is for is kept
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server curl jq

A=alice@example.com

log() { # TEXT
	echo "$(date '+%b %e %T') mx postfix/$1" >>"$PF_LOG"
}

n=0
bounces() { # REPLY...: a message to one recipient each
	for reply; do
		n=$((n + 1))
		log "smtpd[1]: AAAA$n: client=x[203.0.113.9], sasl_method=PLAIN, sasl_username=$A"
		log "qmgr[2]: AAAA$n: from=<$A>, size=500, nrcpt=1 (queue active)"
		log "smtp[3]: AAAA$n: to=<r$n@world.example>, relay=mx1.big.example[192.0.2.$n]:25, delay=1, delays=0/0/0/1, dsn=5.0.0, status=bounced (host mx1.big.example[192.0.2.$n] said: $reply (in reply to RCPT TO command))"
		log "qmgr[2]: AAAA$n: removed"
	done
}

providers() { # REPLIES
	printf 'providers = ( { name = "big"; mx = ( "big.example" ); contact = "x@y"; } );\n%s' \
	    "$1" >"$BED/providers.conf"
}

explained() { # REPLY
	"$BUILD/outpost" --config "$OUTPOST_CONF" explain response \
	    --mx mx1.big.example "$1" | jq -r '[.class, .rule, .provider, .contact] | @tsv' | tr '\t' ' '
}

touch "$PF_LOG"
providers ''
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
providers: { providers_file = "$BED/providers.conf"; };
END2
redis_start redis >/dev/null
outpost_start

bounces '550 5.7.1 No such user' '554 Message rejected as spam' \
    '550 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org' \
    '552 5.2.2 Mailbox full' '550 Wugga wugga 17' '550 Wugga wugga 18'
check_counts "by their words" $A "unknown_user refused bounced" "1 1 4"
check_has "no rule is for it" "$(op providers --unmatched)" \
    '^ +2  .* mx1.big.example: 550 wugga wugga 17$'
check_eq "only that" "$(op providers --unmatched | wc -l)" 1
check_has "the same for programs" "$(op --json providers --unmatched)" \
    '^\{"count":2,.*"text":"550 wugga wugga 17"\}'
check_has "who receives" "$(op providers)" '^big +good +1 +x@y'
check_has "what it answered to our address, by class" "$(op providers big)" \
    '^default +6 +0 +0 +6 +0 +- +- +other 2, unknown_user 1, '
check_has "the same for programs" "$(op --json providers big --for 1h)" \
    '^\[\{"ip":"default","attempted":6,"delivered":0,"deferred":0,"refused":6'
check_has "metrics" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    'outpost_replies_total\{class="unknown_user"\} 1'
check_eq "shipped rules, own providers" \
    "$(explained '552 5.2.2 Mailbox full')" 'mailbox_full mailbox-full big x@y'

check_eq "all that a program may ask" \
    "$("$BUILD/outpost" --config "$OUTPOST_CONF" explain response \
	'550 5.7.1 Client host [192.0.2.9] blocked using zen.spamhaus.org' |
	jq -r '[.class, .scope, .temporary] + (. as $r |
	    ["provider", "retry_after", "advice", "contact", "rule"] |
	    map(. as $k | $r | has($k))) | map(tostring) | join(" ")')" \
    'blocked ip false true true true true true'

# A restart forgets none.
outpost_stop
outpost_start
check_has "kept over a restart" "$(op providers --unmatched)" \
    '^ +2  .* mx1.big.example: 550 wugga wugga 17$'
check_has "so are the figures" "$(op providers big)" '^default +6 +0 +0 +6 '

# A mistake is told with its line, and changes nothing.
providers '
replies = (
  { name = "wugga"; class = "spam_content"; text = "wugga (wugga";
    example = "550 wugga" }
);'
outpost_reload
check "the mistake is told" wait_for \
    'grep -q "providers.conf:4: rule wugga: .*missing closing parenthesis" "$BED/log/outpostd.out"' 30
bounces '554 Another message rejected as spam'
check_counts "nothing has changed" $A "refused" 2
check_has "the command says so" \
    "$("$BUILD/outpost" --config "$OUTPOST_CONF" explain response x 2>&1)" \
    'providers.conf:4: rule wugga'

# Own rules take the place of those shipped.
providers '
replies = (
  { name = "wugga"; class = "spam_content"; text = "wugga wugga";
    temporary = true; retry_after = "1h"; example = "550 wugga wugga" }
);'
check_eq "own rules" "$(explained '550 Wugga wugga')" 'spam_content wugga big x@y'
check_eq "none but them" "$(explained '552 Mailbox full')" 'other  big x@y'
outpost_reload
check "read again" wait_for '[ "$(outpost_counts $A refused)" = 3 ] ||
    { bounces "550 Wugga wugga 19"; outpost_reads; false; }' 30
