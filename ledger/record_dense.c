/* record_dense - a packed record in half the bytes
 *
 * The coder is a carryless one: an interval of 32-bit numbers is divided by
 * each bit's probability, and the leading bytes that its ends share are
 * written. Past the end the reader takes zeros. A number is coded as the length
 * of its binary form and then its bits, of which the first is learned, too.
 * What a bucket says is coded relative to what it says already: most have one
 * recipient a message and are delivered.
 */
#include "ledger/record_dense.h"

enum {
	LEARNED = 1,  /* bits of a number */
	LENGTHS = 34, /* of a number that has 32 bits, plus 1 */
	HALF = 0x8000,
	LEAST = 0x0400, /* probabilities, of 0x10000 */
	STEADY = 15,	/* from then on each bit moves it alike */
	LIKE = 5,	/* 0, 1, 2, 3, more */
};

/* How probable a 1 is, in the upper 12 bits, and how many were seen, in the
 * lower 4; a half and none is all zero. */
typedef uint16_t odds;

struct number {
	odds length[LENGTHS];
	odds bits[LENGTHS][1 << LEARNED];
};

struct model {
	odds is_same_tier[4], tier[4][4];
	struct number buckets, gap[4], messages[4], kib[LIKE];
	odds is_alike[LIKE], has_inside[LIKE], is_plain[LIKE];
	struct number recipients[LIKE], inside[LIKE];
	odds is_less[2];
	struct number less, more, others, kind, other;
};

/* What records are usually like. */
static const odds usual_odds[] = {
#define ODDS(place, odds) [place] = (odds),
#include "ledger/record_usual.def"
#undef ODDS
};
_Static_assert(
    sizeof(usual_odds) <= sizeof(struct model), "places of its odds");

struct coder {
	uint32_t low, high, code;
	const uint8_t *in, *end; /* NULL: it writes */
	uint8_t *out;
	size_t n, room;
	bool is_full;
	struct model m;
};

static uint32_t
get_odds(odds o)
{
	uint32_t p = (uint32_t)(o & 0xfff0) ^ HALF;

	return p < LEAST ? LEAST : p > 0x10000 - LEAST ? 0x10000 - LEAST : p;
}

/* One of n that were seen so far, and more of the first. */
static void
learn(odds *o, bool bit)
{
	/* 1 / (n + 1.6), of 4096. */
	static const int32_t parts[] = {2560, 1575, 1138, 890, 731, 621, 539,
	    476, 427, 386, 353, 325, 301, 281, 263, 247};
	int32_t p = (int32_t)get_odds(*o), n = *o & STEADY;

	p += ((bit ? 0xfff0 : 0) - p) * parts[n] / 4096;
	*o = (odds)((((uint32_t)p & 0xfff0) ^ HALF) |
		    (uint32_t)(n < STEADY ? n + 1 : n));
}

static void
put_byte(struct coder *c, uint8_t byte)
{
	if (c->n == c->room)
		c->is_full = true;
	else
		c->out[c->n++] = byte;
}

static uint32_t
take_byte(struct coder *c)
{
	return c->in < c->end ? *c->in++ : 0;
}

/* What both ends share is written, or was read. */
static void
shift(struct coder *c)
{
	while ((c->low ^ c->high) >> 24 == 0) {
		if (!c->in)
			put_byte(c, (uint8_t)(c->low >> 24));
		else
			c->code = c->code << 8 | take_byte(c);
		c->low <<= 8;
		c->high = c->high << 8 | 0xff;
	}
}

static bool
code_by(struct coder *c, uint32_t p, bool bit)
{
	uint32_t mid =
	    c->low + (uint32_t)((uint64_t)(c->high - c->low) * p >> 16);

	if (c->in)
		bit = c->code <= mid;
	if (bit)
		c->high = mid;
	else
		c->low = mid + 1;
	shift(c);
	return bit;
}

/* Writing, the bit is written and returned; reading, it is what was read. */
static bool
code_bit(struct coder *c, odds *o, bool bit)
{
	bit = code_by(c, get_odds(*o), bit);
	learn(o, bit);
	return bit;
}

