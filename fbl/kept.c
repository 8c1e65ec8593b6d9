/* kept - texts under keys, the oldest first to go */
#include "fbl/kept.h"

#include <stdlib.h>

#include "base/error.h"

/* In the journal: the key's length, the value's (GONE: it was removed), the
 * time, then both. */
enum { HEAD = 4 + 4 + 8 };
static const uint64_t GONE = UINT32_MAX;

void
kept_init(struct kept *k, size_t max)
{
	*k = (struct kept){.max = max};
	map_init(&k->items);
	text_grow(&k->unsaved, SIZE_MAX);
	text_grow(&k->touched, SIZE_MAX);
	text_grow(&k->news, SIZE_MAX);
}

void
kept_done(struct kept *k)
{
	struct kept_item *i;

	for (size_t at = 0; (i = map_next(&k->items, &at)) != NULL;)
		free(i);
	map_done(&k->items);
	text_done(&k->unsaved);
	text_done(&k->touched);
	text_done(&k->news);
}

static void
put_number(struct text *out, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		text_char(out, (char)(v >> (8 * i)));
}

static uint64_t
get_number(const char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes - 1; i >= 0; i--)
		v = v << 8 | (uint8_t)p[i];
	return v;
}

static void
touch(struct kept *k, struct str key)
{
	put_number(&k->touched, key.n, 4);
	text_str(&k->touched, key);
}

static void
note(struct kept *k, struct str key, uint64_t value_n, int64_t at)
{
	put_number(&k->unsaved, key.n, 4);
	put_number(&k->unsaved, value_n, 4);
	put_number(&k->unsaved, (uint64_t)at, 8);
	text_str(&k->unsaved, key);
}

static void
unlink_item(struct kept *k, struct kept_item *i)
{
	*(i->older ? &i->older->newer : &k->oldest) = i->newer;
	*(i->newer ? &i->newer->older : &k->newest) = i->older;
	if (k->hint == i)
		k->hint = i->older;
	if (k->cursor == i)
		k->cursor = i->newer;
	map_remove(&k->items, i->key);
	free(i);
}

/* They come nearly in the order of their times; those of another node, too, in
 * an order of their own. */
static struct kept_item *
find_older(struct kept *k, int64_t at)
{
	struct kept_item *older = k->newest;

	if (k->is_loading || !older || older->at <= at)
		return older;
	if (k->hint)
		older = k->hint;
	while (older && older->at > at)
		older = older->older;
	while (older && older->newer && older->newer->at <= at)
		older = older->newer;
	k->hint = older;
	return older;
}

static void
link_item(struct kept *k, struct kept_item *i)
{
	struct kept_item *older = find_older(k, i->at);

	i->older = older;
	i->newer = older ? older->newer : k->oldest;
	*(i->older ? &i->older->newer : &k->oldest) = i;
	*(i->newer ? &i->newer->older : &k->newest) = i;
	map_put(&k->items, i->key, i);
}

static int
by_time(const void *a, const void *b)
{
	const struct kept_item *const *x = a, *const *y = b;

	return ((*x)->at > (*y)->at) - ((*x)->at < (*y)->at);
}

/* From the disk they come in the order of their keys. */
static void
sort(struct kept *k)
{
	if (!k->is_loading)
		return;
	size_t n = k->items.n, at = 0;
	struct kept_item **v = xalloc(n + 1, sizeof(*v));

	for (size_t i = 0; i < n; i++)
		v[i] = map_next(&k->items, &at);
	if (n > 1)
		qsort(v, n, sizeof(struct kept_item *), by_time);
	for (size_t i = 0; i < n; i++) {
		v[i]->older = i > 0 ? v[i - 1] : NULL;
		v[i]->newer = i + 1 < n ? v[i + 1] : NULL;
	}
	k->oldest = n ? v[0] : NULL;
	k->newest = n ? v[n - 1] : NULL;
	k->is_loading = false;
	free(v);
}

static void
put(struct kept *k, struct str key, struct str value, int64_t at)
{
	struct kept_item *old = map_find(&k->items, key);
	struct kept_item *i = xalloc(1, sizeof(*i) + key.n + value.n);
	char *bytes = (char *)(i + 1);

	k->changes += !old || !str_is(old->value, value);
	if (old)
		unlink_item(k, old);
	if (key.n)
		memcpy(bytes, key.p, key.n);
	if (value.n)
		memcpy(bytes + key.n, value.p, value.n);
	i->at = at;
	i->key = str_make(bytes, key.n);
	i->value = str_make(bytes + key.n, value.n);
	link_item(k, i);
}

