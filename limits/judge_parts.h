/* judge_parts - what the judge's files share; for judge*.c alone */
#ifndef LIMITS_JUDGE_PARTS_H
#define LIMITS_JUDGE_PARTS_H

#include "limits/rules.h"

/* What counts on top of what the log confirmed. */
uint64_t judge_extra(const struct judge_input *in, int count);

/* Known to be younger: who was first seen soon after the books began may be
 * old. */
bool judge_is_younger(const struct judge_input *in, int64_t than);

/* So much more of this count may be counted, at most. */
void judge_rest_take(struct judge_rest *r, int count, uint64_t room);

/* judge_limit.c: false: the limit doesn't hold for this subject. */
bool judge_look_at(const struct judge_input *in, const struct limit *l,
    struct limit_state *out);
/* Seconds until so much of the window has passed that what is asked fits: by
 * sixtieths of the window, a guess. */
int64_t judge_retry_after(
    const struct judge_input *in, const struct limit_state *state);
/* Until it warns, or warns no more but is exceeded. */
uint64_t judge_room_below(const struct limit_state *state, bool is_warning);

/* Nothing grows by more than facts count. A message has many KiB. */
bool judge_is_steady(
    const struct rules_plan *plan, const struct judge_input *in);

#endif
