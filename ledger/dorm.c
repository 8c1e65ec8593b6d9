/* dorm - those who sleep, close together
 *
 * An entry: what it is (its kind in the low bits), its packed key's length, its
 * value's, when it is due if ever, key, value.
 */
#include "ledger/dorm.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"
#include "base/memory.h"
#include "ledger/names.h"

enum {
	IS_KIND = DORM_KINDS - 1,
	HAS_LONG_KEY = 0x10,
	HAS_DUE = 0x20,
	HEAD = 5,		  /* bytes at most */
	NAME_ROOM = DORM_KEY + 2, /* of a packed key */
	SEGMENT = 1024,
	FULL = 2048, /* bytes a bucket, on average */
	SPARSE = FULL * 3 / 8,
	JOIN = 32, /* buckets at once */
};

void
dorm_init(struct dorm *d)
{
	*d = (struct dorm){0};
}

void
dorm_done(struct dorm *d)
{
	for (size_t i = 0; i < d->n_segments; i++)
		free(d->segments[i]);
	free(d->segments);
	free(d->key);
	blocks_done(&d->blocks);
	*d = (struct dorm){0};
}

static struct block *
bucket(const struct dorm *d, uint32_t i)
{
	return &d->segments[i / SEGMENT][i % SEGMENT];
}

static void
on_moved(void *ctx, uint32_t owner, uint32_t at)
{
	bucket(ctx, owner)->at = at;
}

static uint32_t
spread(uint8_t kind, uint64_t hash)
{
	return (uint32_t)(hash ^ (kind * 0x9e3779b97f4a7c15u >> 32));
}

/* The least power of two that is no less than n. */
static uint32_t
round_up(uint32_t n)
{
	return n <= 1 ? 1 : 1u << (32 - __builtin_clz(n - 1));
}

static uint32_t
bucket_of(const struct dorm *d, uint32_t hash)
{
	uint32_t size = round_up(d->n_buckets), i = hash & (size - 1);

	return i < d->n_buckets ? i : i - size / 2;
}

/* name_n: bytes of its packed key. */
static size_t
pack_head(const struct dorm_entry *e, size_t name_n, char head[HEAD])
{
	size_t n = 1;

	head[0] = (char)(e->kind | e->is | (name_n > 255 ? HAS_LONG_KEY : 0) |
			 (e->due ? HAS_DUE : 0));
	head[n++] = (char)(name_n & 255);
	if (e->value.n < 128) {
		head[n++] = (char)e->value.n;
	} else {
		head[n++] = (char)(128 | (e->value.n & 127));
		head[n++] = (char)(e->value.n >> 7);
	}
	if (e->due)
		head[n++] = (char)e->due;
	return n;
}

/* The first entry, its key as it is packed; in goes on behind it. */
static struct dorm_entry
take(struct str *in)
{
	const uint8_t *p = (const uint8_t *)in->p;
	struct dorm_entry e = {
	    .kind = p[0] & IS_KIND,
	    .is = p[0] & (DORM_IS_LARGE | DORM_IS_SKETCHES),
	};
	size_t name_n = p[1] + (p[0] & HAS_LONG_KEY ? 256u : 0);
	size_t value_n = p[2] & 127;
	size_t head = 3;

	if (p[2] & 128)
		value_n |= (size_t)p[head++] << 7;
	if (p[0] & HAS_DUE)
		e.due = p[head++];
	e.key = str_make(in->p + head, name_n);
	e.value = str_make(in->p + head + name_n, value_n);
	*in = str_skip(*in, head + name_n + value_n);
	return e;
}

static struct str
pack_key(struct str key, char name[NAME_ROOM])
{
	return str_make(name, names_pack(str_head(key, DORM_KEY), name));
}

/* The bytes of the one with this packed key, as take tells it; none: it isn't
 * there. */
static struct str
find(const struct dorm *d, uint32_t i, uint8_t kind, struct str name,
    struct dorm_entry *e)
{
	struct str left = blocks_view(&d->blocks, *bucket(d, i));

	while (left.n > 0) {
		const char *p = left.p;

		*e = take(&left);
		if (e->kind == kind && str_is(e->key, name))
			return str_make(p, (size_t)(left.p - p));
	}
	return str_make("", 0);
}

bool
dorm_find(const struct dorm *d, uint8_t kind, struct str key, uint64_t hash,
    struct dorm_entry *out)
{
	if (d->n == 0)
		return false;
	char name[NAME_ROOM];
	uint32_t i = bucket_of(d, spread(kind, hash));
	struct str all = find(d, i, kind, pack_key(key, name), out);

	out->key = key;
	return all.n > 0;
}

void
dorm_expect(const struct dorm *d, uint8_t kind, uint64_t hash)
{
	if (d->n > 0)
		memory_expect(bucket(d, bucket_of(d, spread(kind, hash))));
}

/* One more bucket, empty. */
static void
add_bucket(struct dorm *d)
{
	if (d->n_buckets == 0) {
		blocks_init(&d->blocks, on_moved, d);
		d->key = xalloc(1, DORM_KEY);
	}
	if (d->n_buckets == d->n_segments * SEGMENT) {
		if (d->n_segments == d->cap) {
			d->cap = d->cap ? 2 * d->cap : 4;
			d->segments =
			    xrealloc(d->segments, d->cap, sizeof(*d->segments));
		}
		d->segments[d->n_segments++] =
		    xalloc(SEGMENT, sizeof(struct block));
	}
	d->n_buckets++;
}

static void
put(struct dorm *d, uint32_t i, struct str bytes)
{
	blocks_put(&d->blocks, i, bucket(d, i), bytes);
}

static void
append(char *to, size_t *n, struct str bytes)
{
	memcpy(to + *n, bytes.p, bytes.n);
	*n += bytes.n;
}

