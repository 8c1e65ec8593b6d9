/* desk_held - what a lift says about held mail
 *
 * In the evidence of a LIFT event: {"held":{"release":SELECTION,
 * "clean":true, "rest":"return"}}, each only if it is so; without "held" all
 * of it stays where it is. SELECTION is held_select.h's text.
 */
#ifndef DAEMON_DESK_HELD_H
#define DAEMON_DESK_HELD_H

#include "daemon/desk.h"
#include "daemon/holder.h"

/* false: its subject has no mail. Views are into key. */
bool desk_held_scope(
    enum subject_kind kind, struct str key, struct held_scope *out);

/* --release and --return. false: they can't be understood. */
bool desk_held_take(const struct control_request *q, int64_t now,
    struct holder_order *o, struct control_reply *r);
/* The member "held"; nothing when the order moves nothing. */
void desk_held_print(const struct holder_order *o, struct text *out);
/* The order of a LIFT; false: it has none. Views are into the event. */
bool desk_held_read(const struct event *e, struct holder_order *o);

/* "5 held messages leave now; 3 stay: 2 from 192.0.2.0/24 (new) ..." */
void desk_held_tell(const struct holder_order *o, const struct holder_sum *sum,
    struct control_reply *r);

/* What is held of it, as an object; nothing when nothing is. */
void desk_held_json(struct desk *d, enum subject_kind kind, struct str key,
    const char *name, struct json_out *j);

#endif
