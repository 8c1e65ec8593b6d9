/* app_parked - mail that waits for a provider that is paused */
#include "daemon/app_parked_parts.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_services.h"
#include "daemon/metrics.h"
#include "limits/sanction.h"
#include "limits/sanction_event.h"

enum {
	WAITING_MAX = 10000,
	NAMED_MAX = 2000,      /* recipients of one provider in the table */
	GONE_AFTER = 3 * 3600, /* Postfix tries each more often */
	LOOK_BACK = 28 * 86400,
	DELIVERED_LEAST = 20,
};

/* --- who is good --- */

/* Known for weeks, of a clean record, and nobody's cause. What was delivered
 * for it; 0: it isn't. */
int64_t
app_parked_worth(const struct app_parked *p, struct str account)
{
	struct ledger *l = pipeline_ledger(p->app->pipeline);
	struct standing_state state;
	struct judge_owner owner = {.blamed = 0};
	struct subject *s =
	    account.n > 0 ? ledger_find(l, SUBJECT_ACCOUNT, account) : NULL;

	if (!s)
		return 0;
	standings_get(pipeline_standings(p->app->pipeline), SUBJECT_ACCOUNT,
	    account, app_parked_now(p), &state);
	app_incidents_blame(p->app->incidents, account, &owner);
	if (state.rung != STANDING_GOOD || owner.blamed > 0)
		return 0;
	uint64_t delivered = subject_sum(l, s, COUNT_DELIVERED, LOOK_BACK);
	uint64_t bad = subject_sum(l, s, COUNT_UNKNOWN_USER, LOOK_BACK) +
		       subject_sum(l, s, COUNT_REFUSED, LOOK_BACK);
	uint64_t complaints = subject_sum(l, s, COUNT_COMPLAINTS, LOOK_BACK);

	return delivered >= DELIVERED_LEAST && bad * 50 <= delivered &&
		       complaints * 500 <= delivered
		   ? (int64_t)delivered
		   : 0;
}

/* --- the tables --- */

static bool
is_waiting(void *ctx, const char *provider, int64_t *until)
{
	struct app_parked *p = ctx;
	const struct parked_place *at = app_parked_place(p, provider);

	if (!at || !at->is_first)
		return false;
	*until = at->until;
	return true;
}

struct naming {
	pause_recipient_fn *each;
	void *ctx;
	size_t n;
};

static void
name_recipient(void *ctx, struct parked_item *i)
{
	struct naming *n = ctx;

	if (i->worth > 0 && n->n++ < NAMED_MAX)
		n->each(n->ctx, i->recipient);
}

static void
each_recipient(
    void *ctx, const char *provider, pause_recipient_fn *each, void *each_ctx)
{
	struct app_parked *p = ctx;
	const struct parked_place *at = app_parked_place(p, provider);
	struct naming n = {each, each_ctx, 0};

	if (!at)
		return;
	if (*at->probe.id)
		each(each_ctx, str_from(at->probe.recipient));
	if (at->is_first)
		parked_each(p->list, str_from(provider), name_recipient, &n);
}

const struct pause_view *
app_parked_view(struct app_parked *p)
{
	p->view.relay_route = app_services_relay(p->app->services);
	return &p->view;
}

/* --- what the log says --- */

static const char *
provider_of(const struct app *a, struct str recipient)
{
	char domain[256];
	ptrdiff_t at = str_find_last(recipient, STR("@"));
	struct text t;

	text_init(&t, domain, sizeof(domain));
	for (size_t i = (size_t)at + 1; at >= 0 && i < recipient.n; i++) {
		char c = recipient.p[i];

		text_char(&t, c >= 'A' && c <= 'Z' ? (char)(c + 32) : c);
	}
	const char *known =
	    providers_of_domain(a->settings->providers, text_view(&t));

	return known ? known : receivers_provider(a->receivers, text_view(&t));
}

void
app_parked_note(struct app_parked *p, const struct pipeline_delivery *d)
{
	struct str recipient = line_get(d->line, FIELD_TO);
	const char *provider = provider_of(p->app, recipient);
	const struct parked_place *at =
	    provider ? app_parked_place(p, provider) : NULL;

	if (!at)
		return;
	const struct parked_message m = {str_from(provider), d->instance,
	    d->line->queue_id, recipient, d->account,
	    app_parked_worth(p, d->account)};

	if (parked_note(p->list, &m, app_parked_now(p)) && m.worth > 0 &&
	    at->is_first)
		p->app->tables_stale = true;
}

void
app_parked_tried(struct app_parked *p, const struct pipeline_delivery *d)
{
	struct str recipient = line_get(d->line, FIELD_TO);

	if (p->n_places == 0)
		return; /* most of the time */
	app_parked_probed(p, d, recipient);
	parked_gone(p->list, d->instance, d->line->queue_id, recipient);
}

