/* holder - which queued messages are to be held, until when, and which to go */
#include "daemon/holder_state.h"

#include <stdlib.h>

#include "base/time.h"

enum {
	LIST_AGAIN = 60, /* operators and the guard release, too */
	LEFT_FOR = 60,	 /* what was left alone is tried again */
	LEFT_MAX = 20000,
};

struct holder *
holder_new(const struct holder_options *o)
{
	struct holder *h = xalloc(1, sizeof(*h));

	h->o = *o;
	queue_book_init(&h->held);
	queue_book_init(&h->wanted);
	queue_book_init(&h->left);
	map_init(&h->accounts);
	text_grow(&h->changes, (size_t)QUEUE_BOOK_MAX * QUEUE_LINE_MAX);
	text_grow(&h->unfolded, (size_t)QUEUE_BOOK_MAX * QUEUE_LINE_MAX);
	return h;
}

void
holder_set(struct holder *h, const struct holder_options *o)
{
	h->o = *o;
}

void
holder_free(struct holder **hp)
{
	struct holder *h = *hp;
	size_t i = 0;

	if (!h)
		return;
	*hp = NULL;
	for (void *a; (a = map_next(&h->accounts, &i)) != NULL;)
		free(a);
	map_done(&h->accounts);
	queue_book_done(&h->held);
	queue_book_done(&h->wanted);
	queue_book_done(&h->left);
	text_done(&h->changes);
	text_done(&h->unfolded);
	free(h);
}

void
holder_keep(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *e = queue_book_find(&h->held, m->instance, m->id);

	if (e && e->m.due == m->due && e->m.to == m->to)
		return;
	struct holder_account *a = map_find(&h->accounts, m->account);

	if (a && !e) {
		a->n++;
		a->bytes += m->size_bytes;
	}
	bool is_wanted = e && e->is_wanted;

	holder_note(h, m, false);
	e = queue_book_put(&h->held, m);
	if (e)
		e->is_wanted = is_wanted;
}

void
holder_drop(struct holder *h, struct queue_entry *e)
{
	struct holder_account *a = map_find(&h->accounts, e->m.account);

	if (a && a->n > 0) {
		a->n--;
		a->bytes -= e->m.size_bytes;
	}
	holder_note(h, &e->m, true);
	queue_book_remove(&h->held, e);
}

void
holder_stop_begin(struct holder *h)
{
	struct holder_account *a;
	size_t i = 0;

	while ((a = map_next(&h->accounts, &i)) != NULL)
		a->is_stopped = false;
}

/* Is it to be left alone for as long as its account is stopped? Somebody else
 * let it go, who will have known why. */
static bool
is_let_go(const struct holder *h, const struct queue_entry *e)
{
	return e->m.result == QUEUE_RELEASED &&
	       map_find(&h->accounts, e->m.account) != NULL;
}

/* What was left alone and may be tried again; of this account all (empty: of
 * none). */
static void
forget_left(struct holder *h, struct str account)
{
	struct queue_entry *e,
	    **gone = xalloc(h->left.by_id.n + 1, sizeof(struct queue_entry *));
	size_t i = 0, n = 0;

	while ((e = queue_book_next(&h->left, &i)) != NULL) {
		if (account.n ? str_is(e->m.account, account)
			      : !is_let_go(h, e))
			gone[n++] = e;
	}
	for (i = 0; i < n; i++)
		queue_book_remove(&h->left, gone[i]);
	free(gone);
}

/* An account that is stopped anew: an order to let its mail go is over. */
static void
take_back(struct holder *h, struct str account)
{
	struct queue_entry *e;
	size_t i = 0;

	forget_left(h, account);
	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		if (e->m.due != 0 || !str_is(e->m.account, account))
			continue;
		e->is_wanted = false;
		e->m.due = 1;
	}
}

void
holder_stop(struct holder *h, struct str account, int64_t until)
{
	struct holder_account *a = map_find(&h->accounts, account);

	if (!a) {
		a = xalloc(1, sizeof(*a) + account.n + 1);
		memcpy(a->text, account.p, account.n);
		a->name = str_make(a->text, account.n);
		map_put(&h->accounts, a->name, a);
		take_back(h, account);
	}
	a->is_stopped = true;
	if (a->until != until)
		a->is_full_told = false;
	a->until = until;
}

static void
drop_unstopped(struct holder *h)
{
	struct holder_account **gone =
	    xalloc(h->accounts.n + 1, sizeof(struct holder_account *));
	struct holder_account *a;
	size_t i = 0, n = 0;

	while ((a = map_next(&h->accounts, &i)) != NULL) {
		a->n = a->waiting = 0;
		a->bytes = 0;
		if (!a->is_stopped)
			gone[n++] = a;
	}
	for (i = 0; i < n; i++) {
		map_remove(&h->accounts, gone[i]->name);
		free(gone[i]);
	}
	free(gone);
}

