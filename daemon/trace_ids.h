/* trace_ids - which queue ids belong to what is looked for
 *
 * The first reading of the logs notes which ids fulfil a criterion (the newest
 * of them: memory is bounded) and which id names which other one; then all that
 * hangs together with them is known, by 32-bit hashes, before the second
 * reading. A false hit costs a few lines that become a story nobody asked for.
 */
#ifndef DAEMON_TRACE_IDS_H
#define DAEMON_TRACE_IDS_H

#include "base/str.h"
#include "daemon/trace_find.h"

struct trace_link {
	uint32_t from, to;
};

struct trace_ring {
	uint32_t *v;
	size_t cap;
	uint64_t n; /* all that were put in */
};

struct trace_ids {
	struct trace_ring found[TRACE_KINDS]; /* by criterion's number */
	struct trace_link *links;
	size_t n_links, cap_links, max_links;
	uint64_t links_left; /* beyond the maximum */
	uint32_t *set;
	size_t n_set, cap_set;
};

uint32_t trace_id_hash(struct str id); /* never 0 */

/* room: how many of the newest ids a criterion may have. */
void trace_ids_init(struct trace_ids *t, size_t room, size_t max_links);
void trace_ids_done(struct trace_ids *t);
void trace_ids_found(struct trace_ids *t, size_t criterion, struct str id);
void trace_ids_link(struct trace_ids *t, struct str from, struct str to);
/* The set is what the criterion found, what came before and after. */
void trace_ids_close(struct trace_ids *t, size_t criterion);
bool trace_ids_has(const struct trace_ids *t, struct str id);

#endif
