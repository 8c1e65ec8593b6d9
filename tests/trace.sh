#!/bin/sh
# trace - a message's whole story out of the log: on a real Postfix with a
# content filter, a .forward, a bounce, a requeue; rotated logs; golden output;
# nobody found; hostile text
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need "$TOOL/json" gzip

GOLDEN=$TOP/tests/data/trace
TZ=UTC
export TZ

trace() { # ARGUMENT...
	"$BUILD/outpost" --config "$BED/outpost.conf" trace "$@" \
	    2>"$BED/trace.err"
}

json() { # PATH ARGUMENT...
	json_path=$1
	shift
	trace --json "$@" | "$TOOL/json" "$json_path"
}

mkdir -p "$BED/log"
echo 'log: { files = ( "'"$BED"'/log/*.log" ); };' >"$BED/outpost.conf"

# By hand: every kind of link, an id that is used twice, escapes in a reply.
golden() { # NAME ARGUMENT...
	golden_name=$1
	shift
	(cd "$TOP/tests/data" && trace "$@" trace.log) >"$BED/trace.out"
	if [ "${OUTPOST_GOLDEN:-}" = write ]; then
		cp "$BED/trace.out" "$GOLDEN-$golden_name.txt"
	fi
	check "golden: $golden_name" diff -u "$GOLDEN-$golden_name.txt" \
	    "$BED/trace.out"
}
golden queue-id 4jXCDF34lcz1dySd
golden to --to Carol@world.example
golden json --json --at 2026-11-21T23:10:00Z 4jXCDF34lcz1dySd
for id in 4jXCDF4rTRz1dyT2 4jXCDJ5QvYz1dySp; do
	check_eq "the same story by $id" "$(trace $id "$GOLDEN.log")" \
	    "$(trace --account alice@example.com "$GOLDEN.log")"
done
check_eq "the same by Message-ID" "$(trace '<1@example.com>' "$GOLDEN.log")" \
    "$(trace --client 192.0.2.7 --at 2026-11-21T22:40:00Z "$GOLDEN.log")"
check_eq "two criteria" "$(json found --to alice@example.com \
    --from dave@far.example "$GOLDEN.log")" 1
check_eq "--at tells them apart" "$(json stories.0.sender --at \
    '2026-11-21 23:11' --within 2m 4jXCDF34lcz1dySd "$GOLDEN.log")" \
    dave@far.example
check_eq "--last" "$(trace --last 1 --to alice@example.com "$GOLDEN.log" |
    head -n 1)" "2 messages, of which the last 1 are shown (--last N, --at TIME):"
check_eq "standard input" "$(trace 4jXCDF34lcz1dySd - <"$GOLDEN.log")" \
    "$(trace 4jXCDF34lcz1dySd "$GOLDEN.log")"

# Nobody, nothing, nonsense.
trace --to nobody@example.com "$GOLDEN.log"
check_eq "none found: status" $? 5
check_has "none found: what was searched" "$(cat "$BED/trace.err")" \
    'no such message in 1 file \(.*trace.log\), 1 MB, from 2026-11-21 22:40:00 to 2026-11-21 23:15:00'
trace --json --to nobody@example.com "$GOLDEN.log" >"$BED/trace.out"
check_eq "none found: status with --json" $? 5
check_eq "none found: JSON" "$("$TOOL/json" found <"$BED/trace.out")" 0
trace
check_eq "nothing asked: status" $? 2
check_has "nothing asked: says what" "$(cat "$BED/trace.err")" \
    'which message\? A queue id'
trace 4jXCDF34lcz1dySd /nonexistent/log
check_eq "no such file: status" $? 1
trace 4jXCDF34lcz1dySd
check_eq "no log: status" $? 1
check_has "no log: says where" "$(cat "$BED/trace.err")" \
    'there is no log: .*/log/\*.log \(log.files'
trace --client nonsense "$GOLDEN.log"
check_has "no address" "$(cat "$BED/trace.err")" 'is no address such as'
trace --at yesterday --to x@y "$GOLDEN.log"
check_has "no time" "$(cat "$BED/trace.err")" 'at must be such as 22:40'

