/* desk_complaints - what people complained about, as rows and sums */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/desk_gather.h"
#include "daemon/report.h"
#include "daemon/trace_find.h"
#include "fbl/noted.h"
#include "mta/account.h"

enum { SHOWN = 50, GROUPS = 1000, BAR = 30, PARSED = 2 /* effort */ };

struct look {
	struct str account; /* empty: all */
	int64_t since;
	uint64_t last;
};

static bool
take_look(struct desk *d, const struct control_request *q, struct look *l,
    struct desk_subject *account, struct control_reply *r)
{
	struct str since = control_option(q, "since");

	*l = (struct look){.last = SHOWN};
	if (q->n_args > 1)
		return control_fail(r, EXIT_USAGE, "usage: outpost %s %s",
		    commands[q->command].name, commands[q->command].usage);
	if (q->n_args == 1) {
		if (!desk_subject_find(d, q->args[0], account, r))
			return false;
		l->account = str_from(account->key);
	}
	if (since.n > 0 && !trace_parse_since(since, d->now(d->ctx), &l->since))
		return control_fail(r, EXIT_USAGE,
		    "--since must be such as 2h (ago), 22:40 or \"2026-11-21 "
		    "22:40\"");
	if (control_has(q, "last") &&
	    !str_to_u64(control_option(q, "last"), &l->last))
		return control_fail(r, EXIT_USAGE, "--last must be a number");
	return true;
}

static bool
is_meant(const struct kept_item *i, const struct look *l, struct noted *out)
{
	return noted_parse(i->value, out) &&
	       (l->account.n == 0 || str_is(out->v[NOTED_ACCOUNT], l->account));
}

/* The next one of those that are looked for, at i or older. */
static const struct kept_item *
find(const struct kept_item *i, const struct look *l, struct noted *out)
{
	for (; i && i->at >= l->since; i = i->older) {
		if (is_meant(i, l, out))
			return i;
	}
	return NULL;
}

static void
json_one(struct json_out *j, const struct kept_item *i, const struct noted *c)
{
	json_open(j, NULL);
	json_time(j, "at", i->at);
	json_time(j, "message_at", c->message_at);
	for (enum noted_field f = 0; f < NOTED_FIELDS; f++) {
		uint64_t n;

		if (f == NOTED_VOUCHED)
			json_bool(j, noted_field_text(f),
			    str_is(c->v[f], STR("yes")));
		else if ((f == NOTED_CONFIDENCE || f == NOTED_INCIDENTS) &&
			 str_to_u64(c->v[f], &n))
			json_i64(j, noted_field_text(f), (int64_t)n);
		else if (c->v[f].n > 0)
			json_str(j, noted_field_text(f), c->v[f]);
	}
	json_close(j);
}

static void
print_json(struct desk *d, const struct look *l, struct text *out)
{
	const struct kept_item *i = kept_newest(d->complaints);
	struct json_out j;
	struct noted c;
	uint64_t n = 0;

	json_out_init(&j, out);
	json_open_array(&j, NULL);
	for (; n < l->last && (i = find(i, l, &c)); i = i->older, n++)
		json_one(&j, i, &c);
	json_close_array(&j);
	text_char(out, '\n');
}

static void
print_rows(struct desk *d, const struct look *l,
    const struct control_request *q, struct text *out)
{
	static const enum noted_field shown[] = {NOTED_ACCOUNT, NOTED_TYPE,
	    NOTED_COMPLAINER, NOTED_PROVIDER, NOTED_REPORTER, NOTED_HOW,
	    NOTED_FROM, NOTED_SUBJECT};
	enum { N = sizeof(shown) / sizeof(shown[0]) };
	const struct kept_item *i = kept_newest(d->complaints);
	struct report *r = report_new(false);
	struct noted c;
	uint64_t n = 0;

	report_column(r, "at", TABLE_LEFT);
	report_column(r, "message_at", TABLE_LEFT);
	for (size_t k = 0; k < N; k++)
		report_column(r, noted_field_text(shown[k]), TABLE_LEFT);
	for (; n < l->last && (i = find(i, l, &c)); i = i->older, n++) {
		report_time(r, i->at);
		report_time(r, c.message_at);
		for (size_t k = 0; k < N; k++)
			report_str(
			    r, c.v[shown[k]].n ? c.v[shown[k]] : STR("-"));
	}
	report_end(&r, q->width, "no complaints", out);
}

/* One account, provider, day ... */
struct group {
	char name[400];
	uint64_t complaints, traps, claims, others;
	uint64_t delivered; /* of a provider */
};

