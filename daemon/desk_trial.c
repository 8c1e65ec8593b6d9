/* desk_trial - which rules are on trial, whom they would have stopped, and what
 * an operator decides about them */
#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "daemon/desk_gather.h"

enum { SHOWN = 5, ALL_SHOWN = 100000, LONGEST = 30 * 86400 };

static const struct trial *
trial_of(const struct desk *d)
{
	return pipeline_settings(d->pipeline)->trial;
}

struct seeker {
	const struct trial *trial;
	const struct trial_rule *rule; /* NULL: any */
	struct desk_tried *out;
	bool is_found;
};

/* Noted by this node or by another, of a trial that goes on here. */
static const struct trial_rule *
rule_of(const struct trial *t, const struct standings_ended *e)
{
	const struct trial_rule *r = trial_find(t, e->rule);

	return r && e->at >= r->since ? r : NULL;
}

static void
seek(void *ctx, const struct standings_ended *e)
{
	struct seeker *s = ctx;
	const struct trial_rule *r = rule_of(s->trial, e);

	if (!r || (s->is_found && e->rung <= s->out->rung))
		return;
	s->is_found = true;
	*s->out =
	    (struct desk_tried){e->rung, r->name, e->reason, e->at, r->until};
}

bool
desk_find_tried(struct desk *d, enum subject_kind kind, struct str key,
    struct desk_tried *out)
{
	struct seeker s = {trial_of(d), NULL, out, false};

	if (s.trial)
		standings_each_tried_of(pipeline_standings(d->pipeline), kind,
		    key, d->now(d->ctx), seek, &s);
	return s.is_found;
}

void
desk_json_tried(
    struct desk *d, enum subject_kind kind, struct str key, struct json_out *j)
{
	struct desk_tried t;

	if (!desk_find_tried(d, kind, key, &t))
		return;
	json_open(j, "tried");
	json_str(j, "standing", str_from(standing_text(t.rung)));
	json_str(j, "rule", str_from(t.rule));
	json_str(j, "reason", str_from(t.reason));
	json_time(j, "at", t.at);
	json_time(j, "until", t.until);
	json_close(j);
}

void
desk_print_tried(
    struct desk *d, enum subject_kind kind, struct str key, struct text *out)
{
	struct desk_tried t;

	if (!desk_find_tried(d, kind, key, &t))
		return;
	text_printf(out, "trial      would have been %s by %s at ",
	    standing_text(t.rung), t.rule);
	time_local_text(out, t.at);
	text_add(out, ", which is on trial until ");
	time_local_text(out, t.until);
	text_add(out, ": ");
	text_printable(out, str_from(t.reason));
	text_char(out, '\n');
}

struct sample {
	char *name, *reason;
	enum standing rung;
	int64_t at;
};

/* What one rule found. */
struct found {
	char rule[LIMIT_NAME];
	uint64_t n;
	struct sample *v;
	size_t n_shown;
	const char *last; /* subjects come one after the other, in a slice */
};

struct gathered {
	struct desk_gather gather;
	struct standings_walk walk;
	size_t shown; /* of each */
	int64_t now;
	struct desk *desk;
	struct found v[TRIAL_RULES];
	size_t n;
};

static void
add_sample(struct found *f, const struct standings_ended *e)
{
	char name[700];
	struct text t;

	text_init(&t, name, sizeof(name));
	desk_subject_print(e->kind, e->key, &t);
	f->v = xrealloc(f->v, f->n_shown + 1, sizeof(*f->v));
	f->v[f->n_shown++] = (struct sample){str_dup(text_view(&t)),
	    str_dup(str_from(e->reason)), e->rung, e->at};
}

/* NULL: none. */
static struct found *
find_found(struct gathered *g, const char *rule)
{
	for (size_t i = 0; i < g->n; i++) {
		if (strcmp(g->v[i].rule, rule) == 0)
			return &g->v[i];
	}
	return NULL;
}

static void
on_tried(void *ctx, const struct standings_ended *e)
{
	struct gathered *g = ctx;
	struct found *f;

	if (!rule_of(trial_of(g->desk), e) || !(f = find_found(g, e->rule)) ||
	    f->last == e->key.p)
		return;
	f->last = e->key.p;
	f->n++;
	if (f->n_shown < g->shown)
		add_sample(f, e);
}

