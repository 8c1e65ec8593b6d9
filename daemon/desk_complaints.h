/* desk_complaints - what the files of desk_complaints share, and nobody else
 * sees */
#ifndef DAEMON_DESK_COMPLAINTS_H
#define DAEMON_DESK_COMPLAINTS_H

#include "daemon/desk_gather.h"
#include "fbl/noted.h"

struct complaints_look {
	struct str account; /* empty: all */
	int64_t since;
	uint64_t last;
};

bool desk_complaints_is_meant(const struct kept_item *i,
    const struct complaints_look *l, struct noted *out);

/* How far the records were looked at. */
struct complaints_place {
	char key[KEPT_KEY]; /* any bytes */
	size_t n;
	int64_t at; /* 0: not begun */
};
/* The record that stands there. One that went meanwhile, or came again as the
 * newest, tells no more where that is: *is_anew, and it's the newest. NULL:
 * there are none. */
const struct kept_item *desk_complaints_go_on(
    struct complaints_place *p, struct kept *records, bool *is_anew);
void desk_complaints_stop(
    struct complaints_place *p, const struct kept_item *i);

/* desk_complaints_by.c: --by */
void desk_complaints_by(struct desk *d, const struct complaints_look *l,
    const struct control_request *q, struct control_reply *r);

#endif
