/* brake - how many accounts a rule may suspend by itself within an hour
 *
 * A rule that is wrong must not stop the customers of a whole host. Each rule
 * has, for each class of accounts, a budget of automatic suspensions per hour;
 * over it the ladder stops at a hold that waits for an operator, and goes on
 * stopping there until the operator has decided or the last of these holds is
 * over. The brake is a fold of the events that the standings keep: all nodes
 * count alike, whatever the order of arrival, and a restart changes nothing. It
 * stands after the judge, who knows nothing of it.
 *
 * Of events it reads class and how: a suspension that nobody approved takes
 * from the budget; a sanction that is SANCTION_BRAKED waits; an operator's
 * BRAKE (rung is "approve" or "release", rule the rule's name) decides about
 * all that wait by then. After an approval the budget begins anew.
 */
#ifndef LIMITS_BRAKE_H
#define LIMITS_BRAKE_H

#include "ledger/event.h"

struct brake;

/* Event.how: what is special about a sanction. */
#define SANCTION_BRAKED "braked"     /* a suspension that waits, as a hold */
#define SANCTION_APPROVED "approved" /* waited, and an operator said yes */
#define SANCTION_TRIED "trial"	     /* its rule is on trial: see trial.h */

struct brake *brake_new(void);
void brake_free(struct brake **b);

/* The same event twice is one. */
void brake_fold(struct brake *b, const struct event *e);

/* Who is about to suspend another one: it must wait. */
bool brake_stops(struct brake *b, const char *rule, const char *class,
    uint64_t budget, int64_t now_us);
/* Somebody may be waiting: nobody decided since the latest had to. */
bool brake_is_on(
    struct brake *b, const char *rule, const char *class, int64_t now_us);

/* When an operator decided last; 0: never. is_approved (may be NULL): how. */
int64_t brake_decided_us(
    const struct brake *b, const char *rule, bool *is_approved);

struct brake_line {
	const char *rule, *class;
	uint64_t suspended; /* by the rule itself, in the last hour */
	bool is_on;
};
typedef void brake_fn(void *ctx, const struct brake_line *line);
void brake_each(struct brake *b, int64_t now_us, brake_fn *each, void *ctx);

#endif
