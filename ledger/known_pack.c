/* known_pack - whom an account knows, as bytes
 *
 * Members of three bytes each, which is quickly written and read, or squeezed.
 * Versions that kept all 24 bits of a hash wrote the same forms: of what they
 * wrote the lower bits are cut off, after which it still is sorted, and those
 * that are alike then are one.
 */
#include "ledger/known_parts.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/pack.h"

static uint32_t
cut(uint32_t number)
{
	return known_member((uint64_t)number << (64 - 8 * KNOWN_MEMBER));
}

/* "1" and all of it, or "0", the day and the members. */
void
known_pack_fresh(const struct known *k, struct text *out)
{
	pack_u64(out, k->is_all_fresh);
	if (k->is_all_fresh) {
		known_pack(k, out);
		return;
	}
	pack_u64(out, k->began);
	pack_str(out,
	    str_make((const char *)known_fresh(k),
		(size_t)k->fresh * KNOWN_MEMBER));
}

bool
known_apply_fresh(struct known **k, struct str packed)
{
	uint32_t is_all, began;
	struct str fresh;

	if (!pack_take_u32(&packed, 1, &is_all))
		return false;
	if (is_all)
		return known_unpack(k, packed);
	if (!pack_take_u32(&packed, UINT32_MAX, &began) ||
	    !pack_take_str(&packed, &fresh) || packed.n > 0 ||
	    fresh.n % KNOWN_MEMBER != 0)
		return false;
	for (size_t i = 0; i < fresh.n / KNOWN_MEMBER; i++)
		known_put(
		    k, cut(squeeze_get((const uint8_t *)fresh.p, i)), began);
	return true;
}

/* NULL: it is sorted already. */
static struct known *
make_sorted(const struct known *k)
{
	struct known *sorted = NULL;

	if (k->fresh == 0)
		return NULL;
	known_resize(&sorted, k->cap);
	memcpy(sorted, k, sizeof(*k) + known_size(k) * KNOWN_MEMBER);
	known_sort(sorted);
	return sorted;
}

void
known_pack(const struct known *k, struct text *out)
{
	if (!k)
		return;
	struct known *sorted = make_sorted(k);

	k = sorted ? sorted : k;
	pack_u64(out, k->began);
	pack_u64(out, k->young);
	pack_str(
	    out, str_make((const char *)k->v, known_size(k) * KNOWN_MEMBER));
	free(sorted);
}

void
known_pack_small(const struct known *k, struct bits_out *out)
{
	struct known *sorted = make_sorted(k);

	k = sorted ? sorted : k;
	bits_put_number(out, k->began);
	bits_put_number(out, k->young);
	bits_put_number(out, k->old);
	squeeze_pack(k->v, k->young, out);
	squeeze_pack(known_old(k), k->old, out);
	free(sorted);
}

static void
make(struct known **k, uint32_t began, uint32_t young, uint32_t old)
{
	known_resize(k, (size_t)young + old);
	(*k)->began = began;
	(*k)->young = (uint16_t)young;
	(*k)->old = (uint16_t)old;
}

bool
known_take_small(struct known **k, struct bits_in *in)
{
	known_free(k);
	uint32_t began = bits_take_number(in), young = bits_take_number(in);
	uint32_t old = bits_take_number(in);

	if (in->is_damaged || young > KNOWN_MAX || old > KNOWN_MAX)
		return false;
	make(k, began, young, old);
	if (squeeze_take(in, (*k)->v, young) &&
	    squeeze_take(in, (*k)->v + young * KNOWN_MEMBER, old))
		return true;
	known_free(k);
	return false;
}

/* Numbers of 24 bits become members, moved to an earlier place; how many there
 * are, or -1: they were not sorted. */
static int
take_members(uint8_t *to, const uint8_t *v, size_t n)
{
	int kept = 0;

	for (size_t i = 0; i < n; i++) {
		uint32_t number = squeeze_get(v, i), member = cut(number);

		if (i + 1 < n && number >= squeeze_get(v, i + 1))
			return -1;
		if (kept == 0 || squeeze_get(to, (size_t)kept - 1) != member)
			squeeze_put(to, (size_t)kept++, member);
	}
	return kept;
}

static bool
take_all(struct known *k)
{
	int young = take_members(k->v, k->v, k->young);
	int old = young < 0 ? -1
			    : take_members(k->v + young * KNOWN_MEMBER,
				  known_old(k), k->old);

	if (old < 0)
		return false;
	k->young = (uint16_t)young;
	k->old = (uint16_t)old;
	return true;
}

static bool
take_plain(struct known **k, struct str packed, uint32_t began, uint32_t young)
{
	struct str members;

	if (!pack_take_str(&packed, &members) || packed.n > 0 ||
	    members.n % KNOWN_MEMBER != 0)
		return false;
	size_t n = members.n / KNOWN_MEMBER;

	if (young > n || n - young > KNOWN_MAX)
		return false;
	make(k, began, young, (uint32_t)(n - young));
	memcpy((*k)->v, members.p, members.n);
	return take_all(*k);
}

static bool
take_small_5(
    struct known **k, struct str packed, uint32_t began, uint32_t young)
{
	uint32_t old;

	if (!pack_take_u32(&packed, KNOWN_MAX, &old))
		return false;
	make(k, began, young, old);
	return squeeze_take_5(&packed, (*k)->v, young) &&
	       squeeze_take_5(&packed, (*k)->v + young * KNOWN_MEMBER, old) &&
	       packed.n == 0 && take_all(*k);
}

bool
known_unpack(struct known **k, struct str packed)
{
	/* No plain one has so many young ones. */
	enum { SMALL_5 = KNOWN_MAX + 1 };
	uint32_t began, young;

	known_free(k);
	if (packed.n == 0)
		return true;
	if (!pack_take_u32(&packed, UINT32_MAX, &began) ||
	    !pack_take_u32(&packed, SMALL_5 + KNOWN_MAX, &young))
		return false;
	if (young < SMALL_5 ? take_plain(k, packed, began, young)
			    : take_small_5(k, packed, began, young - SMALL_5))
		return true;
	known_free(k);
	return false;
}
