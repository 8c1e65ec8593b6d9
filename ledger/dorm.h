/* dorm - those who sleep, close together
 *
 * Most of a million subjects sleep, so what each takes beyond its own bytes
 * counts: about eight here, less than what packing the key saves (names.h).
 * Some ten of them share a block (base/blocks.h), found by linear hashing: with
 * more of them one block at a time is split in two, with far fewer two are
 * joined, and nothing is ever moved at once. The hash must be map_hash's, which
 * outsiders can't foresee.
 */
#ifndef LEDGER_DORM_H
#define LEDGER_DORM_H

#include "base/blocks.h"

enum {
	DORM_KINDS = 16,
	DORM_KEY = 510,
	DORM_VALUE = 16383, /* bytes at most */
	/* Told with it: bits of `is`. */
	DORM_IS_LARGE = 0x40,
	DORM_IS_SKETCHES = 0x80,
};

struct dorm_entry {
	uint8_t kind, is, due;
	struct str key, value;
};

struct dorm {
	struct blocks blocks;
	struct block **segments; /* of buckets */
	char *key;		 /* that was told last */
	size_t n_segments, cap;
	uint32_t n_buckets;
	size_t n, n_bytes;
	uint64_t joined; /* how often those of two blocks were */
};

void dorm_init(struct dorm *d);
void dorm_done(struct dorm *d);

/* hash: of the key. What is told points into the dorm (the key found, to what
 * was looked for), until the next call of whatever here. */
bool dorm_find(const struct dorm *d, uint8_t kind, struct str key,
    uint64_t hash, struct dorm_entry *out);
/* Who is about to be looked for. */
void dorm_expect(const struct dorm *d, uint8_t kind, uint64_t hash);
/* One that isn't in it, and points elsewhere. false: there is no place, which
 * happens to very few only. */
bool dorm_put(struct dorm *d, const struct dorm_entry *e, uint64_t hash);
/* false: it wasn't in it. */
bool dorm_remove(struct dorm *d, uint8_t kind, struct str key, uint64_t hash);
/* Walk over all in no order: i starts at 0; false at the end. The one just told
 * may be removed; what others come and go doesn't leave out anybody who stays,
 * but may make somebody come twice. Only when blocks were joined some may be
 * left out. */
bool dorm_next(const struct dorm *d, size_t *i, struct dorm_entry *out);
/* Many are about to be put: there is some more room, until it is settled. */
void dorm_fill(struct dorm *d);
void dorm_settle(struct dorm *d);
/* When far fewer sleep than did: some blocks are joined. */
void dorm_tidy(struct dorm *d);

#endif
