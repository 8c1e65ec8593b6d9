# counts - what `op why` tells of a subject, for other libraries
#
# counts_last_day COUNT... <WHY    "N N ...": those of its last day

counts_last_day() { # COUNT...
	awk -v counts="$*" '
		NF == 6 { n[$1] = $4 }
		END {
			last = split(counts, c, " ")
			for (i = 1; i <= last; i++)
				printf "%s%d", (i > 1 ? " " : ""), n[c[i]]
			print ""
		}'
}