static bool
step(struct desk_gather *gather, struct desk *d, size_t max)
{
	struct gathered *g = (struct gathered *)gather;

	for (size_t i = 0; i < g->n; i++)
		g->v[i].last = NULL;
	g->desk = d;
	return g->n == 0 ||
	       !standings_walk_tried(pipeline_standings(d->pipeline), &g->walk,
		   max, g->now, on_tried, g);
}

static void
free_samples(struct desk_gather *gather)
{
	struct gathered *g = (struct gathered *)gather;

	for (size_t i = 0; i < g->n; i++) {
		for (size_t k = 0; k < g->v[i].n_shown; k++) {
			free(g->v[i].v[k].name);
			free(g->v[i].v[k].reason);
		}
		free(g->v[i].v);
	}
}

static struct gathered *
gathered_new(struct desk *d, size_t shown)
{
	const struct trial *trial = trial_of(d);
	struct gathered *g = xalloc(1, sizeof(*g));
	struct text t;

	text_init(&t, g->gather.name, sizeof(g->gather.name));
	text_printf(&t, "tried %zu", shown);
	g->gather.step = step;
	g->gather.free = free_samples;
	g->shown = shown;
	g->now = d->now(d->ctx);
	for (; trial && g->n < trial->n; g->n++)
		memcpy(
		    g->v[g->n].rule, trial->v[g->n].name, sizeof(g->v[0].rule));
	standings_walk_begin(pipeline_standings(d->pipeline), &g->walk);
	return g;
}

/* NULL: being gathered. */
static struct gathered *
gather(struct desk *d, size_t shown)
{
	char name[64];

	snprintf(name, sizeof(name), "tried %zu", shown);
	struct gathered *g = (struct gathered *)desk_gather_find(d, name);

	if (!g)
		desk_gather_want(d, &gathered_new(d, shown)->gather);
	return g;
}

struct desk_gather *
desk_trial_new(struct desk *d)
{
	return &gathered_new(d, 0)->gather;
}

void
desk_trial_each(struct desk *d, const struct desk_gather *gather,
    desk_trial_fn *each, void *ctx)
{
	const struct gathered *g = (const struct gathered *)gather;

	for (size_t i = 0; g && i < g->n; i++) {
		const struct trial_rule *r =
		    trial_find(trial_of(d), g->v[i].rule);

		if (r)
			each(ctx, r, g->v[i].n);
	}
}

static void
print_change(
    const struct trial *t, const struct trial_rule *r, struct text *out)
{
	text_printf(out, "%s is on trial until ", r->name);
	time_local_text(out, r->until);
	text_add(out, ": ");
	trial_print_change(t, r, out);
}

static void
print_found(const struct trial *t, const struct trial_rule *r,
    const struct found *f, struct text *out)
{
	print_change(t, r, out);
	text_printf(out, "\n  it would have stopped %llu since ",
	    (unsigned long long)f->n);
	time_local_text(out, r->since);
	text_add(out, f->n > 0 ? ":\n" : "\n");
	for (size_t i = 0; i < f->n_shown; i++) {
		text_add(out, "    ");
		text_printable(out, str_from(f->v[i].name));
		text_printf(out, " %s at ", standing_text(f->v[i].rung));
		time_local_text(out, f->v[i].at);
		text_add(out, ": ");
		text_printable(out, str_from(f->v[i].reason));
		text_char(out, '\n');
	}
	if (f->n > f->n_shown)
		text_printf(out, "    and %llu more (outpost trial --all)\n",
		    (unsigned long long)(f->n - f->n_shown));
	text_printf(out,
	    "  outpost trial end %s --reason TEXT lets it hold at once\n",
	    r->name);
}