# Rotated: the message begins in one file and ends in another.
head -n 8 "$GOLDEN.log" | gzip >"$BED/log/mail.log.2.gz"
sed -n 9,15p "$GOLDEN.log" >"$BED/log/mail.log.1"
tail -n +16 "$GOLDEN.log" >"$BED/log/mail.log"
touch -d '2026-11-21 22:40:00' "$BED/log/mail.log.2.gz"
touch -d '2026-11-21 22:40:05' "$BED/log/mail.log.1"
check_eq "over rotated files" "$(trace 4jXCDF34lcz1dySd)" \
    "$(cat "$GOLDEN-queue-id.txt")"
rm -f "$BED"/log/mail.log*

[ "$(id -u)" = 0 ] && command -v dovecot >/dev/null || {
	skip "real Postfix" "needs root and dovecot"
	exit 0
}
world_start world
pf_new mta
pf_set mta "relayhost=$(world_relay world)" \
    "transport_maps=texthash:$BED/mta/etc/transport" smtp_connect_timeout=2s
bed_port
late=127.0.0.26:$bed_port
echo "late.example smtp:[${late%:*}]:${late#*:}" >"$BED/mta/etc/transport"
echo 'gone@world.example' >"$BED/mta/etc/games.forward"
bed_port
filter_in=$bed_port
bed_port
filter_out=$bed_port
bed_port
filtered=127.0.0.1:$bed_port
bed_run filter "$TOOL/smtp_filter" "127.0.0.1:$filter_in" \
    "127.0.0.1:$filter_out"
pf_service mta <<END
127.0.0.1:$filter_out inet n - n - - smtpd
  -o content_filter=
  -o mynetworks=127.0.0.0/8
$filtered inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o content_filter=scan:[127.0.0.1]:$filter_in
scan unix - - n - - smtp
END
pf_start mta
wait_port 127.0.0.1 "$filter_in"
wait_port "${filtered%:*}" "${filtered#*:}"

submit() { # LOGIN RECIPIENT SERVER [OPTION...]
	submit_login=$1@test.example submit_to=$2 submit_at=$3
	shift 3
	"$TOOL/smtp_send" -x "ADDR=192.0.2.77 LOGIN=$submit_login" \
	    -f "$submit_login" "$@" "$submit_at" "$submit_to" \
	    >>"$BED/log/send.out" 2>&1 || fail "submit" "$submit_login"
}
submit filter 'u%d@world.example' "$filtered" -m 2
submit bounce unknown-1@world.example "$filtered"
submit forward games@local.example "$(pf_submission mta)"
submit late 'u%d@late.example' "$(pf_submission mta)" -m 2
pf_wait mta 'late.example>.*status=deferred' || fail "late" "is not deferred"
id=$(pf_queue mta | grep late | sed -n 's/.*"queue_id": "\([^"]*\)".*/\1/p')
check_eq "deferred" "$(json stories.0.recipients.0.outcome "$id")" deferred
bed_run late "$TOOL/smtp_world" "$late"
wait_port "${late%:*}" "${late#*:}"
pf_super mta -r "$id" >>"$BED/log/postsuper.out" 2>&1
pf_wait mta "orig_id=$id" 20 || fail "requeue" "no new queue id"
pf_empty mta 20 || fail "queue" "$(pf_queue mta | head -n 3)"

pf_logged mta

story() { # NAME ACCOUNT LINKS SUMMARY-ERE
	trace --json --account "$2@test.example" >"$BED/story.json"
	links=
	for i in 0 1 2 3; do
		links="$links$("$TOOL/json" "stories.0.queue_ids.$i.link" \
		    <"$BED/story.json" 2>/dev/null),"
	done
	check_eq "$1: its links" "$(echo "$links" | sed 's/,*$//')" "$3"
	check_has "$1: its summary" \
	    "$("$TOOL/json" stories.0.summary <"$BED/story.json")" "$4"
}
story "content filter" filter "first,handed on to" \
    '^filter@test.example sent it from 192.0.2.77 .*2 recipients: 2 delivered$'
story "bounce behind a filter" bounce "first,handed on to,notice" \
    '1 recipient: unknown user: 550 5.1.1'
story "forward" forward "first,forwarded as" '1 recipient: delivered$'
story "requeued" late "first,requeued as" '2 recipients: 2 delivered$'
check_eq "the requeued, by its old id" "$(json found "$id")" 1
check_has "a person reads it" "$(trace --to gone@world.example)" \
    '^  gone@world.example \(for games@local.example\)$|^  gone@world.example$'
check_eq "every line of a chain" "$(json stories.0.n_lines "$id")" \
    "$(grep -cE "$id|$(json stories.0.queue_ids.1.queue_id "$id")" "$PF_LOG")"
