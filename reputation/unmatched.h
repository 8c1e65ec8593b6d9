/* unmatched - samples of replies that no rule's words are for, with counts
 *
 * What differs only in its numbers is one sample. Bounded: when it is full, the
 * rarest one goes, of those the one seen longest ago. Pure.
 */
#ifndef REPUTATION_UNMATCHED_H
#define REPUTATION_UNMATCHED_H

#include "base/str.h"

struct unmatched;

enum { UNMATCHED_TEXT = 320, UNMATCHED_HOST = 128 };

struct unmatched_sample {
	uint64_t count;
	int64_t first, last;	   /* seconds */
	char host[UNMATCHED_HOST]; /* who said it last; may be empty */
	char text[UNMATCHED_TEXT]; /* as reply_text reads it, the first one */
};

struct unmatched *unmatched_new(size_t max);
void unmatched_free(struct unmatched **u);
void unmatched_set_max(struct unmatched *u, size_t max);

/* reply: what stands in the brackets of a delivery line. A view of the sample,
 * until the next note. */
const struct unmatched_sample *unmatched_note(struct unmatched *u,
    struct str host, struct str dsn, struct str reply, int64_t now);

/* One that was there before a restart: its text, host, count and times. */
void unmatched_restore(struct unmatched *u, const struct unmatched_sample *s);

/* The most frequent ones first, of those the latest. NULL beyond the last. A
 * view until the next note. */
const struct unmatched_sample *unmatched_at(struct unmatched *u, size_t i);

#endif
