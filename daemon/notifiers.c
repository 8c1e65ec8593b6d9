/* notifiers - who listens to the stream of events: letters and webhooks */
#include "daemon/notifiers.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/mailer.h"
#include "notify/letter.h"
#include "notify/post.h"
#include "daemon/notifiers_parts.h"

enum { AT_ONCE = 8, SAY_EVERY_S = 60 };

static const struct courier_options pauses = {
    .first_retry = 5,
    .max_retry = 15 * 60,
    .give_up = 3 * 86400,
    .give_up_refused = 3600,
    .at_once = AT_ONCE,
};

/* Targets outlive their attempts: a target's fetcher is freed first. */
struct attempt {
	struct target *target;
	struct courier_delivery *delivery;
};

/* Each change is said, but no quicker than once a minute. */
static void
say(struct target *t, bool is_taken, const char *why)
{
	int64_t now = loop_now_us(t->owner->loop) / TIME_US;
	struct text w;

	if (is_taken) {
		t->failing_since = 0;
	} else {
		text_init(&w, t->why, sizeof(t->why));
		text_printable(&w, str_from(why));
		if (t->failing_since == 0)
			t->failing_since = now;
	}
	if (t->is_failing == !is_taken || !t->is_wanted ||
	    (t->said_at && now - t->said_at < SAY_EVERY_S))
		return;
	t->is_failing = !is_taken;
	t->said_at = now;
	if (is_taken)
		log_notice("%s: takes events again", t->name);
	else
		log_warning("%s: %s; tried again later", t->name, t->why);
}

static void
on_posted(void *ctx, enum courier_outcome outcome, const char *why)
{
	struct attempt *a = ctx;

	say(a->target, outcome == COURIER_TAKEN, why);
	courier_done(a->delivery, outcome);
	free(a);
}

static bool
post(struct target *t, const struct event *e, struct courier_delivery *d,
    struct attempt *a)
{
	const struct settings *s = t->owner->settings;
	int64_t now = loop_now_us(t->owner->loop) / TIME_US;

	if (t->webhook == SIZE_MAX)
		return mailer_send(
		    t->owner->mailer, t->fetcher, e, on_posted, a);
	if (courier_kind(d))
		return notifiers_post_flood(t, e, d, on_posted, a);
	return post_webhook(
	    t->fetcher, &s->webhooks[t->webhook], e, now, on_posted, a);
}

/* Whom a letter says that sending is stopped should still be stopped: it waits
 * a moment, so that what was a mistake is undone before anybody reads of it. */
static int64_t
on_delay(void *ctx, const struct event *e)
{
	const struct target *t = ctx;

	const struct notify_settings *s = &t->owner->settings->notify;
	enum letter_stage stage;

	if (t->webhook != SIZE_MAX || e->type != EVENT_SANCTION ||
	    !letter_is_due(s, e, &stage))
		return 0;
	return s->letter_delay;
}

static int
ask_when(const struct target *t, const struct event *e)
{
	const struct notifiers *n = t->owner;
	enum letter_stage stage;

	if (t->webhook != SIZE_MAX || !n->when ||
	    !letter_is_due(&n->settings->notify, e, &stage))
		return NOTIFIERS_NOW;
	return n->when(n->when_ctx, e);
}

static bool
on_send(void *ctx, const struct event *e, struct courier_delivery *d)
{
	struct target *t = ctx;
	int at = ask_when(t, e);

	if (at == NOTIFIERS_NEVER)
		return false;
	if (at == NOTIFIERS_LATER) {
		courier_done(d, COURIER_LATER);
		return true;
	}
	if (notifiers_gather(t, e, d))
		return true;
	struct attempt *a = xalloc(1, sizeof(*a));

	a->target = t;
	a->delivery = d;
	if (post(t, e, d, a))
		return true;
	free(a);
	return false;
}

static void
on_reader(void *ctx, bool is_up, const char *reason)
{
	struct target *t = ctx;

	(void)is_up;
	(void)reason;
	if (t->courier)
		courier_on_state(t->courier);
}

static void
start_target(struct target *t)
{
	const struct courier_hooks hooks = {.on_send = on_send,
	    .on_given_up = notifiers_on_given_up,
	    .ctx = t,
	    .delay = on_delay,
	    .on_waiting = notifiers_on_waiting,
	    .on_over = notifiers_on_over};
	struct notifiers *n = t->owner;
	struct courier_options o = pauses;
	struct error err;

	o.target = t->name;
	o.node = str_from(n->node);
	o.attempt = t->timeout;
	if (target_is_webhook(t))
		o.give_up = t->retry_for;
	t->fetcher = fetcher_new(n->loop);
	t->reader = redis_new(n->loop, &n->redis, on_reader, t, &err);
	if (!t->reader)
		fatal("%s", err.text); /* the writer's was good */
	t->courier = courier_new(n->loop, &o, &hooks, n->writer, t->reader);
	notifiers_take_up(t);
}

