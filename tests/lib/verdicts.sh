# verdicts - what `replay --json` and outpostd's events say, to be compared
#
# verdict_rows FILE PATH...     FILE's lines are JSON: what is at these places
#                               of each, a row of words each, sorted

verdict_rows() { # FILE PATH...
	verdict_file=$1
	shift
	while read -r line; do
		for path; do
			printf '%s\n' "$line" | "$TOOL/json" "$path"
		done | paste -s -d '	' -
	done <"$verdict_file" | sed 's/	watched	/	watch	/; s/	throttled	/	throttle	/
	    s/	held	/	hold	/; s/	suspended	/	suspend	/' | sort
}
