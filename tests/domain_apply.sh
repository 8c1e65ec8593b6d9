#!/bin/sh
# domain_apply - the records of sending domains are set in a zone of BIND's, by
# signed dynamic update: shown, asked, looked at, and taken back; nothing that
# others put there is touched, and who was quicker wins
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need jq openssl redis-server named nsupdate dig tsig-keygen script

conf=$BED/fix.conf
bed_port
port=$bed_port
state=$BED/state
mkdir -p "$BED/named" "$BED/keys" "$state"
chmod 755 "$BED/named"

for k in good other; do
	tsig-keygen -a hmac-sha256 "$k.key" >"$BED/$k.key"
	chmod 600 "$BED/$k.key"
done
sed 's/good.key/none.key/' "$BED/good.key" >"$BED/none.key"
sed "s|secret \".*\"|secret \"$(head -c 32 /dev/zero | base64)\"|" \
    "$BED/good.key" >"$BED/wrong.key"
tsig-keygen -a hmac-sha512 strong.key >"$BED/strong.key"
chmod 600 "$BED"/*.key
secret=$(sed -n 's/.*secret "\(.*\)".*/\1/p' "$BED/good.key")

pub=$(openssl genrsa 2048 2>/dev/null | openssl rsa -pubout -outform DER \
    2>/dev/null | base64 -w 0)
for d in apply race alias big limits strong; do
	mkdir "$BED/keys/$d.test"
	printf 's1._domainkey IN TXT ( "v=DKIM1; k=rsa; " "p=%s" "%s" )\n' \
	    "$(echo "$pub" | cut -c 1-200)" "$(echo "$pub" | cut -c 201-)" \
	    >"$BED/keys/$d.test/s1.txt"
done

zone() { # NAME [RECORD...]: its file, and its lines for named.conf
	name=$1
	shift
	{
		printf '$TTL 300\n@ SOA ns hostmaster 1 3600 600 86400 60\n'
		printf '@ NS ns\nns A 127.0.0.1\n@ MX 10 ns\n'
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$BED/named/$name"
	echo "zone \"$name\" { type primary; file \"$name\"; allow-update { key $key; }; };" \
	    >>"$BED/named.conf"
}

cat >"$BED/named.conf" <<END
include "$BED/good.key"; include "$BED/other.key"; include "$BED/strong.key";
options { directory "$BED/named"; listen-on port $port { 127.0.0.1; };
	listen-on-v6 { none; }; recursion no; pid-file "$BED/named/pid";
	session-keyfile "$BED/named/session"; dnssec-validation no;
	notify no; };
controls { };
END
key=good.key
zone test
zone apply.test '@ TXT "site-verification=7"' \
    '@ TXT "v=spf1 include:_spf.race.test -all"' 'www A 192.0.2.9'
zone race.test '@ TXT "v=spf1 mx -all"' '_spf TXT "v=spf1 ip4:192.0.2.50 -all"'
zone alias.test '_dmarc CNAME dmarc.elsewhere.test.' \
    's1._domainkey CNAME key.elsewhere.test.'
zone limits.test "@ TXT \"v=spf1 $(i=0; while [ $i -lt 9 ]; do
    printf 'a:h%d.limits.test ' $i; i=$((i + 1)); done) mx -all\"" \
    '$GENERATE 0-8 h$ A 192.0.2.200'
i=0
set --
while [ $i -lt 60 ]; do
	set -- "$@" "@ TXT \"other-$i=$(head -c 200 /dev/zero | tr '\0' x)\""
	i=$((i + 1))
done
zone big.test "$@"
key=other.key
zone denied.test
key=strong.key
zone strong.test

bed_run named named -g -c "$BED/named.conf" -n 1
ask() { # NAME: its TXT records, sorted
	dig +short +tcp -p "$port" @127.0.0.1 "$1" TXT | sed 's/" "//g' | sort
}
wait_for '[ -n "$(ask apply.test)" ]' || die "named: $(tail -5 "$BED/log/named.err")"

