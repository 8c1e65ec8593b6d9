/* chain_flight - the array of flights, the table that finds them, the lists
 * of their time-outs */
#include "mta/chain_flight.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/memory.h"

enum { FIRST_SLOTS = 1 << 14 };

void
flights_init(struct chains *c)
{
	int64_t max = c->settings->flights_max;

	c->max = (uint32_t)max + 1;
	c->used = 1;
	c->flights = xalloc(c->max, sizeof(*c->flights));
	memory_large_pages(c->flights, c->max * sizeof(*c->flights));
	c->slots_cap = FIRST_SLOTS;
	c->slots = xalloc(c->slots_cap, sizeof(*c->slots));
	c->next_id = 1;
	chain_pool_init(&c->pool);
}

void
flights_done(struct chains *c)
{
	for (uint32_t i = 1; i < c->used; i++) {
		if (c->flights[i].flags & FLIGHT_USED)
			recipients_free(c, &c->flights[i]);
	}
	chain_pool_done(&c->pool);
	free(c->flights);
	free(c->slots);
	free(c->to_save.v);
	free(c->to_fold.v);
	free(c->gone_save.v);
	free(c->gone_fold.v);
	free(c->folding.v);
	free(c->folding_gone.v);
}

static uint64_t
hash_of(const struct chains *c, uint16_t host, struct str queue_id)
{
	return chain_hash_exact(c->seed + host, queue_id);
}

struct flight_name
flight_name(const struct chains *c, uint16_t host, uint16_t instance,
    struct str queue_id)
{
	return (struct flight_name){.queue_id = queue_id,
	    .hash = hash_of(c, host, queue_id),
	    .host = host,
	    .instance = instance};
}

static inline bool
is_called(const struct flight *f, const struct flight_name *n)
{
	return f->hash == n->hash && f->host == n->host &&
	       f->queue_id_n == n->queue_id.n &&
	       str_same_short(f->queue_id, n->queue_id.p, n->queue_id.n);
}

/* The first place at which a flight with this hash may be found. */
static inline uint32_t
next_slot(const struct chains *c, uint32_t i, uint64_t hash)
{
	uint32_t mask = c->slots_cap - 1;

	for (i &= mask; c->slots[i].index; i = (i + 1) & mask) {
		if (c->slots[i].hash == (uint32_t)hash)
			break;
	}
	return i;
}

/* Of another instance: a stub, or the newest. */
__attribute__((noinline)) static struct flight *
find_other(struct chains *c, const struct flight_name *name, bool is_own_only)
{
	struct flight *best = NULL;
	uint32_t i = (uint32_t)name->hash;

	for (; c->slots[i = next_slot(c, i, name->hash)].index; i++) {
		struct flight *f = &c->flights[c->slots[i].index];
		bool is_stub = (f->flags & FLIGHT_STUB) != 0;

		if (!is_called(f, name) || (is_own_only && !is_stub))
			continue;
		bool is_best_stub = best && (best->flags & FLIGHT_STUB);

		if (!best || (is_stub && !is_best_stub) ||
		    (is_stub == is_best_stub && f->id > best->id))
			best = f;
	}
	return best;
}

static inline struct flight *
find(struct chains *c, const struct flight_name *name, bool is_own_only)
{
	uint32_t i = (uint32_t)name->hash;
	bool has_other = false;

	for (; c->slots[i = next_slot(c, i, name->hash)].index; i++) {
		struct flight *f = &c->flights[c->slots[i].index];

		if (!is_called(f, name))
			continue;
		if (f->instance == name->instance)
			return f;
		has_other = true;
	}
	return has_other ? find_other(c, name, is_own_only) : NULL;
}

struct flight *
flight_find(struct chains *c, const struct flight_name *name)
{
	return find(c, name, false);
}

struct flight *
flight_find_own(struct chains *c, const struct flight_name *name)
{
	return find(c, name, true);
}

/* A name that wasn't asked for last isn't looked up: that could make it. */
void
chains_expect(const struct chains *c, struct logline *line)
{
	const struct chain_name *last = c->hosts.last;
	struct str queue_id = postfix_queue_id(line);

	if (queue_id.n == 0 || !name_is(last, line->host))
		return;
	line->id_n = queue_id.n;
	line->id_host = last->number;
	line->id_hash = hash_of(c, last->number, queue_id);
	__builtin_prefetch(
	    &c->slots[(uint32_t)line->id_hash & (c->slots_cap - 1)]);
}

static void
put_slot(struct chains *c, struct chain_slot slot)
{
	uint32_t mask = c->slots_cap - 1, i = slot.hash & mask;

	while (c->slots[i].index)
		i = (i + 1) & mask;
	c->slots[i] = slot;
}

static void
double_slots(struct chains *c)
{
	struct chain_slot *old = c->slots;
	uint32_t old_cap = c->slots_cap;

	c->slots_cap *= 2;
	c->slots = xalloc(c->slots_cap, sizeof(*c->slots));
	for (uint32_t i = 0; i < old_cap; i++) {
		if (old[i].index)
			put_slot(c, old[i]);
	}
	free(old);
}

void
flight_insert(struct chains *c, struct flight *f, uint64_t hash)
{
	if (c->n >= c->slots_cap / 2)
		double_slots(c);
	f->hash = hash;
	put_slot(c, (struct chain_slot){(uint32_t)f->hash, flight_index(c, f)});
}

