#!/bin/sh
# show - all about one account on one screen: standing, why, when it ends, what
# is held, its sending, mail with subjects, networks with countries, history
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server setpriv "$TOOL/smtp_send" \
    "$TOOL/mmdb_write"

THIEF=alice@inside.example

send() { # LOGIN CLIENT RECIPIENT ARGUMENT...
	login=$1@inside.example client=$2 to=$3
	shift 3
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=$client" -f "$login" \
	    "$@" "$(pf_submission mta)" "$to" 2>&1
}

screen() { # ARGUMENT...: as on a terminal of 80x24
	COLUMNS=80 LINES=24 LC_ALL=C.UTF-8 opc show "$@"
}

check_fits() { # NAME TEXT
	check_eq "$1: lines" "$(echo "$2" | wc -l | awk '{ print $1 < 24 }')" 1
	check_eq "$1: columns" "$(echo "$2" | LC_ALL=C.UTF-8 wc -L |
	    awk '{ print $1 <= 80 }')" 1
}

"$TOOL/mmdb_write" 203.0.113.0/24 NL Netherlands 198.51.100.0/24 DE Germany \
    >"$BED/countries.mmdb"
world_at world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
outpost_config <<END
geoip_file = "$BED/countries.mmdb";
limits = ( { name = "blast"; window = "10m"; max = 100;
    action = "suspend"; } );
$(queue_config 'held_messages_max = 100;')
END
outpost_beside mta
pf_start mta
queue_start
outpost_start
outpost_enforce

# The world is closed: everything waits.
send alice 198.51.100.9 'friend%d@world.example' -n 2 >/dev/null
send alice 203.0.113.7 'victim%d@world.example' -n 30 -m 10 >/dev/null
check "suspended" wait_for 'send alice 203.0.113.7 more@world.example >/dev/null
    [ "$(outpost_standing "$THIEF")" = suspended ]' 20
check "held" wait_for '[ "$(opc --json queue "$THIEF" list |
    grep -o queue_id | wc -l)" -ge 10 ]' 20
out=$(screen $THIEF)
echo "$out" >"$BED/screen"
check_fits "suspended" "$out"
check_has "head" "$out" "^$THIEF  .* suspended since [0-9:]*$"
check_has "why" "$out" '^why .*10[0-9] recipients in 10 minutes'
check_has "ends" "$out" '^ends .*by itself; then probation for 7 d'
check_has "the command" "$out" "^lift it .*outpost lift --reason \"...\" $THIEF\$"
check_has "held" "$out" '^held  *1[0-9] messages, .*B, oldest'
check_has "held, by network" "$out" '1[0-9] from 203.0.113.0/24'
check_has "chart" "$out" '^sent .*[0-9]* recipients in the last hour'
check_has "bars" "$out" '█'
check_has "mail, with its subject" "$out" \
    '^mail  *..:..  to [1-9][0-9]*  "test [0-9]*"'
check_has "networks" "$out" '203.0.113.0/24 *NL Netherlands'
check_has "history" "$out" '^history .*suspended by outpost: 10'

# Others, and other terminals.
check_has "held is told to everybody" "$(op --json show $THIEF)" \
    '"held":\{"messages":1'
json=$(opc --json show $THIEF)
for part in '"standing":"suspended"' '"chart":\{' '"hours":\[' '"samples":\[\{' \
    '"subject":"test' '"country":"NL"' '"history":\[\{' '"held":\{"messages":1' \
    '"probation_for":604800' '"limits":\[\{' '"counts":\[\{'; do
	check_has "json: $part" "$json" "$part"
done
out=$(screen @inside.example)
check_fits "domain" "$out"
check_has "domain: who sends" "$out" "^ *[0-9]+  $THIEF, suspended\$"
out=$(screen 203.0.113.0/24)
check_fits "network" "$out"
check_has "network: who sends" "$out" "^ *[0-9]+  $THIEF, suspended\$"
check_has "network: head" "$out" '^203\.0\.113\.0/24 .* good$'
check_has "network: where it is" "$out" '^ *network in Netherlands, first seen'
check_eq "ASCII where the locale is" "$(COLUMNS=80 LINES=24 LC_ALL=C \
    opc show $THIEF | LC_ALL=C grep -c '[^ -~]')" 0
check_eq "a low terminal" "$(COLUMNS=60 LINES=12 opc show $THIEF | wc -l |
    awk '{ print $1 < 12 }')" 1
check_has "all of it" "$(COLUMNS=80 LINES=24 opc show $THIEF --full)" \
    '^limits .* of 100 recipients in 10m \(blast\)'
outpost_stop
outpost_start
check_soon_has "restarted: mail from the log" 'screen $THIEF' \
    '^mail  *..:..  to [1-9][0-9]*  "test [0-9]*"  victim'
echo 'no database' >"$BED/countries.mmdb"
out=$(screen $THIEF --full)
check_eq "a broken file of countries" $? 0
check_has "is told" "$out" '^note  *no countries: geoip_file .*\.mmdb'
check_has "networks alone" "$out" '203\.0\.113\.0/24 *since'

op lift "$THIEF" --reason 'new password' >/dev/null
out=$(screen $THIEF)
check_fits "lifted" "$out"
check_has "lifted" "$out" 'on probation since'
check_has "lifted: by whom" "$out" '^history .*lifted by root: new password'
check_has "lifted: what is still held" "$out" '^held  *[0-9]* messages'
