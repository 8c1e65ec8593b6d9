/* The labelled log lines of other projects, read from ../shared/corpus (or
 * OUTPOST_CORPUS): the share of their labels that we agree with. Labels that
 * we argue with are listed in tests/data/corpus-exceptions.txt, with reasons.
 */
#include "base/test.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/time.h"
#include "mta/explain.h"

enum { TARGET_PERCENT = 97, LINE_MAX_BYTES = 1 << 16 };

enum how {
	SAME,
	HOLDS, /* ours holds the label */
	HELD,  /* the label holds ours */
	KEYS,  /* "to=<a>, delay=1": the label holds each of ours */
	CLOCK, /* parts of our time */
	DAY,
	MONTH,
	HOUR,
	MINUTE,
	SECOND,
};

/* A label of theirs (a pattern), and our field. */
struct label {
	const char *theirs;
	const char *ours;
	enum how how;
};

static const struct label labels[] = {
#define LABEL(theirs, ours, how) {theirs, ours, how},
#include "mta/corpus_labels.def"
#undef LABEL
};

static const char *const types[][2] = {
    {"SmtpSentStatus", "delivery"},
    {"QmgrMessageExpired", "expired"},
    {"CleanupMessageAccepted", "message_id"},
    {"Pickup", "pickup"},
    {"SmtpdConnect", "connect"},
    {"SmtpdDisconnect", "disconnect"},
    {"SmtpdMailAccepted", "client"},
    {"SmtpdReject", "reject"},
    {"CleanupMilterReject", "milter"},
    {"QmgrMailQueued", "queue_active"},
    {"QmgrRemoved", "removed"},
    {"BounceCreated", "notification"},
};

struct reading {
	const char *file;
	char id[32];
	struct str line;
	struct json *ours;
	struct logline_clock clock;
	size_t asked, agreed, argued, lines, others;
	char *exceptions; /* the file's text */
};

static FILE *
open_corpus(const char *name)
{
	const char *given = getenv("OUTPOST_CORPUS");
	const char *const folders[] = {
	    given ? given : "../shared/corpus", "../../shared/corpus"};
	char path[512];

	for (size_t i = 0; i < 2; i++) {
		snprintf(
		    path, sizeof(path), "%s/postfix-logs/%s", folders[i], name);
		FILE *f = fopen(path, "r");
		if (f)
			return f;
	}
	TEST_SKIP("no ../shared/corpus here (OUTPOST_CORPUS)");
	return NULL;
}

/* A value as text: null and 0 are "", strings as they are. */
static struct str
get_value(const struct json *v, struct text *t)
{
	text_clear(t);
	if (json_is_string(v))
		text_str(t, json_text(v));
	else if (v)
		json_print(t, v);
	if (json_is_number(v) && str_find_char(text_view(t), '.') >= 0) {
		double number = strtod(t->p, NULL);

		text_clear(t);
		text_printf(t, "%.15g", number);
	}
	struct str s = text_view(t);
	return str_is(s, STR("null")) || str_is(s, STR("0")) ||
		       str_is(s, STR("NOQUEUE"))
		   ? STR("")
		   : s;
}

/* "FILE ID LABEL reason", with patterns. */
static bool
is_argued(const struct reading *r, struct str label)
{
	char name[128], file[64], id[64], pattern[64];

	snprintf(name, sizeof(name), "%.*s", STR_ARG(label));
	for (const char *p = r->exceptions; p && *p;) {
		if (*p != '#' &&
		    sscanf(p, "%63s %63s %63s", file, id, pattern) == 3 &&
		    strcmp(file, r->file) == 0 && fnmatch(id, r->id, 0) == 0 &&
		    fnmatch(pattern, name, 0) == 0)
			return true;
		p = strchr(p, '\n');
		p += p != NULL;
	}
	return false;
}

/* Whether "from=<a> to=<b>, delay=1" has key=value, or nothing of the key. */
static bool
has_key(struct str theirs, const char *key, struct str mine)
{
	char buf[1024];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%s=", key);
	ptrdiff_t at = str_find(theirs, text_view(&t));
	if (at < 0 || (at > 0 && theirs.p[at - 1] != ' '))
		return true;
	theirs = str_skip(theirs, (size_t)at + t.n);
	if (str_starts(theirs, STR("<")))
		return str_starts(str_skip(theirs, 1), mine) &&
		       str_starts(str_skip(theirs, 1 + mine.n), STR(">"));
	return mine.n > 0 && str_starts(theirs, mine);
}

static bool
has_keys(const struct json *ours, struct str theirs)
{
	static const char *const keys[] = {"from", "to", "orig_to", "proto",
	    "helo", "delay", "delays", "dsn", "tls", "conn_use"};
	char value[1024];
	struct text v;

	text_init(&v, value, sizeof(value));
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (!has_key(theirs, keys[i],
			get_value(json_get(ours, keys[i]), &v)))
			return false;
	return true;
}

