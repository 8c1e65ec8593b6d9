/* others - what the other nodes posted about a subject, added to our own */
#include "ledger/others.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/ledger_state.h"

enum {
	FUTURE = 10, /* minutes that another's clock may be ahead */
	KEEPS = 30,  /* minutes after the last reading, or fact */
};

static struct subject_other *
find_other(const struct subject *s, struct str node)
{
	struct subject_other *o = s->others;

	while (o && !str_is(str_from(o->node), node))
		o = o->next;
	return o;
}

static struct subject_other *
get_other(struct subject *s, struct str node)
{
	struct subject_other *o = find_other(s, node);

	if (o)
		return o;
	o = xalloc(1, sizeof(*o));
	memcpy(o->node, node.p, node.n);
	o->next = s->others;
	s->others = o;
	return o;
}

static bool
is_node(struct str node)
{
	return node.n > 0 && node.n < sizeof(((struct subject_other *)0)->node);
}

static bool
is_later(const struct others_version *a, const struct others_version *b)
{
	return a->starts != b->starts ? a->starts > b->starts : a->seq > b->seq;
}

/* A page from before a lift; one that was posted after it, by a node that has
 * not heard of it yet, is taken as it is: what of the mark's minute came before
 * the mark only that node knows, and it will post that soon. */
static void
mark_other(struct subject_other *o, uint32_t mark)
{
	if (o->mark >= mark || o->posted_at > mark)
		return;
	o->mark = mark;
	o->pending = o->recipients = o->messages = 0;
	record_mark(&o->record, ledger_unstamp(mark));
}

static int32_t
bounded(int64_t n)
{
	return n < 0 ? 0 : n > INT32_MAX ? INT32_MAX : (int32_t)n;
}

enum others_result
others_set(struct ledger *l, struct subject *s, const struct others_page *page)
{
	struct record cells = {0};
	struct ledger_head head;
	struct str record = page->record;
	struct subject_other *o;

	if (!is_node(page->node))
		return OTHERS_DAMAGED;
	o = find_other(s, page->node);
	if (o && !is_later(&page->version, &o->version))
		return OTHERS_KNOWN;
	if (!ledger_take_head(&record, &head) ||
	    !record_unpack(&cells, record)) {
		record_done(&cells);
		return OTHERS_DAMAGED;
	}
	o = get_other(s, page->node);
	record_done(&o->record);
	o->record = cells;
	o->record.mark_minute =
	    head.mark ? record_minute(ledger_unstamp(head.mark)) : 0;
	o->version = page->version;
	o->first_seen = head.first_seen;
	o->mark = head.mark;
	o->posted_at = ledger_stamp(page->posted_at);
	o->pending = page->is_ended ? 0 : head.pending;
	o->recipients = page->is_ended ? 0 : bounded(page->recipients);
	o->messages = page->is_ended ? 0 : bounded(page->messages);
	/* Of a lift either may hear first. */
	if (head.mark > s->mark)
		ledger_mark(l, s, ledger_unstamp(head.mark));
	mark_other(o, s->mark);
	subject_void_sums(l, s);
	return OTHERS_NEWS;
}

enum others_result
others_set_sketches(
    struct subject *s, struct str node, const struct others_sketches *sketches)
{
	struct subject_seen seen = {0};
	struct subject_other *o;

	if (!is_node(node))
		return OTHERS_DAMAGED;
	o = find_other(s, node);
	if (o && !is_later(&sketches->version, &o->seen_version))
		return OTHERS_KNOWN;
	if (!(sketches->is_long ? ledger_take_seen_5(sketches->packed, &seen)
				: ledger_take_seen(sketches->packed, &seen))) {
		subject_seen_done(&seen);
		return OTHERS_DAMAGED;
	}
	o = get_other(s, node);
	subject_seen_done(&o->seen);
	o->seen = seen;
	o->seen_version = sketches->version;
	return OTHERS_NEWS;
}

int64_t
others_read_at(const struct subject *s)
{
	return ledger_unstamp(s->read_at);
}

void
others_set_read_at(struct subject *s, int64_t at)
{
	s->read_at = at ? ledger_stamp(at) : 0;
}

/* Was it fresh when something was last heard of the subject? */
static bool
is_believed(const struct subject *s, const struct subject_other *o)
{
	uint32_t now = s->last_seen > s->read_at ? s->last_seen : s->read_at;

	return (int64_t)o->posted_at + OTHERS_PENDING_HOLDS >= now;
}

int64_t
others_pending(const struct subject *s)
{
	int64_t sum = 0;

	for (const struct subject_other *o = s->others; o; o = o->next)
		sum += is_believed(s, o) ? o->pending : 0;
	return sum;
}

void
others_admitted(const struct subject *s, int64_t *recipients, int64_t *messages)
{
	*recipients = *messages = 0;
	for (const struct subject_other *o = s->others; o; o = o->next) {
		if (!is_believed(s, o))
			continue;
		*recipients += o->recipients;
		*messages += o->messages;
	}
}

size_t
others_count(const struct subject *s)
{
	size_t n = 0;

	for (const struct subject_other *o = s->others; o; o = o->next)
		n++;
	return n;
}

void
others_note_ends(struct ledger *l, const struct nodes *nodes)
{
	l->n_ends = 0;
	for (size_t i = 0; i < nodes->n; i++) {
		const struct nodes_one *one = &nodes->v[i];

		if (one->ends_at == 0)
			continue;
		memcpy(l->ends[l->n_ends].node, one->id, sizeof(one->id));
		l->ends[l->n_ends++].minute = record_minute(one->ends_at);
	}
}

static uint32_t
end_of(const struct ledger *l, const struct subject_other *o)
{
	for (size_t i = 0; i < l->n_ends; i++) {
		if (strcmp(l->ends[i].node, o->node) == 0)
			return l->ends[i].minute;
	}
	return UINT32_MAX;
}

/* While this node catches up, another's counts of later don't count yet. */
const struct record *
others_record(
    const struct ledger *l, struct subject_other *o, struct record *scratch)
{
	record_fold(&o->record, l->now);
	return record_before(
	    &o->record, l->minute + FUTURE, end_of(l, o), scratch);
}

void
others_mark(struct subject *s, uint32_t mark)
{
	for (struct subject_other *o = s->others; o; o = o->next)
		mark_other(o, mark);
}

void
others_fold(struct subject *s, int64_t now)
{
	for (struct subject_other **at = &s->others, *o; (o = *at);) {
		record_fold(&o->record, now);
		sketch_fold(&o->seen.recipients, now);
		networks_fold(&o->seen.networks, now);
		known_fold(&o->seen.known, now);
		record_saved(&o->record);
		record_shrink(&o->record);
		if (!record_is_empty(&o->record) || o->seen.networks.n > 0 ||
		    !sketch_is_empty(&o->seen.recipients) || o->seen.known ||
		    is_believed(s, o)) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		subject_other_free(o);
	}
}

void
others_forget(struct ledger *l, struct subject *s)
{
	uint32_t last = s->last_seen > s->read_at ? s->last_seen : s->read_at;

	if (record_minute(ledger_unstamp(last)) + KEEPS > l->minute)
		return;
	if (s->others)
		subject_void_sums(l, s);
	while (s->others) {
		struct subject_other *next = s->others->next;

		subject_other_free(s->others);
		s->others = next;
	}
	s->read_at = 0;
}
