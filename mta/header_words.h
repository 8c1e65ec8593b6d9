/* header_words - a header's words as people read them (RFC 2047)
 *
 * "=?utf-8?q?Gr=C3=BC=C3=9Fe?=" becomes what it means; a word in a charset
 * other than UTF-8, ASCII and Latin-1 stays as it is. What comes out is still
 * foreign bytes. Pure.
 */
#ifndef MTA_HEADER_WORDS_H
#define MTA_HEADER_WORDS_H

#include "base/text.h"

void header_words(struct str s, struct text *out);

/* The encoded word at the beginning of s: its length; 0: there is none. Its
 * bytes, in whatever charset, are appended to `bytes` (NULL: not wanted). */
size_t header_word(struct str s, struct str *charset, struct text *bytes);

#endif
