#!/bin/sh
# page - the owner of a stopped account sees what happened, on any screen and in
# four languages, and answers; a thief, a guesser and a flood get nothing
#
# OUTPOST_SHOTS=FOLDER keeps the pictures.

# axe-core looks for barriers. It comes from the npm registry, where there is
# npm and a network; the bed has none.
if [ -z "${OUTPOST_BED_DIR:-}" ]; then
	axe_dir=${BUILD:-build}/axe
	[ -s "$axe_dir/package/axe.min.js" ] || ! command -v npm >/dev/null || {
		mkdir -p "$axe_dir" && cd "$axe_dir" &&
			timeout 60 npm pack --silent axe-core &&
			tar xzf axe-core-*.tgz
		cd "$OLDPWD" || exit 1
	} >/dev/null 2>&1
fi
. "$(dirname "$0")/lib/bed.sh"
. "$TOP/tests/lib/postfix.sh"
. "$TOP/tests/lib/world.sh"
. "$TOP/tests/lib/redis.sh"
. "$TOP/tests/lib/outpost.sh"
. "$TOP/tests/lib/browser.sh"
bed_need root smtp-sink redis-server curl chromium chromedriver \
    "$TOOL/smtp_send" "$TOOL/web_flood" "$TOOL/link"

ALICE=alice@inside.example BOB=bob@inside.example
EVIL=evil@inside.example
n=0

send() { # LOGIN ARGUMENT...
	login=$1
	shift
	"$TOOL/smtp_send" -x "LOGIN=$login ADDR=203.0.113.7" -f "$login" "$@" \
	    "$(pf_submission mta)" 'user%d@world.example' 2>&1
}

link_of() { # ACCOUNT
	send "$1" | sed -n "s|.*\($page_url[A-Za-z0-9_-]*\).*|\1|p" | head -n 1
}

case_of() { # ACCOUNT
	op case "$1" --json | "$TOOL/json" case
}

state_of() { # ACCOUNT
	op case "$1" --json | "$TOOL/json" state
}

# An event of another node.
tell() { # TYPE ACCOUNT CAUSE MEMBERS
	n=$((n + 1))
	redis_cli redis xadd outpost:events '*' e "{\"type\":\"$1\",
	    \"time\":\"$(date -u +%Y-%m-%dT%H:%M:%S.)$(printf %06d "$n")Z\",
	    \"seq\":$n,\"node\":\"00000000000000aa\",\"kind\":\"account\",
	    \"subject\":\"$2\",\"cause\":\"$3\",\"by\":\"outpost\",$4}" >/dev/null
}