configure() { # [KEY-FILE [EXTRA]]
	cat >"$conf" <<-END
		state_dir = "$state";
		control: { control_socket = "$OUTPOST_SOCKET"; };
		dns: { dns_servers = ( "127.0.0.1:$port" ); dns_timeout = 1; };
		domains: { sending_addresses = ( "192.0.2.1" ); ${2:-}
			dkim_selectors = ( "s1" );
			dkim_key_file = "$BED/keys/%d/%s.txt"; };
		dns_zones = (
		$(for z in apply race alias limits big denied nowhere; do
			printf '{ zone = "%s.test"; server = "127.0.0.1:%d"; key_file = "%s"; timeout = 1; },\n' \
			    $z "$port" "$BED/${1:-good}.key"
		done)
		{ zone = "strong.test"; server = "127.0.0.1:$port"; timeout = 1;
		  key = "strong.key"; algorithm = "hmac-sha512"; key_file = "$BED/bare"; } );
	END
}
sed -n 's/.*secret "\(.*\)".*/\1/p' "$BED/strong.key" >"$BED/bare"
chmod 600 "$BED/bare"
configure
outpost_config <<-'END'
	domains: { domain_checks = false; };
END
: >"$outpost_log"
outpost_start

fix() { # NAME OPTION...
	"$BUILD/outpost" --config "$conf" domain fix "$@" 2>&1
}
change() { # nsupdate's line...: somebody else changes the zone
	{
		echo "server 127.0.0.1 $port"
		printf '%s\n' "$@" send
	} | nsupdate -k "$BED/good.key"
}

# Shown, asked, done, as the server says itself.
before=$(ask apply.test)
check_has "nobody is there to be asked" "$(fix apply.test --apply </dev/null)" \
    '--yes is needed where nobody can be asked; nothing was changed'
check_eq "and nothing was changed" "$(ask apply.test)" "$before"
fix apply.test --apply --yes >"$BED/out"
check_eq "it is set" "$? $(tail -n 1 "$BED/out")" "0 ; done"
check_has "what goes is shown" "$(cat "$BED/out")" \
    '^-apply.test. 300 IN TXT "v=spf1 include:_spf.race.test -all"$'
check_has "and what comes" "$(cat "$BED/out")" '^\+_dmarc.apply.test. IN TXT "v=DMARC1; p=none'
check_eq "SPF is merged, what others put there stays" "$(ask apply.test)" \
    '"site-verification=7"
"v=spf1 include:_spf.race.test ip4:192.0.2.1 -all"'
check_eq "the signer's key is there" "$(ask s1._domainkey.apply.test)" \
    "\"v=DKIM1; k=rsa; p=$pub\""
check_eq "and the zone's other names" \
    "$(dig +short -p "$port" @127.0.0.1 www.apply.test A)" 192.0.2.9
check_eq "now all is well" "$("$BUILD/outpost" --config "$conf" domain check \
    apply.test --json | jq -r '.parts[:3][].colour' | sort -u)" green
check_eq "again: nothing to do" "$(fix apply.test --apply --yes | tail -n 1)" \
    "; nothing to change"
check_eq "what was there is kept, for its owner alone" \
    "$(stat -c %a "$state"/dns-changes/apply.test@1)" 600

# And back.
fix apply.test --undo --yes >"$BED/out"
check_eq "undo" "$? $(tail -n 1 "$BED/out")" "0 ; done: as it was before"
check_eq "puts back what was there" "$(ask apply.test)" "$before"
check_eq "and takes the rest away" \
    "$(ask _dmarc.apply.test)$(ask s1._domainkey.apply.test)" ""
check_has "once" "$(fix apply.test --undo --yes)" 'nothing is kept'
check_soon_has "both stand in the history" 'op events' \
    'domain-set set +domain:apply.test +TXT of apply.test, .*root'
check_has "the second one, too, with the records" "$(op events --json)" \
    '"rung":"undo".*"zone":"apply.test".*"remove":\["v=DMARC1'
outpost_stop
json=$("$BUILD/outpost" --config "$conf" domain fix apply.test --apply --yes \
    --json 2>/dev/null)
check_eq "for programs" "$(echo "$json" | jq -c \
    '[.is_done, .is_undo, (.changes | map(.name) | sort)]')" \
    '[true,false,["_dmarc.apply.test","apply.test","s1._domainkey.apply.test"]]'
