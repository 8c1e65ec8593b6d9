/* admission - recipients that policy admitted and the log does not show yet */
#include "limits/admission_parts.h"

#include "base/memory.h"

enum { ACCOUNT_TRIES = 64 };

/* The smtpd process: the instance up to its first dot, the dot included. One
 * without a dot stands for itself. */
static struct str
process_of(struct str instance)
{
	ptrdiff_t dot = str_find_char(instance, '.');

	return dot > 0 ? str_head(instance, (size_t)dot + 1) : instance;
}

/* A process has one transaction at a time: the last one is over, and unless it
 * came to the last stage it was aborted. */
static void
end_previous(struct admission *a, struct admission_entry *e)
{
	if (!e || e->stage >= a->last_stage)
		return;
	a->stats.aborted++;
	admission_drop(a, e);
}

/* The oldest one will be dropped for want of room: it was touched long ago, so
 * it is fetched while there is other work. */
static void
expect_drop(const struct admission *a)
{
	const struct admission_entry *e = a->oldest;

	if (a->stats.entries < a->options.max_entries || !e)
		return;
	for (unsigned i = 0; i < e->n_tallies; i++)
		memory_expect(e->tallies[i]);
	memory_expect(e->newer);
	memory_expect((const char *)e->newer + ADMISSION_LINE);
}

static void
make_room(struct admission *a)
{
	if (a->stats.entries < a->options.max_entries)
		return;
	a->stats.dropped++;
	admission_drop(a, a->oldest);
}

static void
hold_tallies(struct admission *a, const struct admission_request *q,
    const struct admission_found *f, struct admission_tally **tallies)
{
	for (size_t i = 0; i < f->n; i++) {
		tallies[i] = f->tallies[i];
		if (!tallies[i])
			tallies[i] = admission_get_tally(
			    a, q->subjects[i].kind, f->hash[i]);
		tallies[i]->refs++;
	}
}

static void
put_process(struct admission *a, struct admission_entry *e)
{
	struct admission_entry *previous;

	e->is_latest = e->process != 0;
	if (!e->is_latest)
		return;
	previous = map_put_hashed(&a->processes, STR(""), e->process, e);
	if (previous)
		previous->is_latest = false;
}

static struct admission_entry *
add_entry(struct admission *a, const struct admission_request *q,
    const struct admission_found *f)
{
	struct admission_tally *tallies[SUBJECT_COUNTED];

	/* First: what is dropped here may be the last to refer to them. */
	hold_tallies(a, q, f, tallies);
	end_previous(a, f->previous);
	make_room(a);
	struct admission_entry *e = admission_take(a);

	e->instance = f->instance;
	e->process = f->process;
	e->queue_id = 0;
	e->is_named = false;
	e->last_recipient = e->inside = 0;
	e->recipients = 0;
	e->stage = ADMISSION_RCPT;
	for (size_t i = 0; i < f->n; i++) {
		e->tallies[i] = tallies[i];
		tallies[i]->count.messages++;
	}
	e->n_tallies = (uint8_t)f->n;
	admission_link(a, e);
	put_process(a, e);
	return e;
}

static void
add_recipients(struct admission_entry *e, int64_t n)
{
	e->recipients += n;
	for (unsigned i = 0; i < e->n_tallies; i++)
		e->tallies[i]->count.recipients += n;
}

/* By how much the message's outward recipients change. */
static int64_t
change(const struct admission_entry *e, const struct admission_request *q,
    uint32_t recipient)
{
	if (q->stage != ADMISSION_RCPT) {
		int64_t all = q->recipient_count, had = e ? e->recipients : 0;
		int64_t outward = all - (e ? e->inside : 0);
		/* Postfix may have refused inside ones after us: they don't
		 * make room for outward ones that it took. */
		int64_t least = had < all ? had : all;

		return (outward > least ? outward : least) - had;
	}
	if (q->is_inside || (e && e->last_recipient == recipient))
		return 0;
	return 1;
}

static void
find_tallies(const struct admission *a, const struct admission_request *q,
    struct admission_found *f)
{
	f->n =
	    q->n_subjects < SUBJECT_COUNTED ? q->n_subjects : SUBJECT_COUNTED;
	for (size_t i = 0; i < f->n; i++) {
		const struct admission_subject *s = &q->subjects[i];
		uint64_t hash = s->hash ? s->hash : map_hash(s->key);
		struct admission_tally *t =
		    admission_find_tally(a, s->kind, hash);

		f->hash[i] = hash;
		f->tallies[i] = t;
		f->pending[i] = t ? t->count : (struct admission_count){0, 0};
	}
	if (f->n > 0 && f->tallies[0] && f->tallies[0]->last)
		memory_expect(&f->tallies[0]->last->account_newer);
}

