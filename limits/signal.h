/* signal - one piece of evidence of abuse, worth points while it holds
 *
 * Shapes:
 *   EXCESS    a count in a window is several times what the account usually has
 *             (the 0.95 quantile of its active windows), or with too little
 *             history its class. What is usual counts as at least half of the
 *             floor. `points` for each time the usual, up to points_max;
 *             nothing below `floor`, or from_ratio times.
 *   SHARE     a count against all outward recipients of the window: the lower
 *             bound of the share (Wilson, one-sided 95%) counts, not the bare
 *             ratio. `points` when it is `share` ten-thousandths, more as it is
 *             more.
 *   NETWORKS  networks that are new to the account, `points` each.
 *   COUNTRIES  countries that it was in for the first time, `points` each.
 *   TRAVEL    countries that it sent from within the window, `points` for each
 *             beyond the second (a telephone and a tunnel are two). Of both
 *             `floor` is so many recipients from new networks. Countries are
 *             told by geoip_file; without one nothing is said of them.
 *   BLAMED    it is among those who caused an incident at a provider, with
 *             `floor` percent at least: `points`, for `window`.
 *   COMPLAINED  complaints of a week against what was delivered
 *             (complained.h), `points` when it is `share`, more as it is more.
 *   HOURS     a count at hours of the day at which the account never sends
 *             (signal_hours.c), `points` for each time the floor.
 *   KNOWN     a share that speaks for it; its points are taken off.
 *
 * A burst, strangers, dead addresses alone are watched or throttled: a
 * newsletter, an address book of ten years look the same. What holds is mail
 * from where the account never was to whom it never wrote; what suspends is
 * that and one thing more, or more of it than any journey has (doubt_most). An
 * operator's own higher limit for up to an hour raises what is usual: what was
 * allowed is no burst.
 */
#ifndef LIMITS_SIGNAL_H
#define LIMITS_SIGNAL_H

#include "limits/rules.h"

/* false: it says nothing. `extra` is what is pending, admitted and asked.
 *
 * Judging is dear, so a busy account is judged once in a minute of the books,
 * or more seldom, and not again before that may tell something else (judge.h,
 * struct verdict). So a signal that is silent says in out->room how much more
 * must be counted of s->count before it may speak; 0 when it doesn't know, and
 * then the account is judged with every fact, UINT64_MAX when nothing that is
 * counted makes it speak. That holds in this minute of the books, and until
 * out->until if that is later: by then time alone may make it speak. What is
 * counted besides may only silence it. While it speaks it never gives more than
 * points_max. */
bool signal_judge(const struct judge_input *in, const struct rules_signal *s,
    uint64_t extra, struct reason *out);

/* Of one that speaks: until so much more is counted, or *until, it gives fewer
 * points than that. 0: it doesn't know. */
uint64_t signal_room(const struct reason *r, int points, int64_t *until);

/* It never gives a point. */
bool signal_is_only_told(const struct rules_signal *s);

/* It is about where mail came from: that weighs differently as time goes by. */
bool signal_is_of_place(const struct reason *r);

/* signal_hours.c: of the hours of the day at which it never sends. */
bool signal_judge_hours(const struct judge_input *in,
    const struct rules_signal *s, struct reason *out);
/* signal_weigh.c: what is one piece of evidence counts once, what speaks for
 * the account is taken off. Returns after how many more strangers from new
 * networks, or that many more who are stopped, there is no doubt that there is
 * now; UINT64_MAX: never. */
uint64_t signal_weigh(const struct judge_input *in, struct reason *v, size_t n,
    int limits, bool is_young);

#endif
