/* habits - how an account's messages usually are */
#include "ledger/habits.h"

#include "ledger/pack.h"
#include "ledger/record.h"

enum {
	DAY = 86400,
	SIZE_UNIT = 32,
	SIZE_MAX_UNITS = UINT16_MAX, /* what is as large is like nothing */
	SHAPE_MAX = 32,
	SHAPE_BITS = 6,
};

static uint16_t
day_of(int64_t at)
{
	int64_t day = (at - RECORD_EPOCH) / DAY;

	return day < 1 ? 1 : day > UINT16_MAX ? UINT16_MAX : (uint16_t)day;
}

static bool
is_known_long(uint16_t first, uint16_t today)
{
	return first > 0 && first + HABITS_AFTER <= today;
}

/* A new day: what was today's is the days' before. */
static void
turn(struct habits *h, uint16_t today)
{
	if (h->since == 0)
		h->since = today;
	if (h->today >= today)
		return;
	if (h->widest_today > h->widest)
		h->widest = h->widest_today;
	for (uint16_t day = h->today; h->today > 0 && day < today; day++) {
		if (h->widest < 64)
			break;
		h->widest = (uint16_t)(h->widest - h->widest / 64);
	}
	h->widest_today = 0;
	h->today = today;
	h->is_unsaved = true;
}

static bool
is_wide_for(const struct habits *h, uint32_t recipients)
{
	return recipients >= HABITS_WIDE && recipients > 2u * h->widest;
}

static bool
meet_width(struct habits *h, uint32_t recipients)
{
	uint16_t n =
	    recipients < UINT16_MAX ? (uint16_t)recipients : UINT16_MAX;
	bool is_wide = is_wide_for(h, recipients);

	if (n > h->widest_today) {
		h->widest_today = n;
		h->is_unsaved = true;
	}
	return is_wide;
}

/* The place of a domain; a new one takes that of the longest silent. */
static size_t
find_sender(const struct habits *h, uint32_t domain)
{
	size_t least = 0;

	for (size_t i = 0; i < HABITS_SENDERS; i++) {
		if (h->senders[i].domain == domain)
			return i;
		if (h->senders[i].last < h->senders[least].last)
			least = i;
	}
	return least;
}

static bool
knows_sender(const struct habits *h, uint32_t domain, uint16_t today)
{
	for (size_t i = 0; i < HABITS_SENDERS; i++) {
		if (h->senders[i].domain == domain)
			return h->senders[i].last + HABITS_DAYS >= today &&
			       is_known_long(h->senders[i].first, today);
	}
	return false;
}

/* A thief with many senders must not push out the account's own: who is known
 * for long goes only when nobody else is there. */
static bool
may_replace(const struct habits *h, size_t i, uint16_t today)
{
	return h->senders[i].domain == 0 || h->senders[i].last + 30 < today ||
	       !is_known_long(h->senders[i].first, today);
}

static bool
meet_sender(struct habits *h, uint32_t domain, uint16_t today)
{
	if (domain == 0)
		return false;
	bool is_new = !knows_sender(h, domain, today);
	size_t i = find_sender(h, domain);

	if (h->senders[i].domain != domain) {
		if (!may_replace(h, i, today))
			return is_new;
		h->senders[i].domain = domain;
		h->senders[i].first = h->senders[i].last = today;
		h->is_unsaved = true;
	} else if (h->senders[i].last != today) {
		if (h->senders[i].last + HABITS_DAYS < today)
			h->senders[i].first = today;
		h->senders[i].last = today;
		h->is_unsaved = true;
	}
	return is_new;
}

/* Those beside it weigh less with each one that is none of them. */
static uint8_t
weigh(uint8_t n[HABITS_SHAPES], size_t found)
{
	if (found < HABITS_SHAPES) {
		n[found] =
		    n[found] < SHAPE_MAX ? (uint8_t)(n[found] + 1) : SHAPE_MAX;
		return n[found];
	}
	for (size_t i = 0; i < HABITS_SHAPES; i++)
		n[i]--;
	return 0;
}

static size_t
free_place(const uint8_t n[HABITS_SHAPES])
{
	size_t i = 0;

	while (i < HABITS_SHAPES && n[i] > 0)
		i++;
	return i;
}

