/* causes_books - the part of the books that knows who used our addresses
 *
 * The journal has the hours that changed as they are, so that taking one in
 * twice is harmless: name, hour, recipients, how many counts, and those. On
 * disk all hours of one, under its name.
 */
#include <stdlib.h>

#include "ledger/books.h"
#include "ledger/pack.h"
#include "reputation/causes_parts.h"

static void
list_add(struct causes *c, int which, struct causes_user *u)
{
	struct causes_list *l = &c->lists[which];

	if (u->at[which] > 0)
		return;
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 64;
		l->v = xrealloc(l->v, l->cap, sizeof(struct causes_user *));
	}
	l->v[l->n++] = u;
	u->at[which] = l->n;
}

void
causes_changed(struct causes *c, struct causes_user *u)
{
	for (int i = 0; c->is_kept && i < CAUSES_LISTS; i++)
		list_add(c, i, u);
}

void
causes_gone(struct causes *c, struct causes_user *u)
{
	if (!c->is_kept)
		return;
	for (int i = 0; i < CAUSES_LISTS; i++) {
		if (u->at[i] > 0)
			c->lists[i].v[u->at[i] - 1] = NULL;
	}
	text_bytes(&c->gone, u->name, u->n);
	text_char(&c->gone, '\0');
}

/* NULL: that was the last one up to `until`. */
static struct causes_user *
list_take(struct causes *c, int which)
{
	struct causes_list *l = &c->lists[which];

	while (l->from < l->until) {
		struct causes_user *u = l->v[l->from++];

		if (!u)
			continue;
		u->at[which] = 0;
		return u;
	}
	l->n -= l->until;
	if (l->n > 0) /* an empty list may be none */
		memmove(
		    l->v, l->v + l->until, l->n * sizeof(struct causes_user *));
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i])
			l->v[i]->at[which] = i + 1;
	}
	l->from = l->until = 0;
	return NULL;
}

static void
print_part(const struct causes_part *p, struct text *out)
{
	pack_u64(out, p->hour);
	pack_u64(out, p->n);
	pack_u64(out, CAUSE_COUNTS);
	for (int k = 0; k < CAUSE_COUNTS; k++)
		pack_u64(out, p->v[k]);
}

/* One that has more counts is a later version's. */
static bool
take_part(struct str *in, struct causes_part *out)
{
	struct causes_part p = {.hour = 0};
	uint32_t counts;

	if (!pack_take_u32(in, UINT32_MAX, &p.hour) ||
	    !pack_take_u32(in, UINT32_MAX, &p.n) ||
	    !pack_take_u32(in, CAUSE_COUNTS, &counts))
		return false;
	for (uint32_t k = 0; k < counts; k++) {
		if (!pack_take_u32(in, UINT32_MAX, &p.v[k]))
			return false;
	}
	*out = p;
	return true;
}

static const struct causes_part *
latest(const struct causes_user *u)
{
	const struct causes_part *p = &u->parts[0];

	for (size_t i = 1; i < CAUSES_HOURS; i++) {
		if (u->parts[i].hour > p->hour)
			p = &u->parts[i];
	}
	return p;
}

/* What comes late changes an hour before: all of them are told then. */
static void
save_one(const struct causes_user *u, struct text *out)
{
	uint32_t hour = latest(u)->hour;

	for (size_t i = 0; i < CAUSES_HOURS; i++) {
		const struct causes_part *p = &u->parts[i];

		if (p->n == 0 || p->hour + 1 < hour)
			continue;
		pack_str(out, str_make(u->name, u->n));
		print_part(p, out);
	}
}

static size_t
save_some(void *ctx, struct text *out, size_t max)
{
	struct causes *c = ctx;
	struct causes_list *l = &c->lists[CAUSES_UNSAVED];
	struct causes_user *u;

	l->until = l->n;
	for (; max > 0 && (u = list_take(c, CAUSES_UNSAVED)); max--)
		save_one(u, out);
	return l->n - l->from;
}

static void
save(void *ctx, struct text *out)
{
	save_some(ctx, out, SIZE_MAX);
}

static bool
take_in(struct causes *c, struct str name, const struct causes_part *p,
    bool is_folded)
{
	struct causes_user *u = causes_get(c, name);

	if (!u)
		return false;
	struct causes_part *to = &u->parts[p->hour % CAUSES_HOURS];

	if (to->hour <= p->hour)
		*to = *p;
	if (!is_folded)
		list_add(c, CAUSES_UNFOLDED, u);
	return true;
}

static bool
replay(void *ctx, struct str section)
{
	struct causes_part p;
	struct str name;

	while (section.n > 0) {
		if (!pack_take_str(&section, &name) ||
		    !take_part(&section, &p) || !take_in(ctx, name, &p, false))
			return false;
	}
	return true;
}

static bool
load(void *ctx, struct str key, struct str value)
{
	struct causes_part p;

	while (value.n > 0) {
		if (!take_part(&value, &p) || !take_in(ctx, key, &p, true))
			return false;
	}
	return true;
}

/* Begins. */
static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct causes *c = ctx;

	(void)b;
	(void)table;
	c->lists[CAUSES_UNFOLDED].until = c->lists[CAUSES_UNFOLDED].n;
	c->gone_until = c->gone.n;
}

static void
end_gone(struct causes *c)
{
	c->gone.n -= c->gone_until;
	memmove(c->gone.p, c->gone.p + c->gone_until, c->gone.n);
	c->gone_from = c->gone_until = 0;
	if (c->gone.n == 0)
		text_clear(&c->gone);
}

static bool
fold_gone(struct causes *c, struct disk_batch *b, int table)
{
	struct str rest = str_head(text_view(&c->gone), c->gone_until), name;

	rest = str_skip(rest, c->gone_from);
	if (!str_cut(&rest, '\0', &name)) {
		if (c->gone_until > 0)
			end_gone(c);
		return false;
	}
	disk_delete(b, table, name);
	c->gone_from += name.n + 1;
	return true;
}

static size_t
fold_some(void *ctx, struct disk_batch *b, int table, size_t max)
{
	struct causes *c = ctx;
	const struct causes_list *l = &c->lists[CAUSES_UNFOLDED];
	struct causes_user *u = NULL;
	char value[CAUSES_HOURS * (CAUSE_COUNTS + 3) * 10];
	struct text t;

	while (max > 0 && fold_gone(c, b, table))
		max--;
	for (; max > 0 && (u = list_take(c, CAUSES_UNFOLDED)); max--) {
		text_init(&t, value, sizeof(value));
		for (size_t i = 0; i < CAUSES_HOURS; i++) {
			if (u->parts[i].n > 0)
				print_part(&u->parts[i], &t);
		}
		disk_put(b, table, str_make(u->name, u->n), text_view(&t));
	}
	return l->until - l->from + c->gone_until - c->gone_from;
}

struct books_part
causes_part(struct causes *c)
{
	c->is_kept = true;
	return (struct books_part){.tag = 'c',
	    .table = "causes",
	    .ctx = c,
	    .save = save,
	    .save_some = save_some,
	    .replay = replay,
	    .fold = fold,
	    .fold_some = fold_some,
	    .load = load};
}
