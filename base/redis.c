/* redis - one asynchronous connection that comes back by itself
 *
 * A wire carries the bytes; here are the states, the order of the questions,
 * and the one timer that finds the late ones.
 */
#include "base/redis.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/loop.h"
#include "base/redis_queue.h"
#include "base/redis_uri.h"
#include "base/redis_wire.h"
#include "base/resolve.h"
#include "base/time.h"

enum { DELAY_MIN_US = 100000, DELAY_MAX_US = 5000000 };

enum state { DOWN, CONNECTING, GREETING, UP };

struct redis {
	struct loop *loop;
	struct redis_uri uri;
	int64_t connect_timeout_us, command_timeout_us;
	size_t max_waiting;
	redis_state_fn *on_state;
	void *ctx;

	enum state state;
	bool is_told, is_told_up;
	unsigned attempts;
	int64_t delay_us;
	struct resolve *resolve;
	struct redis_wire *wire; /* NULL when DOWN, or looking up the host */
	char greeting_error[160];

	struct redis_queue asked;
	struct redis_queue failed; /* to be answered NULL in the next turn */
	int64_t armed_us;	   /* `late` rings then; 0: not armed */
	struct loop_timer *retry, *late, *fail;

	unsigned busy; /* callbacks under way: the memory stays */
	bool is_dead;
};

static void
enter(struct redis *r)
{
	r->busy++;
}

static void
leave(struct redis *r)
{
	if (--r->busy > 0 || !r->is_dead)
		return;
	redis_uri_done(&r->uri);
	free(r);
}

/* Losing it. */

static void
tell(struct redis *r, bool is_up, const char *reason)
{
	if (r->is_told && r->is_told_up == is_up)
		return;
	r->is_told = true;
	r->is_told_up = is_up;
	if (r->on_state)
		r->on_state(r->ctx, is_up, reason);
}

static void
disarm(struct redis *r)
{
	r->armed_us = 0;
	loop_timer_stop(r->late);
}

static void
hang_up(struct redis *r)
{
	r->state = DOWN;
	resolve_cancel(&r->resolve);
	redis_wire_free(&r->wire);
}

static void
lose(struct redis *r, const char *why)
{
	char reason[300];

	snprintf(reason, sizeof(reason), "%s: %s", r->uri.name, why);
	hang_up(r);
	disarm(r);
	loop_timer_in(r->retry, r->delay_us);
	r->delay_us *= 2;
	if (r->delay_us > DELAY_MAX_US)
		r->delay_us = DELAY_MAX_US;
	enter(r);
	tell(r, false, reason);
	while (redis_queue_answer(&r->asked, NULL, 0))
		;
	leave(r);
}

static void
arm(struct redis *r, int64_t due_us, int64_t now_us)
{
	if (r->armed_us && r->armed_us <= due_us)
		return;
	r->armed_us = due_us;
	loop_timer_in(r->late, due_us - now_us);
}

/* One timer for all: it looks at the oldest question. */
static void
on_late(void *ctx)
{
	struct redis *r = ctx;
	int64_t now = time_mono_us();
	char why[64];

	r->armed_us = 0;
	if (r->state == CONNECTING) {
		snprintf(why, sizeof(why), "no connection within %lld ms",
		    (long long)r->connect_timeout_us / 1000);
		lose(r, why);
		return;
	}
	int64_t due = redis_queue_due(&r->asked, r->command_timeout_us);

	if (due == 0)
		return;
	if (due > now) {
		arm(r, due, now);
		return;
	}
	snprintf(why, sizeof(why), "no answer within %lld ms",
	    (long long)r->command_timeout_us / 1000);
	lose(r, why);
}

/* Asking. */

static void
on_wire_reply(void *ctx, const struct redis_reply *reply)
{
	struct redis *r = ctx;
	bool is_readonly = redis_reply_type(reply) == REDIS_ERROR &&
			   str_starts(redis_reply_text(reply), STR("READONLY"));

	enter(r);
	redis_queue_answer(&r->asked, reply, time_mono_us());
	if (is_readonly && r->state == UP)
		lose(r, "it is no longer a master");
	leave(r);
}

/* Only onto a connection. */
static bool
send_question(struct redis *r, const struct str *argv, size_t n, int slow_ms,
    redis_reply_fn *on_reply, void *ctx)
{
	int64_t now = time_mono_us();

	if (!redis_wire_send(r->wire, argv, n))
		return false;
	redis_queue_add(&r->asked, on_reply, ctx, now, r->command_timeout_us,
	    (int64_t)slow_ms * 1000);
	arm(r, redis_queue_due(&r->asked, r->command_timeout_us), now);
	return true;
}

static void
ask(struct redis *r, const struct str *argv, size_t n, int slow_ms,
    redis_reply_fn *on_reply, void *ctx)
{
	assert(n > 0 && n < INT32_MAX);
	if (r->state == UP && r->asked.n < r->max_waiting &&
	    send_question(r, argv, n, slow_ms, on_reply, ctx))
		return;
	redis_queue_add(&r->failed, on_reply, ctx, 0, 0, 0);
	if (!r->is_dead)
		loop_timer_in(r->fail, 0);
}

void
redis_ask(struct redis *r, const struct str *argv, size_t n,
    redis_reply_fn *on_reply, void *ctx)
{
	ask(r, argv, n, 0, on_reply, ctx);
}

