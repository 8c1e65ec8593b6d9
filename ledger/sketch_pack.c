/* sketch_pack - a sketch as bytes, whole or what is new in it */
#include "ledger/sketch_dense.h"

#include "base/error.h"
#include "ledger/pack.h"
#include "ledger/record.h"

/* Registers, a run of empty ones as 0 and its length. */
static void
pack_slot(const uint8_t rank[REGISTERS], struct text *out)
{
	for (int i = 0; i < REGISTERS;) {
		int run = 0;

		while (i + run < REGISTERS && rank[i + run] == 0)
			run++;
		if (run > 0) {
			text_char(out, 0);
			pack_u64(out, (uint64_t)run);
			i += run;
		} else {
			text_char(out, (char)rank[i++]);
		}
	}
}

static bool
take_slot(struct str *s, uint8_t rank[REGISTERS])
{
	for (uint32_t i = 0; i < REGISTERS;) {
		if (s->n == 0)
			return false;
		uint8_t r = (uint8_t)s->p[0];
		uint32_t run = 1;

		*s = str_skip(*s, 1);
		if (r > 63 ||
		    (r == 0 && !pack_take_u32(s, REGISTERS - i, &run)))
			return false;
		if (run == 0)
			return false;
		memset(rank + i, r, run);
		i += run;
	}
	return true;
}

static void
pack_seen(const struct sketch *s, uint16_t first, struct text *out)
{
	for (uint16_t i = first; i < s->n; i++) {
		pack_u64(out, s->seen[i].entry);
		pack_u64(out, (uint16_t)(s->last_hour - s->seen[i].hour));
	}
}

void
sketch_pack(const struct sketch *s, struct text *out)
{
	pack_u64(out, s->last_hour);
	pack_u64(out, s->dense ? SKETCH_SPARSE + 1 : s->n);
	if (!s->dense)
		pack_seen(s, 0, out);
	for (int slot = 0; s->dense && slot < SLOTS; slot++) {
		pack_u64(out, s->dense->period[slot]);
		pack_slot(s->dense->rank[slot], out);
	}
}

bool
sketch_has_fresh(const struct sketch *s)
{
	return s->fresh > 0 || s->is_fresh;
}

/* The same as sketch_pack's, after a byte that says which it is. */
void
sketch_pack_fresh(const struct sketch *s, struct text *out)
{
	text_char(out, s->is_fresh);
	if (s->is_fresh) {
		sketch_pack(s, out);
		return;
	}
	pack_u64(out, s->last_hour);
	pack_seen(s, (uint16_t)(s->n - s->fresh), out);
}

void
sketch_saved(struct sketch *s)
{
	s->fresh = 0;
	s->is_fresh = false;
	if (s->dense)
		s->n = 0;
}

static bool
take_seen(struct sketch *s, struct str *in, uint32_t n)
{
	uint32_t entry, ago;

	s->seen = n ? xalloc(n, sizeof(*s->seen)) : NULL;
	s->cap = (uint16_t)n;
	for (; n > 0; n--) {
		if (!pack_take_u32(in, UINT16_MAX, &entry) ||
		    !pack_take_u32(in, UINT16_MAX, &ago) || (entry & 63) == 0)
			return false;
		s->seen[s->n++] = (struct sketch_seen){
		    (uint16_t)entry, (uint16_t)(s->last_hour - ago)};
	}
	return true;
}

static bool
take_dense(struct sketch *s, struct str *in)
{
	s->dense = xalloc(1, sizeof(*s->dense));
	for (int slot = 0; slot < SLOTS; slot++) {
		if (!pack_take_u32(in, UINT32_MAX, &s->dense->period[slot]) ||
		    !take_slot(in, s->dense->rank[slot]))
			return false;
	}
	return true;
}

bool
sketch_unpack(struct sketch *s, struct str packed)
{
	uint32_t n;

	sketch_done(s);
	if (packed.n == 0)
		return true;
	bool ok = pack_take_u32(&packed, UINT32_MAX, &s->last_hour) &&
		  pack_take_u32(&packed, SKETCH_SPARSE + 1, &n) &&
		  (n > SKETCH_SPARSE ? take_dense(s, &packed)
				     : take_seen(s, &packed, n)) &&
		  packed.n == 0;

	if (!ok)
		sketch_done(s);
	return ok;
}

static bool
apply_seen(struct sketch *s, struct str packed)
{
	uint32_t last, entry, ago;

	if (!pack_take_u32(&packed, UINT32_MAX, &last))
		return false;
	while (packed.n > 0) {
		if (!pack_take_u32(&packed, UINT16_MAX, &entry) ||
		    !pack_take_u32(&packed, UINT16_MAX, &ago) ||
		    (entry & 63) == 0 || ago > last)
			return false;
		sketch_add(s, (uint16_t)entry,
		    RECORD_EPOCH + 3600 * (int64_t)(last - ago));
	}
	return true;
}

bool
sketch_apply_fresh(struct sketch *s, struct str packed)
{
	if (packed.n == 0)
		return false;
	bool is_all = packed.p[0] != 0;

	packed = str_skip(packed, 1);
	return is_all ? sketch_unpack(s, packed) : apply_seen(s, packed);
}

/* Most were seen in the same hour as the one before. */
void
sketch_pack_small(const struct sketch *s, struct bits_out *out)
{
	uint16_t ago = 0;

	bits_put_number(out, s->last_hour);
	bits_put_number(out, s->n);
	for (uint16_t i = 0; i < s->n; i++) {
		uint16_t before = ago;

		ago = (uint16_t)(s->last_hour - s->seen[i].hour);
		bits_put(out, ago != before, 1);
		if (ago != before)
			bits_put_number(out, ago);
		bits_put(out, s->seen[i].entry >> 6, BITS);
		bits_put_zeros(out, (s->seen[i].entry & 63) - 1u);
	}
}

void
sketch_look_small(struct bits_in *in, uint32_t *last_hour, uint32_t *n)
{
	*last_hour = bits_take_number(in);
	*n = bits_take_number(in);
	in->is_damaged |= *n > SKETCH_SPARSE;
}

static bool
take_small(struct sketch *s, struct bits_in *in, uint32_t n)
{
	uint32_t ago = 0;

	s->seen = n ? xalloc(n, sizeof(*s->seen)) : NULL;
	s->cap = (uint16_t)n;
	for (; n > 0; n--) {
		if (bits_take(in, 1))
			ago = bits_take_number(in);
		uint32_t at = bits_take(in, BITS);
		uint32_t rank = bits_take_zeros(in, 62) + 1;

		if (in->is_damaged || ago > UINT16_MAX)
			return false;
		s->seen[s->n++] = (struct sketch_seen){
		    (uint16_t)(at << 6 | rank), (uint16_t)(s->last_hour - ago)};
	}
	return true;
}

bool
sketch_take_small(struct sketch *s, struct bits_in *in)
{
	uint32_t n;

	sketch_done(s);
	sketch_look_small(in, &s->last_hour, &n);
	if (!in->is_damaged && take_small(s, in, n))
		return true;
	sketch_done(s);
	return false;
}
