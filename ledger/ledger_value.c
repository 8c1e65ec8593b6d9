/* ledger_value - what the books' table says of a subject
 *
 * A value: its flags in a byte; when it was last seen, how long before that it
 * was first seen; by the flags its mark and what is pending; cells; by the
 * flags the sets. Sets: which there are, in a byte; then, in bits, distinct
 * recipients, networks, habits, and whom it knows; the recipients of today
 * stand before the bits when they are spelt out, whom it knows after them while
 * it may go on in a moment.
 *
 * Until format 5 a value had no flags, began with when it was first seen, and
 * each part with its length. One that nobody changed is in today's books still:
 * no flags are as its first byte, for stamps of less than 128 are nobody's.
 */
#include "ledger/ledger_state.h"

#include "base/bytes.h"
#include "base/error.h"
#include "ledger/pack.h"
#include "ledger/record_dense.h"

enum {
	IS_VALUE = 0x40,
	NO_VALUE = 0x80, /* then it is none */
	IS_DENSE = 0x01, /* without DENSE_MARK: as dense_is_usual */
	HAS_SETS = 0x02,
	HAS_MARK = 0x04,
	HAS_PENDING = 0x08,
	FIRST_SHIFT = 4, /* two bits: in how many bytes */
	SEEN = 4,	 /* bytes of a stamp */
};

enum {
	HAS_RECIPIENTS = 0x01,
	HAS_NETWORKS = 0x02,
	HAS_HABITS = 0x04,
	HAS_KNOWN = 0x08,
	IS_SPELT = 0x10, /* recipients: as sketch_pack's */
	IS_PLAIN = 0x20, /* whom it knows: as known_pack's */
	IS_SETS = 0x3f,
};

static const size_t first_sizes[] = {0, 2, 3, 4};

static unsigned
sets_of(const struct subject_seen *seen, bool is_small)
{
	unsigned is = 0;

	if (!sketch_is_empty(&seen->recipients))
		is |= HAS_RECIPIENTS |
		      (seen->recipients.dense ? (unsigned)IS_SPELT : 0);
	if (seen->networks.n > 0)
		is |= HAS_NETWORKS;
	if (seen->habits && seen->habits->since > 0)
		is |= HAS_HABITS;
	if (seen->known)
		is |= HAS_KNOWN | (is_small ? 0 : (unsigned)IS_PLAIN);
	return is;
}

void
ledger_pack_seen(const struct subject_seen *seen, bool is_small,
    struct text *scratch, struct text *out)
{
	unsigned is = sets_of(seen, is_small);
	struct bits_out bits = {.text = out};

	text_char(out, (char)is);
	if (is & IS_SPELT) {
		sketch_pack(&seen->recipients, scratch);
		pack_str(out, text_view(scratch));
		text_clear(scratch);
	} else if (is & HAS_RECIPIENTS) {
		sketch_pack_small(&seen->recipients, &bits);
	}
	if (is & HAS_NETWORKS)
		networks_pack_small(&seen->networks, &bits);
	if (is & HAS_HABITS)
		habits_pack_small(seen->habits, &bits);
	if ((is & HAS_KNOWN) && !(is & IS_PLAIN))
		known_pack_small(seen->known, &bits);
	bits_end(&bits);
	if (is & IS_PLAIN)
		known_pack(seen->known, out);
}

void
ledger_pack_sketches(
    const struct subject *s, struct text *scratch, struct text *out)
{
	static const struct subject_seen none;

	if (s->kept)
		text_bytes(out, s->kept->packed, s->kept->n);
	else
		ledger_pack_seen(
		    s->seen ? s->seen : &none, false, scratch, out);
}

/* Its first byte; false: it is none. */
static bool
take_sets(struct str *packed, unsigned *is)
{
	if (packed->n == 0)
		return false;
	*is = (uint8_t)packed->p[0];
	*packed = str_skip(*packed, 1);
	return !(*is & ~(unsigned)IS_SETS) &&
	       (!(*is & IS_SPELT) || *is & HAS_RECIPIENTS) &&
	       (!(*is & IS_PLAIN) || *is & HAS_KNOWN);
}

