#!/bin/sh
# observe - a fresh installation only observes: everything is delivered, the
# events say what would have happened; the switch to enforce and back
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

HOOKS=$BED/hooks

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

world_sink sink
bed_port
hook=127.0.0.1:$bed_port
mkdir "$HOOKS"
bed_run hook "$TOOL/http_sink" -d "$HOOKS" "$hook"
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<END
limits = ( { name = "hour"; max = 20; action = "suspend"; } );
letters: { letter_smtp = "smtp://$(pf_smtp mta)"; letter_delay = 0; };
webhooks = ( { name = "desk"; url = "http://$hook/x"; } );
END
outpost_beside mta
pf_start mta
outpost_start

check_eq "the mode of a fresh installation" "$(outpost_status mode)" observe
a=alice@inside.example
out=$(send $a -n 6 -m 5)
check_eq "everything is taken" "$(echo "$out" | grep -c '^END 250')" 6
check_counts "everything is delivered" $a "recipients delivered" "30 30"
check_has "what would have happened" "$(outpost_standing $a)" \
    'suspended \(observed: without effect\)'
check_has "the events say observed" "$(op events $a)" \
    'sanction.*suspended.*observed'
check_has "the events as JSON, too" "$(op --json events $a)" \
    '"rung": *"suspended".*observed": *true'
check_has "the list" "$(op list)" "$a .*observed"
check "the abuse desk is told, marked as observed" wait_for \
    'grep -lE "\"type\":\"sanction\".*observed\":true" "$HOOKS"/*.body'
bed_kill outpostd KILL
check_has "nothing stands in the table" "$(send $a)" '^END 250'
outpost_start
check_has "still observed after a restart" "$(outpost_standing $a)" observed

out=$(op suspend eve@inside.example --reason 'known thief')
check_has "an operator's own decision holds" "$out" 'yours hold'
check_has "and refuses" "$(send eve@inside.example)" '^RCPT .* 5\.7\.1 '

check_has "enforce" "$(op mode enforce --reason 'seen enough')" '^enforce'
check_eq "what was observed ends" "$(outpost_standing $a)" good
check_has "from now on it counts" "$(send $a)" '^RCPT .* 5[0-9]* 5\.7\.1 '
check_eq "suspended" "$(outpost_standing $a)" suspended
op mode observe --reason 'not yet' >/dev/null
check_eq "what was enforced stays, back in observe mode" \
    "$(outpost_standing $a)" suspended
op lift $a --reason done >/dev/null
check "lifted: flows" wait_for 'send $a | grep -q "^END 250"' 3
pf_empty mta
check_soon "no letter about what was only observed" \
    'grep -l "^To: $a" "$BED"/mta/mail/all/new/* 2>/dev/null |
	xargs -r grep -h "^Subject:.*stopped" | wc -l' 1
