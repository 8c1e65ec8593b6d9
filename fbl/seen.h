/* seen - what was counted already: reports, and complaints of one message
 *
 * A report may come twice (a mailbox read again, two ways in), and a message's
 * reference as often as somebody likes: what counts once stands here, as a
 * hash, for as long as it may come back. Bounded: when it is full, or a day is
 * older than SEEN_DAYS, the oldest day goes. A part of the books.
 */
#ifndef FBL_SEEN_H
#define FBL_SEEN_H

#include "ledger/books.h"

enum { SEEN_KEY = 16, SEEN_DAYS = 60 };

struct seen;

struct seen *seen_new(size_t max);
void seen_free(struct seen **s);

/* Remembers it; false: it was known. now in seconds. */
bool seen_add(struct seen *s, const uint8_t key[SEEN_KEY], int64_t now);
bool seen_has(const struct seen *s, const uint8_t key[SEEN_KEY]);
size_t seen_count(const struct seen *s);
/* Forgets what is too old; up to max of them, so that it takes its time. */
void seen_tick(struct seen *s, int64_t now, size_t max);

struct books_part seen_part(struct seen *s);

#endif
