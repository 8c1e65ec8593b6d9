/* holder_order - what an order means for each held message */
#include "daemon/holder_state.h"

enum fate { FATE_NONE, FATE_RELEASE, FATE_RETURN, FATE_FORGED, FATE_KEEP };

/* A domain's end doesn't let go of an account that has a sanction of its own.
 */
static bool
is_anothers(const struct holder *h, const struct holder_order *o,
    const struct queue_message *m)
{
	return o->scope.account.n == 0 && map_find(&h->accounts, m->account);
}

static enum fate
fate_of(const struct holder *h, const struct holder_order *o,
    const struct queue_message *m)
{
	/* The second in which it arrived is cut. */
	if (is_anothers(h, o, m) || holder_is_ordered(m) ||
	    !held_scope_has(&o->scope, m) || (o->at > 0 && m->to > o->at + 1))
		return FATE_NONE;
	if (held_select_has(&o->release, m) &&
	    (!o->is_clean_only || m->origin == QUEUE_ORIGIN_CLEAN))
		return FATE_RELEASE;
	if (!o->is_rest_return)
		return FATE_KEEP;
	return queue_sender_is_own(m->account, m->sender) ? FATE_RETURN
							  : FATE_FORGED;
}

static void
add(struct holder_sum *sum, enum fate fate, const struct queue_message *m)
{
	if (fate == FATE_RELEASE)
		held_tally_add(&sum->released, m);
	else if (fate == FATE_RETURN)
		held_tally_add(&sum->returned, m);
	else if (fate != FATE_NONE)
		held_tally_add(&sum->kept, m);
	sum->n_forged += fate == FATE_FORGED;
}

void
holder_foresee(const struct holder *h, const struct holder_order *o,
    struct holder_sum *sum)
{
	const struct queue_entry *e;
	size_t i = 0;

	*sum = (struct holder_sum){0};
	while ((e = queue_book_next(&h->held, &i)) != NULL)
		add(sum, fate_of(h, o, &e->m), &e->m);
}

void
holder_order(
    struct holder *h, const struct holder_order *o, struct holder_sum *sum)
{
	struct queue_entry *e;
	size_t i = 0;

	if (sum)
		holder_foresee(h, o, sum);
	while ((e = queue_book_next(&h->held, &i)) != NULL) {
		enum fate fate = fate_of(h, o, &e->m);

		if (fate != FATE_RELEASE && fate != FATE_RETURN)
			continue;
		/* A crash doesn't forget the order. */
		e->m.due = fate == FATE_RELEASE ? HOLDER_DUE_RELEASE
						: HOLDER_DUE_RETURN;
		e->is_wanted = fate == FATE_RELEASE;
		holder_note(h, &e->m, false);
	}
	struct holder_account *a = holder_find(h, &o->scope);

	if (a)
		holder_remove(h, a);
}
