/* dkim_canon - what of a message is signed, byte by byte (RFC 6376, 3.4)
 *
 * Pure; lines end in CRLF.
 */
#ifndef DOMAINS_DKIM_CANON_H
#define DOMAINS_DKIM_CANON_H

#include "base/text.h"

void dkim_canon_body(struct str body, bool is_relaxed, struct text *out);
/* A whole field with its CRLF. */
void dkim_canon_field(struct str field, bool is_relaxed, struct text *out);
/* The signature's own: with an empty b=, without the last CRLF. */
void dkim_canon_own(struct str field, bool is_relaxed, struct text *out);

#endif
