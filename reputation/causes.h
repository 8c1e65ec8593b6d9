/* causes - who used an own address towards a provider, and how: whose fault it
 * is when that refuses us
 *
 * Per own IP, provider and account the recipients of the last hours, and how
 * many of them say something against the account. Ranked by excess: what is
 * more than the others have there, and more than is usual anywhere. Bounded:
 * the longest silent go. Kept in the books. Pure.
 */
#ifndef REPUTATION_CAUSES_H
#define REPUTATION_CAUSES_H

#include "reputation/series.h"

enum cause_count {
#define CAUSE(NAME, text, usual, weight, help) CAUSE_##NAME,
#include "reputation/causes_counts.def"
#undef CAUSE
	CAUSE_COUNTS
};
const char *cause_count_text(enum cause_count c);

enum { CAUSES_HOURS = 12, CAUSES_ACCOUNT = 320 };

struct causes;
struct causes *causes_new(size_t max);
void causes_free(struct causes **c);
size_t causes_count(const struct causes *c);
/* All of one account; returns how many there were. */
size_t causes_forget(struct causes *c, struct str account);
/* causes_books.c: tag 'c', table "causes". */
struct books_part;
struct books_part causes_part(struct causes *c);

/* A recipient of the account was tried, n times; is[] says what of it. */
struct cause_note {
	struct str ip, provider, account;
	int64_t at;
	uint32_t n;
	bool is[CAUSE_COUNTS];
};
void causes_note(struct causes *c, const struct cause_note *n);

/* One of those who may be the cause. */
struct cause {
	char account[CAUSES_ACCOUNT + 1];
	uint64_t recipients;
	uint64_t v[CAUSE_COUNTS];
	double excess;	/* weighted */
	unsigned share; /* percent of everybody's excess */
};

/* What else is known of an account within the last `window` seconds, and not by
 * address and provider: may raise v[]. */
typedef void causes_more_fn(void *ctx, int64_t window, struct cause *one);

/* The worst first; returns how many, at most max. ip empty: of all addresses.
 */
size_t causes_rank(const struct causes *c, struct str ip, struct str provider,
    int64_t hours, int64_t now, causes_more_fn *more, void *ctx,
    struct cause *out, size_t max);

#endif
