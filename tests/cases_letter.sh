#!/bin/sh
# cases_letter - once a day the abuse desk reads about its cases: what was
# suspended, what waits, the oldest first, the hash of the chain; of two nodes
# one writes; a quiet day is no letter
#
# long
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server "$TOOL/smtp_world"

letters() {
	grep -l '^Subject: Cases' "$BED"/world/[0-9]* 2>/dev/null | wc -l
}

start() { # N
	node_config "$1" <<END
limits = ( { name = "blast"; window = "1h"; max = 20; action = "suspend"; warn = 0; } );
END
	sed -i "s|^letters: .*|letters: { letter_smtp = \"smtp://$(world_address world)\"; \
		letter_from = \"postmaster@example.com\"; desk_to = \"desk@example.com\"; \
		letter_stages = ( \"held\" ); desk_report_at = 0; };|" \
	    "$BED/node$1/outpost.conf"
	node_start "$1"
}

get() { # PATTERN: what stands there in the letter
	echo "$letter" | sed -n "s/.*$1.*/\1/p" | head -n 1
}

# Midnight comes in half a minute, where these nodes are.
TZ=$(date -u '+%H %M %S' | awk '{
	s = 86400 - 30 - ($1 * 3600 + $2 * 60 + $3)
	if (s > 43200) { s = 86400 - s; sign = "" } else sign = "-"
	printf "BED%s%d:%02d:%02d", sign, s / 3600, s % 3600 / 60, s % 60 }')
export TZ
redis_start
world_start world
start 1
start 2
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]' 15
TZ=UTC0 node_mail 1 thief@example.com 1 60
check "a case" wait_for 'node_op 2 cases | grep -q thief' 10
node_op 2 suspend late@example.com --reason 'called' >/dev/null
node_op 2 suspend wrong@example.com --reason 'a mistake' >/dev/null
wait_for 'node_op 1 cases | grep -q wrong' 10
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
	node_op 2 suspend "$(printf '"%.0s' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 \
	    17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 \
	    40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 \
	    63 64 65 66 67 68 69 70 71 72 73 74 75 76 77 78 79 80)x$i@y.example" \
	    --reason 'a name as long as it can be' >/dev/null
done
wait_for 'node_op 1 cases | grep -q x25' 10
node_op 1 lift wrong@example.com --innocent --reason 'our mistake' >/dev/null
check_eq "before its hour, nothing" "$(letters)" 0
check "the desk reads about them" wait_for '[ "$(letters)" -ge 1 ]' 50
wait_for '[ "$(letters)" -ge 2 ]' 4
check_eq "once" "$(letters)" 1
letter=$(tr -d '\r' <"$(grep -l '^Subject: Cases' "$BED"/world/[0-9]*)")
for line in 'To: desk@example.com' 'Subject: Cases: 27 wait, 28 suspended in a day'; do
	check_has "it says: $line" "$letter" "^$line\$"
done
flat=$(echo "$letter" | sed 's/=$//' | tr '\n' ' ')
check_has "what was decided" "$flat" '1 overturned'
check_has "how soon it was seen, and what leaked" "$flat" \
    'Detected in .*\(median\), [0-9]+ *recipients'
check_has "what waits, the oldest first" "$flat" \
    'thief@example.com *\(blast\).*late@example.com'
check_has "as many as there is room for" "$flat" ' [0-9]+ *more'
host=$(get 'chain of cases on \(mx[12]\)')
head=$(get '^ *\([0-9a-f]\{64\}\)$')
node=${host#mx}
check_has "with a hash that the chain still has ($host)" \
    "$(node_op "${node:-1}" case thief@example.com --verify --head "$head" 2>&1)" \
    'as they were written'
case $head in *0) other=${head%?}1 ;; *) other=${head%?}0 ;; esac
check_has "and no other one" \
    "$(node_op "${node:-1}" case thief@example.com --verify --head "$other" 2>&1)" \
    'no link with the hash'
