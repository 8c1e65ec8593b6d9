/* kept - texts under keys, the oldest first to go
 *
 * For what reports leave behind and people want to see: bounded in number and
 * age, and a part of the books. What the texts say is their owners' business
 * (noted.h).
 */
#ifndef FBL_KEPT_H
#define FBL_KEPT_H

#include "base/map.h"
#include "ledger/books.h"

enum { KEPT_KEY = 500, KEPT_VALUE = 8192 };

struct kept_item {
	struct kept_item *older, *newer;
	int64_t at; /* seconds */
	struct str key, value;
};

struct kept {
	size_t max;
	struct map items;
	struct kept_item *oldest, *newest; /* by at */
	bool is_loading;
	struct text unsaved; /* since the last save */
	struct text touched; /* keys, since the last fold */
};

void kept_init(struct kept *k, size_t max);
void kept_done(struct kept *k);

/* Adds, or replaces; the oldest gives way when there are too many. A key or a
 * value that is too long is cut. */
void kept_put(struct kept *k, struct str key, struct str value, int64_t at);
/* false: there is none. */
bool kept_remove(struct kept *k, struct str key);
/* NULL when absent. */
const struct kept_item *kept_find(const struct kept *k, struct str key);
/* The newest; from there on ->older. NULL: there are none. */
const struct kept_item *kept_newest(struct kept *k);
/* Removes what is older than `since`; up to max of them. */
void kept_tick(struct kept *k, int64_t since, size_t max);

struct books_part kept_part(struct kept *k, char tag, const char *table);

#endif
