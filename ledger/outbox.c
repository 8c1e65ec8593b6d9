/* outbox - events of this node that were not yet seen in the stream */
#include "ledger/outbox.h"

#include <stdlib.h>

#include "base/error.h"

enum { CHANGES_MAX = 64 * 1024 * 1024, LINE = 512 };

void
outbox_init(struct outbox *o, size_t max)
{
	*o = (struct outbox){.max = max};
	o->end = &o->first;
	map_init(&o->by_id);
	text_grow(&o->changes, CHANGES_MAX);
	text_grow(&o->gone, CHANGES_MAX);
}

static void
free_outgoing(struct outgoing *e)
{
	free(e->json);
	free(e);
}

void
outbox_done(struct outbox *o)
{
	while (o->first) {
		struct outgoing *e = o->first;

		o->first = e->next;
		free_outgoing(e);
	}
	map_done(&o->by_id);
	text_done(&o->changes);
	text_done(&o->gone);
}

static struct outgoing *
append(struct outbox *o, struct str id, struct str json)
{
	struct outgoing *e;
	struct text t;

	if (id.n >= EVENT_ID || map_find(&o->by_id, id))
		return NULL;
	e = xalloc(1, sizeof(*e));
	text_init(&t, e->id, sizeof(e->id));
	text_str(&t, id);
	e->json = str_dup(json);
	*o->end = e;
	o->end = &e->next;
	if (!o->next)
		o->next = e;
	if (!o->unfolded)
		o->unfolded = e;
	map_put(&o->by_id, str_from(e->id), e);
	return e;
}

void
outbox_add(struct outbox *o, struct str id, struct str json)
{
	if (!append(o, id, json))
		return;
	/* A journal that nobody saves stops growing; the fold has it all. */
	if (o->changes.n < CHANGES_MAX / 2) {
		text_char(&o->changes, '+');
		text_str(&o->changes, json);
		text_char(&o->changes, '\n');
	}
	if (o->by_id.n > o->max) {
		o->given_up++;
		outbox_remove(o, str_from(o->first->id));
	}
}

static bool
unlink_id(struct outbox *o, struct str id)
{
	struct outgoing *e = map_remove(&o->by_id, id);

	if (!e)
		return false;
	if (o->next == e)
		o->next = e->next;
	if (o->unfolded == e)
		o->unfolded = e->next;
	for (struct outgoing **p = &o->first; *p; p = &(*p)->next) {
		if (*p != e)
			continue;
		*p = e->next;
		if (!e->next)
			o->end = p;
		break;
	}
	if (e->is_folded) {
		text_add(&o->gone, e->id);
		text_char(&o->gone, '\n');
	}
	free_outgoing(e);
	return true;
}

bool
outbox_remove(struct outbox *o, struct str id)
{
	char copy[EVENT_ID];
	struct text t;

	text_init(&t, copy, sizeof(copy)); /* id may be a view of the entry */
	text_str(&t, id);
	if (!unlink_id(o, text_view(&t)))
		return false;
	if (o->changes.n < CHANGES_MAX - 2 * EVENT_ID)
		text_printf(&o->changes, "-%s\n", copy);
	return true;
}

struct outgoing *
outbox_next(struct outbox *o)
{
	while (o->next && (o->next->is_asked || o->next->is_sent))
		o->next = o->next->next;
	return o->next;
}

void
outbox_answered(struct outbox *o, struct str id, bool is_sent)
{
	struct outgoing *e = map_find(&o->by_id, id);

	if (!e)
		return;
	e->is_asked = false;
	e->is_sent = is_sent;
	if (!is_sent)
		o->next = o->first;
}

void
outbox_forget_sent(struct outbox *o)
{
	o->next = o->first;
	for (struct outgoing *e = o->first; e; e = e->next)
		e->is_sent = false;
}

bool
outbox_save(struct outbox *o, struct text *out, size_t max)
{
	size_t bytes = max < SIZE_MAX / LINE ? max * LINE : SIZE_MAX;

	return text_move_lines(&o->changes, &o->saved, bytes, out) > 0;
}

bool
outbox_replay(struct outbox *o, struct str line)
{
	static struct event e; /* 8 KiB */
	char id[EVENT_ID];

	if (str_take(&line, STR("-"))) {
		unlink_id(o, line);
		return true;
	}
	if (!str_take(&line, STR("+")) || !event_parse(line, &e, NULL))
		return false;
	event_id(&e, id);
	append(o, str_from(id), line);
	return true;
}

void
outbox_fold(struct outbox *o, struct disk_batch *b, int table)
{
	struct str gone = text_view(&o->gone), id;

	while (str_cut(&gone, '\n', &id))
		disk_delete(b, table, id);
	text_clear(&o->gone);
}

bool
outbox_fold_some(struct outbox *o, struct disk_batch *b, int table, size_t max)
{
	struct outgoing *e;

	for (; max > 0 && (e = o->unfolded); max--) {
		if (!e->is_folded)
			disk_put(b, table, str_from(e->id), str_from(e->json));
		e->is_folded = true;
		o->unfolded = e->next;
	}
	return o->unfolded != NULL;
}

void
outbox_load(struct outbox *o, struct str id, struct str json)
{
	struct outgoing *e = append(o, id, json);

	if (e)
		e->is_folded = true;
}
