/* totals - what each account sent in a whole log, however long ago */
#ifndef CLI_TOTALS_H
#define CLI_TOTALS_H

#include "base/map.h"
#include "base/text.h"
#include "ledger/fact.h"

struct total {
	uint64_t messages, recipients, delivered, deferred, bounced;
	size_t account_n;
	char account[]; /* beside the counts, in the cache with them */
};

/* Who has this hash, which nobody can foresee. */
struct total_count {
	uint64_t hash; /* 0: nobody */
	uint64_t recipients;
};

struct totals {
	struct map by_account;
	struct total *last; /* facts of one message come in a row */
	struct total_count *counts;
	size_t n, cap; /* a power of two */
	uint64_t due;  /* totals_count: who is counted next; 0: nobody */
};

void totals_init(struct totals *t);
void totals_done(struct totals *t);
void totals_add(struct totals *t, const struct fact *f);
/* NULL when the account sent nothing. */
/* A recipient, for who asks for nothing but totals_recipients: instead of
 * totals_add, and much quicker. */
void totals_count(struct totals *t, struct str account);
uint64_t totals_recipients(const struct totals *t, struct str account);
const struct total *totals_find(const struct totals *t, struct str account);
/* All of them, by account (bytes) or the most recipients first. The array is
 * the caller's (free), its elements are not. */
enum totals_order { TOTALS_BY_ACCOUNT, TOTALS_BY_RECIPIENTS };
const struct total **totals_sorted(
    const struct totals *t, enum totals_order order, size_t *n);
/* Tab-separated, with a header. Tabs can't stand in an account. */
void totals_print_header(struct text *out);
void totals_print(const struct total *t, struct text *out);
/* For people: how many sent, and a table of the first max by recipients. */
void totals_print_busiest(
    const struct totals *totals, size_t max, struct text *out);

#endif
