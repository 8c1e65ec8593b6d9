/* arena - memory for what dies together (a config generation) */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/str.h"

struct arena {
	struct arena_block *first;
};

void arena_init(struct arena *a);
void arena_done(struct arena *a);
/* Zeroed, aligned for anything; never NULL. */
void *arena_alloc(struct arena *a, size_t n);
/* A NUL-terminated copy. */
char *arena_dup(struct arena *a, struct str s);
struct str arena_str(struct arena *a, struct str s);

#endif
