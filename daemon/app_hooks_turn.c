/* app_hooks_turn - whose turn it is to run a hook that runs once for all nodes
 */
#include "daemon/app_hooks_parts.h"
#include "ledger/keys.h"

enum {
	KEY = 256,
	DONE_S = 8 * 86400,
	LEASE_MORE_S = 30,
	PATIENCE_US = 4 * 1000 * 1000, /* with a Redis that is away */
};

static struct str
key_of(const struct hook_job *job, const char *prefix, char buf[KEY])
{
	struct text t;

	text_init(&t, buf, KEY);
	text_printf(&t, "%shook:%s", prefix, job->key);
	return text_view(&t);
}

/* Another node may be at it; this one was, before it was started anew. */
static void
on_holder(void *ctx, const struct redis_reply *r)
{
	struct hook_job *job = ctx;

	job->is_leased =
	    r && redis_reply_type(r) == REDIS_STRING &&
	    str_is(redis_reply_text(r), books_node(job->owner->app->books));
}

static void
on_looked(void *ctx, const struct redis_reply *r)
{
	struct hook_job *job = ctx;

	bool is_patient =
	    loop_now_us(job->owner->app->loop) - job->taken_us < PATIENCE_US;

	if (r && redis_reply_type(r) == REDIS_STRING)
		app_hooks_drop(job);
	else if (r ? job->is_leased : job->is_ours && !is_patient)
		app_hooks_run(job);
	else
		app_hooks_wait(job);
}

void
app_hooks_ask_turn(struct hook_job *job, int64_t timeout)
{
	struct app *a = job->owner->app;
	struct redis *r = app_board_redis(a->board);
	char lease[KEY], sent[KEY], buf[32];
	struct text seconds;

	text_init(&seconds, buf, sizeof(buf));
	text_i64(&seconds, timeout + LEASE_MORE_S);
	const struct str set[] = {STR("SET"), key_of(job, KEYS_LEASE, lease),
	    books_node(a->books), STR("NX"), STR("EX"), text_view(&seconds)};
	const struct str get[] = {STR("GET"), key_of(job, KEYS_SENT, sent)};

	const struct str holder[] = {STR("GET"), set[1]};

	job->is_leased = false;
	redis_ask(r, set, 6, NULL, NULL);
	redis_ask(r, holder, 2, on_holder, job);
	redis_ask(r, get, 2, on_looked, job);
}

void
app_hooks_end_turn(struct hook_job *job, bool is_done)
{
	struct app *a = job->owner->app;
	struct redis *r = app_board_redis(a->board);
	char lease[KEY], sent[KEY], buf[32];
	struct text seconds;

	text_init(&seconds, buf, sizeof(buf));
	text_i64(&seconds, DONE_S);
	const struct str set[] = {STR("SET"), key_of(job, KEYS_SENT, sent),
	    books_node(a->books), STR("EX"), text_view(&seconds)};
	const struct str del[] = {STR("DEL"), key_of(job, KEYS_LEASE, lease)};

	if (is_done)
		redis_ask(r, set, 5, NULL, NULL);
	if (job->is_leased)
		redis_ask(r, del, 2, NULL, NULL);
	job->is_leased = false;
}