void
admission_find(const struct admission *a, const struct admission_request *q,
    struct admission_found *f)
{
	f->instance = q->instance.n ? map_hash(q->instance) : 0;
	f->process = q->instance.n ? map_hash(process_of(q->instance)) : 0;
	f->recipient =
	    q->stage == ADMISSION_RCPT ? (uint32_t)map_hash(q->recipient) : 0;
	f->previous = admission_find_hash(&a->processes, f->process);
	f->entry = f->previous && f->previous->instance == f->instance
		       ? f->previous
		       : NULL;
	if (!f->entry)
		expect_drop(a);
	find_tallies(a, q, f);
	f->change = change(f->entry, q, f->recipient);
	f->asked.recipients = f->change > 0 ? f->change : 0;
	f->asked.messages = !f->entry;
}

void
admission_expect(const struct admission *a, const struct admission_subject *s)
{
	map_expect(&a->tallies[s->kind], s->hash);
}

static void
learn_queue_id(struct admission *a, struct admission_entry *e,
    const struct admission_request *q)
{
	struct admission_entry *previous;

	if (q->queue_id.n == 0 || e->queue_id)
		return;
	e->queue_id = map_hash(q->queue_id);
	e->is_named = true;
	previous = map_put_hashed(&a->queue_ids, STR(""), e->queue_id, e);
	if (previous)
		previous->is_named = false;
}

void
admission_admit(struct admission *a, const struct admission_request *q,
    const struct admission_found *f)
{
	struct admission_entry *e = f->entry;

	if (q->stage > a->last_stage)
		a->last_stage = q->stage;
	if (!e)
		e = add_entry(a, q, f);
	if (f->change)
		add_recipients(e, f->change);
	if (q->stage == ADMISSION_RCPT) {
		if (q->is_inside && e->last_recipient != f->recipient)
			e->inside++;
		e->last_recipient = f->recipient;
	}
	if (q->stage > e->stage)
		e->stage = (uint8_t)q->stage;
	e->at = (uint32_t)q->now;
	admission_renew(a, e);
	learn_queue_id(a, e, q);
}

void
admission_refuse(struct admission *a, const struct admission_request *q,
    const struct admission_found *f)
{
	if (q->stage > a->last_stage)
		a->last_stage = q->stage;
	if (f->entry && q->stage != ADMISSION_RCPT)
		admission_drop(a, f->entry);
}

void
admission_pending(const struct admission *a, enum subject_kind kind,
    struct str key, struct admission_count *out)
{
	const struct admission_tally *t =
	    (int)kind < SUBJECT_COUNTED && a->tallies[kind].n
		? admission_find_tally(a, kind, map_hash(key))
		: NULL;

	*out = t ? t->count : (struct admission_count){0, 0};
}

/* The account's oldest message whose queue id policy wasn't told. */
static struct admission_entry *
find_nameless(const struct admission *a, struct str account, int64_t n)
{
	const struct admission_tally *t =
	    admission_find_tally(a, SUBJECT_ACCOUNT, map_hash(account));
	struct admission_entry *oldest = NULL, *e = t ? t->first : NULL;

	for (int i = 0; e && i < ACCOUNT_TRIES; i++, e = e->account_newer) {
		if (e->queue_id)
			continue;
		if (e->recipients + e->inside == n)
			return e;
		if (!oldest)
			oldest = e;
	}
	return oldest;
}

void
admission_seen(
    struct admission *a, struct str queue_id, struct str account, int64_t n)
{
	if (a->stats.entries == 0)
		return;
	struct admission_entry *e =
	    admission_find_hash(&a->queue_ids, map_hash(queue_id));

	if (!e)
		e = find_nameless(a, account, n);
	if (e)
		admission_drop(a, e);
}

void
admission_advance(struct admission *a, int64_t log_now)
{
	while (a->oldest && a->oldest->at + a->options.lapse <= log_now) {
		a->stats.lapsed++;
		admission_drop(a, a->oldest);
	}
}

void
admission_stats(const struct admission *a, struct admission_stats *out)
{
	*out = a->stats;
}
