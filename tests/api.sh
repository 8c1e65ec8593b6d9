#!/bin/sh
# api - the HTTP API: accounts, standings, cases and what is decided about them,
# by tokens with scopes; what is changed is done once, tells who did it, and
# outlives a crash; etc/openapi.json tells what the program has
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/outpost.sh"
bed_need root redis-server curl jq

# A sanitizer keeps what was freed for a while.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=4"

TOKEN=0123456789abcdef0123
ANN=ann@inside.example

api() { # TOKEN METHOD PATH [BODY [HEADER]]: the answer, its status behind
	curl -s -w ' %{http_code}' -H "Authorization: Bearer $TOKEN$1" \
	    -H "${5:-X-None: 1}" -X "$2" ${4:+-d "$4"} "http://$API/v1/$3" |
	    tr -d '\n' | tee "$BED/answer"
	echo "$2 /v1/${3%%\?*} $(tail -c 3 "$BED/answer")" >>"$BED/answered"
}

# Answered with 200 and all members that the description requires, of their
# types.
as_told() { # NAME PATH METHOD PATTERN [BODY]
	as_told=$(api all "$(echo "$3" | tr a-z A-Z)" "$2" ${5:+"$5"})
	check_has "$1" "$as_told" ' 200$'
	check_eq "$1, as it is described" "$(echo "${as_told% 200}" | jq -r \
	    --slurpfile d "$TOP/etc/openapi.json" --arg p "/v1/$4" --arg m "$3" '
	    . as $a | $d[0] as $d
	    | $d.paths[$p][$m].responses["200"].content["application/json"]
		.schema["$ref"] | split("/")[-1] | $d.components.schemas[.]
	    | . as $s | $s.required[] | select(($a[.] | type) !=
		($s.properties[.].type))')" ''
}

check_eq "the description has what the program has, and nothing else" \
    "$(jq -r '.paths | to_entries[] | .key as $p | .value | keys[] |
	"\(ascii_upcase) \($p)"' "$TOP/etc/openapi.json" | sort)" \
    "$({
	sed -n 's/^API(\([A-Z]*\), "\([^"]*\)".*/\1 \2/p' \
	    "$TOP/daemon/api_routes.def"
	sed -n 's/.*web_route(w, HTTP_\([A-Z]*\), "\([^"]*\)".*/\1 \2/p' \
	    "$TOP/daemon/app_xarf.c" "$TOP/daemon/app_auth_policy.c"
    } | sort)"
check_eq "with the same scopes" \
    "$(jq -r '.paths | to_entries[] | select(.key | startswith("/v1/")) |
	.key as $p | .value | to_entries[] | "\(.key | ascii_upcase) \($p) " +
	(.value.description | capture("Scope: (?<s>[a-z]+)").s)' \
	"$TOP/etc/openapi.json" | sort)" \
    "$(sed -n 's/^API(\([A-Z]*\), "\([^"]*\)", \([A-Z]*\),.*/\1 \2 \3/p' \
	"$TOP/daemon/api_routes.def" | while read -r method path scope; do
	echo "$method $path $(echo "$scope" | tr A-Z a-z)"
    done | sort)"
check_eq "with the same parameters and members" \
    "$(jq -r '.paths | to_entries[] | select(.key | startswith("/v1/")) |
	.value[] | [((.parameters[]? | select(.in == "query") | .name)),
	(.requestBody.content["application/json"].schema.properties // {} |
	keys_unsorted[])] | sort | join(" ")' "$TOP/etc/openapi.json" | sort)" \
    "$(sed -n 's/^API(.*, "\([^"]*\)")$/\1/p' "$TOP/daemon/api_routes.def" |
	while read -r line; do
		echo "$line" | tr -d = | tr ' ' '\n' | sort | paste -sd ' '
	done | sort)"

bed_port
API=127.0.0.1:$bed_port
for i in all read login open; do
	(umask 077 && echo "$TOKEN$i" >"$BED/$i")
done
chmod 644 "$BED/open"
outpost_config <<-END
	api: { api_listen = "$API";
		api_tokens = ( "panel:read+decide+password=$BED/all",
		"eyes:read=$BED/read", "dovecot:login=$BED/login",
		"open:read=$BED/open" ); };
END
outpost_start
outpost_enforce
op suspend $ANN --reason spam >/dev/null
op suspend bob@inside.example --reason spam >/dev/null

