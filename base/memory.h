/* memory - what is read all over: fetched before it is, or in large pages
 *
 * A look into a table of many megabytes mostly asks the processor for a page it
 * hasn't at hand, too; in a virtual machine that takes longer than the look
 * itself. With pages of 2 MiB it has them all at hand. Hints only: where the
 * system has no such pages nothing happens.
 */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* What p points to, if anything, is soon read or written: it is fetched into
 * the cache meanwhile. The empty asm tells GCC that this is something: calls of
 * functions that only fetch it would leave out. */
static inline __attribute__((always_inline)) void
memory_expect(const void *p)
{
	__builtin_prefetch(p);
	__asm__ volatile("");
}

/* This block, of which the first part at least will be in use. */
void memory_large_pages(void *p, size_t size);

/* All blocks of this process, which doesn't live long: what was freed doesn't
 * go back. Before its threads. */
void memory_large_heap(void);

#endif
