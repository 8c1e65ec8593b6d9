# browser - Chromium, driven by WebDriver (W3C) with curl
#
# browser_start               one window, phone size 390 x 844
# browser_open URL            waits until it is loaded
# browser_js SCRIPT           the value that it returns; scripts are a
#                             function's body and run beside the page's policy
# browser_size WIDTH HEIGHT   of the viewport
# browser_media NAME VALUE    prefers-color-scheme dark
# browser_keys KEY...         as from a keyboard: Tab Enter Space, or a letter
# browser_type TEXT           into what has the focus
# browser_shot NAME           $BED/shots/NAME.png, the whole page
#
# Needs $TOOL/json.

browser_ask() { # METHOD PATH [JSON]
	printf '%s' "${3:-}" >"$BED/browser.in"
	case $1 in
	GET | DELETE) curl -s -m 60 -X "$1" "$browser_url$2" ;;
	*) curl -s -m 60 -H 'Content-Type: application/json' \
	    --data-binary "@$BED/browser.in" "$browser_url$2" ;;
	esac >"$BED/browser.out" || return 1
	! "$TOOL/json" value.error <"$BED/browser.out" 2>/dev/null
}

browser_value() { # [PATH below value]
	"$TOOL/json" "value${1:+.$1}" <"$BED/browser.out"
}

browser_start() {
	mkdir -p "$BED/shots" "$BED/home" "$BED/profile"
	bed_port
	browser_url=http://127.0.0.1:$bed_port
	HOME=$BED/home TMPDIR=$BED/home bed_run chromedriver chromedriver \
	    --port="$bed_port" --log-level=SEVERE
	wait_for 'curl -s -m 2 "$browser_url/status" | grep -q ready' 20 ||
		die "chromedriver does not answer"
	browser_ask POST /session '{"capabilities":{"alwaysMatch":{
	    "goog:chromeOptions":{"binary":"'"$(command -v chromium)"'",
	    "args":["--headless=new","--no-sandbox","--disable-gpu",
	    "--disable-dev-shm-usage","--hide-scrollbars",
	    "--force-color-profile=srgb",
	    "--user-data-dir='"$BED/profile"'"]}}}}' ||
		die "no browser: $(head -c 400 "$BED/browser.out")"
	browser_url=$browser_url/session/$(browser_value sessionId)
	browser_size 390 844
}

browser_cdp() { # COMMAND PARAMETERS
	browser_ask POST /goog/cdp/execute "{\"cmd\":\"$1\",\"params\":$2}"
}

browser_size() { # WIDTH HEIGHT
	browser_cdp Emulation.setDeviceMetricsOverride "{\"width\":$1,
	    \"height\":$2,\"deviceScaleFactor\":1,\"mobile\":false}"
}

browser_media() { # NAME VALUE
	browser_cdp Emulation.setEmulatedMedia "{\"features\":[
	    {\"name\":\"$1\",\"value\":\"$2\"}]}"
}

browser_open() { # URL
	browser_ask POST /url "{\"url\":$(printf %s "$1" | "$TOOL/json" -e)}"
}

browser_js() { # SCRIPT
	browser_ask POST /execute/sync "{\"args\":[],\"script\":$(
		printf %s "$1" | "$TOOL/json" -e)}" && browser_value
}

# A script from files: too long for a command line.
browser_js_files() { # FILE...
	{
		printf '{"args":[],"script":'
		cat "$@" | "$TOOL/json" -e
		printf '}'
	} >"$BED/browser.script"
	curl -s -m 120 -H 'Content-Type: application/json' --data-binary \
	    "@$BED/browser.script" "$browser_url/execute/sync" \
	    >"$BED/browser.out" && browser_value
}

browser_js_later() { # SCRIPT: calls arguments[0] when it is done
	browser_ask POST /execute/async "{\"args\":[],\"script\":$(
		printf %s "$1" | "$TOOL/json" -e)}" && browser_value
}

browser_keys() { # KEY...
	browser_actions=
	for browser_key in "$@"; do
		case $browser_key in
		Tab) browser_key='\ue004' ;;
		Enter) browser_key='\ue007' ;;
		Space) browser_key=' ' ;;
		esac
		browser_actions="$browser_actions,{\"type\":\"keyDown\",
		    \"value\":\"$browser_key\"},{\"type\":\"keyUp\",
		    \"value\":\"$browser_key\"}"
	done
	browser_ask POST /actions "{\"actions\":[{\"type\":\"key\",\"id\":\"k\",
	    \"actions\":[${browser_actions#,}]}]}"
}

browser_type() { # TEXT
	browser_ask GET /element/active &&
	    browser_element=$("$TOOL/json" value <"$BED/browser.out" |
		sed 's/.*:"\(.*\)".*/\1/') &&
	    browser_ask POST "/element/$browser_element/value" \
		"{\"text\":$(printf %s "$1" | "$TOOL/json" -e)}"
}

# Tab until a script is true, at most so often.
browser_tab_to() { # SCRIPT [TIMES=60]
	browser_n=0
	while [ "$browser_n" -lt "${2:-60}" ]; do
		browser_keys Tab
		[ "$(browser_js "$1")" = true ] && return 0
		browser_n=$((browser_n + 1))
	done
	return 1
}

browser_shot() { # NAME
	browser_cdp Page.captureScreenshot \
	    '{"format":"png","captureBeyondViewport":true}' &&
	    browser_value data | base64 -d >"$BED/shots/$1.png"
}
