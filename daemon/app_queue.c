/* app_queue - outpostd's side of held mail: asks outpost-queue, never waits */
#include "daemon/app_queue.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/app_stops.h"
#include "daemon/desk_held.h"
#include "daemon/holder.h"
#include "daemon/queue_asker.h"
#include "daemon/queue_tries.h"
#include "ledger/books.h"
#include "limits/sanction_event.h"

enum {
	SOON_US = 20 * 1000,
	SLICE = 4000,	  /* flights looked at in a turn */
	SWEEP_EVERY = 30, /* seconds */
	RETRY_US = 3000 * 1000,
	PATIENCE = 330, /* seconds */
	HURRY_PATIENCE = 90,
};

struct app_queue {
	struct app *app;
	struct holder *holder;
	struct app_stops *stops;
	struct loop_timer *soon;
	bool is_stale; /* standings changed */
	bool is_sweeping;
	uint32_t sweep_at;
	int64_t swept; /* when it began last */
	struct queue_asker *asker;
	struct queue_request request; /* the last one */
	enum queue_verb asked;
	int64_t retry_us;
	struct str answer; /* that waits to be taken */
	int looks;	   /* at standings; its answer is taken after so many */
	bool is_failing_told;
	/* Hurrying others' mail may last: holding it doesn't wait for that. */
	struct queue_tries tries;
	struct queue_asker *hurrier;
};

static int64_t
now_of(const struct app_queue *q)
{
	return loop_now_us(q->app->loop) / TIME_US;
}

static void
on_full(void *ctx, const struct held_scope *whose, size_t n)
{
	struct app_queue *q = ctx;
	enum subject_kind kind = SUBJECT_ACCOUNT;
	struct str key = whose->account;
	char net[64];
	struct text t;

	text_init(&t, net, sizeof(net));
	if (whose->domain.n > 0) {
		kind = SUBJECT_DOMAIN;
		key = whose->domain;
	} else if (key.n == 0) {
		ip_net_format(&t, &whose->net);
		kind =
		    whose->net.bits == 128 ? SUBJECT_CLIENT : SUBJECT_NETWORK;
		key = text_view(&t);
	}
	struct standing_state state;
	struct sanction_about about;
	static struct event e;

	pipeline_about(q->app->pipeline, kind, key, &state, &about);
	sanction_event_begin(&about, EVENT_WARNING, &e);
	sanction_event_put(e.rule, sizeof(e.rule), STR("held_queue"));
	standings_cause(kind, key, STANDING_GOOD, STR("held_queue"),
	    state.since, false, e.cause);
	e.mark = state.since;
	e.until = state.until;
	text_init(&t, e.reason, sizeof(e.reason));
	text_printf(&t,
	    "%zu of its messages are held, as many as may be; more that are "
	    "queued leave (held_messages_max, held_bytes_max)",
	    n);
	app_emit(q->app, &e);
}

static void
on_kept(void *ctx, struct str account, size_t n)
{
	struct app_queue *q = ctx;
	char name[ACCOUNT_TEXT], why[EVENT_TEXT];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printable(&t, account);
	text_init(&t, why, sizeof(why));
	text_printf(&t,
	    "held mail of an ended sanction stays on hold (%zu): nobody "
	    "decided about it, and it can't go back to who sent it (outpost "
	    "queue %s)",
	    n, name);
	app_alarm_about(q->app, "account", name, "held_undecided", why, NULL);
}

static enum holder_then
then_of(const char *word)
{
	if (strcmp(word, "keep") == 0)
		return HOLDER_KEEP;
	return strcmp(word, "release") == 0 ? HOLDER_RELEASE : HOLDER_RETURN;
}

static struct holder_options
options_of(struct app_queue *q)
{
	const struct daemon_settings *s = &q->app->settings->daemon;

	return (struct holder_options){.messages_max = s->held_messages_max,
	    .bytes_max = s->held_bytes_max,
	    .lease = s->held_lease,
	    .keep = s->held_keep,
	    .front_ends = &q->app->settings->mta.front_ends,
	    .then = then_of(s->held_unreleased),
	    .on_full = on_full,
	    .on_kept = on_kept,
	    .ctx = q};
}

