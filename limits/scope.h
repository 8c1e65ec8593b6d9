/* scope - who stands behind a network
 *
 * A sanction on a network hits everybody in it: an office, a provider that
 * puts many customers behind one address. Who used it lately is what their
 * accounts remember: the last networks that each sent from (/24, /64). A walk
 * goes over all accounts: 0.1 s for a million.
 */
#ifndef LIMITS_SCOPE_H
#define LIMITS_SCOPE_H

#include "ledger/walk.h"
#include "limits/standings.h"

/* A network is spared when so many good accounts used it so lately. */
enum { SCOPE_SEVERAL = 2, SCOPE_LATELY = 7 * 86400 };
/* So long the ledger must keep clients and networks for it. */
enum { SCOPE_KEEPS = SCOPE_LATELY + 86400 };

/* Of two networks one has the other in it, or they are the same. */
bool scope_overlaps(const struct ip_net *a, const struct ip_net *b);

/* Has the subject sent from there since? */
bool scope_has_used(
    const struct subject *s, const struct ip_net *net, int64_t since);

/* What the following, and scope_has_used, read of the ledger: bits as for
 * ledger_count_only are added. */
void scope_add_reads(uint64_t counts[SUBJECT_KINDS]);

/* How many of them are not stopped by anything. Accounts remember /24s and
 * /64s, so of an address from which nobody sent its neighbours tell nothing: 0,
 * and no walk. The walk in slices of up to `max` accounts: true, it is over. */
enum { SCOPE_NAMED = 3, SCOPE_KEY = 330 };
struct scope_good {
	struct ip_net net;
	int64_t since;
	size_t n;
	char named[SCOPE_NAMED][SCOPE_KEY]; /* the first ones */
	struct ledger_walk walk;
	unsigned begun;
};
void scope_good_begin(struct scope_good *g, struct ledger *l,
    const struct ip_net *net, int64_t since);
bool scope_good_step(struct scope_good *g, struct ledger *l,
    struct standings *s, int64_t now, size_t max);
/* All at once. */
void scope_count_good(struct ledger *l, struct standings *s,
    const struct ip_net *net, int64_t since, int64_t now,
    struct scope_good *out);

#endif
