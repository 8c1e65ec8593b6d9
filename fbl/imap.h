/* imap - what an IMAP server answers, and what is said to it (RFC 3501)
 *
 * Pure. A response is a line with literals in it: the first literal's bytes
 * stand apart, and in the line every literal is an empty "{}". The server may
 * be any: its lines, literals and numbers are bounded.
 */
#ifndef FBL_IMAP_H
#define FBL_IMAP_H

#include "base/text.h"

enum { IMAP_LINE = 64 * 1024 };

struct imap {
	struct text line;    /* without its CRLF */
	struct text literal; /* of the last response */
	bool has_literal;
	uint64_t left; /* of a literal */
	bool is_first; /* it is the one that is kept */
	bool is_whole; /* the response was given out */
	size_t max_literal;
};

void imap_init(struct imap *m, size_t max_literal);
void imap_done(struct imap *m);

enum imap_turn {
	IMAP_MORE,     /* all was read, and more is needed */
	IMAP_RESPONSE, /* m->line is one; valid until the next call */
	IMAP_TOO_LONG, /* a literal of more than max_literal, or a line of more
			* than IMAP_LINE, but SEARCH's, which is cut: it's
			* over */
};
/* Steps over what it read. */
enum imap_turn imap_feed(struct imap *m, struct str *bytes);

/* "TAG OK words". OTHER: it is no answer to this tag. */
enum imap_status { IMAP_OTHER, IMAP_OK, IMAP_NO, IMAP_BAD };
enum imap_status imap_status(
    struct str line, struct str tag, struct str *words);

/* "* BYE words" */
bool imap_is_bye(struct str line, struct str *words);
/* "[UIDVALIDITY 7]" anywhere in an untagged OK; false: another line. */
bool imap_uidvalidity(struct str line, uint64_t *out);
/* Has a "* CAPABILITY ..." line this word? */
bool imap_is_capability(struct str line);
bool imap_has_word(struct str line, struct str word);
/* Steps through "* SEARCH 1 2 3": *rest is the line at first. false at the
 * end. UIDs are 1 to 2^32-1; others are stepped over. */
bool imap_next_found(struct str *rest, uint32_t *uid);
/* An item of "* 5 FETCH (UID 7 RFC822.SIZE 123 ...)"; false: none, or no
 * number. */
bool imap_fetch_number(struct str line, struct str name, uint64_t *out);

/* A folder or such, as a quoted string: text with a control character or a byte
 * above 126 can't be. */
bool imap_can_quote(struct str s);
void imap_quote(struct text *out, struct str s);
/* "3,7:9": of ascending ones. */
void imap_set(struct text *out, const uint32_t *uids, size_t n);

#endif