/* Attempts end while target and courier live. */
static void
free_target(struct target *t)
{
	mailer_cancel(t->owner->mailer, t->fetcher);
	fetcher_free(&t->fetcher);
	redis_free(&t->reader);
	courier_free(&t->courier);
	free(t);
}

struct wanted {
	char name[TARGET_NAME];
	size_t webhook;
	int64_t timeout, retry_for;
};

/* i counts the settings' targets; false beyond. */
static bool
get_wanted(const struct settings *s, size_t i, struct wanted *out)
{
	struct text w;

	text_init(&w, out->name, sizeof(out->name));
	if (i == 0) {
		text_add(&w, "letters");
		out->webhook = SIZE_MAX;
		out->timeout = s->notify.letter_timeout;
		out->retry_for = 0;
		return true;
	}
	if (i > s->n_webhooks)
		return false;
	text_printf(&w, "webhook:%s", s->webhooks[i - 1].name);
	out->webhook = i - 1;
	out->timeout = s->webhooks[i - 1].timeout;
	out->retry_for = s->webhooks[i - 1].retry_for;
	return true;
}

static bool
is_off(const struct settings *s, const struct wanted *w)
{
	return w->webhook == SIZE_MAX && !s->notify.letters;
}

static struct target *
find_target(struct notifiers *n, const struct wanted *w)
{
	for (size_t i = 0; i < n->n; i++) {
		struct target *t = n->v[i];

		if (strcmp(t->name, w->name) == 0 && t->timeout == w->timeout &&
		    t->retry_for == w->retry_for)
			return t;
	}
	return NULL;
}

static void
add_target(struct notifiers *n, const struct wanted *w)
{
	struct target *t;

	if (n->n == TARGETS) {
		log_error("%s: gets nothing, there are %d targets already",
		    w->name, TARGETS);
		return;
	}
	t = n->v[n->n++] = xalloc(1, sizeof(*t));
	t->owner = n;
	memcpy(t->name, w->name, sizeof(t->name));
	t->webhook = w->webhook;
	t->timeout = w->timeout;
	t->retry_for = w->retry_for;
	t->is_wanted = true;
	start_target(t);
}

static void
free_unwanted(struct notifiers *n)
{
	size_t kept = 0;

	for (size_t i = 0; i < n->n; i++) {
		if (n->v[i]->is_wanted)
			n->v[kept++] = n->v[i];
		else
			free_target(n->v[i]);
	}
	n->n = kept;
}

void
notifiers_set(struct notifiers *n, const struct settings *s)
{
	struct wanted w;
	struct target *t;

	n->settings = s;
	for (size_t i = 0; i < n->n; i++)
		n->v[i]->is_wanted = false;
	for (size_t i = 0; get_wanted(s, i, &w); i++) {
		t = is_off(s, &w) ? NULL : find_target(n, &w);
		if (!t)
			continue;
		t->webhook = w.webhook;
		t->is_wanted = true;
	}
	free_unwanted(n);
	for (size_t i = 0; get_wanted(s, i, &w); i++) {
		if (!is_off(s, &w) && !find_target(n, &w))
			add_target(n, &w);
	}
}

struct notifiers *
notifiers_new(struct loop *l, const struct redis_options *o, struct str node,
    struct redis *writer, struct kept *book, const struct settings *s,
    struct mailer *mailer)
{
	struct notifiers *n = xalloc(1, sizeof(*n));
	struct text t;

	n->loop = l;
	n->redis = *o;
	n->uri = str_dup(str_from(o->uri));
	n->redis.uri = n->uri;
	text_init(&t, n->node, sizeof(n->node));
	text_str(&t, node);
	n->writer = writer;
	n->mailer = mailer;
	n->book = book;
	notifiers_set(n, s);
	return n;
}

void
notifiers_ask(struct notifiers *n, notifiers_when_fn *when, void *ctx)
{
	n->when = when;
	n->when_ctx = ctx;
}

void
notifiers_free(struct notifiers **np)
{
	struct notifiers *n = *np;

	if (!n)
		return;
	*np = NULL;
	n->is_ending = true;
	for (size_t i = 0; i < n->n; i++) {
		n->v[i]->is_wanted = false;
		free_target(n->v[i]);
	}
	free(n->uri);
	free(n);
}

void
notifiers_on_state(struct notifiers *n)
{
	for (size_t i = 0; i < n->n; i++)
		courier_on_state(n->v[i]->courier);
}

void
notifiers_status(struct notifiers *n, struct json_out *j)
{
	for (size_t i = 0; i < n->n; i++) {
		struct courier_status s;
		char words[128];
		struct text t;

		courier_status(n->v[i]->courier, &s);
		text_init(&t, words, sizeof(words));
		text_printf(&t, "%llu sent, %llu failed, %zu waiting",
		    (unsigned long long)s.sent, (unsigned long long)s.failed,
		    s.waiting);
		json_str(j, n->v[i]->name, text_view(&t));
	}
}
