/* app_digest - once a day, while observing, or while rules are on trial: who
 * would have been stopped
 *
 * After midnight the day before is told, in one event; its cause is the day, so
 * that of several nodes one writes the letter.
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "limits/brake.h"

enum { RULES = 16, WORST = 10, NAME = 96, WORDS = 160 };

struct observed {
	enum standing rung;
	char subject[NAME], rule[64], reason[WORDS];
};

struct day {
	char date[TIME_DAY];
	struct observed *v; /* one a subject: its worst */
	size_t n;
};

static void
put(char *field, size_t size, struct str s)
{
	struct text t;

	text_init(&t, field, size);
	text_printable(&t, s);
}

static void
take(struct observed *o, const struct standings_ended *e)
{
	struct text t;

	o->rung = e->rung;
	put(o->rule, sizeof(o->rule), str_from(e->rule));
	put(o->reason, sizeof(o->reason), str_from(e->reason));
	text_init(&t, o->subject, sizeof(o->subject));
	desk_subject_print(e->kind, e->key, &t);
}

static void
on_sanction(void *ctx, const struct standings_ended *e)
{
	struct day *d = ctx;
	struct observed one;
	char date[TIME_DAY];

	if (!e->is_observed || e->rung <= STANDING_WATCHED)
		return;
	time_local_day(e->at, date);
	if (strcmp(date, d->date) != 0)
		return;
	take(&one, e);
	d->v = xrealloc(d->v, d->n + 1, sizeof(*d->v));
	d->v[d->n++] = one;
}

static int
by_subject(const void *a, const void *b)
{
	const struct observed *x = a, *y = b;
	int order = strcmp(x->subject, y->subject);

	return order != 0 ? order : (x->rung < y->rung) - (x->rung > y->rung);
}

/* Of each subject its worst. */
static void
sort_out(struct day *d)
{
	size_t n = 0;

	if (d->n > 0)
		qsort(d->v, d->n, sizeof(*d->v), by_subject);
	for (size_t i = 0; i < d->n; i++) {
		if (n == 0 || strcmp(d->v[n - 1].subject, d->v[i].subject) != 0)
			d->v[n++] = d->v[i];
	}
	d->n = n;
}

static int
worst_first(const void *a, const void *b)
{
	const struct observed *x = a, *y = b;

	if (x->rung != y->rung)
		return x->rung < y->rung ? 1 : -1;
	return strcmp(x->subject, y->subject);
}

static int
by_rule(const void *a, const void *b)
{
	return strcmp(((const struct observed *)a)->rule,
	    ((const struct observed *)b)->rule);
}

static void
put_rules(struct day *d, struct json_out *j)
{
	size_t shown = 0;

	qsort(d->v, d->n, sizeof(*d->v), by_rule);
	json_open_array(j, "rules");
	for (size_t i = 0, n; i < d->n && shown < RULES; i += n, shown++) {
		for (n = 1;
		     i + n < d->n && by_rule(&d->v[i], &d->v[i + n]) == 0;)
			n++;
		json_open(j, NULL);
		json_str(j, "rule", str_from(d->v[i].rule));
		json_i64(j, "n", (int64_t)n);
		json_close(j);
	}
	json_close_array(j);
}

static void
put_worst(struct day *d, struct json_out *j)
{
	qsort(d->v, d->n, sizeof(*d->v), worst_first);
	json_open_array(j, "worst");
	for (size_t i = 0; i < d->n && i < WORST; i++) {
		json_open(j, NULL);
		json_str(j, "subject", str_from(d->v[i].subject));
		json_str(j, "rung", str_from(standing_text(d->v[i].rung)));
		json_str(j, "reason", str_from(d->v[i].reason));
		json_close(j);
	}
	json_close_array(j);
}

