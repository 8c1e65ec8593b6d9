/* app_desk_report - once a day, at an hour that is set: the desk's letter about
 * cases
 *
 * One event, whose cause is the day, so that of several nodes one writes the
 * letter. Who was started later than that hour tells nothing of that day,
 * unless it was there before. A day without a case, and none that waits, is no
 * letter.
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_state.h"
#include "notify/case_report.h"
#include "notify/letter.h"

enum {
	OPEN = 25,
	ROOM = 640, /* in the evidence: a case of the longest names */
	HOUR = 3600,
	DAY = 86400,
};

struct desk_report {
	int64_t now;
	struct case_report *sums;
	const struct case_head *open[OPEN]; /* the oldest, in their order */
	size_t n, waiting;
};

static void
put(char *field, size_t size, struct str s)
{
	struct text t;

	text_init(&t, field, size);
	text_printable(&t, s);
}

static void
look(void *ctx, const struct case_head *c)
{
	struct desk_report *r = ctx;
	size_t i;

	case_report_add(r->sums, c);
	if (!case_is_pending(c))
		return;
	r->waiting++;
	if (r->n == OPEN && c->since >= r->open[OPEN - 1]->since)
		return;
	for (i = r->n < OPEN ? r->n++ : OPEN - 1;
	     i > 0 && c->since < r->open[i - 1]->since; i--)
		r->open[i] = r->open[i - 1];
	r->open[i] = c;
}

static void
put_number(struct json_out *j, const char *name, uint64_t n)
{
	char buf[24];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_u64(&t, n);
	json_str(j, name, text_view(&t));
}

static void
put_median(struct json_out *j, const char *name, const struct case_spread *s)
{
	char buf[64];
	struct text t;

	if (s->n == 0)
		return;
	text_init(&t, buf, sizeof(buf));
	time_duration_words(&t, s->median);
	json_str(j, name, text_view(&t));
}

static void
put_sums(struct json_out *j, const struct case_sums *s)
{
	put_number(j, "suspended", s->suspended);
	put_number(j, "held", s->held);
	put_number(j, "complaints", s->complaints);
	put_number(j, "overturned", s->overturned);
	put_number(j, "approved", s->approved);
	put_number(j, "denied", s->denied);
	put_median(j, "detected", &s->detected);
	put_number(j, "leaked", (uint64_t)s->leaked.sum);
	put_median(j, "decided", &s->decided);
}

/* How many there is room for in `all`, where j writes. */
static size_t
put_open(
    struct json_out *j, const struct desk_report *r, const struct text *all)
{
	char buf[96];
	struct text t;
	size_t i;

	json_open_array(j, "open");
	for (i = 0; i < r->n && all->n + ROOM < all->cap; i++) {
		const struct case_head *c = r->open[i];

		json_open(j, NULL);
		json_str(j, "case_id", str_from(c->id));
		text_init(&t, buf, sizeof(buf));
		time_duration_words(&t, r->now - case_waits_since(c));
		json_str(j, "age", text_view(&t));
		json_str(j, "state", str_from(case_state_text(c->state)));
		text_init(&t, buf, sizeof(buf));
		text_printable(&t, str_from(c->account));
		json_str(j, "account", text_view(&t));
		json_str(j, "rule", str_from(*c->rule ? c->rule : c->by));
		json_close(j);
	}
	json_close_array(j);
	return i;
}

static void
put_chain(struct app *a, struct json_out *j)
{
	struct cases_chain chain;
	char label[256];
	struct text t;

	cases_chain(app_cases_store(a->cases), &chain);
	text_init(&t, label, sizeof(label));
	app_label(a, &t);
	json_str(j, "host", text_view(&t));
	put_number(j, "links", chain.links);
	json_str(j, "head", str_from(chain.head));
}

static void
put_evidence(struct app *a, const struct desk_report *r, const char *date,
    struct event *e)
{
	struct json_out j;
	struct text t;

	text_init(&t, e->evidence, sizeof(e->evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	json_str(&j, "date", str_from(date));
	put_sums(&j, case_report_all(r->sums));
	put_number(&j, "waiting", r->waiting);
	put_chain(a, &j);
	size_t told = put_open(&j, r, &t);

	if (r->waiting > told)
		put_number(&j, "more", r->waiting - told);
	json_close(&j);
}

static void
tell(struct app *a, const struct desk_report *r, const char *date,
    const char *subject)
{
	static struct event e;
	const struct case_sums *s = case_report_all(r->sums);
	struct standing_state state;
	struct sanction_about about;
	struct text t;

	pipeline_about(a->pipeline, SUBJECT_ACCOUNT, STR(""), &state, &about);
	memset(&e, 0, sizeof(e));
	e.type = EVENT_DIGEST;
	e.at_us = about.now_us;
	e.seq = about.seq;
	put(e.node, sizeof(e.node), str_from(about.node));
	put(e.subject, sizeof(e.subject), str_from(subject));
	put(e.rule, sizeof(e.rule), STR(LETTER_REPORT_RULE));
	put(e.by, sizeof(e.by), STR("outpost"));
	standings_cause(SUBJECT_ALL, str_from(subject), STANDING_GOOD,
	    STR(LETTER_REPORT_RULE), 0, false, e.cause);
	text_init(&t, e.reason, sizeof(e.reason));
	text_printf(&t, "%zu cases wait; %llu suspended in a day", r->waiting,
	    (unsigned long long)s->suspended);
	put_evidence(a, r, date, &e);
	app_emit(a, &e);
}

static void
report(struct app *a, int64_t due, const char *date, const char *subject)
{
	struct cases *store = app_cases_store(a->cases);
	struct desk_report r = {.now = due};
	size_t at = 0;

	r.sums = case_report_new(due - DAY, due);
	while (cases_walk(store, &at, SIZE_MAX, look, &r))
		continue;
	case_report_end(r.sums);
	if (r.waiting > 0 || case_report_all(r.sums)->cases > 0)
		tell(a, &r, date, subject);
	case_report_free(&r.sums);
}

void
app_desk_report_tick(struct app *a)
{
	const struct notify_settings *s = &a->settings->notify;
	int64_t now = loop_now_us(a->loop) / TIME_US, due;
	char date[TIME_DAY], subject[32];
	struct text t;

	if (s->desk_report_at < 0 || !s->cases)
		return;
	due = now - time_local_day(now, date) + s->desk_report_at * HOUR;
	if (now < due || strcmp(date, a->report_day) == 0)
		return;
	put(a->report_day, sizeof(a->report_day), str_from(date));
	text_init(&t, subject, sizeof(subject));
	text_printf(&t, "cases-%s", date);
	if (history_oldest_us(a->history) < due * TIME_US &&
	    !history_knows(a->history, EVENT_DIGEST, subject))
		report(a, due, date, subject);
}
