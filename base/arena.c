/* arena - memory for what dies together */
#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>

#include "base/error.h"

enum { BLOCK_SIZE = 4096, BLOCK_SIZE_MAX = 1 << 20 };

struct arena_block {
	struct arena_block *next;
	size_t used, size; /* of bytes */
	alignas(max_align_t) char bytes[];
};

void
arena_init(struct arena *a)
{
	a->first = NULL;
}

void
arena_done(struct arena *a)
{
	struct arena_block *next;

	for (struct arena_block *b = a->first; b; b = next) {
		next = b->next;
		free(b);
	}
	a->first = NULL;
}

static struct arena_block *
add_block(struct arena *a, size_t n)
{
	size_t size = a->first ? a->first->size * 2 : BLOCK_SIZE;

	if (size > BLOCK_SIZE_MAX)
		size = BLOCK_SIZE_MAX;
	if (size < n)
		size = n;
	struct arena_block *b = xalloc(1, sizeof(*b) + size);

	b->size = size;
	b->next = a->first;
	a->first = b;
	return b;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);

	if (n > SIZE_MAX / 2)
		fatal("no memory for %zu bytes", n);
	n = n ? (n + align - 1) / align * align : align;
	struct arena_block *b = a->first;

	if (!b || b->size - b->used < n)
		b = add_block(a, n);
	void *p = b->bytes + b->used;

	b->used += n;
	return p;
}

char *
arena_dup(struct arena *a, struct str s)
{
	char *z = arena_alloc(a, s.n + 1);

	if (s.n > 0)
		memcpy(z, s.p, s.n);
	return z;
}

struct str
arena_str(struct arena *a, struct str s)
{
	return str_make(arena_dup(a, s), s.n);
}
