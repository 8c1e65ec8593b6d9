#!/bin/sh
# hooks - programs that are run when an account is stopped or goes on: with fixed
# arguments, nothing of our environment, never for what is only observed; one
# that fails is run again, also after a restart, one that hangs is killed with
# all it started; once for all nodes, or on each
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server

RUNS=$BED/runs

# Writes down how it was called, and fails while there is a reason to.
cat >"$BED/note" <<END
#!/bin/sh
name=\$1 line=\$1
shift
for i in "\$@"; do
	line="\$line [\$i]"
done
printf '%s\n' "\$line" >>"$RUNS" # at once: both hosts write here
env >"$BED/env.\$name"
echo "a line"
[ ! -e "$BED/broken.\$name" ] || {
	cat "$BED/broken.\$name"
	exit 3
}
echo "all done"
END
# Hangs, and so does what it started.
cat >"$BED/hang" <<END
#!/bin/sh
sleep 300 &
echo \$! >"$BED/hanging"
echo "still here"
sleep 300
END
chmod 755 "$BED/note" "$BED/hang"
: >"$RUNS"

start() { # N
	node_config "$1" <<-END
		limits = ( { name = "hour"; window = "1h"; max = 300;
		  action = "suspend"; } );
		hooks = (
		{ name = "each"; on = ("suspended", "held"); command = ("$BED/note",
		  "each$1", "%what", "%account", "%user", "%domain", "%case", "%rule",
		  "%until", "\$(id)"); },
		{ name = "once"; where = "one"; on = ("suspended", "lifted");
		  command = ("$BED/note", "once", "%what", "%account"); },
		{ name = "hang"; accounts = "hang@*"; timeout = "1s"; retry_for = 0;
		  command = "$BED/hang"; } );
	END
	node_start "$1"
}

runs() { # ERE: how often
	grep -cE "$1" "$RUNS"
}

ran() { # ERE N
	wait_for "[ \"\$(runs '$1')\" = $2 ]" 30
}

waits() { # N HOOK: how many wait there
	node_op "$1" hooks --json | sed 's/},/},\n/g' |
	    sed -n "s/.*\"hook\":\"$2\".*\"waiting\":\([0-9]*\).*/\1/p"
}

looked_at() {
	"$BUILD/outpost" --config "$BED/node1/outpost.conf" check 2>&1 |
	    grep hooks
}

redis_start
start 1
check_has "check looks at the programs" "$(looked_at)" \
    '3 programs are there, and are not'
chmod o+w "$BED/hang"
check_has "one that anybody may change" "$(looked_at)" \
    'hook hang: .*/hang: anybody may put another'
chmod 644 "$BED/hang"
check_has "one that can't be run" "$(looked_at)" 'hook hang: .*is no program'
chmod 755 "$BED/hang"
start 2
node_mail 1 anna@example.com 4 100
check "it is observed" wait_for 'node_op 1 events | grep "suspended .*anna"' 15
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]' 15
echo "the panel is down" >"$BED/broken.once"

node_op 1 suspend ben@example.com --for 2h --reason test >/dev/null
check "on each host" ran '^each[12] .*ben' 2
check_has "with what stands for it" "$(grep '^each1' "$RUNS")" \
    '^each1 \[suspended\] \[ben@example.com\] \[ben\] \[example.com\] \[[0-9A-Z]{4}-[0-9A-Z]{4}\] \[operator\] \[20..-..-..T..:..:..Z\] \[\$\(id\)\]$'
case=$(node_op 1 cases --account ben@example.com | grep -o '[0-9A-Z]\{4\}-[0-9A-Z]\{4\}' | head -n 1)
check_has "the case's name" "$(grep '^each1' "$RUNS")" "\[$case\]"
check_soon "nothing of our environment" 'grep -vE "^(PWD|SHLVL|_|OLDPWD)=" \
    "$BED/env.each1" | sort | tr "\n" " "' \
    "LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin "
check_eq "what was only observed runs nothing" "$(runs anna)" 0
check "it stands in the case" wait_for \
    'node_op 1 case "$case" | grep -q "hook each: done.*all done"'
check "one that fails is run again" wait_for '[ "$(runs "^once .*ben")" -ge 2 ]' 30
check_soon_has "and is said to fail" 'node_op 1 hooks; node_op 2 hooks' \
    'once .*the panel is down'

# A restart, while it fails.
node_stop 1 KILL
node_stop 2 KILL
rm "$BED/broken.once"
mv "$RUNS" "$BED/runs.before" # what was started may write yet
: >"$RUNS"
start 1
check "after a restart, too" ran '^once \[suspended\] \[ben@example.com\]' 1
start 2
check "on the other node it is known to be done" wait_for \
    '[ "$(waits 2 once)" = 0 ]' 40
check_eq "once for all nodes" "$(runs '^once')" 1
node_op 2 lift ben@example.com --reason test >/dev/null
check "a lift on the other node" ran '^once \[lifted\] \[ben@example.com\]' 1

# What is over before its turn comes is not run.
echo "down" >"$BED/broken.once"
node_op 1 suspend carl@example.com --reason test >/dev/null
check "failed" wait_for '[ "$(runs "^once .suspended. .carl")" -ge 1 ]' 30
node_op 1 lift carl@example.com --reason test >/dev/null
rm "$BED/broken.once"
check "he is let go" wait_for '[ "$(runs "^once .lifted. .carl")" = 1 ]' 40
check "nothing waits" wait_for '[ "$(waits 1 once)$(waits 2 once)" = 00 ]' 40
check_eq "and isn't locked after it" \
    "$(grep '^once .*carl' "$RUNS" | tail -n 1)" \
    "once [lifted] [carl@example.com]"

node_op 1 suspend hang@example.com --reason test >/dev/null
check "one that hangs is killed" wait_for \
    'node_op 1 events | grep -q "hook hang failed for good.*more than 1 seconds"' 20
check "with what it started" wait_for '! kill -0 "$(cat "$BED/hanging")"' 10
node_op 1 suspend we*ird@example.com --reason test >/dev/null
check "what could be a pattern is no argument" wait_for \
    'node_op 1 events | grep -q "hook each failed.*be an argument"' 20
check_eq "nor run" "$(runs 'we.ird')" 0

# Without Redis.
bed_kill redis
node_op 1 suspend dora@example.com --reason test >/dev/null
check "without Redis it is run where it was decided" ran '^each1 .*dora' 1
check "what runs once, too" ran '^once .*dora' 1