static void
print_group_name(struct str by, const struct kept_item *i,
    const struct noted *c, struct text *out)
{
	struct str provider = c->v[NOTED_PROVIDER];
	struct str domain = account_domain(c->v[NOTED_ACCOUNT]);
	struct str ip = c->v[NOTED_SOURCE_IP];

	if (str_is(by, STR("account")))
		text_str(out, c->v[NOTED_ACCOUNT]);
	else if (str_is(by, STR("provider")))
		text_str(out, provider.n ? provider : STR("unknown"));
	else if (str_is(by, STR("domain")))
		text_str(out, domain.n ? domain : STR("none"));
	else if (str_is(by, STR("ip")))
		text_str(out, ip.n ? ip : STR("unknown"));
	else {
		char when[64];
		struct text t;

		text_init(&t, when, sizeof(when));
		time_local_text(&t, i->at);
		text_str(out, str_head(text_view(&t), strlen("2026-11-21")));
	}
}

static void
count(struct group *g, const struct noted *c)
{
	struct str type = c->v[NOTED_TYPE];
	uint64_t n = 1;

	str_to_u64(c->v[NOTED_INCIDENTS], &n);
	if (str_is(type, str_from(fact_kind_text(FACT_TRAP))))
		g->traps += n;
	if (str_is(type, str_from(fact_kind_text(FACT_COMPLAINT))) ||
	    str_is(type, str_from(fact_kind_text(FACT_TRAP))))
		g->complaints += n;
	else if (str_is(type, str_from(fact_kind_text(FACT_CLAIM))))
		g->claims += n;
	else
		g->others += n;
}

struct groups {
	struct desk_gather gather;
	struct look look;
	char by[16], account[ACCOUNT_TEXT], at[KEPT_KEY + 1]; /* a key */
	int64_t when; /* its time; 0: not begun */
	struct map names;
	struct group v[GROUPS];
	size_t n;
};

/* The last has all that there is no room for. */
static struct group *
find_group(struct groups *all, struct str name)
{
	struct group *g = map_find(&all->names, name);
	struct text t;

	if (g)
		return g;
	if (all->n == GROUPS - 1)
		name = STR("others");
	g = &all->v[all->n < GROUPS ? all->n++ : GROUPS - 1];
	text_init(&t, g->name, sizeof(g->name));
	text_str(&t, name);
	map_put(&all->names, str_from(g->name), g);
	return g;
}

static void
count_one(struct groups *g, const struct kept_item *i, const struct noted *c)
{
	char name[400];
	struct text t;

	text_init(&t, name, sizeof(name));
	print_group_name(str_from(g->by), i, c, &t);
	count(find_group(g, text_view(&t)), c);
}

static void
forget(struct groups *g)
{
	map_done(&g->names);
	map_init(&g->names);
	memset(g->v, 0, sizeof(g->v));
	g->n = 0;
	g->when = 0;
}

/* Where it goes on. One that went meanwhile, or came again as the newest, tells
 * no more where that is: all begins anew. */
static const struct kept_item *
go_on(struct groups *g, struct desk *d)
{
	const struct kept_item *i =
	    g->when ? kept_find(d->complaints, str_from(g->at)) : NULL;

	if (i && i->at == g->when)
		return i;
	forget(g);
	return kept_newest(d->complaints);
}

static bool
step(struct desk_gather *gather, struct desk *d, size_t max)
{
	struct groups *g = (struct groups *)gather;
	const struct kept_item *i = go_on(g, d);
	struct noted c;
	struct text t;

	for (max /= PARSED; i && i->at >= g->look.since; i = i->older) {
		if (max-- == 0) {
			text_init(&t, g->at, sizeof(g->at));
			text_str(&t, i->key);
			g->when = i->at;
			return false;
		}
		if (is_meant(i, &g->look, &c))
			count_one(g, i, &c);
	}
	return true;
}

static void
groups_free(struct desk_gather *gather)
{
	map_done(&((struct groups *)gather)->names);
}

