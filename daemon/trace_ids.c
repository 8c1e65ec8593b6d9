/* trace_ids - which queue ids belong to what is looked for */
#include "daemon/trace_ids.h"

#include <stdlib.h>

#include "base/error.h"

enum { SET_MAX = 1 << 18, DEPTH_MAX = 32 };

uint32_t
trace_id_hash(struct str id)
{
	uint64_t h = 0x9e3779b97f4a7c15u + id.n;

	for (size_t i = 0; i < id.n; i += 8) {
		uint64_t w = 0;

		memcpy(&w, id.p + i, id.n - i < 8 ? id.n - i : 8);
		h = (h ^ w) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return (uint32_t)h ? (uint32_t)h : 1;
}

void
trace_ids_init(struct trace_ids *t, size_t room, size_t max_links)
{
	*t = (struct trace_ids){.max_links = max_links};
	for (size_t i = 0; i < TRACE_KINDS; i++)
		t->found[i].cap = room;
	t->cap_set = 1024;
	t->set = xalloc(t->cap_set, sizeof(*t->set));
}

void
trace_ids_done(struct trace_ids *t)
{
	for (size_t i = 0; i < TRACE_KINDS; i++)
		free(t->found[i].v);
	free(t->links);
	free(t->set);
}

void
trace_ids_found(struct trace_ids *t, size_t criterion, struct str id)
{
	struct trace_ring *r = &t->found[criterion];
	uint32_t hash = trace_id_hash(id);

	if (!r->v)
		r->v = xalloc(r->cap, sizeof(*r->v));
	if (r->n > 0 && r->v[(r->n - 1) % r->cap] == hash)
		return;
	r->v[r->n++ % r->cap] = hash;
}

void
trace_ids_link(struct trace_ids *t, struct str from, struct str to)
{
	if (t->n_links == t->max_links) {
		t->links_left++;
		return;
	}
	if (t->n_links == t->cap_links) {
		t->cap_links = t->cap_links ? 2 * t->cap_links : 4096;
		t->links = xrealloc(t->links, t->cap_links, sizeof(*t->links));
	}
	t->links[t->n_links++] =
	    (struct trace_link){trace_id_hash(from), trace_id_hash(to)};
}

static size_t
slot_of(const struct trace_ids *t, uint32_t hash)
{
	size_t i = hash & (t->cap_set - 1);

	while (t->set[i] && t->set[i] != hash)
		i = (i + 1) & (t->cap_set - 1);
	return i;
}

static bool
put(struct trace_ids *t, uint32_t hash)
{
	size_t i = slot_of(t, hash);

	if (t->set[i] || t->n_set >= SET_MAX)
		return false;
	t->set[i] = hash;
	if (++t->n_set * 2 <= t->cap_set)
		return true;
	uint32_t *old = t->set;
	size_t cap = t->cap_set;

	t->cap_set *= 2;
	t->set = xalloc(t->cap_set, sizeof(*t->set));
	for (i = 0; i < cap; i++) {
		if (old[i])
			t->set[slot_of(t, old[i])] = old[i];
	}
	free(old);
	return true;
}

static bool
is_in(const struct trace_ids *t, uint32_t hash)
{
	return t->set[slot_of(t, hash)] == hash;
}

bool
trace_ids_has(const struct trace_ids *t, struct str id)
{
	return is_in(t, trace_id_hash(id));
}

/* Up to where the messages began, then down: not up again, or one server that
 * always answers with the same id would join all that it was sent. */
void
trace_ids_close(struct trace_ids *t, size_t criterion)
{
	const struct trace_ring *r = &t->found[criterion];
	size_t n = r->n < r->cap ? (size_t)r->n : r->cap;
	bool is_new = true;

	for (size_t i = 0; i < n; i++)
		put(t, r->v[i]);
	for (int depth = 0; is_new && depth < DEPTH_MAX; depth++) {
		is_new = false;
		for (size_t i = 0; i < t->n_links; i++)
			is_new |= is_in(t, t->links[i].to) &&
				  put(t, t->links[i].from);
	}
	is_new = true;
	for (int depth = 0; is_new && depth < DEPTH_MAX; depth++) {
		is_new = false;
		for (size_t i = 0; i < t->n_links; i++)
			is_new |= is_in(t, t->links[i].from) &&
				  put(t, t->links[i].to);
	}
}
