/* report - rows for a person (an aligned table) or a program (JSON objects)
 *
 * One description serves both: a column's name is the heading and the member.
 */
#ifndef DAEMON_REPORT_H
#define DAEMON_REPORT_H

#include "base/table.h"

struct report;

/* In JSON the rows are an array. */
struct report *report_new(bool is_json);
/* Prints and frees. `empty` is what a person reads when there is no row. */
void report_end(
    struct report **r, int64_t width, const char *empty, struct text *out);

void report_column(struct report *r, const char *name, enum table_align align);
/* Cell by cell, as many as there are columns. */
void report_str(struct report *r, struct str v);
void report_int(struct report *r, int64_t v);
/* Nothing is known: "-", null. */
void report_none(struct report *r);
/* A time: local for a person ("never" for TIME_NEVER, "-" for 0), RFC 3339 in
 * JSON (null). */
void report_time(struct report *r, int64_t at);
void report_bool(struct report *r, bool v);

#endif