static bool
is_time(enum how how, struct str theirs, struct str time)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
	static const char *const forms[] = {[DAY] = "-%02dT",
	    [MONTH] = "-%02d-",
	    [HOUR] = "T%02d:",
	    [MINUTE] = ":%02d:",
	    [SECOND] = ":%02dZ"};
	int64_t n = 0;
	char part[16];

	if (how == CLOCK)
		return str_find(time, str_skip(theirs, theirs.n - 8)) >= 0;
	if (how == MONTH) {
		struct str name = theirs;

		str_take(&name, STR("time."));
		n = str_find(str_from(months), str_head(name, 3)) / 3 + 1;
	} else {
		str_to_i64(theirs, &n);
	}
	snprintf(part, sizeof(part), forms[how], (int)n);
	return str_find(time, str_from(part)) >= 0;
}

static bool
agrees(const struct reading *r, const struct label *l, struct str theirs)
{
	char buf[8192];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	struct str ours =
	    l->ours ? get_value(json_get(r->ours, l->ours), &t) : r->line;
	switch (l->how) {
	case SAME:
		return str_is(ours, theirs);
	case HOLDS:
		return str_find(ours, theirs) >= 0;
	case HELD:
		return ours.n > 0 && str_find_nocase(theirs, ours) >= 0;
	case KEYS:
		return str_is(STR("postfix_keyvalue_data"), str_from(l->theirs))
			   ? has_keys(r->ours, theirs)
			   : str_find(ours, theirs) >= 0;
	default:
		return is_time(l->how, theirs, ours);
	}
}

/* What they call a line, and whether they can read it. */
static bool
agrees_on_kind(const struct reading *r, struct str label, struct str theirs)
{
	struct str kind = json_text(json_get(r->ours, "kind"));

	if (str_is(label, STR("err")))
		return str_is(theirs, STR("ErrInvalidHeaderLine")) ==
		       str_is(kind, STR("unreadable"));
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_is(theirs, str_from(types[i][0])))
			return str_is(kind, str_from(types[i][1]));
	return false;
}

static bool
is_agreed(const struct reading *r, struct str label, struct str theirs)
{
	char name[128];

	if (str_is(label, STR("err")) || str_is(label, STR("type")))
		return agrees_on_kind(r, label, theirs);
	snprintf(name, sizeof(name), "%.*s", STR_ARG(label));
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (fnmatch(labels[i].theirs, name, 0) == 0)
			return agrees(r, &labels[i], theirs);
	return false;
}

static void
on_label(void *ctx, struct str label, struct json *value)
{
	struct reading *r = ctx;
	char buf[8192];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	struct str theirs = get_value(value, &t);
	if (is_argued(r, label)) {
		r->argued++;
		return;
	}
	r->asked++;
	if (is_agreed(r, label, theirs)) {
		r->agreed++;
		return;
	}
	printf("# %s %s %.*s: theirs is \"%.*s\"\n#   %.*s\n", r->file, r->id,
	    STR_ARG(label), STR_ARG(theirs), STR_ARG(r->line));
}

static void
read_labelled(struct reading *r, struct str line, const struct json *expect)
{
	struct text t, plain;

	text_grow(&plain, LINE_MAX_BYTES);
	text_str(&plain, line);
	for (size_t i = 0; i < plain.n; i++)
		if (plain.p[i] == '\n')
			plain.p[i] = ' ';
	r->line = text_view(&plain);
	text_grow(&t, LINE_MAX_BYTES);
	explain_line(&t, &r->clock, r->line);
	r->ours = json_parse(text_view(&t), NULL);
	CHECK(r->ours != NULL);
	r->lines++;
	r->others += str_is(json_text(json_get(r->ours, "kind")), STR("other"));
	if (expect)
		json_each(expect, on_label, r);
	json_free(&r->ours);
	text_done(&t);
	text_done(&plain);
}

/* grok-patterns.jsonl has messages without a frame; their ids begin with the
 * program's name. */
static void
frame_message(struct text *t, struct str id, struct str line)
{
	ptrdiff_t at = str_find_last(id, STR("_"));

	text_printf(t, "Nov 21 22:40:00 h postfix/");
	if (str_starts(id, STR("tls_features")) ||
	    str_starts(id, STR("relay"))) {
		text_printf(t, "smtp[1]: %.*s", STR_ARG(line));
		return;
	}
	for (ptrdiff_t i = 0; i < at; i++)
		text_char(t, id.p[i] == '_' ? '-' : id.p[i]);
	text_printf(t, "[1]: %.*s", STR_ARG(line));
}

static void
read_record(struct reading *r, const struct json *record)
{
	const struct json *expect = json_get(record, "expect");
	struct str id = json_text(json_get(record, "id"));
	struct str line = json_text(json_get(record, "line"));
	struct text t;

	text_grow(&t, LINE_MAX_BYTES);
	snprintf(r->id, sizeof(r->id), "%zu", r->lines + 1);
	if (id.n > 0) {
		snprintf(r->id, sizeof(r->id), "%.*s", STR_ARG(id));
		frame_message(&t, id, line);
		line = text_view(&t);
	}
	/* fail2ban: lines that its filters leave alone say nothing. */
	if (strncmp(r->file, "fail2ban", 8) == 0 &&
	    !json_is_true(json_get(expect, "match")))
		expect = NULL;
	read_labelled(r, line, expect);
	text_done(&t);
}

