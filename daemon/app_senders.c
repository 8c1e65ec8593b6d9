/* app_senders - every account's place in its pool, as a table
 *
 * Large, and seldom another one: it is made from a walk over the accounts, in
 * slices, every ten minutes; a thread writes it, when it is another one. Whose
 * standing changes is in a small table before it (pool_put_account), as is who
 * came since; and an address that can't be used changes the places alone.
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "base/worker.h"
#include "daemon/app_pools.h"
#include "daemon/app_state.h"
#include "daemon/metrics.h"
#include "daemon/tables.h"
#include "ledger/walk.h"
#include "mta/postfix_table.h"

enum {
	EVERY = 600,
	SLICE = 250,
	TEXT_MAX = 1 << 30,
	FRESH_MAX = 20000,
	LATE = 120 /* what the log may be behind */
};

/* One that the table may not have yet. */
struct fresh {
	struct fresh *next;
	uint64_t round; /* the walk that it was too late for */
	struct str key, value;
};

/* Keys and values, each with a NUL behind it. */
struct senders_job {
	struct app_senders *senders;
	char path[TABLES_PATH];
	uint64_t round;
	struct text entries;
	size_t at;
	int status;
	struct error err;
};

struct app_senders {
	struct app *app;
	struct loop_timer *timer; /* NULL: never needed */
	struct worker *worker;	  /* NULL: nothing is written */
	struct ledger_walk walk;
	struct text entries;
	bool is_walking, is_failing;
	int64_t begun; /* wall clock; 0: never */
	uint64_t round;
	struct fresh *fresh; /* the latest first */
	struct map fresh_keys;
};

struct app_senders *
app_senders_new(struct app *a)
{
	struct app_senders *s = xalloc(1, sizeof(*s));

	s->app = a;
	text_grow(&s->entries, TEXT_MAX);
	map_init(&s->fresh_keys);
	return s;
}

/* The table has those that came before this round. */
static void
forget_fresh(struct app_senders *s, uint64_t round)
{
	struct fresh **at = &s->fresh, *f;

	while ((f = *at)) {
		if (f->round >= round) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		map_remove(&s->fresh_keys, f->key);
		free(f);
	}
}

static void
free_job(void *job)
{
	struct senders_job *j = job;

	text_done(&j->entries);
	free(j);
}

void
app_senders_free(struct app_senders **sp)
{
	struct app_senders *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	if (s->worker)
		worker_abandon(&s->worker, free_job);
	forget_fresh(s, UINT64_MAX);
	map_done(&s->fresh_keys);
	loop_timer_free(&s->timer);
	text_done(&s->entries);
	free(s);
}

static bool
next_entry(void *ctx, struct str *key, struct str *value)
{
	struct senders_job *j = ctx;
	struct str rest = str_skip(text_view(&j->entries), j->at);

	if (!str_cut(&rest, '\0', key) || !str_cut(&rest, '\0', value))
		return false;
	j->at = j->entries.n - rest.n;
	return true;
}

static void
write_senders(void *job)
{
	struct senders_job *j = job;

	j->status =
	    postfix_table_write(j->path, TABLES_MODE, next_entry, j, &j->err);
}

static void
on_written(void *job)
{
	struct senders_job *j = job;
	struct app_senders *s = j->senders;

	s->worker = NULL;
	if (j->status == 0)
		forget_fresh(s, j->round);
	if ((j->status < 0) != s->is_failing) {
		s->is_failing = j->status < 0;
		if (s->is_failing)
			log_error("%s; new accounts leave by "
				  "default_transport",
			    j->err.text);
		else
			log_notice("the table of senders is written again");
	}
	free_job(j);
}

static void
hand_on(struct app_senders *s)
{
	struct senders_job *j = xalloc(1, sizeof(*j));

	j->senders = s;
	j->round = s->round;
	j->entries = s->entries;
	tables_path(s->app->settings->daemon.state_dir, TABLE_SENDERS, j->path);
	j->status = error_set(&j->err, "no thread to write the table");
	text_grow(&s->entries, TEXT_MAX);
	s->worker = worker_start(s->app->loop, write_senders, on_written, j);
}

static void
put(void *ctx, struct str key, struct str value)
{
	struct text *t = ctx;

	text_str(t, key);
	text_char(t, '\0');
	text_str(t, value);
	text_char(t, '\0');
}

/* As limits do (younger_than): who was first seen soon after the books began
 * may be old. */
static bool
is_new(const struct app *a, const struct subject *s, int64_t now)
{
	int64_t than = a->settings->reputation.new_for;
	int64_t first = subject_first_seen(s);

	return first - ledger_began(pipeline_ledger(a->pipeline)) >= than &&
	       now - first < than;
}

static size_t
pool_of(const struct app *a, const struct subject *one)
{
	if (rules_class(a->settings->rules, SUBJECT_ACCOUNT,
		subject_key(one)) == CLASS_BULK)
		return POOL_BULK;
	return is_new(a, one, loop_now_us(a->loop) / TIME_US) ? POOL_NEW
							      : POOL_DEFAULT;
}

static void
on_account(void *ctx, struct subject *one)
{
	struct app_senders *s = ctx;
	const struct pool_view *v = app_pools_view(s->app->pools);

	if (v && subject_kind(one) == SUBJECT_ACCOUNT)
		pool_put_sender(v, subject_key(one), pool_of(s->app, one), put,
		    &s->entries);
}

static void
put_fresh(void *ctx, struct str key, struct str value)
{
	struct app_senders *s = ctx;
	struct fresh *f = xalloc(1, sizeof(*f) + key.n + value.n);
	char *p = (char *)(f + 1);

	memcpy(p, key.p, key.n);
	memcpy(p + key.n, value.p, value.n);
	*f = (struct fresh){s->fresh, s->round, str_make(p, key.n),
	    str_make(p + key.n, value.n)};
	s->fresh = f;
	map_put(&s->fresh_keys, f->key, f);
	s->app->tables_stale = true;
}

void
app_senders_sent(struct app_senders *s, const struct subject *one)
{
	const struct pool_view *v;

	if (s->begun == 0 || subject_first_seen(one) < s->begun - LATE ||
	    subject_kind(one) != SUBJECT_ACCOUNT ||
	    s->fresh_keys.n >= FRESH_MAX ||
	    map_find(&s->fresh_keys, subject_key(one)) ||
	    !(v = app_pools_view(s->app->pools)))
		return;
	pool_put_sender(
	    v, subject_key(one), pool_of(s->app, one), put_fresh, s);
}

void
app_senders_put_fresh(const struct app_senders *s, pool_put_fn *to, void *ctx)
{
	for (const struct fresh *f = s->fresh; f; f = f->next)
		to(ctx, f->key, f->value);
}

static void
on_slice(void *ctx)
{
	struct app_senders *s = ctx;

	if (!walk_each(pipeline_ledger(s->app->pipeline), &s->walk, SLICE,
		on_account, s)) {
		loop_timer_work(s->timer);
		return;
	}
	s->is_walking = false;
	hand_on(s);
}

void
app_senders_tick(struct app_senders *s, bool is_due)
{
	int64_t now = loop_now_us(s->app->loop) / TIME_US;

	if (is_due)
		s->begun = 0;
	if (s->is_walking || s->worker || now - s->begun < EVERY)
		return;
	if (!s->timer)
		s->timer = loop_timer_new(s->app->loop, on_slice, s);
	s->begun = now;
	s->is_walking = true;
	s->round++;
	text_clear(&s->entries);
	walk_begin(pipeline_ledger(s->app->pipeline), &s->walk);
	loop_timer_work(s->timer);
}
