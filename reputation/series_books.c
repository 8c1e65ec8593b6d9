/* series_books - the part of the books that knows what providers answered
 *
 * The journal has buckets as they are, so that taking one in twice is harmless:
 * name, tier, when it begins, how many values that aren't 0, and those with
 * their places. In place of a tier SERIES_TIERS: the pair is gone. On disk the
 * same, under the name and the slot.
 */
#include <stdlib.h>

#include "ledger/books.h"
#include "ledger/pack.h"
#include "reputation/series_parts.h"

static void
add_ref(struct series_refs *refs, struct series_pair *p, size_t slot)
{
	if (refs->n == refs->cap) {
		refs->cap = refs->cap ? 2 * refs->cap : 64;
		refs->v = xrealloc(refs->v, refs->cap, sizeof(*refs->v));
	}
	refs->v[refs->n++] = (struct series_ref){p, slot};
}

static void
note_unfolded(struct series *s, struct series_pair *p, size_t slot)
{
	struct series_bucket *b = p->slots[slot];

	if (!b->is_unfolded)
		add_ref(&s->unfolded, p, slot);
	b->is_unfolded = true;
}

void
series_changed(struct series *s, struct series_pair *p, size_t slot)
{
	struct series_bucket *b = p->slots[slot];

	if (!s->is_kept)
		return;
	if (!b->is_unsaved)
		add_ref(&s->unsaved, p, slot);
	b->is_unsaved = true;
	note_unfolded(s, p, slot);
}

static void
note_gone(struct text *t, const struct series_pair *p)
{
	text_str(t, str_make(p->name, p->n));
	text_char(t, '\0');
}

void
series_gone(struct series *s, const struct series_pair *p)
{
	if (!s->is_kept)
		return;
	note_gone(&s->gone_unsaved, p);
	note_gone(&s->gone_unfolded, p);
}

static enum series_tier
tier_of(size_t slot)
{
	int i = SERIES_TIERS - 1;

	while (slot < series_steps[i].first)
		i--;
	return (enum series_tier)i;
}

static void
print(struct text *out, const struct series_ref *r)
{
	const struct series_bucket *b = r->pair->slots[r->slot];
	uint64_t n = 0;

	pack_u64(out, (uint64_t)tier_of(r->slot));
	pack_i64(out, b->start);
	for (size_t i = 0; i < SERIES_VALUES; i++)
		n += b->v[i] > 0;
	pack_u64(out, n);
	for (size_t i = 0; i < SERIES_VALUES; i++) {
		if (b->v[i] == 0)
			continue;
		pack_u64(out, i);
		pack_u64(out, b->v[i]);
	}
}

static void
save(void *ctx, struct text *out)
{
	struct series *s = ctx;
	struct str gone = text_view(&s->gone_unsaved), name;

	while (str_cut(&gone, '\0', &name)) {
		pack_str(out, name);
		pack_u64(out, SERIES_TIERS);
	}
	text_clear(&s->gone_unsaved);
	for (size_t i = 0; i < s->unsaved.n; i++) {
		const struct series_ref *r = &s->unsaved.v[i];

		pack_str(out, str_make(r->pair->name, r->pair->n));
		print(out, r);
		r->pair->slots[r->slot]->is_unsaved = false;
	}
	s->unsaved.n = 0;
}

/* Behind the tier. */
static bool
take_values(struct str *in, struct series_bucket *b)
{
	uint64_t n, place;

	if (!pack_take_u64(in, &n) || n > SERIES_VALUES)
		return false;
	if (b)
		memset(b->v, 0, sizeof(b->v));
	for (; n > 0; n--) {
		uint32_t value;

		if (!pack_take_u64(in, &place) || place >= SERIES_VALUES ||
		    !pack_take_u32(in, UINT32_MAX, &value))
			return false;
		if (b)
			b->v[place] = value;
	}
	return true;
}

static bool
take(struct series *s, struct str name, struct str *in, bool is_folded)
{
	struct series_pair *p;
	uint64_t tier;
	int64_t start;
	size_t slot;

	if (!pack_take_u64(in, &tier) || tier > SERIES_TIERS)
		return false;
	if (tier == SERIES_TIERS) {
		p = map_find(&s->map, name);
		if (p) {
			note_gone(&s->gone_unfolded, p);
			series_remove(s, p);
		}
		return true;
	}
	if (!pack_take_i64(in, &start) || start < 0)
		return false;
	p = series_get(s, name, start);
	if (!p)
		return false;
	if (start > p->last)
		p->last = start;
	struct series_bucket *b =
	    series_bucket(p, (enum series_tier)tier, start, &slot);

	if (!take_values(in, b))
		return false;
	if (b && !is_folded)
		note_unfolded(s, p, slot);
	return true;
}

static bool
replay(void *ctx, struct str section)
{
	struct series *s = ctx;
	struct str name;

	while (section.n > 0) {
		if (!pack_take_str(&section, &name) ||
		    !take(s, name, &section, false))
			return false;
	}
	return true;
}

static struct str
key_of(struct str name, size_t slot, char buf[DISK_KEY])
{
	struct text t;

	text_init(&t, buf, DISK_KEY);
	text_str(&t, name);
	text_char(&t, '\0');
	text_u64(&t, slot);
	return text_view(&t);
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct series *s = ctx;
	struct str gone = text_view(&s->gone_unfolded), name;
	char buf[DISK_KEY], value[SERIES_VALUES * 8 + 32];
	struct text t;

	while (str_cut(&gone, '\0', &name)) {
		for (size_t i = 0; i < SERIES_SLOTS; i++)
			disk_delete(b, table, key_of(name, i, buf));
	}
	text_clear(&s->gone_unfolded);
	for (size_t i = 0; i < s->unfolded.n; i++) {
		const struct series_ref *r = &s->unfolded.v[i];

		text_init(&t, value, sizeof(value));
		print(&t, r);
		name = str_make(r->pair->name, r->pair->n);
		disk_put(b, table, key_of(name, r->slot, buf), text_view(&t));
		r->pair->slots[r->slot]->is_unfolded = false;
	}
	s->unfolded.n = 0;
}

static bool
load(void *ctx, struct str key, struct str value)
{
	struct str name;

	return str_cut(&key, '\0', &name) && take(ctx, name, &value, true) &&
	       value.n == 0;
}

struct books_part
series_part(struct series *s)
{
	s->is_kept = true;
	return (struct books_part){.tag = 'I',
	    .table = "series",
	    .ctx = s,
	    .save = save,
	    .replay = replay,
	    .fold = fold,
	    .load = load};
}