evil_case() {
	at=$(date -u +%Y-%m-%dT%H:%M)
	tell sanction "$EVIL" "$evil" "\"rung\":\"suspended\",\"rule\":\"burst\",
	    \"reason\":\"1890 recipients\",\"until\":\"2999-01-01T00:00:00Z\",
	    \"evidence\":{\"score\":120,\"began\":\"${at%??}00:00Z\"}"
	filed='<script>pwned=1</script><img src=x onerror=pwned=2>'
	tell case-filed "$EVIL" 00000000000000000000000000000e01 "\"file\":\"$evil\",
	    \"rule\":\"messages\",\"evidence\":{\"messages\":[
	    {\"at\":\"$at:00Z\",\"queue_id\":\"4F1\",\"sender\":\"$EVIL\",
	    \"subject\":\"$filed\",\"client\":\"198.51.100.77\",
	    \"country\":\"NG\",\"country_name\":\"Nigeria\",\"recipients\":50,
	    \"to\":[\"anna.muster@klinik.example\",
	    \"\\\"><script>pwned=3</script>@x.example\"]},
	    {\"at\":\"$at:10Z\",\"sender\":\"$EVIL\",\"client\":\"2001:db8::7\",
	    \"subject\":\"Your parcel \\u202e gnp.exe could not be delivered\",
	    \"country\":\"BR\",\"country_name\":\"Brazil\",\"recipients\":420,
	    \"to\":[\"$(printf %0200d 0)@a-domain-without-any-place-to-break.example\"]
	    },{\"at\":\"$at:20Z\",\"recipients\":7,\"client\":\"198.51.100.9\"}]}"
	tell case-filed "$EVIL" 00000000000000000000000000000e02 "\"file\":\"$evil\",
	    \"rule\":\"networks\",\"evidence\":{\"networks\":[
	    {\"net\":\"198.51.100.0/24\",\"country\":\"NG\",\"in_evidence\":true,
	    \"country_name\":\"Nigeria\",\"first\":\"$at:00Z\",\"last\":\"$at:20Z\"},
	    {\"net\":\"192.0.2.0/24\",\"country\":\"CH\",\"is_known\":true,
	    \"country_name\":\"Switzerland\"}]}"
	tell case-filed "$EVIL" 00000000000000000000000000000e03 "\"file\":\"$evil\",
	    \"rule\":\"counts\",\"evidence\":{\"leaked\":1890,\"counts\":[],
	    \"bars\":[0,0,0,2,9,40,130,260,410,398,377,264],
	    \"bars_end\":\"$at:00Z\",\"bar_seconds\":60}"
}

field() { # NAME: of the form in $BED/form
	sed -n "s/.*name=\"$1\" value=\"\([^\"]*\)\".*/\1/p" "$BED/form"
}

get_form() { # LINK WAY
	curl -s -m 10 -c "$BED/jar" -b "$BED/jar" -o "$BED/form" "$1/$2"
}

post() { # LINK WAY DATA...: the status
	url=$1/$2
	shift 2
	curl -s -m 10 -b "$BED/jar" -o "$BED/answer" -w '%{http_code}' "$@" "$url"
}

body() { # URL
	curl -s -m 10 -w '%{http_code}' "$1"
}

has() { # SCRIPT: is its value true?
	[ "$(browser_js "$1")" = true ]
}

text() {
	browser_js 'return document.body.innerText'
}

# Serious faults, as "rule: element", by axe-core.
barriers() {
	browser_js_files "$axe" >/dev/null
	browser_js_later 'var done = arguments[0];
	    axe.run(document).then(r => done(r.violations.filter(v =>
	/serious|critical/.test(v.impact)).map(v => v.id + ": " +
	v.nodes[0].html).join("\n") ||
	(r.passes.length > 5 ? "none" : "nothing was looked at")),
	e => done("" + e))'
}

axe=${BUILD}/axe/package/axe.min.js
check_barriers() { # NAME
	if [ -s "$axe" ]; then
		check_eq "axe: $1" "$(barriers)" none
	else
		skip "axe: $1" "no axe-core (npm, a network)"
	fi
}

fits() { # NAME
	check_eq "$1: no sideways scrolling at 320" \
	    "$(browser_js 'return document.documentElement.scrollWidth')" 320
}

# A sanitizer keeps what was freed for a while.
export ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=4"

# --- the bed ---

redis_start
outpost_redis=unix:$BED/redis.sock
world_sink sink
pf_new mta
pf_set mta "relayhost=$(world_relay sink)"
cat >"$BED/zone" <<'END'
inside.example NS ns.inside.example
inside.example TXT "v=spf1 ip4:192.0.2.99 include:none.inside.example <script>pwned=4</script> -all"
_dmarc.inside.example TXT "v=DMARC1; p=none"
END
bed_run dns "$TOOL/dns_server" "$BED/zone"
wait_for 'grep -q ^127 "$BED/log/dns.out"' || die "no DNS server"
bed_port
page=127.0.0.1:$bed_port page_url=http://127.0.0.1:$bed_port/case/
outpost_config <<END
limits = ( { name = "blast"; window = "10m"; max = 100;
    action = "suspend"; } );
letters: { letters = false; provider = "Inside Mail";
    help_text = "Call +41 44 000 00 00, Monday to Friday from 8 to 18.";
    password_page = "https://account.inside.example/password"; };
page: { page_listen = "$page"; page_url = "$page_url";
    page_network_rate = 600; };
dns: { dns_servers = ( "$(grep ^127 "$BED/log/dns.out")" ); };
domains: { sending_addresses = ( "192.0.2.1" );
    dkim_selectors = ( "s1" ); };
END
outpost_beside mta
pf_start mta
outpost_start
outpost_enforce
evil=deadbeef$(printf %024d 0)
evil_case
for account in $ALICE $BOB; do
	send "$account" -n 30 -m 10 >/dev/null
	check "$account is suspended" wait_for \
	    '[ "$(outpost_standing "$account")" = suspended ]' 20
done

# --- the link ---

check "the refusal has a link" wait_for '[ -n "$(link_of "$ALICE")" ]' 10
alice=$(link_of "$ALICE") bob=$(link_of "$BOB")
line=$(send "$ALICE" | grep '5\.7\.1')
check "within a line of SMTP (${#line} bytes)" test "${#line}" -le 510
check "the table has it, too" wait_for \
    'postmap -c "$BED/mta/etc" -q "$ALICE" "cdb:$BED/state/tables/logins" |
    grep -qF "$alice"' 10
id=$(case_of "$ALICE")
later=$(($(date +%s) + 90000))
revoked=$page_url$("$TOOL/link" "$BED/secret" "$id" $later 1)
good=$page_url$("$TOOL/link" "$BED/secret" "$id" $later 0)
expired=$page_url$("$TOOL/link" "$BED/secret" "$id" 1700000000 0)
nobody=$page_url$("$TOOL/link" "$BED/secret" 0000-0000 $later 0)
check_has "a good one" "$(body "$good")" '^200$|200$'
gone=$(body "$page_url$(printf %032d 0)")
check_has "a forged one is nothing" "$gone" '404$'
check_eq "an expired one is the same" "$(body "$expired")" "$gone"
check_eq "a revoked one is the same" "$(body "$revoked")" "$gone"
check_eq "one of no case is the same" "$(body "$nobody")" "$gone"
check_eq "and one of no length" "$(body "${page_url}x")" "$gone"
head=$(curl -s -D - -o /dev/null "$alice")
for line in "content-security-policy: default-src 'none'; style-src 'sha256-" \
    'frame-ancestors .none' 'referrer-policy: no-referrer' \
    'x-frame-options: deny' 'cache-control: no-store' \
    'x-robots-tag: noindex' 'x-content-type-options: nosniff'; do
	check_has "header: $line" "$(echo "$head" | tr A-Z a-z)" "$line"
done

"$TOOL/web_flood" "inet:$page" 14 100 0 / >"$BED/slow" &
slow=$!

# --- the page, by keyboard, on a small screen ---

check "what it stands on is there" wait_for \
    'curl -s "$alice" | grep -q "203.0.113.0/24"' 20
browser_start
browser_size 320 640
browser_open "$alice"
check_has "it tells who" "$(text)" "Sending from $ALICE is stopped"
check_has "it tells what" "$(text)" '203\.0\.113\.0/24'
fits "the case"
check "its style holds" has 'return getComputedStyle(document.querySelector(
    ".state")).borderRadius == "12px"'
check_barriers "the case"
browser_shot case-320
check "Tab finds It was me" browser_tab_to \
    'return /\/me\?/.test(document.activeElement.href)'
check "the focus is seen" has 'return parseFloat(getComputedStyle(
    document.activeElement).outlineWidth) >= 2'
