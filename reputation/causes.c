/* causes - who used an own address towards a provider, and how */
#include "reputation/causes_parts.h"

#include <stdlib.h>

enum {
	HOUR = 3600,
	LOOKED_AT = 64, /* accounts, of which more is asked */
	PER = 10000,
	GONE_MAX = 1 << 20, /* bytes; beyond, they are on disk until loaded */
};

static const struct {
	const char *text;
	unsigned usual, weight;
} kinds[CAUSE_COUNTS] = {
#define CAUSE(NAME, text, usual, weight, help) {text, usual, weight},
#include "reputation/causes_counts.def"
#undef CAUSE
};

const char *
cause_count_text(enum cause_count c)
{
	return kinds[c].text;
}

struct causes *
causes_new(size_t max)
{
	struct causes *c = xalloc(1, sizeof(*c));

	c->max = max;
	map_init(&c->map);
	text_grow(&c->gone, GONE_MAX);
	return c;
}

static void
unlink_one(struct causes *c, struct causes_user *u)
{
	*(u->older ? &u->older->newer : &c->oldest) = u->newer;
	*(u->newer ? &u->newer->older : &c->newest) = u->older;
}

static void
link_newest(struct causes *c, struct causes_user *u)
{
	u->newer = NULL;
	u->older = c->newest;
	*(c->newest ? &c->newest->newer : &c->oldest) = u;
	c->newest = u;
}

static void
drop(struct causes *c, struct causes_user *u)
{
	causes_gone(c, u);
	map_remove(&c->map, str_make(u->name, u->n));
	unlink_one(c, u);
	free(u);
}

void
causes_free(struct causes **cp)
{
	struct causes *c = *cp;

	if (!c)
		return;
	*cp = NULL;
	c->is_kept = false;
	while (c->oldest)
		drop(c, c->oldest);
	map_done(&c->map);
	for (int i = 0; i < CAUSES_LISTS; i++)
		free(c->lists[i].v);
	text_done(&c->gone);
	free(c);
}

size_t
causes_count(const struct causes *c)
{
	return c->map.n;
}

/* Behind the second blank; 0: there are no two. */
static size_t
account_of(struct str name)
{
	struct str rest = name, word;

	return str_cut(&rest, ' ', &word) && str_cut(&rest, ' ', &word)
		   ? name.n - rest.n
		   : 0;
}

struct causes_user *
causes_get(struct causes *c, struct str name)
{
	struct causes_user *u = map_find(&c->map, name);
	size_t account_at;

	if (u) {
		unlink_one(c, u);
		link_newest(c, u);
		return u;
	}
	account_at = account_of(name);
	if (account_at == 0 || name.n > CAUSES_KEY ||
	    name.n - account_at > CAUSES_ACCOUNT)
		return NULL;
	if (c->map.n >= c->max && c->oldest)
		drop(c, c->oldest);
	u = xalloc(1, sizeof(*u) + name.n);
	u->n = name.n;
	u->account_at = account_at;
	memcpy(u->name, name.p, name.n);
	map_put(&c->map, str_make(u->name, u->n), u);
	link_newest(c, u);
	return u;
}

size_t
causes_forget(struct causes *c, struct str account)
{
	struct causes_user *u = c->oldest, *next;
	size_t n = 0;

	for (; u; u = next) {
		next = u->newer;
		if (!str_is(str_skip(str_make(u->name, u->n), u->account_at),
			account))
			continue;
		drop(c, u);
		n++;
	}
	return n;
}

void
causes_note(struct causes *c, const struct cause_note *n)
{
	char name[CAUSES_KEY + 2];
	struct text t;

	if (n->account.n == 0 || n->account.n > CAUSES_ACCOUNT || n->at <= 0)
		return;
	text_init(&t, name, sizeof(name));
	text_str(&t, n->ip);
	text_char(&t, ' ');
	text_str(&t, n->provider);
	text_char(&t, ' ');
	text_str(&t, n->account);
	struct causes_user *u = t.is_cut ? NULL : causes_get(c, text_view(&t));

	if (!u)
		return;
	uint32_t hour = (uint32_t)(n->at / HOUR);
	struct causes_part *p = &u->parts[hour % CAUSES_HOURS];

	if (p->hour > hour)
		return;
	if (p->hour < hour)
		*p = (struct causes_part){.hour = hour};
	p->n += n->n;
	for (int i = 0; i < CAUSE_COUNTS; i++)
		p->v[i] += n->is[i] ? n->n : 0;
	causes_changed(c, u);
}

static bool
is_meant(const struct causes_user *u, struct str ip, struct str provider)
{
	struct str name = str_make(u->name, u->account_at), its;

	str_cut(&name, ' ', &its);
	if (ip.n > 0 && !str_is(its, ip))
		return false;
	str_cut(&name, ' ', &its);
	return str_is(its, provider);
}

