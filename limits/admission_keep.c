/* admission_keep - the messages and tallies, in their lists and maps */
#include <stdlib.h>

#include "base/error.h"
#include "limits/admission_parts.h"

enum { LINE = ADMISSION_LINE, BLOCK = 256 * LINE };

/* Memory in whole lines, freed all at once. */
struct admission_block {
	struct admission_block *next;
};

struct admission *
admission_new(const struct admission_options *o)
{
	struct admission *a = xalloc(1, sizeof(*a));

	a->options = *o;
	map_init(&a->processes);
	map_init(&a->queue_ids);
	for (int i = 0; i < SUBJECT_COUNTED; i++)
		map_init(&a->tallies[i]);
	return a;
}

static void *
take_lines(struct admission *a, size_t n)
{
	if ((size_t)(a->unused_end - a->unused) < n * LINE) {
		struct admission_block *b = aligned_alloc(LINE, BLOCK + LINE);

		if (!b)
			fatal("no memory for messages in submission");
		b->next = a->blocks;
		a->blocks = b;
		a->unused = (char *)b + LINE;
		a->unused_end = a->unused + BLOCK;
	}
	void *p = a->unused;

	a->unused += n * LINE;
	return p;
}

struct admission_tally *
admission_get_tally(struct admission *a, enum subject_kind kind, uint64_t hash)
{
	struct admission_tally *t = admission_find_tally(a, kind, hash);

	if (t)
		return t;
	t = a->spare_tallies;
	if (t)
		a->spare_tallies = t->next_spare;
	else
		t = take_lines(a, 1);
	*t = (struct admission_tally){.kind = (uint8_t)kind, .hash = hash};
	map_put_hashed(&a->tallies[kind], STR(""), hash, t);
	return t;
}

static void
put_tally(struct admission *a, struct admission_tally *t)
{
	if (--t->refs > 0)
		return;
	map_remove_hashed(&a->tallies[t->kind], STR(""), t->hash);
	t->next_spare = a->spare_tallies;
	a->spare_tallies = t;
}

/* In both lists the oldest one's older is not kept: that would fetch an entry
 * that nobody touched for long. */
static void
unlink_entry(struct admission *a, struct admission_entry *e)
{
	bool is_oldest = a->oldest == e;

	*(is_oldest ? &a->oldest : &e->older->newer) = e->newer;
	if (a->newest == e)
		a->newest = is_oldest ? NULL : e->older;
	else if (!is_oldest)
		e->newer->older = e->older;
}

static void
link_newest(struct admission *a, struct admission_entry *e)
{
	e->older = a->newest;
	e->newer = NULL;
	*(a->newest ? &a->newest->newer : &a->oldest) = e;
	a->newest = e;
}

static void
unlink_account(struct admission_entry *e)
{
	struct admission_tally *t = e->tallies[0];
	bool is_first = t->first == e;

	*(is_first ? &t->first : &e->account_older->account_newer) =
	    e->account_newer;
	if (t->last == e)
		t->last = is_first ? NULL : e->account_older;
	else if (!is_first)
		e->account_newer->account_older = e->account_older;
}

static void
link_account(struct admission_entry *e)
{
	struct admission_tally *t = e->tallies[0];

	e->account_older = t->last;
	e->account_newer = NULL;
	*(t->last ? &t->last->account_newer : &t->first) = e;
	t->last = e;
}

void
admission_link(struct admission *a, struct admission_entry *e)
{
	a->stats.entries++;
	link_newest(a, e);
	if (e->n_tallies)
		link_account(e);
}

void
admission_renew(struct admission *a, struct admission_entry *e)
{
	if (e == a->newest)
		return;
	unlink_entry(a, e);
	link_newest(a, e);
}

void
admission_drop(struct admission *a, struct admission_entry *e)
{
	if (e->is_latest)
		map_remove_hashed(&a->processes, STR(""), e->process);
	if (e->is_named)
		map_remove_hashed(&a->queue_ids, STR(""), e->queue_id);
	unlink_entry(a, e);
	if (e->n_tallies)
		unlink_account(e);
	for (unsigned i = 0; i < e->n_tallies; i++) {
		struct admission_tally *t = e->tallies[i];

		t->count.recipients -= e->recipients;
		t->count.messages--;
		put_tally(a, t);
	}
	a->stats.entries--;
	e->newer = a->spare_entries;
	a->spare_entries = e;
}

struct admission_entry *
admission_take(struct admission *a)
{
	struct admission_entry *e = a->spare_entries;

	if (!e)
		return take_lines(a, 2);
	a->spare_entries = e->newer;
	return e;
}

void
admission_free(struct admission **ap)
{
	struct admission *a = *ap;
	struct admission_block *b;

	if (!a)
		return;
	while ((b = a->blocks)) {
		a->blocks = b->next;
		free(b);
	}
	map_done(&a->processes);
	map_done(&a->queue_ids);
	for (int i = 0; i < SUBJECT_COUNTED; i++)
		map_done(&a->tallies[i]);
	free(a);
	*ap = NULL;
}
