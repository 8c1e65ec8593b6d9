#!/bin/sh
# demo_ends - the demo tells its story to its end
. "$(dirname "$0")/lib/bed.sh"
bed_need root postfix dovecot redis-server curl "$TOOL/smtp_send" \
    "$TOOL/smtp_world" "$TOOL/http_sink"

check "each step of it happens" sh "$TOP/tests/demo.sh"
cp "$BED/check.out" "$BED/log/demo.out"
check_has "to its end" "$(cat "$BED/log/demo.out")" '^== That was it, '
