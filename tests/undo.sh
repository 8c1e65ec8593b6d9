#!/bin/sh
# undo - a bad rule stops a tenth of the customers; one order takes it all back,
# on every node: who was written to gets an apology, the others no letter at
# all, held mail leaves, nothing stays held against anybody; what other rules
# and operators did stays
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need root dovecot redis-server "$TOOL/smtp_send" "$TOOL/smtp_world"

send() { # LOGIN RECIPIENT ARGUMENT...
	login=$1@inside.example to=$2
	shift 2
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" \
	    "$@" "$(pf_submission mta)" "$to" 2>&1
}

letters() { # ACCOUNT SUBJECT-ERE: how many
	grep -lE "^(X-Original-To|Delivered-To|To): *<*$1@inside.example" \
	    "$BED"/mta/mail/all/new/* 2>/dev/null |
		xargs -r grep -lE "^Subject: $2" | wc -l
}

stands() { # STANDING ACCOUNT...: all of them, on both nodes
	want=$1
	shift
	for who in "$@"; do
		[ "$(outpost_standing "$who@inside.example")" = "$want" ] &&
			[ "$(node_standing 2 "$who@inside.example")" = "$want" ] ||
			return 1
	done
}

redis_start
outpost_redis=unix:$BED/redis.sock
world_at world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" queue_run_delay=300s \
    minimal_backoff_time=300s maximal_backoff_time=300s
rules='limits = ( { name = "bad"; count = "messages"; window = "1h"; max = 2;
	action = "suspend"; warn = 0; },
    { name = "good"; window = "1h"; max = 50; action = "suspend"; warn = 0; } );
brake: { brake_budget = 100; };'
outpost_config <<END
$rules
$(queue_config)
letters: { letter_smtp = "smtp://$(pf_smtp mta)"; letter_delay = 0;
	letter_from = "abuse@inside.example"; };
END
node_config 2 <<END
$rules
END
outpost_beside mta
pf_start mta
queue_start
outpost_start
node_start 2
outpost_enforce
op exempt ip:127.0.0.1 --for 1h --reason 'letters come from there' >/dev/null

began=$(date '+%Y-%m-%d %H:%M:%S')
node_mail 2 thief@inside.example 1 60
send ann 'x%d@world.example' -n 2 >/dev/null
send ben 'y%d@world.example' -n 2 >/dev/null
for who in ann ben; do
	node_mail 2 $who@inside.example 3 1
done
op suspend eve@inside.example --reason 'unpaid' >/dev/null
check "the bad rule, a good one, an operator" wait_for \
    'stands suspended ann ben thief eve' 15
check "they were written to" wait_for '[ "$(letters ann Sending.*stopped)" = 1 ] &&
    [ "$(letters ben Sending.*stopped)" = 1 ]' 20
check "their mail is held" wait_for \
    '[ "$(outpost_status messages_held)" -ge 4 ]' 10

# From now on letters wait: the next one is not written to yet.
sed -i 's/letter_delay = 0/letter_delay = "1m"/' "$OUTPOST_CONF"
op reload >/dev/null
node_mail 2 carl@inside.example 3 1
check "one more" wait_for 'stands suspended carl' 15

out=$(op undo --rule bad --since "$began" --dry-run 2>&1)
check_has "a dry run: how many" "$out" '3 sanctions of 3 subjects'
check_has "a dry run: who" "$out" 'ann@inside.example'
check "a dry run changes nothing" stands suspended ann ben carl
check_has "a reason is needed" \
    "$(op undo --rule bad --since "$began" 2>&1)" 'needs --reason'
check_has "a rule that did nothing" "$(op undo --rule none --since 1h \
    --reason x 2>&1)" 'did nothing'
bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
op undo --rule bad --since "$began" --reason 'max was 2' >/dev/null
check "undone: good, on every node" wait_for 'stands good ann ben carl' 5
check "other rules' stay" stands suspended thief
check "operators' stay" stands suspended eve
# The table follows within a second.
check "they can send" wait_for '[ -z "$(send ann more@world.example)" ]'
check "held mail leaves" wait_for \
    '[ "$(cat "$BED"/world/[0-9]* 2>/dev/null |
    grep -cE "^X-World-To: *<*[xy][12]@")" = 4 ]' 15
check "who was written to gets an apology" wait_for \
    '[ "$(letters ann Our.mistake)" = 1 ] && [ "$(letters ben Our.mistake)" = 1 ]' 30
check_eq "who was not gets no letter" "$(letters carl .)" 0
check_eq "who was stopped by another rule, neither" \
    "$(letters thief Our.mistake)" 0
check_eq "nothing in anybody's history" \
    "$(op show ann@inside.example | sed -n '/^history/,/^limits/p' |
		grep -v '^limits' | grep -c bad)" 0
check_has "but in the installation's" "$(op events --last 100)" 'undo .*max was 2'

check_has "a generation that did nothing" "$(op undo --config 999 --since 1h \
    --dry-run 2>&1)" 'configuration "999" did nothing'

# Again by the same rule, and the same facts no more: one message is not three.
outpost_reads
check "the same facts count no more" stands good ann ben carl
outpost_stop
outpost_start
check "also after a restart" stands good ann ben carl
node_mail 2 ben@inside.example 3 1
check "new facts do" wait_for 'stands suspended ben' 15
check_has "and as if for the first time" "$(op events ben@inside.example --json |
    tail -n 1)" '"repeats":0'
generation=$(op events ben@inside.example --json | tail -n 1 |
	sed -n 's/.*"config":"\([^"]*\)".*/\1/p')
check_has "the event names its configuration" "$generation" '^[0-9a-f]+$'
op undo --config "$generation" --since 10s --reason 'a bad file' >/dev/null
check "all of a configuration: undone" wait_for 'stands good ben' 5
