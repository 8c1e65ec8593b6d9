/* dmarc_book - DMARC aggregate reports, kept by day and domain
 *
 * An LMDB environment of its own ("dmarc" in the state directory): a report's
 * head and its rows, under the day of its end and a hash of who sent it and its
 * number, so that one that comes again takes its own place and counts once.
 * Nothing but days is ever thrown away: those that are too old, and the oldest
 * when the store is nearly full.
 */
#ifndef DOMAINS_DMARC_BOOK_H
#define DOMAINS_DMARC_BOOK_H

#include <stdatomic.h>

#include "base/disk.h"
#include "domains/dmarc_sum.h"

struct dmarc_book;

struct dmarc_book *dmarc_book_open(
    const char *state_dir, size_t map_bytes, struct error *err);
void dmarc_book_start(struct dmarc_book *b, struct loop *l);
void dmarc_book_close(struct dmarc_book **b);

enum dmarc_added {
	DMARC_ADDED,
	DMARC_KNOWN, /* it was there */
	/* It is there, and not on disk yet: who must know that it is comes
	 * again. */
	DMARC_UNWRITTEN,
	DMARC_STALE, /* of a time that isn't kept, or to come */
	DMARC_MUCH,  /* more in one day than can be believed */
};
/* reporter: who vouches for it, or what it calls itself. on_done comes once it
 * is on disk (disk_commit), and only when it was added. now in seconds; days:
 * how many are kept. */
enum dmarc_added dmarc_book_add(struct dmarc_book *b,
    const struct dmarc_report *r, struct str reporter, bool is_vouched,
    int64_t now, int64_t days, disk_done_fn *on_done, void *ctx);
/* Now and then: throws away. */
void dmarc_book_tick(struct dmarc_book *b, int64_t now, int64_t days);

/* All about a domain (dns_name's) since then; dmarc_sum_free. From any thread;
 * NULL when it can't be read, or *is_stopped was set meanwhile. */
struct dmarc_sum *dmarc_book_sum(struct dmarc_book *b, const char *domain,
    int64_t since, int64_t now, const atomic_bool *is_stopped,
    struct error *err);
void dmarc_book_size(struct dmarc_book *b, struct disk_size *out);

#endif
