/* fate - what the world says to each recipient of each message
 *
 * Most of it depends on the recipient (who is gone, whose filter refuses), the
 * rest on chance: first meetings that are greylisted, full mailboxes, hosts
 * that don't answer, names without a host, receivers' own rules. For some hours
 * of each week a large provider is down, slows the host or blocks its address:
 * then it answers everybody so.
 */
#ifndef SIM_FATE_H
#define SIM_FATE_H

#include "tests/sim/world.h"

enum fate_end {
	FATE_SENT,
	FATE_DEAD,
	FATE_REFUSED, /* for what it says */
	FATE_FULL,    /* at last; most are deferred */
	FATE_RULES,   /* who may write there, how large */
	FATE_NO_HOST, /* a name mistyped */
	FATE_BLOCKED, /* the host's own address, everybody's mail */
};

enum fate_wait {
	FATE_NOW,
	FATE_GREYLISTED,
	FATE_QUOTA,
	FATE_TIMEOUT,
	FATE_SLOWED, /* "rate limited", for all mail of the host */
};

struct fate {
	enum fate_end end;
	enum fate_wait wait; /* once; then the end */
	int64_t again;	     /* when it is tried again */
};

/* Of the i-th recipient of the message, tried at that time. */
struct fate fate_of(
    const struct world *w, const struct message *m, unsigned i, int64_t at);

/* The large ones are 0 to 3. */
unsigned fate_provider(uint32_t who);
void fate_put_domain(uint32_t who); /* of a recipient outside */

/* "relay=..., delay=..., dsn=..., status=..." as Postfix writes it, of a try
 * that ended so, or of one that was put off. */
void fate_put(const struct world *w, const struct message *m, unsigned i,
    const struct fate *f, bool is_put_off);

#endif
