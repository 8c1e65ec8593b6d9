/* directory - how to reach the owner of an account: asking, and keeping it */
#include "notify/directory.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/time.h"
#include "notify/directory_parts.h"

enum { UNKNOWN_FOR = 300 };

/* An account: what is known, who waits. */
struct account {
	struct directory *d;
	char *name;
	struct owner_entry entry;
	bool is_known;
	int64_t until; /* kept until then, seconds; 0: not yet known */
	struct directory_question *first, *last;
	struct directory_asking *asking;
	bool is_queued;
	struct account *next;	       /* in the queue */
	struct account *older, *newer; /* by when it was last of use */
};

struct directory_question {
	struct account *account;
	directory_fn *done;
	void *ctx;
	struct directory_question *next;
};

struct directory {
	struct loop *loop;
	const struct notify_settings *settings;
	struct directory_source *source;
	struct redis *redis;
	directory_run_fn *run;
	void *run_ctx;
	directory_change_fn *on_change;
	void *ctx;
	struct map accounts;
	struct account *queue, *queue_end;
	struct account *oldest, *newest;
	size_t n_queued, n_running;
	struct loop_timer *soon; /* answers, and what is next */
	bool is_failing;
};

/* --- accounts --- */

static void
unlink_age(struct account *a)
{
	struct directory *d = a->d;

	*(a->older ? &a->older->newer : &d->oldest) = a->newer;
	*(a->newer ? &a->newer->older : &d->newest) = a->older;
	a->older = a->newer = NULL;
}

static void
link_age(struct account *a)
{
	struct directory *d = a->d;

	a->older = d->newest;
	*(d->newest ? &d->newest->newer : &d->oldest) = a;
	d->newest = a;
}

static bool
is_busy(const struct account *a)
{
	return a->first || a->asking || a->is_queued;
}

static void
drop(struct account *a)
{
	unlink_age(a);
	map_remove(&a->d->accounts, str_from(a->name));
	free(a->name);
	free(a);
}

/* Those that are busy stay, whatever their age. */
static void
make_room(struct directory *d)
{
	struct account *a = d->oldest;
	size_t max = (size_t)d->settings->directory_max;

	while (a != d->newest && d->accounts.n > max) {
		struct account *newer = a->newer;

		if (!is_busy(a))
			drop(a);
		a = newer;
	}
}

static struct account *
find(struct directory *d, struct str name)
{
	struct account *a = map_find(&d->accounts, name);

	if (a) {
		unlink_age(a);
		link_age(a);
		return a;
	}
	a = xalloc(1, sizeof(*a));
	a->d = d;
	a->name = str_dup(name);
	map_put(&d->accounts, str_from(a->name), a);
	link_age(a);
	make_room(d);
	return a;
}

static int64_t
now(const struct directory *d)
{
	return loop_now_us(d->loop) / TIME_US;
}

/* --- answers --- */

/* An answer may ask again, or end the directory's use of others. */
static void
answer(struct account *a, enum directory_outcome outcome, const char *why)
{
	struct directory_question *q = a->first;
	const struct owner_entry entry = a->entry;

	a->first = a->last = NULL;
	while (q) {
		struct directory_question *next = q->next;
		directory_fn *done = q->done;
		void *ctx = q->ctx;

		q->account = NULL;
		free(q);
		q = next;
		if (done)
			done(ctx, outcome, &entry, why);
	}
}

static void
note_state(struct directory *d, const char *why)
{
	if (d->is_failing == (why != NULL))
		return;
	d->is_failing = why != NULL;
	d->on_change(d->ctx, why);
}

static enum directory_outcome
outcome_of(const struct account *a)
{
	return a->is_known ? DIRECTORY_KNOWN : DIRECTORY_UNKNOWN;
}

static void
on_told(void *ctx, bool is_known, const struct owner_entry *e, const char *why)
{
	struct account *a = ctx;
	struct directory *d = a->d;

	a->asking = NULL;
	d->n_running--;
	note_state(d, why);
	loop_timer_soon(d->soon);
	if (why) {
		answer(a, DIRECTORY_FAILED, why);
		return;
	}
	a->entry = *e;
	a->is_known = is_known;
	a->until =
	    now(d) + (is_known || d->settings->directory_keep < UNKNOWN_FOR
			     ? d->settings->directory_keep
			     : UNKNOWN_FOR);
	answer(a, outcome_of(a), NULL);
}

static bool
is_kept(const struct account *a)
{
	return a->until > now(a->d);
}

