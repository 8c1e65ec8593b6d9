#!/bin/sh
# directory - classes by plan and limits by age, from each kind of directory:
# patterns, a command, a Redis hash, HTTP; slow, hanging and lying ones delay
# nothing and change nothing; what was said once outlives a restart and a
# directory that is gone, and holds on the other node, too
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/nodes.sh"
bed_need redis-server perl

# A panel: by the account's name it answers, late, never, or nonsense.
cat >"$BED/panel" <<'END'
use IO::Socket::INET;
my ($port, $log) = @ARGV;
my $s = IO::Socket::INET->new(LocalAddr => "127.0.0.1", LocalPort => $port,
    Listen => 50, ReuseAddr => 1) or die;
$SIG{CHLD} = "IGNORE";
while (my $c = $s->accept) {
	next if fork;
	my ($line, $token) = (scalar <$c>, "");
	while (my $head = <$c>) {
		$token = $1 if $head =~ /^Authorization: Bearer (\S+)/i;
		last if $head =~ /^\r?$/;
	}
	my ($who) = $line =~ /account=(\S+)/;
	$who =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
	open(my $out, ">>", $log);
	print $out "$who $token\n";
	close $out;
	my $body = '{"plan":"basic","created":"2020-01-01"}';
	my $status = "200 OK";
	$body = '{"plan":"pro-2026"}' if $who =~ /^pro/;
	$body = '{"plan":"pro-2026","created":"' . (sprintf "%04d-%02d-%02d",
	    (gmtime)[5] + 1900, (gmtime)[4] + 1, (gmtime)[3]) . '"}'
	    if $who =~ /^young/;
	sleep 3 if $who =~ /^slow/;
	sleep 60 if $who =~ /^hang/;
	$body = '{"plan":["basic"]}' if $who =~ /^liar/;
	$body = '{"plan":"basic"' if $who =~ /^half/;
	$body = '{"plan":"basic","x":"' . "a" x 200000 . '"}' if $who =~ /^long/;
	$status = "302 Found\r\nLocation: http://127.0.0.1:$port/?account=x"
	    if $who =~ /^moved/;
	$status = "404 Not Found" if $who =~ /^nobody/;
	print $c "HTTP/1.1 $status\r\nConnection: close\r\nContent-Length: " .
	    length($body) . "\r\n\r\n$body";
	exit;
}
END
cat >"$BED/command" <<END
#!/bin/sh
echo "\$1" >>"$BED/asked.command"
case \$1 in
pro*) echo '{"plan": "pro-1"}' ;;
*) echo '{}' ;;
esac
END
chmod 755 "$BED/command"

config() { # N DIRECTORY
	node_config "$1" <<-END
		classes = ( { name = "basic"; plans = "basic"; },
		  { name = "pro"; plans = ("pro-*", "gold"); usual = 5000; },
		  { name = "bulk"; accounts = "*@news.example"; plans = "none"; } );
		limits = (
		{ name = "basic-hour"; class = "basic"; window = "1h"; max = 20; },
		{ name = "pro-hour"; class = "pro"; window = "1h"; max = 400; },
		{ name = "young"; window = "1h"; max = 10; younger_than = "30d"; } );
		owners = ( { accounts = "*@firm.example"; plan = "gold"; } );
		directory: { $2 directory_timeout = "5s"; };
	END
}

class() { # N ACCOUNT
	node_op "$1" why "$2" 2>/dev/null | sed -n 's/^class *//p'
}

becomes() { # N ACCOUNT ERE
	wait_for "class $1 $2 | grep -qE '$3'" 15
}

other() { # DIRECTORY: another one
	sed -i "s#^.*directory: {.*#directory: { $1 directory_timeout = \"5s\"; };#" \
	    "$BED/node1/outpost.conf"
}

reload() { # DIRECTORY
	other "$1"
	node_op 1 reload >/dev/null || fail reload "$1"
}

