/* admission - recipients that policy admitted and the log does not show yet */
#include "limits/admission.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/map.h"

/* What counts for one subject; lives while an entry refers to it. */
struct tally {
	struct str name; /* kind and key; behind the struct */
	struct admission_count count;
	size_t refs;
	struct entry *first, *last; /* as account: its messages, oldest first */
};

struct entry {
	struct str instance, queue_id, process; /* behind the struct, or "" */
	char *queue_id_copy;
	struct tally *tallies[SUBJECT_KINDS];
	size_t n_tallies;
	int64_t recipients, inside;
	uint64_t last_recipient; /* hash: a service listed twice asks twice */
	enum admission_stage stage;
	int64_t at;
	struct entry *older, *newer;		     /* of all, by `at` */
	struct entry *account_older, *account_newer; /* of one account */
};

struct admission {
	struct admission_options options;
	struct map instances, queue_ids, processes, tallies;
	struct entry *oldest, *newest;
	enum admission_stage last_stage; /* the last one that is wired */
	struct admission_stats stats;
};

enum { TALLY_NAME = 400, ACCOUNT_TRIES = 64 };

struct admission *
admission_new(const struct admission_options *o)
{
	struct admission *a = xalloc(1, sizeof(*a));

	a->options = *o;
	map_init(&a->instances);
	map_init(&a->queue_ids);
	map_init(&a->processes);
	map_init(&a->tallies);
	return a;
}

static struct str
tally_name(enum subject_kind kind, struct str key, char buf[TALLY_NAME])
{
	key = str_head(key, TALLY_NAME - 1);
	buf[0] = (char)('A' + (int)kind);
	if (key.n)
		memcpy(buf + 1, key.p, key.n);
	return str_make(buf, key.n + 1);
}

static struct tally *
get_tally(struct admission *a, const struct admission_subject *s)
{
	char buf[TALLY_NAME];
	struct str name = tally_name(s->kind, s->key, buf);
	struct tally *t = map_find(&a->tallies, name);

	if (!t) {
		t = xalloc(1, sizeof(*t) + name.n);
		char *p = (char *)(t + 1);

		memcpy(p, name.p, name.n);
		t->name = str_make(p, name.n);
		map_put(&a->tallies, t->name, t);
	}
	t->refs++;
	return t;
}

static void
put_tally(struct admission *a, struct tally *t)
{
	if (--t->refs > 0)
		return;
	map_remove(&a->tallies, t->name);
	free(t);
}

static void
add_recipients(struct entry *e, int64_t n)
{
	e->recipients += n;
	for (size_t i = 0; i < e->n_tallies; i++)
		e->tallies[i]->count.recipients += n;
}

static void
unlink_entry(struct admission *a, struct entry *e)
{
	*(e->older ? &e->older->newer : &a->oldest) = e->newer;
	*(e->newer ? &e->newer->older : &a->newest) = e->older;
}

static void
link_newest(struct admission *a, struct entry *e)
{
	e->older = a->newest;
	e->newer = NULL;
	*(a->newest ? &a->newest->newer : &a->oldest) = e;
	a->newest = e;
}

static void
link_account(struct entry *e)
{
	struct tally *t = e->tallies[0];

	e->account_older = t->last;
	*(t->last ? &t->last->account_newer : &t->first) = e;
	t->last = e;
}

static void
unlink_account(struct entry *e)
{
	struct tally *t = e->tallies[0];

	*(e->account_older ? &e->account_older->account_newer : &t->first) =
	    e->account_newer;
	*(e->account_newer ? &e->account_newer->account_older : &t->last) =
	    e->account_older;
}

/* A newer entry may stand under the same key. */
static void
forget_key(struct map *m, struct str key, const struct entry *e)
{
	if (key.n && map_find(m, key) == e)
		map_remove(m, key);
}

static void
drop(struct admission *a, struct entry *e)
{
	forget_key(&a->instances, e->instance, e);
	forget_key(&a->processes, e->process, e);
	forget_key(&a->queue_ids, e->queue_id, e);
	unlink_entry(a, e);
	if (e->n_tallies)
		unlink_account(e);
	add_recipients(e, -e->recipients);
	for (size_t i = 0; i < e->n_tallies; i++) {
		e->tallies[i]->count.messages--;
		put_tally(a, e->tallies[i]);
	}
	a->stats.entries--;
	free(e->queue_id_copy);
	free(e);
}

void
admission_free(struct admission **ap)
{
	struct admission *a = *ap;

	if (!a)
		return;
	while (a->oldest)
		drop(a, a->oldest);
	map_done(&a->instances);
	map_done(&a->queue_ids);
	map_done(&a->processes);
	map_done(&a->tallies);
	free(a);
	*ap = NULL;
}

/* The smtpd process: the instance up to its first dot. */
static struct str
process_of(struct str instance)
{
	ptrdiff_t dot = str_find_char(instance, '.');

	return dot > 0 ? str_head(instance, (size_t)dot) : STR("");
}

/* A process has one transaction at a time: the last one is over, and unless it
 * came to the last stage it was aborted. */
