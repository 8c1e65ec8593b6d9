#!/bin/sh
# queue_instances - a message that went from one Postfix instance to another is
# held where it is now, under the queue id that it has there; short queue ids;
# outpost-queue started by its socket, outpostd as a user of its own
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/queue.sh"
bed_need root dovecot redis-server setpriv systemd-socket-activate \
    "$TOOL/smtp_send" "$TOOL/smtp_world"

send() { # LOGIN RECIPIENT ARGUMENT...
	login=$1@inside.example to=$2
	shift 2
	"$TOOL/smtp_send" -q -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" \
	    "$@" "$(pf_submission mta)" "$to" 2>&1
}

came() { # PREFIX
	sed -n "s/^X-World-To: *<*\($1[0-9]*\)@.*/\1/p" "$BED"/world/[0-9]* \
	    2>/dev/null | sort -V | tr '\n' ' '
}

world_at world
pf_new out postfix-out
pf_set out "relayhost=$(world_relay world)" enable_long_queue_ids=no \
    mynetworks=127.0.0.0/8 queue_run_delay=300s minimal_backoff_time=300s \
    maximal_backoff_time=300s
pf_new mta
pf_set mta "relayhost=[127.0.0.1]:$(pf_smtp out | sed 's/.*://')" \
    enable_long_queue_ids=no
outpost_chains='own_addresses = ( "127.0.0.1" );'
outpost_config <<END
user = "daemon";
queue: { queue_socket = "$QUEUE_SOCKET"; queue_user = "daemon";
	queue_state_dir = "$QUEUE_STATE";
	instances = ( "postfix=$BED/mta/etc", "postfix-out=$BED/out/etc" ); };
END
# What belongs to outpostd is not in root's directory.
mkdir "$BED/run-outpost"
chown -R daemon "$BED/state" "$BED/run-outpost" "$BED/secret"
sed -i "s|$POLICY_SOCKET|$BED/run-outpost/policy.sock|;
    s|$OUTPOST_SOCKET|$BED/run-outpost/control.sock|" "$OUTPOST_CONF"
OUTPOST_SOCKET=$BED/run-outpost/control.sock
pf_start out
pf_start mta
bed_run outpost-queue systemd-socket-activate --fdname=queue \
    -l "$QUEUE_SOCKET" "$BUILD/outpost-queue" -c "$OUTPOST_CONF"
wait_for 'test -S "$QUEUE_SOCKET"' || die "no socket"
chmod 666 "$QUEUE_SOCKET"
outpost_start
check_eq "outpostd is no root" \
    "$(ps -o user= -p "$(bed_pid outpostd)" | tr -d ' ')" daemon

send alice 'a%d@world.example' -n 5
send carol 'c%d@world.example' -n 2
wait_for '[ "$(queue_counts out)" = "0 7" ]' || die "mail doesn't wait"
op suspend alice@inside.example --for 1h --reason test >/dev/null
check "held where it is now" wait_for '[ "$(queue_counts out)" = "5 2" ]' 10
check "and known" queue_told out
check_has "told with its instance" \
    "$(opc queue alice@inside.example list)" ' postfix-out '
check_has "outpostd may not delete" "$(printf \
    'verb=delete\nreason=x\nmessage=postfix-out %s ask 0 1 0 0 a@b a@b\n\n' \
    C3CD21F3E90 | setpriv --reuid=daemon --clear-groups "$TOOL/unix_talk" \
    "$QUEUE_SOCKET")" '^failed=daemon%20may%20not%20delete'
bed_run world "$TOOL/smtp_world" -d "$BED/world" "$world_ip:$world_port"
wait_port "$world_ip" "$world_port" || die "smtp_world did not start"
op lift alice@inside.example --reason test --release all >/dev/null
check "released: leaves at once" wait_for \
    '[ "$(came a)" = "a1 a2 a3 a4 a5 " ]' 10
check_soon "others wait for the next run" 'queue_counts out' "0 2"
pf_flush out
check "all came, once" wait_for '[ "$(came c)" = "c1 c2 " ]'
