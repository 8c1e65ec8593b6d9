/* disk_packed - a packed table: LMDB's values are blocks of many records */
#include "base/disk_packed.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"

enum {
	WINDOW = 6,
	AROUND = 2 * WINDOW - 1,
	PAGE_HEAD = 16, /* LMDB's, of a page with a value of its own */
};

/* Records of one or several blocks on their way to new ones. */
struct packing {
	MDB_txn *txn;
	MDB_dbi table;
	MDB_cursor *cursor;
	size_t room; /* of a block */
	struct disk_record *v;
	size_t n, cap;
	/* Behind each planned block: the record, the byte. */
	size_t *ends, *byte_ends, ends_cap;
	struct arena keys; /* of these records */
	struct text bytes; /* the new blocks */
	/* Blocks whose neighbourhood is to be looked at. */
	struct arena low_keys;
	struct str *low;
	size_t low_n, low_cap;
};

void
disk_changes_add(struct disk_changes *c, struct disk_record to, bool is_gone)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? c->cap * 2 : 64;
		c->v = xrealloc(c->v, c->cap, sizeof(*c->v));
	}
	c->v[c->n] = (struct disk_change){to, is_gone, c->n};
	c->n++;
}

static int
compare_changes(const void *a, const void *b)
{
	const struct disk_change *x = a, *y = b;
	int c = str_compare(x->to.key, y->to.key);

	return c ? c : x->order < y->order ? -1 : x->order > y->order;
}

int
disk_packed_find(MDB_cursor *c, struct str key, MDB_val *found, MDB_val *stored)
{
	*found = disk_val(key);
	int rc = mdb_cursor_get(c, found, stored, MDB_SET_RANGE);

	if (rc == MDB_NOTFOUND)
		return mdb_cursor_get(c, found, stored, MDB_LAST);
	if (rc || str_compare(disk_str(found), key) == 0)
		return rc;
	rc = mdb_cursor_get(c, found, stored, MDB_PREV);
	return rc == MDB_NOTFOUND ? mdb_cursor_get(c, found, stored, MDB_FIRST)
				  : rc;
}

static void
add_record(struct packing *p, struct disk_record r)
{
	if (p->n == p->cap) {
		p->cap = p->cap ? p->cap * 2 : 256;
		p->v = xrealloc(p->v, p->cap, sizeof(*p->v));
	}
	p->v[p->n++] = r;
}

/* One that was just read: its key is gone with the next. */
static void
add_read(struct packing *p, struct disk_record r)
{
	r.key = arena_str(&p->keys, r.key);
	add_record(p, r);
}

static void
clear(struct packing *p)
{
	arena_done(&p->keys);
	p->n = 0;
}

static void
add_low(struct packing *p, struct str key)
{
	if (p->low_n == p->low_cap) {
		p->low_cap = p->low_cap ? p->low_cap * 2 : 64;
		p->low = xrealloc(p->low, p->low_cap, sizeof(*p->low));
	}
	p->low[p->low_n++] = arena_str(&p->low_keys, key);
}

static bool
is_low(const struct packing *p, size_t block_n)
{
	return block_n < p->room * DISK_PACK_LOW / 100;
}

/* Into so many blocks would the records go. */
static size_t
plan(struct packing *p)
{
	if (p->n > p->ends_cap) {
		p->ends_cap = p->n * 2;
		p->ends = xrealloc(p->ends, p->ends_cap, sizeof(*p->ends));
		p->byte_ends =
		    xrealloc(p->byte_ends, p->ends_cap, sizeof(*p->byte_ends));
	}
	return p->n > 0 ? disk_pack_plan(p->v, p->n, p->room, p->ends) : 0;
}

/* The bytes of the blocks, one behind the other: the records may be views of
 * what is overwritten then. */
static void
build(struct packing *p, size_t blocks)
{
	size_t i = 0;

	text_clear(&p->bytes);
	for (size_t block = 0; block < blocks; block++) {
		size_t begin = i;

		for (; i < p->ends[block]; i++)
			disk_pack_add(&p->bytes,
			    i > begin ? &p->v[i - 1] : NULL, &p->v[i]);
		p->byte_ends[block] = p->bytes.n;
	}
}

static struct str
first_key(const struct packing *p, size_t block)
{
	return p->v[block > 0 ? p->ends[block - 1] : 0].key;
}

