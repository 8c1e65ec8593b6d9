/* directory_source - a Redis hash, a command, or an HTTP address */
#include <stdio.h>
#include <stdlib.h>

#include "base/fetch.h"
#include "base/text.h"
#include "notify/directory_parts.h"

enum { ARGS = 8, URL = 2048, HEADER = 1024 };

struct directory_source {
	struct loop *loop;
	const struct notify_settings *settings;
	char name[URL]; /* what it is, to tell it from another one */
	struct fetcher *fetcher;
	struct redis *redis, *own_redis;
	directory_run_fn *run;
	void *run_ctx;
};

struct directory_asking {
	struct directory_source *source;
	struct owner_entry entry;
	directory_told_fn *told; /* NULL: cancelled */
	void *ctx;
	struct loop_timer *soon; /* it failed at once */
	char why[256];
};

static void
say(struct directory_asking *q, bool is_known, const char *why)
{
	if (q->told)
		q->told(q->ctx, is_known, &q->entry, why);
	loop_timer_free(&q->soon);
	free(q);
}

static void
on_failed(void *ctx)
{
	struct directory_asking *q = ctx;

	say(q, false, q->why);
}

static void
fail_soon(struct directory_asking *q, const char *why)
{
	struct text t;

	text_init(&t, q->why, sizeof(q->why));
	text_add(&t, why);
	q->soon = loop_timer_new(q->source->loop, on_failed, q);
	loop_timer_soon(q->soon);
}

static void
fail(struct directory_asking *q, const char *fmt, const char *what)
{
	struct text t;

	text_init(&t, q->why, sizeof(q->why));
	text_printf(&t, fmt, what);
	say(q, false, q->why);
}

static void
take_json(struct directory_asking *q, struct str json)
{
	struct error err = {""};
	bool is_known = false;

	if (str_trim(json).n == 0)
		say(q, false, NULL);
	else if (owner_read_json(&q->entry, json, &is_known, &err) != 0)
		fail(q, "its answer is broken: %s", err.text);
	else
		say(q, is_known, NULL);
}

/* --- HTTP --- */

static void
on_fetched(void *ctx, const struct fetch_result *r)
{
	struct directory_asking *q = ctx;
	char status[16];

	snprintf(status, sizeof(status), "%d", r->status);
	if (!q->told)
		say(q, false, NULL);
	else if (r->error)
		fail(q, "%s", r->error);
	else if (r->status == 404 || r->status == 410 || r->status == 204)
		say(q, false, NULL);
	else if (r->status != 200)
		fail(q, "it answered %s", status);
	else if (r->is_cut)
		fail(q, "%s", "its answer is too long");
	else
		take_json(q, r->body);
}

static void
ask_http(struct directory_asking *q, struct str account)
{
	const struct notify_settings *s = q->source->settings;
	char url[URL], header[HEADER];
	struct text t;
	struct error err = {"the address is too long"};

	text_init(&t, header, sizeof(header));
	text_printf(&t, "Authorization: Bearer %s", s->directory_token);
	const char *const headers[] = {"Accept: application/json",
	    *s->directory_token ? header : NULL, NULL};

	text_init(&t, url, sizeof(url));
	const struct fetch_request r = {.url = url,
	    .headers = headers,
	    .timeout_ms = (int)s->directory_timeout * 1000,
	    .max_bytes = DIRECTORY_ANSWER};

	if (!owner_expand(str_from(s->directory_url), account, true, &t) ||
	    !fetch_start(q->source->fetcher, &r, on_fetched, q, &err))
		fail_soon(q, err.text);
}

/* --- Redis --- */

static void
on_reply(void *ctx, const struct redis_reply *reply)
{
	struct directory_asking *q = ctx;
	struct error err = {""};
	size_t n;

	if (!q->told) {
		say(q, false, NULL);
		return;
	}
	if (!reply || redis_reply_type(reply) != REDIS_ARRAY) {
		fail(q, "%s",
		    reply ? "its Redis answers with an error"
			  : "its Redis does not answer");
		return;
	}
	n = redis_reply_count(reply);
	for (size_t i = 0; i + 1 < n; i += 2) {
		if (owner_read_field(&q->entry,
			redis_reply_text(redis_reply_at(reply, i)),
			redis_reply_text(redis_reply_at(reply, i + 1)),
			&err) == 0)
			continue;
		fail(q, "its answer is broken: %s", err.text);
		return;
	}
	say(q, n > 0, NULL);
}

