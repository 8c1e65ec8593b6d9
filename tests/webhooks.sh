#!/bin/sh
# webhooks - receivers that fail, hang, redirect and lie: each gets what it is to
# get, signed, once; what one doesn't take is tried again over restarts and an
# emptied Redis, then parked, shown, and tried when told; floods are grouped
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl "$TOOL/http_sink"

sink() { # NAME [OPTION...]: its address in $sink
	sink_name=$1
	shift
	bed_port
	sink=127.0.0.1:$bed_port
	mkdir -p "$BED/$sink_name"
	bed_run "$sink_name" "$TOOL/http_sink" -d "$BED/$sink_name" "$@" "$sink"
}

got() { # NAME: how many requests came
	find "$BED/$1" -name '*.body' | wc -l
}

has() { # NAME PATTERN: bodies that have it
	grep -lE "$2" "$BED/$1"/*.body 2>/dev/null | wc -l
}

# Answers 200 with: rubbish, a body that is cut off, one without an end; then
# with what is no HTTP at all.
bed_port
LIES=127.0.0.1:$bed_port
cat >"$BED/lies.pl" <<'END'
use IO::Socket::INET;
$s = IO::Socket::INET->new(LocalAddr => $ARGV[0], Listen => 50, ReuseAddr => 1)
    or die;
$SIG{PIPE} = "IGNORE";
$| = 1;
while ($c = $s->accept) {
	sysread($c, $request, 65536);
	($lie) = $request =~ m{^POST /(\w+)};
	print "$lie\n";
	print $c "HTTP/1.1 200 OK\r\n\r\n\x00\xff{{{" if $lie eq "rubbish";
	print $c "HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\nfew"
	    if $lie eq "cut";
	if ($lie eq "huge") {
		print $c "HTTP/1.1 200 OK\r\n\r\n";
		for (1 .. 20000) { last unless print $c "x" x 65536 }
	}
	print $c "\x16\x03\x01 hello" if $lie eq "noise";
	close $c;
}
END
bed_run lies perl "$BED/lies.pl" "$LIES"

sink good && GOOD=$sink
sink fails -c 500 && FAILS=$sink
sink hangs -w 1000 && HANGS=$sink
sink moved -c 302 && MOVED=$sink
sink chat && CHAT=$sink
sink flood && FLOOD=$sink
redis_start
outpost_redis=unix:$BED/redis.sock
: >"$BED/mail.log"
outpost_log=$BED/mail.log
lie() {
	echo "{ name = \"$1\"; url = \"http://$LIES/$1\"; timeout = \"4s\"; },"
}
outpost_config <<END
letters: { letters = false; };
webhooks = ( $(lie rubbish) $(lie cut) $(lie huge) $(lie noise)
    { name = "good"; url = "http://$GOOD/x"; secret = "s3cret"; },
    { name = "some"; url = "http://$GOOD/some";
      events = ( "sanction:throttled", "lift" ); },
    { name = "fails"; url = "http://$FAILS/x"; retry_for = "7s"; },
    { name = "stays"; url = "http://$FAILS/stays"; retry_for = "1h"; },
    { name = "hangs"; url = "http://$HANGS/x"; timeout = "3s"; },
    { name = "moved"; url = "http://$MOVED/x"; },
    { name = "slack"; url = "http://$CHAT/x"; format = "slack"; },
    { name = "teams"; url = "http://$CHAT/x"; format = "teams"; },
    { name = "flood"; url = "http://$FLOOD/x"; flood = 5; } );
END
outpost_start
outpost_enforce
wait_for 'redis_cli redis xinfo groups outpost:events | grep -q webhook:flood' 10

check_has "a test" "$(op webhooks test good)" 'good took it'
check_has "a test that fails" "$(op webhooks test fails 2>&1)" 'answered 500'
check_has "of none" "$(op webhooks test nobody 2>&1)" 'no webhook "nobody"'
check_eq "is marked as one" "$(has good '"type":"test"')" 1

op suspend anna@a.example --reason '<!channel> look' >/dev/null
check "it is told beside those that fail" \
    wait_for '[ "$(has good anna@a.example)" = 1 ]' 10
check_has "with the case" "$(cat "$BED"/good/*.body)" '"case":"[0-9A-Z]{4}-[0-9A-Z]{4}"'
check "to a chat" wait_for '[ "$(got chat)" -ge 2 ]' 10
check_has "where nobody is woken" "$(cat "$BED"/chat/*.body)" \
    '"text":"anna@a.example suspended: &lt;!channel&gt; look'
check_has "as a card" "$(cat "$BED"/chat/*.body)" '"AdaptiveCard"'
body=$(grep -l anna@a.example "$BED"/good/*.body)
check "the signature is right" perl -MDigest::SHA=hmac_sha256_hex -e '
	local $/;
	open($h, $ARGV[0] . ".head"); open($b, $ARGV[0] . ".body");
	($t, $v) = <$h> =~ /^Outpost-Signature: t=(\d+),v1=([0-9a-f]+)\r/m or die;
	abs($t - time) < 60 or die;
	$v eq hmac_sha256_hex("$t." . <$b>, "s3cret") or die' "${body%.body}"
check_has "an id" "$(cat "${body%.body}.head")" '^Outpost-Id: [0-9a-f]{32}'
check_eq "a filter: of that rung nothing" "$(has good '^POST /some')" 0
op suspend otto@a.example --rung throttle --reason x >/dev/null
check "a filter: of the other" wait_for '[ "$(grep -l "^POST /some" \
    "$BED"/good/*.head | wc -l)" = 1 ]' 10

check "liars: what says 200 took it" wait_for 'op webhooks |
    grep -qE "^rubbish .* 2 +0 +0 "' 15
check_has "a 200 without an end" "$(op webhooks)" '^huge .* [12] +[01] +0 '
check "a 200 that breaks off is tried again" \
    wait_for '[ "$(grep -c cut "$BED/log/lies.out")" -ge 3 ]' 20
check "what is no HTTP, too" \
    wait_for '[ "$(grep -c noise "$BED/log/lies.out")" -ge 3 ]' 20
check_has "failing is shown, and when it is tried" "$(op webhooks)" \
    '^stays .*20[0-9-]+ [0-9:]+ +20[0-9-]+ [0-9:]+ +answered 500'
check "parked after its time" wait_for 'op webhooks |
    grep -qE "^fails .* 0 +0 +2 "' 40
check_has "which they are" "$(op webhooks fails)" 'anna@a.example .* answered 500'
check_has "a redirect is not followed" "$(op webhooks)" '^moved .*answered 302'

outpost_stop
redis_cli redis flushall >/dev/null
outpost_start
check "over a restart and an emptied Redis: what is parked" \
    wait_for 'op webhooks | grep -qE "^fails .* 0 +[0-9]+ +2 "' 10
check "what waits" wait_for 'op webhooks | grep -qE "^stays .* 0 +2 +0 "' 10
bed_kill fails
mkdir -p "$BED/mended"
bed_run mended "$TOOL/http_sink" -d "$BED/mended" "$FAILS"
check_has "tried when told" "$(op webhooks retry --all)" '^fails: 2 parked'
check "and taken" wait_for 'op webhooks | grep -qE "^fails .* 2 +0 +0 "' 20
check "what waits is, too" \
    wait_for 'op webhooks | grep -qE "^stays .* 2 +0 +0 "' 40
check_eq "both, each once" "$(has mended anna@a.example) $(has mended otto@a.example)" '2 2'
check_eq "who was told a moment ago may be told again, by the same id" \
    "$(grep -l anna@a.example "$BED"/good/*.body | sed 's/body$/head/' |
	xargs sed -n 's/^Outpost-Id: //p' | sort -u | wc -l)" 1

for i in $(seq 40); do
	op suspend "f$i@f.example" --reason flood >/dev/null
done
check "a flood: the first ones singly" \
    wait_for '[ "$(has flood "\"type\":\"event\".*@f.example")" -ge 4 ]' 20
check_eq "a flood: all are in the events" \
    "$(op events --last 200 | grep -c '@f.example')" 40
check "a flood: the others in one message" \
    wait_for '[ "$(has flood "\"type\":\"flood\"")" -ge 1 ]' 40
told() {
	perl -MJSON::PP -e '
	for (@ARGV) {
		local $/; open($f, $_); $j = decode_json(<$f>);
		$n += $j->{type} eq "flood" ? $j->{count}
		    : $j->{event}{subject} =~ /f\.example/;
		$j->{count} == @{$j->{ids}} or $n = "ids" if $j->{type} eq "flood";
	}
	print $n' "$BED"/flood/*.body
}
check "a flood: each is told" wait_for '[ "$(told)" = 40 ]' 40
check "in few messages" test "$(got flood)" -lt 20
outpost_stop

# Two nodes: one of them tells it.
for node in 1 2; do
	node_config $node <<-END
		webhooks = ( { name = "two"; url = "http://$GOOD/two"; } );
	END
	node_start $node
done
wait_for 'redis_cli redis xinfo groups outpost:events | grep -q webhook:two' 10
for i in 1 2 3 4 5 6; do
	node_op $((i % 2 + 1)) suspend "t$i@t.example" --reason two >/dev/null
done
check "two nodes: all are told" wait_for '[ "$(has good @t.example)" -ge 6 ]' 20
wait_for '[ "$(redis_cli redis xpending outpost:events webhook:two |
    head -n 1)" = 0 ]' 10
check_eq "two nodes: once each" "$(has good @t.example)" 6
check_eq "no sanitizer complains" \
    "$(grep -E 'Sanitizer|runtime error' "$BED"/log/*.out)" ''
check_eq "the secret stands in no log" "$(grep -lF s3cret "$BED"/log/*.out)" ''
