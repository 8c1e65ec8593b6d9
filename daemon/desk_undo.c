/* desk_undo - everything that a rule did since a time, taken back */
#include "base/time.h"
#include "daemon/desk.h"
#include "daemon/report.h"
#include "daemon/trace_find.h"

enum { SHOWN = 20, NAME = 340 };

/* What one order is about, counted. */
struct tally {
	struct str config; /* empty: any */
	int64_t now;
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
	static struct tally c;
	struct str rule = str_trim(control_option(q, "rule"));
	bool is_dry = control_has(q, "dry-run");
	int64_t since;

	memset(&c, 0, sizeof(c));
	c.now = d->now(d->ctx);
	c.config = str_trim(control_option(q, "config"));
	if (q->n_args > 0 || (rule.n == 0 && c.config.n == 0)) {
		control_fail(r, EXIT_USAGE,
		    "usage: outpost undo --rule RULE | --config GENERATION "
		    "--since TIME --reason TEXT");
		return;
	}
	if (!take_since(q, c.now, &since, r))
		return;
	if (!is_dry && str_trim(control_option(q, "reason")).n == 0) {
		control_fail(r, EXIT_USAGE,
		    "undo needs --reason TEXT: it stands in the history");
		return;
	}
	standings_each_of_rule(
	    pipeline_standings(d->pipeline), rule, since, c.now, count, &c);
	if (c.n == 0) {
		control_fail(r, EXIT_UNKNOWN,
		    "%s \"%.*s\" did nothing since then that is known here",
		    rule.n > 0 ? "rule" : "configuration",
		    STR_ARG(rule.n > 0 ? rule : c.config));
		return;
	}
	print_tally(&c, rule, since, q, &r->out);
	if (!is_dry)
		order(d, q, rule, since, r);
}