browser_keys Enter
check "its form" wait_for 'has "return !!document.querySelector(\"#agreed\")"'
fits "the form"
check_barriers "the form"
browser_tab_to 'return document.activeElement.id == "what"'
browser_type 'The invitation <b>to our party</b>'
browser_keys Tab
browser_type 'our "members"'
browser_shot form-320
browser_keys Tab
browser_type 'they joined; ü €'
browser_keys Tab Enter
check "It was me: in review" wait_for '[ "$(state_of "$ALICE")" = review ]'
check "the page says so" wait_for 'text | grep -q "Our team has your answer"'
check_has "the desk has the words" "$(op case "$ALICE" --json)" \
    'The invitation <b>to our party</b>.*our ..members.*they joined; ü €'
fits "in review"
check_barriers "in review"
browser_shot review-320

# --- it was not me; dark; four languages ---

browser_size 390 844
browser_open "$bob"
light=$(browser_js 'return getComputedStyle(document.body).backgroundColor')
browser_media prefers-color-scheme dark
check "dark is dark" test "$light" != \
    "$(browser_js 'return getComputedStyle(document.body).backgroundColor')"
check_barriers "dark"
browser_shot case-dark
browser_open "$bob/not-me?lang=de"
check_has "not me: the password's page" "$(browser_js 'return document.links[5].href +
    document.body.innerHTML')" 'https://account\.inside\.example/password'
