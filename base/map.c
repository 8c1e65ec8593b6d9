/* map - a hash table from bytes to a pointer
 *
 * Robin Hood hashing: an entry far from home takes the place of one nearer to
 * its own, so that probes stay short up to 7/8, also of keys that are absent.
 * Removing moves the followers back; there are no tombstones.
 */
#include "base/map.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/error.h"

enum { FIRST_CAP = 16 };

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
	*m = (struct map){0};
}

/* How far the entry at i stands from its home. */
static size_t
distance(const struct map *m, size_t i)
{
	return (i - (size_t)m->slots[i].hash) & (m->cap - 1);
}

/* The slot's index, or SIZE_MAX. */
static size_t
find(const struct map *m, struct str key, uint64_t hash)
{
	if (m->n == 0)
		return SIZE_MAX;
	size_t mask = m->cap - 1;
	size_t i = (size_t)hash & mask;

	for (size_t d = 0;; d++, i = (i + 1) & mask) {
		const struct map_slot *slot = &m->slots[i];

		if (!slot->value)
			return SIZE_MAX;
		if (slot->hash == hash && str_is(slot->key, key))
			return i;
		if (distance(m, i) < d)
			return SIZE_MAX;
	}
}

void *
map_find_hashed(const struct map *m, struct str key, uint64_t hash)
{
	size_t i = find(m, key, hash);

	return i == SIZE_MAX ? NULL : m->slots[i].value;
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
	size_t i = (size_t)entry.hash & mask;

	for (size_t d = 0; m->slots[i].value; d++, i = (i + 1) & mask) {
		size_t theirs = distance(m, i);

		if (theirs < d) {
			struct map_slot nearer = m->slots[i];

			m->slots[i] = entry;
			entry = nearer;
			d = theirs;
		}
	}
	m->slots[i] = entry;
}

static void
resize(struct map *m, size_t cap)
{
	struct map_slot *old = m->slots;
	size_t old_cap = m->cap;

	m->slots = xalloc(cap, sizeof(*m->slots));
	m->cap = cap;
	for (size_t i = 0; i < old_cap; i++) {
		if (old[i].value)
			insert(m, old[i]);
	}
	free(old);
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
	size_t i = find(m, key, hash);

	assert(value);
	if (i != SIZE_MAX) {
		void *old = m->slots[i].value;

		m->slots[i].key = key;
		m->slots[i].value = value;
		return old;
	}
	map_reserve(m, m->n + 1);
	insert(m, (struct map_slot){hash, key, value});
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

void *
map_remove_hashed(struct map *m, struct str key, uint64_t hash)
{
	size_t i = find(m, key, hash);

	if (i == SIZE_MAX)
		return NULL;
	void *value = m->slots[i].value;
	size_t mask = m->cap - 1;
	size_t next = (i + 1) & mask;

	while (m->slots[next].value && distance(m, next) > 0) {
		m->slots[i] = m->slots[next];
		i = next;
		next = (next + 1) & mask;
	}
	m->slots[i] = (struct map_slot){0};
	m->n--;
	return value;
}

void *
map_next(const struct map *m, size_t *i)
{
	while (*i < m->cap) {
		void *value = m->slots[(*i)++].value;

		if (value)
			return value;
	}
	return NULL;
}
