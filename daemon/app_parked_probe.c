/* app_parked_probe - one message at a time is let through to a provider that is
 * paused; after the pause those of good senders are hurried
 *
 * trivial-rewrite looks at its tables every ten seconds, and qmgr remembers for
 * half a minute what it was told of the last recipient: so a message is tried a
 * while after the table names its recipient, and again.
 */
#include "base/log.h"
#include "base/time.h"
#include "daemon/app_parked_parts.h"
#include "daemon/metrics.h"
#include "limits/sanction_event.h"

enum {
	SEEN_AFTER = 12, /* seconds until Postfix knows the table */
	TRY_AGAIN = 35,
	ANSWERED = 180,	      /* by then, when it was hurried ... */
	ANSWERED_SELF = 4200, /* or else: maximal_backoff_time */
	SURE = 3,	      /* probes in a row */
	SOONER = 6,	      /* after one that was taken */
	SOONEST = 60,
	AT_ONCE = 20, /* of good senders, a second */
	CHOICES = 20,
};

static void
count(const char *result)
{
	metric_add(metrics_by(METRICS_PROBES, str_from(result)), 1);
}

static void
end_probe(struct app_parked *p, struct parked_place *at, int64_t wait)
{
	*at->probe.id = '\0';
	at->due = app_parked_now(p) + wait;
	p->app->tables_stale = true;
}

/* Who is still good. */
static struct parked_item *
choose(struct app_parked *p, const struct parked_place *at)
{
	struct parked_item *i;

	for (int n = 0; n < CHOICES; n++) {
		i = parked_best(p->list, str_from(at->name));
		if (!i)
			return NULL;
		parked_set_worth(p->list, i, app_parked_worth(p, i->account));
		if (i->worth > 0)
			return i;
	}
	return NULL;
}

static void
begin_probe(struct app_parked *p, struct parked_place *at)
{
	struct parked_item *i = choose(p, at);
	int64_t now = app_parked_now(p);

	if (!i)
		return; /* nobody is known to wait, yet */
	i->tried = now;
	sanction_event_put(at->probe.id, PARKED_ID, str_from(i->id));
	sanction_event_put(
	    at->probe.instance, PARKED_INSTANCE, str_from(i->instance));
	sanction_event_put(at->probe.recipient, PARKED_RECIPIENT, i->recipient);
	at->probe.since = now;
	at->probe.tried = 0;
	at->sent++;
	p->app->tables_stale = true;
	app_write_tables(p->app);
}

static void
hurry(struct app_parked *p, struct parked_place *at, int64_t now)
{
	if (now - at->probe.since < SEEN_AFTER ||
	    now - at->probe.tried < TRY_AGAIN)
		return;
	at->probe.tried = now;
	app_queue_try(p->app->queue, str_from(at->probe.instance),
	    str_from(at->probe.id));
}

void
app_parked_probe(struct app_parked *p, struct parked_place *at,
    const struct standing_state *s)
{
	int64_t now = app_parked_now(p), every = app_parked_every(p);
	int64_t patience =
	    app_queue_serves(p->app->queue) ? ANSWERED : ANSWERED_SELF;

	if (at->since != s->since) { /* another pause */
		at->since = s->since;
		at->due = s->since + every;
		at->in_row = 0;
		at->is_told = false;
	}
	if (*at->probe.id && (every == 0 || now - at->probe.since > patience)) {
		count("unanswered");
		end_probe(p, at, every);
	} else if (*at->probe.id) {
		hurry(p, at, now);
	} else if (every > 0 && now >= at->due) {
		begin_probe(p, at);
	}
}

static void
tell_taken(struct app_parked *p, struct parked_place *at)
{
	char reason[EVENT_TEXT];
	struct text t;

	if (++at->in_row < SURE || at->is_told)
		return;
	at->is_told = true;
	text_init(&t, reason, sizeof(reason));
	text_printf(&t,
	    "%s is paused and took %u probes, one after the other: outpost "
	    "provider %s resume",
	    at->name, at->in_row, at->name);
	app_alarm_about(
	    p->app, "provider", at->name, "probes-taken", reason, NULL);
}

static void
note_answer(struct app_parked *p, struct parked_place *at,
    const struct pipeline_delivery *d)
{
	int64_t every = app_parked_every(p), sooner = every / SOONER;

	sooner = sooner > SOONEST ? sooner : SOONEST;
	struct text t;

	at->is_taken = d->reply == NULL;
	at->last = app_parked_now(p);
	text_init(&t, at->reply, sizeof(at->reply));
	if (at->is_taken) {
		at->taken++;
		count("taken");
		log_notice("%s is paused; a probe was taken", at->name);
		tell_taken(p, at);
		end_probe(p, at, sooner < every ? sooner : every);
		return;
	}
	at->in_row = 0;
	text_printable(&t, line_get(d->line, FIELD_TEXT));
	count("refused");
	log_notice(
	    "%s is paused; a probe wasn't taken: %s", at->name, at->reply);
	end_probe(p, at, every);
}

void
app_parked_probed(struct app_parked *p, const struct pipeline_delivery *d,
    struct str recipient)
{
	for (size_t i = 0; i < p->n_places; i++) {
		struct parked_place *at = &p->places[i];

		if (*at->probe.id &&
		    str_is(d->line->queue_id, str_from(at->probe.id)) &&
		    str_is(d->instance, str_from(at->probe.instance)) &&
		    str_is_nocase(recipient, str_from(at->probe.recipient)))
			note_answer(p, at, d);
	}
}

struct hurrying {
	struct app_parked *p;
	int64_t now;
	int n; /* looked at, whether they can be hurried or not */
};

static void
hurry_item(void *ctx, struct parked_item *i)
{
	struct hurrying *h = ctx;
	struct app_parked *p = h->p;

	if (i->worth == 0 || h->n == AT_ONCE || h->now - i->seen < SEEN_AFTER ||
	    h->now - i->tried < TRY_AGAIN)
		return;
	i->tried = h->now;
	h->n++;
	parked_set_worth(p->list, i, app_parked_worth(p, i->account));
	if (i->worth == 0)
		p->app->tables_stale = true;
	else
		app_queue_try(
		    p->app->queue, str_from(i->instance), str_from(i->id));
}

void
app_parked_let_good(struct app_parked *p, struct parked_place *at)
{
	struct hurrying h = {p, app_parked_now(p), 0};
	size_t good;

	*at->probe.id = '\0';
	parked_count(p->list, str_from(at->name), &good);
	if (good == 0 || h.now >= at->until) {
		at->is_first = false;
		p->app->tables_stale = true;
		return;
	}
	if (h.now - at->since >= SEEN_AFTER)
		parked_each(p->list, str_from(at->name), hurry_item, &h);
}
