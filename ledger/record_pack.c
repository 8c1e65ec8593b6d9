/* record_pack - a record's cells as bytes
 *
 * Bucket after bucket: the distance to the one before, in buckets of its own
 * tier, with the tier in the low bits; a bit per count that it has; the counts.
 * Unknown counts, from a newer version on another node, are stepped over.
 */
#include "ledger/record_cells.h"

#include "base/error.h"
#include "ledger/pack.h"

/* Where the distance to a bucket of this width is counted from. */
static uint32_t
origin(uint32_t before, uint32_t width)
{
	return before - before % width;
}

static void
pack_from(const struct record *r, uint32_t i, struct text *out)
{
	uint32_t before = 0;

	while (i < r->n) {
		uint32_t bucket = r->v[i].key >> 5, has = 0, first = i;
		uint32_t tier = bucket & 3, start = bucket >> 2;

		for (; i < r->n && r->v[i].key >> 5 == bucket; i++)
			has |= 1u << (r->v[i].key & 31);
		pack_u64(out,
		    (start - origin(before, widths[tier])) / widths[tier] << 2 |
			tier);
		pack_u64(out, has);
		for (uint32_t k = first; k < i; k++)
			pack_u64(out, r->v[k].n);
		before = start;
	}
}

static void
append(struct record *r, uint32_t key, uint32_t n)
{
	if (r->n == r->cap) {
		r->cap = r->cap ? 2 * r->cap : 8;
		r->v = xrealloc(r->v, r->cap, sizeof(*r->v));
	}
	r->v[r->n++] = (struct cell){key, n};
	r->due_minute = 0;
}

static bool
take_bucket(struct record *r, struct str *s, uint32_t *before)
{
	uint32_t head, has, n;

	if (!pack_take_u32(s, UINT32_MAX, &head) ||
	    !pack_take_u32(s, UINT32_MAX, &has) || has == 0)
		return false;
	uint32_t tier = head & 3;
	uint64_t start = origin(*before, widths[tier]) +
			 (uint64_t)(head >> 2) * widths[tier];

	if (start >= 1u << 25)
		return false;
	for (; has; has &= has - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(has);
		uint32_t key = (uint32_t)start << 7 | tier << 5 | c;

		if (!pack_take_u32(s, UINT32_MAX, &n) || n == 0)
			return false;
		if (c >= COUNTS)
			continue;
		if (r->n > 0 && key <= r->v[r->n - 1].key)
			return false;
		append(r, key, n);
	}
	*before = (uint32_t)start;
	return true;
}

static bool
take_cells(struct record *r, struct str s)
{
	uint32_t before = 0;

	while (s.n > 0) {
		if (!take_bucket(r, &s, &before))
			return false;
	}
	return true;
}

void
record_pack(const struct record *r, struct text *out)
{
	pack_from(r, 0, out);
}

bool
record_unpack(struct record *r, struct str packed)
{
	r->n = 0;
	r->changed_key = 0;
	if (!take_cells(r, packed)) {
		r->n = 0;
		return false;
	}
	record_shrink(r);
	return true;
}

void
record_pack_change(const struct record *r, struct text *out)
{
	uint32_t i = r->n;

	while (i > 0 && r->v[i - 1].key >= r->changed_key)
		i--;
	pack_u64(out, r->changed_key);
	pack_from(r, i, out);
}

bool
record_apply_change(struct record *r, struct str change)
{
	uint32_t key, kept = 0;
	struct record tail = {0};

	if (!pack_take_u32(&change, UINT32_MAX, &key))
		return false;
	if (!take_cells(&tail, change) || (tail.n > 0 && tail.v[0].key < key)) {
		record_done(&tail);
		return false;
	}
	while (kept < r->n && r->v[kept].key < key)
		kept++;
	r->n = kept;
	for (uint32_t i = 0; i < tail.n; i++)
		append(r, tail.v[i].key, tail.v[i].n);
	if (key < r->changed_key)
		r->changed_key = key;
	record_done(&tail);
	return true;
}

void
record_saved(struct record *r)
{
	r->changed_key = UINT32_MAX;
}
