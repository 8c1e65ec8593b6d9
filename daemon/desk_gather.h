/* desk_gather - what an answer needs to know of all subjects, in slices
 *
 * Hundreds of thousands of them are more than a turn of the loop may look at.
 * So a handler asks for what it needs by a name; when that isn't there it ends
 * at once, having changed nothing; it is gathered a little in each turn, and
 * the question is asked again.
 */
#ifndef DAEMON_DESK_GATHER_H
#define DAEMON_DESK_GATHER_H

#include "daemon/desk.h"
#include "ledger/walk.h"

enum { DESK_GATHER_NAME = 1024, DESK_GATHER_EFFORT = 256 };

struct desk_gather {
	char name[DESK_GATHER_NAME];
	/* Looks at up to `max` subjects more, about 300 us; true: that was
	 * all. */
	bool (*step)(struct desk_gather *g, struct desk *d, size_t max);
	void (*free)(struct desk_gather *g);
};

/* NULL: it isn't there yet, make one and let it be wanted. */
struct desk_gather *desk_gather_find(const struct desk *d, const char *name);
/* Takes it; false, for the caller to return. */
bool desk_gather_want(struct desk *d, struct desk_gather *g);
void desk_gather_free(struct desk_gather **g);

/* desk_senders.c: accounts by what they sent. */
enum { DESK_SENDERS = 20 };
struct desk_senders_of {
	struct str domain; /* empty: of any */
	struct ip_net net; /* with has_net: that have sent from there */
	bool has_net;
	int64_t window; /* seconds, the recipients of which are told */
};
struct desk_sender {
	char account[ACCOUNT_TEXT];
	uint64_t recipients;
};
struct desk_senders {
	struct desk_gather gather;
	struct desk_senders_of of;
	char domain[ACCOUNT_TEXT];
	struct ledger_walk walk;
	unsigned begun;
	struct desk_sender v[DESK_SENDERS]; /* the most first */
	size_t n, all;
};
/* NULL: being gathered, the handler returns. */
const struct desk_senders *desk_senders(
    struct desk *d, const struct desk_senders_of *of);

#endif
