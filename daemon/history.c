/* history - the last events */
#include "daemon/history.h"

#include <stdlib.h>

#include "base/map.h"

enum { JSON_MAX = 64 * 1024 };

/* An event is kept as its JSON, parsed again when it is shown: 300 bytes
 * instead of eight thousand. */
struct past {
	struct past *older, *newer;
	char id[EVENT_ID];
	int64_t at_us; /* the identity again, to compare */
	char node[17];
	uint64_t seq;
	enum event_type type;
	uint64_t whose; /* hash_of its subject: most needn't be parsed */
	char *json;
	bool is_saved, is_folded;
};

struct history {
	struct past *newest, *oldest;
	struct map by_id;
	size_t max;
	size_t n_of_type[EVENT_TYPES];
	size_t n_unsaved, n_unfolded;
	char (*gone)[EVENT_ID]; /* folded and dropped since the last fold */
	size_t n_gone, cap_gone;
};

struct history *
history_new(size_t max)
{
	struct history *h = xalloc(1, sizeof(*h));

	map_init(&h->by_id);
	h->max = max;
	return h;
}

static void
unlink_past(struct history *h, struct past *p)
{
	*(p->older ? &p->older->newer : &h->oldest) = p->newer;
	*(p->newer ? &p->newer->older : &h->newest) = p->older;
	map_remove(&h->by_id, str_from(p->id));
	h->n_of_type[p->type]--;
	free(p->json);
	free(p);
}

void
history_free(struct history **hp)
{
	struct history *h = *hp;

	if (!h)
		return;
	*hp = NULL;
	while (h->oldest)
		unlink_past(h, h->oldest);
	map_done(&h->by_id);
	free(h->gone);
	free(h);
}

static void
drop(struct history *h, struct past *p)
{
	if (p->is_folded) {
		if (h->n_gone == h->cap_gone) {
			h->cap_gone = h->cap_gone ? 2 * h->cap_gone : 16;
			h->gone =
			    xrealloc(h->gone, h->cap_gone, sizeof(*h->gone));
		}
		memcpy(h->gone[h->n_gone++], p->id, EVENT_ID);
	}
	unlink_past(h, p);
}

/* As event_compare: ids are texts, of which "10" comes before "9". */
static int
compare(const struct past *a, int64_t at_us, const char *node, uint64_t seq)
{
	int by_node = strcmp(a->node, node);

	if (a->at_us != at_us)
		return a->at_us < at_us ? -1 : 1;
	if (by_node != 0)
		return by_node;
	return (a->seq > seq) - (a->seq < seq);
}

/* Most events come in order: search from the newest. */
static void
link_past(struct history *h, struct past *p)
{
	struct past *older = h->newest;

	while (older && compare(older, p->at_us, p->node, p->seq) > 0)
		older = older->older;
	p->older = older;
	p->newer = older ? older->newer : h->oldest;
	*(p->older ? &p->older->newer : &h->oldest) = p;
	*(p->newer ? &p->newer->older : &h->newest) = p;
	map_put(&h->by_id, str_from(p->id), p);
	h->n_of_type[p->type]++;
}

static uint64_t
hash_of(struct str kind, struct str subject)
{
	char buf[700];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	text_str(&t, kind);
	text_char(&t, ':');
	text_str(&t, subject);
	return map_hash(text_view(&t));
}

static bool
add(struct history *h, const struct event *e, struct str json, bool is_stored)
{
	struct past *p = xalloc(1, sizeof(*p));

	event_id(e, p->id);
	if (map_find(&h->by_id, str_from(p->id))) {
		free(p);
		return false;
	}
	p->at_us = e->at_us;
	memcpy(p->node, e->node, sizeof(p->node));
	p->seq = e->seq;
	p->type = e->type;
	p->whose = hash_of(str_from(e->kind), str_from(e->subject));
	p->json = str_dup(json);
	p->is_saved = p->is_folded = is_stored;
	if (!is_stored) {
		h->n_unsaved++;
		h->n_unfolded++;
	}
	link_past(h, p);
	if (h->by_id.n > h->max)
		drop(h, h->oldest);
	return true;
}

bool
history_add(struct history *h, const struct event *e)
{
	struct text t;

	text_grow(&t, JSON_MAX);
	event_print(e, &t);
	bool is_new = add(h, e, text_view(&t), false);

	text_done(&t);
	return is_new;
}

bool
history_has(const struct history *h, const char *id)
{
	return map_find(&h->by_id, str_from(id)) != NULL;
}

/* Those of other types are not parsed: they are nearly all. */
bool
history_knows(
    const struct history *h, enum event_type type, const char *subject)
{
	static struct event e; /* 8 KiB; never over a turn of the loop */
	size_t n = h->n_of_type[type];

	for (const struct past *p = h->newest; p && n > 0; p = p->older) {
		if (p->type != type)
			continue;
		if (event_parse(str_from(p->json), &e, NULL) &&
		    strcmp(e.subject, subject) == 0)
			return true;
		n--;
	}
	return false;
}

