#!/bin/sh
# reload - a new configuration takes effect by `outpost reload` and by HUP; a
# bad one changes nothing, and the error names the file and the line
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root smtp-sink dovecot redis-server "$TOOL/smtp_send"

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

taken() { # LOGIN ARGUMENT...: how many recipients were
	send "$@" | grep -c '^RCPT .* 250 '
}

said() { # ERE: how many lines of outpostd's log
	grep -cE "$1" "$BED/log/outpostd.out"
}

# A bad line, by both ways.
bad() { # NAME LINE ERE
	cp "$OUTPOST_CONF" "$BED/good.conf"
	printf '%s\n' "$2" >>"$OUTPOST_CONF"
	line=$(wc -l <"$OUTPOST_CONF")
	err=$(op reload 2>&1)
	check_eq "$1: exit status" $? 1
	check_has "$1: the error" "$err" \
	    "outpost\\.conf:$line: .*$3.*; nothing was changed"
	check "$1: outpostd -t says it, too" \
	    sh -c '"$1" -c "$2" -t 2>&1 | grep -E "outpost\\.conf:$3: .*$4"' \
	    sh "$BUILD/outpostd" "$OUTPOST_CONF" "$line" "$3"
	lines=$(said 'the old configuration stays')
	outpost_reload
	check "$1: HUP: logged" wait_for '[ "$(said \
	    "outpost.conf:$line: .*the old configuration stays")" -gt 0 ] &&
	    [ "$(said "the old configuration stays")" = $((lines + 1)) ]'
	cp "$BED/good.conf" "$OUTPOST_CONF"
}

world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)" smtpd_hard_error_limit=1000
outpost_config <<END
limits = ( { name = "hour"; max = 5; } );
brake: { trial = "0"; };
letters: { letters = false; };
answers: { throttle_text = "first"; };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce

check_eq "the first limit" "$(taken alice@inside.example -m 9)" 5
bad "an unknown key" 'books: { fold_evry = "30s"; };' \
    'unknown key "fold_evry" in books; did you mean .fold_every'
bad "a value out of bounds" 'ladder: { score_watch = 5000; };' 'score_watch'
bad "a wrong type" 'ladder: { watch_for = "soon"; };' 'watch_for'
bad "no syntax" 'limits = (;' ''
bad "a limit without a maximum" 'webhooks = ( { name = "x"; } );' ''
check_eq "after bad files the first limit holds" \
    "$(taken bob@inside.example -m 9)" 5

sed -i 's/max = 5/max = 7/; s/"first"/"second"/' "$OUTPOST_CONF"
check_has "a good one" "$(op reload)" reloaded
out=$(send carol@inside.example -m 9)
check_eq "the new limit" "$(echo "$out" | grep -c '^RCPT .* 250 ')" 7
check_has "the new text" "$out" '^RCPT .* 450 4\.7\.1 .*: second'
sed -i 's/max = 7/max = 8/' "$OUTPOST_CONF"
lines=$(said 'configuration read again')
outpost_reload
check "HUP: read again" wait_for '[ "$(said "configuration read again")" = \
    $((lines + 1)) ]'
check_eq "HUP: the new limit" "$(taken dora@inside.example -m 9)" 8
check_counts "the counts go on" carol@inside.example recipients 7
check_has "the one throttled before is still so" \
    "$(outpost_standing alice@inside.example)" throttled

# Reloads while mail flows lose nothing.
send eve@inside.example -n 40 -r 40 >"$BED/eve" &
bed_own $! eve
op limit eve@inside.example hour 100 --reason many >/dev/null
for n in 1 2 3 4 5 6; do
	outpost_reload
	sleep 0.1
done
wait_for '! bed_alive eve' 20
check_counts "reloads while mail flows" eve@inside.example \
    "messages recipients" "40 40"
check_eq "nothing that Postfix warns of" \
    "$(grep 'problem talking to server' "$PF_LOG" | head -n 3)" ""
