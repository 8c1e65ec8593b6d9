/* disk_batch - what one transaction will do, as bytes in one buffer */
#include "base/disk_batch.h"

#include <assert.h>
#include <stdlib.h>

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
	free(b->p);
	free(b);
}

size_t
disk_batch_bytes(const struct disk_batch *b)
{
	return b->n;
}

static void
add_bytes(struct disk_batch *b, const void *p, size_t n)
{
	if (n > 0)
		memcpy(b->p + b->n, p, n);
	b->n += n;
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
	if (b->cap - b->n < need) {
		size_t cap = b->cap ? b->cap : 4096;

		while (cap - b->n < need)
			cap *= 2;
		b->p = xrealloc(b->p, cap, 1);
		b->cap = cap;
	}
	add_bytes(b, &h, sizeof(h));
	add_bytes(b, key.p, key.n);
	add_bytes(b, value.p, value.n);
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
disk_batch_next(const struct disk_batch *b, size_t *at, struct disk_step *step)
{
	struct header h;

	if (*at >= b->n)
		return false;
	memcpy(&h, b->p + *at, sizeof(h));
	*at += sizeof(h);
	step->verb = h.verb;
	step->table = h.table;
	step->key = str_make(b->p + *at, h.key_n);
	*at += h.key_n;
	step->value = str_make(b->p + *at, h.value_n);
	*at += h.value_n;
	return true;
}
