/* record_code - a bucket's counts as bytes
 *
 * Its distance to the one before, in buckets of its own width, with the tier in
 * the low bits; then a byte that says how the usual counts are to each other;
 * then what that byte doesn't tell. A message to one recipient that was
 * delivered takes these two and its size.
 */
#include "ledger/record_cells.h"

#include "base/error.h"

/* The byte: messages in bits 0-1 (3: told), recipients in 2-3, inside in 4-5
 * (each of these: none, one per message, told, the messages that are not the
 * other's), all delivered, others follow. With messages comes their size. */
enum { NONE, ALIKE, TOLD, REST };
enum {
	MESSAGES_TOLD = 3,
	RECIPIENTS_SHIFT = 2,
	INSIDE_SHIFT = 4,
	IS_DELIVERED = 1 << 6,
	HAS_OTHERS = 1 << 7,
	CELLS_MAX = 1 << 15, /* more is nobody's record */
};

/* Where the distance to a bucket of this tier is counted from, in its buckets:
 * by constants, for a division by what isn't known takes longer than all the
 * rest. */
static inline uint32_t
in_buckets(uint32_t minute, uint32_t tier)
{
	switch (tier) {
	case TIER_MINUTE:
		return minute;
	case TIER_TEN:
		return minute / 10;
	case TIER_HOUR:
		return minute / 60;
	default:
		return minute / 1440;
	}
}

static uint8_t *
put_number(uint8_t *p, uint32_t v)
{
	while (v >= 0x80) {
		*p++ = (uint8_t)(v | 0x80);
		v >>= 7;
	}
	*p++ = (uint8_t)v;
	return p;
}

static inline bool
take_number(const uint8_t **at, const uint8_t *end, uint32_t *out)
{
	const uint8_t *p = *at;
	uint32_t v = 0;

	if (p < end && *p < 0x80) {
		*out = *p;
		*at = p + 1;
		return true;
	}
	for (unsigned shift = 0; p < end && shift < 35; shift += 7, p++) {
		if (shift == 28 && *p > 15)
			return false;
		v |= (uint32_t)(*p & 0x7f) << shift;
		if (*p < 0x80) {
			*out = v;
			*at = p + 1;
			return true;
		}
	}
	return false;
}

static uint32_t
get(const struct bucket *b, enum count c)
{
	return b->has & 1u << c ? b->n[c] : 0;
}

static unsigned
likeness(uint32_t n, uint32_t messages, uint32_t other)
{
	if (n == 0)
		return NONE;
	if (n == messages)
		return ALIKE;
	return other < messages && n == messages - other ? REST : TOLD;
}

size_t
bucket_pack(const struct bucket *b, uint32_t before, uint8_t *out)
{
	static const uint32_t usual =
	    1u << COUNT_MESSAGES | 1u << COUNT_RECIPIENTS | 1u << COUNT_INSIDE;
	static const uint32_t delivered =
	    1u << COUNT_DELIVERED | 1u << COUNT_INSIDE_DELIVERED;
	uint32_t tier = b->at & 3, others = b->has & ~usual;
	uint32_t m = get(b, COUNT_MESSAGES), r = get(b, COUNT_RECIPIENTS);
	uint32_t i = get(b, COUNT_INSIDE);
	unsigned like_i = likeness(i, m, r);
	unsigned like_r = likeness(r, m, m); /* never REST */
	unsigned byte = (m > 2 ? MESSAGES_TOLD : m) |
			like_r << RECIPIENTS_SHIFT | like_i << INSIDE_SHIFT;
	uint8_t *p = put_number(
	    out, (in_buckets(b->at >> 2, tier) - in_buckets(before >> 2, tier))
			 << 2 |
		     tier);

	if (get(b, COUNT_DELIVERED) == r &&
	    get(b, COUNT_INSIDE_DELIVERED) == i) {
		byte |= IS_DELIVERED;
		others &= ~delivered;
	}
	if (m > 0)
		others &= ~(1u << COUNT_KIB);
	*p++ = (uint8_t)(byte | (others ? HAS_OTHERS : 0));
	if (m > 2)
		p = put_number(p, m);
	if (m > 0)
		p = put_number(p, get(b, COUNT_KIB));
	if (like_r == TOLD)
		p = put_number(p, r);
	if (like_i == TOLD)
		p = put_number(p, i);
	if (others)
		p = put_number(p, others);
	for (; others; others &= others - 1)
		p = put_number(p, b->n[__builtin_ctz(others)]);
	return (size_t)(p - out);
}

static inline void
set(struct bucket *b, enum count c, uint32_t n)
{
	b->n[c] = n;
	b->has |= (uint32_t)(n > 0) << c;
}

/* false: a told one that isn't there, or a rest that is none. */
static inline bool
take_like(const uint8_t **at, const uint8_t *end, unsigned like,
    uint32_t messages, uint32_t other, uint32_t *n)
{
	switch (like & 3) {
	case NONE:
		*n = 0;
		return true;
	case ALIKE:
		*n = messages;
		return messages > 0;
	case TOLD:
		return take_number(at, end, n) && *n > 0;
	default:
		*n = messages - other;
		return other < messages;
	}
}

static bool
take_others(const uint8_t **at, const uint8_t *end, struct bucket *b)
{
	uint32_t others, n;

	if (!take_number(at, end, &others) || others == 0 || others & b->has)
		return false;
	for (; others; others &= others - 1) {
		int c = __builtin_ctz(others);

		if (!take_number(at, end, &n) || n == 0)
			return false;
		/* Of a newer version on another node: stepped over. */
		if (c < COUNTS)
			set(b, (enum count)c, n);
	}
	return true;
}

