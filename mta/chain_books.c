/* chain_books - the chains' part of the books
 *
 * A save holds the flights that changed since the last one, whole, and the ids
 * of those that are gone; applying it twice is harmless. A record is one
 * flight under its id; the record of id 0 holds what is not a flight's. Links,
 * the table and the lists are made anew when all is read.
 */
#include "ledger/books.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/pack.h"
#include "mta/chain_pack.h"

enum { CHAIN_FORMAT = 1, DEPTH_MAX = 64 };

/* While the books are read. */
struct chain_loading {
	struct map by_id;
	uint64_t *parents; /* by the flight's place */
};

static void
pack_state(struct chains *c, struct text *out)
{
	pack_u64(out, CHAIN_FORMAT);
	pack_i64(out, c->now);
	pack_u64(out, c->next_id);
	pack_u64(out, c->order);
}

static void
pack_learned(struct chains *c, struct text *out)
{
	pack_u64(out, c->learned.n);
	for (uint32_t i = 0; i < c->learned.cap; i++) {
		if (c->learned.v[i])
			pack_u64(out, c->learned.v[i]);
	}
}

/* Each section and record ends with the sum of what stands before. */
static void
seal(struct text *out, size_t from)
{
	char sum[PACK_BIG];

	pack_big(pack_checksum(str_make(out->p + from, out->n - from)), sum);
	text_bytes(out, sum, sizeof(sum));
}

static bool
unseal(struct str *s)
{
	uint64_t sum;

	if (s->n < PACK_BIG ||
	    !pack_from_big(str_make(s->p + s->n - PACK_BIG, PACK_BIG), &sum))
		return false;
	s->n -= PACK_BIG;
	return pack_checksum(*s) == sum;
}

static size_t
save_some(void *ctx, struct text *out, size_t max)
{
	struct chains *c = ctx;
	size_t from = out->n;

	if (c->loading)
		chain_loaded(c);
	if (c->to_save.n == 0 && c->gone_save.n == 0 && !c->is_learned_changed)
		return 0;
	pack_state(c, out);
	pack_u64(out, c->is_learned_changed);
	if (c->is_learned_changed)
		pack_learned(c, out);
	c->is_learned_changed = false;
	pack_u64(out, c->gone_save.n);
	for (size_t i = 0; i < c->gone_save.n; i++)
		pack_u64(out, c->gone_save.v[i]);
	c->gone_save.n = 0;
	for (; max > 0 && c->to_save.n > 0; max--) {
		struct flight *f = &c->flights[c->to_save.v[--c->to_save.n]];

		if ((f->flags & FLIGHT_USED) && (f->flags & FLIGHT_SAVE))
			flight_pack(c, f, out);
		f->flags &= (uint16_t)~FLIGHT_SAVE;
	}
	c->saved_id = c->next_id;
	seal(out, from);
	return c->to_save.n;
}

static void
save(void *ctx, struct text *out)
{
	save_some(ctx, out, SIZE_MAX);
}

static struct chain_loading *
get_loading(struct chains *c)
{
	if (!c->loading) {
		c->loading = xalloc(1, sizeof(*c->loading));
		c->loading->parents =
		    xalloc(c->max, sizeof(*c->loading->parents));
	}
	return c->loading;
}

static struct str
id_key(const struct flight *f)
{
	return str_make((const char *)&f->id, sizeof(f->id));
}

/* Put a flight that was read in its place, or over what it was before. */
static bool
place(struct chains *c, struct flight *f, uint64_t parent, bool is_record)
{
	struct chain_loading *l = get_loading(c);
	struct flight *old = map_find(&l->by_id, id_key(f));
	uint16_t kept = is_record ? FLIGHT_FOLDED : 0;

	if (old) {
		kept |=
		    old->flags & (FLIGHT_FOLDED | FLIGHT_SAVE | FLIGHT_FOLD);
		flight_clear(c, old);
	} else {
		old = flight_take_place(c);
		if (!old) {
			flight_clear(c, f); /* fewer are allowed now */
			return true;
		}
		kept |= old->flags & (FLIGHT_SAVE | FLIGHT_FOLD);
	}
	*old = *f;
	old->flags |= kept;
	map_put(&l->by_id, id_key(old), old);
	l->parents[flight_index(c, old)] = parent;
	if (!is_record)
		flight_touch(c, old);
	return true;
}

