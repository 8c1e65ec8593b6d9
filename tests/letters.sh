#!/bin/sh
# letters - who is written to, where and in which language: by a directory that
# knows, knows nothing, or is broken; texts of the operator's; a real Postfix
# takes them, and both parts say the same
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink redis-server "$TOOL/smtp_send" "$TOOL/mail_parts"

DIRECTORY=$BED/owner
OWN=$BED/texts

letter() { # TO: the newest letter to it
	grep -l "^To: $1@" "$BED"/mta/mail/all/new/* 2>/dev/null | tail -n 1
}

letters() { # TO: how many
	grep -l "^To: $1@" "$BED"/mta/mail/all/new/* 2>/dev/null | wc -l
}

arrives() { # TO
	wait_for "[ -n \"\$(letter $1)\" ]" 20
}

part() { # TO TYPE
	"$TOOL/mail_parts" "$(letter "$1")" "$2"
}

owner() { # ACCOUNT JSON
	printf '%s\n' "$2" >"$BED/owners/$1"
}

mkdir "$BED/owners" "$OWN"
cat >"$DIRECTORY" <<END
#!/bin/sh
# One argument more than it was given by the settings: the account.
[ "\$1" = fixed ] && [ \$# = 2 ] || exit 3
echo "\$2" >>"$BED/asked"
cat "$BED/owners/\$2" 2>/dev/null || echo '{}'
END
chmod 755 "$DIRECTORY" "$BED/owners"
world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
outpost_config <<END
limits = ( { name = "blast"; window = "10m"; max = 20; action = "suspend"; } );
letters: { letter_smtp = "smtp://$(pf_smtp mta)"; letter_delay = 0;
	sender_letters_per_day = 1;
	letter_from = "abuse@inside.example"; desk_to = "desk@inside.example";
	help_text = "Rufen Sie an: 0800 100 100"; provider = "Beispiel & Söhne"; bulk_service = "https://bulk.example/";
	password_page = "https://panel.example/password"; templates = "$OWN"; };
page: { page_url = "https://mail.example/case/"; };
directory: { directory_command = ( "$DIRECTORY", "fixed" ); };
owners = ( { accounts = "*@firm.inside.example"; to = "boss@inside.example";
	language = "it"; name = "Capo"; } );
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce
op exempt ip:127.0.0.1 --for 1h --reason 'letters come from there' >/dev/null

owner alice@inside.example '{"addresses": ["alice-home@inside.example",
	"alice@inside.example"], "language": "de", "name": "Alice Müller",
	"plan": "business", "created": "2024-03-01"}'
owner carol@inside.example '{"language": "fr-CH"}'
owner dave@inside.example '{"addresses": ["nobody"]}'
owner paul@inside.example '{"addresses": ["paul-home@inside.example"],
	"language": "de"}'
owner rosa@inside.example '{"addresses": ["rosa-home@inside.example"]}'
"$TOOL/smtp_send" -x "LOGIN=alice@inside.example ADDR=203.0.113.7" \
    -f alice@inside.example -n 8 -m 5 "$(pf_submission mta)" \
    'user%d@world.example' >/dev/null 2>&1
check "alice: suspended" wait_for \
    '[ "$(outpost_standing alice@inside.example)" = suspended ]'
check "alice: written to where the directory says" arrives alice-home
sleep 1
check_eq "alice: once, and not into the mailbox" \
    "$(letters alice-home)/$(letters alice)" 1/0
head=$(sed '/^$/q' "$(letter alice-home)")
for line in 'Auto-Submitted: auto-generated' 'Content-Language: de' \
    'MIME-Version: 1.0' 'Message-ID: <[^ ]*@inside.example>' \
    'Date: .*[0-9]{4}' 'From: =\?utf-8\?q\?Beispiel_=26_S=C3=B6hne\?='; do
	check_has "alice: ${line%%:*}" "$head" "^$line"
done
check_eq "alice: 7 bits, short lines" "$(LC_ALL=C awk '
    /[\200-\377]/ || (length($0) > 78 && !/^(Message-ID|X-Outpost-Ref|Received|	)/) { n++ }
    END { print n + 0 }' "$(letter alice-home)")" 0
for type in text/plain text/html; do
	body=$(part alice-home $type | tr '\n' ' ')
	for fact in 'Guten Tag Alice Müller!' 'alice@inside.example' \
	    ' Empfänger in 10 Minuten, erlaubt sind 20' \
	    'https://mail.example/case/[A-Za-z0-9_-]{32}' '0800 100 100' \
	    'https://panel.example/password' 'Sie empfangen E-Mails'; do
		check_has "alice: $type: $fact" "$body" "$fact"
	done
done
check_has "alice: html escapes" "$(part alice-home text/html)" \
    'Beispiel &amp; Söhne'

op suspend carol@inside.example --reason 'by <hand>' >/dev/null
check "carol: no other address is known: into the mailbox" arrives carol
body=$(part carol text/plain | tr '\n' ' ')
check_has "carol: French" "$body" '^Bonjour,'
check_has "carol: says why there is no link" "$body" \
    'ne contient donc pas de lien'
check_eq "carol: no link" "$(part carol text/html | grep -c 'href')" 1
check_has "carol: the reason, harmless" "$(part carol text/html)" \
    'by &lt;hand&gt;'

op suspend bob@inside.example --reason stolen >/dev/null
check "bob: unknown: the desk is told" arrives desk
check_has "bob: that" "$(cat "$(letter desk)")" \
    '^Subject: Nobody could be told: bob@inside.example'
check_eq "bob: nobody is guessed" "$(letters bob)" 0
check "bob: the history says so" wait_for \
    'op events bob@inside.example | grep -q "the owner is not known"'

op suspend eve@firm.inside.example --reason stolen >/dev/null
check "eve: by the patterns" arrives boss
check_has "eve: in Italian" "$(part boss text/plain)" '^Gentile Capo,'

op suspend dave@inside.example --reason stolen >/dev/null
check "dave: the directory's answer is broken: said once" wait_for \
    'grep -q "directory of owners: its answer is broken: addresses" \
    "$BED/run/outpostd.log" "$BED"/log/* 2>/dev/null'
check_eq "dave: nothing is guessed" "$(letters dave)$(letters dave-home)" 00
owner dave@inside.example '{"addresses": ["dave-home@inside.example"]}'
check "dave: tried again" arrives dave-home

check_eq "asked once for each that was known" \
    "$(grep -c '^alice' "$BED/asked")" 1
check "each letter is an event of its case" wait_for \
    'op --json events alice@inside.example |
	grep -q "case-letter.*alice-home@inside.example"'
"$BUILD/outpost" --config "$OUTPOST_CONF" export alice@inside.example --json \
    >"$BED/export" 2>&1
check_has "an export tells that it was sent" "$(cat "$BED/export")" 'case-letter'
check_eq "but not to which address" "$(grep -c alice-home "$BED/export")" 0

check "the messages that caused it are told, with network" wait_for \
    'op letter alice@inside.example | tr "\n" " " |
	grep -q "user.*@world.example.*von 203.0.113.7"'

# The operator's own texts.
mkdir "$OWN/en"
printf 'Subject: x\n\n{{nmae}}\n' >"$OWN/en/letter.lifted.txt"
check_has "a slip in a text: not taken, with file and line" "$(op reload 2>&1)" \
    "$OWN/en/letter.lifted.txt:3: \{\{nmae\}\} is no field"
"$BUILD/outpostd" -t -c "$OUTPOST_CONF" 2>"$BED/bad" &&
	fail "outpostd -t takes it"
check_has "outpostd -t says so, too" "$(cat "$BED/bad")" 'is no field'
check_has "outpost check, too" "$("$BUILD/outpost" --config "$OUTPOST_CONF" \
    --socket "$OUTPOST_SOCKET" check 2>&1)" 'letters.*is no field'
printf 'Subject: Free again, {{account}}\n\nHurray.\n' \
    >"$OWN/en/letter.lifted.txt"
check_has "put right: taken" "$(op reload)" .
check_has "the preview shows it" "$(op letter bob@inside.example \
    --stage lifted --lang en)" '^Subject: Free again, bob@inside.example'
check_has "a preview in another language" "$(op letter bob@inside.example \
    --lang it)" "^Buongiorno,"
check_has "a preview of the whole mail" "$(op letter bob@inside.example \
    --source)" '^Content-Type: multipart/alternative;'
check_has "no such language" "$(op letter bob@inside.example --lang xx 2>&1)" \
    'no texts in "xx"'
check_has "no such letter" "$(op letter bob@inside.example --stage x 2>&1)" \
    'no letter "x": suspended, '
check_has "no such case" "$(op letter zoe@inside.example 2>&1)" 'no case'
check_eq "previews are not sent" "$(letters bob)" 0
op lift eve@firm.inside.example --reason 'new password' >/dev/null
check "eve: the lift is told" wait_for '[ "$(letters boss)" = 2 ]' 20

# Spam that comes in, is marked, and leaves again: whose address that is did
# nothing.
forwards_spam() { # NAME DIGIT
	at=$(date +%Y-%m-%dT%H:%M:%S.000000%:z)
	for n in $(seq 10 29); do
		id=3E000000$2$n
		cat <<-LINES
			$at mx postfix/smtpd[10]: $id: client=w[203.0.113.9]
			$at mx postfix/qmgr[12]: $id: from=<spam$n@world.example>, size=900, nrcpt=1 (queue active)
			$at mx amavis[20]: (1-$n) Passed SPAM {RelayedTaggedInbound}, <spam$n@world.example> -> <$1@inside.example>, Queue-ID: $id, 5 ms
			$at mx postfix/smtp[13]: $id: to=<$1@else.example>, orig_to=<$1@inside.example>, relay=e[192.0.2.9]:25, delay=1, dsn=2.0.0, status=sent (250 2.0.0 Ok)
			$at mx postfix/qmgr[12]: $id: removed
		LINES
	done >>"$outpost_log"
}
forwards_spam paul 1
check "a forward passes on spam: its owner is asked to stop" arrives paul-home
check_has "in his language" "$(part paul-home text/plain)" 'keinen Spam|Spam einstuft'
check_soon "once" 'letters paul-home' 1
check_has "a warning event tells it, with what was counted" \
    "$(op events --last 200 --json | grep '"forwarded_spam"')" \
    '"type":"warning".*"value":1[0-9]'
check_has "why shows it" "$(op why fwd:paul@inside.example)" \
    'stop forwarding what our filter calls spam'
check_eq "and nothing is stopped" "$(outpost_standing fwd:paul@inside.example)" \
    good
forwards_spam rosa 2
check_soon_has "another one is told to the desk" 'op events --last 20' \
    'warning .*fwd:rosa@inside.example'
op suspend eve@firm.inside.example --reason again >/dev/null
check "eve's letter is written behind it" wait_for '[ "$(letters boss)" = 3 ]' 20
check_eq "and no more letters are written of that in a day" "$(letters rosa-home)" 0