static void
end_previous(struct admission *a, struct str process)
{
	struct entry *e = process.n ? map_find(&a->processes, process) : NULL;

	if (!e || e->stage >= a->last_stage)
		return;
	a->stats.aborted++;
	drop(a, e);
}

static struct entry *
add_entry(struct admission *a, const struct admission_request *q)
{
	end_previous(a, process_of(q->instance));
	if (a->stats.entries >= a->options.max_entries) {
		a->stats.dropped++;
		drop(a, a->oldest);
	}
	struct entry *e = xalloc(1, sizeof(*e) + q->instance.n + 1);
	char *p = (char *)(e + 1);

	if (q->instance.n)
		memcpy(p, q->instance.p, q->instance.n);
	e->instance = str_make(p, q->instance.n);
	e->process = process_of(e->instance);
	e->queue_id = STR("");
	for (size_t i = 0; i < q->n_subjects && i < SUBJECT_KINDS; i++) {
		e->tallies[i] = get_tally(a, &q->subjects[i]);
		e->tallies[i]->count.messages++;
		e->n_tallies++;
	}
	a->stats.entries++;
	link_newest(a, e);
	if (e->n_tallies)
		link_account(e);
	if (e->instance.n)
		map_put(&a->instances, e->instance, e);
	if (e->process.n)
		map_put(&a->processes, e->process, e);
	return e;
}

static struct entry *
find_entry(const struct admission *a, const struct admission_request *q)
{
	return q->instance.n ? map_find(&a->instances, q->instance) : NULL;
}

/* By how much the message's outward recipients change. */
static int64_t
change(const struct entry *e, const struct admission_request *q)
{
	if (q->stage != ADMISSION_RCPT) {
		int64_t all = q->recipient_count, had = e ? e->recipients : 0;
		int64_t outward = all - (e ? e->inside : 0);
		/* Postfix may have refused inside ones after us: they don't
		 * make room for outward ones that it took. */
		int64_t least = had < all ? had : all;

		return (outward > least ? outward : least) - had;
	}
	if (q->is_inside || (e && e->last_recipient == map_hash(q->recipient)))
		return 0;
	return 1;
}

void
admission_ask(const struct admission *a, const struct admission_request *q,
    struct admission_count *asked)
{
	const struct entry *e = find_entry(a, q);
	int64_t n = change(e, q);

	asked->recipients = n > 0 ? n : 0;
	asked->messages = !e;
}

static void
learn_queue_id(
    struct admission *a, struct entry *e, const struct admission_request *q)
{
	if (q->queue_id.n == 0 || e->queue_id.n > 0)
		return;
	e->queue_id_copy = str_dup(q->queue_id);
	e->queue_id = str_make(e->queue_id_copy, q->queue_id.n);
	map_put(&a->queue_ids, e->queue_id, e);
}

void
admission_admit(struct admission *a, const struct admission_request *q)
{
	struct entry *e = find_entry(a, q);

	if (q->stage > a->last_stage)
		a->last_stage = q->stage;
	if (!e)
		e = add_entry(a, q);
	add_recipients(e, change(e, q));
	if (q->stage == ADMISSION_RCPT) {
		uint64_t hash = map_hash(q->recipient);

		if (q->is_inside && e->last_recipient != hash)
			e->inside++;
		e->last_recipient = hash;
	}
	if (q->stage > e->stage)
		e->stage = q->stage;
	e->at = q->now;
	unlink_entry(a, e);
	link_newest(a, e);
	learn_queue_id(a, e, q);
}

void
admission_refuse(struct admission *a, const struct admission_request *q)
{
	struct entry *e = find_entry(a, q);

	if (q->stage > a->last_stage)
		a->last_stage = q->stage;
	if (!e || q->stage == ADMISSION_RCPT)
		return;
	drop(a, e);
}

void
admission_pending(const struct admission *a, enum subject_kind kind,
    struct str key, struct admission_count *out)
{
	char buf[TALLY_NAME];
	const struct tally *t = NULL;

	if (a->tallies.n)
		t = map_find(&a->tallies, tally_name(kind, key, buf));
	*out = t ? t->count : (struct admission_count){0, 0};
}

/* The account's oldest message whose queue id policy wasn't told. */
static struct entry *
find_nameless(const struct admission *a, struct str account, int64_t n)
{
	char buf[TALLY_NAME];
	const struct tally *t =
	    map_find(&a->tallies, tally_name(SUBJECT_ACCOUNT, account, buf));
	struct entry *oldest = NULL, *e = t ? t->first : NULL;

	for (int i = 0; e && i < ACCOUNT_TRIES; i++, e = e->account_newer) {
		if (e->queue_id.n > 0)
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
	struct entry *e = map_find(&a->queue_ids, queue_id);

	if (!e)
		e = find_nameless(a, account, n);
	if (e)
		drop(a, e);
}

void
admission_advance(struct admission *a, int64_t log_now)
{
	while (a->oldest && a->oldest->at + a->options.lapse <= log_now) {
		a->stats.lapsed++;
		drop(a, a->oldest);
	}
}

void
admission_stats(const struct admission *a, struct admission_stats *out)
{
	*out = a->stats;
}
