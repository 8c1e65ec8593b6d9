/* forwarded - spam that is passed on
 *
 * Whoever has his mail forwarded is innocent of what comes in. So a forward is
 * never sanctioned for its content, whatever its class; but those who get it
 * hold it against us. Its verdict is a warning, with its evidence: stop
 * forwarding what our filter calls spam. Its owner gets a letter, once in
 * FORWARDED_WINDOW at most.
 *
 * Held against all that it passed on in that time is what our own content
 * filter called spam, and what those who get it refused as spam: fewer than
 * forward_floor say nothing, nor does a share that may as well be chance (the
 * lower bound of its confidence interval is below forward_share).
 */
#ifndef LIMITS_FORWARDED_H
#define LIMITS_FORWARDED_H

#include "limits/rules.h"

enum { FORWARDED_WINDOW = 7 * 86400 };
#define FORWARDED_RULE "forwarded_spam"

/* Is this account (by its name) a forward? */
bool forwarded_is(struct str account);

/* false: nothing to say; then out->room as in signal.h, of both counts. Of a
 * forward only. */
bool forwarded_judge(const struct judge_input *in, struct reason *out);

#endif
