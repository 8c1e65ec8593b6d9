/* map - a hash table from bytes to a pointer
 *
 * Robin Hood hashing: an entry far from home takes the place of one nearer to
 * its own, so that probes stay short up to 7/8, also of keys that are absent.
 * Removing moves the followers back; there are no tombstones, but in the table
 * of before a growth: it stays as it was, so that probes in it find their way.
 * What was moved from its beginning is not looked at any more, and its pages go
 * back as they are passed: many of them at once take milliseconds.
 */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "base/error.h"

enum {
	FIRST_CAP = 16,
	AT_ONCE = 1024,	     /* so many slots are moved when it grows */
	STEP = 8,	     /* of a larger one, with each put or removal */
	TIDY = 512,	     /* of what nothing comes to */
	LEAST = 1024,	     /* smaller ones don't shrink */
	LARGE = 1 << 20,     /* bytes of a table whose pages go back */
	GO_BACK = 64 * 1024, /* so many bytes at once */
};

static char gone; /* was removed from the old table */

static uint64_t secret[4];

/* Before main: no check in the hot path, no race between threads. */
__attribute__((constructor)) static void
draw_secret(void)
{
	if (getrandom(secret, sizeof(secret), 0) != sizeof(secret))
		fatal("no random bytes for the hash tables");
}

