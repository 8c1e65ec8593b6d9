/* check_redis - what a Redis must have, shared or our own
 *
 * Every command that Outpost gives is tried, on keys that begin as its own do
 * and go at once: an ACL that forbids one is found here, not in a storm.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/loop.h"
#include "base/redis.h"
#include "base/time.h"
#include "cli/check_parts.h"
#include "daemon/redis_login.h"
#include "ledger/keys.h"

enum {
	PATIENCE_US = 6000000,
	TEXT = 4096,
	WORDS = 10,
	SKEW_S = 5,
	LISTPACK = 65536
};

#define KEY KEYS_PREFIX "check"

static const char acl[] =
    "ACL SETUSER outpost on >PASSWORD resetkeys ~outpost:* -@all +auth +select "
    "+ping +role +info +time +config|get +set +get +del +expire +pexpire "
    "+hset +hget +hmget +hgetall +hdel +xadd +xrange +xread +xtrim +xinfo "
    "+xgroup +xreadgroup +xack +xclaim +xautoclaim";

/* In this order; the last takes the key away. */
static const char *const questions[][WORDS] = {
    {"INFO", "server"},
    {"CONFIG", "GET", "maxmemory-policy"},
    {"CONFIG", "GET", "maxmemory"},
    {"CONFIG", "GET", "appendonly"},
    {"CONFIG", "GET", "save"},
    {"CONFIG", "GET", "hash-max-listpack-value"},
    {"TIME"},
    {"SET", KEY ":s", "x", "NX", "PX", "5000"},
    {"GET", KEY ":s"},
    {"PEXPIRE", KEY ":s", "5000"},
    {"HSET", KEY ":h", "field", "x"},
    {"HMGET", KEY ":h", "field"},
    {"HGETALL", KEY ":h"},
    {"HDEL", KEY ":h", "field"},
    {"EXPIRE", KEY ":h", "5"},
    {"XGROUP", "CREATE", KEY ":x", "group", "$", "MKSTREAM"},
    {"XADD", KEY ":x", "*", "e", "x"},
    {"XRANGE", KEY ":x", "-", "+"},
    {"XREAD", "COUNT", "1", "STREAMS", KEY ":x", "0"},
    {"XREADGROUP", "GROUP", "group", "me", "COUNT", "1", "STREAMS", KEY ":x",
	">"},
    {"XACK", KEY ":x", "group", "1-1"},
    {"XCLAIM", KEY ":x", "group", "me", "0", "1-1", "JUSTID"},
    {"XAUTOCLAIM", KEY ":x", "group", "me", "0", "0", "COUNT", "1"},
    {"XINFO", "STREAM", KEY ":x"},
    {"XTRIM", KEY ":x", "MINID", "~", "1"},
    {"DEL", KEY ":s", KEY ":h", KEY ":x"},
};

enum {
	Q_INFO,
	Q_POLICY,
	Q_MEMORY,
	Q_APPEND,
	Q_SAVE,
	Q_LISTPACK,
	Q_TIME,
	QUESTIONS = sizeof(questions) / sizeof(questions[0])
};

struct asking {
	struct asker *asker;
	char text[TEXT]; /* CONFIG GET's value, TIME's seconds; an error */
	bool is_answered, is_error;
};

struct asker {
	struct loop *loop;
	struct redis *redis;
	char why[sizeof(((struct error *)0)->text)];
	struct asking all[QUESTIONS];
	size_t n_answered;
	int64_t told_at; /* its time was told then: the check takes long */
	bool is_up;
};

static void
on_reply(void *ctx, const struct redis_reply *r)
{
	struct asking *q = ctx;
	struct asker *a = q->asker;
	struct text t;

	q->is_answered = r != NULL;
	q->is_error = r && redis_reply_type(r) == REDIS_ERROR;
	if (r && redis_reply_count(r) > 0)
		r = redis_reply_at(r,
		    q - a->all == Q_TIME || redis_reply_count(r) < 2 ? 0 : 1);
	text_init(&t, q->text, sizeof(q->text));
	if (r)
		text_str(&t, redis_reply_text(r));
	if (q - a->all == Q_TIME)
		a->told_at = loop_now_us(a->loop) / TIME_US;
	if (++a->n_answered == QUESTIONS)
		loop_stop(a->loop);
}

static void
ask_all(struct asker *a)
{
	for (size_t i = 0; i < QUESTIONS; i++) {
		struct str argv[WORDS];
		size_t n = 0;

		while (n < WORDS && questions[i][n]) {
			argv[n] = str_from(questions[i][n]);
			n++;
		}
		a->all[i].asker = a;
		redis_ask(a->redis, argv, n, on_reply, &a->all[i]);
	}
}

static void
on_state(void *ctx, bool is_up, const char *reason)
{
	struct asker *a = ctx;

	if (!is_up)
		snprintf(a->why, sizeof(a->why), "%s", reason);
	if (!is_up || a->is_up) {
		loop_stop(a->loop);
		return;
	}
	a->is_up = true;
	ask_all(a);
}

static void
on_patience(void *ctx)
{
	struct asker *a = ctx;

	snprintf(a->why, sizeof(a->why), "too slow to answer");
	loop_stop(a->loop);
}

