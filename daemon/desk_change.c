/* desk_change - what an operator decides: each becomes an event */
#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/desk_gather.h"
#include "daemon/desk_held.h"
#include "limits/scope.h"

/* What every order needs: about whom, by whom, why, how long. */
struct order {
	struct standing_state state;
	struct sanction_about about;
	struct str by, reason;
	int64_t until;
};

static void
begin(struct desk *d, const struct control_request *q,
    const struct desk_subject *s, struct order *o)
{
	pipeline_about(d->pipeline, s ? s->kind : SUBJECT_ALL,
	    str_from(s ? s->key : ""), &o->state, &o->about);
	o->by = str_from(q->user);
	o->reason = control_option(q, "reason");
	o->until = TIME_NEVER;
}

/* --for: false when it is no duration. */
static bool
take_until(
    const struct control_request *q, struct order *o, struct control_reply *r)
{
	struct str given = control_option(q, "for");
	int64_t seconds;

	if (!control_has(q, "for"))
		return true;
	if (!time_parse_duration(given, &seconds) || seconds <= 0)
		return control_fail(r, EXIT_USAGE,
		    "--for \"%.*s\" is no duration (such as 30m, 2h, 7d)",
		    STR_ARG(given));
	o->until = o->about.now_us / TIME_US + seconds;
	return true;
}

static bool
need_reason(const struct control_request *q, struct control_reply *r)
{
	if (str_trim(control_option(q, "reason")).n > 0)
		return true;
	return control_fail(r, EXIT_USAGE,
	    "%s needs --reason TEXT: it stands in the history",
	    commands[q->command].name);
}

static bool
need_args(const struct control_request *q, size_t least, size_t most,
    struct control_reply *r)
{
	if (q->n_args >= least && q->n_args <= most)
		return true;
	return control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
	    commands[q->command].name, commands[q->command].usage);
}

static void
obey(struct desk *d, struct event *e, struct control_reply *r)
{
	d->emit(d->ctx, e);
	r->is_order = true;
}

/* Says what is now, as a sentence or as the event. */
static void
tell(const struct control_request *q, const struct event *e,
    struct control_reply *r, const char *done)
{
	if (q->is_json) {
		event_print(e, &r->out);
		text_char(&r->out, '\n');
		return;
	}
	text_str(&r->out, str_from(e->subject));
	text_printf(&r->out, ": %s", done);
	if (e->until != TIME_NEVER && e->until != 0) {
		text_add(&r->out, " until ");
		time_local_text(&r->out, e->until);
	}
	text_char(&r->out, '\n');
}

static void
warn_observing(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	if (!q->is_json &&
	    !standings_is_enforcing(pipeline_standings(d->pipeline)))
		text_add(&r->out,
		    "(Verdicts of Outpost itself are only observed; yours "
		    "hold.)\n");
}

static bool
take_rung(const struct control_request *q, enum standing *rung,
    struct control_reply *r)
{
	struct str given = control_option(q, "rung");

	*rung = STANDING_SUSPENDED;
	if (given.n == 0 ||
	    (standing_parse(given, rung) && *rung >= STANDING_WATCHED))
		return true;
	return control_fail(
	    r, EXIT_USAGE, "--rung must be watch, throttle, hold or suspend");
}

/* Who stands behind a network. */
struct behind {
	struct desk_gather gather;
	struct scope_good good;
};

static bool
step(struct desk_gather *g, struct desk *d, size_t max)
{
	struct behind *b = (struct behind *)g;

	return scope_good_step(&b->good, pipeline_ledger(d->pipeline),
	    pipeline_standings(d->pipeline), d->now(d->ctx), max);
}

/* NULL: being gathered. */
static const struct scope_good *
count_good(struct desk *d, const struct ip_net *net)
{
	struct ledger *l = pipeline_ledger(d->pipeline);
	char name[DESK_GATHER_NAME];
	struct behind *b;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_add(&t, "behind ");
	ip_net_format(&t, net);
	b = (struct behind *)desk_gather_find(d, name);
	if (b)
		return &b->good;
	b = xalloc(1, sizeof(*b));
	memcpy(b->gather.name, name, sizeof(name));
	b->gather.step = step;
	scope_good_begin(&b->good, l, net, ledger_now(l) - SCOPE_LATELY);
	desk_gather_want(d, &b->gather);
	return NULL;
}