static void
ask_redis(struct directory_asking *q, struct str account)
{
	const struct directory_source *src = q->source;
	char key[URL];
	struct text t;

	text_init(&t, key, sizeof(key));
	if (!src->redis || !owner_expand(str_from(src->settings->directory_key),
			       account, false, &t)) {
		fail_soon(q,
		    src->redis ? "the key is too long" : "there is no Redis");
		return;
	}
	const struct str argv[] = {STR("HGETALL"), text_view(&t)};

	redis_ask(src->redis, argv, 2, on_reply, q);
}

/* --- a command --- */

static void
on_ran(void *ctx, struct str output, const char *error)
{
	struct directory_asking *q = ctx;

	if (!q->told)
		say(q, false, NULL);
	else if (error)
		fail(q, "%s", error);
	else
		take_json(q, output);
}

static void
ask_command(struct directory_asking *q, struct str account)
{
	const struct directory_source *src = q->source;
	const struct setting_list *command = &src->settings->directory_command;
	const char *argv[ARGS + 2] = {0};
	char *name = str_dup(account);

	for (size_t i = 0; i < command->n && i < ARGS; i++)
		argv[i] = command->v[i];
	argv[command->n < ARGS ? command->n : ARGS] = name;
	/* The account is one argument, but a program may take it for an
	 * option, and it can't hold a NUL. */
	if (*name == '-' || strlen(name) != account.n || !src->run)
		fail_soon(q, "the account can't be an argument");
	else
		src->run(src->run_ctx, argv,
		    (int)src->settings->directory_timeout, on_ran, q);
	free(name);
}

/* --- the source --- */

static void
name_source(const struct notify_settings *s, struct text *out)
{
	if (s->directory_command.n > 0) {
		text_add(out, "command");
		for (size_t i = 0; i < s->directory_command.n; i++)
			text_printf(out, "\n%s", s->directory_command.v[i]);
	} else if (*s->directory_url) {
		text_printf(
		    out, "http\n%s\n%s", s->directory_url, s->directory_token);
	} else if (*s->directory_key) {
		text_printf(
		    out, "redis\n%s\n%s", s->directory_redis, s->directory_key);
	}
}

static void
on_redis_state(void *ctx, bool is_up, const char *reason)
{
	(void)ctx;
	(void)is_up;
	(void)reason;
}

static void
connect_redis(struct directory_source *src)
{
	const struct notify_settings *s = src->settings;
	const struct redis_options o = {
	    .uri = s->directory_redis,
	    .connect_timeout_ms = (int)s->directory_timeout * 1000,
	    .command_timeout_ms = (int)s->directory_timeout * 1000,
	    .max_waiting = DIRECTORY_WAITING,
	};
	struct error err;

	if (!*s->directory_redis)
		return;
	src->own_redis = redis_new(src->loop, &o, on_redis_state, src, &err);
	src->redis = src->own_redis;
}

struct directory_source *
directory_source_new(struct loop *l, const struct notify_settings *s,
    struct redis *redis, directory_run_fn *run, void *run_ctx)
{
	struct directory_source *src = xalloc(1, sizeof(*src));
	struct text t;

	text_init(&t, src->name, sizeof(src->name));
	name_source(s, &t);
	if (t.n == 0) {
		free(src);
		return NULL;
	}
	src->loop = l;
	src->settings = s;
	src->redis = redis;
	src->run = run;
	src->run_ctx = run_ctx;
	if (s->directory_command.n == 0 && *s->directory_url)
		src->fetcher = fetcher_new(l);
	else if (s->directory_command.n == 0)
		connect_redis(src);
	return src;
}

void
directory_source_free(struct directory_source **sp)
{
	struct directory_source *src = *sp;

	if (!src)
		return;
	*sp = NULL;
	fetcher_free(&src->fetcher);
	redis_free(&src->own_redis);
	free(src);
}

bool
directory_source_is(
    const struct directory_source *src, const struct notify_settings *s)
{
	char name[URL];
	struct text t;

	text_init(&t, name, sizeof(name));
	name_source(s, &t);
	return str_is(text_view(&t), str_from(src ? src->name : ""));
}

void
directory_source_set(
    struct directory_source *src, const struct notify_settings *s)
{
	src->settings = s;
}

struct directory_asking *
directory_source_ask(struct directory_source *src, struct str account,
    const struct owner_entry *e, directory_told_fn *told, void *ctx)
{
	struct directory_asking *q = xalloc(1, sizeof(*q));

	q->source = src;
	q->entry = *e;
	q->told = told;
	q->ctx = ctx;
	if (src->settings->directory_command.n > 0)
		ask_command(q, account);
	else if (src->fetcher)
		ask_http(q, account);
	else
		ask_redis(q, account);
	return q;
}

void
directory_source_cancel(struct directory_asking **q)
{
	if (!*q)
		return;
	(*q)->told = NULL;
	if ((*q)->soon)
		say(*q, false, NULL);
	*q = NULL;
}
