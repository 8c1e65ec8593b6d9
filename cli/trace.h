/* trace - a message's whole story, from the logs themselves; no daemon */
#ifndef CLI_TRACE_H
#define CLI_TRACE_H

#include "cli/client.h"
#include "config/settings.h"
#include "mta/story.h"

/* `outpost trace [QUEUE-ID] [FILE...]` and its options. EXIT_UNKNOWN when no
 * message is found. */
enum exit_status trace_run(const struct client_line *l, struct settings *s);

/* The messages of an account that have a line within so many seconds of `at`,
 * oldest first, from the followed logs; as `trace --account NAME --at`. -1: the
 * logs can't be read, are longer than bytes_max (0: whatever they are), or
 * there can be no such account in them. */
typedef void trace_story_fn(void *ctx, const struct story *s);
struct trace_about {
	struct str account;
	int64_t at, within;
	uint64_t bytes_max;
};
int trace_account(struct settings *s, const struct trace_about *about,
    trace_story_fn *each, void *ctx, struct error *err);

#endif
