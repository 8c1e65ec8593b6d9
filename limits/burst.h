/* burst - many more recipients in ten minutes than the account ever sends
 *
 * The signal holds recipients (confirmed, pending and asked) of one window
 * against what the account usually sends in its busiest active windows (the
 * 0.95 quantile), or with too little history against its class's usual. It
 * gives `points` for each time the usual, up to points_max, and nothing below
 * `floor` recipients or from_ratio times. The usual counts as at least half of
 * the floor, so that a party's sixty invitations from somebody who never wrote
 * to more than three are noticed, not stopped. An operator's own higher limit
 * for up to an hour raises what is usual: what was allowed is no burst.
 *
 * With the defaults a burst alone is watched (a person without history from 120
 * recipients in ten minutes), never throttled: throttling a thief in the middle
 * of his burst would end the evidence, not him. When a limit is exceeded, what
 * came before tells which it was: nine times the usual and more suspends, three
 * times holds, a slow sender over the limit is throttled.
 */
#ifndef LIMITS_BURST_H
#define LIMITS_BURST_H

#include "limits/rules.h"

/* false: no burst. `extra` is what is pending, admitted and asked. */
bool burst_judge(const struct judge_input *in, const struct rules_signal *s,
    uint64_t extra, struct reason *out);

#endif
