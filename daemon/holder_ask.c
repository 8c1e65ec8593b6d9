/* holder_ask - what outpost-queue is to be asked next, and what it answered */
#include "daemon/holder_state.h"

#include <stdlib.h>

enum {
	LIST_AGAIN = 60, /* operators and the guard release, too */
	LEFT_FOR = 60,	 /* what was left alone is tried again */
	LEFT_MAX = 20000,
	TELL_AGAIN = 3600, /* what stays undecided */
};

/* There was doubt, and there is no more. */
static enum queue_origin
origin_now(const struct holder *h, const struct holder_account *a,
    const struct queue_message *m)
{
	if (m->origin != QUEUE_ORIGIN_WAITS)
		return m->origin;
	return holder_origin(h, a, &m->client, m->to);
}

/* Held longer, or shorter, than it is now known to be right. */
static bool
is_to_renew(
    const struct holder *h, struct queue_entry *e, int64_t now, int64_t *due)
{
	const struct holder_account *a =
	    holder_stop_of(h, e->m.account, &e->m.client);

	if (!a || a->until <= now)
		return false;
	enum queue_origin origin = origin_now(h, a, &e->m);
	int64_t end = holder_due(h, a, now), more = holder_extra(h, origin);

	*due = end + more;
	if (origin != e->m.origin)
		return true;
	if (end == a->until)
		return e->m.due != *due;
	return e->m.due < now + h->o.lease / 2 + more || e->m.due > *due;
}

static void
ask(struct queue_request *q, enum queue_verb verb,
    const struct queue_message *m)
{
	q->verb = verb;
	q->messages[q->n] = *m;
	q->messages[q->n].result = QUEUE_ASK;
	q->n++;
}

static void
next_holds(struct holder *h, struct queue_request *q)
{
	struct queue_entry *e;
	size_t i = 0;

	while (
	    q->n < QUEUE_BATCH && (e = queue_book_next(&h->wanted, &i)) != NULL)
		ask(q, QUEUE_VERB_HOLD, &e->m);
}

static bool
has_due(const struct queue_message *m)
{
	return !holder_is_ordered(m) && !holder_is_unsure(m);
}

/* Isn't clean, and isn't to leave by itself. */
static bool
is_to_stay(const struct holder *h, const struct queue_entry *e)
{
	return holder_is_doubtful(e->m.origin) && h->o.then != HOLDER_RELEASE;
}

/* What isn't clean, and about which nobody decided in time: false when there is
 * still time. */
static bool
is_undecided(struct holder *h, struct queue_entry *e, int64_t now)
{
	int64_t due;

	return !e->is_wanted && has_due(&e->m) && is_to_stay(h, e) &&
	       e->m.due - HOLDER_AHEAD <= now && !is_to_renew(h, e, now, &due);
}

static bool
is_to_return(struct holder *h, struct queue_entry *e, int64_t now)
{
	if (e->m.due == HOLDER_DUE_RETURN)
		return true;
	return h->o.then == HOLDER_RETURN && is_undecided(h, e, now) &&
	       queue_sender_is_own(e->m.account, e->m.sender);
}

static void
next_returns(struct holder *h, int64_t now, struct queue_request *q)
{
	struct queue_entry *e;
	size_t i = 0;

	q->reason = STR("held for a sanction, and not released (see outpost "
			"events)");
	while (
	    q->n < QUEUE_BATCH && (e = queue_book_next(&h->held, &i)) != NULL) {
		if (is_to_return(h, e, now))
			ask(q, QUEUE_VERB_RETURN, &e->m);
	}
}

/* What can't go back, or shall stay, does; and a person is told. */
static void
next_stays(struct holder *h, int64_t now, struct queue_request *q)
{
	struct queue_entry *e;
	size_t i = 0;

	q->reason = STR("");
	while (
	    q->n < QUEUE_BATCH && (e = queue_book_next(&h->held, &i)) != NULL) {
		if (!is_undecided(h, e, now))
			continue;
		ask(q, QUEUE_VERB_HOLD, &e->m);
		q->messages[q->n - 1].due = now + h->o.lease + HOLDER_AHEAD;
	}
	if (q->n == 0 ||
	    (h->kept_told_at > 0 && now - h->kept_told_at < TELL_AGAIN))
		return;
	h->kept_told_at = now;
	h->o.on_kept(h->o.ctx, q->messages[0].account, q->n);
}

static void
next_releases(struct holder *h, int64_t now, struct queue_request *q)
{
	struct queue_entry *e;
	size_t i = 0, n;
	bool is_any = false;
	int64_t due;

	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		if (e->m.due == HOLDER_DUE_RELEASE ||
		    (has_due(&e->m) && e->m.due <= now &&
			!is_to_renew(h, e, now, &due) && !is_to_stay(h, e)))
			e->is_wanted = true;
		is_any = is_any || e->is_wanted;
	}
	if (!is_any)
		return;
	struct queue_entry **v = queue_book_sorted(&h->held, &n);

	for (i = 0; i < n && q->n < QUEUE_BATCH; i++)
		ask(q, QUEUE_VERB_RELEASE, &v[i]->m);
	free(v);
}

