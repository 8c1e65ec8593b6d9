/* accounts_books - a ledger's records on the disk, as they stand after a while
 */
#ifndef BENCH_ACCOUNTS_BOOKS_H
#define BENCH_ACCOUNTS_BOOKS_H

#include "ledger/ledger.h"

struct accounts_books {
	uint64_t used_bytes; /* pages that hold something */
	uint64_t file_bytes; /* the free ones too */
	int64_t load_us;
};

/* Writes all subjects; then, round by round, as many of them as a fold does
 * change: their values become others', larger or smaller, some go, and come
 * again. At last each is what it was. What is written is read again, as a start
 * does. */
void accounts_books_write(struct ledger *l, struct accounts_books *out);

#endif