static inline bool
take_counts(const uint8_t **at, const uint8_t *end, struct bucket *b)
{
	if (*at == end)
		return false;
	unsigned byte = *(*at)++;
	uint32_t m = byte & 3, kib = 0, r = 0, i = 0;

	b->has = 0;
	if ((m == MESSAGES_TOLD && !take_number(at, end, &m)) ||
	    ((byte & 3) && (m == 0 || !take_number(at, end, &kib))) ||
	    !take_like(at, end, byte >> RECIPIENTS_SHIFT, m, m, &r) ||
	    !take_like(at, end, byte >> INSIDE_SHIFT, m, r, &i))
		return false;
	set(b, COUNT_MESSAGES, m);
	set(b, COUNT_KIB, kib);
	set(b, COUNT_RECIPIENTS, r);
	set(b, COUNT_INSIDE, i);
	if (byte & IS_DELIVERED) {
		set(b, COUNT_DELIVERED, r);
		set(b, COUNT_INSIDE_DELIVERED, i);
	}
	return !(byte & HAS_OTHERS) || take_others(at, end, b);
}

bool
bucket_take(
    const uint8_t **at, const uint8_t *end, uint32_t before, struct bucket *b)
{
	uint32_t head;

	if (!take_number(at, end, &head))
		return false;
	uint32_t tier = head & 3;
	uint64_t start =
	    ((uint64_t)in_buckets(before >> 2, tier) + (head >> 2)) *
	    widths[tier];

	if (start > LAST_MINUTE)
		return false;
	b->at = (uint32_t)start << 2 | tier;
	return take_counts(at, end, b);
}

void
bucket_skip(const uint8_t **at, const uint8_t *end, uint32_t *bucket)
{
	const uint8_t *p = *at;
	uint32_t head = 0, others = 0;

	take_number(&p, end, &head);
	uint32_t tier = head & 3, start = in_buckets(*bucket >> 2, tier);
	unsigned byte = p < end ? *p++ : 0;
	unsigned n = ((byte & 3) > 0) + ((byte & 3) == MESSAGES_TOLD) +
		     ((byte >> RECIPIENTS_SHIFT & 3) == TOLD) +
		     ((byte >> INSIDE_SHIFT & 3) == TOLD);

	*bucket = (start + (head >> 2)) * widths[tier] << 2 | tier;
	if (byte & HAS_OTHERS) {
		while (n > 0 && p < end)
			n -= *p++ < 0x80;
		take_number(&p, end, &others);
		n = (unsigned)__builtin_popcount(others);
	}
	while (n > 0 && p < end)
		n -= *p++ < 0x80;
	*at = p;
}

uint32_t
bucket_gather(const struct cell *v, uint32_t n, uint32_t i, struct bucket *b)
{
	b->at = v[i].key >> 5;
	b->has = 0;
	for (; i < n && v[i].key >> 5 == b->at; i++) {
		b->has |= 1u << cell_count(v[i]);
		b->n[cell_count(v[i])] = v[i].n;
	}
	return i;
}

void
cells_append(struct cells *c, struct cell cell)
{
	if (c->n == c->cap) {
		c->cap = c->cap ? 2 * c->cap : 64;
		c->v = xrealloc(c->v, c->cap, sizeof(*c->v));
	}
	c->v[c->n++] = cell;
}

bool
buckets_are_sane(const uint8_t *at, const uint8_t *end, uint32_t *cells)
{
	struct bucket b = {0};
	uint32_t next = 0, last = 0, n = 0;

	for (; at < end; last = b.at) {
		if (!bucket_take(&at, end, b.at, &b) || b.at < last)
			return false;
		if (!b.has)
			continue;
		uint32_t first = b.at << 5 | (uint32_t)__builtin_ctz(b.has);

		n += (uint32_t)__builtin_popcount(b.has);
		if (first < next || n > CELLS_MAX)
			return false;
		next = (b.at << 5 | (31u - (uint32_t)__builtin_clz(b.has))) + 1;
	}
	*cells = n;
	return true;
}

bool
cells_take(struct cells *c, const uint8_t *at, const uint8_t *end)
{
	struct bucket b = {.at = c->cut.last};

	while (at < end) {
		if (!bucket_take(&at, end, b.at, &b))
			return false;
		for (uint32_t has = b.has; has; has &= has - 1) {
			uint32_t k = (uint32_t)__builtin_ctz(has);
			uint32_t key = b.at << 5 | k;

			if (c->n == CELLS_MAX ||
			    (c->n > 0 && key <= c->v[c->n - 1].key))
				return false;
			cells_append(c, (struct cell){key, b.n[k]});
		}
	}
	c->last = b.at;
	return true;
}

void
record_walk(struct record_walk *w, const struct record *r)
{
	w->r = r;
	w->at = r->old;
	w->end = r->old ? r->old + r->old_n : NULL;
	w->bucket = 0;
	w->has = 0;
	w->i = 0;
}

bool
record_next(struct record_walk *w, struct cell *cell)
{
	const struct record_live *live = w->r->live;

	while (!w->has && w->at < w->end) {
		struct bucket b;

		if (!bucket_take(&w->at, w->end, w->bucket, &b)) {
			w->at = w->end;
			break;
		}
		w->bucket = b.at;
		w->has = b.has;
		memcpy(w->n, b.n, sizeof(w->n));
	}
	if (w->has) {
		uint32_t c = (uint32_t)__builtin_ctz(w->has);

		*cell = (struct cell){w->bucket << 5 | c, w->n[c]};
		w->has &= w->has - 1;
		return true;
	}
	if (!live || w->i == live->n)
		return false;
	*cell = live->v[w->i++];
	return true;
}
