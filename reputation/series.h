/* series - what the providers answered to our addresses, over time
 *
 * For each pair of an own address and a provider: what was tried, taken, put
 * off, refused and for which class of reasons, complained about, and how long
 * deliveries took. Five minutes are told apart for six hours, hours for eight
 * days, days for five weeks; what was nothing takes no memory, a pair at most
 * 43 KiB. Bounded in pairs: the longest silent one goes. Pure.
 */
#ifndef REPUTATION_SERIES_H
#define REPUTATION_SERIES_H

#include "reputation/own_ip.h"
#include "reputation/replies.h"

enum series_count {
#define SERIES(NAME, text, help) SERIES_##NAME,
#include "reputation/series_counts.def"
#undef SERIES
	SERIES_CLASS, /* and enum reply_class: of what was put off or refused */
	SERIES_COUNTS = SERIES_CLASS + REPLY_CLASSES,
};
const char *series_count_text(enum series_count c);

enum {
	SERIES_DELAYS = 12,
	SERIES_DAYS = 35, /* what is older than that is gone */
};

struct series_sum {
	uint64_t count[SERIES_COUNTS];
	uint64_t delay[SERIES_DELAYS]; /* of what was delivered; private */
};

/* The name of those whom nobody of the providers is. */
#define SERIES_OTHERS "others"

struct series;

struct series *series_new(size_t max);
void series_free(struct series **s);
void series_set_max(struct series *s, size_t max);

/* How many pairs there are. */
size_t series_pairs(const struct series *s);

/* Something happened to n recipients at `at` (seconds). Names that are too long
 * are cut. */
struct series_note {
	struct str ip, provider;
	int64_t at;
	uint32_t n;
	enum series_count what; /* DELIVERED, DEFERRED, REFUSED, COMPLAINTS */
	enum reply_class class; /* of the middle two */
	int64_t delay_ms;	/* of the first; below 0: not known */
};
void series_add(struct series *s, const struct series_note *n);

/* What there was from `since` to now, outward to what is told apart. An empty
 * name: all of them. */
void series_sum(const struct series *s, struct str ip, struct str provider,
    int64_t since, int64_t now, struct series_sum *out);
/* The same of one count in n equal steps that end now, the oldest first. step
 * is a multiple of 300. */
void series_chart(const struct series *s, struct str ip, struct str provider,
    enum series_count c, int64_t step, int64_t now, uint64_t *out, size_t n);
/* The time within which the share q (0 to 1) of what was delivered had arrived,
 * in seconds; rounded up to one of a dozen. Below 0: nothing was delivered. */
int64_t series_delay(const struct series_sum *sum, double q);

/* The pairs, in no order; an empty name: all. */
typedef void series_fn(
    void *ctx, struct str ip, struct str provider, int64_t last);
void series_each(const struct series *s, struct str ip, struct str provider,
    series_fn *each, void *ctx);

/* series_books.c: tag 'I', table "series". */
struct books_part;
struct books_part series_part(struct series *s);

#endif
