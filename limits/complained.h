/* complained - more of an account's recipients complain than mail is worth
 *
 * The signal holds a week's complaints, less what was taken out of spam
 * folders, against what was delivered in that week; a message to a spam trap is
 * worth trap_weight of them. Fewer than complaint_floor
 * complaints say nothing, nor does a share that may as well be chance: the
 * lower bound of its confidence interval counts (Wilson, one-sided 95%), not
 * the bare ratio. Over complaint_watch it is a warning; over complaint_share it
 * throttles, while there is a complaint about mail of the last day: who is
 * stopped annoys nobody, so that it ends by itself. With what else speaks
 * against him it adds up: a signal gives points for it. Behind a shared account
 * or a forward are others: there it only warns. Claims (FACT_CLAIM) are not
 * looked at; a lift's mark voids all before.
 */
#ifndef LIMITS_COMPLAINED_H
#define LIMITS_COMPLAINED_H

#include "limits/rules.h"

enum { COMPLAINED_WINDOW = 7 * 86400 };
#define COMPLAINED_RULE "complaints"

/* What the share is at least, in ten-thousandths, of n complaints of so many
 * delivered. */
double complained_share(uint64_t complaints, uint64_t delivered);

/* So many more complaints, and there may be something to say; 0: there may be
 * now. */
uint64_t complained_room(const struct judge_input *in, int slot);

/* false: nothing to say. slot: the running sum of complaints. */
bool complained_judge(
    const struct judge_input *in, int slot, struct reason *out);

/* The signal `complaints`: the same share as points, while one of them is
 * about mail within the signal's window. */
bool complained_signal(const struct judge_input *in,
    const struct rules_signal *s, struct reason *out, double *share);

/* Not even a warning any more? subject NULL: nothing is known of it. */
bool complained_is_over(const struct limits_settings *s, struct ledger *ledger,
    struct subject *subject);

#endif