/* --- its life --- */

struct app_parked *
app_parked_new(struct app *a)
{
	struct app_parked *p = xalloc(1, sizeof(*p));

	p->app = a;
	p->list = parked_new(WAITING_MAX);
	p->view = (struct pause_view){.is_waiting = is_waiting,
	    .each_recipient = each_recipient,
	    .ctx = p};
	return p;
}

void
app_parked_free(struct app_parked **pp)
{
	struct app_parked *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	parked_free(&p->list);
	free(p);
}

struct parked_place *
app_parked_place(struct app_parked *p, const char *provider)
{
	for (size_t i = 0; i < p->n_places; i++) {
		if (strcmp(p->places[i].name, provider) == 0)
			return &p->places[i];
	}
	return NULL;
}

/* Neither paused nor slowed any more. */
static void
forget(struct app_parked *p, struct parked_place *at)
{
	*at = p->places[--p->n_places];
	if (p->n_places == 0) {
		parked_free(&p->list);
		p->list = parked_new(WAITING_MAX);
	}
}

/* A pause that ends by itself ends as one that is taken back: slowly. */
static bool
slow_down(struct app_parked *p, const struct parked_place *at)
{
	int64_t now = app_parked_now(p);
	int64_t slowly = p->app->settings->reputation.resume_slowly;
	struct standing_state state;
	struct sanction_about about;
	static struct event e;

	if (!at->is_paused || now < at->ends || slowly == 0)
		return false;
	pipeline_about(p->app->pipeline, SUBJECT_PROVIDER, str_from(at->name),
	    &state, &about);
	sanction_order(&about, STANDING_THROTTLED, now + slowly, STR("outpost"),
	    STR("the pause is over"), &e);
	sanction_event_put(e.how, sizeof(e.how), STR(PAUSE_RESUMED));
	app_emit(p->app, &e);
	return true;
}

static void
look_at(struct app_parked *p, const char *name, const struct standing_state *s)
{
	struct parked_place *at = app_parked_place(p, name);
	bool is_paused = s->rung >= STANDING_HELD;

	if (!at && (!is_paused || p->n_places == PARKED_PLACES))
		return;
	if (!at) {
		at = &p->places[p->n_places++];
		*at = (struct parked_place){.reply = ""};
		sanction_event_put(at->name, sizeof(at->name), str_from(name));
		at->due = app_parked_now(p);
	}
	if (is_paused) {
		at->is_paused = true;
		at->is_first = false;
		at->ends = s->until;
		app_parked_probe(p, at, s);
		return;
	}
	if (s->rung == STANDING_GOOD && slow_down(p, at))
		return; /* the next turn sees it */
	if (at->is_paused && pause_is(s, PAUSE_RESUMED)) {
		at->is_first = true;
		at->since = app_parked_now(p);
		at->until = s->since + (s->until - s->since) / 3;
		p->app->tables_stale = true;
	}
	at->is_paused = false;
	if (at->is_first)
		app_parked_let_good(p, at);
	if (s->rung == STANDING_GOOD)
		forget(p, at);
}

void
app_parked_tick(struct app_parked *p)
{
	struct standings *s = pipeline_standings(p->app->pipeline);
	const struct providers *all = p->app->settings->providers;
	int64_t now = app_parked_now(p);
	const char *name;

	if (p->n_places == 0 && !standings_has_kind(s, SUBJECT_PROVIDER))
		return;
	for (size_t i = 0; (name = providers_at(all, i)); i++) {
		struct standing_state state;

		standings_get(s, SUBJECT_PROVIDER, str_from(name), now, &state);
		if (state.rung != STANDING_GOOD || app_parked_place(p, name))
			look_at(p, name, &state);
	}
	parked_tick(p->list, now - GONE_AFTER);
}

/* --- who wants to know --- */

void
app_parked_gauges(struct app_parked *p)
{
	size_t good;

	metric_set(metrics_get(METRICS_PROVIDER_WAITING),
	    (int64_t)parked_count(p->list, STR(""), &good));
}

void
app_parked_look(
    struct app_parked *p, struct str provider, struct app_parked_look *out)
{
	char name[PROVIDERS_NAME];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_str(&t, provider);
	const struct parked_place *at = app_parked_place(p, name);

	*out = (struct app_parked_look){.reply = ""};
	if (!at)
		return;
	out->waiting = parked_count(p->list, provider, &out->good);
	out->sent = at->sent;
	out->taken = at->taken;
	out->last = at->last;
	out->is_taken = at->is_taken;
	out->reply = at->reply;
	out->next = at->is_paused && app_parked_every(p) > 0 ? at->due : 0;
	out->is_first = at->is_first;
}
