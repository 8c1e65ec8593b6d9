/* lines - what the planned messages write into a Postfix log, in time order */
#ifndef SIM_LINES_H
#define SIM_LINES_H

#include "tests/sim/world.h"

struct lines_options {
	int64_t start;	 /* seconds since 1970 of the first day */
	bool has_filter; /* an after-queue content filter: two queue ids */
};

/* The whole log to standard output, RFC 3339. */
void lines_write(const struct world *w, const struct lines_options *o);

/* "2026-01-12T08:00:00.000Z": a time of the world's. */
void lines_time(const struct lines_options *o, int64_t at, char out[32]);

#endif