static bool
meet_size(struct habits *h, uint64_t size_bytes)
{
	uint64_t units = size_bytes / SIZE_UNIT;
	size_t i = 0;

	if (units == 0 || units >= SIZE_MAX_UNITS)
		return false;
	uint16_t size = (uint16_t)units;

	for (; i < HABITS_SHAPES; i++) {
		uint16_t was = h->sizes[i];
		uint16_t apart =
		    (uint16_t)(size > was ? size - was : was - size);

		if (h->sizes_n[i] > 0 && apart <= was / 16 + 1)
			break;
	}
	if (i == HABITS_SHAPES) {
		i = free_place(h->sizes_n);
		if (i < HABITS_SHAPES)
			h->sizes[i] = size;
	}
	return weigh(h->sizes_n, i) >= HABITS_ALIKE;
}

static bool
meet_subject(struct habits *h, uint32_t subject)
{
	size_t i = 0;

	if (subject == 0)
		return false;
	while (i < HABITS_SHAPES &&
	       (h->subjects_n[i] == 0 || h->subjects[i] != subject))
		i++;
	if (i == HABITS_SHAPES) {
		i = free_place(h->subjects_n);
		if (i < HABITS_SHAPES)
			h->subjects[i] = subject;
	}
	return weigh(h->subjects_n, i) >= HABITS_ALIKE;
}

unsigned
habits_meet(struct habits *h, const struct habits_message *m)
{
	uint16_t today = day_of(m->at);

	turn(h, today);
	bool is_wide = meet_width(h, m->recipients);
	bool is_disguised = meet_sender(h, m->domain, today);
	bool is_sized = meet_size(h, m->size_bytes);
	bool is_titled = meet_subject(h, m->subject);
	unsigned is = is_sized || is_titled ? HABITS_IS_ALIKE : 0;

	if (!is_known_long(h->since, today))
		return is;
	return is | (is_wide ? HABITS_IS_WIDE : 0u) |
	       (is_disguised ? HABITS_IS_DISGUISED : 0u);
}

unsigned
habits_usual(const struct habits *h, const struct habits_message *m)
{
	unsigned is = 0;

	if (!is_wide_for(h, m->recipients))
		is |= HABITS_IS_WIDE;
	if (knows_sender(h, m->domain, day_of(m->at)))
		is |= HABITS_IS_DISGUISED;
	return is;
}

void
habits_pack(const struct habits *h, struct text *out)
{
	if (h->since == 0)
		return;
	pack_u64(out, h->since);
	pack_u64(out, h->today);
	pack_u64(out, h->widest);
	pack_u64(out, h->widest_today);
	for (size_t i = 0; i < HABITS_SHAPES; i++) {
		pack_u64(out, h->sizes_n[i]);
		if (h->sizes_n[i] > 0)
			pack_u64(out, h->sizes[i]);
		pack_u64(out, h->subjects_n[i]);
		if (h->subjects_n[i] > 0)
			pack_u64(out, h->subjects[i]);
	}
	for (size_t i = 0; i < HABITS_SENDERS; i++) {
		if (h->senders[i].domain == 0)
			continue;
		pack_u64(out, h->senders[i].domain);
		pack_u64(out, h->senders[i].first);
		pack_u64(out, h->senders[i].last);
	}
}

static bool
take_u16(struct str *s, uint16_t *out)
{
	uint32_t v;

	if (!pack_take_u32(s, UINT16_MAX, &v))
		return false;
	*out = (uint16_t)v;
	return true;
}

static bool
take_n(struct str *s, uint8_t *out)
{
	uint32_t v;

	if (!pack_take_u32(s, SHAPE_MAX, &v))
		return false;
	*out = (uint8_t)v;
	return true;
}

static bool
take_shapes(struct habits *h, struct str *s)
{
	for (size_t i = 0; i < HABITS_SHAPES; i++) {
		if (!take_n(s, &h->sizes_n[i]) ||
		    (h->sizes_n[i] > 0 && !take_u16(s, &h->sizes[i])) ||
		    !take_n(s, &h->subjects_n[i]) ||
		    (h->subjects_n[i] > 0 &&
			!pack_take_u32(s, UINT32_MAX, &h->subjects[i])))
			return false;
	}
	return true;
}

