/* totals - what each account sent in a whole log, however long ago */
#include "cli/totals.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/table.h"

void
totals_init(struct totals *t)
{
	*t = (struct totals){0};
	map_init(&t->by_account);
}

void
totals_done(struct totals *t)
{
	struct total *v;

	for (size_t i = 0; (v = map_next(&t->by_account, &i));)
		free(v);
	map_done(&t->by_account);
	free(t->counts);
}

static struct total *
get(struct totals *t, struct str account)
{
	if (t->last &&
	    str_is(str_make(t->last->account, t->last->account_n), account))
		return t->last;
	struct total *v = map_find(&t->by_account, account);

	if (!v) {
		v = xalloc(1, sizeof(*v) + account.n + 1);
		memcpy(v->account, account.p, account.n);
		v->account_n = account.n;
		map_put(&t->by_account, str_make(v->account, account.n), v);
	}
	t->last = v;
	return v;
}

void
totals_add(struct totals *t, const struct fact *f)
{
	if (f->account.n == 0)
		return;
	switch (f->kind) {
	case FACT_ACCEPTED:
		get(t, f->account)->messages++;
		break;
	case FACT_RECIPIENT:
		get(t, f->account)->recipients++;
		break;
	case FACT_DELIVERED:
		get(t, f->account)->delivered++;
		break;
	case FACT_DEFERRAL:
		get(t, f->account)->deferred++;
		break;
	case FACT_UNKNOWN_USER:
	case FACT_REFUSED:
	case FACT_BOUNCED:
		get(t, f->account)->bounced++;
		break;
	default:
		break;
	}
}

/* Its place, or the empty one that it takes. */
static struct total_count *
place_of(const struct totals *t, uint64_t hash)
{
	size_t i = hash & (t->cap - 1);

	while (t->counts[i].hash && t->counts[i].hash != hash)
		i = (i + 1) & (t->cap - 1);
	return &t->counts[i];
}

static void
grow(struct totals *t)
{
	struct totals old = *t;

	t->cap = old.cap ? 2 * old.cap : 1024;
	t->counts = xalloc(t->cap, sizeof(*t->counts));
	for (size_t i = 0; i < old.cap; i++) {
		if (old.counts[i].hash)
			*place_of(t, old.counts[i].hash) = old.counts[i];
	}
	free(old.counts);
}

static void
count_due(struct totals *t)
{
	if (2 * t->n >= t->cap)
		grow(t);
	struct total_count *c = place_of(t, t->due);

	t->n += c->hash == 0;
	c->hash = t->due;
	c->recipients++;
}

/* Counted with the next one: until then its place is fetched. Kept out of the
 * way of the facts that count nothing. */
__attribute__((noinline)) void
totals_count(struct totals *t, struct str account)
{
	if (account.n == 0)
		return;
	if (t->due)
		count_due(t);
	t->due = map_hash(account);
	if (t->cap)
		__builtin_prefetch(&t->counts[t->due & (t->cap - 1)]);
}

const struct total *
totals_find(const struct totals *t, struct str account)
{
	return map_find(&t->by_account, account);
}

uint64_t
totals_recipients(const struct totals *t, struct str account)
{
	uint64_t hash = map_hash(account);
	const struct total *v;

	if (t->due)
		return (t->n > 0 ? place_of(t, hash)->recipients : 0) +
		       (t->due == hash);
	v = totals_find(t, account);
	return v ? v->recipients : 0;
}

static int
by_account(const void *a, const void *b)
{
	const struct total *const *x = a, *const *y = b;

	return strcmp((*x)->account, (*y)->account);
}

static int
by_recipients(const void *a, const void *b)
{
	const struct total *const *x = a, *const *y = b;

	if ((*x)->recipients != (*y)->recipients)
		return (*x)->recipients < (*y)->recipients ? 1 : -1;
	return strcmp((*x)->account, (*y)->account);
}

const struct total **
totals_sorted(const struct totals *t, enum totals_order order, size_t *n)
{
	const struct total **v =
	    xalloc(t->by_account.n + 1, sizeof(struct total *));
	const struct total *e;

	*n = 0;
	for (size_t i = 0; (e = map_next(&t->by_account, &i));)
		v[(*n)++] = e;
	qsort(v, *n, sizeof(*v),
	    order == TOTALS_BY_ACCOUNT ? by_account : by_recipients);
	return v;
}

void
totals_print_header(struct text *out)
{
	text_add(out,
	    "account\tmessages\trecipients\tdelivered\tdeferred\tbounced\n");
}

void
totals_print(const struct total *t, struct text *out)
{
	const uint64_t counts[] = {
	    t->messages, t->recipients, t->delivered, t->deferred, t->bounced};

	text_add(out, t->account);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		text_char(out, '\t');
		text_u64(out, counts[i]);
	}
	text_char(out, '\n');
}

void
totals_print_busiest(const struct totals *totals, size_t max, struct text *out)
{
	size_t n;
	const struct total **v =
	    totals_sorted(totals, TOTALS_BY_RECIPIENTS, &n);
	struct table *t = table_new();

	table_column(t, "account", TABLE_LEFT);
	table_column(t, "messages", TABLE_RIGHT);
	table_column(t, "recipients", TABLE_RIGHT);
	table_column(t, "delivered", TABLE_RIGHT);
	table_column(t, "deferred", TABLE_RIGHT);
	table_column(t, "bounced", TABLE_RIGHT);
	for (size_t i = 0; i < n && i < max; i++) {
		table_cell(t, str_from(v[i]->account));
		table_cell_i64(t, (int64_t)v[i]->messages);
		table_cell_i64(t, (int64_t)v[i]->recipients);
		table_cell_i64(t, (int64_t)v[i]->delivered);
		table_cell_i64(t, (int64_t)v[i]->deferred);
		table_cell_i64(t, (int64_t)v[i]->bounced);
	}
	text_printf(out, "\n%zu accounts sent%s\n\n", n,
	    n > max ? "; the busiest:" : ":");
	table_print(t, out, 0);
	table_free(&t);
	free(v);
}
