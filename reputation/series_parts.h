/* series_parts - what the files of series share */
#ifndef REPUTATION_SERIES_PARTS_H
#define REPUTATION_SERIES_PARTS_H

#include "base/map.h"
#include "base/text.h"
#include "reputation/series.h"

enum series_tier {
	SERIES_MINUTES,
	SERIES_HOURS,
	SERIES_WHOLE_DAYS,
	SERIES_TIERS
};
enum {
	SERIES_SLOTS_MINUTES = 73,
	SERIES_SLOTS_HOURS = 193,
	SERIES_SLOTS_DAYS = SERIES_DAYS + 1,
	SERIES_SLOTS =
	    SERIES_SLOTS_MINUTES + SERIES_SLOTS_HOURS + SERIES_SLOTS_DAYS,
	SERIES_VALUES = SERIES_COUNTS + SERIES_DELAYS,
	SERIES_KEY = OWN_IP_NAME + PROVIDERS_NAME,
};

struct series_step {
	int64_t seconds;
	size_t first, n; /* of the slots */
};
extern const struct series_step series_steps[SERIES_TIERS];

struct series_bucket {
	int64_t start;
	bool is_unsaved, is_unfolded;
	uint32_t v[SERIES_VALUES];
};

/* The name is "IP PROVIDER". */
struct series_pair {
	struct series_pair *next;
	int64_t last;
	size_t n, ip_n;
	char name[SERIES_KEY];
	struct series_bucket *slots[SERIES_SLOTS];
};

struct series_ref {
	struct series_pair *pair;
	size_t slot;
};

struct series_refs {
	struct series_ref *v;
	size_t n, cap;
};

struct series {
	size_t max;
	struct map map; /* by name */
	struct series_pair *pairs;
	bool is_kept;
	struct series_refs unsaved, unfolded;
	/* Names of pairs that went, each with a NUL. */
	struct text gone_unsaved, gone_unfolded;
};

/* The pair of this name; made when absent. NULL: it is no name. */
struct series_pair *series_get(struct series *s, struct str name, int64_t at);
void series_remove(struct series *s, struct series_pair *p);
/* The bucket that has `at`, emptied if it held an earlier time; NULL: it holds
 * a later one. */
struct series_bucket *series_bucket(
    struct series_pair *p, enum series_tier tier, int64_t at, size_t *slot);
/* series_books.c: it changed; a pair is about to go. */
void series_changed(struct series *s, struct series_pair *p, size_t slot);
void series_gone(struct series *s, const struct series_pair *p);

#endif
