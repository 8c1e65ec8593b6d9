/* causes_parts - what the files of causes share */
#ifndef REPUTATION_CAUSES_PARTS_H
#define REPUTATION_CAUSES_PARTS_H

#include "base/map.h"
#include "base/text.h"
#include "reputation/causes.h"

struct causes_part {
	uint32_t hour; /* since 1970; which one it is */
	uint32_t n;
	uint32_t v[CAUSE_COUNTS];
};

enum { CAUSES_UNSAVED, CAUSES_UNFOLDED, CAUSES_LISTS };
enum { CAUSES_KEY = CAUSES_ACCOUNT + OWN_IP_NAME + PROVIDERS_NAME };

/* "IP PROVIDER ACCOUNT" */
struct causes_user {
	struct causes_user *older, *newer;
	struct causes_part parts[CAUSES_HOURS];
	size_t at[CAUSES_LISTS]; /* its place in that list, and 1; 0: none */
	size_t n, account_at;
	char name[];
};

/* Those that changed, in this order; NULL: gone meanwhile. */
struct causes_list {
	struct causes_user **v;
	size_t from, until, n, cap;
};

struct causes {
	size_t max;
	struct map map;
	struct causes_user *oldest, *newest;
	bool is_kept;
	struct causes_list lists[CAUSES_LISTS];
	/* Names of those that went, each with a NUL; the fold under way does
	 * without what is behind gone_until. */
	struct text gone;
	size_t gone_from, gone_until;
};

/* The one of this name, made when absent; NULL: it is no name. */
struct causes_user *causes_get(struct causes *c, struct str name);
/* causes_books.c: it changed; it is about to go. */
void causes_changed(struct causes *c, struct causes_user *u);
void causes_gone(struct causes *c, struct causes_user *u);

#endif
