/* sanction_event - the common parts of every event of limits/ */
#ifndef LIMITS_SANCTION_EVENT_H
#define LIMITS_SANCTION_EVENT_H

#include "limits/sanction.h"

/* Everything but what is the type's own; by "outpost". The time is a->now_us,
 * or right after the subject's last event when that is later (clocks differ).
 */
void sanction_event_begin(
    const struct sanction_about *a, enum event_type type, struct event *out);

/* A text field, cut to fit at a whole UTF-8 character. */
void sanction_event_put(char *field, size_t size, struct str s);

#endif
