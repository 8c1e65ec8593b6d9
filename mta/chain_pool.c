/* chain_pool - small blocks of memory that come and go with each message */
#include "mta/chain_pool.h"

#include <stdlib.h>

#include "base/error.h"

enum { SMALLEST = 32, LARGEST = SMALLEST << (CHAIN_POOL_CLASSES - 1) };
enum { CHUNK = 128 * 1024 };

struct chain_block {
	struct chain_block *next;
};

static unsigned
class_of(size_t n)
{
	if (n <= SMALLEST)
		return 0;
	return 64 - (unsigned)__builtin_clzll((n - 1) / SMALLEST);
}

void
chain_pool_init(struct chain_pool *p)
{
	*p = (struct chain_pool){0};
}

void
chain_pool_done(struct chain_pool *p)
{
	while (p->chunks) {
		struct chain_block *chunk = p->chunks;

		p->chunks = chunk->next;
		free(chunk);
	}
	*p = (struct chain_pool){0};
}

static void
add_chunk(struct chain_pool *p)
{
	struct chain_block *chunk = xrealloc(NULL, CHUNK, 1);

	chunk->next = p->chunks;
	p->chunks = chunk;
	p->next = (char *)chunk + SMALLEST;
	p->end = (char *)chunk + CHUNK;
}

void *
chain_pool_take(struct chain_pool *p, size_t n)
{
	if (n > LARGEST)
		return xrealloc(NULL, n, 1);
	unsigned class = class_of(n);
	struct chain_block *block = p->free[class];

	if (block) {
		p->free[class] = block->next;
		return block;
	}
	size_t size = (size_t)SMALLEST << class;

	if ((size_t)(p->end - p->next) < size)
		add_chunk(p);
	void *fresh = p->next;

	p->next += size;
	return fresh;
}

void
chain_pool_give(struct chain_pool *p, void *block, size_t n)
{
	if (n > LARGEST) {
		free(block);
		return;
	}
	struct chain_block *b = block;
	unsigned class = class_of(n);

	b->next = p->free[class];
	p->free[class] = b;
}