/* Behind a network stand others. */
static bool
may_hit(struct desk *d, const struct control_request *q,
    const struct desk_subject *s, struct control_reply *r)
{
	const struct ip_nets *front =
	    &pipeline_settings(d->pipeline)->mta.front_ends;
	const struct scope_good *good;
	struct ip_net net;

	if ((s->kind != SUBJECT_CLIENT && s->kind != SUBJECT_NETWORK) ||
	    !ip_net_parse(str_from(s->key), &net))
		return true;
	for (size_t i = 0; i < front->n; i++) {
		if (front->v[i].bits <= net.bits &&
		    ip_net_has(&front->v[i], &net.ip))
			return control_fail(r, EXIT_FAILED,
			    "%s is one of front_ends: many stand behind it, "
			    "nothing is imposed on it",
			    s->key);
	}
	if (control_has(q, "force"))
		return true;
	good = count_good(d, &net);
	if (!good || good->n < SCOPE_SEVERAL)
		return good != NULL;
	return control_fail(r, EXIT_FAILED,
	    "%s: %zu accounts in good standing sent from there in the last "
	    "week (%s, %s%s); it may be an office or a provider's NAT: "
	    "--force stops them all",
	    s->key, good->n, good->named[0], good->named[1],
	    good->n > 2 ? " ..." : "");
}

/* Some things are stopped in a way of their own. */
static bool
take_kind(struct desk *d, const struct control_request *q,
    const struct desk_subject *s, enum standing *rung, int64_t *until,
    struct control_reply *r)
{
	char names[2048];
	struct text t;

	if (s->kind == SUBJECT_PROVIDER)
		return control_fail(r, EXIT_USAGE,
		    "deliveries to a provider: outpost pause, slow or resume "
		    "%s",
		    s->key);
	if (s->kind == SUBJECT_ADDRESS)
		return control_fail(r, EXIT_USAGE,
		    "an own IP: outpost ip %s drain, resume or warm-up",
		    s->key);
	if (s->kind != SUBJECT_NODE)
		return true;
	text_init(&t, names, sizeof(names));
	if (!d->knows_node(d->ctx, str_from(s->key), &t))
		return control_fail(r, EXIT_UNKNOWN,
		    "no node %s; there are: %s", s->key, names);
	/* Its accounts did nothing: they are told to come again. */
	if (*rung > STANDING_HELD)
		*rung = STANDING_HELD;
	return desk_take_end(d, q, until, r);
}

void
desk_suspend(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct desk_subject s;
	enum standing rung;
	struct evidence evidence;
	struct order o;
	struct event e;

	if (!need_args(q, 1, 1, r) || !need_reason(q, r) ||
	    !take_rung(q, &rung, r) ||
	    !desk_subject_parse(d, q->args[0], &s, r) || !may_hit(d, q, &s, r))
		return;
	begin(d, q, &s, &o);
	if (!take_until(q, &o, r) || !take_kind(d, q, &s, &rung, &o.until, r))
		return;
	if (evidence_parse(o.state.json, &evidence))
		o.about.evidence = &evidence;
	sanction_order(&o.about, rung, o.until, o.by, o.reason, &e);
	obey(d, &e, r);
	tell(q, &e, r, standing_text(rung));
	warn_observing(d, q, r);
}

/* Probation may follow. */
static void
tell_lifted(struct desk *d, const struct control_request *q,
    const struct desk_subject *s, const struct event *e,
    struct control_reply *r)
{
	struct standing_state state;

	tell(q, e, r, "lifted; what was seen so far counts no more");
	standings_get(pipeline_standings(d->pipeline), s->kind,
	    str_from(s->key), d->now(d->ctx), &state);
	if (q->is_json || state.rung != STANDING_PROBATION)
		return;
	text_add(&r->out, "(On probation, with closer limits, until ");
	time_local_text(&r->out, state.until);
	text_add(&r->out, "; --innocent if it was wrong.)\n");
}

/* Is it known here what was decided on other hosts? */
static bool
hears_others(const struct desk *d)
{
	const struct redis *redis = app_board_redis(d->app->board);

	return redis && redis_is_up(redis) &&
	       app_board_is_current(d->app->board);
}

/* What holds it may be imposed on its domain, or by a host that this one can't
 * hear. */
static void
tell_nothing(
    struct desk *d, const struct desk_subject *s, struct control_reply *r)
{
	struct str domain = s->kind == SUBJECT_ACCOUNT
				? account_domain(str_from(s->key))
				: str_make("", 0);
	struct standing_state state = {0};

	if (domain.n > 0)
		standings_get(pipeline_standings(d->pipeline), SUBJECT_DOMAIN,
		    domain, d->now(d->ctx), &state);
	if (state.rung > STANDING_WATCHED)
		control_fail(r, EXIT_FAILED,
		    "%s is good: nothing to lift; but its domain is %s: lift "
		    "@%.*s, or exempt %s from it",
		    s->key, standing_text(state.rung), STR_ARG(domain), s->key);
	else if (!hears_others(d))
		control_fail(r, EXIT_FAILED,
		    "%s is good here: nothing to lift; but Redis can't be "
		    "reached, and what other hosts decided isn't known: try "
		    "again, or there",
		    s->key);
	else
		control_fail(
		    r, EXIT_FAILED, "%s is good: nothing to lift", s->key);
}

