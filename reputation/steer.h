/* steer - which own IP a sender's mail leaves by, and who must go elsewhere
 *
 * Two things can be told to Postfix, and their product can't: by sender, which
 * place of which pool; by recipient domain, an own IP for all mail of a
 * provider. So a sender has a place in his pool, the same for ever, and each
 * place an own IP by rendezvous hashing over those that can be used; and a
 * provider that gives one of them trouble gets all its mail from those that it
 * takes mail from, spread over its domains, whoever sends. Pure.
 */
#ifndef REPUTATION_STEER_H
#define REPUTATION_STEER_H

#include "reputation/lane.h"
#include "reputation/pool.h"

/* From best to worst: with none to be used, the least bad is. */
enum steer_use {
	STEER_USED,
	STEER_WARMING, /* it gets its budgets alone */
	STEER_BLOCKED, /* by many providers */
	STEER_LISTED,  /* on a list of bad senders */
	STEER_DRAINED, /* somebody said so */
	/* Never taken. */
	STEER_MISSING,	 /* Postfix has no service of its name */
	STEER_ELSEWHERE, /* another host's */
};
const char *steer_use_text(enum steer_use u);

struct steer {
	const struct pools *pools;
	enum steer_use use[POOL_IPS_MAX];
};

enum { STEER_PLACES = 256 };
/* A sender's place; who has it in this pool now, NULL: no own IP is here. A
 * pool without one that can be used sends by that of default. */
unsigned steer_place_of(struct str sender);
const struct pool_ip *steer_place(
    const struct steer *s, size_t pool, unsigned place);
/* "default.17" */
void steer_print_place(
    const struct steer *s, size_t pool, unsigned place, struct text *out);
/* Has this host an own IP that can be taken at all? In this pool? */
bool steer_is_on(const struct steer *s);
bool steer_has_pool(const struct steer *s, size_t pool);
/* None of its addresses is as it should be: how the one that is taken is. */
enum steer_use steer_pool_use(const struct steer *s, size_t pool);

enum steer_way {
	STEER_AS_EVER,	 /* by sender */
	STEER_WARM,	 /* a warm-up has room */
	STEER_AWAY,	 /* from those in trouble there */
	STEER_LEAST_BAD, /* all are in trouble there */
};
struct steer_to {
	bool may[POOL_IPS_MAX];
};
/* How mail to one provider goes. lanes: of each own IP there, NULL: open. */
enum steer_way steer_provider(const struct steer *s,
    const struct lane *const lanes[POOL_IPS_MAX], int64_t now,
    struct steer_to *out);
/* NULL: none may. */
const struct pool_ip *steer_domain(
    const struct steer *s, const struct steer_to *to, struct str domain);

#endif
