/* usual - what a subject usually sends, remembered for a minute
 *
 * subject_usual walks five weeks of cells, and a busy account's burst is
 * judged with every recipient. Its answer changes when a window passes, so for
 * one minute of the books the last answer stands in a small table; a pure
 * function's result, remembered.
 */
#ifndef LIMITS_USUAL_H
#define LIMITS_USUAL_H

#include "ledger/ledger.h"

enum { USUAL_SLOTS = 1024 }; /* a power of two */

struct usual {
	uint64_t hash; /* of the subject; 0: empty */
	int64_t minute, mark, window;
	enum count count;
	struct subject_past past;
};

/* The 0.95 quantile of the count per window, as subject_usual; until the next
 * call. */
const struct subject_past *usual_get(struct usual table[USUAL_SLOTS],
    struct ledger *l, struct subject *s, enum count c, int64_t window);

#endif
