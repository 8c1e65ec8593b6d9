#!/bin/sh
# bad_rule - a rule that matches a tenth of all accounts, with real mail: their
# queued messages are held; undone, everybody is as before, and every message
# that Postfix took has arrived, each recipient once
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
. "$TOP/tests/lib/crowd.sh"
bed_need root dovecot redis-server perl setpriv "$TOOL/smtp_world"

ALL=1000 TENTH=100 # those who wrote twice, first

pf_new mta
crowd_world
outpost_config <<END
limits = ( { name = "silly"; count = "messages"; window = "1h"; max = 2;
	action = "suspend"; warn = 0; } );
letters: { letters = false; };
brake: { brake_budget = 30; };
$(queue_config)
END
outpost_beside mta
pf_start mta
queue_start
outpost_start
outpost_enforce

began=$(date '+%Y-%m-%d %H:%M:%S')
crowd_sends 1 1 $ALL 4
crowd_sends 2 1 $TENTH 4
outpost_reads
crowd_sends 3 1 $TENTH 4
check "a tenth is stopped" wait_for \
    '[ "$(crowd_standing "held|suspended")" = $TENTH ]' 30
check_eq "the budget is suspended, the rest waits" \
    "$(crowd_standing suspended)/$(outpost_status waiting)" 30/70
in_table() { # who of them Postfix refuses by itself
	seq -f 'u@c%.0f.example' 1 $TENTH | postmap -c "$(pf_etc mta)" -q - \
	    "cdb:$BED/state/tables/logins" 2>/dev/null
}
check "the table has them" wait_for '[ -n "$(in_table)" ]'
check "their mail is held, and nobody else's" wait_for \
    '[ "$(crowd_held)" = "1 $TENTH" ]' 30
op undo --rule silly --since "$began" --reason 'two is too few' \
    >"$BED/undone"
check "undone: nobody is stopped" wait_for \
    '[ "$(crowd_standing "[a-z]*")" = 0 ]' 15
check_eq "nobody waits" "$(outpost_status waiting)" 0
check "the table forgets them" wait_for \
    '[ -z "$(in_table)" ]'
crowd_sends 4 1 $ALL 1
check_eq "all send" "$(crowd_answers 4 1)" "250 x $ALL"
crowd_open
pf_flush mta
check "the queue is empty" pf_empty mta 60
crowd_arrived >"$BED/arrived"
crowd_taken >"$BED/taken"
check_eq "what was taken has come, each recipient once, nothing else" \
    "$(md5sum <"$BED/arrived")" "$(md5sum <"$BED/taken")"
check_eq "nothing was returned" "$(find "$BED/mta/mail" -type f | wc -l)" 0