/* Bits i-1 to 0 of v, below a leading 1. */
static uint64_t
code_tail(struct coder *c, odds *learned, int i, uint64_t v)
{
	uint64_t got = 1;

	for (int k = 0; i > 0; k++) {
		bool bit = v >> --i & 1;

		bit =
		    k < LEARNED
			? code_bit(c, &learned[got & ((1 << LEARNED) - 1)], bit)
			: code_by(c, HALF, bit);
		got = got << 1 | bit;
	}
	return got;
}

static uint32_t
code_number(struct coder *c, struct number *m, uint32_t number)
{
	uint64_t v = (uint64_t)number + 1;
	int length = 0, max = LENGTHS - 2;

	while (length < max &&
	       code_bit(c, &m->length[length], v >> (length + 1) != 0))
		length++;
	v = code_tail(c, m->bits[length], length, v) - 1;
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

static uint32_t
in_buckets(uint32_t minute, uint32_t tier)
{
	return minute / widths[tier];
}

/* When: b->at from the bucket before it. false: out of order, or of time. */
static bool
code_at(struct coder *c, uint32_t before, struct bucket *b)
{
	uint32_t tier = b->at & 3, was = before & 3;
	bool is_same = code_bit(c, &c->m.is_same_tier[was], tier == was);

	if (is_same) {
		tier = was;
	} else {
		bool high = code_bit(c, &c->m.tier[was][0], tier >> 1);
		bool low = code_bit(c, &c->m.tier[was][1 + high], tier & 1);

		tier = (uint32_t)high << 1 | low;
	}
	uint32_t since = in_buckets(before >> 2, tier);
	uint64_t start = (uint64_t)code_number(c, &c->m.gap[tier],
			     in_buckets(b->at >> 2, tier) - since) +
			 since;

	if (start * widths[tier] > LAST_MINUTE)
		return false;
	b->at = (uint32_t)start * widths[tier] << 2 | tier;
	return b->at > before;
}

static uint32_t
get(const struct bucket *b, enum count c)
{
	return b->has & 1u << c ? b->n[c] : 0;
}

static void
set(struct bucket *b, uint32_t c, uint32_t n)
{
	b->n[c] = n;
	b->has = (b->has & ~(1u << c)) | (uint32_t)(n > 0) << c;
}

static uint32_t
like(uint32_t n)
{
	return n < LIKE ? n : LIKE - 1;
}

/* What of n was delivered, which isn't all or it doesn't matter. */
static void
code_delivered(struct coder *c, struct bucket *b, enum count which, uint32_t n)
{
	uint32_t v = get(b, which);
	bool is_less =
	    code_bit(c, &c->m.is_less[which == COUNT_INSIDE_DELIVERED], v < n);
	uint32_t left = is_less ? code_number(c, &c->m.less, n - v - 1)
				: code_number(c, &c->m.more, v - n);

	set(b, which,
	    is_less		    ? (left < n ? n - 1 - left : 0)
	    : left > UINT32_MAX - n ? UINT32_MAX
				    : n + left);
}

/* The counts of these kinds, each with what stands between it and the last. */
static bool
code_others(struct coder *c, struct bucket *b, uint32_t has)
{
	uint32_t n =
	    code_number(c, &c->m.others, (uint32_t)__builtin_popcount(has));
	uint32_t next = 0;

	if (n > 32)
		return false;
	for (; n > 0; n--, has &= has - 1) {
		uint32_t k = has ? (uint32_t)__builtin_ctz(has) : 0;

		k = next + code_number(c, &c->m.kind, k - next);
		uint32_t v =
		    code_number(c, &c->m.other, has ? b->n[k & 31] - 1 : 0);

		if (k >= 32)
			return false;
		/* Of a newer version on another node: stepped over. */
		if (k < COUNTS && v < UINT32_MAX)
			set(b, k, v + 1);
		next = k + 1;
	}
	return true;
}

static bool
code_counts(struct coder *c, uint32_t tier, struct bucket *b)
{
	static const uint32_t usual =
	    1u << COUNT_MESSAGES | 1u << COUNT_RECIPIENTS | 1u << COUNT_INSIDE |
	    1u << COUNT_DELIVERED | 1u << COUNT_INSIDE_DELIVERED;
	uint32_t m =
	    code_number(c, &c->m.messages[tier], get(b, COUNT_MESSAGES));
	uint32_t r = get(b, COUNT_RECIPIENTS), i = get(b, COUNT_INSIDE);

	set(b, COUNT_MESSAGES, m);
	if (m > 0)
		set(b, COUNT_KIB,
		    code_number(c, &c->m.kib[like(m)], get(b, COUNT_KIB)));
	if (code_bit(c, &c->m.is_alike[like(m)], r == m))
		r = m;
	else
		r = code_number(c, &c->m.recipients[like(m)], r);
	set(b, COUNT_RECIPIENTS, r);
	i = code_bit(c, &c->m.has_inside[like(m)], i > 0)
		? code_number(c, &c->m.inside[like(m)], i - 1) + 1
		: 0;
	set(b, COUNT_INSIDE, i);
	uint32_t others = b->has & ~usual & ~((uint32_t)(m > 0) << COUNT_KIB);
	bool is_plain = others == 0 && get(b, COUNT_DELIVERED) == r &&
			get(b, COUNT_INSIDE_DELIVERED) == i;

	if (code_bit(c, &c->m.is_plain[like(r)], is_plain)) {
		set(b, COUNT_DELIVERED, r);
		set(b, COUNT_INSIDE_DELIVERED, i);
		return true;
	}
	code_delivered(c, b, COUNT_DELIVERED, r);
	code_delivered(c, b, COUNT_INSIDE_DELIVERED, i);
	return code_others(c, b, others);
}

/* The fewest bytes that, with zeros after them, are in the interval. */
static void
finish(struct coder *c)
{
	uint32_t v = 0;
	int left = 32;

	while (v < c->low) {
		left -= 8;
		v = c->high >> left << left;
	}
	for (int i = 24; i >= left; i -= 8)
		put_byte(c, (uint8_t)(v >> i));
}

bool
dense_is(struct str packed)
{
	return packed.n > DENSE_MARK && packed.p[0] == 0 &&
	       (packed.p[1] == 0 || packed.p[1] == DENSE_USUAL);
}

bool
dense_is_usual(struct str packed)
{
	return dense_is(packed) && packed.p[1] == DENSE_USUAL;
}

/* How many buckets; 0: too many. */
static uint32_t
count_buckets(const uint8_t *at, const uint8_t *end)
{
	uint32_t n = 0, b = 0;

	while (at < end && n <= DENSE_BUCKETS) {
		bucket_skip(&at, end, &b);
		n++;
	}
	return n > DENSE_BUCKETS ? 0 : n;
}

size_t
dense_pack(const uint8_t *plain, size_t n, uint8_t *out)
{
	const uint8_t *at = plain, *end = plain + n;
	uint32_t buckets = count_buckets(at, end);
	struct bucket b = {0};

	if (buckets == 0 || n <= DENSE_MARK)
		return 0;
	struct coder c = {.high = UINT32_MAX, .out = out, .room = n};

	memcpy(&c.m, usual_odds, sizeof(usual_odds));
	put_byte(&c, 0);
	put_byte(&c, DENSE_USUAL);
	code_number(&c, &c.m.buckets, buckets);
	while (at < end) {
		uint32_t before = b.at;

		if (!bucket_take(&at, end, before, &b) || !b.has ||
		    !code_at(&c, before, &b) || !code_counts(&c, b.at & 3, &b))
			return 0;
	}
	finish(&c);
	return c.is_full ? 0 : c.n;
}

bool
dense_unpack(struct str packed, uint8_t out[DENSE_ROOM], size_t *n)
{
	struct coder c = {.high = UINT32_MAX};
	struct bucket b = {0};
	uint32_t last = 0;

	if (!dense_is(packed))
		return false;
	if (dense_is_usual(packed))
		memcpy(&c.m, usual_odds, sizeof(usual_odds));
	c.in = (const uint8_t *)packed.p + DENSE_MARK;
	c.end = (const uint8_t *)packed.p + packed.n;
	for (int i = 0; i < 4; i++)
		c.code = c.code << 8 | take_byte(&c);
	uint32_t buckets = code_number(&c, &c.m.buckets, 0);

	if (buckets > DENSE_BUCKETS)
		return false;
	for (*n = 0; buckets > 0; buckets--) {
		b.has = 0;
		if (!code_at(&c, b.at, &b) || !code_counts(&c, b.at & 3, &b))
			return false;
		if (!b.has)
			continue;
		*n += bucket_pack(&b, last, out + *n);
		last = b.at;
	}
	return true;
}
