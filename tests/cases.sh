#!/bin/sh
# cases - a suspension opens a case that copies what it stands on; its owner's
# answer, the desk's notes and decision follow; it outlives kill -9 and a Redis
# that lost all, and whatever is changed in it is found
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink redis-server perl "$TOOL/smtp_send"

THIEF=alice@inside.example

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

get() { # NAME MEMBER: of the case's JSON
	op case "$1" --json 2>/dev/null | perl -MJSON::PP -e '
	    my $d = decode_json(join "", <STDIN>);
	    my $v = $d->{$ARGV[0]};
	    print ref $v ? scalar @$v : $v' "$2"
}

has_state() { # STATE
	[ "$(get "$case" state)" = "$1" ]
}

# As the page of another node would say it.
say() { # TYPE RUNG EVIDENCE
	n=$((n + 1))
	at=$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)
	redis_cli redis xadd outpost:events '*' e "{\"type\":\"$1\",
	    \"time\":\"$at\",\"seq\":$n,\"node\":\"00000000000000aa\",
	    \"kind\":\"account\",\"subject\":\"$THIEF\",\"rung\":\"$2\",
	    \"by\":\"owner\",\"file\":\"$cause\",
	    \"cause\":\"$(printf %032d "$n")\",\"evidence\":$3}" >/dev/null
}

n=0
redis_start
outpost_redis=unix:$BED/redis.sock
world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<END
limits = ( { name = "blast"; window = "10m"; max = 100;
    action = "suspend"; } );
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

send "$THIEF" -n 30 -m 10 >/dev/null
check "a suspension opens a case" wait_for \
    'op cases | grep -q " open .*$THIEF"'
case=$(op cases | sed -n "s/ .*$THIEF.*//p")
cause=$(get "$case" cause)
check_has "the refusal names it" "$(send "$THIEF")" "case $case"
check "evidence is filed" wait_for '[ "$(get "$case" log)" -gt 10 ]' 15
op case "$case" --json | perl -MJSON::PP -ne '
    print "$_\n" for @{decode_json($_)->{log}}' >"$BED/lines"
check_eq "log lines are verbatim" \
    "$(grep -vxFc -f "$outpost_log" "$BED/lines")" 0
check_has "they are of its messages" "$(cat "$BED/lines")" \
    "sasl_username=$THIEF"
low=$(echo "$case" | tr 'A-Z' 'a-z' | tr -d -)
for line in "^case $case  $THIEF +open" 'suspended since .*, by outpost' \
    '101 recipients in 10 minutes' 'chart|recipients' \
    '[0-9A-Za-z]+ +10 to user.*203\.0\.113\.7' '203\.0\.113\.0/24.*evidence' \
    'limit \{ name = "blast"' 'has not answered'; do
	check_soon_has "one screen: $line" 'COLUMNS=100 op case "$low"' "$line"
done

# Complaints, as another host that hadn't heard of it would tell of them. Here
# there are none, so that outpostd soon ends the case, unless somebody has it.
told=0
takes_complaints() {
	told=$((told + 1))
	redis_cli redis xadd outpost:events '*' e "{\"type\":\"warning\",
	    \"time\":\"$(date -u +%Y-%m-%dT%H:%M:%S.%6NZ)\",\"seq\":$told,
	    \"node\":\"00000000000000ab\",\"kind\":\"account\",
	    \"subject\":\"$THIEF\",\"rule\":\"complaints\",\"by\":\"outpost\",
	    \"cause\":\"$(printf %032d $told)\",
	    \"reason\":\"3 complaints\"}" >/dev/null
	bed_poll 'op cases | grep -q " warned "' 2 || return 1
	other=$(op cases | sed -n "s/ .*$THIEF *warned.*//p")
	op case "$other" assign root >/dev/null 2>&1 &&
		[ "$(get "$other" state)" = review ]
}
check "complaints, too, are a case" wait_for takes_complaints 30
check_eq "the account means what it is stopped for" "$(get "$THIEF" case)" "$case"
check_has "complaints approved lift no suspension" \
    "$(op case "$other" approve 2>&1)" "is suspended by case $case: decide"
op case "$other" password-changed >/dev/null
check_eq "a new password neither" "$(outpost_standing "$THIEF")" suspended
check_eq "a person looks at complaints" "$(get "$other" state)" review