/* Asks all, and waits. false: no connection. */
static bool
ask_redis(struct check *c, struct asker *a)
{
	const struct daemon_settings *s = &c->settings->daemon;
	char uri[REDIS_LOGIN_URI + 64];
	struct redis_options o = {
	    uri, 3000, (int)s->redis_timeout * 1000, 2 * QUESTIONS};
	struct error err = {""};

	if (strcmp(s->redis_uri, "managed") == 0) {
		snprintf(
		    uri, sizeof(uri), "unix:%s/redis/redis.sock", s->state_dir);
	} else if (redis_login_uri(s, uri, &err) < 0) {
		snprintf(a->why, sizeof(a->why), "%s", err.text);
		return false;
	}
	a->loop = loop_new();
	a->redis = redis_new(a->loop, &o, on_state, a, &err);
	snprintf(a->why, sizeof(a->why), "%s", err.text);
	struct loop_timer *timer = loop_timer_new(a->loop, on_patience, a);

	loop_timer_in(timer, PATIENCE_US);
	if (a->redis)
		loop_run(a->loop);
	size_t answered = a->n_answered;

	redis_free(&a->redis);
	loop_timer_free(&timer);
	loop_free(&a->loop);
	return answered == QUESTIONS && a->all[QUESTIONS - 1].is_answered;
}

static void
check_version(struct check *c, struct asker *a)
{
	struct str info = str_from(a->all[Q_INFO].text);
	ptrdiff_t at = str_find(info, STR("redis_version:"));
	struct str version = at < 0 ? STR("") : str_skip(info, (size_t)at + 14);

	(void)str_cut(&version, '\r', &version);
	if (at < 0)
		return;
	if (version.n > 1 && version.p[1] == '.' && version.p[0] < '7')
		check_say(c, CHECK_FAIL, "redis", "apt install redis-server",
		    "is version %.*s: 7 or later is needed, or Valkey",
		    STR_ARG(str_head(version, 20)));
}

static void
check_memory(struct check *c, struct asker *a)
{
	const char *policy = a->all[Q_POLICY].text;
	uint64_t listpack = 0;

	if (a->all[Q_POLICY].is_error) {
		check_say(c, CHECK_WARN, "redis", acl,
		    "its settings can't be looked at (%s)", policy);
		return;
	}
	if (strcmp(policy, "noeviction") != 0)
		check_say(c, CHECK_FAIL, "redis",
		    "redis.conf: maxmemory-policy noeviction",
		    "maxmemory-policy is %s: when it is full it throws away "
		    "counts, and letters not yet sent",
		    policy);
	if (str_to_u64(str_from(a->all[Q_LISTPACK].text), &listpack) &&
	    listpack < LISTPACK)
		check_say(c, CHECK_WARN, "redis",
		    "redis.conf: hash-max-listpack-value 65536",
		    "hash-max-listpack-value is %llu: counts take twice the "
		    "memory",
		    (unsigned long long)listpack);
	if (strcmp(a->all[Q_APPEND].text, "yes") != 0)
		check_say(c, *a->all[Q_SAVE].text ? CHECK_WARN : CHECK_FAIL,
		    "redis", "redis.conf: appendonly yes",
		    "is not append-only: after a crash of it letters and "
		    "webhooks not yet sent are lost");
}

static void
check_rights(struct check *c, struct asker *a)
{
	for (size_t i = Q_TIME; i < QUESTIONS; i++) {
		const struct asking *q = &a->all[i];
		bool is_forbidden =
		    str_starts(str_from(q->text), STR("NOPERM"));

		if (!q->is_error)
			continue;
		check_say(c, CHECK_FAIL, "redis",
		    is_forbidden ? acl : "redis-cli info persistence",
		    "%s is refused (%s): nothing is shared, letters wait",
		    questions[i][0], q->text);
		return;
	}
}

static void
check_time(struct check *c, struct asker *a)
{
	int64_t at;

	if (!str_to_i64(str_from(a->all[Q_TIME].text), &at))
		return;
	int64_t skew = at - a->told_at;

	if (skew > SKEW_S || skew < -SKEW_S)
		check_say(c, CHECK_FAIL, "clock", "timedatectl set-ntp true",
		    "the clock of Redis' host is %lld s %s ours: hosts don't "
		    "agree what was when",
		    (long long)(skew < 0 ? -skew : skew),
		    skew < 0 ? "behind" : "ahead of");
}

void
check_redis(struct check *c)
{
	struct asker *a = xalloc(1, sizeof(*a));
	unsigned before = c->found[CHECK_WARN] + c->found[CHECK_FAIL];

	if (ask_redis(c, a)) {
		check_version(c, a);
		check_memory(c, a);
		check_rights(c, a);
		check_time(c, a);
		if (c->found[CHECK_WARN] + c->found[CHECK_FAIL] == before)
			check_say(c, CHECK_OK, "redis", NULL,
			    "answers, keeps its data, may be written to");
	} else if (strcmp(c->settings->daemon.redis_uri, "managed") == 0) {
		check_say(c, CHECK_FAIL, "redis", "systemctl start outpostd",
		    "%s: outpostd's own Redis runs with outpostd", a->why);
	} else {
		check_say(c, CHECK_FAIL, "redis",
		    "outpost.conf: redis: { redis_uri = \"managed\"; };   or "
		    "start it",
		    "%s: hosts don't hear of each other, letters and webhooks "
		    "wait",
		    a->why);
	}
	free(a);
}
