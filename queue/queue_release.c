/* queue_release - lets go of what is held: to be delivered, returned, deleted
 *
 * postsuper -H only puts a message among the deferred, where it waits for the
 * next run of the queue, up to five minutes: each is tried at once, in order of
 * arrival. A message whose age is more than half of what it may be would be
 * returned at its first deferral (hold doesn't stop that clock): it is requeued
 * instead, which gives it a new queue id and a new age. What doesn't name its
 * account as the sender isn't returned: a thief's bounces would hit strangers.
 */
#include "base/log.h"
#include "queue/queue_parts.h"

static const struct {
	const char *option;
	enum queue_result result;
} ways[QUEUE_VERBS] = {
    [QUEUE_VERB_RELEASE] = {"-H", QUEUE_RELEASED},
    [QUEUE_VERB_REQUEUE] = {"-r", QUEUE_REQUEUED},
    [QUEUE_VERB_RETURN] = {"-f", QUEUE_RETURNED},
    [QUEUE_VERB_DELETE] = {"-d", QUEUE_DELETED},
};

static bool
is_old(const struct queue_look *l, const struct queue_sought *s, int64_t now,
    int64_t lifetimes[2])
{
	bool is_bounce = s->m.sender.n == 0;

	if (lifetimes[is_bounce] < 0)
		lifetimes[is_bounce] = queue_look_lifetime(l, is_bounce);
	return lifetimes[is_bounce] > 0 &&
	       now - s->arrived > lifetimes[is_bounce] / 2;
}

/* The result that each shall have; those that can't are decided. */
static void
choose(struct queue_look *l, struct queue_book *b, enum queue_verb verb,
    int64_t now)
{
	int64_t lifetimes[2] = {-1, -1};

	for (size_t i = 0; i < l->n; i++) {
		struct queue_sought *s = l->v[i];

		if (s->where != WHERE_HOLD || !s->is_same) {
			s->m.result = QUEUE_GONE;
			queue_book_remove(b, s->entry);
			s->entry = NULL;
			continue;
		}
		if (verb == QUEUE_VERB_RETURN &&
		    !queue_sender_is_own(s->entry->m.account, s->m.sender)) {
			s->m.result = QUEUE_FORGED;
			continue;
		}
		s->m.result = ways[verb].result;
		if (verb == QUEUE_VERB_RELEASE && is_old(l, s, now, lifetimes))
			s->m.result = QUEUE_REQUEUED;
	}
}

static int
act(struct queue_look *l, struct error *err)
{
	static const enum queue_verb verbs[] = {QUEUE_VERB_RELEASE,
	    QUEUE_VERB_REQUEUE, QUEUE_VERB_RETURN, QUEUE_VERB_DELETE};
	int rc = 0;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		if (queue_look_super(l, ways[verbs[i]].option, true,
			ways[verbs[i]].result, err) < 0)
			rc = -1;
	}
	return rc;
}

/* What is still on hold after it failed. */
static void
settle(struct queue_look *l, struct queue_book *b)
{
	for (size_t i = 0; i < l->n; i++) {
		struct queue_sought *s = l->v[i];

		if (!s->entry || s->m.result == QUEUE_FORGED)
			continue;
		if (s->where == WHERE_HOLD && s->is_same) {
			s->m.result = QUEUE_FAILED;
			continue;
		}
		queue_book_remove(b, s->entry);
		s->entry = NULL;
	}
}

static void
try_now(struct queue_look *l)
{
	struct error err;
	size_t failed = 0;

	for (size_t i = 0; i < l->n; i++) {
		enum queue_result r = l->v[i]->m.result;

		if (r != QUEUE_RELEASED && r != QUEUE_RETURNED)
			continue;
		if (queue_look_try(l, l->v[i]->m.id, &err) < 0)
			failed++;
	}
	if (failed)
		log_warning("%s; %zu released messages wait for the next run "
			    "of the queue",
		    err.text, failed);
}

static int
release_some(struct queue_look *l, struct queue_book *b, enum queue_verb verb,
    int64_t now, struct error *err)
{
	if (queue_look(l, err) < 0)
		return -1;
	choose(l, b, verb, now);
	if (act(l, err) < 0)
		log_error("%s", err->text);
	if (queue_look(l, err) < 0)
		return -1;
	settle(l, b);
	try_now(l);
	return b->is_changed ? queue_file_save(l->place->state_dir, b, err) : 0;
}

void
queue_release(const struct queue_place *p, struct queue_book *b,
    enum queue_verb verb, int64_t now, struct queue_sought *v, size_t n)
{
	struct queue_look l;
	struct error err;

	for (size_t i = 0; i < p->n; i++) {
		if (!queue_look_init(&l, p, i, v, n))
			continue;
		if (release_some(&l, b, verb, now, &err) < 0) {
			log_error("%s; what could not be done is tried again",
			    err.text);
			for (size_t k = 0; k < l.n; k++)
				l.v[k]->m.result = QUEUE_FAILED;
		}
		queue_look_done(&l);
	}
}
