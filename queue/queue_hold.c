/* queue_hold - puts messages on hold, known beforehand */
#include "base/log.h"
#include "queue/queue_parts.h"

/* One that stands in the book is asked for anew: until when; what is told of
 * its origin stays unless more is told. */
static void
renew(struct queue_book *b, struct queue_sought *s)
{
	s->m.result = QUEUE_HELD;
	/* One that was expected arrived within a time. */
	if (s->entry->m.from != s->arrived) {
		s->entry->m.from = s->entry->m.to = s->arrived;
		s->entry->m.size_bytes = s->size_bytes;
		b->is_changed = true;
	}
	if (s->entry->m.result != QUEUE_HELD) {
		s->entry->m.result = QUEUE_HELD;
		b->is_changed = true;
	}
	s->m.size_bytes = s->entry->m.size_bytes;
	if (s->m.origin == QUEUE_ORIGIN_UNTOLD) {
		s->m.client = s->entry->m.client;
		s->m.origin = s->entry->m.origin;
	}
	if (s->entry->m.due == s->m.due && s->entry->m.origin == s->m.origin)
		return;
	s->entry->m.due = s->m.due;
	s->entry->m.client = s->m.client;
	s->entry->m.origin = s->m.origin;
	b->is_changed = true;
}

/* Those that stay QUEUE_ASK are to be held, and stand in the book. */
static void
choose(struct queue_book *b, struct queue_sought *s)
{
	struct queue_message m = s->m;

	s->entry = queue_book_find(b, s->m.instance, s->m.id);
	if (s->where == WHERE_NOWHERE) {
		s->m.result = QUEUE_GONE;
		return;
	}
	if (!s->is_same) {
		s->m.result = QUEUE_CHANGED;
		return;
	}
	s->m.from = s->m.to = m.from = m.to = s->arrived;
	s->m.size_bytes = m.size_bytes = s->size_bytes;
	if (s->where == WHERE_QUEUED) {
		s->entry = queue_book_put(b, &m);
		if (!s->entry)
			s->m.result = QUEUE_FULL;
	} else if (s->entry && s->entry->m.from <= s->arrived &&
		   s->arrived <= s->entry->m.to) {
		renew(b, s);
	} else {
		s->m.result = QUEUE_FOREIGN;
	}
}

static void
fail_all(struct queue_look *l)
{
	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i]->m.result == QUEUE_ASK)
			l->v[i]->m.result = QUEUE_FAILED;
	}
}

/* What became of those that were to be held. One whose queue id went to another
 * message in between (a short id may) is let go at once. */
static void
settle(struct queue_look *l, struct queue_book *b)
{
	struct error err;

	for (size_t i = 0; i < l->n; i++) {
		struct queue_sought *s = l->v[i];

		if (s->m.result != QUEUE_ASK)
			continue;
		if (s->where == WHERE_HOLD && s->is_same) {
			s->m.result = s->entry->m.result = QUEUE_HELD;
			b->is_changed = true;
			continue;
		}
		s->m.result =
		    s->where == WHERE_HOLD ? QUEUE_CHANGED : QUEUE_GONE;
		queue_book_remove(b, s->entry);
		s->entry = NULL;
		if (s->where != WHERE_HOLD)
			continue;
		struct queue_look one = *l;

		one.v = &l->v[i];
		one.n = 1;
		if (queue_look_super(&one, "-H", true, QUEUE_CHANGED, &err) < 0)
			log_error("%s; %.*s stays on hold: postsuper -H it",
			    err.text, STR_ARG(s->m.id));
	}
}

static int
hold_some(struct queue_look *l, struct queue_book *b, struct error *err)
{
	if (queue_look(l, err) < 0)
		return -1;
	for (size_t i = 0; i < l->n; i++)
		choose(b, l->v[i]);
	/* From here on it is known that they are ours. */
	if (b->is_changed && queue_file_save(l->place->state_dir, b, err) < 0)
		return -1;
	/* Whether it failed or not: what is on hold now stays in the book. */
	if (queue_look_super(l, "-h", false, QUEUE_ASK, err) < 0)
		log_error("%s", err->text);
	if (queue_look(l, err) < 0)
		return -1;
	settle(l, b);
	return b->is_changed ? queue_file_save(l->place->state_dir, b, err) : 0;
}

void
queue_hold(const struct queue_place *p, struct queue_book *b,
    struct queue_sought *v, size_t n)
{
	struct queue_look l;
	struct error err;

	for (size_t i = 0; i < p->n; i++) {
		if (!queue_look_init(&l, p, i, v, n))
			continue;
		if (hold_some(&l, b, &err) < 0) {
			log_error("%s; messages may not be on hold that should "
				  "be, tried again",
			    err.text);
			fail_all(&l);
		}
		queue_look_done(&l);
	}
}

static void
expect_one(struct queue_book *b, struct queue_sought *s)
{
	s->entry = queue_book_find(b, s->m.instance, s->m.id);
	if (s->entry) {
		s->m.result = QUEUE_FOREIGN;
		return;
	}
	struct queue_message m = s->m;

	m.result = QUEUE_HELD;
	s->entry = queue_book_put(b, &m);
	s->m.result = s->entry ? QUEUE_HELD : QUEUE_FULL;
}

void
queue_expect(const struct queue_place *p, struct queue_book *b,
    struct queue_sought *v, size_t n)
{
	struct error err;

	for (size_t i = 0; i < n; i++) {
		if (v[i].m.result == QUEUE_ASK)
			expect_one(b, &v[i]);
	}
	if (!b->is_changed || queue_file_save(p->state_dir, b, &err) == 0)
		return;
	log_error(
	    "%s; new messages are deferred that should be on hold", err.text);
	for (size_t i = 0; i < n; i++) {
		if (v[i].m.result == QUEUE_HELD)
			v[i].m.result = QUEUE_FAILED;
	}
}