static void
forget(struct chains *c, uint64_t id)
{
	struct chain_loading *l = get_loading(c);
	struct flight *f =
	    map_remove(&l->by_id, str_make((const char *)&id, sizeof(id)));

	if (!f)
		return;
	/* It is in no table and no list yet. */
	f->flags |= FLIGHT_HIDDEN;
	f->list = LIST_NONE;
	flight_free(c, f);
}

static bool
take_state(struct chains *c, struct str *s)
{
	uint64_t format, next_id;
	uint32_t order;
	int64_t now;

	if (!pack_take_u64(s, &format) || format != CHAIN_FORMAT ||
	    !pack_take_i64(s, &now) || !pack_take_u64(s, &next_id) ||
	    !pack_take_u32(s, UINT32_MAX, &order))
		return false;
	c->now = now;
	c->next_id = next_id;
	c->order = order;
	return true;
}

static bool
take_learned(struct chains *c, struct str *s)
{
	uint64_t n, hash;

	if (!pack_take_u64(s, &n))
		return false;
	free(c->learned.v);
	c->learned = (struct chain_domains){0};
	for (; n > 0; n--) {
		if (!pack_take_u64(s, &hash) || hash == 0)
			return false;
		domains_add(&c->learned, hash);
	}
	return true;
}

static bool
replay(void *ctx, struct str s)
{
	struct chains *c = ctx;
	uint64_t is_learned, n, id, parent;
	struct flight f;

	get_loading(c);
	if (!unseal(&s) || !take_state(c, &s) ||
	    !pack_take_u64(&s, &is_learned) ||
	    (is_learned && !take_learned(c, &s)) || !pack_take_u64(&s, &n))
		return false;
	for (; n > 0; n--) {
		if (!pack_take_u64(&s, &id))
			return false;
		forget(c, id);
	}
	while (s.n > 0) {
		if (!flight_unpack(c, &s, &f, &parent) ||
		    !place(c, &f, parent, false))
			return false;
	}
	return true;
}

static int
compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void
swap(struct flight_ids *a, struct flight_ids *b)
{
	struct flight_ids was = *a;

	*a = *b;
	*b = was;
	b->n = 0;
}

/* What has changed up to here; what changes meanwhile and is not put yet is
 * put as it is then. */
static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct chains *c = ctx;
	char key[PACK_BIG];
	struct text t;

	if (c->loading)
		chain_loaded(c);
	swap(&c->folding, &c->to_fold);
	swap(&c->folding_gone, &c->gone_fold);
	if (c->folding_gone.n > 0)
		qsort(c->folding_gone.v, c->folding_gone.n, sizeof(uint64_t),
		    compare_ids);
	text_grow(&t, SIZE_MAX);
	pack_state(c, &t);
	pack_learned(c, &t);
	seal(&t, 0);
	pack_big(0, key);
	disk_put(b, table, str_make(key, PACK_BIG), text_view(&t));
	text_done(&t);
}

static size_t
fold_some(void *ctx, struct disk_batch *b, int table, size_t max)
{
	struct chains *c = ctx;
	char key[PACK_BIG];
	struct text t;

	text_grow(&t, SIZE_MAX);
	for (; max > 0 && c->folding_gone.n > 0; max--) {
		pack_big(c->folding_gone.v[--c->folding_gone.n], key);
		disk_delete(b, table, str_make(key, PACK_BIG));
	}
	for (; max > 0 && c->folding.n > 0; max--) {
		struct flight *f = &c->flights[c->folding.v[--c->folding.n]];

		f->flags &= (uint16_t)~FLIGHT_FOLD;
		if (!(f->flags & FLIGHT_USED))
			continue;
		f->flags |= FLIGHT_FOLDED;
		text_clear(&t);
		flight_pack(c, f, &t);
		seal(&t, 0);
		pack_big(f->id, key);
		disk_put(b, table, str_make(key, PACK_BIG), text_view(&t));
	}
	text_done(&t);
	return c->folding_gone.n + c->folding.n;
}

