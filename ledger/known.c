/* known - has this account written to this recipient before?
 *
 * One block: the young generation and the old one, each sorted, then the fresh
 * ones, members of the young generation in the order they were met. They are
 * what a journal needs, and are sorted in when they are saved or become many.
 */
#include "ledger/known.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/pack.h"
#include "ledger/record.h"
#include "ledger/squeeze.h"

enum { FRESH_MAX = 24, GROW = 8, DAY = 86400 };

struct known {
	uint32_t began; /* days since RECORD_EPOCH: of the young generation */
	uint16_t young, old, fresh, cap; /* members */
	bool is_all_fresh;		 /* too much changed for a list */
	uint8_t v[];
};

static uint32_t
member_of(uint64_t hash)
{
	return (uint32_t)(hash >> 40);
}

static size_t
size_of(const struct known *k)
{
	return (size_t)k->young + k->old + k->fresh;
}

/* Where it is among n sorted ones, or would be. */
static size_t
place_among(const uint8_t *v, size_t n, uint32_t member)
{
	size_t low = 0;

	/* No branch depends on what is compared: nobody could foresee it. */
	while (n > 1) {
		size_t half = n / 2;

		low += squeeze_read(v, low + half - 1) < member ? half : 0;
		n -= half;
	}
	return low + (n == 1 && squeeze_read(v, low) < member);
}

/* The same of the first n of `whole`. Members are hashes, spread evenly: among
 * many it is near where its value says, and further off it is looked for in
 * steps that double. */
static size_t
place_of(const uint8_t *v, size_t n, size_t whole, uint32_t member)
{
	enum { FEW = 64, STEP = 16 };
	size_t low, high, step = STEP;

	if (n <= FEW)
		return place_among(v, n, member);
	low = (size_t)((uint64_t)member * whole >> 8 * KNOWN_MEMBER);
	low = high = low < n ? low : n - 1;
	if (squeeze_read(v, low) < member) {
		for (high += step; high < n && squeeze_read(v, high) < member;
		     high += step) {
			low = high;
			step *= 2;
		}
		high = high < n ? high : n;
	} else {
		for (low -= low < step ? low : step;
		     low > 0 && squeeze_read(v, low) >= member;
		     low -= low < step ? low : step) {
			high = low;
			step *= 2;
		}
	}
	return low + place_among(v + low * KNOWN_MEMBER, high - low, member);
}

static size_t
place(const uint8_t *v, size_t n, uint32_t member)
{
	return place_of(v, n, n, member);
}

static bool
is_among(const uint8_t *v, size_t n, uint32_t member)
{
	size_t i = place(v, n, member);

	return i < n && squeeze_read(v, i) == member;
}

static bool
is_fresh(const struct known *k, uint32_t member)
{
	const uint8_t *v = k->v + ((size_t)k->young + k->old) * KNOWN_MEMBER;

	for (size_t i = 0; i < k->fresh; i++)
		if (squeeze_read(v, i) == member)
			return true;
	return false;
}

static const uint8_t *
old_of(const struct known *k)
{
	return k->v + (size_t)k->young * KNOWN_MEMBER;
}

static bool
is_young(const struct known *k, uint32_t member)
{
	return is_among(k->v, k->young, member) || is_fresh(k, member);
}

bool
known_has(const struct known *k, uint64_t hash)
{
	uint32_t member = member_of(hash);

	return k &&
	       (is_young(k, member) || is_among(old_of(k), k->old, member));
}

size_t
known_count(const struct known *k)
{
	return k ? size_of(k) : 0;
}

size_t
known_bytes(const struct known *k)
{
	return k ? sizeof(*k) + (size_t)k->cap * KNOWN_MEMBER : 0;
}

void
known_free(struct known **k)
{
	free(*k);
	*k = NULL;
}

static void
resize(struct known **k, size_t cap)
{
	bool is_new = !*k;
	struct known *p = realloc(*k, sizeof(*p) + cap * KNOWN_MEMBER);

	if (!p)
		abort();
	if (is_new)
		memset(p, 0, sizeof(*p));
	p->cap = (uint16_t)cap;
	*k = p;
}