void
kept_put(struct kept *k, struct str key, struct str value, int64_t at)
{
	key = str_head(key, KEPT_KEY);
	value = str_head(value, KEPT_VALUE);
	sort(k);
	put(k, key, value, at);
	note(k, key, value.n, at);
	text_str(&k->unsaved, value);
	touch(k, key);
	if (k->is_spread) {
		put_number(&k->news, key.n, 4);
		text_str(&k->news, key);
	}
	while (k->items.n > k->max)
		kept_remove(k, k->oldest->key);
}

bool
kept_remove(struct kept *k, struct str key)
{
	struct kept_item *i = map_find(&k->items, key);

	if (!i)
		return false;
	sort(k);
	note(k, i->key, GONE, 0);
	touch(k, i->key);
	unlink_item(k, i);
	k->changes++;
	return true;
}

const struct kept_item *
kept_find(const struct kept *k, struct str key)
{
	return map_find(&k->items, str_head(key, KEPT_KEY));
}

const struct kept_item *
kept_newest(struct kept *k)
{
	sort(k);
	return k->newest;
}

void
kept_tick(struct kept *k, int64_t since, size_t max)
{
	sort(k);
	while (max-- > 0 && k->oldest &&
	       (k->oldest->at < since || k->items.n > k->max))
		kept_remove(k, k->oldest->key);
}

size_t
kept_drop(struct kept *k, kept_is_fn *is, void *ctx)
{
	const struct kept_item *i = kept_newest(k), *older;
	size_t n = 0;

	for (; i; i = older) {
		older = i->older;
		n += is(ctx, i) && kept_remove(k, i->key);
	}
	return n;
}

static void
on_save(void *ctx, struct text *out)
{
	struct kept *k = ctx;

	text_str(out, text_view(&k->unsaved));
	text_clear(&k->unsaved);
}

static bool
on_replay(void *ctx, struct str s)
{
	struct kept *k = ctx;

	sort(k);
	while (s.n >= HEAD) {
		uint64_t key_n = get_number(s.p, 4);
		uint64_t value_n = get_number(s.p + 4, 4);
		int64_t at = (int64_t)get_number(s.p + 8, 8);
		bool is_gone = value_n == GONE;

		s = str_skip(s, HEAD);
		value_n = is_gone ? 0 : value_n;
		if (key_n > KEPT_KEY || value_n > KEPT_VALUE ||
		    s.n < key_n + value_n)
			return false;
		struct str key = str_head(s, key_n);

		s = str_skip(s, key_n);
		touch(k, key);
		if (!is_gone)
			put(k, key, str_head(s, value_n), at);
		else if (kept_find(k, key))
			unlink_item(k, map_find(&k->items, key));
		s = str_skip(s, value_n);
	}
	return s.n == 0;
}

static void
put_record(const struct kept_item *i, struct disk_batch *b, int table)
{
	struct text t;

	text_grow(&t, 8 + KEPT_VALUE);
	put_number(&t, (uint64_t)i->at, 8);
	text_str(&t, i->value);
	disk_put(b, table, i->key, text_view(&t));
	text_done(&t);
}

static void
on_fold(void *ctx, struct disk_batch *b, int table)
{
	struct kept *k = ctx;
	struct str v = text_view(&k->touched);

	while (v.n > 0) {
		size_t n = (size_t)get_number(v.p, 4);
		struct str key = str_head(str_skip(v, 4), n);
		const struct kept_item *i = kept_find(k, key);

		if (i)
			put_record(i, b, table);
		else
			disk_delete(b, table, key);
		v = str_skip(v, 4 + n);
	}
	text_clear(&k->touched);
}

static bool
on_load(void *ctx, struct str key, struct str value)
{
	struct kept *k = ctx;

	if (key.n > KEPT_KEY || value.n < 8 || value.n > 8 + KEPT_VALUE)
		return false;
	k->is_loading = true;
	put(k, key, str_skip(value, 8), (int64_t)get_number(value.p, 8));
	return true;
}

struct books_part
kept_part(struct kept *k, char tag, const char *table)
{
	return (struct books_part){.tag = tag,
	    .table = table,
	    .ctx = k,
	    .save = on_save,
	    .replay = on_replay,
	    .fold = on_fold,
	    .load = on_load};
}
