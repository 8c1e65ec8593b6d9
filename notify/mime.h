/* mime - a mail's headers and bodies as 7-bit text (RFC 2045, 2047, 5322)
 *
 * Whatever stands in a value: each header is what it was called, and none ends
 * before its time; no line is longer than 76 bytes but for an address alone.
 * Texts are UTF-8; what isn't becomes U+FFFD. Lines end in CRLF. Pure.
 */
#ifndef NOTIFY_MIME_H
#define NOTIFY_MIME_H

#include "base/text.h"

/* "Subject: ..."; encoded words where the value isn't short printable ASCII. */
void mime_write_header(struct text *out, const char *name, struct str value);
/* "From: Display name <address>"; the name may be empty. */
void mime_write_address(
    struct text *out, const char *name, struct str display, struct str address);
/* Quoted-printable; newlines of the text become CRLF, its last line gets one.
 */
void mime_write_quoted(struct text *out, struct str text);

/* Words at blanks, at most 72 characters a line: lines of a paragraph are
 * joined; one that begins with a blank, "-" or "*" stays by itself, what
 * follows it hanging below. */
void mime_wrap(struct text *out, struct str text);

#endif
