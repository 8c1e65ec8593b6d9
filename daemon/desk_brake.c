/* desk_brake - who waits because a rule would suspend too many, and what an
 * operator decides about them */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "daemon/desk_gather.h"
#include "limits/brake.h"

enum { GROUPS = 256, SHOWN = 5, ALL_SHOWN = 100000 };

struct sample {
	char *name, *reason;
	int64_t since, until;
};

/* Those of one rule and class. */
struct group {
	char rule[64], class[64];
	uint64_t waiting, suspended;
	bool is_on;
	int64_t since, until; /* of the first, of the last */
	struct sample *v;
	size_t n;
};

struct gathered {
	struct desk_gather gather;
	struct standings_walk walk;
	int64_t now;
	struct group v[GROUPS];
	size_t n, shown;
};

static struct group *
get_group(struct gathered *g, const char *rule, const char *class)
{
	struct text t;

	for (size_t i = 0; i < g->n; i++) {
		if (strcmp(g->v[i].rule, rule) == 0 &&
		    strcmp(g->v[i].class, class) == 0)
			return &g->v[i];
	}
	if (g->n == GROUPS)
		return &g->v[GROUPS - 1];
	struct group *new = &g->v[g->n++];

	text_init(&t, new->rule, sizeof(new->rule));
	text_add(&t, rule);
	text_init(&t, new->class, sizeof(new->class));
	text_add(&t, class);
	return new;
}

static void
add_sample(struct group *group, const struct standings_waiting *w)
{
	char name[700];
	struct text t;

	text_init(&t, name, sizeof(name));
	desk_subject_print(w->kind, w->key, &t);
	group->v = xrealloc(group->v, group->n + 1, sizeof(*group->v));
	group->v[group->n++] = (struct sample){str_dup(text_view(&t)),
	    str_dup(str_from(w->reason)), w->since, w->until};
}

static void
on_waiting(void *ctx, const struct standings_waiting *w)
{
	struct gathered *g = ctx;
	struct group *group = get_group(g, w->rule, w->class);

	group->waiting++;
	if (group->since == 0 || w->since < group->since)
		group->since = w->since;
	if (w->until > group->until)
		group->until = w->until;
	if (group->n < g->shown)
		add_sample(group, w);
}

static void
on_line(void *ctx, const struct brake_line *line)
{
	struct gathered *g = ctx;

	if (!line->is_on && line->suspended == 0)
		return;
	struct group *group = get_group(g, line->rule, line->class);

	group->suspended = line->suspended;
	group->is_on = line->is_on;
}

static bool
step(struct desk_gather *gather, struct desk *d, size_t max)
{
	struct gathered *g = (struct gathered *)gather;
	struct standings *s = pipeline_standings(d->pipeline);

	if (standings_walk_waiting(s, &g->walk, max, g->now, on_waiting, g))
		return false;
	brake_each(
	    standings_brake(s), pipeline_now_us(d->pipeline), on_line, g);
	return true;
}

static void
free_samples(struct desk_gather *gather)
{
	struct gathered *g = (struct gathered *)gather;

	for (size_t i = 0; i < g->n; i++) {
		for (size_t k = 0; k < g->v[i].n; k++) {
			free(g->v[i].v[k].name);
			free(g->v[i].v[k].reason);
		}
		free(g->v[i].v);
	}
}

/* NULL: being gathered. */
static struct gathered *
gather(struct desk *d, size_t shown)
{
	char name[64];

	snprintf(name, sizeof(name), "brake %zu", shown);
	struct gathered *g = (struct gathered *)desk_gather_find(d, name);

	if (g)
		return g;
	g = xalloc(1, sizeof(*g));
	memcpy(g->gather.name, name, sizeof(name));
	g->gather.step = step;
	g->gather.free = free_samples;
	g->shown = shown;
	g->now = d->now(d->ctx);
	standings_walk_begin(pipeline_standings(d->pipeline), &g->walk);
	desk_gather_want(d, &g->gather);
	return NULL;
}

static void
print_json(struct desk *d, const struct gathered *g, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open_array(&j, NULL);
	for (size_t i = 0; i < g->n; i++) {
		const struct group *group = &g->v[i];

		json_open(&j, NULL);
		json_str(&j, "rule", str_from(group->rule));
		json_str(&j, "class", str_from(group->class));
		json_bool(&j, "on", group->is_on);
		json_i64(&j, "waiting", (int64_t)group->waiting);
		json_i64(&j, "suspended", (int64_t)group->suspended);
		json_i64(&j, "budget", (int64_t)pipeline_budget(d->pipeline));
		json_open_array(&j, "accounts");
		for (size_t k = 0; k < group->n; k++) {
			json_open(&j, NULL);
			json_str(&j, "subject", str_from(group->v[k].name));
			json_time(&j, "since", group->v[k].since);
			json_time(&j, "until", group->v[k].until);
			json_str(&j, "reason", str_from(group->v[k].reason));
			json_close(&j);
		}
		json_close_array(&j);
		json_close(&j);
	}
	json_close_array(&j);
	text_char(out, '\n');
}