static bool
take_bits(unsigned is, struct bits_in *bits, struct subject_seen *seen)
{
	if ((is & HAS_RECIPIENTS) && !(is & IS_SPELT) &&
	    !sketch_take_small(&seen->recipients, bits))
		return false;
	if ((is & HAS_NETWORKS) && !networks_take_small(&seen->networks, bits))
		return false;
	if (is & HAS_HABITS) {
		if (!seen->habits)
			seen->habits = xalloc(1, sizeof(*seen->habits));
		if (!habits_take_small(seen->habits, bits))
			return false;
	}
	return !(is & HAS_KNOWN) || is & IS_PLAIN ||
	       known_take_small(&seen->known, bits);
}

bool
ledger_take_seen(struct str packed, struct subject_seen *seen)
{
	struct str recipients;
	unsigned is;

	if (packed.n == 0)
		return true;
	if (!take_sets(&packed, &is) ||
	    ((is & IS_SPELT) &&
		(!pack_take_str(&packed, &recipients) ||
		    !sketch_unpack(&seen->recipients, recipients))))
		return false;
	struct bits_in bits = {.left = packed};

	if (!take_bits(is, &bits, seen))
		return false;
	packed = bits_rest(&bits);
	return !bits.is_damaged &&
	       (is & IS_PLAIN
		       ? packed.n > 0 && known_unpack(&seen->known, packed)
		       : packed.n == 0);
}

bool
ledger_take_seen_5(struct str packed, struct subject_seen *seen)
{
	struct str recipients, networks, known = {NULL, 0}, habits;

	if (!pack_take_str(&packed, &recipients) ||
	    !pack_take_str(&packed, &networks) ||
	    (packed.n > 0 && !pack_take_str(&packed, &known)) ||
	    !sketch_unpack(&seen->recipients, recipients) ||
	    !networks_unpack(&seen->networks, networks) ||
	    !known_unpack(&seen->known, known))
		return false;
	if (packed.n == 0)
		return true;
	if (!seen->habits)
		seen->habits = xalloc(1, sizeof(*seen->habits));
	return pack_take_str(&packed, &habits) && packed.n == 0 &&
	       habits_unpack(seen->habits, habits);
}

bool
ledger_look_seen(struct str packed, struct subject_look *look)
{
	uint32_t last_hour = 0, n = 0;
	unsigned is = 0;

	if (packed.n > 0 && !take_sets(&packed, &is))
		return false;
	struct bits_in bits = {.left = packed};

	if ((is & HAS_RECIPIENTS) && !(is & IS_SPELT))
		sketch_look_small(&bits, &last_hour, &n);
	*look = (struct subject_look){
	    .is_spelt = is & IS_SPELT,
	    .is_small = !(is & IS_PLAIN),
	    .is_nothing = is == 0,
	    .due = subject_due(last_hour, n),
	};
	return !bits.is_damaged;
}

void
ledger_put_value(const struct ledger_head *h, struct str cells, bool has_sets,
    struct text *out)
{
	uint32_t first = h->last_seen - h->first_seen;
	unsigned is = IS_VALUE, bytes = 0;
	char stamp[SEEN];

	while (first_sizes[bytes] < SEEN && first >> 8 * first_sizes[bytes])
		bytes++;
	if (dense_is_usual(cells)) {
		cells = str_skip(cells, DENSE_MARK);
		is |= IS_DENSE;
	}
	is |= (has_sets ? HAS_SETS : 0u) | (h->mark ? HAS_MARK : 0u) |
	      (h->pending ? HAS_PENDING : 0u);
	text_char(out, (char)(is | bytes << FIRST_SHIFT));
	bytes_put(stamp, SEEN, h->last_seen);
	text_bytes(out, stamp, SEEN);
	bytes_put(stamp, first_sizes[bytes], first);
	text_bytes(out, stamp, first_sizes[bytes]);
	if (is & HAS_MARK)
		pack_u64(out, h->mark);
	if (is & HAS_PENDING)
		pack_u64(out, (uint64_t)h->pending);
	if (has_sets)
		pack_str(out, cells);
	else
		text_str(out, cells);
}

static bool
has_sets(const struct subject *s)
{
	return s->kept ? s->kept->packed[0] != 0
		       : s->seen && sets_of(s->seen, false) != 0;
}

