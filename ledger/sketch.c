/* sketch - about how many different ones */
#include <math.h>
#include <stdlib.h>

#include "base/error.h"
#include "ledger/record.h"
#include "ledger/sketch_dense.h"

void
sketch_done(struct sketch *s)
{
	free(s->dense);
	free(s->seen);
	*s = (struct sketch){0};
}

static uint64_t
rotate(uint64_t v, int n)
{
	return v << n | v >> (64 - n);
}

static void
mix(uint64_t v[4], int rounds)
{
	while (rounds-- > 0) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotate(v[1], 13) ^ v[0];
		v[3] = rotate(v[3], 16) ^ v[2];
		v[0] = rotate(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotate(v[1], 17) ^ v[2];
		v[3] = rotate(v[3], 21) ^ v[0];
		v[2] = rotate(v[2], 32);
	}
}

static uint64_t
word(const void *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

uint64_t
sketch_hash(const uint8_t key[SKETCH_KEY], struct str member)
{
	uint64_t k0 = word(key, 8), k1 = word(key + 8, 8);
	uint64_t v[4] = {k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
	    k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u};
	uint64_t last = (uint64_t)member.n << 56, m;

	for (; member.n >= 8; member = str_skip(member, 8)) {
		m = word(member.p, 8);
		v[3] ^= m;
		mix(v, 2);
		v[0] ^= m;
	}
	if (member.n > 0)
		last |= word(member.p, member.n);
	v[3] ^= last;
	mix(v, 2);
	v[0] ^= last;
	v[2] ^= 0xff;
	mix(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint16_t
sketch_entry(uint64_t hash)
{
	uint64_t rest = hash >> BITS | 1ull << (64 - BITS);
	unsigned rank = (unsigned)__builtin_ctzll(rest) + 1;

	return (uint16_t)((hash & (REGISTERS - 1)) << 6 | rank);
}

static uint32_t
hour_of(int64_t at)
{
	return record_minute(at) / 60;
}

/* The whole hour number of a kept one, knowing a later one near it. */
static uint32_t
whole_hour(uint16_t low, uint32_t later)
{
	return later - (uint16_t)((uint16_t)later - low);
}

static bool
is_live(uint32_t hour, uint32_t now_hour)
{
	return hour / 24 + 1 >= now_hour / 24;
}

static bool
add_period(struct sketch_dense *d, int first, uint32_t period, uint16_t entry)
{
	int slot = first + (int)(period & 1);
	uint8_t rank = entry & 63;
	uint8_t *at = &d->rank[slot][entry >> 6];

	if (d->period[slot] > period)
		return false;
	if (d->period[slot] < period) {
		memset(d->rank[slot], 0, REGISTERS);
		d->period[slot] = period;
	}
	if (*at >= rank)
		return false;
	*at = rank;
	return true;
}

static bool
add_dense(struct sketch_dense *d, uint16_t entry, uint32_t hour)
{
	bool is_new = add_period(d, HOURS, hour, entry);

	return add_period(d, DAYS, hour / 24, entry) || is_new;
}

static void
drop_old(struct sketch *s, uint32_t now_hour)
{
	uint16_t n = 0, fresh = 0;

	for (uint16_t i = 0; i < s->n; i++) {
		if (!is_live(
			whole_hour(s->seen[i].hour, s->last_hour), now_hour))
			continue;
		fresh += i + s->fresh >= s->n;
		s->seen[n++] = s->seen[i];
	}
	s->n = n;
	s->fresh = fresh;
}

static void
append(struct sketch *s, uint16_t entry, uint32_t hour)
{
	if (s->n == s->cap) {
		s->cap = s->cap ? s->cap * 2 : 4;
		s->seen = xrealloc(s->seen, s->cap, sizeof(*s->seen));
	}
	s->seen[s->n++] = (struct sketch_seen){entry, (uint16_t)hour};
	s->fresh++;
}

/* The registers; what is seen from now on stays listed until it is saved. */
static void
spell_out(struct sketch *s)
{
	s->dense = xalloc(1, sizeof(*s->dense));
	for (uint16_t i = 0; i < s->n; i++)
		add_dense(s->dense, s->seen[i].entry,
		    whole_hour(s->seen[i].hour, s->last_hour));
	memmove(
	    s->seen, s->seen + s->n - s->fresh, s->fresh * sizeof(*s->seen));
	s->n = s->fresh;
}

static bool
add_listed(struct sketch *s, uint16_t entry, uint32_t hour)
{
	if (!add_dense(s->dense, entry, hour))
		return false;
	if (s->n == SKETCH_LISTED) {
		s->is_fresh = true;
		s->n = s->fresh = 0;
	}
	if (!s->is_fresh)
		append(s, entry, hour);
	return true;
}

/* The i-th was seen again: it joins the fresh ones at the end. */
static void
refresh(struct sketch *s, uint16_t i, uint32_t hour)
{
	s->seen[i].hour = (uint16_t)hour;
	if (i + s->fresh >= s->n)
		return;
	uint16_t last = (uint16_t)(s->n - s->fresh - 1);
	struct sketch_seen moved = s->seen[i];

	s->seen[i] = s->seen[last];
	s->seen[last] = moved;
	s->fresh++;
}

/* One that has these entries, twice, in a word. */
static uint64_t
twice(uint16_t entry)
{
	const struct sketch_seen two[2] = {{entry, 0}, {entry, 0}};
	uint64_t w;

	memcpy(&w, two, sizeof(w));
	return w;
}

/* Eight at a time, without a branch for each: where an entry is the same 0 is
 * left, from which 1 can't be taken without a borrow. */
static uint16_t
find_seen(const struct sketch *s, uint16_t entry)
{
	const uint64_t ones = 0x0000000100000001u;
	const uint64_t mask = twice(UINT16_MAX), wanted = twice(entry);
	uint16_t i = 0;

	for (; i + 8 <= s->n; i = (uint16_t)(i + 8)) {
		uint64_t w[4], has = 0;

		memcpy(w, &s->seen[i], sizeof(w));
		for (int k = 0; k < 4; k++)
			has |= ((w[k] & mask) ^ wanted) - ones;
		if (has & ones << 31)
			break;
	}
	while (i < s->n && s->seen[i].entry != entry)
		i++;
	return i;
}

static bool
add_sparse(struct sketch *s, uint16_t entry, uint32_t hour)
{
	uint16_t i = find_seen(s, entry);

	if (i < s->n) {
		if (whole_hour(s->seen[i].hour, s->last_hour) >= hour)
			return false;
		refresh(s, i, hour);
		return true;
	}
	if (s->n == s->cap && s->n > 0)
		drop_old(s, s->last_hour);
	if (s->n == SKETCH_SPARSE) {
		spell_out(s);
		return add_listed(s, entry, hour);
	}
	append(s, entry, hour);
	return true;
}

bool
sketch_add(struct sketch *s, uint16_t entry, int64_t at)
{
	uint32_t hour = hour_of(at);

	if (hour > s->last_hour) {
		if (hour - s->last_hour > 48)
			sketch_fold(s, at);
		s->last_hour = hour;
	}
	if (!is_live(hour, s->last_hour))
		return false;
	return s->dense ? add_listed(s, entry, hour)
			: add_sparse(s, entry, hour);
}

static void
raise_rank(uint8_t rank[REGISTERS], uint16_t entry)
{
	if (rank[entry >> 6] < (entry & 63))
		rank[entry >> 6] = entry & 63;
}

static void
unite(const struct sketch *s, bool is_hour, uint32_t now_hour,
    uint8_t rank[REGISTERS])
{
	uint32_t since = is_hour ? now_hour : now_hour / 24;
	int first = is_hour ? HOURS : DAYS;

	for (uint16_t i = 0; i < s->n; i++) {
		uint32_t hour = whole_hour(s->seen[i].hour, s->last_hour);

		if ((is_hour ? hour : hour / 24) + 1 >= since)
			raise_rank(rank, s->seen[i].entry);
	}
	for (int slot = first; s->dense && slot < first + 2; slot++) {
		if (s->dense->period[slot] + 1 < since)
			continue;
		for (int i = 0; i < REGISTERS; i++) {
			uint8_t r = s->dense->rank[slot][i];

			rank[i] = rank[i] < r ? r : rank[i];
		}
	}
}

/* Flajolet et al. 2007, with linear counting while registers are empty. */
static uint64_t
estimate(const uint8_t rank[REGISTERS])
{
	const double m = REGISTERS;
	double sum = 0;
	int empty = 0;

	for (int i = 0; i < REGISTERS; i++) {
		sum += 1.0 / (double)(1ull << rank[i]);
		empty += rank[i] == 0;
	}
	double raw = 0.7213 / (1 + 1.079 / m) * m * m / sum;

	if (raw <= 2.5 * m && empty > 0)
		raw = m * log(m / empty);
	return (uint64_t)(raw + 0.5);
}

uint64_t
sketch_count(
    const struct sketch *const *v, size_t n, int64_t window, int64_t now)
{
	uint8_t rank[REGISTERS] = {0};

	for (size_t i = 0; i < n; i++)
		unite(v[i], window <= 3600, hour_of(now), rank);
	return estimate(rank);
}

void
sketch_fold(struct sketch *s, int64_t now)
{
	uint32_t hour = hour_of(now);

	if (hour < s->last_hour)
		hour = s->last_hour;
	if (!is_live(s->last_hour, hour)) {
		sketch_done(s);
		return;
	}
	if (!s->dense)
		drop_old(s, hour);
	if (s->n == 0) {
		free(s->seen);
		s->seen = NULL;
		s->cap = 0;
	}
}

bool
sketch_is_empty(const struct sketch *s)
{
	return s->n == 0 && s->dense == NULL;
}
