/* app_plans - what the directory said of accounts' owners, for the judge */
#include "daemon/app_plans.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_spread.h"
#include "daemon/app_state.h"
#include "ledger/keys.h"

enum {
	ASKING_MAX = 200,
	PAUSE =
	    30, /* until somebody of whom nothing was heard is asked again */
	FAILED_MAX = 1000,
	VALUE = 128,
	DAY = 86400,
};

struct app_plans {
	struct app *app;
	struct kept kept; /* account: "CREATED PLAN" */
	struct app_spread *spread;
	struct map asking; /* accounts */
	struct map failed; /* accounts, of late */
	int64_t failed_until;
	uint64_t changes; /* that the judge knows of */
};

struct question {
	struct app_plans *plans;
	char *account;
};

static int64_t
now_of(const struct app_plans *p)
{
	return loop_now_us(p->app->loop) / TIME_US;
}

void
app_plans_owner(void *ctx, struct str account, struct judge_owner *out)
{
	const struct app_plans *p = ((struct app *)ctx)->plans;
	const struct kept_item *i =
	    p && p->kept.items.n > 0 ? kept_find(&p->kept, account) : NULL;
	struct str born;

	if (!i)
		return;
	out->plan = i->value;
	if (!str_cut(&out->plan, ' ', &born) || !str_to_i64(born, &out->born))
		*out = (struct judge_owner){.plan = {"", 0}};
}

static void
forget_failed(struct app_plans *p)
{
	size_t at = 0;
	char *account;

	while ((account = map_next(&p->failed, &at)) != NULL)
		free(account);
	map_done(&p->failed);
	map_init(&p->failed);
}

static void
note_failed(struct app_plans *p, struct str account)
{
	char *copy;

	if (p->failed.n >= FAILED_MAX || map_find(&p->failed, account))
		return;
	copy = str_dup(account);
	map_put(&p->failed, str_from(copy), copy);
}

static void
note_owner(struct app_plans *p, struct str account, const struct owner_entry *e)
{
	struct pipeline *pipeline = p->app->pipeline;
	uint64_t before = p->kept.changes;
	char buf[VALUE];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%lld %s", (long long)e->created, e->plan);
	kept_put(&p->kept, account, text_view(&t),
	    kept_time(&p->kept, account, now_of(p)));
	if (p->kept.changes == before)
		return;
	/* The judge looks at it anew, and at nobody else. */
	if (p->changes == before)
		p->changes = p->kept.changes;
	struct subject *s =
	    ledger_find(pipeline_ledger(pipeline), SUBJECT_ACCOUNT, account);

	if (s) {
		subject_set_note(s, 0);
		pipeline_judge(pipeline, s);
	}
}

static void
on_told(void *ctx, enum directory_outcome outcome, const struct owner_entry *e,
    const char *why)
{
	struct question *q = ctx;
	struct app_plans *p = q->plans;
	struct str account = str_from(q->account);

	(void)why;
	if (outcome == DIRECTORY_FAILED)
		note_failed(p, account);
	else
		note_owner(p, account, e);
	map_remove(&p->asking, account);
	free(q->account);
	free(q);
}

static bool
is_asked(const struct app_plans *p)
{
	const struct app *a = p->app;

	return a->letters && rules_ask_owners(a->settings->rules) &&
	       (a->settings->notify.n_owners > 0 ||
		   directory_has_source(app_letters_directory(a->letters)));
}

void
app_plans_sent(struct app_plans *p, struct str account)
{
	const struct kept_item *i;
	int64_t now = now_of(p);

	if (!is_asked(p) || p->failed.n >= FAILED_MAX)
		return;
	i = kept_find(&p->kept, account);
	if ((i && i->at + p->app->settings->notify.directory_keep > now) ||
	    p->asking.n >= ASKING_MAX || map_find(&p->asking, account) ||
	    map_find(&p->failed, account) || account.n > KEPT_KEY)
		return;
	struct question *q = xalloc(1, sizeof(*q));

	q->plans = p;
	q->account = str_dup(account);
	map_put(&p->asking, str_from(q->account), q);
	directory_ask(
	    app_letters_directory(p->app->letters), account, on_told, q);
}

void
app_plans_tick(struct app_plans *p)
{
	const struct notify_settings *s = &p->app->settings->notify;

	p->kept.max = (size_t)s->directory_max;
	kept_tick(&p->kept, 0, 100);
	if (now_of(p) >= p->failed_until) {
		forget_failed(p);
		p->failed_until = now_of(p) + PAUSE;
	}
	if (p->spread)
		app_spread_tick(p->spread, app_board_redis(p->app->board), 0,
		    now_of(p) + DAY);
	if (p->kept.changes == p->changes)
		return;
	p->changes = p->kept.changes;
	pipeline_void_notes(p->app->pipeline);
}

bool
app_plans_forget(struct app_plans *p, struct str account)
{
	return kept_remove(&p->kept, account);
}

struct app_plans *
app_plans_new(struct app *a)
{
	struct app_plans *p = xalloc(1, sizeof(*p));

	p->app = a;
	kept_init(&p->kept, (size_t)a->settings->notify.directory_max);
	map_init(&p->asking);
	map_init(&p->failed);
	if (strcmp(a->settings->daemon.redis_uri, "managed") != 0)
		p->spread = app_spread_new(KEYS_PLANS, &p->kept);
	return p;
}

struct books_part
app_plans_part(struct app_plans *p)
{
	return kept_part(&p->kept, 'Z', "plans");
}

void
app_plans_free(struct app_plans **pp)
{
	struct app_plans *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	app_spread_free(&p->spread);
	kept_done(&p->kept);
	map_done(&p->asking);
	forget_failed(p);
	map_done(&p->failed);
	free(p);
}