static bool
begins_block(const struct packing *p, size_t blocks, struct str key)
{
	for (size_t i = 0; i < blocks; i++) {
		if (str_is(first_key(p, i), key))
			return true;
	}
	return false;
}

/* The records, as planned, take the place of the `n` blocks `old`. */
static int
replace(struct packing *p, size_t blocks, const struct str *old, size_t n)
{
	size_t begin = 0;
	int rc = 0;

	build(p, blocks);
	for (size_t i = 0; !rc && i < n; i++) {
		MDB_val key = disk_val(old[i]);

		if (!begins_block(p, blocks, old[i]))
			rc = mdb_del(p->txn, p->table, &key, NULL);
	}
	for (size_t i = 0; !rc && i < blocks; i++) {
		size_t size = p->byte_ends[i] - begin;

		rc = disk_put_in(p->txn, p->table, first_key(p, i),
		    str_make(p->bytes.p + begin, size));
		begin = p->byte_ends[i];
	}
	return rc;
}

static void
note_low(struct packing *p, size_t blocks)
{
	size_t begin = 0;

	for (size_t i = 0; i < blocks; i++) {
		if (is_low(p, p->byte_ends[i] - begin))
			add_low(p, first_key(p, i));
		begin = p->byte_ends[i];
	}
}

/* Changes. */

/* The block's records, changed. */
static int
merge(struct packing *p, struct disk_pack_reader *block,
    const struct disk_change *v, size_t n)
{
	struct disk_record r;
	bool is = disk_pack_next(block, &r);

	for (size_t i = 0; is || i < n;) {
		int c = !is ? 1 : i == n ? -1 : str_compare(r.key, v[i].to.key);

		if (c < 0) {
			add_read(p, r);
		} else {
			/* Of several the last one counts. */
			while (
			    i + 1 < n && str_is(v[i].to.key, v[i + 1].to.key))
				i++;
			if (!v[i].is_gone)
				add_record(p, v[i].to);
			i++;
		}
		if (c <= 0)
			is = disk_pack_next(block, &r);
	}
	return block->is_torn ? MDB_CORRUPTED : 0;
}

/* Those of the n changes that are the block's, and others' that are to come. */
static int
count_own(struct packing *p, const struct disk_change *v, size_t n, size_t *own)
{
	MDB_val next, stored;
	int rc = mdb_cursor_get(p->cursor, &next, &stored, MDB_NEXT);

	*own = n;
	if (rc)
		return rc == MDB_NOTFOUND ? 0 : rc;
	for (*own = 1; *own < n; ++*own) {
		if (str_compare(v[*own].to.key, disk_str(&next)) >= 0)
			break;
	}
	return 0;
}

static int
begin_block(
    struct disk_pack_reader *r, const MDB_val *key, const MDB_val *stored)
{
	struct str block;

	if (!disk_unsum(disk_str(key), stored, &block))
		return MDB_CORRUPTED;
	disk_pack_read(r, disk_str(key), block);
	return 0;
}

/* The first changes, as many as are of one block: *done. */
static int
change_block(
    struct packing *p, const struct disk_change *v, size_t n, size_t *done)
{
	struct disk_pack_reader block = {.is_begun = true};
	MDB_val key, stored;
	struct str old = STR("");
	int rc = disk_packed_find(p->cursor, v->to.key, &key, &stored);

	*done = n;
	if (rc && rc != MDB_NOTFOUND)
		return rc;
	if (!rc) {
		old = arena_str(&p->keys, disk_str(&key));
		rc = begin_block(&block, &key, &stored);
		if (!rc)
			rc = count_own(p, v, n, done);
	} else {
		rc = 0; /* an empty table */
	}
	if (!rc)
		rc = merge(p, &block, v, *done);
	if (rc)
		return rc;
	size_t blocks = plan(p);

	rc = replace(p, blocks, &old, old.n > 0);
	note_low(p, blocks);
	clear(p);
	return rc;
}

/* The neighbourhood of a block that isn't well filled. */

struct neighbour {
	struct str key;
	size_t size; /* at most, among others */
};

