#!/bin/sh
# top - the live view at a terminal: who sends now, sorted, filtered, at any
# size; the terminal is put back as it was, by q, by a signal; one frame
# without a terminal; JSON; a daemon that goes away and comes back
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need redis-server "$TOOL/json"

# One recipient a line, `n` of them MINUTES ago.
mail() { # ACCOUNT N MINUTES [STATUS]
	awk -v account="$1" -v n="$2" -v status="${4:-sent (250 ok)}" \
	    -v date="$(date -d "-$3 min" '+%b %e %T')" 'BEGIN {
		id = sprintf("A%s%05X", substr(date, 11, 2), n)
		gsub(/[^0-9A-F]/, "0", id)
		id = id length(account)
		tag = date " mx postfix/"
		print tag "smtpd[1]: " id ": client=x[192.0.2." n % 250 \
		    "], sasl_method=PLAIN, sasl_username=" account
		print tag "qmgr[2]: " id ": from=<" account \
		    ">, size=500, nrcpt=" n " (queue active)"
		for (i = 0; i < n; i++)
			print tag "smtp[3]: " id ": to=<u" i "@world.example>," \
			    " relay=w[203.0.113.1]:25, delay=1," \
			    " delays=0/0/0/1, dsn=" \
			    (status ~ /^b/ ? "5.1.1" : "2.0.0") ", status=" \
			    status
		print tag "qmgr[2]: " id ": removed"
	}' >>"$PF_LOG"
}

touch "$PF_LOG"
outpost_config <<END
letters: { letters = false; };
END
outpost_start
check_has "nobody: says so" "$(op top --once)" 'nobody sent anything'
for minute in 50 40 30 20 10 5 2; do
	mail alice@example.com $((60 - minute)) $minute
	mail bob@example.com 3 $minute
	mail shop@example.net $minute $minute
done
mail thief@example.com 90 1 'bounced (host w[203.0.113.1] said: 550 5.1.1 user unknown)'
mail idle@example.com 40 90
check_counts "the log was read" thief@example.com recipients 90

top=$(op top --once)
check_has "no terminal: one frame" "$top" '^outpost top  20.*observe'
check_has "the sum" "$top" '^recipients .* in 10 min, .* in 1 h, '
check_eq "the busiest first" "$(echo "$top" | awk 'NR > 4 { print $1 }' |
    head -n 2 | paste -sd ' ')" "alice@example.com shop@example.net"
check_has "its hour, its failures" "$top" '^thief@example.com .* 90 +[0-9]+% +100% '
check_eq "no escapes without a terminal" "$(printf '%s' "$top" |
    tr -d '\033' | cksum)" "$(printf '%s' "$top" | cksum)"
check_eq "who sent nothing in the hour" "$(echo "$top" | grep -c idle)" 0
check_eq "--filter" "$(op top --filter EXAMPLE.NET | awk 'NR > 4 { print $1 }')" \
    shop@example.net
check_eq "--sort failed" "$(op top --sort failed --rows 1 |
    awk 'NR > 4 { print $1 }')" thief@example.com
op top --json >"$BED/top.json"
check_eq "--json: an account" "$("$TOOL/json" accounts.0.account \
    <"$BED/top.json")" alice@example.com
check_eq "--json: its hour" "$("$TOOL/json" accounts.0.hour \
    <"$BED/top.json")" 263
check_eq "--json: its chart" "$("$TOOL/json" accounts.0.series \
    <"$BED/top.json" | tr -cd , | wc -c)" 59
op top --sort beauty >"$BED/top.out" 2>&1
check_eq "a wrong key: status" $? 2
check_has "a wrong key: says which" "$(cat "$BED/top.out")" \
    'sort must be hour, now'

command -v tmux >/dev/null || {
	skip "at a terminal" "tmux is not installed"
	exit 0
}
export LC_ALL=C.UTF-8 TERM=xterm
tm() {
	tmux -S "$BED/tmux" -f /dev/null "$@"
}
screen() {
	tm capture-pane -p -t top
}
keys() { # KEY...
	tm send-keys -t top "$@"
}
shows() { # NAME ERE
	if wait_for "screen | grep -Eq -- '$2'" 8; then
		ok "$1"
	else
		fail "$1" "$(screen)"
	fi
}
end_tmux() {
	tm kill-server 2>/dev/null
}
tm new-session -d -s top -x 80 -y 24 "PS1='shell> ' sh" ||
	die "tmux does not start"
bed_hooks="$bed_hooks end_tmux"
shows "a prompt" '^shell>$'
keys "echo 'before it'" Enter
shows "a shell" '^before it'
keys "$BUILD/outpost --socket $OUTPOST_SOCKET top --every 1s" Enter
shows "80x24: the accounts" '^alice@example.com +[()a-z]+ .*\|.*█.*\|'
shows "the keys" '^q quit  s sort \(hour\)'
check_eq "80x24: no line is wrapped, the foot is the last one" \
    "$(screen | awk 'END { print NR, ($0 ~ /^q quit/) }')" "24 1"
keys s
shows "s sorts anew" 'sort \(now\)'
keys s s
shows "by failures" 'sort \(failed\)'
check_has "by failures: the thief first" "$(screen | sed -n 5p)" '^thief'
keys /bob
shows "the filter is typed" '^only names with: bob_'
keys Enter
shows "and applied" 'filter: bob .* 1 of 1'
check_eq "one account is left" "$(screen | grep -c @example)" 1
keys / BSpace BSpace BSpace Enter
shows "and taken back" '^alice@example.com'
mail carol@example.com 70 0
shows "what happens is seen" '^carol@example.com'
op suspend carol@example.com --reason test >/dev/null
shows "a standing changes" '^carol@example.com +suspended'
tm resize-window -t top -x 132 -y 12
shows "wider and lower" 'LAST HOUR$'
check_eq "no more lines than there are" \
    "$(screen | awk 'END { print NR, ($0 ~ /^q quit/) }')" "12 1"
tm resize-window -t top -x 40 -y 10
shows "very small" '^q quit'
tm resize-window -t top -x 80 -y 24
outpost_stop
shows "no daemon: says so" '^outpostd does not answer'
outpost_start
shows "it is back" '^q quit'
keys q
shows "q: back at the shell" '^shell>$'
shows "what was before is there again" '^before it'
keys "clear; stty -a | grep -q '[^-]icanon' && echo cooked; stty -a | grep -qw -e '-echo' || echo echoes" Enter
shows "the terminal is as it was" '^cooked'
shows "and echoes" '^echoes'
for signal in INT TERM; do
	keys "clear; $BUILD/outpost --socket $OUTPOST_SOCKET top; echo left \$?" Enter
	shows "SIG$signal: runs" '^q quit'
	kill -s $signal "$(pgrep -f "outpost --socket $OUTPOST_SOCKET top")"
	shows "SIG$signal: ends" '^left 0'
	keys "clear; stty -a | grep -q '[^-]icanon' && echo cooked $signal" Enter
	shows "SIG$signal: the terminal is as it was" "^cooked $signal"
done
