/* desk_provider_do - `outpost provider NAME [pause|slow|resume]` */
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "daemon/app_state.h"

bool
desk_take_until(
    struct desk *d, struct str text, int64_t *at, struct control_reply *r)
{
	static const char *const forms[] = {
	    "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%H:%M"};
	int64_t now = d->now(d->ctx), at_us;
	char buf[64];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_str(&t, text);
	if (time_parse_rfc3339(text, &at_us)) {
		*at = at_us / TIME_US;
		return *at > now ||
		       control_fail(r, EXIT_USAGE, "--until %s is over", buf);
	}
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
		time_t seconds = (time_t)now;
		struct tm tm;

		localtime_r(&seconds, &tm);
		tm.tm_sec = 0;
		const char *end = strptime(buf, forms[i], &tm);

		if (!end || *end)
			continue;
		tm.tm_isdst = -1;
		*at = (int64_t)mktime(&tm);
		if (*at <= now && i == 2)
			*at += 86400; /* tomorrow's */
		return *at > now ||
		       control_fail(r, EXIT_USAGE, "--until %s is over", buf);
	}
	return control_fail(r, EXIT_USAGE,
	    "--until must be such as 22:40, \"2026-11-21 22:40\" or RFC 3339");
}

/* What customers may be told. */
static void
print_text(struct str name, const struct standing_state *s, int64_t now,
    struct text *out)
{
	if (s->rung == STANDING_GOOD || pause_is(s, PAUSE_RELAYED))
		return; /* nothing waits */
	text_add(out, "\nFor customers who ask:\n  Mail to ");
	text_str(out, name);
	text_add(out, s->rung == STANDING_HELD
			  ? " waits here for now, since it doesn't take mail "
			    "from us. Nothing is lost and nothing has to be "
			    "sent again"
			  : " leaves slowly for now, since it takes only a "
			    "little at a time from us. Nothing has to be sent "
			    "again");
	if (s->until != TIME_NEVER && s->until > now) {
		text_add(out, "; we expect to go on at ");
		time_local_text(out, s->until);
	}
	text_add(out, ".\n");
}

static void
print_incident(void *ctx, const struct incident *i)
{
	struct text *out = ctx;

	text_printf(out, "incident   %s: %s %.*s since ", i->id,
	    incident_level(i) == INCIDENT_BLOCKED ? "refuses" : "slows",
	    STR_ARG(i->what));
	time_local_text(out, i->opened);
	text_char(out, '\n');
}

/* On this host. */
static void
print_parked(struct desk *d, struct str name, struct text *out)
{
	struct app_parked_look p;

	app_parked_look(d->app->parked, name, &p);
	if (p.waiting > 0)
		text_printf(out,
		    "waiting    %zu recipients were put off here, %zu of "
		    "senders who are known to be good%s\n",
		    p.waiting, p.good,
		    p.is_first ? "; these leave first, now" : "");
	if (p.sent > 0) {
		text_printf(out, "probes     %llu, %llu taken",
		    (unsigned long long)p.sent, (unsigned long long)p.taken);
		if (p.last > 0) {
			text_add(out, "; the last one ");
			time_local_text(out, p.last);
			text_printf(out, ": %s%s",
			    p.is_taken ? "taken" : "not taken: ", p.reply);
		}
		text_char(out, '\n');
	}
	if (p.next > 0) {
		text_add(out, "next probe ");
		time_local_text(out, p.next);
		text_add(out, p.good > 0 ? "\n"
					 : ", if a sender who is known to be "
					   "good has mail waiting\n");
	}
}

static void
look(struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct incidents *all = app_incidents_store(d->app->incidents);
	struct standing_state state;
	struct sanction_about about;
	struct str name;

	if (!desk_provider_find(d, q->args[0], &name, r))
		return;
	pipeline_about(d->pipeline, SUBJECT_PROVIDER, name, &state, &about);
	text_printf(
	    &r->out, "%.*s  %s", STR_ARG(name), desk_provider_text(&state));
	if (state.rung != STANDING_GOOD) {
		text_add(&r->out, " until ");
		time_local_text(&r->out, state.until);
	}
	text_char(&r->out, '\n');
	for (const struct incident *i = incidents_newest(all); i;
	     i = i->older) {
		if (!i->closed && str_is(i->provider, name))
			print_incident(&r->out, i);
	}
	print_parked(d, name, &r->out);
	print_text(name, &state, d->now(d->ctx), &r->out);
}

/* What waited comes slowly at first. */
static void
resume(struct desk *d, const struct control_request *q, struct control_reply *r)
{
	int64_t slowly =
	    pipeline_settings(d->pipeline)->reputation.resume_slowly;
	struct standing_state state;
	struct sanction_about about;
	struct str name = q->args[0];

	str_take(&name, STR("provider:"));
	pipeline_about(d->pipeline, SUBJECT_PROVIDER, name, &state, &about);
	bool was_paused = state.rung >= STANDING_HELD;

	desk_resume(d, q, r);
	if (!was_paused || slowly == 0 || control_has(q, "at-once") ||
	    r->exit != 0)
		return;
	desk_slow_for(d, q, slowly, r);
}

void
desk_provider(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	static const struct {
		const char *verb;
		desk_fn *fn;
	} verbs[] = {{"pause", desk_pause}, {"slow", desk_slow},
	    {"relay", desk_relay}, {"resume", resume}};
	struct control_request one = *q;

	if (q->n_args == 1) {
		if (q->is_json)
			desk_provider_json(d, q, r);
		else
			look(d, q, r);
		return;
	}
	one.n_args = 1;
	for (size_t i = 0;
	     q->n_args == 2 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		if (!str_is(q->args[1], str_from(verbs[i].verb)))
			continue;
		verbs[i].fn(d, &one, r);
		return;
	}
	control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
	    commands[q->command].name, commands[q->command].usage);
}