static char *
read_exceptions(void)
{
	FILE *f = fopen("tests/data/corpus-exceptions.txt", "r");
	char *text = calloc(1, LINE_MAX_BYTES);

	if (f && text) {
		text[fread(text, 1, LINE_MAX_BYTES - 1, f)] = '\0';
		fclose(f);
	}
	return text;
}

static void
check_labelled(const char *file)
{
	FILE *f = open_corpus(file);
	struct reading r = {.file = file, .exceptions = read_exceptions()};
	char *buf = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f) {
		free(r.exceptions);
		return;
	}
	setenv("TZ", "UTC", 1);
	time_zone_reset();
	logline_clock_init(&r.clock, 1796100000);
	while ((n = getline(&buf, &size, f)) > 0) {
		struct json *record =
		    json_parse(str_make(buf, (size_t)n), NULL);

		CHECK(record != NULL);
		read_record(&r, record);
		json_free(&record);
	}
	printf("# %s: %zu lines, %zu of %zu labels agree (%.1f%%), %zu "
	       "argued with\n",
	    file, r.lines, r.agreed, r.asked,
	    100.0 * (double)r.agreed / (double)(r.asked + !r.asked), r.argued);
	CHECK(r.agreed * 100 >= r.asked * TARGET_PERCENT);
	CHECK(r.asked > 100);
	free(buf);
	free(r.exceptions);
	fclose(f);
}

static void
test_grok_patterns(void)
{
	check_labelled("grok-patterns.jsonl");
}

static void
test_lightmeter(void)
{
	check_labelled("lightmeter-gotests.jsonl");
}

static void
test_fail2ban(void)
{
	check_labelled("fail2ban-postfix.jsonl");
}

/* Whole logs without labels: read, and few lines that say nothing to us. */
static void
check_log(const char *file)
{
	FILE *f = open_corpus(file);
	struct reading r = {.file = file};
	char *buf = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f)
		return;
	logline_clock_init(&r.clock, 1796100000);
	while ((n = getline(&buf, &size, f)) > 0)
		read_labelled(
		    &r, str_make(buf, (size_t)n - (buf[n - 1] == '\n')), NULL);
	printf("# %s: %zu lines, %zu other\n", file, r.lines, r.others);
	CHECK(r.others * 100 <= r.lines * 5);
	free(buf);
	fclose(f);
}

static void
test_logs(void)
{
	check_log("modoboa.log");
	check_log("lightmeter-complete-sampled.log");
	check_log("fail2ban-postfix.log");
	check_log("lightmeter/14_reuse_of_queueid.log");
	check_log("lightmeter/5_zimbra_amavisd.log");
	check_log("lightmeter/18_expired.log");
	check_log("lightmeter/4_lost_queue.log");
	check_log("lightmeter/6_deferred_message_retry.log");
}

/* Of the messages that a log analyser's author collected, those of Postfix's
 * own daemons; their queue ids are cut off. */
static bool
frame_collected(struct text *t, const struct json *record)
{
	struct str daemon = json_text(json_get(record, "daemon"));
	struct str id = json_text(json_get(record, "id"));
	struct str line = json_text(json_get(record, "line"));

	if (str_starts(daemon, STR("policy")) ||
	    str_starts(daemon, STR("postgrey")) ||
	    str_starts(daemon, STR("postfwd")))
		return false;
	if (daemon.n == 0)
		daemon = str_find(line, STR("to=<")) >= 0	 ? STR("smtp")
			 : str_ends(line, STR("(queue active)")) ? STR("qmgr")
								 : STR("smtpd");
	text_printf(t, "Nov 21 22:40:00 h postfix/%.*s[1]: ", STR_ARG(daemon));
	if (str_starts(id, STR("queue-id")))
		text_add(t, "4C3D21E3F90: ");
	else if (str_starts(id, STR("NOQUEUE")))
		text_add(t, "NOQUEUE: ");
	text_str(t, line);
	return true;
}

static void
test_logwatch(void)
{
	FILE *f = open_corpus("logwatch-td.jsonl");
	struct reading r = {.file = "logwatch-td.jsonl"};
	char *buf = NULL;
	size_t size = 0;
	ssize_t n;

	if (!f)
		return;
	logline_clock_init(&r.clock, 1796100000);
	while ((n = getline(&buf, &size, f)) > 0) {
		struct json *record =
		    json_parse(str_make(buf, (size_t)n), NULL);
		struct text t;

		text_grow(&t, LINE_MAX_BYTES);
		if (frame_collected(&t, record))
			read_labelled(&r, text_view(&t), NULL);
		text_done(&t);
		json_free(&record);
	}
	printf("# %s: %zu lines, %zu other\n", r.file, r.lines, r.others);
	CHECK(r.lines > 200);
	CHECK(r.others * 100 <= r.lines * 10);
	free(buf);
	fclose(f);
}

TESTS(TEST(test_grok_patterns), TEST(test_lightmeter), TEST(test_fail2ban),
    TEST(test_logs), TEST(test_logwatch))