/* The blocks around the one where the key stands, *at of them before it. */
static int
look_around(struct packing *p, struct str key, struct neighbour *v, size_t *n,
    size_t *at)
{
	MDB_val found, stored;
	int rc = disk_packed_find(p->cursor, key, &found, &stored);

	*n = *at = 0;
	if (rc)
		return rc == MDB_NOTFOUND ? 0 : rc;
	while (!rc && *at < WINDOW - 1) {
		rc = mdb_cursor_get(p->cursor, &found, &stored, MDB_PREV);
		*at += !rc;
	}
	/* Before the first the cursor stays where it is. */
	if (rc == MDB_NOTFOUND)
		rc =
		    mdb_cursor_get(p->cursor, &found, &stored, MDB_GET_CURRENT);
	while (!rc && *n < *at + WINDOW) {
		v[(*n)++] =
		    (struct neighbour){arena_str(&p->keys, disk_str(&found)),
			stored.mv_size + found.mv_size};
		rc = mdb_cursor_get(p->cursor, &found, &stored, MDB_NEXT);
	}
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
read_blocks(struct packing *p, const struct neighbour *v, size_t n)
{
	int rc = 0;

	p->n = 0;
	for (size_t i = 0; !rc && i < n; i++) {
		MDB_val key = disk_val(v[i].key), stored;
		struct disk_pack_reader r;
		struct disk_record record;

		rc = mdb_get(p->txn, p->table, &key, &stored);
		if (!rc)
			rc = begin_block(&r, &key, &stored);
		while (!rc && disk_pack_next(&r, &record))
			add_read(p, record);
		if (!rc && r.is_torn)
			rc = MDB_CORRUPTED;
	}
	return rc;
}

/* By their sizes n neighbours should go into fewer blocks. */
static bool
should_join(const struct packing *p, const struct neighbour *v, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i].size;
	return sum <= (n - 1) * (p->room * DISK_PACK_FULL / 100);
}

/* Puts them there, if they go in: large records may not. */
static int
join(struct packing *p, const struct neighbour *v, size_t n, bool *is_done)
{
	struct str old[WINDOW];
	int rc = read_blocks(p, v, n);

	if (rc)
		return rc;
	size_t blocks = plan(p);

	for (size_t i = 0; i < n; i++)
		old[i] = v[i].key;
	*is_done = blocks < n;
	return *is_done ? replace(p, blocks, old, n) : 0;
}

/* The narrowest window with this block that should be joined; no other is tried
 * when that fails, for they would fail mostly. */
static int
join_around(struct packing *p, struct str key, bool *is_done)
{
	struct neighbour v[AROUND];
	size_t n, at;
	int rc = look_around(p, key, v, &n, &at);

	*is_done = false;
	if (rc || n < 2 || !is_low(p, v[at].size))
		return rc;
	for (size_t w = 2; w <= WINDOW; w++) {
		size_t from = at + 1 > w ? at + 1 - w : 0;

		for (; from <= at && from + w <= n; from++) {
			if (should_join(p, v + from, w))
				return join(p, v + from, w, is_done);
		}
	}
	return 0;
}

static int
join_low(struct packing *p)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < p->low_n; i++) {
		bool is_done = true;

		while (!rc && is_done) {
			rc = join_around(p, p->low[i], &is_done);
			clear(p);
		}
	}
	return rc;
}

int
disk_packed_write(MDB_txn *txn, MDB_dbi table, struct disk_changes *c)
{
	struct packing p = {.txn = txn, .table = table};
	MDB_stat st;
	int rc = mdb_stat(txn, table, &st);

	if (!rc)
		rc = mdb_cursor_open(txn, table, &p.cursor);
	if (rc)
		return rc;
	p.room = st.ms_psize - PAGE_HEAD - DISK_SUM;
	text_grow(&p.bytes, SIZE_MAX / 2);
	if (c->n > 0)
		qsort(c->v, c->n, sizeof(*c->v), compare_changes);
	for (size_t i = 0, n; !rc && i < c->n; i += n)
		rc = change_block(&p, c->v + i, c->n - i, &n);
	if (!rc)
		rc = join_low(&p);
	mdb_cursor_close(p.cursor);
	clear(&p);
	arena_done(&p.low_keys);
	text_done(&p.bytes);
	free(p.v);
	free(p.ends);
	free(p.byte_ends);
	free(p.low);
	return rc;
}