size_t
history_count(const struct history *h)
{
	return h->by_id.n;
}

/* whose 0: anybody's. */
static bool
matches(const struct past *p, uint64_t whose, const struct event *after)
{
	return (whose == 0 || p->whose == whose) &&
	       (!after ||
		   compare(p, after->at_us, after->node, after->seq) > 0);
}

void
history_each(const struct history *h, struct str kind, struct str subject,
    const struct event *after, size_t n, history_fn *each, void *ctx)
{
	static struct event e; /* 8 KiB; never over a turn of the loop */
	uint64_t whose = kind.n + subject.n > 0 ? hash_of(kind, subject) : 0;
	const struct past *from = NULL;

	for (const struct past *p = h->newest; p && n > 0; p = p->older) {
		if (after && p->at_us < after->at_us)
			break;
		if (!matches(p, whose, after))
			continue;
		from = p;
		n--;
	}
	for (const struct past *p = from; p; p = p->newer) {
		if (matches(p, whose, after) &&
		    event_parse(str_from(p->json), &e, NULL))
			each(ctx, &e);
	}
}

void
history_each_with(
    const struct history *h, struct str text, history_fn *each, void *ctx)
{
	static struct event e;

	for (const struct past *p = h->oldest; p; p = p->newer) {
		struct str json = str_from(p->json);

		if (str_find(json, text) >= 0 && event_parse(json, &e, NULL))
			each(ctx, &e);
	}
}

int64_t
history_oldest_us(const struct history *h)
{
	return h->oldest ? h->oldest->at_us : INT64_MAX;
}

static void
take_out(struct history *h, struct past *p)
{
	h->n_unsaved -= !p->is_saved;
	h->n_unfolded -= !p->is_folded;
	drop(h, p);
}

void
history_tick(struct history *h, int64_t since_us, size_t max)
{
	for (; max > 0 && h->oldest && h->oldest->at_us < since_us; max--)
		take_out(h, h->oldest);
}

size_t
history_drop(struct history *h, history_is_fn *is, void *ctx)
{
	size_t n = 0;

	for (struct past *p = h->oldest, *newer; p; p = newer) {
		newer = p->newer;
		if (!is(ctx, str_from(p->json)))
			continue;
		take_out(h, p);
		n++;
	}
	return n;
}

static size_t
save_some(void *ctx, struct text *out, size_t max)
{
	struct history *h = ctx;

	for (struct past *p = h->newest; p && h->n_unsaved > 0; p = p->older) {
		if (p->is_saved)
			continue;
		if (max-- == 0)
			return h->n_unsaved;
		text_add(out, p->json);
		text_char(out, '\n');
		p->is_saved = true;
		h->n_unsaved--;
	}
	return h->n_unsaved = 0; /* the rest was dropped unsaved */
}

static void
save(void *ctx, struct text *out)
{
	save_some(ctx, out, SIZE_MAX);
}

static bool
load_one(struct history *h, struct str json, bool is_stored)
{
	static struct event e;

	if (!event_parse(json, &e, NULL))
		return false;
	add(h, &e, json, is_stored);
	return true;
}

static bool
replay(void *ctx, struct str section)
{
	struct history *h = ctx;
	struct str json;

	while (str_cut(&section, '\n', &json)) {
		if (!load_one(h, json, false))
			return false;
	}
	for (struct past *p = h->newest; p; p = p->older)
		p->is_saved = true;
	h->n_unsaved = 0;
	return section.n == 0;
}

static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct history *h = ctx;

	for (size_t i = 0; i < h->n_gone; i++)
		disk_delete(b, table, str_from(h->gone[i]));
	h->n_gone = 0;
}

static size_t
fold_some(void *ctx, struct disk_batch *b, int table, size_t max)
{
	struct history *h = ctx;

	for (struct past *p = h->newest; p && h->n_unfolded > 0; p = p->older) {
		if (p->is_folded)
			continue;
		if (max-- == 0)
			return h->n_unfolded;
		disk_put(b, table, str_from(p->id), str_from(p->json));
		p->is_folded = true;
		h->n_unfolded--;
	}
	return h->n_unfolded = 0;
}

static bool
load(void *ctx, struct str key, struct str value)
{
	(void)key;
	return load_one(ctx, value, true);
}

struct books_part
history_part(struct history *h)
{
	return (struct books_part){.tag = 'H',
	    .table = "events",
	    .ctx = h,
	    .save = save,
	    .save_some = save_some,
	    .replay = replay,
	    .fold = fold,
	    .fold_some = fold_some,
	    .load = load};
}