/* An eighth more than is there. */
static void
make_room(struct known **k)
{
	size_t n = known_count(*k);

	if (!*k || n == (*k)->cap)
		resize(k, n + GROW + n / 8);
}

/* They are few. */
static void
sort_fresh(const uint8_t *fresh, size_t n, uint32_t out[FRESH_MAX])
{
	for (size_t i = 0; i < n; i++) {
		uint32_t member = squeeze_read(fresh, i);
		size_t k = i;

		for (; k > 0 && out[k - 1] > member; k--)
			out[k] = out[k - 1];
		out[k] = member;
	}
}

/* The fresh ones into the young ones, from the back: nothing is copied twice.
 */
static void
sort_in(struct known *k)
{
	uint32_t fresh[FRESH_MAX];
	size_t n = k->fresh, end = (size_t)k->young + n, i = k->young;
	size_t whole = i;

	if (n == 0)
		return;
	sort_fresh(old_of(k) + (size_t)k->old * KNOWN_MEMBER, n, fresh);
	memmove(k->v + end * KNOWN_MEMBER, old_of(k),
	    (size_t)k->old * KNOWN_MEMBER);
	k->young = (uint16_t)end;
	k->fresh = 0;
	while (n > 0) {
		size_t at = place_of(k->v, i, whole, fresh[n - 1]);

		memmove(k->v + (at + n) * KNOWN_MEMBER,
		    k->v + at * KNOWN_MEMBER, (i - at) * KNOWN_MEMBER);
		n--;
		squeeze_put(k->v, at + n, fresh[n]);
		i = at;
	}
}

/* What was young is old. */
static void
turn(struct known *k, uint32_t day)
{
	sort_in(k);
	k->old = k->young;
	k->young = 0;
	k->began = day;
	k->is_all_fresh = true;
}

static uint32_t
day_of(int64_t at)
{
	return at < RECORD_EPOCH ? 0 : (uint32_t)((at - RECORD_EPOCH) / DAY);
}

static void
age(struct known *k, uint32_t day)
{
	if (day < k->began + KNOWN_DAYS)
		return;
	if (day >= k->began + 2 * KNOWN_DAYS) { /* all of it is too old */
		k->young = k->old = k->fresh = 0;
		k->is_all_fresh = true;
		k->began = day;
		return;
	}
	turn(k, k->began + KNOWN_DAYS);
}

static void
forget_old(struct known *k, uint32_t member)
{
	uint8_t *old = k->v + (size_t)k->young * KNOWN_MEMBER;
	size_t i = place(old, k->old, member);

	if (i == k->old || squeeze_read(old, i) != member)
		return;
	memmove(old + i * KNOWN_MEMBER, old + (i + 1) * KNOWN_MEMBER,
	    ((size_t)k->old - i - 1 + k->fresh) * KNOWN_MEMBER);
	k->old--;
}

/* A young member more; it was not. */
static void
add(struct known **kp, uint32_t member)
{
	struct known *k;

	if (*kp && (*kp)->fresh == FRESH_MAX) {
		sort_in(*kp);
		(*kp)->is_all_fresh = true;
	}
	if (*kp && (size_t)(*kp)->young + (*kp)->fresh >= KNOWN_MAX)
		turn(*kp, (*kp)->began);
	if (*kp)
		forget_old(*kp, member);
	make_room(kp);
	k = *kp;
	squeeze_put(k->v, size_of(k), member);
	k->fresh++;
}

/* Where its value says, and somewhat before and after that. */
void
known_expect(const struct known *k, uint64_t hash)
{
	enum { LINE = 64 };
	size_t i = k ? (size_t)(member_of(hash) * (uint64_t)k->young >> 24) : 0;
	uintptr_t at = k ? (uintptr_t)&k->v[i * KNOWN_MEMBER] : 0;

	for (uintptr_t line = 0; k && line < 5; line++)
		__builtin_prefetch((const void *)(at + LINE * line - 2 * LINE));
}

bool
known_meet(struct known **k, uint64_t hash, int64_t at)
{
	uint32_t member = member_of(hash), day = day_of(at);
	bool was_known;

	if (*k)
		age(*k, day);
	if (*k && is_young(*k, member))
		return false;
	was_known = *k && is_among(old_of(*k), (*k)->old, member);
	if (!*k) {
		make_room(k);
		(*k)->began = day;
	}
	add(k, member);
	return !was_known;
}

