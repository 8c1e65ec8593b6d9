/* story_fuzz - any order of lines, with queue ids that meet by chance
 *
 * Three bytes are a line: what, of which queue ids and recipients, how much
 * later. Each line is in one story, a chain has one beginning, and what is
 * printed has nothing that a terminal would obey.
 */
#include <stdlib.h>

#include "base/time.h"
#include "cli/trace_print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { IDS = 6, LINES_MAX = 2000, OUT_MAX = 64 << 20 };

#define RELAY(r) ", relay=" r ", delay=1, delays=0/0/0/1, "
#define REMOTE RELAY("mx[198.51.100.1]:25")
#define OWN RELAY("f[127.0.0.1]:25")

/* @ is a queue id, # another one, $ and % recipients, ^ what the byte says. */
static const char *const lines[] = {
    "smtpd: @: client=c[192.0.2.7], sasl_method=PLAIN, sasl_username=u$",
    "smtpd: @: client=m[203.0.113.1]",
    "smtpd: @: client=l[127.0.0.1]",
    "smtpd: @: client=l[127.0.0.1], orig_queue_id=#, "
    "orig_client=c[192.0.2.7]",
    "pickup: @: uid=3 from=<u$>",
    "pickup: @: uid=107 from=<u$> orig_id=#",
    "cleanup: @: message-id=<%>",
    "qmgr: @: from=<u$>, size=5, nrcpt=3 (queue active)",
    "smtp: @: to=<$>" REMOTE "dsn=2.0.0, status=sent (250 ok)",
    "smtp: @: to=<$>" REMOTE "dsn=2.0.0, status=sent (250 Ok: queued as #)",
    "smtp: @: to=<$>, orig_to=<%>" REMOTE "dsn=4.0.0, status=deferred (^^^)",
    "smtp: @: to=<$>" REMOTE "dsn=5.1.1, status=bounced (host x[1.2.3.4] "
    "said: 550 ^\x1b[31m)",
    "smtp: @: to=<$>" OWN "dsn=2.0.0, status=sent (250 2.0.0 Ok: queued as #)",
    "local: @: to=<$>" RELAY("local") "dsn=2.0.0, status=sent (forwarded as #)",
    "qmgr: @: from=<u$>, status=expired, returned to sender",
    "qmgr: @: removed",
    "bounce: @: sender non-delivery notification: #",
    "postsuper: @: requeued",
    "postsuper: @: removed",
    "smtpd: NOQUEUE: client=c[192.0.2.7], sasl_method=PLAIN, sasl_username=u$",
    "smtpd: proxy-accept: END-OF-MESSAGE: 250 2.0.0 Ok: queued as @; "
    "from=<a> to=<b> proto=ESMTP helo=<h> sasl_username=<u$>",
    "smtpd: NOQUEUE: reject: RCPT from c[192.0.2.7]: 554 5.7.1 no ^; "
    "from=<a> to=<$> proto=ESMTP helo=<h>",
};

static void
put_line(struct text *t, const uint8_t d[3], int64_t at)
{
	const char *p = lines[d[0] % (sizeof(lines) / sizeof(lines[0]))];
	const char *colon = strchr(p, ':');

	time_rfc3339(t, at);
	text_printf(t, " mx%s postfix%s/%.*s[1]", d[2] & 0x10 ? "2" : "",
	    d[0] & 0x80 ? "-two" : "", (int)(colon - p), p);
	for (p = colon; *p; p++) {
		if (*p == '@')
			text_printf(t, "A%05d", d[1] % IDS);
		else if (*p == '#')
			text_printf(t, "A%05d", d[1] / IDS % IDS);
		else if (*p == '$')
			text_printf(t, "%c@x", 'a' + (d[1] / 36) % 4);
		else if (*p == '%')
			text_printf(t, "%c@x", 'c' + d[2] % 3);
		else
			text_char(t, *p == '^' ? (char)d[2] : *p);
	}
}

static void
check_flights(const struct story *s)
{
	for (size_t i = 0; i < s->n_flights; i++) {
		const struct story_flight *f = s->flights[i];
		size_t depth = 0;

		if (f->story != s || (i == 0) != !f->parent)
			abort();
		for (; f->parent; f = f->parent) {
			if (++depth > s->n_flights)
				abort();
		}
		if (f != s->flights[0])
			abort();
	}
}

static void
check_printed(const struct story *s)
{
	const struct trace_shape shape = {.width = 60, .lines_max = 100};
	struct json_out j;
	struct text t;

	text_grow(&t, OUT_MAX);
	trace_print(s, &shape, &t);
	json_out_init(&j, &t);
	trace_print_json(s, &shape, &j);
	for (size_t i = 0; i < t.n; i++) {
		if ((unsigned char)t.p[i] < ' ' && t.p[i] != '\n')
			abort();
	}
	text_done(&t);
}

static void
add(struct stories *s, const uint8_t d[3], struct logline_clock *clock,
    int64_t at)
{
	struct logline line;
	struct postfix_line p;
	char buf[1000];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	put_line(&t, d, at);
	if (!logline_parse(clock, text_view(&t), &line))
		return;
	postfix_parse(&line, &p);
	if (!stories_add(s, text_view(&t), &line, &p, 0))
		abort();
}

static void
run(const struct stories_options *o, const uint8_t *data, size_t n)
{
	static const int64_t steps[] = {0, 0, 1, 1, 5, 20, 4000, -3};
	struct stories *s = stories_new(o);
	struct logline_clock clock;
	int64_t at = 1795255200;
	size_t n_lines = 0, n_stories, told = 0;

	logline_clock_init(&clock, 0);
	for (; n >= 3 && n_lines < LINES_MAX; data += 3, n -= 3, n_lines++)
		add(s, data, &clock, at += steps[data[2] / 32]);
	struct story *const *v = stories_tell(s, 0, &n_stories);

	for (size_t i = 0; i < n_stories; i++) {
		told += v[i]->n_lines;
		check_flights(v[i]);
		check_printed(v[i]);
	}
	if (told != n_lines)
		abort();
	stories_free(&s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct mta_settings settings;
	struct arena arena;
	const struct stories_options o = {.settings = &settings,
	    .lines_max = LINES_MAX,
	    .bytes_max = 1000 * LINES_MAX};

	arena_init(&arena);
	setting_put_defaults(&mta_settings_table, &arena, &settings);
	run(&o, data, n);
	arena_done(&arena);
	return 0;
}