static struct account *
take_next(struct directory *d)
{
	struct account *a = d->queue;

	if (!a)
		return NULL;
	d->queue = a->next;
	if (!d->queue)
		d->queue_end = NULL;
	a->next = NULL;
	a->is_queued = false;
	d->n_queued--;
	return a;
}

/* What the patterns say is enough, or the source is asked. */
static void
start(struct account *a)
{
	struct directory *d = a->d;
	struct owner_entry e = {0};

	owners_find(d->settings, str_from(a->name), &e);
	if (is_kept(a)) {
		answer(a, outcome_of(a), NULL);
	} else if (!d->source) {
		a->entry = e;
		a->is_known = true;
		a->until = now(d) + d->settings->directory_keep;
		answer(a, DIRECTORY_KNOWN, NULL);
	} else {
		d->n_running++;
		a->asking = directory_source_ask(
		    d->source, str_from(a->name), &e, on_told, a);
	}
}

static void
on_soon(void *ctx)
{
	struct directory *d = ctx;
	struct account *a;

	while (d->n_running < (size_t)d->settings->directory_at_once &&
	       (a = take_next(d)) != NULL)
		start(a);
}

static void
enqueue(struct account *a)
{
	struct directory *d = a->d;

	if (a->is_queued || a->asking)
		return;
	a->is_queued = true;
	*(d->queue_end ? &d->queue_end->next : &d->queue) = a;
	d->queue_end = a;
	d->n_queued++;
	loop_timer_soon(d->soon);
}

struct directory_question *
directory_ask(
    struct directory *d, struct str account, directory_fn *done, void *ctx)
{
	struct account *a = find(d, account);
	struct directory_question *q = xalloc(1, sizeof(*q));

	*q = (struct directory_question){a, done, ctx, NULL};
	*(a->last ? &a->last->next : &a->first) = q;
	a->last = q;
	enqueue(a);
	return q;
}

void
directory_cancel(struct directory_question *q)
{
	q->done = NULL;
}

void
directory_want(struct directory *d, struct str account)
{
	struct account *a;

	if (!d->source || d->n_queued >= DIRECTORY_WAITING / 2)
		return;
	a = find(d, account);
	if (!is_kept(a))
		enqueue(a);
}

const struct owner_entry *
directory_cached(struct directory *d, struct str account)
{
	const struct account *a = map_find(&d->accounts, account);

	return a && is_kept(a) ? &a->entry : NULL;
}

bool
directory_has_source(const struct directory *d)
{
	return d->source != NULL;
}

/* --- its life --- */

static void
forget(struct directory *d)
{
	struct account *a = d->oldest;

	while (a) {
		struct account *newer = a->newer;

		if (a->asking)
			d->n_running--;
		directory_source_cancel(&a->asking);
		a->until = 0;
		if (a->first && !a->is_queued)
			enqueue(a);
		if (!is_busy(a))
			drop(a);
		a = newer;
	}
}

void
directory_forget(struct directory *d, struct str account)
{
	struct account *a = map_find(&d->accounts, account);

	if (!a)
		return;
	a->until = 0;
	if (!is_busy(a))
		drop(a);
}

struct directory *
directory_new(struct loop *l, const struct notify_settings *s,
    struct redis *redis, directory_run_fn *run, void *run_ctx,
    directory_change_fn *on_change, void *ctx)
{
	struct directory *d = xalloc(1, sizeof(*d));

	d->loop = l;
	d->settings = s;
	d->redis = redis;
	d->run = run;
	d->run_ctx = run_ctx;
	d->on_change = on_change;
	d->ctx = ctx;
	map_init(&d->accounts);
	d->soon = loop_timer_new(l, on_soon, d);
	d->source = directory_source_new(l, s, redis, run, run_ctx);
	return d;
}

void
directory_set(struct directory *d, const struct notify_settings *s)
{
	d->settings = s;
	if (directory_source_is(d->source, s)) {
		if (d->source)
			directory_source_set(d->source, s);
		else
			forget(d); /* the patterns may be others */
		return;
	}
	forget(d);
	directory_source_free(&d->source);
	d->source =
	    directory_source_new(d->loop, s, d->redis, d->run, d->run_ctx);
	d->is_failing = false;
}

void
directory_free(struct directory **dp)
{
	struct directory *d = *dp;

	if (!d)
		return;
	*dp = NULL;
	while (d->oldest) {
		struct account *a = d->oldest;

		directory_source_cancel(&a->asking);
		answer(a, DIRECTORY_FAILED, "the program ends");
		drop(a);
	}
	directory_source_free(&d->source);
	loop_timer_free(&d->soon);
	map_done(&d->accounts);
	free(d);
}
