/* case_report - what the cases of a period say, as numbers */
#include "notify/case_report.h"

#include <stdlib.h>

#include "base/time.h"

enum { GROUPS = 100 };

struct values {
	int64_t *v;
	size_t n, cap;
};

struct group {
	char name[64];
	struct case_sums sums;
	struct values detected, leaked, decided;
};

struct groups {
	struct group *v;
	struct case_sums sums[GROUPS];
	size_t n;
};

struct case_report {
	int64_t since, until;
	struct group all;
	struct groups rules, classes;
};

struct case_report *
case_report_new(int64_t since, int64_t until)
{
	struct case_report *r = xalloc(1, sizeof(*r));

	r->since = since;
	r->until = until;
	r->all.sums.name = "all";
	r->rules.v = xalloc(GROUPS, sizeof(*r->rules.v));
	r->classes.v = xalloc(GROUPS, sizeof(*r->classes.v));
	return r;
}

static void
free_group(struct group *g)
{
	free(g->detected.v);
	free(g->leaked.v);
	free(g->decided.v);
}

static void
free_groups(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		free_group(&g->v[i]);
	free(g->v);
}

void
case_report_free(struct case_report **rp)
{
	struct case_report *r = *rp;

	if (!r)
		return;
	*rp = NULL;
	free_group(&r->all);
	free_groups(&r->rules);
	free_groups(&r->classes);
	free(r);
}

static void
note(struct values *v, int64_t value)
{
	if (v->n == v->cap) {
		v->cap = v->cap ? 2 * v->cap : 16;
		v->v = xrealloc(v->v, v->cap, sizeof(*v->v));
	}
	v->v[v->n++] = value;
}

static struct group *
find(struct groups *g, const char *name)
{
	struct text t;

	if (!*name)
		name = "-";
	for (size_t i = 0; i < g->n; i++) {
		if (strcmp(g->v[i].name, name) == 0)
			return &g->v[i];
	}
	if (g->n == GROUPS - 1)
		name = "others";
	if (g->n == GROUPS)
		return &g->v[GROUPS - 1];
	struct group *new = &g->v[g->n++];

	text_init(&t, new->name, sizeof(new->name));
	text_add(&t, name);
	return new;
}

static void
add_to(struct group *g, const struct case_head *c)
{
	struct case_sums *s = &g->sums;
	int64_t decided = c->decided.at_us / TIME_US;

	s->cases++;
	s->suspended += strcmp(c->rung, "suspended") == 0;
	s->held += strcmp(c->rung, "held") == 0;
	s->complaints += c->is_complaints;
	s->by_operators += c->is_operator;
	s->overturned += c->is_overturned;
	s->approved += c->state == CASE_APPROVED;
	s->denied += c->state == CASE_DENIED;
	s->waiting += case_is_pending(c);
	if (!c->is_operator && !c->is_complaints && c->began > 0 &&
	    c->began <= c->since) {
		note(&g->detected, c->since - c->began);
		note(&g->leaked, c->recipients);
	}
	if (decided == 0 && c->end == CASE_END_LIFTED)
		decided = c->ended.at_us / TIME_US;
	if (decided >= c->since && decided > 0)
		note(&g->decided, decided - c->since);
}

void
case_report_add(struct case_report *r, const struct case_head *c)
{
	if (c->since < r->since || c->since >= r->until ||
	    c->end == CASE_END_REPLACED)
		return;
	add_to(&r->all, c);
	add_to(find(&r->rules, c->rule), c);
	add_to(find(&r->classes, c->class), c);
}

