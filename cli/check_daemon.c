/* check_daemon - what only outpostd knows, and who may drop lines on the way
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/check_parts.h"
#include "notify/letter.h"
#include "notify/webhook.h"

enum { CONF_MAX = 256 * 1024, BEHIND = 1 << 20 };

struct json *
check_ask(struct check *c, enum command_id command, struct error *err)
{
	struct client_line line = {.is_json = true, .command = command};
	const char *socket = c->line->socket
				 ? c->line->socket
				 : c->settings->daemon.control_socket;
	struct json *answer = client_ask(&line, socket, err);
	struct json *doc =
	    answer ? json_parse(json_text(json_get(answer, "out")), err) : NULL;

	json_free(&answer);
	return doc;
}

static void
check_place(struct check *c, const struct json *status)
{
	int64_t behind = json_number(json_get(status, "log_bytes_behind"), 0);
	int64_t other =
	    json_number(json_get(status, "log_lines_not_understood"), 0);
	int64_t lines = json_number(json_get(status, "log_lines"), 0);

	if (behind > BEHIND)
		check_say(c, CHECK_WARN, "outpostd", "outpost status",
		    "%lld bytes of log not yet read: limits are late",
		    (long long)behind);
	else if (lines > 1000 && other * 2 > lines)
		check_say(c, CHECK_WARN, "outpostd", "outpost explain log FILE",
		    "%lld of %lld log lines were not understood",
		    (long long)other, (long long)lines);
	else
		check_say(c, CHECK_OK, "outpostd", NULL,
		    "runs, and has read the log");
}

static void
check_state(struct check *c, const struct json *status)
{
	struct str redis = json_text(json_get(status, "redis"));

	if (!str_is(json_text(json_get(status, "books")), STR("ok")))
		check_say(c, CHECK_FAIL, "books",
		    "df -h; journalctl -u outpostd",
		    "the books can't be written: a crash would lose counts");
	if (str_is(redis, STR("refusing")))
		check_say(c, CHECK_FAIL, "redis", "redis-cli info persistence",
		    "it takes no records from outpostd: other hosts and "
		    "letters wait");
	else if (!str_is(redis, STR("up")))
		check_say(c, CHECK_FAIL, "redis", "journalctl -u outpostd",
		    "outpostd has no connection to it: other hosts and "
		    "letters wait");
	if (str_is(json_text(json_get(status, "mode")), STR("observe")))
		check_say(c, CHECK_WARN, "mode",
		    "outpost mode enforce --reason 'looked at it'",
		    "observe: verdicts are told, none takes effect");
}

/* What needs a person now, told by mail alone, waits until somebody reads it;
 * and it may be the mail that doesn't work. */
static void
check_alerts(struct check *c)
{
	const struct event alarm = {.type = EVENT_ALARM, .rule = "brake"};

	for (size_t i = 0; i < c->settings->n_webhooks; i++) {
		if (webhook_wants(&c->settings->webhooks[i], &alarm)) {
			check_say(c, CHECK_OK, "alerts", NULL,
			    "are told to the webhook %s",
			    c->settings->webhooks[i].name);
			return;
		}
	}
	check_say(c, CHECK_WARN, "alerts",
	    "webhooks = ( { name = \"desk\"; url = \"https://...\"; events = "
	    "( \"alarm\" ); } );   (outpost webhooks test desk)",
	    "no webhook is told of alarms (a brake that trips, lost log lines): "
	    "mail alone pages nobody");
}

/* The operator's own texts of letters. */
static void
check_texts(struct check *c)
{
	const struct notify_settings *s = &c->settings->notify;
	struct error err;
	struct template_set *forms =
	    letter_forms(s->templates, s->language, &err);

	if (!forms)
		check_say(c, CHECK_FAIL, "letters", "outpostd -t",
		    "%s: after a restart letters have the built-in texts",
		    err.text);
	else if (*s->templates)
		check_say(c, CHECK_OK, "letters", NULL,
		    "the texts in %s are good", s->templates);
	template_set_free(&forms);
}

