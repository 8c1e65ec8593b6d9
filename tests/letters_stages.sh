#!/bin/sh
# letters_stages - what an owner is written to in the course of a case: answered,
# a new password, reminded, closed, denied, lifted; each once, with two nodes;
# no more than letters_per_day; without another address the letter has no link
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
. "$TOP/tests/lib/world.sh"
bed_need redis-server curl smtp-sink "$TOOL/mail_parts"

config() { # N
	node_config "$1" <<-END
		letters: { letter_smtp = "smtp://$(world_address mx)"; letter_delay = 0;
		  letter_from = "abuse@x.example"; desk_to = "desk@x.example";
		  letters_per_day = 3; };
		cases: { case_remind = "12s"; case_close = "16s"; };
		page: { $2 page_url = "http://$page/case/"; };
		owners = ( { accounts = "*@own.example"; to = "%u@private.example"; } );
	END
	sed -i '/letters = false/d' "$BED/node$1/outpost.conf"
	node_start "$1"
}

letters() { # TO SUBJECT: the files
	grep -l "^To: $1" "$BED"/mx/* 2>/dev/null |
	    while read -r file; do
		    grep -l "^Subject: .*$2" "$file"
	    done
}

count() { # TO SUBJECT
	letters "$@" | wc -l
}

# It comes, and comes once.
stage() { # NAME ACCOUNT SUBJECT
	stage_to=${2%@own.example}@private.example stage_subject=$3
	check "$1" wait_for '[ "$(count "$stage_to" "$stage_subject")" -ge 1 ]' 30
}

letter_is_told() { # ACCOUNT STAGE
	node_op 2 events "$1" | grep "case-letter" | grep -c "$2"
}

field() { # NAME
	sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$BED/form"
}

answer() { # ACCOUNT WAY DATA
	link=$("$TOOL/mail_parts" "$(letters "${1%@*}@private.example" .)" \
	    text/plain | grep -o "http://$page/case/[A-Za-z0-9_-]*" | head -n 1)
	curl -s -c "$BED/jar" -b "$BED/jar" -o "$BED/form" "$link/$2"
	curl -s -b "$BED/jar" -o /dev/null -w '%{http_code}' "$link/$2" \
	    -d "form=$(field form)&once=$(field once)$3"
}

redis_start
world_sink mx
bed_port
page=127.0.0.1:$bed_port
config 1 "page_listen = \"$page\";"
config 2 ''
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]' 15

for i in quiet human changed denied; do
	node_op 1 suspend $i@own.example --reason test >/dev/null
done
node_op 2 suspend alone@elsewhere.example --reason test >/dev/null
node_op 2 suspend noaddress --reason test >/dev/null
for i in quiet human changed denied; do
	stage "$i: suspended" $i@own.example 'was stopped'
done
check "no other address: into the mailbox" wait_for \
    '[ "$(count alone@elsewhere.example was.stopped)" = 1 ]' 20
for type in text/plain text/html; do
	check_eq "without a link ($type)" "$("$TOOL/mail_parts" \
	    "$(letters alone@elsewhere.example 'was stopped')" $type |
	    grep -c "$page/case")" 0
	check_eq "others have one ($type)" "$("$TOOL/mail_parts" \
	    "$(letters quiet@private.example was.stopped)" $type |
	    tr -d '\n' | grep -c "$page/case/[A-Za-z0-9_-]\{32\}")" 1
done
check "nobody to write to: the desk is told" wait_for \
    '[ "$(count desk@x.example noaddress)" = 1 ]' 20

check_eq "an answer on the page" \
    "$(answer human@own.example me '&what=a+letter&to=all&agreed=yes')" 303
stage "answered" human@own.example 'We have an answer'
node_op 2 case changed@own.example password-changed >/dev/null
stage "a new password: told, a person looks" changed@own.example 'has a new password'
node_op 2 case denied@own.example deny --reason 'a list that was bought' \
    >/dev/null
stage "denied" denied@own.example 'stays stopped'
check_has "with the reason" "$("$TOOL/mail_parts" \
    "$(letters denied@private.example stays)" text/plain)" 'a list that was bought'
stage "no answer: reminded" quiet@own.example Reminder
stage "and closed" quiet@own.example 'is closed'
node_op 1 lift human@own.example --reason 'it was he' >/dev/null
stage "lifted" human@own.example 'works again'

# The fourth of a day.
node_op 1 suspend human@own.example --reason again >/dev/null
check "no more than letters_per_day" wait_for \
    'node_op 1 events human@own.example | grep -q "too many letters in a day"' 20
check_eq "the history is one on both nodes" "$(node_op 1 events --last 500 |
    grep -c case-letter)" "$(node_op 2 events --last 500 | grep -c case-letter)"
check_eq "each letter left once" "$(cat "$BED"/mx/* |
    sed -n 's/^Message-ID: //p' | sort | uniq -d)" ""
check_eq "in all" "$(for i in quiet human changed denied; do
	count $i@private.example .
done | tr '\n' ' ')" "3 3 2 2 "
