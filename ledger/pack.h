/* pack - numbers and byte strings, packed: the books' and the board's form
 *
 * Numbers are base 128 varints, low bits first; signed ones zigzag. Taking
 * steps over what it took; false, and nothing changed, when it is not there.
 */
#ifndef LEDGER_PACK_H
#define LEDGER_PACK_H

#include "base/text.h"

void pack_u64(struct text *t, uint64_t v);
void pack_i64(struct text *t, int64_t v);
/* Its length, then the bytes. */
void pack_str(struct text *t, struct str s);

bool pack_take_u64(struct str *s, uint64_t *out);
/* The same, at most max. */
bool pack_take_u32(struct str *s, uint32_t max, uint32_t *out);
bool pack_take_i64(struct str *s, int64_t *out);
bool pack_take_str(struct str *s, struct str *out);

/* Eight bytes, the high ones first: so keys sort as their numbers do. */
enum { PACK_BIG = 8 };
void pack_big(uint64_t v, char out[PACK_BIG]);
bool pack_from_big(struct str s, uint64_t *out);

/* A checksum against damage, not against malice. */
uint64_t pack_checksum(struct str s);

#endif