static void
print_group(const struct group *group, uint64_t budget, struct text *out)
{
	text_printf(out, "%s, class %s: %llu wait", group->rule, group->class,
	    (unsigned long long)group->waiting);
	if (group->waiting > 0) {
		text_add(out, " since ");
		time_local_text(out, group->since);
		text_add(out, ", the last until ");
		time_local_text(out, group->until);
	}
	text_printf(out, "; %llu suspended in the last hour of %llu\n",
	    (unsigned long long)group->suspended, (unsigned long long)budget);
	for (size_t i = 0; i < group->n; i++) {
		text_add(out, "  ");
		text_printable(out, str_from(group->v[i].name));
		text_add(out, ": ");
		text_printable(out, str_from(group->v[i].reason));
		text_char(out, '\n');
	}
	if (group->waiting > group->n)
		text_printf(out, "  and %llu more (outpost brake --all)\n",
		    (unsigned long long)(group->waiting - group->n));
	if (group->waiting > 0 || group->is_on)
		text_printf(out,
		    "  outpost brake approve %s --reason TEXT suspends them, "
		    "outpost brake release %s --reason TEXT lets them go\n",
		    group->rule, group->rule);
}

static void
look(struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct gathered *g =
	    gather(d, control_has(q, "all") ? ALL_SHOWN : SHOWN);

	if (!g)
		return;
	if (q->is_json) {
		print_json(d, g, &r->out);
	} else {
		for (size_t i = 0; i < g->n; i++)
			print_group(
			    &g->v[i], pipeline_budget(d->pipeline), &r->out);
		if (g->n == 0)
			text_printf(&r->out,
			    "nobody waits; a rule may suspend %llu accounts of "
			    "a class in an hour\n",
			    (unsigned long long)pipeline_budget(d->pipeline));
	}
}

/* How many wait because of this rule; false: it has nothing to decide. */
static bool
count(const struct gathered *g, struct str rule, uint64_t *waiting)
{
	bool is_on = false;

	*waiting = 0;
	for (size_t i = 0; i < g->n; i++) {
		if (!str_is(str_from(g->v[i].rule), rule))
			continue;
		*waiting += g->v[i].waiting;
		is_on |= g->v[i].is_on;
	}
	return is_on || *waiting > 0;
}

static void
decide(struct desk *d, const struct control_request *q, bool is_approved,
    struct control_reply *r)
{
	static struct event e;
	struct standing_state state;
	struct sanction_about about;
	struct str rule = q->args[1];
	uint64_t n;

	if (str_trim(control_option(q, "reason")).n == 0) {
		control_fail(r, EXIT_USAGE,
		    "brake %.*s needs --reason TEXT: it stands in the history",
		    STR_ARG(q->args[0]));
		return;
	}
	const struct gathered *g = gather(d, 0);

	if (!g)
		return;
	if (!count(g, rule, &n)) {
		control_fail(r, EXIT_FAILED, "nobody waits because of \"%.*s\"",
		    STR_ARG(rule));
		return;
	}
	pipeline_about(d->pipeline, SUBJECT_ALL, STR(""), &state, &about);
	sanction_decide(&about, rule, is_approved, str_from(q->user),
	    control_option(q, "reason"), &e);
	d->emit(d->ctx, &e);
	r->is_order = true;
	if (q->is_json)
		text_printf(&r->out, "{\"%s\":%llu}\n",
		    is_approved ? "approved" : "released",
		    (unsigned long long)n);
	else
		text_printf(&r->out, "%.*s: %llu who wait are %s\n",
		    STR_ARG(rule), (unsigned long long)n,
		    is_approved ? "suspended" : "let go");
}

void
desk_brake(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	if (q->n_args == 0) {
		look(d, q, r);
		return;
	}
	bool is_approved = str_is(q->args[0], STR("approve"));

	if (q->n_args == 2 &&
	    (is_approved || str_is(q->args[0], STR("release"))))
		decide(d, q, is_approved, r);
	else
		control_fail(r, EXIT_USAGE, "usage: outpost brake %s",
		    commands[COMMAND_ID_brake].usage);
}