static bool
is_on(const struct app_queue *q)
{
	return *q->app->settings->daemon.queue_socket != '\0';
}

static void
read_standings(struct app_queue *q)
{
	if (app_stops_read(q->stops))
		q->is_stale = false;
}

static void
on_queued(void *ctx, const struct chains_queued *m)
{
	struct app_queue *q = ctx;

	holder_offer(q->holder, m, now_of(q));
}

static void
sweep_some(struct app_queue *q)
{
	q->sweep_at = chains_in_queue(pipeline_chains(q->app->pipeline),
	    q->sweep_at, SLICE, on_queued, q);
	q->is_sweeping = q->sweep_at != 0;
}

static void
fail(struct app_queue *q, const char *why)
{
	q->looks = 0;
	holder_end(q->holder, now_of(q), true);
	q->retry_us = loop_now_us(q->app->loop) + RETRY_US;
	/* Where nothing is to be held it isn't missed. */
	if (q->is_failing_told ||
	    (holder_waiting(q->holder) == 0 && holder_held(q->holder) == 0))
		return;
	q->is_failing_told = true;
	log_error("%s; queued mail of stopped accounts may leave, held mail "
		  "may stay until `outpost holdguard` releases it; tried again",
	    why);
}

static void
on_fail(void *ctx, const char *why)
{
	fail(ctx, why);
}

/* The whole answer is there. */
static void
take_answer(struct app_queue *q)
{
	struct str bytes = q->answer, line;
	struct queue_answer a;
	enum queue_line what = QUEUE_LINE_BAD;

	while (str_cut(&bytes, '\n', &line)) {
		what = queue_answer_parse(line, &a);
		if (what != QUEUE_LINE_MESSAGE)
			break;
		holder_take(q->holder, &a.message);
		if (a.message.result == QUEUE_FAILED)
			q->retry_us = loop_now_us(q->app->loop) + RETRY_US;
	}
	if (what != QUEUE_LINE_DONE) {
		char why[QUEUE_TEXT_MAX + 64];
		struct text t;

		text_init(&t, why, sizeof(why));
		text_add(&t, "outpost-queue: ");
		text_printable(&t, what == QUEUE_LINE_FAILED
				       ? a.text
				       : STR("no whole answer"));
		fail(q, why);
		return;
	}
	holder_end(q->holder, now_of(q), false);
	/* Stopped again while it was released, or it is only now that this is
	 * known. */
	if ((q->asked == QUEUE_VERB_RELEASE || q->asked == QUEUE_VERB_LIST) &&
	    holder_stopped(q->holder) > 0)
		q->is_sweeping = true;
	if (q->is_failing_told)
		log_notice("outpost-queue holds and releases mail again");
	q->is_failing_told = false;
	loop_timer_in(q->soon, SOON_US);
}

/* What was lifted meanwhile is not to be kept: first the holder knows of all
 * that has happened by now. A look that is under way may have passed it. */
static void
on_answer(void *ctx, struct str bytes)
{
	struct app_queue *q = ctx;

	q->answer = bytes;
	q->looks = app_stops_is_on(q->stops) + q->is_stale;
	if (q->is_stale)
		read_standings(q);
	if (q->looks == 0)
		take_answer(q);
}

/* The holder knows whom to stop. */
static void
on_stops(void *ctx)
{
	struct app_queue *q = ctx;

	q->is_sweeping = holder_stopped(q->holder) > 0;
	q->sweep_at = 0;
	q->swept = now_of(q);
	if (q->looks > 0 && --q->looks == 0)
		take_answer(q);
	loop_timer_in(q->soon, SOON_US);
}

static void
ask_next(struct app_queue *q)
{
	int64_t now_us = loop_now_us(q->app->loop);
	struct error err;

	if (queue_asker_is_busy(q->asker) || q->looks > 0 ||
	    now_us < q->retry_us ||
	    !holder_next(q->holder, now_us / TIME_US, &q->request))
		return;
	q->asked = q->request.verb;
	if (queue_asker_ask(q->asker, q->app->settings->daemon.queue_socket,
		&q->request, &err) < 0)
		fail(q, err.text);
}

/* What isn't hurried waits for its next attempt; why, outpost-queue says. */
static void
on_hurried(void *ctx, struct str bytes)
{
	(void)ctx;
	(void)bytes;
}

