/* against - whom two configurations judge differently, in one replay
 *
 * Of each subject the worst that either does to it is kept, with the first time
 * it came to that. Two that come to the same rung in the same minute don't
 * differ.
 */
#ifndef CLI_AGAINST_H
#define CLI_AGAINST_H

#include "base/map.h"
#include "base/text.h"
#include "limits/judge.h"

enum against_side { AGAINST_THIS, AGAINST_OTHER, AGAINST_SIDES };

struct against {
	struct map by_name;
};

void against_init(struct against *a);
void against_done(struct against *a);

/* A verdict: name as it is shown; recipients: of it, up to then. */
struct against_verdict {
	enum standing rung;
	int64_t at; /* seconds */
	const char *rule;
	uint64_t recipients;
};
void against_add(struct against *a, enum against_side side, struct str name,
    const struct against_verdict *v);

/* How many differ; as a table, or an object a line, by name:
 * {"account","this":null or {"action","time","rule","recipients"},"other"}. */
size_t against_print(const struct against *a, bool is_json, struct text *out);

#endif
