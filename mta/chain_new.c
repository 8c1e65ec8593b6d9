/* chain_new - the chains as a whole: made, told the settings and the time */
#include <stdlib.h>

#include "base/error.h"
#include "mta/chain_flight.h"

static const char *const count_texts[CHAINS_COUNTS] = {
    [CHAINS_FLIGHTS] = "flights",
    [CHAINS_WAITING] = "waiting",
    [CHAINS_ACCEPTED] = "accepted",
    [CHAINS_ABORTED] = "aborted",
    [CHAINS_UNLINKED] = "unlinked",
    [CHAINS_TIMED_OUT] = "timed_out",
    [CHAINS_DROPPED] = "dropped",
    [CHAINS_STRAY] = "stray",
    [CHAINS_DOUBTFUL] = "doubtful",
    [CHAINS_UNMARKED] = "unmarked",
    [CHAINS_OVERFLOWED] = "overflowed",
};

struct chains *
chains_new(const struct chains_options *o, fact_fn *on_fact, void *ctx)
{
	struct chains *c = xalloc(1, sizeof(*c));

	c->on_fact = on_fact;
	c->ctx = ctx;
	c->uid_name = o->uid_name;
	c->uid_ctx = o->uid_ctx;
	c->refs = o->refs;
	c->ref_account = o->ref_account;
	c->ref_ctx = o->ref_ctx;
	c->outcome = o->outcome;
	c->outcome_ctx = o->outcome_ctx;
	c->on_account = o->on_account;
	c->account_ctx = o->account_ctx;
	c->on_message = o->on_message;
	c->message_ctx = o->message_ctx;
	c->seed = o->seed;
	c->is_kept = o->is_kept;
	chains_set(c, o->settings);
	flights_init(c);
	return c;
}

void
chains_free(struct chains **c)
{
	if (!*c)
		return;
	if ((*c)->loading)
		chain_loaded(*c);
	flights_done(*c);
	names_done(&(*c)->hosts);
	names_done(&(*c)->instances);
	free((*c)->inside.v);
	free((*c)->learned.v);
	free((*c)->foreign.v);
	free(*c);
	*c = NULL;
}

/* flights_max holds from the start on: the array doesn't move. */
void
chains_set(struct chains *c, const struct mta_settings *settings)
{
	c->settings = settings;
	account_rules_init(&c->rules, settings);
	memset(c->addresses, 0, sizeof(c->addresses));
	free(c->inside.v);
	c->inside = (struct chain_domains){0};
	for (size_t i = 0; i < settings->inside_domains.n; i++)
		domains_add(
		    &c->inside, chain_hash(c->seed,
				    str_from(settings->inside_domains.v[i])));
}

/* Something is due. Most lines are of the second of the one before. */
__attribute__((noinline)) static void
tick(struct chains *c, int64_t now)
{
	if (c->loading)
		chain_loaded(c);
	if (now > c->now && now < UINT32_MAX) {
		c->now = now;
		chain_expire_lists(c);
	}
	while (
	    c->counts[CHAINS_WAITING] >= (uint64_t)c->settings->waiting_max &&
	    c->lists[LIST_LINK].first)
		chain_settle_flight(c, &c->flights[c->lists[LIST_LINK].first]);
}

void
chains_tick(struct chains *c, int64_t now)
{
	if (now > c->now || c->loading ||
	    c->counts[CHAINS_WAITING] >= (uint64_t)c->settings->waiting_max)
		tick(c, now);
}

void
chains_settle(struct chains *c)
{
	if (c->loading)
		chain_loaded(c);
	while (c->lists[LIST_LINK].first)
		chain_settle_flight(c, &c->flights[c->lists[LIST_LINK].first]);
}

uint64_t
chains_count(const struct chains *c, enum chains_count what)
{
	return what == CHAINS_FLIGHTS ? c->n : c->counts[what];
}

const char *
chains_count_text(enum chains_count what)
{
	return count_texts[what];
}