check_barriers "not me, dark"
browser_shot not-me-dark
browser_js 'document.querySelector("form button").focus()' >/dev/null
browser_keys Enter
check "It was not me: the password" wait_for '[ "$(state_of "$BOB")" = password ]'
check "the page says so, in German" wait_for \
    'text | grep -q "Wir warten auf das neue Passwort"'
check_barriers "waiting for the password, dark"
browser_shot password-dark
browser_media prefers-color-scheme light
for lang in "de Das Senden von" "fr L’envoi depuis" "it L’invio da" \
    "en Sending from"; do
	browser_open "$bob?lang=${lang%% *}"
	check_has "in ${lang%% *}" "$(text)" "${lang#* } $BOB"
	check_eq "it says its language" \
	    "$(browser_js 'return document.documentElement.lang')" "${lang%% *}"
done
check_has "as the browser asks" \
    "$(curl -s -H 'Accept-Language: it-CH, de;q=0.5' "$bob")" 'lang="it"'
browser_open "$bob/human?lang=fr"
check_barriers "human"
browser_shot human-fr

# --- the health of a domain ---

domain=$(op domain link inside.example | sed 's/ .*//')
check_has "a link to it" "$domain" "^$page_url.*/inside\\.example\$"
check_has "not for another domain" "$(body "${domain%/*}/other.example")" '404$'
check_has "nor by a case's token" \
    "$(body "$page_url${bob##*/}/inside.example")" '404$'
browser_size 320 640
for lang in "de Kann man Mails von" "fr Peut-on se fier aux" \
    "it Ci si può fidare dei" "en Can mail from"; do
	browser_open "$domain?lang=${lang%% *}"
	check_has "the domain in ${lang%% *}" "$(text)" "${lang#* }"
	check_barriers "the domain in ${lang%% *}"
done
check_has "what is wrong" "$(text)" 'It refers to none\.inside\.example'
check_has "the record as it is" "$(text)" '<script>pwned=4</script>'
check_has "what would be right" "$(text)" 'v=spf1 .*ip4:192\.0\.2\.1'
fits "the domain"
browser_shot domain-320
browser_media prefers-color-scheme dark
check_barriers "the domain, dark"
browser_shot domain-dark
browser_media prefers-color-scheme light
new=$(op domain link inside.example --revoke | sed 's/ .*//')
check_has "a link that was revoked is no good any more" "$(body "$domain")" \
    '404$'
check_has "the new one is" "$(body "$new")" '200$'
check_has "it stands in the history" "$(op events)" \
    'domain-set revoke +domain:inside.example'
check_soon_has "the case says how its domain is" 'op case "$BOB"' \
    'inside.example  SPF red, DKIM red, DMARC amber'

# --- hostile texts ---

evil_id=$(case_of "$EVIL")
evil_link=$page_url$("$TOOL/link" "$BED/secret" "$evil_id" $later 0)
check "a case of another node" wait_for 'curl -s "$evil_link" |
    grep -q "pwned=1"' 10
browser_size 320 640
browser_open "$evil_link"
check_has "they are text" "$(text)" '<script>pwned=1</script><img src=x'
check_eq "nothing runs, nothing is loaded" "$(browser_js 'return [
    typeof pwned, document.scripts.length, document.images.length,
    performance.getEntriesByType("resource").length].join()')" \
    undefined,0,0,0
check_eq "recipients are known by half" "$(text | grep -c muster)" 0
check_eq "where the owner is at home is nobody's business" \
    "$(text | grep -cE 'Switzerland|192\.0\.2')" 0
fits "long words"
check_barriers "hostile texts"
browser_shot hostile-320
browser_size 1100 900
browser_open "$evil_link?lang=de"
check_barriers "wide"
browser_shot case-wide-de

