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
	int64_t at;	 /* seconds */
	uint32_t spread; /* whoever spreads the list: what it last told of */
	struct str key, value;
};

struct kept {
	size_t max;
	/* Of a list of several nodes, set after kept_init, or NULL: what of a
	 * text that doesn't hold must not be lost: puts all that is to stand
	 * in the place of the one that holds into out. false: nothing. */
	bool (*join)(struct str holds, struct str lost, struct text *out);
	struct map items;
	struct kept_item *oldest, *newest; /* by at */
	struct kept_item *hint;		   /* the last put out of order */
	struct kept_item *cursor;	   /* of kept_walk_next */
	bool is_loading;
	bool is_spread;	     /* its news are wanted (kept_news) */
	struct text unsaved; /* since the last save */
	struct text touched; /* keys, since the last fold */
	struct text news;    /* keys, since the last kept_news ... */
	size_t news_at;	     /* ... of which so many bytes were taken */
	uint64_t changes;    /* so far */
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
/* Removes all that are meant; returns how many. */
typedef bool kept_is_fn(void *ctx, const struct kept_item *i);
size_t kept_drop(struct kept *k, kept_is_fn *is, void *ctx);
/* Removes what is older than `since`; up to max of them. */
void kept_tick(struct kept *k, int64_t since, size_t max);

/* kept_merge.c: for a list that several nodes have. Of two texts under a key
 * the later one holds, of two of one second the greater: whatever the order in
 * which they come. true: this one does. (join may put a third, which is news to
 * the others.) What is older than all that there is
 * room for isn't taken. */
bool kept_merge(struct kept *k, struct str key, struct str value, int64_t at);
/* A time at which what is put holds against what is there. */
int64_t kept_time(const struct kept *k, struct str key, int64_t now);
/* The next one that was put here and not merged; NULL: no more. */
struct kept_item *kept_news(struct kept *k);
void kept_forget_news(struct kept *k);
/* From the oldest on, whatever comes and goes meanwhile; NULL: the end. */
void kept_walk(struct kept *k);
struct kept_item *kept_walk_next(struct kept *k);

struct books_part kept_part(struct kept *k, char tag, const char *table);

#endif