static void
put_words(const struct day *d, struct event *e)
{
	size_t n[STANDINGS] = {0};
	struct text t;

	for (size_t i = 0; i < d->n; i++)
		n[d->v[i].rung]++;
	text_init(&t, e->reason, sizeof(e->reason));
	text_printf(&t,
	    "%zu would have been stopped: %zu suspended, %zu held, %zu "
	    "throttled",
	    d->n, n[STANDING_SUSPENDED], n[STANDING_HELD],
	    n[STANDING_THROTTLED]);
}

static void
tell(struct app *a, struct day *d)
{
	static struct event e;
	struct standing_state state;
	struct sanction_about about;
	struct json_out j;
	struct text t;

	pipeline_about(a->pipeline, SUBJECT_ACCOUNT, STR(""), &state, &about);
	memset(&e, 0, sizeof(e));
	e.type = EVENT_DIGEST;
	e.at_us = about.now_us;
	e.seq = about.seq;
	e.is_observed = true;
	if (standings_is_enforcing(pipeline_standings(a->pipeline)))
		put(e.how, sizeof(e.how), STR(SANCTION_TRIED));
	put(e.node, sizeof(e.node), str_from(about.node));
	put(e.subject, sizeof(e.subject), str_from(d->date));
	put(e.by, sizeof(e.by), STR("outpost"));
	standings_cause(SUBJECT_ALL, str_from(d->date), STANDING_GOOD,
	    STR("digest"), 0, true, e.cause);
	put_words(d, &e);
	text_init(&t, e.evidence, sizeof(e.evidence));
	json_out_init(&j, &t);
	json_open(&j, NULL);
	put_rules(d, &j);
	put_worst(d, &j);
	json_close(&j);
	app_emit(a, &e);
}

struct app_digest {
	struct loop_timer *timer;
	struct standings_walk walk;
	bool is_at_trials;
	struct day day;
};

void
app_digest_stop(struct app *a)
{
	struct app_digest *d = a->digest;

	if (!d)
		return;
	a->digest = NULL;
	loop_timer_free(&d->timer);
	free(d->day.v);
	free(d);
}

/* Enforcing, only what rules on trial would have done; also of a trial that
 * ended since. false: that was all. */
static bool
gather_some(struct app *a, struct app_digest *d)
{
	struct standings *s = pipeline_standings(a->pipeline);
	int64_t now = loop_now_us(a->loop) / TIME_US;
	int64_t since = now - 3 * 86400;

	if (d->is_at_trials)
		return standings_walk_tried(
		    s, &d->walk, STANDINGS_SLICE, since, on_sanction, &d->day);
	if (!standings_is_enforcing(s) &&
	    standings_walk_rule(s, &d->walk, STANDINGS_SLICE, STR(""), since,
		now, on_sanction, &d->day))
		return true;
	d->is_at_trials = true;
	standings_walk_begin(s, &d->walk);
	return true;
}

static void
on_slice(void *ctx)
{
	struct app *a = ctx;
	struct app_digest *d = a->digest;

	if (gather_some(a, d)) {
		loop_timer_work(d->timer);
		return;
	}
	sort_out(&d->day);
	if (d->day.n > 0)
		tell(a, &d->day);
	app_digest_stop(a);
}

static void
begin(struct app *a, const char *date)
{
	struct app_digest *d = xalloc(1, sizeof(*d));

	app_digest_stop(a);
	a->digest = d;
	put(d->day.date, sizeof(d->day.date), str_from(date));
	d->timer = loop_timer_new(a->loop, on_slice, a);
	standings_walk_begin(pipeline_standings(a->pipeline), &d->walk);
	loop_timer_work(d->timer);
}

void
app_digest_tick(struct app *a)
{
	int64_t now = loop_now_us(a->loop) / TIME_US;
	char today[TIME_DAY], before[TIME_DAY];
	int64_t since_midnight = time_local_day(now, today);

	if (strcmp(today, a->digest_day) == 0)
		return;
	put(a->digest_day, sizeof(a->digest_day), str_from(today));
	time_local_day(now - since_midnight - 3600, before);
	if (!history_knows(a->history, EVENT_DIGEST, before))
		begin(a, before);
}
