/* recent - the last names that were heard, to know them again
 *
 * A ring and a map: the oldest name is forgotten for a new one.
 */
#ifndef LEDGER_RECENT_H
#define LEDGER_RECENT_H

#include "base/map.h"

enum { RECENT_NAME = 64 };

struct recent_name {
	char z[RECENT_NAME];
};

struct recent {
	struct map map;
	struct recent_name *ring;
	size_t size, n; /* n counts on */
};

void recent_init(struct recent *r, size_t size);
void recent_done(struct recent *r);
/* false: it was known. What is longer than a name is cut. */
bool recent_add(struct recent *r, struct str name);
bool recent_has(const struct recent *r, struct str name);

#endif