static uint64_t
read64(const char *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t
read32(const char *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

/* Both halves of the product, folded. */
static uint64_t
mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = a;

	product *= b;
	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* After wyhash: 16 bytes at a time are xored with secret words and multiplied.
 * The secret is drawn whole, not made from a seed; who doesn't know it can't
 * make a factor zero. */
uint64_t
map_hash(struct str key)
{
	const char *p = key.p;
	size_t n = key.n;
	uint64_t h = secret[0] ^ n * 0x9e3779b97f4a7c15u;
	uint64_t a = 0, b = 0;

	while (n > 16) {
		h = mix(read64(p) ^ secret[1], read64(p + 8) ^ h);
		p += 16;
		n -= 16;
	}
	if (n >= 8) {
		a = read64(p);
		b = read64(p + n - 8);
	} else if (n >= 4) {
		a = read32(p);
		b = read32(p + n - 4);
	} else if (n > 0) {
		a = (uint64_t)(unsigned char)p[0] << 16 |
		    (uint64_t)(unsigned char)p[n / 2] << 8 |
		    (unsigned char)p[n - 1];
	}
	h = mix(mix(a ^ secret[2], b ^ h), secret[3] ^ h);
	return h ? h : 1;
}

void
map_init(struct map *m)
{
	*m = (struct map){0};
}

void
map_done(struct map *m)
{
	free(m->slots);
	free(m->old);
	*m = (struct map){0};
}

/* How far the entry at i stands from its home. */
static size_t
distance(const struct map_slot *slots, size_t cap, size_t i)
{
	return (i - slots[i].hash) & (cap - 1);
}

static bool
is_it(const struct map_slot *slot, struct str key, uint32_t hash)
{
	return slot->hash == hash && slot->value != &gone &&
	       str_is(str_make(slot->key, slot->key_n), key);
}

/* The index of its slot, or SIZE_MAX. What stands before `from` has moved:
 * nothing has, nearly always, and then it costs nothing. */
STR_INLINE size_t
find(const struct map_slot *slots, size_t cap, size_t from, struct str key,
    uint32_t hash)
{
	size_t mask = cap - 1;
	size_t i = hash & mask;

	for (size_t d = 0; d < cap; d++, i = (i + 1) & mask) {
		if (i < from) {
			d += from - i;
			i = from;
		}
		if (!slots[i].value)
			return SIZE_MAX;
		if (is_it(&slots[i], key, hash))
			return i;
		if (distance(slots, cap, i) < d)
			return SIZE_MAX;
	}
	return SIZE_MAX;
}

/* In the table of before. */
__attribute__((noinline)) static struct map_slot *
find_old(const struct map *m, struct str key, uint32_t hash)
{
	size_t i = find(m->old, m->old_cap, m->moved, key, hash);

	return i == SIZE_MAX ? NULL : &m->old[i];
}

/* NULL when absent. */
static struct map_slot *
find_slot(const struct map *m, struct str key, uint32_t hash)
{
	size_t i;

	if (m->n == 0)
		return NULL;
	i = find(m->slots, m->cap, 0, key, hash);
	if (i != SIZE_MAX)
		return &m->slots[i];
	return m->old ? find_old(m, key, hash) : NULL;
}

void *
map_find_hashed(const struct map *m, struct str key, uint64_t hash)
{
	const struct map_slot *slot = find_slot(m, key, (uint32_t)hash);

	return slot ? slot->value : NULL;
}

void *
map_find(const struct map *m, struct str key)
{
	return map_find_hashed(m, key, map_hash(key));
}

/* The key is known to be absent, and there is room. */
static void
insert(struct map *m, struct map_slot entry)
{
	size_t mask = m->cap - 1;
	size_t i = entry.hash & mask;

	for (size_t d = 0; m->slots[i].value; d++, i = (i + 1) & mask) {
		size_t theirs = distance(m->slots, m->cap, i);

		m->resized += i == 0 && d > 0;
		if (theirs < d) {
			struct map_slot nearer = m->slots[i];

			m->slots[i] = entry;
			entry = nearer;
			d = theirs;
		}
	}
	m->resized += i == 0 && (entry.hash & mask) != 0;
	m->slots[i] = entry;
}

/* What stood before `moved` isn't needed any more. */
static void
give_back(struct map *m)
{
	uintptr_t start = (uintptr_t)m->old;
	uintptr_t from =
	    (start + m->given_back + GO_BACK - 1) & ~(uintptr_t)(GO_BACK - 1);
	uintptr_t to =
	    (start + m->moved * sizeof(*m->old)) & ~(uintptr_t)(GO_BACK - 1);

	if (m->old_cap * sizeof(*m->old) < LARGE || to <= from)
		return;
	/* It stays allocated, and reads as zeros: should this fail, no less. */
	(void)madvise(
	    (char *)m->old + (from - start), to - from, MADV_DONTNEED);
	m->given_back = to - start;
}

/* Moves what stands in the next slots of the old table. */
static void
move_some(struct map *m, size_t slots)
{
	if (!m->old)
		return;
	for (; slots > 0 && m->moved < m->old_cap; slots--) {
		struct map_slot entry = m->old[m->moved++];

		if (entry.value && entry.value != &gone)
			insert(m, entry);
	}
	if (m->moved < m->old_cap) {
		give_back(m);
		return;
	}
	free(m->old);
	m->old = NULL;
}

static void
resize(struct map *m, size_t cap)
{
	move_some(m, SIZE_MAX);
	m->old = m->slots;
	m->old_cap = m->cap;
	m->moved = m->given_back = 0;
	m->slots = xalloc(cap, sizeof(*m->slots));
	m->cap = cap;
	m->resized++;
	move_some(m, m->old_cap <= AT_ONCE ? SIZE_MAX : 0);
}

void
map_reserve(struct map *m, size_t n)
{
	size_t cap = m->cap ? m->cap : FIRST_CAP;

	while (n > cap / 8 * 7)
		cap *= 2;
	if (cap > m->cap)
		resize(m, cap);
}

void *
map_put_hashed(struct map *m, struct str key, uint64_t hash, void *value)
{
	struct map_slot entry = {(uint32_t)hash, (uint32_t)key.n, key.p, value};
	struct map_slot *slot = find_slot(m, key, entry.hash);

	assert(value && key.n <= UINT32_MAX);
	if (slot) {
		void *replaced = slot->value;

		*slot = entry;
		return replaced;
	}
	map_reserve(m, m->n + 1);
	move_some(m, STEP);
	insert(m, entry);
	m->n++;
	return NULL;
}

void *
map_put(struct map *m, struct str key, void *value)
{
	return map_put_hashed(m, key, map_hash(key), value);
}

void *
map_remove(struct map *m, struct str key)
{
	return map_remove_hashed(m, key, map_hash(key));
}

/* What follows moves back. */
static void
close_gap(struct map *m, size_t i)
{
	size_t mask = m->cap - 1;
	size_t next = (i + 1) & mask;

	while (m->slots[next].value && distance(m->slots, m->cap, next) > 0) {
		m->slots[i] = m->slots[next];
		i = next;
		next = (next + 1) & mask;
	}
	m->slots[i] = (struct map_slot){0};
}

void *
map_remove_hashed(struct map *m, struct str key, uint64_t hash)
{
	struct map_slot *slot = find_slot(m, key, (uint32_t)hash);

	if (!slot)
		return NULL;
	void *value = slot->value;

	if (slot >= m->slots && slot < m->slots + m->cap)
		close_gap(m, (size_t)(slot - m->slots));
	else
		slot->value = &gone;
	m->n--;
	move_some(m, STEP);
	return value;
}

/* To a quarter, of which less than a quarter is taken then: before it is full
 * all have long been moved. */
void
map_tidy(struct map *m)
{
	move_some(m, TIDY);
	if (!m->old && m->cap > LEAST && m->n < m->cap / 16)
		resize(m, m->cap / 4);
}

/* First what is in the old table: it may be moved to the new one meanwhile,
 * never the other way. */
void *
map_next(const struct map *m, size_t *i)
{
	if (m->old && *i < m->moved)
		*i = m->moved;
	for (; m->old && *i < m->old_cap; (*i)++) {
		void *value = m->old[*i].value;

		if (!value || value == &gone)
			continue;
		(*i)++;
		return value;
	}
	if (*i < m->old_cap)
		*i = m->old_cap;
	while (*i < m->old_cap + m->cap) {
		void *value = m->slots[(*i)++ - m->old_cap].value;

		if (value)
			return value;
	}
	return NULL;
}
