/* notifiers - who listens to the stream of events: letters and webhooks */
#include "daemon/notifiers.h"

#include <stdlib.h>

#include "base/fetch.h"
#include "base/log.h"
#include "base/time.h"
#include "ledger/courier.h"
#include "notify/post.h"

enum { TARGETS = 33, TARGET_NAME = 80, AT_ONCE = 8 };

static const struct courier_options pauses = {
    .first_retry = 5,
    .max_retry = 15 * 60,
    .give_up = 3 * 86400,
    .at_once = AT_ONCE,
};

struct target {
	struct notifiers *owner;
	char name[TARGET_NAME];
	size_t webhook; /* index of settings; SIZE_MAX: the letters */
	struct redis *reader;
	struct courier *courier;
	bool is_failing; /* said once */
};

struct notifiers {
	struct loop *loop;
	struct fetcher *fetcher;
	struct redis_options redis;
	char *uri;
	char node[17];
	struct redis *writer;
	const struct settings *settings;
	struct target *v[TARGETS];
	size_t n;
};

/* Targets outlive their attempts: the fetcher ends first. */
struct attempt {
	struct target *target;
	struct courier_delivery *delivery;
};

static void
say(struct target *t, bool is_taken, const char *why)
{
	if (t->is_failing == !is_taken)
		return;
	t->is_failing = !is_taken;
	if (is_taken)
		log_notice("%s: takes events again", t->name);
	else
		log_warning("%s: %s; tried again later", t->name, why);
}

static void
on_posted(void *ctx, bool is_taken, const char *why)
{
	struct attempt *a = ctx;

	say(a->target, is_taken, why);
	courier_done(a->delivery, is_taken);
	free(a);
}

static bool
post(struct target *t, const struct event *e, struct attempt *a)
{
	struct notifiers *n = t->owner;
	int64_t now = loop_now_us(n->loop) / TIME_US;

	if (t->webhook == SIZE_MAX)
		return post_letter(
		    n->fetcher, &n->settings->notify, e, now, on_posted, a);
	return post_webhook(n->fetcher, &n->settings->webhooks[t->webhook], e,
	    now, on_posted, a);
}

/* Nothing to send: taken, but not before on_send returned. */
static void
on_nothing(void *ctx)
{
	courier_done(ctx, true);
}

static void
on_send(void *ctx, const struct event *e, struct courier_delivery *d)
{
	struct target *t = ctx;
	struct attempt *a = xalloc(1, sizeof(*a));

	a->target = t;
	a->delivery = d;
	if (post(t, e, a))
		return;
	free(a);
	loop_post(t->owner->loop, on_nothing, d);
}

static void
on_given_up(void *ctx, const struct event *e)
{
	struct target *t = ctx;
	char id[EVENT_ID];

	event_id(e, id);
	log_error("%s: given up on event %s of %s", t->name, id, e->subject);
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
add_target(struct notifiers *n, const char *name, size_t webhook)
{
	struct courier_hooks hooks = {on_send, on_given_up, NULL};
	struct courier_options o = pauses;
	struct target *t;
	struct text w;

	if (n->n == TARGETS)
		return;
	t = xalloc(1, sizeof(*t));
	t->owner = n;
	t->webhook = webhook;
	text_init(&w, t->name, sizeof(t->name));
	text_add(&w, webhook == SIZE_MAX ? "" : "webhook:");
	text_add(&w, name);
	o.target = t->name;
	o.node = str_from(n->node);
	hooks.ctx = t;
	t->reader = redis_new(n->loop, &n->redis, on_reader, t, NULL);
	if (t->reader)
		t->courier =
		    courier_new(n->loop, &o, &hooks, n->writer, t->reader);
	n->v[n->n++] = t;
}

static void
add_targets(struct notifiers *n)
{
	if (n->settings->notify.letters)
		add_target(n, "letters", SIZE_MAX);
	for (size_t i = 0; i < n->settings->n_webhooks; i++)
		add_target(n, n->settings->webhooks[i].name, i);
}

struct notifiers *
notifiers_new(struct loop *l, const struct redis_options *o, struct str node,
    struct redis *writer, const struct settings *s)
{
	struct notifiers *n = xalloc(1, sizeof(*n));
	struct text t;

	n->loop = l;
	n->fetcher = fetcher_new(l);
	n->redis = *o;
	n->uri = str_dup(str_from(o->uri));
	n->redis.uri = n->uri;
	text_init(&t, n->node, sizeof(n->node));
	text_str(&t, node);
	n->writer = writer;
	n->settings = s;
	add_targets(n);
	return n;
}

void
notifiers_close(struct notifiers *n)
{
	for (size_t i = 0; n && i < n->n; i++)
		redis_free(&n->v[i]->reader);
}

static void
free_targets(struct notifiers *n)
{
	for (size_t i = 0; i < n->n; i++) {
		redis_free(&n->v[i]->reader);
		courier_free(&n->v[i]->courier);
		free(n->v[i]);
	}
	n->n = 0;
}

void
notifiers_free(struct notifiers **np)
{
	struct notifiers *n = *np;

	if (!n)
		return;
	*np = NULL;
	fetcher_free(&n->fetcher); /* attempts end while targets live */
	free_targets(n);
	free(n->uri);
	free(n);
}

void
notifiers_on_state(struct notifiers *n)
{
	for (size_t i = 0; i < n->n; i++)
		courier_on_state(n->v[i]->courier);
}

/* All anew: what is under way is taken up again from the group's pending
 * list, and a cause that was marked as sent is not sent twice. */
void
notifiers_set(struct notifiers *n, const struct settings *s)
{
	fetcher_free(&n->fetcher);
	free_targets(n);
	n->fetcher = fetcher_new(n->loop);
	n->settings = s;
	add_targets(n);
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