static int
by_value(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static struct case_spread
spread(struct values *v)
{
	struct case_spread s = {.n = v->n};

	if (v->n == 0)
		return s;
	qsort(v->v, v->n, sizeof(*v->v), by_value);
	s.median = v->v[(v->n - 1) / 2];
	s.most = v->v[(v->n * 95 + 99) / 100 - 1];
	for (size_t i = 0; i < v->n; i++)
		s.sum += v->v[i];
	return s;
}

static void
end_group(struct group *g)
{
	g->sums.detected = spread(&g->detected);
	g->sums.leaked = spread(&g->leaked);
	g->sums.decided = spread(&g->decided);
}

static int
by_cases(const void *a, const void *b)
{
	const struct case_sums *x = a, *y = b;

	if (x->cases != y->cases)
		return x->cases < y->cases ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void
end_groups(struct groups *g)
{
	for (size_t i = 0; i < g->n; i++) {
		end_group(&g->v[i]);
		g->sums[i] = g->v[i].sums;
		g->sums[i].name = g->v[i].name;
	}
	qsort(g->sums, g->n, sizeof(*g->sums), by_cases);
}

void
case_report_end(struct case_report *r)
{
	end_group(&r->all);
	end_groups(&r->rules);
	end_groups(&r->classes);
}

const struct case_sums *
case_report_all(const struct case_report *r)
{
	return &r->all.sums;
}

size_t
case_report_rules(const struct case_report *r, const struct case_sums **v)
{
	*v = r->rules.sums;
	return r->rules.n;
}

size_t
case_report_classes(const struct case_report *r, const struct case_sums **v)
{
	*v = r->classes.sums;
	return r->classes.n;
}

static void
json_spread(const char *key, const struct case_spread *s, struct json_out *j)
{
	json_open(j, key);
	json_i64(j, "n", (int64_t)s->n);
	json_i64(j, "median", s->median);
	json_i64(j, "p95", s->most);
	json_i64(j, "sum", s->sum);
	json_close(j);
}

static void
json_sums(const char *key, const struct case_sums *s, struct json_out *j)
{
	json_open(j, key);
	json_str(j, "name", str_from(s->name));
	json_i64(j, "cases", (int64_t)s->cases);
	json_i64(j, "suspended", (int64_t)s->suspended);
	json_i64(j, "held", (int64_t)s->held);
	json_i64(j, "complaints", (int64_t)s->complaints);
	json_i64(j, "by_operators", (int64_t)s->by_operators);
	json_i64(j, "overturned", (int64_t)s->overturned);
	json_i64(j, "approved", (int64_t)s->approved);
	json_i64(j, "denied", (int64_t)s->denied);
	json_i64(j, "waiting", (int64_t)s->waiting);
	json_spread("seconds_to_detect", &s->detected, j);
	json_spread("recipients_leaked", &s->leaked, j);
	json_spread("seconds_to_decision", &s->decided, j);
	json_close(j);
}

void
case_report_json(const struct case_report *r, struct json_out *j)
{
	json_open(j, NULL);
	json_time(j, "since", r->since);
	json_time(j, "until", r->until);
	json_sums("all", &r->all.sums, j);
	json_open_array(j, "rules");
	for (size_t i = 0; i < r->rules.n; i++)
		json_sums(NULL, &r->rules.sums[i], j);
	json_close_array(j);
	json_open_array(j, "classes");
	for (size_t i = 0; i < r->classes.n; i++)
		json_sums(NULL, &r->classes.sums[i], j);
	json_close_array(j);
	json_close(j);
}

static void
print_seconds(const char *what, const struct case_spread *s, struct text *out)
{
	if (s->n == 0)
		return;
	text_add(out, what);
	time_duration_words(out, s->median);
	text_add(out, " (median), ");
	time_duration_words(out, s->most);
	text_printf(out, " (95%%), of %zu\n", s->n);
}

void
case_report_print(const struct case_report *r, struct text *out)
{
	const struct case_sums *s = &r->all.sums;

	text_add(out, "from        ");
	time_local_text(out, r->since);
	text_add(out, " until ");
	time_local_text(out, r->until);
	text_printf(out,
	    "\ncases       %llu: %llu suspended, %llu held; %llu of them by "
	    "operators; %llu of complaints\n",
	    (unsigned long long)s->cases, (unsigned long long)s->suspended,
	    (unsigned long long)s->held, (unsigned long long)s->by_operators,
	    (unsigned long long)s->complaints);
	text_printf(out,
	    "decided     %llu approved, %llu denied, %llu overturned; %llu "
	    "wait\n",
	    (unsigned long long)s->approved, (unsigned long long)s->denied,
	    (unsigned long long)s->overturned, (unsigned long long)s->waiting);
	print_seconds("detected in ", &s->detected, out);
	if (s->leaked.n > 0)
		text_printf(out,
		    "leaked      %lld recipients in all, %lld (median), %lld "
		    "(95%%)\n",
		    (long long)s->leaked.sum, (long long)s->leaked.median,
		    (long long)s->leaked.most);
	print_seconds("decided in  ", &s->decided, out);
}
