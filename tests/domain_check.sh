#!/bin/sh
# domain_check - the health of sending domains: a zone for every finding, by a
# private DNS server; what can't be told is never red, records as they would be
# right are right, and hostile ones take no time
. "$(dirname "$0")/lib/bed.sh"
bed_need jq openssl

findings=$TOP/tests/data/domain_findings.txt
conf=$BED/outpost.conf
export CONF="$conf"

key() { # BITS: the record's p=
	openssl genrsa "$1" 2>/dev/null |
	    openssl rsa -pubout -outform DER 2>/dev/null | base64 -w 0
}
k2048=$(key 2048) k512=$(key 512) k1024=$(key 1024)
ed=$(openssl genpkey -algorithm ed25519 | openssl pkey -pubout -outform DER |
    tail -c 32 | base64 -w 0)

# Each case's zone, with its names; what all of them share.
{
	cat <<-END
		test NS ns.test
		h.test A 198.51.100.9
		mx1.test A 192.0.2.80
		mail.test A 192.0.2.1
		1.2.0.192.in-addr.arpa PTR mail.test
		98.2.0.192.in-addr.arpa PTR mail.test
		closed.test A 192.0.2.1
		closed.test TXT "v=spf1 -all"
	END
	awk '/^=/ { d = $2 ".test"; next } /^#/ { next }
	    { gsub("@@", "_AT_" d); gsub("@", d); gsub("_AT_", "@"); print }' \
	    "$findings" | sed "s|K2048A|$(echo "$k2048" | cut -c 1-200)|
		s|K2048B|$(echo "$k2048" | cut -c 201-)|
		s|K512|$k512|; s|K1024|$k1024|; s|ED25519|$ed|" |
	    awk -v n=900 '/HUGE/ { head = substr($0, 1, index($0, "HUGE") - 1)
		printf "%s\"", head
		for (i = 0; i < n; i++) printf " \"ip4:10.0.0.%d a:h%d.test \"", i % 250, i
		print " \"-all\""; next } { print }'
	echo 'evil.test TXT "v=spf1 include:e0.evil.test -all"'
	i=0
	while [ $i -lt 3000 ]; do
		echo "e$i.evil.test TXT \"v=spf1 include:e$((i + 1)).evil.test include:f$i.evil.test -all\""
		i=$((i + 1))
	done
	echo '*.evil.test TXT "v=spf1 include:%{i}.g.evil.test mx a ptr exists:%{l}.evil.test -all"'
	echo '*.evil.test MX 10 evil.test'
	awk 'function many(n, before, after) {
		for (i = 0; i < n; i++)
			print before i after
	}
	function wide(name, begin, n, word, end) {
		printf "%s TXT \"%s\"", name, begin
		for (i = 0; i < n; i++)
			printf " \"" word "\"", i
		print " \"" end "\""
	}
	BEGIN {
		many(700, "texts.hostile.test TXT \"v=spf1 ip4:10.0.0.", " a -all\"")
		many(700, "_dmarc.records.hostile.test TXT \"v=DMARC1; p=none; rua=mailto:d", "@x.test\"")
		many(1200, "mx.hostile.test MX ", " h.test")
		many(1200, "hosts.hostile.test MX 10 h", ".gone.test")
		many(1200, "97.2.0.192.in-addr.arpa PTR p", ".hostile.test")
		wide("terms.hostile.test", "v=spf1", 3500, " ip4:10.0.0.%d", " -all")
		wide("asks.hostile.test", "v=spf1", 3500, " a:h%d.test", " -all")
		wide("macros.hostile.test", "v=spf1", 1200, " exists:%%{ir}.%%{l1r+-}.%d.%%{d}", " -all")
		wide("_dmarc.uris.hostile.test", "v=DMARC1; p=none; rua=", 2500, "mailto:d%d@x.test,", "mailto:e@x.test")
		wide("_dmarc.tags.hostile.test", "v=DMARC1; p=none; ", 5000, "x%d=y; ", "")
		wide("s1._domainkey.key.hostile.test", "v=DKIM1; p=", 3000, "AAAAAAAAAAAAAAAA%%04d", "")
		for (i = 0; i < 60; i++)
			print "c" i ".hostile.test CNAME c" i + 1 ".hostile.test"
		print "chain.hostile.test CNAME c0.hostile.test"
		print "ring.hostile.test CNAME ring2.hostile.test"
		print "ring2.hostile.test CNAME ring.hostile.test"
	}'
	for name in @ s1._domainkey. _dmarc. _mta-sts. _smtp._tls. default._bimi.; do
		echo "${name#@}long.hostile.test LONG 60000"
	done
} >"$BED/zone"
mkdir -p "$BED/keys/dkimother.test"
printf 's3._domainkey\tIN\tTXT\t( "v=DKIM1; h=sha256; k=rsa; "\n\t  "p=%s"\n\t  "%s" )  ; ----- DKIM key s3 for "x"\n' \
    "$(echo "$k2048" | cut -c 1-200)" "$(echo "$k2048" | cut -c 201-)" \
    >"$BED/keys/dkimother.test/s3.txt"