void
redis_ask_slow(struct redis *r, const struct str *argv, size_t n,
    int timeout_ms, redis_reply_fn *on_reply, void *ctx)
{
	ask(r, argv, n, timeout_ms, on_reply, ctx);
}

static void
on_fail(void *ctx)
{
	struct redis *r = ctx;

	enter(r);
	/* Who asks again at once is answered in another turn. */
	for (size_t n = r->failed.n; n > 0; n--)
		redis_queue_answer(&r->failed, NULL, 0);
	leave(r);
}

/* Connecting: log in, choose the database, see that it works and is a master.
 */

static void
on_greeting(void *ctx, const struct redis_reply *reply)
{
	struct redis *r = ctx;

	if (reply && redis_reply_type(reply) == REDIS_ERROR &&
	    !*r->greeting_error)
		snprintf(r->greeting_error, sizeof(r->greeting_error), "%.*s",
		    STR_ARG(redis_reply_text(reply)));
}

static void
on_role(void *ctx, const struct redis_reply *reply)
{
	struct redis *r = ctx;

	on_greeting(ctx, reply);
	if (!reply)
		return;
	if (!*r->greeting_error &&
	    (redis_reply_count(reply) == 0 ||
		!str_is(
		    redis_reply_text(redis_reply_at(reply, 0)), STR("master"))))
		snprintf(r->greeting_error, sizeof(r->greeting_error),
		    "it is no master but a %.*s",
		    STR_ARG(redis_reply_count(reply)
				? redis_reply_text(redis_reply_at(reply, 0))
				: STR("stranger")));
	if (*r->greeting_error) {
		lose(r, r->greeting_error);
		return;
	}
	r->state = UP;
	r->delay_us = DELAY_MIN_US;
	tell(r, true, r->uri.name);
}

static void
greet(struct redis *r)
{
	struct str auth[3] = {STR("AUTH")};
	size_t n = 1;
	char db[16];

	*r->greeting_error = '\0';
	if (r->uri.user)
		auth[n++] = str_from(r->uri.user);
	if (r->uri.password) {
		auth[n++] = str_from(r->uri.password);
		send_question(r, auth, n, 0, on_greeting, r);
	}
	if (r->uri.db) {
		snprintf(db, sizeof(db), "%d", r->uri.db);
		send_question(r, (struct str[]){STR("SELECT"), str_from(db)}, 2,
		    0, on_greeting, r);
	}
	send_question(r, (struct str[]){STR("PING")}, 1, 0, on_greeting, r);
	send_question(r, (struct str[]){STR("ROLE")}, 1, 0, on_role, r);
}

static void
on_open(void *ctx)
{
	struct redis *r = ctx;

	r->state = GREETING;
	disarm(r);
	greet(r);
}

static void
on_close(void *ctx, const char *why)
{
	struct redis *r = ctx;

	lose(r, why);
}

static void
connect_to(struct redis *r, const char *host)
{
	struct redis_wire_events events = {on_open, on_wire_reply, on_close, r};
	struct error err;

	r->wire = redis_wire_new(
	    r->loop, r->uri.path, host, r->uri.port, &events, &err);
	if (!r->wire)
		lose(r, err.text);
}

static void
on_resolved(void *ctx, const struct resolve_result *result)
{
	struct redis *r = ctx;

	r->resolve = NULL;
	if (result->n == 0)
		lose(r, result->error);
	else
		connect_to(r, result->address[r->attempts++ % result->n]);
}

static void
on_retry(void *ctx)
{
	struct redis *r = ctx;
	int64_t now = time_mono_us();

	r->state = CONNECTING;
	arm(r, now + r->connect_timeout_us, now);
	if (r->uri.path)
		connect_to(r, NULL);
	else
		r->resolve =
		    resolve_start(r->loop, r->uri.host, on_resolved, r);
}

/* Its life. */

struct redis *
redis_new(struct loop *l, const struct redis_options *o,
    redis_state_fn *on_state, void *ctx, struct error *err)
{
	struct redis_uri uri;

	if (redis_uri_parse(o->uri, &uri, err) < 0)
		return NULL;
	struct redis *r = xalloc(1, sizeof(*r));

	r->loop = l;
	r->uri = uri;
	r->connect_timeout_us = (int64_t)o->connect_timeout_ms * 1000;
	r->command_timeout_us = (int64_t)o->command_timeout_ms * 1000;
	r->max_waiting = o->max_waiting;
	r->on_state = on_state;
	r->ctx = ctx;
	r->delay_us = DELAY_MIN_US;
	redis_queue_init(&r->asked);
	redis_queue_init(&r->failed);
	r->retry = loop_timer_new(l, on_retry, r);
	r->late = loop_timer_new(l, on_late, r);
	r->fail = loop_timer_new(l, on_fail, r);
	loop_timer_in(r->retry, 0);
	return r;
}

void
redis_free(struct redis **rp)
{
	struct redis *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	enter(r);
	r->is_dead = true;
	hang_up(r);
	loop_timer_free(&r->retry);
	loop_timer_free(&r->late);
	loop_timer_free(&r->fail);
	while (redis_queue_answer(&r->asked, NULL, 0) ||
	       redis_queue_answer(&r->failed, NULL, 0))
		;
	leave(r);
}

bool
redis_is_up(const struct redis *r)
{
	return r->state == UP;
}

size_t
redis_waiting(const struct redis *r)
{
	return r->asked.n;
}
