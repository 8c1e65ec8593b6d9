/* seen - what was counted already */
#include "fbl/seen.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"

enum { DAY = 86400, RING = SEEN_DAYS + 4, ENTRY = SEEN_KEY + 8 };

struct entry {
	struct entry *next; /* of its day */
	int64_t at;
	uint8_t key[SEEN_KEY];
};

struct seen {
	size_t max;
	struct map entries;
	struct entry *days[RING]; /* by day modulo RING */
	int64_t first, last;	  /* days there may be entries of */
	struct text unsaved;	  /* added since the last save */
	struct text changed;	  /* added since the last fold */
	struct text gone;	  /* dropped since */
};

struct seen *
seen_new(size_t max)
{
	struct seen *s = xalloc(1, sizeof(*s));

	s->max = max;
	map_init(&s->entries);
	text_grow(&s->unsaved, SIZE_MAX);
	text_grow(&s->changed, SIZE_MAX);
	text_grow(&s->gone, SIZE_MAX);
	return s;
}

void
seen_free(struct seen **sp)
{
	struct seen *s = *sp;
	struct entry *e;

	if (!s)
		return;
	*sp = NULL;
	for (size_t i = 0; (e = map_next(&s->entries, &i)) != NULL;)
		free(e);
	map_done(&s->entries);
	text_done(&s->unsaved);
	text_done(&s->changed);
	text_done(&s->gone);
	free(s);
}

static struct str
key_of(const uint8_t key[SEEN_KEY])
{
	return str_make((const char *)key, SEEN_KEY);
}

/* s->first becomes the oldest day that has any; false: none has. */
static bool
find_oldest(struct seen *s)
{
	while (!s->days[s->first % RING] && s->first < s->last)
		s->first++;
	return s->days[s->first % RING] != NULL;
}

static bool
drop_one(struct seen *s)
{
	if (!find_oldest(s))
		return false;
	struct entry **day = &s->days[s->first % RING], *e = *day;

	*day = e->next;
	text_bytes(&s->gone, e->key, SEEN_KEY);
	map_remove(&s->entries, key_of(e->key));
	free(e);
	return true;
}

/* A clock far off is no reason to grow or to forget all: such a day is taken
 * for the nearest that there is room for. */
static int64_t
day_of(struct seen *s, int64_t at)
{
	int64_t day = at > 0 ? at / DAY : 0;

	if (s->entries.n == 0)
		s->first = s->last = day;
	if (day > s->last) {
		while (day - s->first >= RING && drop_one(s))
			;
		if (day - s->first >= RING)
			s->first = day - RING + 1;
		s->last = day;
	}
	if (day < s->first && s->last - day < RING)
		s->first = day;
	return day < s->first ? s->first : day;
}

static bool
add(struct seen *s, const uint8_t key[SEEN_KEY], int64_t at)
{
	if (seen_has(s, key))
		return false;
	if (s->entries.n >= s->max)
		drop_one(s);
	struct entry *e = xalloc(1, sizeof(*e));
	int64_t day = day_of(s, at);

	memcpy(e->key, key, SEEN_KEY);
	e->at = at;
	e->next = s->days[day % RING];
	s->days[day % RING] = e;
	map_put(&s->entries, key_of(e->key), e);
	return true;
}

static void
put_entry(struct text *out, const uint8_t key[SEEN_KEY], int64_t at)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)at >> (8 * i));
	text_bytes(out, key, SEEN_KEY);
	text_bytes(out, bytes, 8);
}

static int64_t
get_time(const char *p)
{
	uint64_t at = 0;

	for (int i = 7; i >= 0; i--)
		at = at << 8 | (uint8_t)p[i];
	return (int64_t)at;
}

bool
seen_add(struct seen *s, const uint8_t key[SEEN_KEY], int64_t now)
{
	if (!add(s, key, now))
		return false;
	put_entry(&s->unsaved, key, now);
	put_entry(&s->changed, key, now);
	return true;
}

bool
seen_has(const struct seen *s, const uint8_t key[SEEN_KEY])
{
	return map_find(&s->entries, key_of(key)) != NULL;
}

size_t
seen_count(const struct seen *s)
{
	return s->entries.n;
}

void
seen_tick(struct seen *s, int64_t now, size_t max)
{
	while (max-- > 0 && find_oldest(s) && s->first < now / DAY - SEEN_DAYS)
		drop_one(s);
}

static void
on_save(void *ctx, struct text *out)
{
	struct seen *s = ctx;

	text_str(out, text_view(&s->unsaved));
	text_clear(&s->unsaved);
}

static bool
on_replay(void *ctx, struct str section)
{
	struct seen *s = ctx;

	for (; section.n >= ENTRY; section = str_skip(section, ENTRY)) {
		const uint8_t *key = (const uint8_t *)section.p;
		int64_t at = get_time(section.p + SEEN_KEY);

		add(s, key, at);
		put_entry(&s->changed, key, at);
	}
	return section.n == 0;
}

static void
on_fold(void *ctx, struct disk_batch *b, int table)
{
	struct seen *s = ctx;
	struct str v = text_view(&s->gone);

	for (; v.n > 0; v = str_skip(v, SEEN_KEY)) {
		if (!seen_has(s, (const uint8_t *)v.p))
			disk_delete(b, table, str_head(v, SEEN_KEY));
	}
	v = text_view(&s->changed);
	for (; v.n > 0; v = str_skip(v, ENTRY)) {
		if (seen_has(s, (const uint8_t *)v.p))
			disk_put(b, table, str_head(v, SEEN_KEY),
			    str_make(v.p + SEEN_KEY, 8));
	}
	text_clear(&s->gone);
	text_clear(&s->changed);
}

static bool
on_load(void *ctx, struct str key, struct str value)
{
	if (key.n != SEEN_KEY || value.n != 8)
		return false;
	add(ctx, (const uint8_t *)key.p, get_time(value.p));
	return true;
}

struct books_part
seen_part(struct seen *s)
{
	return (struct books_part){.tag = 'C',
	    .table = "complaints",
	    .ctx = s,
	    .save = on_save,
	    .replay = on_replay,
	    .fold = on_fold,
	    .load = on_load};
}
