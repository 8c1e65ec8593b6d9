/* lines - what the planned messages write into a Postfix log, in time order */
#ifndef SIM_LINES_H
#define SIM_LINES_H

#include "tests/sim/world.h"

/* What a message goes through before it leaves. */
enum hop {
	HOP_NONE,
	HOP_FILTER,    /* an after-queue content filter: two queue ids */
	HOP_TIER,      /* another Postfix on the host delivers: the same */
	HOP_SMARTHOST, /* what becomes of it is in another's log */
};

struct lines_options {
	int64_t start; /* seconds since 1970 of the first day */
	enum hop hop;
};

/* The whole log to standard output, RFC 3339. */
void lines_write(const struct world *w, const struct lines_options *o);

/* "2026-01-12T08:00:00.000Z": a time of the world's. */
void lines_time(const struct lines_options *o, int64_t at, char out[32]);

#endif
