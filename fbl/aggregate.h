/* aggregate - what providers tell of our own addresses a day, as CSV
 *
 * Pure. Microsoft's SNDS (data.aspx: 14 columns, no header) and Signal Spam's
 * counts per IP (a header names its columns, in English or French). They name
 * no account, so none is charged.
 */
#ifndef FBL_AGGREGATE_H
#define FBL_AGGREGATE_H

#include "base/error.h"
#include "base/text.h"

struct aggregate {
	char source[16];   /* "snds", "signal-spam" */
	char provider[48]; /* "microsoft", "orange" ... */
	char ip[48];
	char day[11];		   /* "2026-11-21" */
	int64_t messages;	   /* -1: not told */
	int64_t complaints;	   /* -1: not told */
	int64_t traps;		   /* -1: not told */
	char verdict[8], rate[16]; /* SNDS: "green", "< 0.1%" */
};

enum { AGGREGATE_ROW = 256 };

typedef void aggregate_fn(void *ctx, const struct aggregate *a);
/* format: "snds", "signal-spam", or NULL: by the first line. Every line is
 * looked at before the first on_row. -1 with an error that names line and
 * column. */
int aggregate_read(struct str file, const char *format, aggregate_fn *on_row,
    void *ctx, struct error *err);

/* As one line without its end, whose first four words are its key: a day of an
 * address, by one provider. */
void aggregate_print(const struct aggregate *a, struct text *out);
struct str aggregate_key(struct str row);
bool aggregate_parse(struct str row, struct aggregate *out);

#endif