/* NULL: being gathered. */
static struct groups *
find_groups(struct desk *d, const struct look *l, const char *by,
    const struct control_request *q)
{
	char name[DESK_GATHER_NAME];
	struct groups *g;
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "complaints %s %.*s %.*s", by,
	    STR_ARG(control_option(q, "since")), STR_ARG(l->account));
	g = (struct groups *)desk_gather_find(d, name);
	if (g)
		return g;
	g = xalloc(1, sizeof(*g));
	memcpy(g->gather.name, name, sizeof(name));
	g->gather.step = step;
	g->gather.free = groups_free;
	text_init(&t, g->by, sizeof(g->by));
	text_add(&t, by);
	text_init(&t, g->account, sizeof(g->account));
	text_str(&t, l->account);
	g->look = *l;
	g->look.account = text_view(&t);
	map_init(&g->names);
	desk_gather_want(d, &g->gather);
	return NULL;
}

static int
by_complaints(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->complaints != y->complaints)
		return x->complaints < y->complaints ? 1 : -1;
	if (x->claims != y->claims)
		return x->claims < y->claims ? 1 : -1;
	return strcmp(x->name, y->name);
}

static void
add_share(struct report *r, const struct group *g)
{
	char buf[32];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	if (g->delivered > 0)
		text_printf(&t, "%.2f",
		    100.0 * (double)g->complaints / (double)g->delivered);
	report_int(r, (int64_t)g->delivered);
	report_str(r, t.n ? text_view(&t) : STR("-"));
}

static void
on_share(void *ctx, struct str provider, const struct share *share)
{
	struct groups *g = ctx;

	for (size_t i = 0; i < g->n; i++) {
		if (str_is(provider, str_from(g->v[i].name)))
			g->v[i].delivered += share->v[SHARE_DELIVERED];
	}
}

/* What was delivered there in the days that are looked at. The names' map is
 * of no use: they were sorted. */
static void
add_delivered(struct desk *d, const struct look *l, struct groups *g)
{
	for (size_t i = 0; i < g->n; i++)
		g->v[i].delivered = 0;
	shares_each(d->shares, l->since, on_share, g);
}

static void
print_groups(const struct group *v, size_t n, const char *by,
    const struct control_request *q, struct text *out)
{
	struct report *r = report_new(q->is_json);
	bool is_provider = strcmp(by, "provider") == 0;
	uint64_t most = 1;

	for (size_t i = 0; i < n; i++)
		most = v[i].complaints > most ? v[i].complaints : most;
	report_column(r, by, TABLE_LEFT);
	report_column(r, "complaints", TABLE_RIGHT);
	if (is_provider) {
		report_column(r, "delivered", TABLE_RIGHT);
		report_column(r, "percent", TABLE_RIGHT);
	}
	report_column(r, "traps", TABLE_RIGHT);
	report_column(r, "claims", TABLE_RIGHT);
	report_column(r, "others", TABLE_RIGHT);
	if (!q->is_json)
		report_column(r, "", TABLE_LEFT);
	for (size_t i = 0; i < n; i++) {
		char bar[BAR + 1];
		size_t width = (v[i].complaints * BAR + most - 1) / most;

		memset(bar, '#', width);
		report_str(r, str_from(v[i].name));
		report_int(r, (int64_t)v[i].complaints);
		if (is_provider)
			add_share(r, &v[i]);
		report_int(r, (int64_t)v[i].traps);
		report_int(r, (int64_t)v[i].claims);
		report_int(r, (int64_t)v[i].others);
		if (!q->is_json)
			report_str(r, str_make(bar, width));
	}
	report_end(&r, q->width, "no complaints", out);
}

static void
print_by(struct desk *d, const struct look *l, const struct control_request *q,
    struct control_reply *r)
{
	struct str by = control_option(q, "by");
	static const char *const names[] = {
	    "account", "domain", "provider", "ip", "day"};
	enum { N = sizeof(names) / sizeof(names[0]) };

	for (size_t i = 0; i < N; i++) {
		if (!str_is(by, str_from(names[i])))
			continue;
		struct groups *g = find_groups(d, l, names[i], q);

		/* Days come newest first. */
		if (g && i < N - 1 && g->n > 1)
			qsort(g->v, g->n, sizeof(*g->v), by_complaints);
		if (g && l->account.n == 0 && str_is(by, STR("provider")))
			add_delivered(d, l, g);
		if (g)
			print_groups(g->v, g->n, names[i], q, &r->out);
		return;
	}
	control_fail(
	    r, EXIT_USAGE, "--by must be account, domain, provider, ip or day");
}

void
desk_complaints(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	struct desk_subject account;
	struct look l;

	if (!take_look(d, q, &l, &account, r))
		return;
	if (control_has(q, "by"))
		print_by(d, &l, q, r);
	else if (q->is_json)
		print_json(d, &l, &r->out);
	else
		print_rows(d, &l, q, &r->out);
}
