/* known - has this account written to this recipient before?
 */
#include "ledger/known_parts.h"

#include <stdlib.h>
#include <string.h>

#include "ledger/record.h"

/* With so many fresh ones they are sorted in, which looks at all the others: of
 * who writes to many these aren't in the cache. */
enum { FRESH_MAX = 96, GROW = 8, DAY = 86400 };

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
is_young(const struct known *k, uint32_t member)
{
	return is_among(k->v, k->young, member) ||
	       is_among(known_fresh(k), k->fresh, member);
}

bool
known_has(const struct known *k, uint64_t hash)
{
	uint32_t member = known_member(hash);

	return k &&
	       (is_young(k, member) || is_among(known_old(k), k->old, member));
}

size_t
known_count(const struct known *k)
{
	return k ? known_size(k) : 0;
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

void
known_resize(struct known **k, size_t cap)
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
		known_resize(k, n + GROW + n / 8);
}

/* From the back: nothing is copied twice. */
void
known_sort(struct known *k)
{
	uint8_t fresh[FRESH_MAX * KNOWN_MEMBER];
	size_t n = k->fresh, end = (size_t)k->young + n, i = k->young;
	size_t whole = i;

	if (n == 0)
		return;
	memcpy(fresh, known_fresh(k), n * KNOWN_MEMBER);
	memmove(k->v + end * KNOWN_MEMBER, known_old(k),
	    (size_t)k->old * KNOWN_MEMBER);
	k->young = (uint16_t)end;
	k->fresh = 0;
	while (n > 0) {
		uint32_t member = squeeze_get(fresh, n - 1);
		size_t at = place_of(k->v, i, whole, member);

		memmove(k->v + (at + n) * KNOWN_MEMBER,
		    k->v + at * KNOWN_MEMBER, (i - at) * KNOWN_MEMBER);
		n--;
		squeeze_put(k->v, at + n, member);
		i = at;
	}
}

/* What was young is old. */
static void
turn(struct known *k, uint32_t day)
{
	known_sort(k);
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

/* It will be a young one, if it isn't new. false: it is. */
static bool
forget_old(struct known *k, uint32_t member)
{
	uint8_t *old = k->v + (size_t)k->young * KNOWN_MEMBER;

	if (k->old == 0) /* in the first months */
		return false;
	size_t i = place(old, k->old, member);

	if (i == k->old || squeeze_read(old, i) != member)
		return false;
	memmove(old + i * KNOWN_MEMBER, old + (i + 1) * KNOWN_MEMBER,
	    ((size_t)k->old - i - 1 + k->fresh) * KNOWN_MEMBER);
	k->old--;
	return true;
}

/* A young member more, which is no old one any more either. */
static void
add(struct known **kp, uint32_t member)
{
	struct known *k;

	if (*kp && (*kp)->fresh == FRESH_MAX) {
		known_sort(*kp);
		(*kp)->is_all_fresh = true;
	}
	if (*kp && (size_t)(*kp)->young + (*kp)->fresh >= KNOWN_MAX)
		turn(*kp, (*kp)->began);
	make_room(kp);
	k = *kp;
	uint8_t *fresh = k->v + ((size_t)k->young + k->old) * KNOWN_MEMBER;
	size_t at = place(fresh, k->fresh, member);

	memmove(fresh + (at + 1) * KNOWN_MEMBER, fresh + at * KNOWN_MEMBER,
	    (k->fresh - at) * KNOWN_MEMBER);
	squeeze_put(fresh, at, member);
	k->fresh++;
}

/* Where its value says, and somewhat before and after that; and the fresh ones,
 * through which it is moved. */
void
known_expect(const struct known *k, uint64_t hash)
{
	enum { LINE = 64 };

	if (!k)
		return;
	size_t i = (size_t)(known_member(hash) * (uint64_t)k->young >> 24);
	uintptr_t at = (uintptr_t)&k->v[i * KNOWN_MEMBER];
	uintptr_t fresh = (uintptr_t)known_fresh(k);

	for (uintptr_t line = 0; line < 5; line++)
		__builtin_prefetch((const void *)(at + LINE * line - 2 * LINE));
	for (uintptr_t n = 0; n < (size_t)k->fresh * KNOWN_MEMBER; n += LINE)
		__builtin_prefetch((const void *)(fresh + n));
}

void
known_put(struct known **k, uint32_t member, uint32_t began)
{
	if (!*k) {
		make_room(k);
		(*k)->began = began;
	}
	if (is_young(*k, member))
		return;
	forget_old(*k, member);
	add(k, member);
}

bool
known_meet(struct known **k, uint64_t hash, int64_t at)
{
	uint32_t member = known_member(hash), day = day_of(at);
	bool was_known;

	if (*k)
		age(*k, day);
	if (*k && is_young(*k, member))
		return false;
	was_known = *k && forget_old(*k, member);
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
	if (known_size(*k) == 0) {
		known_free(k);
		return;
	}
	if ((*k)->cap > known_size(*k) + 2 * GROW + known_size(*k) / 4)
		known_resize(k, known_size(*k));
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
	known_sort(k);
	k->is_all_fresh = false;
}