static void
sum_up(
    const struct causes_user *u, int64_t hours, int64_t now, struct cause *out)
{
	int64_t first = now / HOUR - hours;

	for (size_t i = 0; i < CAUSES_HOURS; i++) {
		const struct causes_part *p = &u->parts[i];

		if (p->hour <= first || p->hour > now / HOUR)
			continue;
		out->recipients += p->n;
		for (int k = 0; k < CAUSE_COUNTS; k++)
			out->v[k] += p->v[k];
	}
}

/* All that were seen there, the largest LOOKED_AT of them by themselves. */
struct ranking {
	struct cause v[LOOKED_AT];
	size_t n;
	struct cause all;
};

/* Beyond what is usual anywhere; a little for the size, when nothing else
 * tells. */
static double
first_sight(const struct cause *one)
{
	double sum = (double)one->recipients / 1000;

	for (int k = 0; k < CAUSE_COUNTS; k++) {
		double more = (double)one->v[k] -
			      (double)one->recipients * kinds[k].usual / PER;

		sum += more > 0 ? more * kinds[k].weight : 0;
	}
	return sum;
}

static void
add(struct ranking *r, const struct cause *one)
{
	size_t least = 0;

	if (r->n < LOOKED_AT) {
		r->v[r->n++] = *one;
		return;
	}
	for (size_t i = 1; i < r->n; i++) {
		if (r->v[i].excess < r->v[least].excess)
			least = i;
	}
	if (r->v[least].excess < one->excess)
		r->v[least] = *one;
}

/* Several own addresses: an account once. */
static struct cause *
find(struct ranking *r, struct str account)
{
	for (size_t i = 0; i < r->n; i++) {
		if (str_is(str_from(r->v[i].account), account))
			return &r->v[i];
	}
	return NULL;
}

static void
take(struct ranking *r, const struct causes_user *u, int64_t hours, int64_t now,
    bool is_of_all)
{
	struct str account = str_skip(str_make(u->name, u->n), u->account_at);
	struct cause one = {.recipients = 0}, *known;
	struct text t;

	sum_up(u, hours, now, &one);
	if (one.recipients == 0)
		return;
	r->all.recipients += one.recipients;
	for (int k = 0; k < CAUSE_COUNTS; k++)
		r->all.v[k] += one.v[k];
	known = is_of_all ? find(r, account) : NULL;
	if (known) {
		known->recipients += one.recipients;
		for (int k = 0; k < CAUSE_COUNTS; k++)
			known->v[k] += one.v[k];
		known->excess = first_sight(known);
		return;
	}
	text_init(&t, one.account, sizeof(one.account));
	text_str(&t, account);
	one.excess = first_sight(&one);
	add(r, &one);
}

/* What the account has more than the others, and than is usual. */
static double
excess_of(const struct ranking *r, const struct cause *one)
{
	double others = (double)(r->all.recipients - one->recipients);
	double sum = 0;

	for (int k = 0; k < CAUSE_COUNTS; k++) {
		double usual = (double)kinds[k].usual / PER;
		double theirs = (double)r->all.v[k] - (double)one->v[k];

		/* A few others say little about what is usual there. */
		if (others >= 50 && theirs > 0 && theirs / others > usual)
			usual = theirs / others;
		double more =
		    (double)one->v[k] - (double)one->recipients * usual;

		sum += more > 0 ? more * kinds[k].weight : 0;
	}
	return sum;
}

static int
by_excess(const void *a, const void *b)
{
	const struct cause *x = a, *y = b;

	if (x->excess != y->excess)
		return x->excess < y->excess ? 1 : -1;
	if (x->recipients != y->recipients)
		return x->recipients < y->recipients ? 1 : -1;
	return strcmp(x->account, y->account);
}

size_t
causes_rank(const struct causes *c, struct str ip, struct str provider,
    int64_t hours, int64_t now, causes_more_fn *more, void *ctx,
    struct cause *out, size_t max)
{
	struct ranking *r = xalloc(1, sizeof(*r));
	double sum = 0;
	size_t n;

	for (const struct causes_user *u = c->newest; u; u = u->older) {
		if (is_meant(u, ip, provider))
			take(r, u, hours, now, ip.n == 0);
	}
	for (size_t i = 0; i < r->n && more; i++) {
		struct cause before = r->v[i];

		more(ctx, hours * HOUR, &r->v[i]);
		for (int k = 0; k < CAUSE_COUNTS; k++)
			r->all.v[k] += r->v[i].v[k] - before.v[k];
	}
	for (size_t i = 0; i < r->n; i++) {
		r->v[i].excess = excess_of(r, &r->v[i]);
		sum += r->v[i].excess;
	}
	qsort(r->v, r->n, sizeof(r->v[0]), by_excess);
	for (n = 0; n < r->n && n < max; n++) {
		out[n] = r->v[n];
		out[n].share =
		    sum > 0 ? (unsigned)(100 * out[n].excess / sum) : 0;
	}
	free(r);
	return n;
}
