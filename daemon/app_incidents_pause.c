/* app_incidents_pause - a provider that was paused for so long that mail for it
 * would soon be returned
 */
#include "base/time.h"
#include "daemon/app_incidents_parts.h"

enum { DAY = 86400 };

static struct incidents_pause *
place_of(struct app_incidents *s, const char *name)
{
	struct incidents_pause *empty = NULL;

	for (size_t i = 0; i < INCIDENTS_PAUSES; i++) {
		struct incidents_pause *p = &s->pauses[i];

		if (strcmp(p->name, name) == 0)
			return p;
		if (!empty && !*p->name)
			empty = p;
	}
	return empty;
}

static void
tell(struct app_incidents *s, const char *name, int64_t since, int64_t now)
{
	char reason[EVENT_TEXT], cause[33], about[PROVIDERS_NAME + 32];
	struct text t;

	text_init(&t, reason, sizeof(reason));
	text_printf(&t, "%s is paused since ", name);
	time_local_text(&t, since);
	text_printf(&t,
	    ": mail that waits since then is returned to its senders within a "
	    "day (maximal_queue_lifetime). outpost provider %s resume, or tell "
	    "them",
	    name);
	text_init(&t, about, sizeof(about));
	text_printf(&t, "queue-lifetime %s", name);
	incident_begin_cause(str_from(about), now, cause);
	app_alarm_about(
	    s->app, "provider", name, "queue-lifetime", reason, cause);
}

/* One provider at a time. A pause that is renewed is one. */
void
app_incidents_look_at_pause(struct app_incidents *s, int64_t now)
{
	const struct settings *all = s->app->settings;
	const char *name = providers_at(all->providers, s->at_provider++);
	struct standing_state state;

	if (!name) {
		s->at_provider = 0;
		return;
	}
	standings_get(pipeline_standings(s->app->pipeline), SUBJECT_PROVIDER,
	    str_from(name), now, &state);
	struct incidents_pause *p = place_of(s, name);

	if (!p)
		return;
	if (state.rung < STANDING_HELD) {
		*p = (struct incidents_pause){0};
		return;
	}
	if (!*p->name) {
		sanction_event_put(p->name, sizeof(p->name), str_from(name));
		p->since = state.since;
	}
	if (p->is_told || now - p->since < all->reputation.queue_lifetime - DAY)
		return;
	p->is_told = true;
	tell(s, name, p->since, now);
}