as_told "health" health get health
as_told "an account" accounts/ann%40inside.example get 'accounts/{name}'
as_told "standings" standings get standings
check_has "both stand there" "$as_told" 'ann@inside.*bob@inside|bob@inside.*ann@inside'
as_told "cases" 'cases?state=open' get cases
check_has "both are there" "$as_told" 'ann@inside'
as_told "a case" "cases/$ANN" get 'cases/{id}'
CASE=$(echo "${as_told% 200}" | jq -r .case)
as_told "complaints" complaints get complaints
as_told "a note" "cases/$CASE/note" post 'cases/{id}/note' '{"text":"x y"}'
for i in 1 2; do
	check_has "one with a key, asked $i times" "$(api all POST \
	    "cases/$CASE/note" '{"text":"only once"}' 'Idempotency-Key: k1')" \
	    "\"case\":\"$CASE\".* 200$"
done
check_eq "is noted once" "$(op case "$CASE" --json | grep -o 'only once' |
	wc -l)" 1
check_has "by whom, and what" "$(op events $ANN)" 'only once.*api:panel|api:panel.*only once'

check_has "no token" "$(api x GET health)" '"error":.* 401$'
check_has "a token that others may read" "$(api open GET health)" ' 401$'
check_has "without the scope to decide" \
    "$(api read POST "cases/$CASE/approve" '{}')" '"error":.* 403$'
check_has "nor to look" "$(api login GET cases)" '"error":.* 403$'
check_has "no such account" "$(api all GET accounts/nobody%40x.example)" \
    '"error":.* 404$'
check_has "no such case" "$(api all GET cases/AAAA-AAAA)" '"error":.* 404$'
check_has "no such path" "$(api all GET x)" '"error":.* 404$'
check_has "another method" "$(api all POST cases '{}')" '"error":.* 405$'
check_has "no JSON" "$(api all POST "cases/$CASE/deny" '{')" \
    '"error":.* 400$'
check_has "a member that is unknown" \
    "$(api all POST "cases/$CASE/deny" '{"x":"y"}')" '"error":.*x.* 400$'
check_has "an option that isn't its own" \
    "$(api all GET "cases?full=")" '"error":.* 400$'
check_has "deny needs a reason" "$(api all POST "cases/$CASE/deny" '{}')" \
    '"error":.*reason.* 400$'

check_has "approved" "$(api all POST "cases/$CASE/approve" \
    '{"reason":"phone","innocent":true}')" '"state":"approved".* 200$'
check_eq "she may send" "$(outpost_standing $ANN)" good
check_has "once" "$(api all POST "cases/$CASE/approve" '{}')" \
    '"error":.* 409$'
check_has "denied" "$(api all POST cases/bob@inside.example/deny \
    '{"reason":"no"}')" '"state":"denied".* 200$'
check_has "a password changed" "$(api all POST \
    accounts/bob@inside.example/password-changed '{"client":"192.0.2.1"}')" \
    '"case":.* 200$'
bed_kill outpostd KILL
outpost_start
check_has "after a crash all of it is known" \
    "$(api all GET "cases/$CASE")" '"state":"approved"'

# What was answered above, each status, is described.
check_eq "each status that it answers is described" \
    "$(sort -u "$BED/answered" | jq -rR --slurpfile d "$TOP/etc/openapi.json" '
	split(" ") as [$m, $p, $status]
	| [$d[0].paths | to_entries[] | (.key | gsub("\\{[a-z]+\\}"; "[^/]+")) as $re
	    | select($p | test("^" + $re + "$")) | .value[$m | ascii_downcase]
	    | select(.)] as $found
	| select(($found | length) > 0 and
	    ([$found[].responses | has($status)] | any | not))')" ""

# Many at once.
rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$(bed_pid outpostd)/status"
}
before=$(rss)
"$TOOL/web_flood" "inet:$API" 4 300 0 /v1/health >"$BED/slow" &
slow=$!
out=$("$TOOL/web_flood" "inet:$API" 3 0 16 "/v1/cases/$CASE" \
    "Authorization: Bearer ${TOKEN}all")
check_has "in a flood of slow ones it answers" "$out" \
    '^good [1-9][0-9]+ failed [0-9]{1,2} status_2xx [1-9][0-9]'
wait "$slow"
check_has "slow headers make room" "$(cat "$BED/slow")" 'slow_cut [1-9][0-9]'
echo "# $out; $(cat "$BED/slow"), $before kB before, $(rss) kB after"
check "memory is bounded" test "$(($(rss) - before))" -lt 30000
check_eq "a token stands in no log" \
    "$(grep -lF "$TOKEN" "$BED"/log/outpostd*.out)" ''
