/* map - a hash table from bytes to a pointer
 *
 * Open addressing, at most 7/8 full, grows by doubling; a large one moves its
 * entries a few at a time, with what is put into it or removed. Keys are chosen
 * by outsiders, so the hash is keyed with a secret drawn once per process. The
 * key's bytes are not copied: they must live as long as the entry (usually
 * inside the value).
 */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include "base/memory.h"
#include "base/str.h"

struct map_slot {
	uint32_t hash, key_n;
	const char *key;
	void *value; /* NULL: empty */
};

struct map {
	struct map_slot *slots;
	size_t cap; /* a power of two, or 0 */
	size_t n;
	/* Before it was resized: what stands from `moved` on is still there. */
	struct map_slot *old; /* NULL: nothing is */
	size_t old_cap, moved;
	size_t given_back; /* bytes of old whose pages went back */
	/* How often all moved, or one from the end to the beginning. */
	uint64_t resized;
};

void map_init(struct map *m);
void map_done(struct map *m); /* frees the table, not the values */

/* Room for n entries without growing. */
void map_reserve(struct map *m, size_t n);

/* A keyed 64-bit hash, different in every process; never 0. */
uint64_t map_hash(struct str key);

/* NULL when absent. */
void *map_find(const struct map *m, struct str key);
void *map_find_hashed(const struct map *m, struct str key, uint64_t hash);

/* Adds, or replaces key and value; value must not be NULL. Returns the value
 * that was replaced, or NULL. */
void *map_put(struct map *m, struct str key, void *value);
void *map_put_hashed(struct map *m, struct str key, uint64_t hash, void *value);

/* Returns the removed value, or NULL. */
void *map_remove(struct map *m, struct str key);
void *map_remove_hashed(struct map *m, struct str key, uint64_t hash);

/* The hash is soon looked for: its slot is fetched meanwhile. */
static inline void
map_expect(const struct map *m, uint64_t hash)
{
	/* Who stands a little behind it may be in the next line. */
	if (m->cap) {
		memory_expect(&m->slots[(size_t)hash & (m->cap - 1)]);
		memory_expect(&m->slots[((size_t)hash + 2) & (m->cap - 1)]);
	}
}

/* When far fewer are in it than there were: it shrinks. What is still where it
 * was before it was resized is moved, some at a time. For who has a map that
 * nothing comes to for long. */
void map_tidy(struct map *m);

/* Walk all values in no order: i starts at 0; NULL at the end. The entry just
 * returned must not be removed during the walk. What is put meanwhile may let
 * others come twice, and when it was resized some may be left out. */
void *map_next(const struct map *m, size_t *i);

#endif
