/* crlf - lines as SMTP and HTTP want them */
#ifndef BASE_CRLF_H
#define BASE_CRLF_H

#include "base/text.h"

/* Adds s with every line end (LF, CR, CRLF) as CRLF; the last line gets one
 * too. */
void crlf_text(struct text *t, struct str s);
/* No control character: safe as a part of a line of a protocol. */
bool crlf_is_plain(struct str s);

#endif