bed_run dns "$TOOL/dns_server" "$BED/zone"
wait_for 'grep -q ^127 "$BED/log/dns.out"' ||
	die "no DNS server: $(cat "$BED/log/dns.out")"
server=$(grep ^127 "$BED/log/dns.out")

configure() { # SENDING-ADDRESSES [SETTINGS]
	cat >"$conf" <<-END
		dns: { dns_servers = ( "$server" ); dns_timeout = 1; };
		domains: { sending_addresses = ( $1 );
			dkim_selectors = ( "s1", "s2", "s3" ); ${2:-}
			dkim_key_file = "$BED/keys/%d/%s.txt"; };
	END
}

domain() { # NAME OPTION...: its health
	"$BUILD/outpost" --config "$conf" domain check "$@"
}

ours='"192.0.2.1=mail.test", "2001:db8::1"'
configure "$ours"
bare=$BED/bare.conf
echo "dns: { dns_servers = ( \"$server\" ); dns_timeout = 1; };" >"$bare"
mkdir "$BED/shown"
grep '^=' "$findings" | while read -r _ name _; do
	on=$CONF
	case $name in
	ptrnone) with='--ip 192.0.2.99' ;;
	ptrother) with='--ip 192.0.2.98' ;;
	ptrok | helospf) with='--ip 192.0.2.1=mail.test' ;;
	helootherwise) with='--ip 192.0.2.1=h.test' ;;
	helospfno) with='--ip 192.0.2.1=closed.test' ;;
	nosite | noselector) with= on=$bare ;;
	*) with= ;;
	esac
	echo "$BED/shown/$name $on $name.test --json${with:+ $with}"
done | xargs -P 4 -L 1 sh -c 'out=$1 on=$2; shift 2
    exec "$0" --config "$on" domain check "$@" >"$out" 2>&1' \
    "$BUILD/outpost"
wrong=0 n=0
while read -r equals name id colour; do
	[ "$equals" = "=" ] || continue
	n=$((n + 1))
	got=$(jq -r --arg id "$id" '.parts[].findings[] |
	    select(.id == $id) | .colour' "$BED/shown/$name" | head -n 1 |
	    tr ' ' _)
	[ "$got" != "$colour" ] || continue
	wrong=$((wrong + 1))
	fail "$name" "wants $id $colour, has \"$got\" among $(jq -c \
	    '[.parts[].findings[].id]' "$BED/shown/$name")"
done <"$findings"
check_eq "a zone for every finding: $n of them" "$wrong" 0
check_eq "a policy on trial that does nothing loses nothing" "$(jq -r \
    '.parts[] | select(.part == "DMARC") | .colour' \
    "$BED/shown/dmarctestlost")" green
# Each that can be found is among them, and has words in each language.
# (What receivers tell, DKIM_TOLD_..., is in domains.sh.)
grep -ohE '"(SPF|DKIM|DMARC|MX|PTR|HELO|STS|TLSRPT|BIMI)_[A-Z_0-9]+"' \
    "$TOP"/domains/health*.c | tr -d '"' | sort -u >"$BED/ids"
grep '^=' "$findings" | awk '{ print $3 }
    END { print "DKIM_TOLD_BAD\nDKIM_TOLD_GOOD\nDKIM_TOLD_NOT" }' |
    sort -u >"$BED/found"
check_eq "each finding has a zone" "$(comm -23 "$BED/ids" "$BED/found")" ""
for l in de fr it; do
	sed -n 's/^page\.f_\([A-Z_0-9]*\) = ..*/\1/p' \
	    "$TOP/etc/templates/$l/words" | sort >"$BED/words"
	check_eq "each finding has words ($l)" \
	    "$(comm -3 "$BED/ids" "$BED/words")" ""
done
check "they are at least 60" [ "$(grep '^=' "$findings" | awk '{ print $3 }' |
    sort -u | wc -l)" -ge 60 ]

# Nothing that the DNS would not tell makes anything red.
red=0
for name in down refused silent garbage includedown dkimdown dmarcdown; do
	case $name in
	dkim*) part=DKIM ;;
	dmarc*) part=DMARC ;;
	*) part=SPF ;;
	esac
	[ "$(jq -r --arg p $part '.parts[] | select(.part == $p) | .colour' \
	    "$BED/shown/$name")" = "could not tell" ] || {
		red=$((red + 1))
		echo "$name" >>"$BED/red"
	}
done
check_eq "what can't be told is no verdict" "$red$(cat "$BED/red" 2>/dev/null)" 0

