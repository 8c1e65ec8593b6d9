/* known - has this account written to this recipient before?
 *
 * A set that ages, of 18 bits of a keyed hash each. So of 100 members a
 * stranger is taken for one of them once in 2,600 times, of 1000 once in 262,
 * and of all that it can hold (2 * KNOWN_MAX) once in 17. That way only, and
 * the keyed hash lets nobody choose who: whoever writes to thousands of
 * strangers counts so many fewer, which no limit notices; who is known is never
 * taken for a stranger. Each bit more would halve that, and take an eighth of a
 * byte a member, of 1.4 that they take of the silent with 50 members. There are
 * two generations: who is met again moves to the young one; when that is
 * KNOWN_DAYS old, or full, the old one is forgotten and the young one becomes
 * old. So who was written to in the last KNOWN_DAYS is known, and who was not
 * for twice as long is a stranger again; an account with more than KNOWN_MAX
 * recipients in that time remembers the last of them.
 */
#ifndef LEDGER_KNOWN_H
#define LEDGER_KNOWN_H

#include "ledger/bits.h"

enum {
	KNOWN_DAYS = 90,
	KNOWN_MAX = 8192, /* members of a generation: 24 KiB */
	KNOWN_MEMBER = 3, /* bytes */
	KNOWN_BITS = 18,  /* of these */
};

/* NULL is the empty one. */
struct known;

void known_free(struct known **k);

/* It will soon be looked for: what that takes is fetched at once. */
void known_expect(const struct known *k, uint64_t hash);
/* Meets it at this time; true: it was a stranger. */
bool known_meet(struct known **k, uint64_t hash, int64_t at);
bool known_has(const struct known *k, uint64_t hash);
size_t known_count(const struct known *k);
/* How much memory it takes. */
size_t known_bytes(const struct known *k);

/* What known_meet changed since known_saved, which may be all of it. Applying
 * it twice is harmless. */
bool known_has_fresh(const struct known *k);
void known_pack_fresh(const struct known *k, struct text *out);
bool known_apply_fresh(struct known **k, struct str packed);
void known_saved(struct known *k);

/* Forget what is too old; it may become NULL. */
void known_fold(struct known **k, int64_t now);

void known_pack(const struct known *k, struct text *out);
/* Replaces k; takes all of `packed`, also as older versions wrote it, with more
 * bits a member. False, and k NULL, when damaged. */
bool known_unpack(struct known **k, struct str packed);
/* The same, not of NULL, in less than half of the bytes (squeeze.h), which
 * takes some ten nanoseconds a member: for who is silent. */
void known_pack_small(const struct known *k, struct bits_out *out);
bool known_take_small(struct known **k, struct bits_in *in);

#endif
