#!/bin/sh
# storm_mail - the same night with real mail: 500 of 20,000 accounts are taken
# over while 2000 others send; thieves are refused and what waits is held, the
# honest ones' mail goes on; at the end every message that Postfix took has
# arrived, each recipient once, and nothing is left in the queue
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/feed.sh"
. "$TOP/tests/lib/queue.sh"
. "$TOP/tests/lib/crowd.sh"
bed_need root dovecot redis-server perl setpriv "$TOOL/smtp_world"

ACCOUNTS=20000 STOLEN=500 SENDING=2500 # the stolen ones first

pf_new mta
crowd_world
outpost_config <<END
limits = ( { name = "blast"; window = "1h"; max = 41; action = "suspend";
	warn = 0; } );
letters: { letters = false; };
$(queue_config 'held_messages_max = 100;')
END
outpost_beside mta
feed "$outpost_log" u@c%d.example 1 $ACCOUNTS 1 1
pf_start mta
queue_start
outpost_start
outpost_enforce
outpost_reads
check "the budget is 0.2% of 20,000" wait_for \
    'op brake | grep -q "suspend 40 accounts"' 40

# The storm: each thief to 20, over and over, while others write a letter.
crowd_sends 0 $((STOLEN + 1)) $SENDING 2 &
honest=$!
crowd_sends 1 1 $STOLEN 20
crowd_sends 2 1 $STOLEN 20
wait $honest
outpost_reads
crowd_sends 3 1 $STOLEN 20
check_eq "every honest message is taken" \
    "$(crowd_answers 0 $((STOLEN + 1)))" "250 x $((SENDING - STOLEN))"
check "all thieves are stopped" wait_for \
    '[ "$(crowd_standing "held|suspended")" = $STOLEN ]' 30
check_eq "they, and nobody else" "$(op list --json --kind account |
    grep -o '"subject":"[^"]*"' | cut -d '"' -f 4 | sort | md5sum)" \
    "$(seq -f 'u@c%.0f.example' 1 $STOLEN | sort | md5sum)"
check_eq "40 suspended, the rest waits for a decision" \
    "$(crowd_standing suspended)/$(outpost_status waiting)" 40/460
crowd_sends 9 1 $STOLEN 2
check_eq "no thief sends" "$(crowd_answers 9 1)" "450 x 460, 554 x 40"
check "what thieves have in the queue is held, and only that" wait_for \
    '[ "$(crowd_held)" = "1 $STOLEN" ]' 30
check "all of it" wait_for \
    '! pf_queue mta | grep -v "\"queue_name\": \"hold\"" |
	grep -qE "\"sender\": \"u@c([1-9]|[1-9][0-9]|[1-4][0-9][0-9]|500)[.]"' 30
check "status counts the same" queue_told mta

# The morning: all were victims; their mail may leave.
op brake approve blast --reason 'a storm' >/dev/null
check "approved: all are suspended" wait_for \
    '[ "$(crowd_standing suspended)" = $STOLEN ]' 30
crowd_open
op lift --rule blast --release all --yes --reason 'the passwords are new' \
    >"$BED/lifted"
check_eq "lifted with one order" "$(grep -c ': lifted;' "$BED/lifted")" $STOLEN
check "good again" wait_for '[ "$(crowd_standing "suspended|held")" = 0 ]' 30
pf_flush mta
check "the queue is empty" pf_empty mta 150
crowd_arrived >"$BED/arrived"
crowd_taken >"$BED/taken"
check_eq "what was taken has come, each recipient once, nothing else" \
    "$(md5sum <"$BED/arrived")" "$(md5sum <"$BED/taken")"
check_eq "that is not little" "$(($(wc -l <"$BED/taken") > 20000))" 1
check_eq "nothing was returned" "$(find "$BED/mta/mail" -type f | wc -l)" 0
