/* holder_stop - the accounts whose mail is to be held */
#include "daemon/holder_state.h"

#include <stdlib.h>

void
holder_forget_exempt(struct holder *h)
{
	size_t i = 0;

	for (void *name; (name = map_next(&h->exempt, &i)) != NULL;)
		free(name);
	map_done(&h->exempt);
	map_init(&h->exempt);
}

void
holder_exempt(struct holder *h, struct str account)
{
	char *name = str_dup(account);

	free(map_put(&h->exempt, str_from(name), name));
}

void
holder_stop_begin(struct holder *h)
{
	struct holder_account *a;
	size_t i = 0;

	while ((a = map_next(&h->accounts, &i)) != NULL)
		a->is_stopped = a->is_new = false;
	holder_forget_exempt(h);
}

/* Is it to be left alone for as long as its account is stopped? Somebody else
 * let it go, who will have known why. */
static bool
is_let_go(const struct holder *h, const struct queue_entry *e)
{
	return e->m.result == QUEUE_RELEASED &&
	       holder_stop_of(h, e->m.account, &e->m.client) != NULL;
}

void
holder_forget_left(struct holder *h, const struct held_scope *of)
{
	struct queue_entry *e,
	    **gone = xalloc(h->left.by_id.n + 1, sizeof(struct queue_entry *));
	size_t i = 0, n = 0;

	while ((e = queue_book_next(&h->left, &i)) != NULL) {
		if (of ? held_scope_has(of, &e->m) : !is_let_go(h, e))
			gone[n++] = e;
	}
	for (i = 0; i < n; i++)
		queue_book_remove(&h->left, gone[i]);
	free(gone);
}

/* Read once: a storm stops many. */
static void
take_evidence(struct holder_account *a, const struct holder_stop *stop)
{
	struct text t;

	if (*a->cause && strcmp(a->cause, stop->cause) == 0)
		return;
	text_init(&t, a->cause, sizeof(a->cause));
	text_add(&t, stop->cause);
	evidence_parse(stop->event, &a->evidence);
}

void
holder_stop(struct holder *h, const struct holder_stop *stop)
{
	struct holder_account *a = holder_find(h, &stop->whose);
	int64_t until = stop->until;

	if (!a) {
		a = holder_add(h, &stop->whose);
		a->is_new = true;
		holder_forget_left(h, &a->scope);
	}
	a->is_stopped = true;
	take_evidence(a, stop);
	if (a->until != until)
		a->is_full_told = false;
	a->until = until;
	a->is_doubt = stop->is_doubt;
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
	for (i = 0; i < n; i++)
		holder_remove(h, gone[i]);
	free(gone);
}

/* What was to be held of somebody who isn't stopped any more. What
 * outpost-queue was asked about is left until it answers. */
static void
drop_unwanted(struct holder *h)
{
	struct queue_entry *e, **gone;
	size_t i = 0, n = 0;

	if (h->is_asked && h->asked == QUEUE_VERB_HOLD)
		return;
	gone = xalloc(h->wanted.by_id.n + 1, sizeof(struct queue_entry *));
	while ((e = queue_book_next(&h->wanted, &i)) != NULL) {
		if (!holder_stop_of(h, e->m.account, &e->m.client))
			gone[n++] = e;
	}
	for (i = 0; i < n; i++)
		queue_book_remove(&h->wanted, gone[i]);
	free(gone);
}

/* Whoever is stopped anew: an order to let its mail go is over, and so is the
 * end of what stopped it before. It may have been carried out, whether
 * outpost-queue could say so or not. */
static void
take_back(struct holder *h, struct queue_entry *e, bool is_new)
{
	bool is_ordered = holder_is_ordered(&e->m);

	if (is_ordered ? !is_new : !e->is_wanted)
		return;
	e->is_wanted = false;
	e->m.due = HOLDER_DUE_UNSURE;
	holder_note(h, &e->m, false);
}

void
holder_stop_end(struct holder *h)
{
	struct holder_account *a;
	struct queue_entry *e;
	size_t i = 0, k = 0;

	drop_unstopped(h);
	drop_unwanted(h);
	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		a = holder_stop_of(h, e->m.account, &e->m.client);
		if (a) {
			a->n++;
			a->bytes += e->m.size_bytes;
			take_back(h, e, a->is_new);
		} else if (holder_is_unsure(&e->m)) {
			/* outpost-queue knows until when it is to stay. */
			h->is_listed = false;
		}
	}
	while ((e = queue_book_next(&h->wanted, &k)) != NULL) {
		a = holder_stop_of(h, e->m.account, &e->m.client);
		if (a)
			a->waiting++;
	}
}