void
check_daemon(struct check *c)
{
	struct error err;

	check_alerts(c);
	check_texts(c);
	check_hooks(c);
	struct json *status = check_ask(c, COMMAND_ID_status, &err);

	if (!status) {
		check_say(c, CHECK_FAIL, "outpostd", "systemctl start outpostd",
		    "%s: nothing is counted, no limit holds", err.text);
		return;
	}
	check_place(c, status);
	check_state(c, status);
	json_free(&status);
	check_ips(c);
}

/* Rate limits of the logging system: what it drops was never sent, for us. */

static void
read_all(const char *pattern, struct text *out)
{
	char buf[4096];
	glob_t g;
	size_t n;

	if (glob(pattern, 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc; i++) {
		FILE *f = fopen(g.gl_pathv[i], "r");

		while (f && (n = fread(buf, 1, sizeof(buf), f)) > 0)
			text_bytes(out, buf, n);
		if (f)
			fclose(f);
		text_char(out, '\n');
	}
	globfree(&g);
}

/* The last value of a key, comments apart; empty when there is none. */
static struct str
find_value(struct str conf, const char *key)
{
	struct str line, found = STR("");

	while (str_cut(&conf, '\n', &line)) {
		line = str_trim(line);
		if (!str_take(&line, str_from(key)))
			continue;
		line = str_trim(line);
		if (str_take(&line, STR("=")))
			found = str_trim(line);
	}
	return found;
}

static void
check_journald(struct check *c)
{
	struct text t;

	if (access("/run/systemd/journal/socket", F_OK) != 0 &&
	    access("/etc/systemd/journald.conf", F_OK) != 0)
		return;
	text_grow(&t, CONF_MAX);
	read_all("/etc/systemd/journald.conf", &t);
	read_all("/etc/systemd/journald.conf.d/*.conf", &t);
	struct str burst = find_value(text_view(&t), "RateLimitBurst");
	struct str every = find_value(text_view(&t), "RateLimitIntervalSec");

	if (str_is(burst, STR("0")) || str_is(every, STR("0")) ||
	    str_is(every, STR("0s")))
		check_say(c, CHECK_OK, "journald", NULL, "drops no lines");
	else
		check_say(c, CHECK_WARN, "journald",
		    "/etc/systemd/journald.conf: RateLimitIntervalSec=0   "
		    "(systemctl restart systemd-journald)",
		    "drops what a service logs beyond %.*s lines in %.*s: in a "
		    "storm the sender isn't counted",
		    STR_ARG(burst.n ? burst : STR("10000")),
		    STR_ARG(every.n ? every : STR("30s")));
	text_done(&t);
}

static void
check_rsyslog(struct check *c)
{
	struct text t;

	if (access("/etc/rsyslog.conf", F_OK) != 0)
		return;
	text_grow(&t, CONF_MAX);
	read_all("/etc/rsyslog.conf", &t);
	read_all("/etc/rsyslog.d/*.conf", &t);
	struct str conf = text_view(&t);
	bool has_journal = str_find_nocase(conf, STR("imjournal")) >= 0;

	if ((has_journal || str_find_nocase(conf, STR("RateLimit")) >= 0) &&
	    str_find_nocase(conf, STR("ratelimit.interval=\"0\"")) < 0)
		check_say(c, CHECK_WARN, "rsyslog",
		    "/etc/rsyslog.conf: module(load=\"imuxsock\" "
		    "SysSock.RateLimit.Interval=\"0\")",
		    "has a rate limit: in a storm the sender isn't counted");
	else
		check_say(c, CHECK_OK, "rsyslog", NULL, "drops no lines");
	text_done(&t);
}

/* Postfix's own postlogd drops none. */
void
check_logging(struct check *c)
{
	const char *with[] = {
	    "postconf", "-c", c->postfix, "-h", "maillog_file", NULL};
	const char *without[] = {"postconf", "-h", "maillog_file", NULL};
	struct text t;

	text_grow(&t, CONF_MAX);
	(void)check_command(c->postfix ? with : without, &t);
	if (str_trim(text_view(&t)).n == 0) {
		check_journald(c);
		check_rsyslog(c);
	}
	text_done(&t);
}
