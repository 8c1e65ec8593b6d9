#!/bin/sh
# cases_nodes - two hosts show the same case, decide it alike, and a node that
# was away knows what was said meanwhile; many at once are cheap; one
# that comes late learns of all from the others
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl

THIEF=thief@example.com

start() { # N
	node_config "$1" <<-END
		limits = ( { name = "hour"; window = "1h"; max = 300; action = "suspend"; } );
	END
	node_start "$1"
}

get() { # N NAME MEMBER
	node_op "$1" case "$2" --json 2>/dev/null | perl -MJSON::PP -e '
	    my $d = decode_json(join "", <STDIN>);
	    my $v = $d->{$ARGV[0]};
	    print ref $v ? scalar @$v : $v' "$3"
}

redis_start
start 1
start 2
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]' 15

node_mail 1 "$THIEF" 4 100
check "a case opens where it was judged" wait_for \
    'node_op 1 cases | grep -q "$THIEF"'
check "and is shown on the other host" wait_for \
    'node_op 2 cases | grep -q "$THIEF"'
check_eq "under one name" "$(get 1 "$THIEF" case)" "$(get 2 "$THIEF" case)"
check "with the same lines of the log" wait_for \
    '[ "$(get 2 "$THIEF" log)" -gt 4 ]' 15
check "all of it" wait_for \
    '[ "$(get 1 "$THIEF" log)/$(get 1 "$THIEF" messages)" = \
    "$(get 2 "$THIEF" log)/$(get 2 "$THIEF" messages)" ]'
case=$(get 1 "$THIEF" case)

# Node 1 is away while somebody decides on node 2.
node_op 2 case "$case" assign ann >/dev/null
node_stop 1
node_op 2 case "$case" note 'he called' >/dev/null
node_op 2 case "$case" approve --reason 'a mailing' >/dev/null
check_eq "lifted there" "$(node_standing 2 "$THIEF")" probation
start 1
check "known here, too" wait_for '[ "$(get 1 "$case" state)" = approved ]'
check "to the last word" wait_for \
    '[ "$(get 1 "$case" history)" = "$(get 2 "$case" history)" ]'
check_soon "the sanction ended here" 'node_standing 1 "$THIEF"' probation
for n in 1 2; do
	check_has "node $n: its chain is good" \
	    "$(node_op $n case "$case" --verify)" 'as they were written'
done
check_has "the report tells the same everywhere" \
    "$(node_op 1 report --json)" "$(node_op 2 report --json |
    sed 's/.*\("all".*\)/\1/; s/[][{}.*+?|()]/\\&/g')"

# A host that comes late, after Redis lost everything.
node_mail 2 late@example.com 4 100
check "a case that waits" wait_for \
    '[ "$(get 2 late@example.com log)" -gt 4 ] 2>/dev/null' 15
node_op 2 case late@example.com note 'who is that' >/dev/null
redis_cli redis flushall >/dev/null
start 3
check "a third host learns of it" wait_for \
    '[ "$(get 3 late@example.com history)" = "$(get 2 late@example.com history)" ]' 40
check "all of what was filed" wait_for \
    '[ "$(get 3 late@example.com log)/$(get 3 late@example.com score)" = \
    "$(get 2 late@example.com log)/$(get 2 late@example.com score)" ]'
check "and of what is over" wait_for '[ "$(get 3 "$case" state)" = approved ]' 20
check "to its last word" wait_for \
    '[ "$(get 3 "$case" history)" = "$(get 2 "$case" history)" ]'
check_soon "nobody is stopped by that" \
    'echo "$(node_standing 3 "$THIEF")/$(node_standing 3 late@example.com)"' \
    probation/suspended
check_has "the report is the same" "$(node_op 3 report --json)" \
    "$(node_op 2 report --json |
    sed 's/.*\("all".*\)/\1/; s/[][{}.*+?|()]/\\&/g')"
node_stop 3

# A list of a thousand: cases open as fast as they are ordered.
seq -f 'user%g@example.com' 1000 >"$BED/list"
began=$(now_ms)
node_op 1 suspend --from-file "$BED/list" --reason stolen --yes >/dev/null
took=$(($(now_ms) - began))
check_eq "each has its case ($took ms)" \
    "$(node_op 1 cases --state open --last 5000 --json |
    perl -MJSON::PP -e 'print scalar @{decode_json(join "", <STDIN>)}')" 1001
check "on the other host, too" wait_for \
    '[ "$(node_op 2 cases --state open --last 5000 --json |
    perl -MJSON::PP -e '\''print scalar @{decode_json(join "", <STDIN>)}'\'')" = 1001 ]' 20
check_has "by pages" "$(node_op 1 cases --last 10)" \
    '1001 cases in all; the next: --from'