static void
on_unhurried(void *ctx, const char *why)
{
	(void)ctx;
	(void)why;
}

static void
hurry_next(struct app_queue *q)
{
	if (!queue_asker_is_busy(q->hurrier) &&
	    queue_tries_next(&q->tries, &q->request))
		(void)queue_asker_ask(q->hurrier,
		    q->app->settings->daemon.queue_socket, &q->request, NULL);
}

static void
on_soon(void *ctx)
{
	struct app_queue *q = ctx;

	if (q->is_stale)
		read_standings(q);
	if (q->is_sweeping)
		sweep_some(q);
	ask_next(q);
	hurry_next(q);
	if (q->is_sweeping)
		loop_timer_in(q->soon, SOON_US);
}

struct app_queue *
app_queue_new(struct app *a)
{
	struct app_queue *q = xalloc(1, sizeof(*q));

	q->app = a;
	const struct holder_options o = options_of(q);

	q->holder = holder_new(&o);
	return q;
}

void
app_queue_free(struct app_queue **qp)
{
	struct app_queue *q = *qp;

	if (!q)
		return;
	*qp = NULL;
	queue_asker_free(&q->asker);
	queue_asker_free(&q->hurrier);
	loop_timer_free(&q->soon);
	app_stops_free(&q->stops);
	holder_free(&q->holder);
	free(q);
}

struct books_part
app_queue_part(struct app_queue *q)
{
	return holder_part(q->holder);
}

void
app_queue_start(struct app_queue *q)
{
	const struct queue_asker_hooks hooks = {on_answer, on_fail, q};
	const struct queue_asker_hooks hurried = {on_hurried, on_unhurried, q};

	q->soon = loop_timer_new(q->app->loop, on_soon, q);
	q->asker = queue_asker_new(q->app->loop, PATIENCE, &hooks);
	q->hurrier = queue_asker_new(q->app->loop, HURRY_PATIENCE, &hurried);
	q->stops = app_stops_new(q->app, q->holder, on_stops, q);
	app_queue_changed(q);
}

void
app_queue_reload(struct app_queue *q)
{
	const struct holder_options o = options_of(q);

	holder_set(q->holder, &o);
	app_queue_changed(q);
}

void
app_queue_changed(struct app_queue *q)
{
	q->is_stale = true;
	if (q->soon && is_on(q))
		loop_timer_in(q->soon, SOON_US);
}

/* Accepted a moment before, or by a host that doesn't ask us. */
void
app_queue_fact(void *app, const struct fact *f)
{
	struct app_queue *q = ((struct app *)app)->queue;

	if (f->kind != FACT_ACCEPTED || holder_stopped(q->holder) == 0 ||
	    q->is_sweeping ||
	    !holder_is_stopped(q->holder, f->account, &f->client))
		return;
	q->is_sweeping = true;
	q->sweep_at = 0;
	if (q->soon && is_on(q))
		loop_timer_in(q->soon, SOON_US);
}

void
app_queue_tick(struct app_queue *q)
{
	int64_t now = now_of(q);

	if (!q->soon || !is_on(q))
		return;
	if (holder_stopped(q->holder) > 0 && now - q->swept >= SWEEP_EVERY)
		read_standings(q);
	on_soon(q);
}

void
app_queue_order(
    struct app_queue *q, const struct holder_order *o, struct holder_sum *sum)
{
	holder_order(q->holder, o, sum);
	if (q->soon && is_on(q))
		loop_timer_in(q->soon, SOON_US);
}

void
app_queue_foresee(
    void *app, const struct holder_order *o, struct holder_sum *sum)
{
	holder_foresee(((struct app *)app)->queue->holder, o, sum);
}

bool
app_queue_serves(const struct app_queue *q)
{
	return is_on(q) && q->retry_us <= loop_now_us(q->app->loop);
}

bool
app_queue_try(struct app_queue *q, struct str instance, struct str id)
{
	return app_queue_serves(q) && queue_tries_add(&q->tries, instance, id);
}

struct holder *
app_queue_holder(struct app_queue *q)
{
	return q->holder;
}

size_t
app_queue_held(const struct app_queue *q)
{
	return holder_held(q->holder);
}