void
holder_stop_end(struct holder *h)
{
	struct holder_account *a;
	struct queue_entry *e;
	size_t i = 0, k = 0;

	drop_unstopped(h);
	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		a = map_find(&h->accounts, e->m.account);
		if (a) {
			a->n++;
			a->bytes += e->m.size_bytes;
		}
	}
	while ((e = queue_book_next(&h->wanted, &k)) != NULL) {
		a = map_find(&h->accounts, e->m.account);
		if (a)
			a->waiting++;
	}
}

bool
holder_is_stopped(const struct holder *h, struct str account)
{
	return map_find(&h->accounts, account) != NULL;
}

size_t
holder_stopped(const struct holder *h)
{
	return h->accounts.n;
}

static int64_t
due_of(const struct holder *h, const struct holder_account *a, int64_t now)
{
	return a->until < now + h->o.lease ? a->until : now + h->o.lease;
}

void
holder_offer(struct holder *h, const struct chains_queued *q, int64_t now)
{
	struct holder_account *a = map_find(&h->accounts, q->account);
	struct queue_message m = {
	    .instance = q->instance,
	    .id = q->queue_id,
	    .account = str_head(q->account, QUEUE_TEXT_MAX),
	    .sender = str_head(q->sender, QUEUE_TEXT_MAX),
	    /* One that is newer has another's queue id. A second, since the
	     * log's is cut. */
	    .to = (q->active_at ? q->active_at : now) + 1,
	};

	if (!a || a->until <= now || !queue_id_is_good(m.id) ||
	    !queue_instance_is_good(m.instance) ||
	    queue_book_find(&h->held, m.instance, m.id) ||
	    queue_book_find(&h->wanted, m.instance, m.id) ||
	    queue_book_find(&h->left, m.instance, m.id))
		return;
	if ((int64_t)(a->n + a->waiting) >= h->o.messages_max ||
	    a->bytes >= h->o.bytes_max) {
		if (!a->is_full_told)
			h->o.on_full(h->o.ctx, a->name, a->n + a->waiting);
		a->is_full_told = true;
		return;
	}
	m.due = due_of(h, a, now);
	if (queue_book_put(&h->wanted, &m))
		a->waiting++;
}

size_t
holder_release(struct holder *h, struct str account)
{
	struct queue_entry *e;
	size_t i = 0, n = 0;

	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		if (!str_is(e->m.account, account))
			continue;
		/* A crash doesn't forget the order. */
		e->m.due = 0;
		holder_note(h, &e->m, false);
		e->is_wanted = true;
		n++;
	}
	return n;
}

/* Held longer, or shorter, than it is now known to be right. */
static bool
is_to_renew(
    const struct holder *h, struct queue_entry *e, int64_t now, int64_t *due)
{
	const struct holder_account *a = map_find(&h->accounts, e->m.account);

	if (!a || a->until <= now)
		return false;
	*due = due_of(h, a, now);
	if (*due == a->until)
		return e->m.due != *due;
	return e->m.due < now + h->o.lease / 2 || e->m.due > *due;
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

static void
next_releases(struct holder *h, int64_t now, struct queue_request *q)
{
	struct queue_entry *e;
	size_t i = 0, n;
	bool is_any = false;
	int64_t due;

	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		if (e->m.due == 0 ||
		    (e->m.due <= now && !is_to_renew(h, e, now, &due)))
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
		if (e->is_wanted || e->m.due == 0 ||
		    !is_to_renew(h, e, now, &due))
			continue;
		ask(q, QUEUE_VERB_HOLD, &e->m);
		q->messages[q->n - 1].due = due;
	}
}

bool
holder_next(struct holder *h, int64_t now, struct queue_request *q)
{
	q->n = 0;
	q->operator= q->reason = str_make("", 0);
	if (now - h->left_at > LEFT_FOR || h->left.by_id.n > LEFT_MAX) {
		forget_left(h, STR(""));
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
		next_renewals(h, now, q);
	h->is_asked = q->n > 0;
	h->asked = q->verb;
	return h->is_asked;
}

static void
unwant(struct holder *h, struct queue_entry *e)
{
	struct holder_account *a = map_find(&h->accounts, e->m.account);

	if (a && a->waiting > 0)
		a->waiting--;
	queue_book_remove(&h->wanted, e);
}

static void
take_held(struct holder *h, const struct queue_message *m)
{
	struct queue_entry *e = queue_book_find(&h->wanted, m->instance, m->id);

	if (m->result != QUEUE_FAILED && e)
		unwant(h, e);
	e = queue_book_find(&h->held, m->instance, m->id);
	if (m->result == QUEUE_HELD) {
		holder_keep(h, m);
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

	/* Until when, is ours to say. */
	if (!e || e->m.to != m->to)
		holder_keep(h, m);
	e = queue_book_find(&h->held, m->instance, m->id);
	if (e)
		e->m.result = QUEUE_ASK;
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
	} else if (m->result != QUEUE_FAILED &&
		   (e = queue_book_find(&h->held, m->instance, m->id))) {
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

size_t
holder_waiting(const struct holder *h)
{
	return h->wanted.by_id.n;
}

size_t
holder_held(const struct holder *h)
{
	return h->held.by_id.n;
}
