/* explain - a log line as one JSON object, for people and their tools */
#ifndef MTA_EXPLAIN_H
#define MTA_EXPLAIN_H

#include "base/text.h"
#include "mta/postfix.h"

/* Adds {"kind":...,"time":...,"host":...,"service":...,"pid":...,"queue_id":
 * ..., fields under Postfix's own names}, without a line feed; only what the
 * line has. "service" is the tag as written; numbers are numbers. A line that
 * is no syslog line is {"kind":"unreadable","text":...}. */
void explain_line(struct text *t, struct logline_clock *clock, struct str line);

#endif