void
known_fold(struct known **k, int64_t now)
{
	if (!*k)
		return;
	age(*k, day_of(now));
	if (size_of(*k) == 0) {
		known_free(k);
		return;
	}
	if ((*k)->cap > size_of(*k) + 2 * GROW + size_of(*k) / 4)
		resize(k, size_of(*k));
}

bool
known_has_fresh(const struct known *k)
{
	return k && (k->fresh > 0 || k->is_all_fresh);
}

void
known_saved(struct known *k)
{
	if (!k)
		return;
	sort_in(k);
	k->is_all_fresh = false;
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
	    str_make((const char *)old_of(k) + (size_t)k->old * KNOWN_MEMBER,
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
	for (size_t i = 0; i < fresh.n / KNOWN_MEMBER; i++) {
		uint32_t member = squeeze_get((const uint8_t *)fresh.p, i);

		if (!*k) {
			make_room(k);
			(*k)->began = began;
		}
		if (!is_young(*k, member))
			add(k, member);
	}
	return true;
}

/* NULL: it is sorted already. */
static struct known *
make_sorted(const struct known *k)
{
	struct known *sorted = NULL;

	if (k->fresh == 0)
		return NULL;
	resize(&sorted, k->cap);
	memcpy(sorted, k, sizeof(*k) + size_of(k) * KNOWN_MEMBER);
	sort_in(sorted);
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
	pack_str(out, str_make((const char *)k->v, size_of(k) * KNOWN_MEMBER));
	free(sorted);
}

/* No plain one has so many young ones. */
enum { SMALL = KNOWN_MAX + 1 };

void
known_pack_small(const struct known *k, struct text *out)
{
	if (!k)
		return;
	struct known *sorted = make_sorted(k);

	k = sorted ? sorted : k;
	pack_u64(out, k->began);
	pack_u64(out, SMALL + k->young);
	pack_u64(out, k->old);
	squeeze_pack(k->v, k->young, out);
	squeeze_pack(old_of(k), k->old, out);
	free(sorted);
}

bool
known_is_small(struct str packed)
{
	uint32_t began, young;

	return packed.n == 0 ||
	       (pack_take_u32(&packed, UINT32_MAX, &began) &&
		   pack_take_u32(&packed, UINT32_MAX, &young) &&
		   young >= SMALL);
}

static bool
is_sorted(const uint8_t *v, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (squeeze_get(v, i - 1) >= squeeze_get(v, i))
			return false;
	return true;
}

static bool
take_plain(struct known **k, struct str packed, uint32_t young)
{
	struct str members;

	if (!pack_take_str(&packed, &members) || packed.n > 0 ||
	    members.n % KNOWN_MEMBER != 0)
		return false;
	size_t n = members.n / KNOWN_MEMBER;

	if (young > n || n - young > KNOWN_MAX)
		return false;
	resize(k, n);
	memcpy((*k)->v, members.p, members.n);
	(*k)->young = (uint16_t)young;
	(*k)->old = (uint16_t)(n - young);
	return is_sorted((*k)->v, young) && is_sorted(old_of(*k), n - young);
}

static bool
take_small(struct known **k, struct str packed, uint32_t young)
{
	uint32_t old;

	if (!pack_take_u32(&packed, KNOWN_MAX, &old))
		return false;
	resize(k, (size_t)young + old);
	(*k)->young = (uint16_t)young;
	(*k)->old = (uint16_t)old;
	return squeeze_take(&packed, (*k)->v, young) &&
	       squeeze_take(&packed, (*k)->v + young * KNOWN_MEMBER, old) &&
	       packed.n == 0;
}

bool
known_unpack(struct known **k, struct str packed)
{
	uint32_t began, young;

	known_free(k);
	if (packed.n == 0)
		return true;
	if (!pack_take_u32(&packed, UINT32_MAX, &began) ||
	    !pack_take_u32(&packed, SMALL + KNOWN_MAX, &young))
		return false;
	if (young < SMALL ? take_plain(k, packed, young)
			  : take_small(k, packed, young - SMALL)) {
		(*k)->began = began;
		return true;
	}
	known_free(k);
	return false;
}