redis_start
bed_port
PANEL=$bed_port
: >"$BED/asked"
printf 'secret-token' >"$BED/token"
bed_run panel perl "$BED/panel" "$PANEL" "$BED/asked"
bed_port
NOBODY=$bed_port
HTTP="directory_url = \"http://127.0.0.1:$PANEL/owner?account=%a\"; directory_token = \"secret-token\";"
config 1 "$HTTP"
config 2 "directory_url = \"http://127.0.0.1:$NOBODY/owner?account=%a\";"
node_start 1
node_start 2
node_op 1 mode enforce --reason test >/dev/null
wait_for '[ "$(node_status 2 mode)" = enforce ] && [ "$(node_status 2 nodes)" = 2 ]' 15

# HTTP.
node_mail 1 anna@a.example 1 5
check "HTTP: a class by the plan" becomes 1 anna@a.example \
    '^basic \(by its plan\), plan basic, created 2020-01-01'
check_has "with the token" "$(cat "$BED/asked")" \
    '^anna@a.example secret-token$'
node_mail 1 anna@a.example 1 30
node_mail 1 pro@a.example 1 5
check "another plan" becomes 1 pro@a.example '^pro \(by its plan\), plan pro-2026'
node_mail 1 pro@a.example 1 30
check "the limit of its class holds" wait_for \
    '[ "$(node_standing 1 anna@a.example)" = throttled ]'
check_eq "not of others" "$(node_standing 1 pro@a.example)" good
node_mail 1 young@a.example 1 1
check "asked" becomes 1 young@a.example 'plan pro'
node_mail 1 young@a.example 1 15
check "young, as the directory knows" wait_for \
    '[ "$(node_standing 1 young@a.example)" = throttled ]'
node_mail 1 x@news.example 1 1
check "asked about him" wait_for 'grep -q news.example "$BED/asked"'
check "a pattern goes before a plan" becomes 1 x@news.example \
    '^bulk \(by its pattern\), plan basic'
node_mail 1 x@firm.example 1 1
check "the panel's word goes before that of owners" becomes 1 x@firm.example \
    '^basic'
check_eq "asked once each" \
    "$(sort "$BED/asked" | uniq -d | wc -l)" 0
check "the other node knows it" becomes 2 anna@a.example '^basic'
for i in nobody liar half long moved; do
	node_mail 1 "$i@a.example" 1 1
done
node_mail 1 hang@a.example 1 1
node_mail 1 slow@a.example 1 1
check_eq "meanwhile it reads on" "$(now_ms >"$BED/began"
wait_for '[ "$(node_counts 1 slow@a.example recipients)" = 1 ]' 10
[ $(($(now_ms) - $(cat "$BED/began"))) -lt 2500 ] && echo soon)" soon
check "a slow one is heard" becomes 1 slow@a.example '^basic'
for i in nobody liar half long moved hang; do
	check_eq "$i: nothing is believed" "$(class 1 $i@a.example)" person
done
check "it is said" grep -q 'directory of owners: ' "$BED/log/node1.out"

# A command, and patterns alone.
reload "directory_command = \"$BED/command\";"
node_mail 1 pro@c.example 1 1
check "a command" becomes 1 pro@c.example '^pro .*plan pro-1$'
node_mail 1 y@firm.example 1 1
check "it knows nothing: the patterns hold" becomes 1 y@firm.example \
    '^pro .*plan gold$'
check_has "the panel's word is kept" "$(class 1 anna@a.example)" '^basic'

# A Redis hash.
redis_cli redis HSET owner:pro@r.example plan pro-3 created 2021-05-05 >/dev/null
redis_cli redis HSET owner:bad@r.example plan pro-3 created yesterday >/dev/null
reload 'directory_key = "owner:%a";'
node_mail 1 pro@r.example 1 1
node_mail 1 bad@r.example 1 1
check "a Redis hash" becomes 1 pro@r.example '^pro .*plan pro-3, created 2021-05-05'
check_eq "a bad field makes all of it bad" "$(class 1 bad@r.example)" person

# Gone, over a restart.
node_stop 1
other "directory_url = \"http://127.0.0.1:$NOBODY/%a\";"
node_start 1
check "after a restart, and with the directory gone" becomes 1 pro@c.example \
    '^pro .*plan pro-1$'
node_mail 1 pro@c.example 1 1
check_has "and it stays" "$(class 1 pro@c.example)" '^pro .*plan pro-1$'
check_has "as JSON" "$(node_op 1 why pro@c.example --json)" \
    '"class":"pro","class_by":"plan","plan":"pro-1"'