# A record as it would be right, put in its place, is right.
right() { # NAME
	jq -r '.parts[0].right[0].text' "$BED/shown/$1"
}
for name in none multi notus void voidfew voidfirst syntax glued neutral noall \
    ptr norecord plusall bareall; do
	printf '%s.right.test TXT "%s"\n' "$name" "$(right $name)"
done >"$BED/right"
cat "$BED/right" >>"$BED/zone"
bed_kill dns HUP
wait_for '[ "$(domain none.right.test --json | jq -r \
    ".parts[0].colour")" = green ]'
wrong=
for name in none multi notus void voidfew voidfirst syntax glued neutral noall \
    ptr norecord plusall bareall; do
	colour=$(domain $name.right.test --json | jq -r '.parts[0].colour')
	[ "$colour" = green ] || wrong="$wrong $name:$colour"
done
check_eq "the proposed records are right" "$wrong" ""
check_has "what others may do stays" "$(right multi)" 'include:ok.test'
configure "$ours" 'spf_include = "_spf.host.test";'
check_eq "an include is proposed where there is one" \
    "$(domain none.test --json | jq -r '.parts[0].right[0].text')" \
    "v=spf1 include:_spf.host.test ~all"
configure "$ours"

# For people, and for scripts.
shown=$(domain plusall.test)
check_eq "the status tells" $? 6
check_has "in plain words" "$shown" 'everybody in the world'
check_has "with the record found" "$shown" 'found: plusall.test. TXT "v=spf1'
check_has "and the right one" "$shown" 'right: plusall.test. TXT "v=spf1 .*~all"'
printf '%s\n' 'all.test TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"' \
    "s1._domainkey.all.test TXT \"v=DKIM1; p=$k1024\"" \
    '_dmarc.all.test TXT "v=DMARC1; p=reject; rua=mailto:d@all.test"' \
    'all.test SECURE' >>"$BED/zone"
sed -i "s|^s1._domainkey.all.test.*|s1._domainkey.all.test TXT \"v=DKIM1; p=$(
    echo "$k2048" | cut -c 1-200)\" \"$(echo "$k2048" | cut -c 201-)\"|" \
    "$BED/zone"
bed_kill dns HUP
check_soon_has "a domain that is all right" 'domain all.test' '^all.test: green'
domain all.test >"$BED/all"
check_eq "has status 0" $? 0
check_has "DNSSEC is told" "$(cat "$BED/all")" 'all"  .DNSSEC'
check_has "a bad name is a usage error" "$(domain 'a..b' 2>&1)" 'no full domain'
check_has "so is a bad address" "$(domain ok.test --ip x 2>&1)" '"x" is no'
dkim=$("$BUILD/outpost" --config "$conf" domain check dkimok.test --selector s9)
check_has "one selector alone" "$dkim" 'no key at s9._domainkey.dkimok.test'

# What to change, as a zone: what was there stays, but for what is replaced.
fix=$("$BUILD/outpost" --config "$conf" domain fix multi.test)
check_eq "fix: both go" "$(echo "$fix" | grep -c '^-multi.test. IN TXT')" 2
check_has "one comes" "$fix" '^.multi.test. IN TXT "v=spf1 ip4:192.0.2.1 include:ok.test ip6:2001:db8::1 ~all"$'
check_has "what a person must do is said" "$fix" '^; DKIM, for a person: '
check_eq "as JSON" "$("$BUILD/outpost" --config "$conf" domain fix dmarcold.test \
    --json | jq -r '.changes[] | select(.part == "DMARC") | .add')" \
    "v=DMARC1; p=none; rua=mailto:d@dmarcold.test"
check_eq "the signer's own key is to be published" "$("$BUILD/outpost" --config \
    "$conf" domain fix dkimother.test | grep -c '^[-+]s3._domainkey')" 2
check_eq "nothing to change" "$("$BUILD/outpost" --config "$conf" domain fix \
    all.test)" "; nothing to change"

# Is what leaves really signed? One that openssl signed.
signed() { # SELECTOR: a message from all.test; its key is that of $1
	bh=$(printf 'Hello\r\n' | openssl dgst -sha256 -binary | base64 -w 0)
	sig="v=1; a=rsa-sha256; c=relaxed/simple; d=all.test; s=$1; h=from; bh=$bh; b="
	b=$(printf 'from:Alice <alice@all.test>\r\ndkim-signature:%s' "$sig" |
	    openssl dgst -sha256 -sign "$BED/sign.pem" | base64 -w 0)
	printf 'DKIM-Signature: %s%s\nFrom: Alice <alice@all.test>\nSubject: x\n\nHello\n' \
	    "$sig" "$b"
}
openssl genrsa -out "$BED/sign.pem" 2048 2>/dev/null
pub=$(openssl rsa -in "$BED/sign.pem" -pubout -outform DER 2>/dev/null |
    base64 -w 0)
