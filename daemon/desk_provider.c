/* desk_provider - deliveries to a provider: paused, slowed, resumed
 *
 * Orders like others, with verbs of their own: nobody's right to send is
 * touched, and mail that is accepted waits, so each has an end. Held is paused,
 * throttled is slowed.
 */
#include "base/time.h"
#include "daemon/desk.h"
#include "daemon/pause_view.h"
#include "limits/sanction_event.h"

static bool
is_asked_well(const struct control_request *q, struct control_reply *r)
{
	const char *name = commands[q->command].name;

	if (q->n_args != 1)
		return control_fail(r, EXIT_USAGE, "usage: outpost %s %s", name,
		    commands[q->command].usage);
	if (str_trim(control_option(q, "reason")).n > 0)
		return true;
	return control_fail(r, EXIT_USAGE,
	    "%s needs --reason TEXT: it stands in the history", name);
}

bool
desk_take_end(struct desk *d, const struct control_request *q, int64_t *until,
    struct control_reply *r)
{
	const struct reputation_settings *s =
	    &pipeline_settings(d->pipeline)->reputation;
	struct str given = control_option(q, "for");
	int64_t seconds = s->pause_for;
	char words[64];
	struct text t;

	if (control_has(q, "for") &&
	    (!time_parse_duration(given, &seconds) || seconds <= 0))
		return control_fail(r, EXIT_USAGE,
		    "--for \"%.*s\" is no duration (such as 30m, 2h)",
		    STR_ARG(given));
	if (control_has(q, "until")) {
		if (!desk_take_until(
			d, control_option(q, "until"), &seconds, r))
			return false;
		seconds -= d->now(d->ctx);
	}
	text_init(&t, words, sizeof(words));
	time_duration_words(&t, s->pause_max);
	if (seconds > s->pause_max)
		return control_fail(r, EXIT_USAGE,
		    "at most %s (pause_max): mail that waits longer than "
		    "Postfix's maximal_queue_lifetime is returned",
		    words);
	*until = d->now(d->ctx) + seconds;
	return true;
}

const char *
desk_provider_text(const struct standing_state *s)
{
	return pause_is(s, PAUSE_RELAYED)
		   ? PAUSE_RELAYED
		   : desk_standing_text(SUBJECT_PROVIDER, s->rung);
}

const char *
desk_standing_text(enum subject_kind kind, enum standing rung)
{
	if (kind != SUBJECT_PROVIDER || rung < STANDING_THROTTLED)
		return standing_text(rung);
	return rung == STANDING_THROTTLED ? "slowed" : "paused";
}

/* "google" and "provider:google"; one that providers.conf has. */
bool
desk_provider_find(
    struct desk *d, struct str arg, struct str *name, struct control_reply *r)
{
	const struct settings *s = pipeline_settings(d->pipeline);
	const char *known;

	str_take(&arg, STR("provider:"));
	known = providers_find(s->providers, arg);
	*name = str_from(known);
	if (known)
		return true;
	if (!providers_at(s->providers, 0))
		return control_fail(r, EXIT_FAILED,
		    "no provider is known: %s is missing or empty",
		    s->reputation.providers_file);
	const char *near = providers_near(s->providers, arg);

