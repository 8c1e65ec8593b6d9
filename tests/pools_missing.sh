#!/bin/sh
# pools_missing - an own IP whose service Postfix doesn't have: no mail is sent
# to it and waits, neither when master.cf never had it, nor when it was taken
# out, nor when master.cf has it and Postfix hasn't read it yet
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/pools.sh"
bed_need root dovecot redis-server curl "$TOOL/smtp_send" "$TOOL/smtp_world"

# Loopback's addresses are always there.
two=127.0.0.12
[ "$BED_NS" != yes ] || two=192.0.2.26
world_start far
pf_new mta
outpost_redis="unix:$BED/redis.sock"
outpost_config <<END2
queue: { instances = ( "postfix=$(pf_etc mta)" ); };
own_ips = (
	{ name = "out1"; ipv4 = "127.0.0.11"; },
	{ name = "out2"; ipv4 = "$two"; },
	{ name = "out3"; ipv4 = "127.0.0.13"; pools = ( "risk" ); }
);
END2
redis_start redis >/dev/null
outpost_beside mta
pf_set mta "relayhost=$(world_relay far)"
pools_services out1 out2
pf_start mta
outpost_start
check_soon_has "it is told" 'op events --last 9' 'no mail is sent by out3: master.cf has no such service'
check_has "and how it is" "$(op ip out3)" '^out3 127.0.0.13: missing in Postfix'
check_has "status" "$(outpost_status own_ips)" '^3: 2 used, 1 missing in Postfix$'
check_has "a metric" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    '^outpost_own_ips\{use="missing in Postfix"\} 1'

pools_people
check "both that are there have senders" [ -n "$of_out1" -a -n "$of_out2" ]
op suspend "$of_out1" --reason test >/dev/null
op lift "$of_out1" --reason test >/dev/null
check "probation, but risk's is missing: it stays" \
    wait_for 'pools_place "$of_out1" | grep -qx out1' 30
pools_lives "$of_out1"
pools_leaves "its mail leaves" "$of_out1" out1

cp "$(pf_etc mta)/master.cf" "$BED/master.full"
# Written again in its place, slowly: it isn't believed to be empty.
told() {
	op events --last 40 | grep -c 'no mail is sent by'
}
told_before=$(told)
for n in 1 2 3 4 5 6 7 8 9; do
	{ sleep 0.3 && cat "$BED/master.full"; } >"$(pf_etc mta)/master.cf"
done
wait_for '[ "$(pools_place "$of_out2")" = out2 ]' 30
check_eq "master.cf in work is no alarm" "$(told)" "$told_before"

# Its address goes, and comes back.
if [ "$BED_NS" = yes ]; then
	ip address del "$two/32" dev lo
	check "an address that is gone: nobody is sent there" \
	    wait_for '[ "$(pools_place "$of_out2")" = out1 ]' 30
	check_soon_has "it is told" 'op events --last 9' \
	    'no mail is sent by out2: no interface has its address'
	pools_leaves "its senders' mail leaves by the other" "$of_out2" out1
	ip address add "$two/32" dev lo
	check "back: it is used again" \
	    wait_for '[ "$(pools_place "$of_out2")" = out2 ]' 30
else
	skip "an address that is gone" "needs namespaces"
fi

# Taken out: before Postfix reads that.
sed -i '/^out2 unix/,/^[^ ]/{/^out2/d;/^ /d}' "$(pf_etc mta)/master.cf"
check "out of master.cf: nobody is sent there" \
    wait_for '[ "$(pools_place "$of_out2")" = out1 ]' 30
check_soon_has "it is told" 'op events --last 9' 'no mail is sent by out2'
pf_reload mta
pools_leaves "its senders' mail leaves by the other" "$of_out2" out1
check_eq "nothing waits" "$(grep -c 'transport unavailable' "$PF_LOG")" 0

# Put back, and Postfix doesn't know.
cp "$BED/master.full" "$(pf_etc mta)/master.cf"
check "in master.cf" wait_for '[ "$(pools_place "$of_out2")" = out2 ]' 30
waits() {
	waits_n=$((${waits_n:-0} + 1))
	pools_send "$of_out2" "b$waits_n@far.example" >/dev/null
	! bed_poll 'pools_was_tried "b$waits_n@far.example"' 2
}
check "Postfix hasn't read it: mail waits" wait_for waits 30
check "it says so" pf_wait mta 'connect to transport private/out2' 60
check "and is heard" wait_for '[ "$(pools_place "$of_out2")" = out1 ]' 30
check_has "why" "$(op ip out2)" "Postfix can't reach its service"
# Postfix remembers for half a minute how it resolved the last one.
goes_on() {
	goes_n=$((${goes_n:-0} + 1))
	pools_send "$of_out1" "c$goes_n@far.example" >/dev/null
	pf_flush mta
	bed_poll 'pools_was_tried "b$waits_n@far.example"' 2
}
check "what waited leaves" wait_for goes_on 30
check_eq "by out1" "$(pools_via "b$waits_n@far.example")" out1
pf_reload mta
check "read: it is used again" wait_for '[ "$(pools_place "$of_out2")" = out2 ]' 30
pools_leaves "and mail leaves by it" "$of_out2" out2
check "nothing waits for ever" pf_empty mta 60

# None is there.
sed -i '/^out[0-9] unix/,/^[^ ]/{/^out/d;/^ /d}' "$(pf_etc mta)/master.cf"
check "none is there: default_transport" \
    wait_for '[ -z "$(pools_place "$of_out2")$(pools_place "$of_out1")" ]' 30
pf_reload mta
pools_leaves "mail leaves without them" "$of_out2" -