printf 'sig._domainkey.all.test TXT "v=DKIM1; p=%s" "%s"\n' \
    "$(echo "$pub" | cut -c 1-200)" "$(echo "$pub" | cut -c 201-)" >>"$BED/zone"
bed_kill dns HUP
tested() {
	"$BUILD/outpost" --config "$conf" domain test all.test "$@"
}
signed sig >"$BED/signed"
check_soon_has "test: a signature that holds" 'tested "$BED/signed"' \
    '^all.test: what leaves is signed, and the signature holds$'
check_has "not when the body changed" "$(sed 's/^Hello/Hallo/' "$BED/signed" |
    tested)" '^! signature of all.test .selector sig. does not hold: the body'
check_has "nor with another key" "$(signed s1 | tested)" \
    'does not hold: the key in the DNS'
signed sig | sed 1d | tested --json >"$BED/unsigned"
check_eq "what isn't signed" $? 6
check_eq "is said" "$(jq -c '[.is_good, .signatures]' "$BED/unsigned")" \
    '[false,[]]'

# The assistant for DMARC.
dmarc() { # OPTION...
	"$BUILD/outpost" --config "$conf" domain dmarc "$@" </dev/null
}
check_has "dmarc: the next stage" "$(dmarc all.test --others no --json)" \
    '"now":"reject","proposed":"reject"'
check_has "none while nothing passes" "$(dmarc multi.test --others no)" \
    '^; policy now: absent, proposed: none$'
early=$(dmarc multi.test --policy reject --reports d@multi.test)
check_eq "more than is safe is said" $? 6
check_has "and printed" "$early" \
    '^\+_dmarc.multi.test. IN TXT "v=DMARC1; p=reject; rua=mailto:d@multi.test"$'
check_has "an expert's record is checked" "$(dmarc all.test --record \
    'v=DMARC1; p=none; pct=5' 2>&1)" 'are not defined any more'
check_has "a good one is taken" "$(dmarc all.test --record \
    'v=DMARC1; p=reject; np=reject; rua=mailto:d@all.test')" \
    '^\+_dmarc.all.test. IN TXT "v=DMARC1; p=reject; np=reject; rua'

# Many at once, the worst first.
printf '%s\n' '# ours' ok.test all.test down.test '' multi.test ALL.test. |
    "$BUILD/outpost" --config "$conf" domains --from-file - >"$BED/many"
check_eq "many: not all are green" $? 6
check_eq "the worst comes first, each once" \
    "$(awk 'NR > 1 { printf "%s ", $1 }' "$BED/many")" \
    "multi.test down.test ok.test all.test "
check_has "with what is wrong" "$(cat "$BED/many")" \
    '^multi.test +red +red +amber +There are 2 SPF records'
check_eq "as JSON" "$("$BUILD/outpost" --config "$conf" domains all.test \
    --json | jq -c '[.[] | .domain, .dmarc]')" '["all.test","green"]'
check_has "none are named" "$("$BUILD/outpost" --config "$conf" domains 2>&1)" \
    'name domains'

# Hostile: thousands of includes, loops, 60 KB: within bounds, and soon.
began=$(now_ms)
domain evil.test --json >"$BED/evil"
took=$(($(now_ms) - began))
check_has "thousands of includes" "$(cat "$BED/evil")" SPF_PERMERROR_LOOKUPS
check "ask no more than so often ($(jq .questions "$BED/evil"))" \
    [ "$(jq .questions "$BED/evil")" -lt 200 ]
check "and take no time ($took ms)" [ "$took" -lt 5000 ]
# No kind of record keeps the loop for longer than a turn may take: the least of
# three, of its processor time.
turn() { # DOMAIN OPTION...
	for i in 1 2 3; do
		domain "$@" --json | jq .longest_turn_us
	done | sort -n | head -n 1
}
for name in texts records mx hosts terms asks macros uris tags key chain ring \
    long; do
	echo "$(turn $name.hostile.test) $name"
done >"$BED/turns"
echo "$(turn evil.test) includes" >>"$BED/turns"
echo "$(turn ok.test --ip 192.0.2.97) names" >>"$BED/turns"
check_eq "no turn takes over 1 ms, whatever stands in the DNS" \
    "$(awk '$1 > 1000' "$BED/turns")" ""
bad=$BED/bad.conf
echo 'domains: { sending_addresses = ("mail.example"); };' >"$bad"
check_has "settings are checked" "$("$BUILD/outpost" --config "$bad" settings \
    2>&1)" 'bad.conf:1: sending_addresses: "mail.example" is no'
echo 'dns: { dns_servers = ("resolver"); };' >"$bad"
check_has "the servers, too" "$("$BUILD/outpost" --config "$bad" settings 2>&1)" \
    'bad.conf:1: dns_servers: "resolver" is no'