	control_fail(r, EXIT_UNKNOWN,
	    "no provider \"%.*s\"%s%s%s; there are:", STR_ARG(arg),
	    near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
	for (size_t i = 0; (known = providers_at(s->providers, i)); i++)
		text_printf(&r->err, "%s%s", i ? ", " : "  ", known);
	text_char(&r->err, '\n');
	return false;
}

struct pause_order {
	enum standing rung;
	int64_t until;
	const char *how; /* of the event */
};

/* Domains that are known to be with a provider. */
struct known {
	const struct providers *providers;
	size_t n;
};

static void
count(void *ctx, struct str domain)
{
	(void)domain;
	((struct known *)ctx)->n++;
}

static void
count_learned(void *ctx, struct str domain)
{
	struct known *k = ctx;

	k->n += !providers_of_domain(k->providers, domain);
}

static void
tell(struct desk *d, const struct control_request *q, const struct event *e,
    const char *done, struct control_reply *r)
{
	struct str name = str_from(e->subject);
	struct known k = {pipeline_settings(d->pipeline)->providers, 0};

	if (q->is_json) {
		event_print(e, &r->out);
		text_char(&r->out, '\n');
		return;
	}
	providers_each_domain(k.providers, name, count, &k);
	receivers_each(d->receivers, name, count_learned, &k);
	text_printf(&r->out, "%.*s: %s", STR_ARG(name), done);
	if (e->type == EVENT_SANCTION) {
		text_add(&r->out, " until ");
		time_local_text(&r->out, e->until);
		text_printf(
		    &r->out, "; %zu recipient domains are known here", k.n);
	}
	text_add(&r->out, "\nPostfix notices within ten seconds. ");
	text_add(&r->out,
	    e->type == EVENT_SANCTION
		? "What it has in its active queue is still tried: postfix "
		  "reload\n"
		: "What waits is tried when it would be next: postqueue -f "
		  "hurries\n");
}

static void
obey(struct desk *d, struct event *e, struct control_reply *r)
{
	d->emit(d->ctx, e);
	r->is_order = true;
}

static void
impose_until(struct desk *d, const struct control_request *q,
    const struct pause_order *o, struct str name, struct control_reply *r)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e;

	pipeline_about(d->pipeline, SUBJECT_PROVIDER, name, &state, &about);
	sanction_order(&about, o->rung, o->until, str_from(q->user),
	    control_option(q, "reason"), &e);
	sanction_event_put(e.how, sizeof(e.how), str_from(o->how));
	obey(d, &e, r);
	tell(d, q, &e,
	    strcmp(o->how, PAUSE_RELAYED) == 0
		? PAUSE_RELAYED
		: desk_standing_text(SUBJECT_PROVIDER, o->rung),
	    r);
}

static void
impose(struct desk *d, const struct control_request *q, enum standing rung,
    const char *how, struct control_reply *r)
{
	struct pause_order o = {.rung = rung, .how = how};
	struct str name;

	if (is_asked_well(q, r) &&
	    desk_provider_find(d, q->args[0], &name, r) &&
	    desk_take_end(d, q, &o.until, r))
		impose_until(d, q, &o, name, r);
}

void
desk_slow_for(struct desk *d, const struct control_request *q, int64_t seconds,
    struct control_reply *r)
{
	const struct pause_order o = {.rung = STANDING_THROTTLED,
	    .until = d->now(d->ctx) + seconds,
	    .how = PAUSE_RESUMED};
	struct str name;

	if (desk_provider_find(d, q->args[0], &name, r))
		impose_until(d, q, &o, name, r);
}

void
desk_pause(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	impose(d, q, STANDING_HELD, "", r);
}

void
desk_slow(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	impose(d, q, STANDING_THROTTLED, "", r);
}

void
desk_relay(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	if (!*pipeline_settings(d->pipeline)->reputation.relay_route)
		control_fail(
		    r, EXIT_FAILED, "there is no other way: set relay_route");
	else
		impose(d, q, STANDING_THROTTLED, PAUSE_RELAYED, r);
}

/* Also of one that providers.conf no longer has. */
void
desk_resume(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct standing_state state;
	struct sanction_about about;
	struct event e;

	if (!is_asked_well(q, r))
		return;
	struct str name = q->args[0];

	str_take(&name, STR("provider:"));
	pipeline_about(d->pipeline, SUBJECT_PROVIDER, name, &state, &about);
	if (state.rung == STANDING_GOOD) {
		if (desk_provider_find(d, name, &name, r))
			control_fail(r, EXIT_FAILED,
			    "%.*s is neither paused nor slowed", STR_ARG(name));
		return;
	}
	sanction_lift(&about, about.now_us / TIME_US, true, str_from(q->user),
	    control_option(q, "reason"), &e);
	obey(d, &e, r);
	tell(d, q, &e, "resumed", r);
}
