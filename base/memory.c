/* memory - large pages for what is read all over */
#include "base/memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum {
	LARGE_PAGE = 2 << 20,
	HEAP = 64 << 20, /* larger blocks are mapped by themselves */
	PAD = 2 << 20,
	BLOCK = 64 * 1024, /* not so large that it is mapped by itself */
	BLOCKS = 64,
};

void
memory_large_pages(void *p, size_t size)
{
	uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
	uintptr_t from = ((uintptr_t)p + page - 1) & ~(page - 1);
	uintptr_t to = ((uintptr_t)p + size) & ~(page - 1);

	if (to > from && to - from >= LARGE_PAGE)
		(void)madvise((void *)from, to - from, MADV_HUGEPAGE);
}

/* The heap is made at once as large as most will ever need; its pages are
 * taken as they are used. */
void
memory_large_heap(void)
{
	void *blocks[BLOCKS];
	char *end = sbrk(0);
	size_t n = 0;

	mallopt(M_TOP_PAD, HEAP);
	mallopt(M_TRIM_THRESHOLD, -1); /* nothing goes back */
	while (n < BLOCKS && sbrk(0) == end)
		blocks[n++] = malloc(BLOCK);
	mallopt(M_TOP_PAD, PAD);
	memory_large_pages(end, (size_t)((char *)sbrk(0) - end));
	while (n > 0)
		free(blocks[--n]);
}
