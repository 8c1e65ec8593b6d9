/* mask_parts - inside mask: where in a text addresses stand
 *
 * For mask*.c only.
 */
#ifndef MTA_MASK_PARTS_H
#define MTA_MASK_PARTS_H

#include "base/text.h"

struct mask_span {
	size_t from, to; /* what is replaced */
	struct str whole;
	struct str before; /* that stays, of what is replaced: a key */
	struct str local, at, domain;
	struct str after; /* stands for what follows a domain without a gap */
	bool is_login;	  /* the value of a key that tells logins */
	bool is_words;	  /* encoded words */
};

/* The next one that begins at `at` or after it. */
bool mask_find(struct str s, size_t at, struct mask_span *out);

static inline bool
mask_is_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

#endif
