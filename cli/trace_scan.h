/* trace_scan - reads logs for `outpost trace`, twice
 *
 * First for the queue ids (trace_ids.h), then for their lines. Nothing but a
 * block is in memory; a line is only taken apart where a needle was found.
 */
#ifndef CLI_TRACE_SCAN_H
#define CLI_TRACE_SCAN_H

#include "daemon/trace_ids.h"
#include "mta/story.h"

struct trace_scan;

struct trace_scan *trace_scan_new(
    const struct trace_query *q, struct trace_ids *ids);
void trace_scan_free(struct trace_scan **s);

/* Reads a file for the ids, or, with stories, for their lines. end: seconds,
 * when a log without years ends. */
int trace_scan_file(struct trace_scan *s, const char *path, int64_t end,
    struct stories *stories, struct error *err);

struct trace_seen {
	int64_t first_us, last_us; /* of what was read; 0: no line */
	uint64_t bytes;
	uint64_t lines_left; /* beyond what the stories take */
};
void trace_scan_seen(const struct trace_scan *s, struct trace_seen *out);

#endif
