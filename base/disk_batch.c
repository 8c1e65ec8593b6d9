/* disk_batch - what one transaction will do, as bytes in a chain of blocks */
#include "base/disk_batch.h"

#include <assert.h>
#include <stdlib.h>

enum { BLOCK = 64 * 1024 };

struct header {
	uint8_t verb, table;
	uint16_t key_n;
	uint32_t value_n;
};

struct disk_batch *
disk_batch_new(struct disk *d)
{
	struct disk_batch *b = xalloc(1, sizeof(*b));

	b->disk = d;
	return b;
}

void
disk_batch_free(struct disk_batch **bp)
{
	struct disk_batch *b = *bp;

	if (!b)
		return;
	*bp = NULL;
	for (struct disk_block *block = b->first, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(b);
}

size_t
disk_batch_bytes(const struct disk_batch *b)
{
	return b->n;
}

static void
add_bytes(struct disk_block *b, const void *p, size_t n)
{
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
}

/* The last one, with room for so many bytes. */
static struct disk_block *
get_block(struct disk_batch *b, size_t need)
{
	if (b->last && b->last->cap - b->last->n >= need)
		return b->last;
	size_t cap = need > BLOCK ? need : BLOCK;
	struct disk_block *block = xrealloc(NULL, sizeof(*block) + cap, 1);

	*block = (struct disk_block){.cap = cap};
	*(b->last ? &b->last->next : &b->first) = block;
	b->last = block;
	return block;
}

static void
add_step(struct disk_batch *b, enum disk_verb verb, int table, struct str key,
    struct str value)
{
	struct header h = {.verb = (uint8_t)verb,
	    .table = (uint8_t)table,
	    .key_n = (uint16_t)key.n,
	    .value_n = (uint32_t)value.n};
	size_t need = sizeof(h) + key.n + value.n;

	assert(table >= 0 && table < DISK_TABLES);
	assert(key.n > 0 && key.n <= DISK_KEY && value.n <= UINT32_MAX);
	struct disk_block *block = get_block(b, need);

	add_bytes(block, &h, sizeof(h));
	add_bytes(block, key.p, key.n);
	add_bytes(block, value.p, value.n);
	b->n += need;
}

void
disk_put(struct disk_batch *b, int table, struct str key, struct str value)
{
	add_step(b, DISK_PUT, table, key, value);
}

void
disk_delete(struct disk_batch *b, int table, struct str key)
{
	add_step(b, DISK_DELETE, table, key, STR(""));
}

void
disk_delete_to(struct disk_batch *b, int table, struct str last)
{
	add_step(b, DISK_DELETE_TO, table, last, STR(""));
}

bool
disk_batch_next(
    const struct disk_batch *b, struct disk_cursor *at, struct disk_step *step)
{
	struct header h;

	if (!at->block)
		at->block = b->first;
	else if (at->at >= at->block->n)
		*at = (struct disk_cursor){.block = at->block->next};
	if (!at->block)
		return false;
	const char *p = at->block->p + at->at;

	memcpy(&h, p, sizeof(h));
	step->verb = h.verb;
	step->table = h.table;
	step->key = str_make(p + sizeof(h), h.key_n);
	step->value = str_make(p + sizeof(h) + h.key_n, h.value_n);
	at->at += sizeof(h) + h.key_n + h.value_n;
	return true;
}