void
desk_lift(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	char words[HELD_SELECT_TEXT + 64];
	struct holder_sum sum = {0};
	struct holder_order held;
	struct desk_subject s;
	struct order o;
	struct event e;

	if (!need_args(q, 1, 1, r) || !need_reason(q, r) ||
	    !desk_subject_find(d, q->args[0], &s, r))
		return;
	begin(d, q, &s, &o);
	if (o.state.rung == STANDING_GOOD &&
	    o.state.observed == STANDING_GOOD) {
		tell_nothing(d, &s, r);
		return;
	}
	if (!desk_held_take(q, o.about.now_us / TIME_US, &held, r))
		return;
	struct text t;

	text_init(&t, words, sizeof(words));
	desk_held_print(&held, &t);
	o.about.held = text_view(&t);
	if (desk_held_scope(s.kind, str_from(s.key), &held.scope))
		d->foresee(d->ctx, &held, &sum);
	sanction_lift(&o.about, o.about.now_us / TIME_US,
	    control_has(q, "innocent"), o.by, o.reason, &e);
	obey(d, &e, r);
	tell_lifted(d, q, &s, &e, r);
	if (!q->is_json)
		desk_held_tell(&held, &sum, r);
}

void
desk_exempt(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	bool is_end = control_has(q, "end");
	struct desk_subject s;
	struct order o;
	struct event e;

	if (!need_args(q, 1, 1, r) || !need_reason(q, r) ||
	    !desk_subject_parse(d, q->args[0], &s, r))
		return;
	if (!is_end && !control_has(q, "for")) {
		control_fail(r, EXIT_USAGE,
		    "exempt needs --for DURATION: exemptions have an end");
		return;
	}
	begin(d, q, &s, &o);
	if (!take_until(q, &o, r))
		return;
	sanction_exempt(&o.about, !is_end, o.until, o.by, o.reason, &e);
	obey(d, &e, r);
	tell(q, &e, r, is_end ? "no longer exempt" : "exempt");
}

static bool
take_max(struct str text, int64_t *max, struct control_reply *r)
{
	if (str_to_i64(text, max) && *max >= 0 && *max <= 1000000000000)
		return true;
	return control_fail(
	    r, EXIT_USAGE, "\"%.*s\" is no maximum", STR_ARG(text));
}

static bool
check_limit(struct desk *d, struct str name, struct control_reply *r)
{
	const struct settings *s = pipeline_settings(d->pipeline);
	/* Those on trial, too. */
	const struct limits_rules *rules =
	    s->trial ? s->trial->written : s->rules;

	if (rules_find_limit(rules, name))
		return true;
	control_fail(
	    r, EXIT_UNKNOWN, "no limit \"%.*s\"; there are:", STR_ARG(name));
	for (size_t i = 0; i < rules_limits(rules); i++)
		text_printf(&r->err, "  %s\n", rules_limit_at(rules, i)->name);
	return false;
}

static void
set_limit(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	bool is_end = control_has(q, "end");
	size_t n = is_end ? 2 : 3;
	struct desk_subject s;
	struct order o;
	struct event e;
	int64_t max = -1;

	if (!need_args(q, n, n, r) || !need_reason(q, r) ||
	    !desk_subject_parse(d, q->args[0], &s, r) ||
	    !check_limit(d, q->args[1], r) ||
	    (!is_end && !take_max(q->args[2], &max, r)))
		return;
	begin(d, q, &s, &o);
	if (!take_until(q, &o, r))
		return;
	sanction_limit(&o.about, q->args[1], max, o.until, o.by, o.reason, &e);
	obey(d, &e, r);
	tell(q, &e, r, is_end ? "override taken back" : "limit set");
}

void
desk_limit(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct desk_subject s;

	if (!need_args(q, 1, 3, r))
		return;
	if (q->n_args > 1)
		set_limit(d, q, r);
	else if (desk_subject_find(d, q->args[0], &s, r))
		desk_print_limits(d, &s, q, r);
}

static void
print_mode(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	bool enforces = standings_is_enforcing(pipeline_standings(d->pipeline));

	if (q->is_json)
		text_printf(&r->out, "{\"mode\":\"%s\"}\n",
		    enforces ? "enforce" : "observe");
	else
		text_add(&r->out,
		    enforces ? "enforce: verdicts take effect\n"
			     : "observe: verdicts are only told; `outpost "
			       "mode enforce` lets them take effect\n");
}

void
desk_mode(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct order o;
	struct event e;

	if (!need_args(q, 0, 1, r))
		return;
	if (q->n_args == 0) {
		print_mode(d, q, r);
		return;
	}
	if (!str_is(q->args[0], STR("observe")) &&
	    !str_is(q->args[0], STR("enforce"))) {
		control_fail(r, EXIT_USAGE, "the mode is observe or enforce");
		return;
	}
	begin(d, q, NULL, &o);
	sanction_mode(
	    &o.about, str_is(q->args[0], STR("enforce")), o.by, o.reason, &e);
	obey(d, &e, r);
	print_mode(d, q, r);
}

void
desk_letter(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	d->letter(d->ctx, q, r);
}

void
desk_reload(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	d->reload(d->ctx, q, r);
}
