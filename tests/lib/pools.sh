# pools - own IPs on the Postfix "mta"
#
# pools_services NAME...   the services that are printed for these, into
#                          master.cf; and qmgr asks with the tables of now
# pools_send ACCOUNT RECIPIENT    prints what it is answered
# pools_via RECIPIENT      by which own IP it was tried last (empty: by none)
# pools_table TABLE KEY    what Postfix finds there
# pools_place SENDER       the own IP that the tables name
# pools_leaves NAME ACCOUNT OWN-IP    checks that its mail leaves by it (-: by
#                          none) as soon as Postfix has read the tables
# pools_lives ACCOUNT      until it may send
# pools_people             eight accounts, that are in the tables: $people;
#                          $of_out1, $of_out2: one who has that place; all
#                          new to outpostd, which need not wait for its round

pools_services() { # NAME...
	"$BUILD/outpost" --config "$OUTPOST_CONF" postfix |
	    sed -n 's/^#   \(out[0-9] unix .*\)/\1/p; s/^#     \(-o .*\)/  \1/p' |
	    awk -v names=" $* " '/^out/ { on = index(names, " " $1 " ") }
		on' | pf_service mta
	printf 'rewrite-qmgr unix - - n - 1 trivial-rewrite\n -o max_use=1\n' |
	    pf_service mta
	pf_opt mta qmgr/unix/ipc_ttl=1s \
	    qmgr/unix/rewrite_service_name=rewrite-qmgr
}

pools_send() { # ACCOUNT RECIPIENT
	"$TOOL/smtp_send" -x "LOGIN=$1 ADDR=203.0.113.7" -f "$1" \
	    "$(pf_submission mta)" "$2" 2>&1
}

pools_via() { # RECIPIENT
	pools_line="smtp\[.*to=<$1>, relay="
	wait_for 'grep -q "$pools_line" "$PF_LOG"' 30
	sed -n "s|.* postfix/\([a-z0-9/]*\)$pools_line.*|\1|p" "$PF_LOG" |
	    tail -n 1 | tr -d /
}

pools_table() { # TABLE KEY
	postmap -c "$(pf_etc mta)" -q "$2" "cdb:$BED/state/tables/$1" 2>/dev/null
}

pools_place() { # SENDER
	pools_is=$(pools_table movers "$1")
	[ -n "$pools_is" ] || pools_is=$(pools_table senders "$1")
	pools_table places "$pools_is" | tr -d :
}

pools_mailed=0
pools_try() {
	pools_mailed=$((pools_mailed + 1))
	pools_to=m$pools_mailed@far.example
	pools_send "$pools_sender" "$pools_to" >/dev/null
	wait_for 'pools_was_tried "$pools_to"'
	pools_by=$(pools_via "$pools_to")
	[ "${pools_by:--}" = "$pools_want" ]
}

pools_was_tried() { # RECIPIENT
	grep -q "smtp\[.*to=<$1>, relay=" "$PF_LOG"
}

pools_leaves() { # NAME ACCOUNT OWN-IP
	pools_sender=$2 pools_want=$3
	if wait_for pools_try 30; then
		ok "$1"
	else
		fail "$1" "it leaves by \"$pools_by\", not \"$3\""
	fi
}

pools_lives() { # ACCOUNT
	wait_for '[ -z "$(pools_table logins "'"$1"'")" ]' 30
}

pools_people() {
	people='' of_out1='' of_out2=''
	for pools_n in 1 2 3 4 5 6 7 8; do
		pools_who=u$pools_n@inside.example
		pools_send "$pools_who" "first$pools_n@far.example" >/dev/null
		people="$people $pools_who"
	done
	wait_for '[ -n "$(pools_place "$pools_who")" ]' 30 ||
		fail "a place for $pools_who" ''
	for pools_who in $people; do
		case $(pools_place "$pools_who") in
		out1) of_out1=$pools_who ;;
		out2) of_out2=$pools_who ;;
		*) fail "a place for $pools_who" "$(pools_place "$pools_who")" ;;
		esac
	done
}