/* Take f's slot out; the followers move back, there are no tombstones. */
static void
remove_slot(struct chains *c, const struct flight *f)
{
	uint32_t mask = c->slots_cap - 1, i = (uint32_t)f->hash & mask;
	uint32_t index = flight_index(c, f);

	while (c->slots[i].index != index)
		i = (i + 1) & mask;
	for (uint32_t k = (i + 1) & mask; c->slots[k].index;
	     k = (k + 1) & mask) {
		uint32_t home = c->slots[k].hash & mask;

		if (((k - home) & mask) < ((k - i) & mask))
			continue;
		c->slots[i] = c->slots[k];
		i = k;
	}
	c->slots[i].index = 0;
}

static void
set_id(struct flight *f, struct str queue_id)
{
	f->queue_id_n = (uint8_t)queue_id.n;
	memcpy(f->queue_id, queue_id.p, queue_id.n);
}

/* The flags that tell of its place in the lists of the books stay. */
struct flight *
flight_take_place(struct chains *c)
{
	uint32_t i = c->free;

	if (i)
		c->free = c->flights[i].next;
	else if (c->used < c->max)
		i = c->used++;
	else
		return NULL;
	c->n++;
	return &c->flights[i];
}

struct flight *
flight_new(struct chains *c, const struct flight_name *name)
{
	if (name->queue_id.n == 0 || name->queue_id.n > FLIGHT_QUEUE_ID)
		return NULL;
	if (c->n + 1 >= c->max)
		chain_make_room(c);
	struct flight *f = flight_take_place(c);

	if (!f)
		return NULL;
	uint16_t listed = f->flags & (FLIGHT_SAVE | FLIGHT_FOLD);

	*f = (struct flight){
	    .id = c->next_id++,
	    .host = name->host,
	    .instance = name->instance,
	    .flags = FLIGHT_USED | listed,
	    .list = LIST_NONE,
	};
	set_id(f, name->queue_id);
	flight_insert(c, f, name->hash);
	flight_touch(c, f);
	return f;
}

static void
unlist(struct chains *c, struct flight *f)
{
	if (f->list == LIST_NONE)
		return;
	if (f->prev)
		c->flights[f->prev].next = f->next;
	else
		c->lists[f->list].first = f->next;
	if (f->next)
		c->flights[f->next].prev = f->prev;
	else
		c->lists[f->list].last = f->prev;
	f->prev = f->next = 0;
	f->list = LIST_NONE;
}

void
flight_put(struct chains *c, struct flight *f, enum flight_list list)
{
	uint32_t i = flight_index(c, f);

	if (f->list == list && list != LIST_NONE &&
	    f->stamp == (uint32_t)c->now && c->lists[list].last == i) {
		flight_touch(c, f); /* it is there */
		return;
	}
	unlist(c, f);
	if (list == LIST_NONE)
		return;

	f->list = (uint8_t)list;
	f->stamp = (uint32_t)c->now;
	f->order = c->order++;
	f->prev = c->lists[list].last;
	if (f->prev)
		c->flights[f->prev].next = i;
	else
		c->lists[list].first = i;
	c->lists[list].last = i;
	flight_touch(c, f);
}

void
flight_hide(struct chains *c, struct flight *f)
{
	if (f->flags & FLIGHT_HIDDEN)
		return;
	remove_slot(c, f);
	f->flags |= FLIGHT_HIDDEN;
	flight_touch(c, f);
}

void
flight_rename(
    struct chains *c, struct flight *f, const struct flight_name *name)
{
	if (name->queue_id.n == 0 || name->queue_id.n > FLIGHT_QUEUE_ID ||
	    (f->flags & FLIGHT_HIDDEN))
		return;
	remove_slot(c, f);
	set_id(f, name->queue_id);
	flight_insert(c, f, name->hash);
	flight_touch(c, f);
}

static void
add_id(struct flight_ids *ids, uint64_t id)
{
	if (ids->n == ids->cap) {
		ids->cap = ids->cap ? ids->cap * 2 : 256;
		ids->v = xrealloc(ids->v, ids->cap, sizeof(*ids->v));
	}
	ids->v[ids->n++] = id;
}

void
flight_free(struct chains *c, struct flight *f)
{
	unlist(c, f);
	flight_hide(c, f);
	chain_text_free(c, &f->account);
	chain_text_free(c, &f->sender);
	recipients_free(c, f);
	for (struct delivery *d = flight_take_queue(f); d;) {
		struct delivery *next = d->next;

		delivery_free(c, d);
		d = next;
	}
	/* What no save has seen need not be told as gone. */
	if (c->is_kept && f->id < c->saved_id)
		add_id(&c->gone_save, f->id);
	if (c->is_kept && (f->flags & FLIGHT_FOLDED))
		add_id(&c->gone_fold, f->id);
	f->flags &= FLIGHT_SAVE | FLIGHT_FOLD;
	f->next = c->free;
	c->free = flight_index(c, f);
	c->n--;
}

void
flight_touch(struct chains *c, struct flight *f)
{
	if (!c->is_kept)
		return;
	if (!(f->flags & FLIGHT_SAVE))
		add_id(&c->to_save, flight_index(c, f));
	if (!(f->flags & FLIGHT_FOLD))
		add_id(&c->to_fold, flight_index(c, f));
	f->flags |= FLIGHT_SAVE | FLIGHT_FOLD;
}