static void
next_renewals(struct holder *h, int64_t now, struct queue_request *q)
{
	struct queue_entry *e;
	size_t i = 0;
	int64_t due;

	while (
	    q->n < QUEUE_BATCH && (e = queue_book_next(&h->held, &i)) != NULL) {
		if (e->is_wanted || holder_is_ordered(&e->m) ||
		    !is_to_renew(h, e, now, &due))
			continue;
		ask(q, QUEUE_VERB_HOLD, &e->m);
		struct queue_message *m = &q->messages[q->n - 1];

		m->due = due;
		m->origin =
		    origin_now(h, holder_stop_of(h, m->account, &m->client), m);
	}
}

bool
holder_next(struct holder *h, int64_t now, struct queue_request *q)
{
	q->n = 0;
	q->operator= q->reason = str_make("", 0);
	if (now - h->left_at > LEFT_FOR || h->left.by_id.n > LEFT_MAX) {
		holder_forget_left(h, NULL);
		h->left_at = now;
	}
	next_holds(h, q);
	if (q->n == 0 && (!h->is_listed || now - h->listed_at > LIST_AGAIN)) {
		q->verb = QUEUE_VERB_LIST;
		h->is_asked = h->is_listing = true;
		h->asked = q->verb;
		return true;
	}
	if (q->n == 0)
		next_releases(h, now, q);
	if (q->n == 0)
		next_returns(h, now, q);
	if (q->n == 0)
		next_stays(h, now, q);
	if (q->n == 0)
		next_renewals(h, now, q);
	h->is_asked = q->n > 0;
	h->asked = q->verb;
	return h->is_asked;
}

static void
unwant(struct holder *h, struct queue_entry *e)
{
	struct holder_account *a =
	    holder_stop_of(h, e->m.account, &e->m.client);

	if (a && a->waiting > 0)
		a->waiting--;
	queue_book_remove(&h->wanted, e);
}

static void
take_held(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *e = queue_book_find(&h->wanted, m->instance, m->id);

	bool is_new = e != NULL;

	if (m->result != QUEUE_FAILED && e)
		unwant(h, e);
	e = queue_book_find(&h->held, m->instance, m->id);
	if (m->result == QUEUE_HELD) {
		struct queue_message kept = *m;

		/* Lifted while it was put on hold. */
		if (is_new && !holder_stop_of(h, m->account, &m->client))
			kept.due = HOLDER_DUE_RELEASE;
		holder_keep(h, &kept);
		return;
	}
	if (m->result == QUEUE_FAILED)
		return;
	if (e)
		holder_drop(h, e);
	queue_book_put(&h->left, m);
}

/* The list says which of the known are there: a mark that holder_end reads. */
static void
take_listed(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *e = queue_book_find(&h->held, m->instance, m->id);
	bool is_stopped = holder_stop_of(h, m->account, &m->client) != NULL;
	struct queue_message known = *m;

	/* outpost-queue ended before it knew that it is on hold. */
	if (m->result == QUEUE_ASK && is_stopped)
		known.due = HOLDER_DUE_UNSURE;
	known.result = QUEUE_HELD;
	/* Until when, is ours to say, if we can. */
	if (!e || e->m.to != m->to || holder_is_unsure(&known) ||
	    (holder_is_unsure(&e->m) && !is_stopped))
		holder_keep(h, &known);
	e = queue_book_find(&h->held, m->instance, m->id);
	if (e)
		e->m.result = QUEUE_ASK;
}

/* It stays: an operator is to decide. */
static void
take_forged(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *e = queue_book_find(&h->held, m->instance, m->id);

	if (!e)
		return;
	e->m.due = m->due > 0 ? m->due : HOLDER_DUE_OVER;
	holder_note(h, &e->m, false);
}

void
holder_take(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *e;

	if (!h->is_asked)
		return;
	if (h->asked == QUEUE_VERB_LIST) {
		take_listed(h, m);
	} else if (h->asked == QUEUE_VERB_HOLD) {
		take_held(h, m);
	} else if (m->result == QUEUE_FORGED) {
		take_forged(h, m);
	} else if (m->result != QUEUE_FAILED &&
		   (e = queue_book_find(&h->held, m->instance, m->id))) {
		/* An order about one of a domain that is stopped. */
		if (holder_is_ordered(&e->m) &&
		    holder_stop_of(h, e->m.account, &e->m.client)) {
			struct queue_message gone = e->m;

			gone.result = QUEUE_RELEASED;
			queue_book_put(&h->left, &gone);
		}
		holder_drop(h, e);
	}
}

static void
drop_unlisted(struct holder *h)
{
	struct queue_entry *e,
	    **gone = xalloc(h->held.by_id.n + 1, sizeof(struct queue_entry *));
	size_t i = 0, n = 0;

	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		if (e->m.result != QUEUE_ASK)
			gone[n++] = e;
		e->m.result = QUEUE_HELD;
	}
	for (i = 0; i < n; i++) {
		gone[i]->m.result = QUEUE_RELEASED;
		/* Else it was our own order: it is to be held again. */
		if (!holder_is_unsure(&gone[i]->m))
			queue_book_put(&h->left, &gone[i]->m);
		holder_drop(h, gone[i]);
	}
	free(gone);
}

void
holder_end(struct holder *h, int64_t now, bool is_failed)
{
	if (h->is_asked && h->asked == QUEUE_VERB_LIST && !is_failed) {
		drop_unlisted(h);
		h->is_listed = true;
		h->listed_at = now;
	}
	h->is_asked = h->is_listing = false;
}
