/* app_incidents_again - incidents are told again, to a Redis that lost them and
 * to nodes that are new
 */
#include "base/time.h"
#include "daemon/app_incidents_parts.h"

enum { EVENTS = 200 }; /* of one incident, the latest */

struct telling {
	const struct incident *i;
	void (*each)(void *ctx, const struct event *e);
	void *ctx;
};

/* Each hour's news is nobody's but the last one's. */
static bool
is_needed(const struct incident *i, const struct event *e)
{
	if (strcmp(e->file, i->cause) != 0)
		return false;
	if (e->type != EVENT_INCIDENT_NEWS)
		return incident_is_event(e->type);
	for (size_t n = 0; n < i->n_nodes; n++) {
		if (strcmp(i->nodes[n].node, e->node) == 0)
			return i->nodes[n].at_us == e->at_us;
	}
	return false;
}

static void
on_event(void *ctx, const struct event *e)
{
	const struct telling *t = ctx;

	if (is_needed(t->i, e))
		t->each(t->ctx, e);
}

/* Behind the one of this cause. One that is gone was the oldest. */
static const struct incident *
next_of(const struct app_incidents *s, const char *cause)
{
	const struct incident *i =
	    *cause ? incidents_get(s->store, cause) : NULL;

	if (*cause)
		return i ? i->older : NULL;
	return incidents_newest(s->store);
}

bool
app_incidents_tell(struct app_incidents *s, char cause[33],
    void (*each)(void *ctx, const struct event *e), void *ctx)
{
	int64_t now = loop_now_us(s->app->loop) / TIME_US;
	const struct incident *i = next_of(s, cause);
	struct telling t = {i, each, ctx};

	if (!i)
		return false;
	sanction_event_put(cause, 33, str_from(i->cause));
	if (!i->closed ||
	    now - i->closed <= app_incidents_settings(s)->incident_reopen)
		history_each(s->app->history, STR(INCIDENT_KIND),
		    str_from(i->subject), NULL, EVENTS, on_event, &t);
	return true;
}