change 'update add _dmarc.apply.test 60 TXT "theirs"'
after=$(ask apply.test)
check_has "not when somebody has changed it since" \
    "$(fix apply.test --undo --yes)" 'nothing was changed: something else stands'
check_eq "then all stays" "$(ask apply.test)" "$after"
change 'update delete _dmarc.apply.test TXT "theirs"'
check_eq "he took his away" "$(fix apply.test --undo --yes | tail -n 1)" \
    "; done: as it was before"

# Somebody is quicker, between the question and the answer.
mkfifo "$BED/in"
bed_run prompt sh -c 'exec script -qefc "$1" /dev/null <"$0"' "$BED/in" \
    "'$BUILD/outpost' --config '$conf' domain fix race.test --apply"
exec 4>"$BED/in"
wait_for 'grep -q "yes/no" "$BED/log/prompt.out"'
change 'update delete race.test TXT' \
    'update add race.test 60 TXT "v=spf1 a mx -all"'
echo yes >&4
wait_for 'grep -q "nothing was changed" "$BED/log/prompt.out"'
exec 4>&-
check_has "who was quicker wins" "$(cat "$BED/log/prompt.out")" \
    'nothing was changed: something else stands in the zone now'
check_eq "nothing of it was done" \
    "$(ask race.test)$(ask _dmarc.race.test)" '"v=spf1 a mx -all"'
check_has "nothing is kept of it" "$(fix race.test --undo --yes)" 'nothing is kept'

# What isn't ours, or is too much.
fix alias.test --apply --yes >"$BED/out"
check_has "an alias is its target's keeper's" "$(cat "$BED/out")" \
    '^; s1._domainkey.alias.test is not changed: it is an alias of key.elsewhere.test'
check_eq "the rest is done" "$(ask alias.test)" '"v=spf1 ip4:192.0.2.1 ~all"'
fix big.test --apply --yes >"$BED/out"
check_eq "12 KB of others' records: one more" \
    "$(tail -n 1 "$BED/out") $(ask big.test | wc -l)" "; done 61"
configure good 'spf_include = "_spf.race.test";'
before=$(ask limits.test)
fix limits.test --apply --yes >"$BED/out"
check_has "an eleventh question is not added" "$(cat "$BED/out")" \
    'not done, as SPF would still be red: .*asks the DNS 11 times'
check_eq "nor half of it" "$(ask limits.test)" "$before"
configure
check_eq "another algorithm, the secret alone" \
    "$(fix strong.test --apply --yes | tail -n 1)" "; done"
check_has "a domain elsewhere" "$(fix elsewhere.example --apply --yes)" \
    'in none of dns_zones, so nothing was set: hand the lines above'

# What can go wrong says what it is, and changes nothing.
change 'update delete apply.test TXT "site-verification=7"'
before=$(ask apply.test)
configure wrong
check_has "another secret" "$(fix apply.test --apply --yes)" \
    'has another secret for the key good.key'
configure none
check_has "an unknown key" "$(fix apply.test --apply --yes)" \
    "doesn't know the key none.key"
configure
check_has "a zone that the key may not change" "$(fix denied.test --apply --yes)" \
    'nothing was changed: .*refused'
check_has "a zone that isn't there" "$(fix nowhere.test --apply --yes)" \
    'not in charge of the zone'
chmod 644 "$BED/good.key"
check_has "a key that others may read" "$(fix apply.test --apply --yes)" 'chmod o-rwx'
chmod 600 "$BED/good.key"
bed_kill named STOP
check_has "a server that hangs" "$(fix apply.test --apply --yes)" 'no answer in time'
bed_kill named CONT
check_soon "nothing of all that was changed" 'ask apply.test' "$before"
check_eq "no secret is shown anywhere" "$(grep -rlF -e "$secret" "$BED/log" \
    "$BED/out" "$state"; "$BUILD/outpost" --config "$conf" settings |
    grep -cF -e "$secret")" 0
echo 'dns_zones = ( { zone = "a.test"; server = "ns.a.test"; key_file = "/k"; } );' \
    >"$BED/bad.conf"
check_has "settings are checked" "$("$BUILD/outpost" --config "$BED/bad.conf" \
    settings 2>&1)" 'bad.conf:1: server: "ns.a.test" is no ADDRESS'