static bool
load(void *ctx, struct str key, struct str value)
{
	struct chains *c = ctx;
	uint64_t id, parent;
	struct flight f;

	get_loading(c);
	if (!pack_from_big(key, &id) || !unseal(&value))
		return false;
	if (id == 0)
		return take_state(c, &value) && take_learned(c, &value) &&
		       value.n == 0;
	if (!flight_unpack(c, &value, &f, &parent))
		return false;
	if (f.id != id || value.n > 0) {
		flight_clear(c, &f);
		return false;
	}
	return place(c, &f, parent, true);
}

struct books_part
chains_part(struct chains *c)
{
	return (struct books_part){
	    .tag = 'f',
	    .table = "flights",
	    .ctx = c,
	    .save = save,
	    .save_some = save_some,
	    .replay = replay,
	    .fold = fold,
	    .fold_some = fold_some,
	    .load = load,
	};
}

/* Parents are linked by their ids; one that is missing, or a circle, can't
 * come from us: then the flight is nobody's. */
static void
link_parents(struct chains *c)
{
	struct chain_loading *l = c->loading;

	for (uint32_t i = 1; i < c->used; i++) {
		struct flight *f = &c->flights[i];

		f->parent = f->children = 0;
		if (!(f->flags & FLIGHT_USED) || !l->parents[i])
			continue;
		const struct flight *parent = map_find(&l->by_id,
		    str_make((const char *)&l->parents[i], sizeof(uint64_t)));

		if (parent)
			f->parent = flight_index(c, parent);
		else
			f->kind = FLIGHT_NOBODY;
	}
	for (uint32_t i = 1; i < c->used; i++) {
		uint32_t at = c->flights[i].parent;

		for (int depth = 0; at && depth < DEPTH_MAX; depth++)
			at = c->flights[at].parent;
		if (at)
			c->flights[i].parent = 0;
		if (c->flights[i].parent)
			c->flights[c->flights[i].parent].children++;
	}
}

struct listed {
	uint32_t stamp, order, index;
};

static int
compare_listed(const void *pa, const void *pb)
{
	const struct listed *a = pa, *b = pb;

	if (a->stamp != b->stamp)
		return a->stamp < b->stamp ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static void
make_list(struct chains *c, enum flight_list list, struct listed *room)
{
	size_t n = 0;

	for (uint32_t i = 1; i < c->used; i++) {
		const struct flight *f = &c->flights[i];

		if ((f->flags & FLIGHT_USED) && f->list == list)
			room[n++] = (struct listed){f->stamp, f->order, i};
	}
	qsort(room, n, sizeof(*room), compare_listed);
	c->lists[list].first = n ? room[0].index : 0;
	c->lists[list].last = n ? room[n - 1].index : 0;
	for (size_t k = 0; k < n; k++) {
		struct flight *f = &c->flights[room[k].index];

		f->prev = k > 0 ? room[k - 1].index : 0;
		f->next = k + 1 < n ? room[k + 1].index : 0;
	}
}

static void
insert(struct chains *c, struct flight *f)
{
	struct str queue_id = str_make(f->queue_id, f->queue_id_n);

	flight_insert(
	    c, f, flight_name(c, f->host, f->instance, queue_id).hash);
}

void
chain_loaded(struct chains *c)
{
	struct chain_loading *l = c->loading;
	struct listed *room = xalloc(c->used, sizeof(*room));

	link_parents(c);
	for (uint32_t i = 1; i < c->used; i++) {
		struct flight *f = &c->flights[i];

		if ((f->flags & FLIGHT_USED) && !(f->flags & FLIGHT_HIDDEN))
			insert(c, f);
	}
	for (enum flight_list list = 0; list < LISTS; list++)
		make_list(c, list, room);
	free(room);
	/* What was replayed is on disk. */
	for (size_t i = 0; i < c->to_save.n; i++)
		c->flights[c->to_save.v[i]].flags &= (uint16_t)~FLIGHT_SAVE;
	c->to_save.n = c->gone_save.n = 0;
	c->is_learned_changed = false;
	c->saved_id = c->next_id;
	map_done(&l->by_id);
	free(l->parents);
	free(l);
	c->loading = NULL;
}