static struct str
unpack_key(struct str name, char key[DORM_KEY])
{
	return str_make(key, names_unpack(name, key, DORM_KEY));
}

/* The next one in turn: some of its entries belong to the new last one now. */
static void
split(struct dorm *d)
{
	char stay[BLOCKS_MOST], go[BLOCKS_MOST], key[DORM_KEY];
	size_t n_stay = 0, n_go = 0;
	uint32_t last = d->n_buckets;
	uint32_t from = last - round_up(last + 1) / 2;
	struct str left;

	add_bucket(d);
	left = blocks_view(&d->blocks, *bucket(d, from));
	while (left.n > 0) {
		const char *p = left.p;
		struct dorm_entry e = take(&left);
		struct str all = str_make(p, (size_t)(left.p - p));

		uint64_t hash = map_hash(unpack_key(e.key, key));

		if (bucket_of(d, spread(e.kind, hash)) == last)
			append(go, &n_go, all);
		else
			append(stay, &n_stay, all);
	}
	put(d, from, str_make(stay, n_stay));
	put(d, last, str_make(go, n_go));
}

bool
dorm_put(struct dorm *d, const struct dorm_entry *e, uint64_t hash)
{
	char bytes[HEAD + NAME_ROOM + DORM_VALUE], room[NAME_ROOM];
	size_t n = 0;

	assert(e->kind < DORM_KINDS && e->key.n <= DORM_KEY &&
	       e->value.n <= DORM_VALUE);
	if (d->n_buckets == 0)
		add_bucket(d);
	uint32_t i = bucket_of(d, spread(e->kind, hash));

	struct str name = pack_key(e->key, room);

	n = pack_head(e, name.n, bytes);
	append(bytes, &n, name);
	append(bytes, &n, e->value);
	if (bucket(d, i)->n + n > BLOCKS_MOST)
		return false;
	blocks_add(&d->blocks, i, bucket(d, i), str_make(bytes, n));
	d->n++;
	d->n_bytes += n;
	while (d->n_bytes > (size_t)d->n_buckets * FULL)
		split(d);
	return true;
}

bool
dorm_remove(struct dorm *d, uint8_t kind, struct str key, uint64_t hash)
{
	struct dorm_entry e;
	char rest[BLOCKS_MOST], name[NAME_ROOM];
	size_t n = 0;

	if (d->n == 0)
		return false;
	uint32_t i = bucket_of(d, spread(kind, hash));
	struct str gone = find(d, i, kind, pack_key(key, name), &e);

	if (gone.n == 0)
		return false;
	struct str all = blocks_view(&d->blocks, *bucket(d, i));
	size_t before = (size_t)(gone.p - all.p);

	append(rest, &n, str_head(all, before));
	append(rest, &n, str_skip(all, before + gone.n));
	put(d, i, str_make(rest, n));
	d->n--;
	d->n_bytes -= gone.n;
	return true;
}

/* The one of whom `before` others stand there. */
static struct dorm_entry
entry_at(struct str bytes, size_t before)
{
	struct dorm_entry e = take(&bytes);

	while (before-- > 0)
		e = take(&bytes);
	return e;
}

static size_t
count(struct str bytes)
{
	size_t n = 0;

	for (; bytes.n > 0; n++)
		(void)take(&bytes);
	return n;
}

/* i: the bucket, and below it 0 or 1 + how many of it are left. The last ones
 * come first, so that those who go, or go to another bucket, move only such up
 * that have come. */
bool
dorm_next(const struct dorm *d, size_t *i, struct dorm_entry *out)
{
	const size_t shift = 16, mask = ((size_t)1 << shift) - 1;

	for (size_t at = *i >> shift; at < d->n_buckets; at++, *i = 0) {
		struct str bytes =
		    blocks_view(&d->blocks, *bucket(d, (uint32_t)at));
		size_t n = count(bytes), left = *i & mask;

		if (left == 0 || left - 1 > n)
			left = n + 1;
		if (left > 1) {
			*out = entry_at(bytes, left - 2);
			out->key = unpack_key(out->key, d->key);
			*i = at << shift | (left - 1);
			return true;
		}
	}
	*i = (size_t)d->n_buckets << shift;
	return false;
}

void
dorm_fill(struct dorm *d)
{
	if (d->n_buckets == 0)
		add_bucket(d);
	d->blocks.is_growing = true;
}

void
dorm_settle(struct dorm *d)
{
	if (!d->blocks.is_growing)
		return;
	d->blocks.is_growing = false;
	for (uint32_t i = 0; i < d->n_buckets; i++)
		blocks_trim(&d->blocks, i, bucket(d, i));
}

/* The last bucket's entries go back to where they were split off. */
static bool
join(struct dorm *d)
{
	char both[BLOCKS_MOST];
	uint32_t last = d->n_buckets - 1;
	uint32_t to = last - round_up(last + 1) / 2;
	size_t n = 0;

	if (bucket(d, last)->n + bucket(d, to)->n > BLOCKS_MOST)
		return false;
	append(both, &n, blocks_view(&d->blocks, *bucket(d, to)));
	append(both, &n, blocks_view(&d->blocks, *bucket(d, last)));
	put(d, last, str_make("", 0));
	put(d, to, str_make(both, n));
	d->n_buckets--;
	d->joined++;
	if (d->n_buckets == (d->n_segments - 1) * SEGMENT)
		free(d->segments[--d->n_segments]);
	return true;
}

void
dorm_tidy(struct dorm *d)
{
	for (int i = 0; i < JOIN && d->n_buckets > 1 &&
			d->n_bytes < (size_t)d->n_buckets * SPARSE;
	     i++)
		if (!join(d))
			return;
}
