/* record - the counts of one subject over five weeks, in a few cells */
#include "ledger/record_cells.h"

#include <assert.h>
#include <stdlib.h>

#include "base/error.h"

const char *
count_text(enum count c)
{
	static const char *const names[] = {
#define COUNT(name, text, help) text,
#include "ledger/counts.def"
#undef COUNT
	};

	assert((unsigned)c < COUNTS);
	return names[c];
}

bool
count_parse(struct str s, enum count *c)
{
	for (int i = 0; i < COUNTS; i++) {
		if (str_is(s, str_from(count_text((enum count)i)))) {
			*c = (enum count)i;
			return true;
		}
	}
	return false;
}

void
record_done(struct record *r)
{
	free(r->live);
	free(r->old);
	*r = (struct record){0};
}

bool
record_is_empty(const struct record *r)
{
	return r->old_n == 0 && (!r->live || r->live->n == 0);
}

uint32_t
record_minute(int64_t at)
{
	int64_t minute = at < RECORD_EPOCH ? 0 : (at - RECORD_EPOCH) / 60;

	return minute > LAST_MINUTE ? LAST_MINUTE : (uint32_t)minute;
}

uint32_t
cells_find(const struct cell *v, uint32_t n, uint32_t key)
{
	uint32_t low = 0, high = n;

	for (uint32_t i = n; i > 0 && i + 16 > n; i--) {
		if (v[i - 1].key < key)
			return i;
		high = i - 1;
	}
	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (v[mid].key < key)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

uint32_t
cells_put(struct cell *v, uint32_t n, uint32_t key, uint32_t count)
{
	uint32_t i = cells_find(v, n, key);

	if (i < n && v[i].key == key) {
		v[i].n = add_saturated(v[i].n, count);
		return n;
	}
	memmove(&v[i + 1], &v[i], (n - i) * sizeof(*v));
	v[i] = (struct cell){key, count};
	return n + 1;
}

static void
extend(struct cut *cut, uint32_t size, uint32_t bucket)
{
	/* The first of a tier is its oldest. */
	if ((bucket & 3) != (cut->last & 3) || cut->size == 0)
		cut->due = earlier(cut->due, due_minute(bucket));
	cut->size = size;
	cut->last = bucket;
}

struct cut
record_cut(const struct record *r, uint32_t bucket)
{
	const uint8_t *at = r->old, *end = r->old ? at + r->old_n : NULL;
	struct cut cut = {.due = UINT32_MAX};
	uint32_t b = 0;

	while (at < end) {
		bucket_skip(&at, end, &b);
		if (b >= bucket)
			break;
		extend(&cut, (uint32_t)(at - r->old), b);
	}
	return cut;
}

struct cut
record_cut_stale(const struct record *r, const uint32_t before[4])
{
	const uint8_t *at = r->old, *end = r->old ? at + r->old_n : NULL;
	struct cut cut = {.due = UINT32_MAX};
	uint32_t b = 0;

	while (at < end) {
		bucket_skip(&at, end, &b);
		if (b >> 2 < before[b & 3])
			break;
		extend(&cut, (uint32_t)(at - r->old), b);
	}
	return cut;
}

struct record_live *
record_live(struct record *r, uint32_t n)
{
	enum { FEWEST = 5 };
	struct record_live *live = r->live;
	uint32_t wanted = live ? live->n + n : n;

	if (live && wanted <= live->cap)
		return live;
	if (!live)
		record_thaw(r);
	uint32_t cap = live ? live->cap + live->cap / 2 : FEWEST;

	if (cap < wanted)
		cap = wanted;
	r->live = xrealloc(live, 1, sizeof(*live) + cap * sizeof(struct cell));
	r->live->cap = cap;
	if (live)
		return r->live;
	live = r->live;
	live->changed_key = UINT32_MAX;
	live->folded_minute = 0;
	live->n = 0;
	struct cut cut = record_cut(r, UINT32_MAX);

	live->old_last = cut.last;
	live->old_due = live->due_minute = cut.due;
	return live;
}

/* So many bytes of memory for old: what malloc gives in any case. */
static uint32_t
room_for(uint32_t n)
{
	return ((n + 8 + 15) & ~15u) - 8;
}

void
record_resize_old(struct record *r, uint32_t n)
{
	if (!r->old || room_for(n) != room_for(r->old_n))
		r->old = xrealloc(r->old, 1, room_for(n));
	r->old_n = n;
}

void
record_append_old(struct record *r, const struct bucket *b)
{
	struct record_live *live = r->live;
	uint32_t due = due_minute(b->at);
	uint8_t buf[BUCKET_MAX];
	size_t n = bucket_pack(b, live->old_last, buf);
	uint32_t before = r->old_n;

	record_resize_old(r, before + (uint32_t)n);
	memcpy(r->old + before, buf, n);
	live->old_last = b->at;
	live->old_due = earlier(live->old_due, due);
	live->due_minute = earlier(live->due_minute, due);
}

struct cells
record_open(const struct record *r, const struct cut *cut, uint32_t n)
{
	uint32_t n_live = r->live ? r->live->n : 0;
	struct cells c = {.cut = *cut};

	if (cut->size < r->old_n)
		cells_take(&c, r->old + cut->size, r->old + r->old_n);
	if (c.n + n_live + n > c.cap) {
		c.cap = c.n + n_live + n;
		c.v = xrealloc(c.v, c.cap, sizeof(*c.v));
	}
	if (n_live > 0)
		memcpy(c.v + c.n, r->live->v, n_live * sizeof(*c.v));
	c.n += n_live;
	return c;
}

/* Where the single minutes begin that nothing wider follows. */
static uint32_t
find_live(const struct cells *c)
{
	uint32_t i = c->n;

	while (i > 0 && tier_of(c->v[i - 1].key) == TIER_MINUTE)
		i--;
	return i;
}

static void
pack_old(struct record *r, struct cells *c, uint32_t n)
{
	uint8_t *buf = n > 0 ? xrealloc(NULL, n, BUCKET_MAX) : NULL;
	struct bucket b;
	size_t size = 0;

	for (uint32_t i = 0; i < n;) {
		i = bucket_gather(c->v, n, i, &b);
		size += bucket_pack(&b, c->cut.last, buf + size);
		c->cut.last = b.at;
		c->cut.due = earlier(c->cut.due, due_minute(b.at));
	}
	if (c->cut.size + size > 0) {
		record_resize_old(r, c->cut.size + (uint32_t)size);
		if (size > 0)
			memcpy(r->old + c->cut.size, buf, size);
	} else {
		free(r->old);
		r->old = NULL;
		r->old_n = 0;
	}
	free(buf);
}

void
record_close(struct record *r, struct cells *c)
{
	uint32_t first = find_live(c), n = c->n - first;

	if (r->live)
		r->live->n = 0;
	pack_old(r, c, first);
	if (r->live || n > 0) {
		struct record_live *live = record_live(r, n);

		live->n = n;
		live->old_last = c->cut.last;
		live->old_due = live->due_minute = c->cut.due;
		if (n > 0) {
			memcpy(live->v, c->v + first, n * sizeof(*c->v));
			live->due_minute = earlier(
			    live->due_minute, due_minute(live->v[0].key >> 5));
		}
	}
	free(c->v);
}

void
record_shrink(struct record *r)
{
	struct record_live *live = r->live;
	struct bucket b;

	if (!live)
		return;
	for (uint32_t i = 0; i < live->n;) {
		i = bucket_gather(live->v, live->n, i, &b);
		record_append_old(r, &b);
	}
	live->n = 0;
	if (live->changed_key == UINT32_MAX) {
		free(live);
		r->live = NULL;
	} else if (live->cap > 0) {
		live->cap = 0;
		r->live = xrealloc(live, 1, sizeof(*live));
	}
}

const struct record *
record_folded(struct record *r, int64_t now, struct record *scratch)
{
	if (r->live) {
		record_fold(r, now);
		return r;
	}
	if (!record_is_condensed(r) && !record_is_due(r, record_minute(now)))
		return r;
	scratch->mark_minute = r->mark_minute;
	record_resize_old(scratch, r->old_n);
	memcpy(scratch->old, r->old, r->old_n);
	record_fold(scratch, now);
	return scratch;
}

/* Where the last bucket begins. */
static uint32_t
last_start(const struct record *r)
{
	if (r->live && r->live->n > 0)
		return cell_start(r->live->v[r->live->n - 1]);
	return (r->live ? r->live->old_last : record_cut(r, UINT32_MAX).last) >>
	       2;
}

const struct record *
record_before(const struct record *r, uint32_t begin, uint32_t end,
    struct record *scratch)
{
	if (last_start(r) <= begin && end == UINT32_MAX)
		return r;
	struct cells c = record_open(r, &(struct cut){.due = UINT32_MAX}, 0);

	while (c.n > 0 && (cell_start(c.v[c.n - 1]) > begin ||
			      cell_end(c.v[c.n - 1]) > end))
		c.n--;
	scratch->mark_minute = r->mark_minute;
	record_close(scratch, &c);
	return scratch;
}

void
record_merge(struct record *r, const struct record *from)
{
	const struct cut none = {.due = UINT32_MAX};
	struct cells more = record_open(from, &none, 0);

	record_thaw(r);
	struct cells c = record_open(r, &none, more.n);

	for (uint32_t i = 0; i < more.n; i++)
		c.n = cells_put(c.v, c.n, more.v[i].key, more.v[i].n);
	if (more.n > 0)
		note_change(record_live(r, 0), more.v[0].key);
	record_close(r, &c);
	free(more.v);
}

/* The bucket for a time, without a count; false: long over. */
static bool
find_bucket(struct record *r, int64_t at, int64_t now, uint32_t *key)
{
	if (!r->live)
		record_live(r, 0); /* remembers what is due */
	record_fold(r, now);
	uint32_t minute = record_minute(at), today = record_minute(now);

	if (r->live && r->live->folded_minute > today)
		today = r->live->folded_minute;
	int tier = tier_at(minute, today);

	if (is_over(minute - minute % widths[tier] + widths[tier], today))
		return false;
	*key = place(r, minute, minute + 1, tier);
	return true;
}

/* It belongs among what is packed. */
__attribute__((noinline)) static void
put_old(struct record *r, uint32_t key, uint32_t has, const uint32_t n[COUNTS])
{
	struct cut cut = record_cut(r, key >> 5);
	struct cells c = record_open(r, &cut, COUNTS);

	for (; has; has &= has - 1) {
		uint32_t k = (uint32_t)__builtin_ctz(has);

		c.n = cells_put(c.v, c.n, key | k, n[k]);
	}
	record_close(r, &c);
}

static void
put_live(struct record *r, uint32_t key, uint32_t has, const uint32_t n[COUNTS])
{
	struct record_live *live = r->live;

	for (; has; has &= has - 1) {
		uint32_t c = (uint32_t)__builtin_ctz(has);

		if (live->n == live->cap)
			live = record_live(r, 1);
		/* Mostly the latest of all. */
		if (live->n == 0 || live->v[live->n - 1].key < (key | c))
			live->v[live->n++] = (struct cell){key | c, n[c]};
		else
			live->n = cells_put(live->v, live->n, key | c, n[c]);
	}
}

void
record_add_all(struct record *r, uint32_t has, const uint32_t n[COUNTS],
    int64_t at, int64_t now)
{
	uint32_t key;

	if (has == 0 || !find_bucket(r, at, now, &key))
		return;
	struct record_live *live = r->live;
	uint32_t minute = record_minute(now);

	if (live->folded_minute < minute)
		live->folded_minute = minute;
	note_change(live, key | (uint32_t)__builtin_ctz(has));
	if (tier_of(key) != TIER_MINUTE || key >> 5 <= live->old_last) {
		put_old(r, key, has, n);
		return;
	}
	live->due_minute = earlier(live->due_minute, due_minute(key >> 5));
	put_live(r, key, has, n);
}

/* Its last minute is written to, and looked at is where windows end. */
void
record_expect(const struct record *r)
{
	const struct record_live *live = r->live;

	if (!live || live->n == 0)
		return;
	__builtin_prefetch(&live->v[0]);
	__builtin_prefetch(&live->v[live->n - 1 - live->n / 6]);
	__builtin_prefetch(&live->v[live->n - 1]);
}

void
record_add(struct record *r, enum count c, int64_t at, int64_t now, uint32_t n)
{
	uint32_t v[COUNTS] = {0};

	v[c] = n;
	record_add_all(r, n > 0 ? 1u << c : 0, v, at, now);
}

void
record_mark(struct record *r, int64_t mark)
{
	uint32_t minute = record_minute(mark), n = 0, n_moved = 0;
	struct cell moved[4 * COUNTS];

	if (mark == 0 || minute < r->mark_minute || minute == 0)
		return;
	r->mark_minute = minute;
	record_thaw(r);
	struct cells c = record_open(r, &(struct cut){.due = UINT32_MAX}, 0);

	for (uint32_t i = 0; i < c.n; i++) {
		struct cell cell = c.v[i];
		bool has_mark =
		    cell_start(cell) <= minute && cell_end(cell) > minute;

		if (has_mark && n_moved < sizeof(moved) / sizeof(*moved))
			moved[n_moved++] = cell;
		else
			c.v[n++] = cell;
	}
	c.n = n;
	for (uint32_t i = 0; i < n_moved; i++) {
		uint32_t width = widths[tier_of(moved[i].key)];
		bool has_before = cell_start(moved[i]) >= width;
		uint32_t key = moved[i].key - (has_before ? width << 7 : 0);

		note_change(record_live(r, 0), key);
		if (has_before)
			c.n = cells_put(c.v, c.n, key, moved[i].n);
	}
	record_close(r, &c);
}

int64_t
record_before_mark(const struct record *r, int64_t at)
{
	int64_t last = RECORD_EPOCH + 60 * (int64_t)r->mark_minute - 1;

	return at < last ? at : last;
}