static bool
take_senders(struct habits *h, struct str *s)
{
	for (size_t i = 0; s->n > 0; i++) {
		if (i == HABITS_SENDERS ||
		    !pack_take_u32(s, UINT32_MAX, &h->senders[i].domain) ||
		    !take_u16(s, &h->senders[i].first) ||
		    !take_u16(s, &h->senders[i].last))
			return false;
	}
	return true;
}

bool
habits_unpack(struct habits *h, struct str packed)
{
	*h = (struct habits){0};
	if (packed.n == 0)
		return true;
	if (take_u16(&packed, &h->since) && h->since > 0 &&
	    take_u16(&packed, &h->today) && take_u16(&packed, &h->widest) &&
	    take_u16(&packed, &h->widest_today) && take_shapes(h, &packed) &&
	    take_senders(h, &packed))
		return true;
	*h = (struct habits){0};
	return false;
}

/* Days are told as how long ago they were. */
static uint16_t
ago(const struct habits *h, uint16_t day)
{
	return (uint16_t)(h->today - day);
}

void
habits_pack_small(const struct habits *h, struct bits_out *out)
{
	bits_put(out, h->today, 16);
	bits_put_number(out, ago(h, h->since));
	bits_put_number(out, h->widest);
	bits_put_number(out, h->widest_today);
	for (size_t i = 0; i < HABITS_SHAPES; i++) {
		bits_put(out, h->sizes_n[i] > 0, 1);
		if (h->sizes_n[i] > 0) {
			bits_put(out, h->sizes_n[i], SHAPE_BITS);
			bits_put(out, h->sizes[i], 16);
		}
		bits_put(out, h->subjects_n[i] > 0, 1);
		if (h->subjects_n[i] > 0) {
			bits_put(out, h->subjects_n[i], SHAPE_BITS);
			bits_put(out, h->subjects[i], 32);
		}
	}
	for (size_t i = 0; i < HABITS_SENDERS; i++) {
		bits_put(out, h->senders[i].domain != 0, 1);
		if (h->senders[i].domain == 0)
			continue;
		bits_put(out, h->senders[i].domain, 32);
		bits_put_number(out, ago(h, h->senders[i].first));
		bits_put_number(out, ago(h, h->senders[i].last));
	}
}

static uint8_t
take_small_n(struct bits_in *in)
{
	uint32_t n = bits_take(in, 1) ? bits_take(in, SHAPE_BITS) : 0;

	in->is_damaged |= n > SHAPE_MAX;
	return (uint8_t)n;
}

static uint16_t
take_small_u16(struct bits_in *in)
{
	uint32_t v = bits_take_number(in);

	in->is_damaged |= v > UINT16_MAX;
	return (uint16_t)v;
}

static void
take_small_senders(struct habits *h, struct bits_in *in)
{
	for (size_t i = 0; i < HABITS_SENDERS; i++) {
		if (!bits_take(in, 1))
			continue;
		h->senders[i].domain = bits_take(in, 32);
		h->senders[i].first = ago(h, take_small_u16(in));
		h->senders[i].last = ago(h, take_small_u16(in));
	}
}

bool
habits_take_small(struct habits *h, struct bits_in *in)
{
	*h = (struct habits){.today = (uint16_t)bits_take(in, 16)};
	h->since = ago(h, take_small_u16(in));
	h->widest = take_small_u16(in);
	h->widest_today = take_small_u16(in);
	for (size_t i = 0; i < HABITS_SHAPES; i++) {
		h->sizes_n[i] = take_small_n(in);
		if (h->sizes_n[i] > 0)
			h->sizes[i] = (uint16_t)bits_take(in, 16);
		h->subjects_n[i] = take_small_n(in);
		if (h->subjects_n[i] > 0)
			h->subjects[i] = bits_take(in, 32);
	}
	take_small_senders(h, in);
	if (!in->is_damaged && h->since > 0)
		return true;
	*h = (struct habits){0};
	return false;
}
