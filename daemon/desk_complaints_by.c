/* desk_complaints_by - what people complained about, as sums */
#include <assert.h>
#include <stdlib.h>

#include "base/time.h"
#include "daemon/desk_complaints.h"
#include "daemon/report.h"
#include "mta/account.h"

enum { GROUPS = 1000, BAR = 30, PARSED = 2 /* effort */ };

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
	struct complaints_look look;
	char by[16], account[ACCOUNT_TEXT];
	struct complaints_place place;
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

	if (!g && all->n >= GROUPS - 1) {
		name = STR("others");
		g = map_find(&all->names, name);
	}
	if (g)
		return g;
	assert(all->n < GROUPS);
	g = &all->v[all->n++];
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
}

static bool
step(struct desk_gather *gather, struct desk *d, size_t max)
{
	struct groups *g = (struct groups *)gather;
	bool is_anew;
	const struct kept_item *i =
	    desk_complaints_go_on(&g->place, d->complaints, &is_anew);
	struct noted c;

	if (is_anew)
		forget(g);
	for (max /= PARSED; i && i->at >= g->look.since; i = i->older) {
		if (max-- == 0) {
			desk_complaints_stop(&g->place, i);
			return false;
		}
		if (desk_complaints_is_meant(i, &g->look, &c))
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
find_groups(struct desk *d, const struct complaints_look *l, const char *by,
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
add_delivered(struct desk *d, const struct complaints_look *l, struct groups *g)
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

void
desk_complaints_by(struct desk *d, const struct complaints_look *l,
    const struct control_request *q, struct control_reply *r)
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
