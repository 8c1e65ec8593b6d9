# show - what the demo prints: captions, time lines, quotations
#
# show_title TEXT        a heading with an empty line before it
# show_say TEXT          prose, wrapped
# show_at WHO TEXT       one line of the time line, with the time of now
# show_quote <TEXT       quoted lines, indented, cut at the width
# show_json <JSON        as many members a line as fit
# show_command TEXT      a command as an operator types it
# show_step NAME COMMAND...   a step that must happen: prints nothing when it
#                        does, else fails the demo with NAME
#
# On a terminal each heading waits $OUTPOST_DEMO_PAUSE seconds (3), so that one
# can read what stands above it.
# Colour only on a terminal that wants it (TERM, NO_COLOR).

show_wide=88
if [ -t 1 ] && [ "${TERM:-dumb}" != dumb ] && [ -z "${NO_COLOR:-}" ]; then
	show_esc=$(printf '\033')
	show_bold="${show_esc}[1m" show_dim="${show_esc}[2m"
	show_red="${show_esc}[31m" show_green="${show_esc}[32m"
	show_yellow="${show_esc}[33m" show_cyan="${show_esc}[36m"
	show_off="${show_esc}[0m"
	show_pause=${OUTPOST_DEMO_PAUSE:-3}
else
	show_pause=0
	show_bold='' show_dim='' show_red='' show_green='' show_yellow=''
	show_cyan='' show_off=''
fi

show_title() { # TEXT
	[ -z "${show_first:-}" ] || sleep "$show_pause"
	show_first=no
	printf '\n%s== %s%s\n' "$show_bold" "$1" "$show_off"
}

show_say() { # TEXT
	printf '%s\n' "$1" | fold -s -w "$((show_wide - 3))" |
		sed 's/ *$//; s/^/   /'
}

show_color() { # WHO
	case $1 in
	thief) printf %s "$show_red" ;;
	outpost) printf %s "$show_yellow" ;;
	anna | ben) printf %s "$show_green" ;;
	*) printf %s "$show_cyan" ;;
	esac
}

# The first line stands behind the time, what does not fit below it.
show_at() { # WHO TEXT
	printf '%s\n' "$2" | fold -s -w "$((show_wide - 20))" | sed 's/ *$//' |
		awk -v at="$(date +%H:%M:%S)" -v who="$1" -v on="$(show_color "$1")" \
		    -v dim="$show_dim" -v off="$show_off" '
		NR == 1 { printf "%s%s%s  %s%-8s%s %s\n", dim, at, off, on, who,
		    off, $0; next }
		{ printf "%19s%s\n", "", $0 }'
}

show_quote() {
	tr -d '\r' | cut -c "1-$((show_wide - 5))" |
		sed "s/^/   $show_dim|$show_off /"
}

# Broken behind commas, not inside texts.
show_json() {
	sed 's/,\(["{]\)/,\n\1/g' | awk -v max="$((show_wide - 6))" '
		line != "" && length(line) + length($0) > max { print line; line = "" }
		{ line = line $0 }
		END { print line }' | fold -s -w "$((show_wide - 6))"
}

show_command() { # TEXT
	printf '   %s$ %s%s\n' "$show_bold" "$1" "$show_off"
}

show_step() { # NAME COMMAND...
	show_name=$1
	shift
	"$@" >>"$BED/log/steps.out" 2>&1 && return 0
	die "$show_name"
}