void
ledger_pack_value(struct subject *s, struct text *scratch, struct text *out)
{
	const struct ledger_head head = {
	    s->first_seen, s->last_seen, s->mark, s->pending};

	ledger_pack_record(s, scratch);
	ledger_put_value(&head, text_view(scratch), has_sets(s), out);
	text_clear(scratch);
	if (has_sets(s))
		ledger_pack_sketches(s, scratch, out);
}

static bool
take_stamp(struct str *value, size_t n, uint32_t *stamp)
{
	if (value->n < n)
		return false;
	*stamp = (uint32_t)bytes_get(value->p, n);
	*value = str_skip(*value, n);
	return true;
}

static bool
take_value(struct str value, struct ledger_value *v)
{
	unsigned is = (uint8_t)value.p[0];
	struct ledger_head h = {0};
	uint32_t first = 0, pending = 0;

	value = str_skip(value, 1);
	if (!take_stamp(&value, SEEN, &h.last_seen) ||
	    !take_stamp(&value, first_sizes[is >> FIRST_SHIFT & 3], &first) ||
	    ((is & HAS_MARK) && !pack_take_u32(&value, UINT32_MAX, &h.mark)) ||
	    ((is & HAS_PENDING) && !pack_take_u32(&value, INT32_MAX, &pending)))
		return false;
	h.first_seen = h.last_seen - first;
	h.pending = (int32_t)pending;
	*v = (struct ledger_value){
	    .head = h, .cells = value, .is_dense = is & IS_DENSE};
	if (!(is & HAS_SETS))
		return true;
	v->sets = value;
	return pack_take_str(&v->sets, &v->cells);
}

bool
ledger_look_value(struct str value, struct ledger_value *v)
{
	if (value.n > 0 && (value.p[0] & (NO_VALUE | IS_VALUE)) == IS_VALUE)
		return take_value(value, v);
	*v = (struct ledger_value){.is_5 = true};
	if (!ledger_take_head(&value, &v->head) ||
	    !pack_take_str(&value, &v->cells))
		return false;
	v->sets = value;
	return true;
}

uint32_t
ledger_value_last_seen(struct str value)
{
	struct ledger_value v;

	return ledger_look_value(value, &v) ? v.head.last_seen : 0;
}

static bool
load_record(struct subject *s, const struct ledger_value *v)
{
	char dense[DENSE_MOST] = {0, DENSE_USUAL};

	if (!v->is_dense)
		return record_load(&s->record, v->cells);
	if (v->cells.n == 0 || v->cells.n > DENSE_MOST - DENSE_MARK)
		return false;
	memcpy(dense + DENSE_MARK, v->cells.p, v->cells.n);
	return record_load(
	    &s->record, str_make(dense, v->cells.n + DENSE_MARK));
}

bool
ledger_take_value(struct subject *s, struct str value)
{
	struct ledger_value v;

	if (!ledger_look_value(value, &v) || !load_record(s, &v) ||
	    !subjects_load_seen(s, &v))
		return false;
	ledger_put_head(s, &v.head);
	record_saved(&s->record);
	return true;
}

/* Are they as ledger_pack_record wrote them? What is condensed a checksum has
 * kept. */
static bool
is_sane(const struct ledger_value *v, bool *is_small)
{
	const uint8_t *at = (const uint8_t *)v->cells.p;
	uint32_t n;

	*is_small = true;
	if (v->is_dense)
		return v->cells.n > 0 && v->cells.n <= DENSE_MOST - DENSE_MARK;
	if (dense_is(v->cells))
		return v->cells.n <= DENSE_MOST;
	*is_small = v->cells.n < DENSE_FEWEST;
	return buckets_are_sane(at, at + v->cells.n, &n);
}

bool
ledger_value_sleeps(
    struct str value, struct ledger_head *head, struct subject_look *look)
{
	struct ledger_value v;
	bool is_small;

	if (!ledger_look_value(value, &v) || !is_sane(&v, &is_small))
		return false;
	*head = v.head;
	if (v.is_5)
		*look = (struct subject_look){0};
	else if (!ledger_look_seen(v.sets, look) || look->is_spelt)
		return false;
	look->is_small &= is_small;
	return true;
}