static void
json_found(const struct trial *t, const struct trial_rule *r,
    const struct found *f, struct json_out *j)
{
	char words[512];
	struct text change;

	text_init(&change, words, sizeof(words));
	trial_print_change(t, r, &change);
	json_open(j, NULL);
	json_str(j, "rule", str_from(r->name));
	json_time(j, "since", r->since);
	json_time(j, "until", r->until);
	json_str(j, "change", text_view(&change));
	json_i64(j, "would_have_stopped", (int64_t)f->n);
	json_open_array(j, "subjects");
	for (size_t i = 0; i < f->n_shown; i++) {
		json_open(j, NULL);
		json_str(j, "subject", str_from(f->v[i].name));
		json_str(j, "standing", str_from(standing_text(f->v[i].rung)));
		json_time(j, "at", f->v[i].at);
		json_str(j, "reason", str_from(f->v[i].reason));
		json_close(j);
	}
	json_close_array(j);
	json_close(j);
}

static void
look(struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct trial *t = trial_of(d);
	struct gathered *g =
	    gather(d, control_has(q, "all") ? ALL_SHOWN : SHOWN);
	struct json_out j;

	if (!g)
		return;
	json_out_init(&j, &r->out);
	if (q->is_json)
		json_open_array(&j, NULL);
	for (size_t i = 0; t && i < t->n; i++) {
		const struct found none = {0}, *f = find_found(g, t->v[i].name);

		if (q->is_json)
			json_found(t, &t->v[i], f ? f : &none, &j);
		else
			print_found(t, &t->v[i], f ? f : &none, &r->out);
	}
	if (q->is_json) {
		json_close_array(&j);
		text_char(&r->out, '\n');
	} else if (!t || t->n == 0) {
		text_add(&r->out, "no rule is on trial; a new or stricter one "
				  "would be for ");
		time_duration(
		    &r->out, pipeline_settings(d->pipeline)->limits.trial);
		text_char(&r->out, '\n');
	}
}

/* When the trial ends now; 0: at once; -1: the reply says what is wrong. */
static int64_t
take_until(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	int64_t length;

	if (str_is(q->args[0], STR("end")))
		return 0;
	if (time_parse_duration(control_option(q, "for"), &length) &&
	    length > 0 && length <= LONGEST)
		return d->now(d->ctx) + length;
	control_fail(r, EXIT_USAGE,
	    "trial extend needs --for DURATION (24h, 3d; from now, at most "
	    "30d)");
	return -1;
}

static void
json_decided(const char *name, int64_t until, struct text *out)
{
	struct json_out j;

	json_out_init(&j, out);
	json_open(&j, NULL);
	json_str(&j, "rule", str_from(name));
	json_time(&j, "until", until);
	json_close(&j);
	text_char(out, '\n');
}

static void
decide(struct desk *d, const struct control_request *q, struct control_reply *r)
{
	static struct event e;
	char name[LIMIT_NAME];
	struct standing_state state;
	struct sanction_about about;
	struct text t;
	int64_t until = take_until(d, q, r);

	if (until < 0)
		return;
	if (str_trim(control_option(q, "reason")).n == 0) {
		control_fail(r, EXIT_USAGE,
		    "trial %.*s needs --reason TEXT: it stands in the history",
		    STR_ARG(q->args[0]));
		return;
	}
	text_init(&t, name, sizeof(name));
	text_str(&t, q->args[1]);
	const struct trial_rule *rule = trial_find(trial_of(d), name);

	if (!rule) {
		control_fail(r, EXIT_UNKNOWN, "\"%.*s\" is not on trial",
		    STR_ARG(q->args[1]));
		return;
	}
	pipeline_about(d->pipeline, SUBJECT_ALL, STR(""), &state, &about);
	sanction_trial(&about, str_from(name), rule->version, until,
	    str_from(q->user), control_option(q, "reason"), &e);
	d->emit(d->ctx, &e);
	r->is_order = true;
	if (q->is_json)
		json_decided(name, until ? until : d->now(d->ctx), &r->out);
	else if (until == 0)
		text_printf(&r->out, "%s holds from now on\n", name);
	else if ((rule = trial_find(trial_of(d), name)))
		print_change(trial_of(d), rule, &r->out);
	if (until > 0 && !q->is_json)
		text_char(&r->out, '\n');
}

void
desk_trial(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	if (q->n_args == 0)
		look(d, q, r);
	else if (q->n_args == 2 && (str_is(q->args[0], STR("end")) ||
				       str_is(q->args[0], STR("extend"))))
		decide(d, q, r);
	else
		control_fail(r, EXIT_USAGE, "usage: outpost trial %s",
		    commands[COMMAND_ID_trial].usage);
}
