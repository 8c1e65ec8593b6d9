/* desk_undo - everything that a rule did since a time, taken back */
#include "base/time.h"
#include "daemon/desk_gather.h"
#include "daemon/report.h"
#include "daemon/trace_find.h"

enum { SHOWN = 20, NAME = 340 };

/* What one order is about, counted. */
struct tally {
	struct desk_gather gather;
	struct standings_walk walk;
	char names[2 * NAME];
	struct str rule, config; /* empty: any */
	int64_t since, now;
	size_t by_rung[STANDINGS], in_force[STANDINGS], observed;
	size_t n, subjects;
	char last[NAME], shown[SHOWN][NAME];
};

static void
count(void *ctx, const struct standings_ended *e)
{
	struct tally *c = ctx;
	char name[NAME];
	struct text t;

	if (e->is_operator ||
	    (c->config.n > 0 && !str_is(c->config, str_from(e->config))))
		return;
	text_init(&t, name, sizeof(name));
	desk_subject_print(e->kind, e->key, &t);
	c->n++;
	c->by_rung[e->rung]++;
	c->in_force[e->rung] += e->until > c->now && !e->is_observed;
	c->observed += e->is_observed;
	if (strcmp(name, c->last) == 0)
		return; /* they come subject by subject */
	memcpy(c->last, name, sizeof(name));
	if (c->subjects < SHOWN)
		memcpy(c->shown[c->subjects], name, sizeof(name));
	c->subjects++;
}

static bool
step(struct desk_gather *g, struct desk *d, size_t max)
{
	struct tally *c = (struct tally *)g;

	return !standings_walk_rule(pipeline_standings(d->pipeline), &c->walk,
	    max, c->rule, c->since, c->now, count, c);
}

/* NULL: being gathered. "2h" is another time when it is asked again: the first
 * one counts. */
static const struct tally *
find_tally(struct desk *d, const struct control_request *q, int64_t since)
{
	struct str rule = str_trim(control_option(q, "rule"));
	struct str config = str_trim(control_option(q, "config"));
	char name[DESK_GATHER_NAME];
	struct tally *c;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "undo %.*s %.*s %.*s",
	    STR_ARG(control_option(q, "since")), STR_ARG(config),
	    STR_ARG(rule));
	c = (struct tally *)desk_gather_find(d, name);
	if (c)
		return c;
	c = xalloc(1, sizeof(*c));
	memcpy(c->gather.name, name, sizeof(name));
	c->gather.step = step;
	text_init(&t, c->names, sizeof(c->names));
	text_str(&t, rule);
	text_str(&t, config);
	c->rule = str_head(text_view(&t), rule.n);
	c->config = str_skip(text_view(&t), rule.n);
	c->since = since;
	c->now = d->now(d->ctx);
	standings_walk_begin(pipeline_standings(d->pipeline), &c->walk);
	desk_gather_want(d, &c->gather);
	return NULL;
}

/* A time, or how long ago. */
static bool
take_since(const struct control_request *q, int64_t now, int64_t *since,
    struct control_reply *r)
{
	struct str given = control_option(q, "since");

	if (given.n > 0 && trace_parse_since(given, now, since))
		return true;
	return control_fail(r, EXIT_USAGE,
	    "undo needs --since TIME (22:40, \"2026-11-21 22:40\", RFC 3339, "
	    "or 2h: so long ago)");
}

static void
print_rungs(const struct tally *c, struct text *out)
{
	for (enum standing s = STANDING_SUSPENDED; s >= STANDING_WATCHED; s--) {
		if (c->by_rung[s] > 0)
			text_printf(out, "  %-10s %zu, %zu of them in force\n",
			    standing_text(s), c->by_rung[s], c->in_force[s]);
	}
	if (c->observed > 0)
		text_printf(out, "  %zu of all only observed\n", c->observed);
}

static void
print_tally(const struct tally *c, struct str rule, int64_t since,
    const struct control_request *q, struct text *out)
{
	struct json_out j;

	if (q->is_json) {
		json_out_init(&j, out);
		json_open(&j, NULL);
		json_str(&j, "rule", rule);
		json_time(&j, "since", since);
		json_i64(&j, "subjects", (int64_t)c->subjects);
		json_i64(&j, "sanctions", (int64_t)c->n);
		json_i64(
		    &j, "suspended", (int64_t)c->by_rung[STANDING_SUSPENDED]);
		json_bool(&j, "is_dry_run", control_has(q, "dry-run"));
		json_close(&j);
		text_char(out, '\n');
		return;
	}
	text_printf(out, "%s%.*s", c->config.n > 0 ? "configuration " : "",
	    STR_ARG(c->config));
	text_add(out, c->config.n > 0 && rule.n > 0 ? ", " : "");
	text_printable(out, rule);
	text_add(out, " since ");
	time_local_text(out, since);
	text_printf(
	    out, ": %zu sanctions of %zu subjects\n", c->n, c->subjects);
	print_rungs(c, out);
	for (size_t i = 0; i < c->subjects && i < SHOWN; i++)
		text_printf(out, "  %s\n", c->shown[i]);
	if (c->subjects > SHOWN)
		text_printf(out, "  and %zu more\n", c->subjects - SHOWN);
}

static void
order(struct desk *d, const struct control_request *q, struct str rule,
    int64_t since, struct control_reply *r)
{
	static struct event e;
	struct standing_state state;
	struct sanction_about about;

	pipeline_about(d->pipeline, SUBJECT_ALL, STR(""), &state, &about);
	about.state = NULL;
	sanction_undo(&about, rule, str_trim(control_option(q, "config")),
	    since, str_from(q->user), control_option(q, "reason"), &e);
	d->emit(d->ctx, &e);
	r->is_order = true;
	if (!q->is_json)
		text_add(&r->out,
		    "undone: all of it is lifted and forgotten, held mail "
		    "leaves, and who was written to gets an apology\n");
}

void
desk_undo(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct str rule = str_trim(control_option(q, "rule"));
	struct str config = str_trim(control_option(q, "config"));
	bool is_dry = control_has(q, "dry-run");
	const struct tally *c;
	int64_t since;

	if (q->n_args > 0 || (rule.n == 0 && config.n == 0)) {
		control_fail(r, EXIT_USAGE,
		    "usage: outpost undo --rule RULE | --config GENERATION "
		    "--since TIME --reason TEXT");
		return;
	}
	if (!take_since(q, d->now(d->ctx), &since, r))
		return;
	if (!is_dry && str_trim(control_option(q, "reason")).n == 0) {
		control_fail(r, EXIT_USAGE,
		    "undo needs --reason TEXT: it stands in the history");
		return;
	}
	c = find_tally(d, q, since);
	if (!c)
		return;
	if (c->n == 0) {
		control_fail(r, EXIT_UNKNOWN,
		    "%s \"%.*s\" did nothing since then that is known here",
		    rule.n > 0 ? "rule" : "configuration",
		    STR_ARG(rule.n > 0 ? rule : config));
		return;
	}
	print_tally(c, rule, c->since, q, &r->out);
	if (!is_dry)
		order(d, q, rule, c->since, r);
}
