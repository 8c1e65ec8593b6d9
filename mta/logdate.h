/* logdate - the date at the start of a log line */
#ifndef MTA_LOGDATE_H
#define MTA_LOGDATE_H

#include "mta/logline.h"

/* Takes the date that [*p, e) begins with, and steps behind it. The clock's
 * `last` and `now` decide what the date leaves open; they are not changed.
 * False when there is none; then *p is unchanged. */
bool logdate_take(
    struct logline_clock *clock, const char **p, const char *e, int64_t *at_us);

/* The same, if it is of the minute of the one before, and written alike, and
 * steps behind the tail that was kept. */
bool logdate_take_same(
    struct logline_clock *clock, const char **p, const char *e, int64_t *at_us);
/* The date at p was taken; the tag stands at `tag`, and host before it. Kept as
 * the tail, if the date has a usual form. */
void logdate_keep(struct logline_clock *clock, const char *p, const char *tag,
    struct str host);

#endif