# --- forms that aren't ours, or twice ---

get_form "$evil_link" me
data="form=$(field form)&what=a&to=b&agreed=c"
check_eq "a form without the cookie" "$(curl -s -o "$BED/answer" \
    -w '%{http_code}' -d "$data&once=$(field once)" "$evil_link/me")" 403
check_has "keeps what was typed" "$(cat "$BED/answer")" '>a</textarea>'
check_eq "a form with another's code" "$(post "$evil_link" me -d \
    "form=AAAAAAAAAAAAAAAAAAAAAA&once=$(field once)&what=a&to=b&agreed=c")" 403
check_eq "a form of another site" "$(post "$evil_link" me -H \
    'Sec-Fetch-Site: cross-site' -d "$data&once=$(field once)")" 403
check_eq "a question without answer" "$(post "$evil_link" me -d \
    "form=$(field form)&once=$(field once)&what=a&to=+&agreed=c")" 422
check_eq "a long answer" "$(post "$evil_link" me -d \
    "$data&once=$(field once)$(printf %01000d 0)")" 422
check_eq "what is no form" "$(post "$evil_link" me -H \
    'Content-Type: text/plain' -d "$data&once=$(field once)")" 415
check_eq "a large one" "$(head -c 40000 /dev/zero | tr '\0' a |
    post "$evil_link" me --data-binary @-)" 413
check_eq "nothing was answered" "$(state_of "$EVIL")" open
check_eq "a good one" "$(post "$evil_link" me -d "$data&once=$(field once)" \
    -H 'X-Forwarded-For: 10.9.9.9, 198.51.100.77')" 303
check_eq "the same again" "$(post "$evil_link" me -d "$data&once=$(field once)")" 303
check_eq "is one answer" "$(op case "$EVIL" --json | grep -o '"agreed":"c"' |
    wc -l)" 1
check_has "it came from where the mail came from" \
    "$(op case "$EVIL" --json)" '"client":"198\.51\.100\.77".*"in_evidence":true'
check_eq "which lifts nothing" "$(state_of "$EVIL")" review
check_eq "nobody lifts it" "$(outpost_standing "$EVIL")" suspended

# --- a flood ---

rss() {
	awk '/^VmRSS/ { print $2 }' "/proc/$(bed_pid outpostd)/status"
}
before=$(rss)
wait "$slow" # who sends slowly has his ten seconds unless others want the place
"$TOOL/web_flood" "inet:$page" 4 400 0 / >"$BED/many" &
many=$!
out=$("$TOOL/web_flood" "inet:$page" 3 0 16 "/case/${evil_link##*/}" \
    'X-Forwarded-For: 198.18.%d.1')
echo "# $out"
check_has "in a flood of slow ones the page is there" "$out" \
    '^good [1-9][0-9]+ failed [0-9]{1,2} status_2xx [1-9][0-9]'
check_has "policy answers meanwhile" "$(send carol@inside.example)" '^END 250'
wait "$many"
echo "# $(cat "$BED/slow"), $before kB before, $(rss) kB after"
check_has "a header a second is cut after ten" "$(cat "$BED/slow")" \
    'slow_cut [1-9][0-9]* longest_ms 1[0-3][0-9]{3}'
check_has "many make room" "$(cat "$BED/many")" 'slow_cut [1-9][0-9]{2}'
check "memory is bounded" test "$(($(rss) - before))" -lt 30000
flood() {
	"$TOOL/web_flood" "inet:$page" 1 0 40 /case/x \
	    'X-Forwarded-For: 198.19.1.1' >/dev/null
	curl -s -o /dev/null -w '%{http_code}' \
	    -H 'X-Forwarded-For: 198.19.1.9' "$alice"
}
check "one network is slowed down" wait_for '[ "$(flood)" = 429 ]' 20
check_has "not another" \
    "$(curl -s -o /dev/null -w '%{http_code}' -H 'X-Forwarded-For: 198.19.2.9' "$alice")" 200
[ -z "${OUTPOST_SHOTS:-}" ] || cp "$BED"/shots/* "$OUTPOST_SHOTS"/
