#!/bin/sh
# trial - a limit that a reload made stricter only observes for a while: mail
# flows up to what held before, whom it would have stopped is told everywhere
# and written to nobody; a restart changes nothing; an operator ends it early,
# then it holds; what is milder holds at once; a trial ends by itself, too
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

taken() { # LOGIN RECIPIENTS: how many were
	"$TOOL/smtp_send" -x "LOGIN=$1 ADDR=203.0.113.7" -f "$1" -m "$2" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1 |
	    grep -c '^RCPT .* 250 '
}

counted() { # LOGIN RECIPIENTS
	wait_for '[ "$(outpost_counts '"$1"' recipients)" = '"$2"' ]' 15
}

set_max() { # MAX
	sed -i "s/max = [0-9]*;/max = $1;/" "$OUTPOST_CONF"
}

conf() { # COMMAND...
	"$BUILD/outpost" --config "$OUTPOST_CONF" config "$@"
}

max_of() { # LOGIN
	op limit "$1" | awk '$1 == "hour" { print $5 }'
}

until_of() { # RULE
	conf show "$(conf list | awk 'END { print $1 }')" |
	    sed -n "s/^# trial $1 .*until \([^ ]*\) .*/\1/p"
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
outpost_config <<END
limits = ( { name = "hour"; max = 8; } );
letters: { letters = false; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce
check_has "a first configuration is not on trial" "$(op trial)" \
    '^no rule is on trial; a new or stricter one would be for 1d'

# Stricter: the old one holds.
set_max 4
check_has "a dry run tells" "$(op reload --dry-run)" \
    '^hour is on trial until .*: max 4 instead of 8'
check_has "and changes nothing" "$(op trial)" '^no rule is on trial'
check_has "a reload, too" "$(op reload)" '^hour is on trial until '
check_eq "mail flows over the new limit" "$(taken alice@inside.example 6)" 6
counted alice@inside.example 6
check "it is noted" wait_for 'op list | grep -qE \
    "^alice@inside.example +throttled \(on trial\)"'
check_has "events" "$(op events alice@inside.example)" \
    'sanction throttled .*\(on trial\)  [56] recipients in 1 hour, the limit is 4'
check_has "as JSON" "$(op events alice@inside.example --json)" '"how":"trial"'
out=$(op why alice@inside.example)
check_has "why: her standing" "$out" '^standing   good$'
check_has "why: the trial" "$out" \
    '^trial      would have been throttled by hour at .* on trial until .*limit is 4'
check_has "why: what holds" "$out" '^hour +recipients .* 8'
check_has "status" "$(outpost_status on_trial)" \
    '^hour until .*: it would have stopped 1 so far'
check_has "trial" "$(op trial)" '^    alice@inside.example throttled at '
check_has "metrics" "$(curl -s "http://$OUTPOST_HTTP/metrics")" \
    '^outpost_rule_on_trial_subjects\{rule="hour"\} 1'
check_eq "over what held before: stopped at once" \
    "$(taken alice@inside.example 6)" 2
check_eq "now in earnest" "$(outpost_standing alice@inside.example)" throttled

check_has "her case says which version held" "$("$BUILD/outpost" --config \
    "$OUTPOST_CONF" export alice@inside.example 2>&1)" \
    '^on trial: hour: max 4 instead of 8; from .* to '

# A restart in the middle.
until=$(until_of hour)
outpost_stop
outpost_start
outpost_reads
check_has "after a restart: on trial" "$(op trial)" '^hour is on trial until '
check_eq "until the same time" "$(until_of hour)" "$until"
check_has "with what it found" "$(op trial)" 'would have stopped 1 since'
check_eq "what held before holds" "$(taken bob@inside.example 6)" 6
counted bob@inside.example 6
check "bob is noted" wait_for 'op trial | grep -q "have stopped 2 since"'

# What is read again as it was keeps its time.
op reload >/dev/null
check_eq "read again: the same end" "$(until_of hour)" "$until"

# Ended early.
op trial end hour >/dev/null 2>&1
check_eq "an end needs a reason" $? 2
op trial end nothing --reason test >/dev/null 2>&1
check_eq "and a rule" $? 5
check_has "extended, as JSON" "$(op --json trial extend hour --for 3d \
    --reason unsure)" '^{"rule":"hour","until":"20[^"]*Z"}$'
check_has "extended" "$(op trial extend hour --for 3d --reason unsure)" \
    '^hour is on trial until '
check_has "ended" "$(op trial end hour --reason 'looks good')" \
    '^hour holds from now on'
check_eq "the new limit" "$(max_of alice@inside.example)" 4
check_eq "nobody is stopped by that alone" \
    "$(outpost_standing bob@inside.example)" good
check_eq "carol is, by the new limit" "$(taken carol@inside.example 6)" 4
check_eq "bob is, when he goes on" "$(taken bob@inside.example 1)" 0
check_has "who ended it is told" "$(op events)" 'trial +end +hour .*looks good'
check_has "nothing is on trial" "$(op trial)" '^no rule is on trial'
outpost_stop
outpost_start
check_eq "a restart knows that it ended" "$(max_of alice@inside.example)" 4
check_has "still nothing on trial" "$(op trial)" '^no rule is on trial'

# Changed while nobody was there.
outpost_stop
set_max 2
sed -i '/^limits/s/ } );/ }, { name = "new"; window = "1d"; max = 1; } );/' \
    "$OUTPOST_CONF"
outpost_start
check "changed while it was stopped: on trial" \
    wait_for 'op trial | grep -q "^hour is on trial until .*: max 2 instead of 4"'
check_eq "what held before holds" "$(max_of alice@inside.example)" 4
check_has "the generation says so" "$(conf list | tail -n 1)" 'hour, new$'
check "an exception may be made before a new one holds" \
    op limit alice@inside.example new 50 --reason 'writes much'
check_has "it is no limit yet" "$(op limit bob@inside.example | tail -n 1)" '^hour'

# Milder: at once; and a trial that ends by itself.
set_max 9
op reload >/dev/null
check_eq "milder: at once" "$(max_of alice@inside.example)" 9
check_eq "milder: for mail, too" "$(taken dora@inside.example 7)" 7
counted dora@inside.example 7
echo 'brake: { trial = "3s"; };' >>"$OUTPOST_CONF"
set_max 5
op reload >/dev/null
check_eq "a short trial" "$(max_of alice@inside.example)" 9
check "ends by itself" wait_for '[ "$(max_of alice@inside.example)" = 5 ]' 20
check_eq "and stops nobody by that" "$(outpost_standing dora@inside.example)" good
check_eq "who goes on is" "$(taken dora@inside.example 1)" 0
sed -i 's/trial = "3s"/trial = "0s"/' "$OUTPOST_CONF"
set_max 3
op reload >/dev/null
check_eq "without trials: at once" "$(max_of alice@inside.example)" 3