say case-answer not-me '{"what":"no idea","client":"192.0.2.9"}'
check "not me: it waits for the password" wait_for 'has_state password'
say case-answer me '{"what":"<b>my newsletter","client":"192.0.2.9"}'
check "it was me: it waits for the desk" wait_for 'has_state review'
check_has "the answer is shown" "$(op case "$THIEF")" '<b>my newsletter'
op case "$case" note asked for the list >/dev/null
check_eq "another's are none" "$(op cases --state closed --json)" '[]'
out=$(op case "$case" deny 2>&1)
check_has "deny: needs a reason" "$out" 'needs --reason'
op case "$case" deny --reason 'no list' >/dev/null
check "denied" has_state denied
check_eq "and still stopped" "$(outpost_standing "$THIEF")" suspended
say case-answer human '{}'
check "the owner asks again" wait_for 'has_state review'
op case "$case" assign root >/dev/null
check_has "mine" "$(op cases --mine)" "$case .*$THIEF .*root"

# What was decided is on disk; nothing else is left.
bed_kill outpostd KILL
redis_cli redis flushall >/dev/null
outpost_start
check_eq "after kill -9, Redis empty: the case is whole" \
    "$(get "$case" state)/$(get "$case" answers)/$(get "$case" assigned)" \
    review/3/root
check_has "its chain is good" "$(op case "$case" --verify)" \
    'are as they were written'
head=$(op case "$case" --verify | sed -n 's/.*head //p')

out=$(op case "$case" approve --reason 'she called' --release all)
check_has "approve" "$out" "approved; $THIEF may send again"
check "approved: sends again" wait_for 'send "$THIEF" | grep -q "^END 250"' 5
check_eq "on probation" "$(outpost_standing "$THIEF")" probation
check "approved" has_state approved
check_has "history tells who and why" "$(op case "$case" --full)" \
    'approved: she called \[root\]'
check_has "approve twice: nothing to decide" \
    "$(op case "$case" approve 2>&1)" 'is over'
check_has "an old hash is still in the chain" \
    "$(op case "$case" --verify --head "$head")" 'as they were written'
check_has "a hash that never was is not" \
    "$(op case "$case" --verify --head "${head%????}0000" 2>&1)" 'no link'

# A new password lifts; by whom it is confirmed is known.
op suspend bob@inside.example --reason stolen >/dev/null
op case bob@inside.example password-changed >/dev/null
check_eq "ordered by a person: a person decides" \
    "$(outpost_standing bob@inside.example)/$(get bob@inside.example state)" \
    suspended/review
send carol@inside.example -n 30 -m 10 >/dev/null
check "carol's case" wait_for 'op cases --account carol@inside.example |
    grep -q carol'
out=$(op case carol@inside.example password-changed)
check_has "a confirmed password lifts" "$out" 'may send again'
check_eq "and approves" "$(get carol@inside.example state)" approved
send dave@inside.example -n 30 -m 10 >/dev/null
check "dave's networks are filed" wait_for \
    '[ "$(get dave@inside.example networks)" = 1 ]' 15
out=$(op case dave@inside.example password-changed --client 203.0.113.99)
check_has "not if the thief's network set it" "$out" 'a person must'
check_eq "who stays stopped" "$(outpost_standing dave@inside.example)" \
    suspended

# What the desk looks back on.
report=$(op report)
for word in 'suspended' 'overturned' 'detected in' 'leaked' 'decided in'; do
	check_has "the report tells, by rule: $word" "$report" "^rule .*$word"
	check_has "and by class: $word" "$report" "^class .*$word"
done
check_has "of this rule" "$report" '^blast +[1-9]'
check_has "in all" "$(op report --json)" \
    '"suspended":[1-9].*"seconds_to_detect":.*"recipients_leaked":.*"seconds_to_decision":'

# Somebody edits the store.
outpost_stop
perl -0777 -i -pe 's/no list/on list/g' "$BED/state/cases/data.mdb"
outpost_start
out=$(op case "$case" --verify 2>&1)
check_has "tampering is found" "$out$(cat "$BED"/log/outpostd* 2>/dev/null)" \
    'damaged|not what was written'
