/* chain_pool - small blocks of memory that come and go with each message
 *
 * Powers of two from 32 bytes to 4 KiB from lists of free blocks, larger ones
 * from the heap. What was taken for n bytes is given back with the same n.
 */
#ifndef MTA_CHAIN_POOL_H
#define MTA_CHAIN_POOL_H

#include <stddef.h>

enum { CHAIN_POOL_CLASSES = 8 };

struct chain_pool {
	struct chain_block *free[CHAIN_POOL_CLASSES];
	struct chain_block *chunks;
	char *next, *end; /* of the newest chunk */
};

void chain_pool_init(struct chain_pool *p);
void chain_pool_done(struct chain_pool *p); /* not the large ones */

/* Never NULL; not zeroed. */
void *chain_pool_take(struct chain_pool *p, size_t n);
void chain_pool_give(struct chain_pool *p, void *block, size_t n);

#endif
