/* trace_state - inside trace: one search, from its question to its stories
 *
 * For trace*.c only.
 */
#ifndef CLI_TRACE_STATE_H
#define CLI_TRACE_STATE_H

#include "base/crypto.h"
#include "config/settings.h"
#include "cli/trace_files.h"
#include "cli/trace_scan.h"

/* A message may have begun so many seconds before the time asked for. */
enum { TRACE_BEFORE = 6 * 86400 };

struct trace {
	const struct settings *settings;
	struct trace_query query;
	struct ref_keys refs;
	struct trace_files files;
	struct trace_ids ids;
	struct trace_scan *scan;
	struct stories *stories;
	struct text out;
	size_t shown, unreadable;
	bool is_json, is_full, is_named; /* named: the files were */
};

void trace_begin(struct trace *t, struct settings *s);
void trace_end(struct trace *t);
/* All its lines are from before the time that was asked for. */
bool trace_is_too_old(const struct trace *t, const struct trace_file *f);
/* The stories that are asked for, an array of the caller's; NULL: no log could
 * be read. *criterion: the one by which they were found. */
struct story **trace_gather(
    struct trace *t, const struct settings *s, size_t *n, size_t *criterion);

#endif
