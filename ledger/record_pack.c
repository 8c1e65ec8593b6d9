/* record_pack - a record as the books and the board keep it */
#include "ledger/record_dense.h"

#include <stdlib.h>

#include "ledger/pack.h"

/* The cells from this key on that are at hand one by one. */
static void
pack_live(
    const struct record *r, uint32_t key, uint32_t before, struct text *out)
{
	const struct record_live *live = r->live;
	uint8_t buf[BUCKET_MAX];
	struct bucket b;

	if (!live)
		return;
	for (uint32_t i = cells_find(live->v, live->n, key); i < live->n;) {
		i = bucket_gather(live->v, live->n, i, &b);
		text_bytes(out, buf, bucket_pack(&b, before, buf));
		before = b.at;
	}
}

void
record_pack_soon(const struct record *r, struct text *out)
{
	text_bytes(out, r->old, r->old_n);
	if (!record_is_condensed(r))
		pack_live(r, 0, r->live ? r->live->old_last : 0, out);
}

void
record_pack(const struct record *r, struct text *out)
{
	uint8_t dense[DENSE_MOST];
	size_t begin = out->n;

	record_pack_soon(r, out);
	if (record_is_condensed(r))
		return;
	size_t n = out->n - begin, n_dense = 0;

	if (n >= DENSE_FEWEST && n <= DENSE_MOST && !out->is_cut)
		n_dense = dense_pack((const uint8_t *)out->p + begin, n, dense);
	if (n_dense == 0)
		return;
	out->n = begin;
	text_bytes(out, dense, n_dense);
}

static void
put_old(struct record *r, const void *p, size_t n)
{
	record_resize_old(r, (uint32_t)n);
	memcpy(r->old, p, n);
}

bool
record_unpack(struct record *r, struct str packed)
{
	uint8_t plain[DENSE_ROOM];
	uint32_t mark = r->mark_minute, cells;

	record_done(r);
	r->mark_minute = mark;
	if (dense_is(packed)) {
		size_t n;

		if (!dense_unpack(packed, plain, &n))
			return false;
		packed = str_make((const char *)plain, n);
	}
	const uint8_t *at = (const uint8_t *)packed.p;

	if (packed.n > UINT32_MAX / 2 ||
	    !buckets_are_sane(at, at + packed.n, &cells))
		return false;
	if (cells > 0)
		put_old(r, packed.p, packed.n);
	return true;
}

void
record_thaw(struct record *r)
{
	uint8_t plain[DENSE_ROOM];
	size_t n;

	if (!record_is_condensed(r))
		return;
	if (dense_unpack(str_make((const char *)r->old, r->old_n), plain, &n) &&
	    n > 0) {
		put_old(r, plain, n);
	} else {
		free(r->old);
		r->old = NULL;
		r->old_n = 0;
	}
}

size_t
record_condense(struct record *r)
{
	uint8_t dense[DENSE_MOST];
	size_t n = r->old_n;

	if (r->live || n < DENSE_FEWEST || n > DENSE_MOST ||
	    record_is_condensed(r))
		return 0;
	size_t n_dense = dense_pack(r->old, n, dense);

	if (n_dense > 0)
		put_old(r, dense, n_dense);
	return n;
}

bool
record_load(struct record *r, struct str packed)
{
	uint32_t mark = r->mark_minute;

	if (!dense_is(packed) || packed.n > DENSE_MOST)
		return record_unpack(r, packed);
	record_done(r);
	r->mark_minute = mark;
	put_old(r, packed.p, packed.n);
	return true;
}

/* The cells of old from this key on; sets the last bucket that was packed. */
static void
pack_old_from(
    const struct record *r, uint32_t key, uint32_t *before, struct text *out)
{
	const uint8_t *at = r->old, *end = r->old ? at + r->old_n : NULL;
	uint8_t buf[BUCKET_MAX];
	struct bucket b = {0};

	while (at < end && bucket_take(&at, end, b.at, &b)) {
		uint32_t cut = key & 31;

		if (b.at < key >> 5)
			continue;
		if (b.at == key >> 5)
			b.has = b.has >> cut << cut;
		if (!b.has)
			continue;
		text_bytes(out, buf, bucket_pack(&b, *before, buf));
		*before = b.at;
	}
}

void
record_pack_change(const struct record *r, struct text *out)
{
	uint32_t key = r->live ? r->live->changed_key : UINT32_MAX;
	uint32_t before = 0;

	pack_u64(out, key);
	if (key == UINT32_MAX)
		return;
	if (key >> 5 <= r->live->old_last)
		pack_old_from(r, key, &before, out);
	pack_live(r, key, before, out);
}

bool
record_apply_change(struct record *r, struct str change)
{
	struct cells tail = {0};
	uint32_t key;

	if (!pack_take_u32(&change, UINT32_MAX, &key))
		return false;
	const uint8_t *at = (const uint8_t *)change.p;

	if (!cells_take(&tail, at, at + change.n) ||
	    (tail.n > 0 && tail.v[0].key < key)) {
		free(tail.v);
		return false;
	}
	record_thaw(r);
	struct cut cut = record_cut(r, key >> 5);
	struct cells c = record_open(r, &cut, tail.n);

	c.n = cells_find(c.v, c.n, key);
	for (uint32_t i = 0; i < tail.n; i++)
		cells_append(&c, tail.v[i]);
	if (key < UINT32_MAX)
		note_change(record_live(r, 0), key);
	record_close(r, &c);
	free(tail.v);
	return true;
}

void
record_saved(struct record *r)
{
	if (r->live)
		r->live->changed_key = UINT32_MAX;
}
