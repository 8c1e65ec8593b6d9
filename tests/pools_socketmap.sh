#!/bin/sh
# pools_socketmap - own IPs asked by socketmap: a real Postfix hears of a change
# at once, without a table; who asks nonsense, is slow, or is one of too many
# costs himself; and what the manual warns of: without outpostd mail is refused
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/pools.sh"
bed_need root dovecot redis-server perl curl setpriv "$TOOL/smtp_send"

world_start far
pf_new mta
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
queue: { instances = ( "postfix=$(pf_etc mta)" ); };
sending: { lookup_listen = "unix:$BED/lookup.sock"; lookup_timeout = "2s"; };
own_ips = (
	{ name = "out1"; ipv4 = "127.0.0.11"; },
	{ name = "out2"; ipv4 = "127.0.0.12"; }
);
END2
redis_start redis >/dev/null
pf_set mta "relayhost=$(world_relay far)" \
    "sender_dependent_default_transport_maps=socketmap:unix:$BED/lookup.sock:senders" \
    "transport_maps=socketmap:unix:$BED/lookup.sock:providers"
pools_services out1 out2
outpost_start
chmod 755 "$BED"
pf_start mta

pools_people
check "both own IPs have senders" [ -n "$of_out1" -a -n "$of_out2" ]
pools_leaves "a sender has his" "$of_out1" out1
op ip out1 drain --reason test >/dev/null || fail drain ''
pools_leaves "drained: by the other" "$of_out1" out2
check "no table was told to it" [ -z "$(postconf -c "$(pf_etc mta)" -h transport_maps | grep cdb)" ]

asks() { # TEXT...: each sent as it is; prints what is answered until the end
	perl -e 'use IO::Socket::UNIX; $| = 1;
		my $s = IO::Socket::UNIX->new(shift) or exit 1;
		print $s $_ for @ARGV; $s->flush; alarm 20;
		while (sysread $s, my $b, 4096) { print $b }' "$BED/lookup.sock" "$@"
}
lookups() { # RESULT
	curl -s "http://$OUTPOST_HTTP/metrics" |
	    sed -n "s/^outpost_lookups{result=\"$1\"} //p"
}
ask="senders $of_out1"
ask="${#ask}:$ask,"
for nonsense in 'GET / HTTP/1.1' '99999999999:x,' '3:abc,' '7:senders;' ':::'; do
	check_eq "nonsense ends its connection: $nonsense" "$(asks "$nonsense")" ''
done
check_eq "five were told" "$(lookups malformed)" 5
check_eq "what came before it is answered" "$(asks "$ask$ask" 'x' )" '8:OK out2:,8:OK out2:,'
check_eq "an unknown map has nothing" "$(asks '5:x a@b,' 'x')" '9:NOTFOUND ,'
check_eq "an until-key is none" "$(asks '22:providers  big.example,' x)" '9:NOTFOUND ,'
check_eq "one that isn't known" "$(asks '20:senders no@where.net,' x)" '9:NOTFOUND ,'

check_eq "who isn't Postfix's user, nor root, isn't heard" "$(printf %s "$ask" |
    setpriv --reuid=65534 --regid=65534 --clear-groups \
    timeout 20 "$TOOL/unix_talk" "$BED/lookup.sock" 2>/dev/null)" ''
check_soon_has "which is told" 'cat "$BED/log/outpostd.out"' \
    'lookup of uid 65534 was not heard'

# Begun and not ended; the others don't wait for it.
asks '20:senders ' >"$BED/slow" &
slow=$!
bed_own $slow slow
pools_leaves "Postfix is answered meanwhile" "$of_out2" out2
check "the slow one is cut" wait_for '[ "$(lookups too_slow)" = 1 ]' 30
check_eq "without an answer" "$(cat "$BED/slow")" ''

# A thousand that say nothing.
perl -e 'use IO::Socket::UNIX; $| = 1; my @s;
	for (1 .. 1100) { push @s, IO::Socket::UNIX->new($ARGV[0]) || last }
	print scalar(@s), "\n"; sleep 600' "$BED/lookup.sock" >"$BED/many" &
bed_own $! many
check "many are there" wait_for '[ -s "$BED/many" ]' 30
check "those who were silent for longest go" wait_for '[ "$(lookups too_many)" -ge 50 ]' 30
pools_leaves "Postfix is answered all the same" "$of_out1" out2
bed_kill many

outpost_reload
pools_leaves "a reload cuts nobody" "$of_out2" out2
bed_kill outpostd KILL
refused() {
	pools_send "$of_out1" z@far.example | grep -q '451 4.3.0.*Temporary lookup failure'
}
check "without outpostd mail is refused, as the manual says" wait_for refused 30
outpost_start
pools_leaves "and with it taken again" "$of_out1" out2
