/* listings - which of our addresses and domains stand on which lists
 *
 * A fold of the events `listed` and `unlisted`, on every node, kept in the
 * books. A DNSBL's answers (reputation/dnsbl_round.h) make such events, once
 * for all nodes: two that see the same change name the same cause.
 */
#ifndef DAEMON_LISTINGS_H
#define DAEMON_LISTINGS_H

#include "fbl/kept.h"
#include "ledger/event.h"

enum { LISTINGS_MAX = 20000, LISTINGS_KEEP = 90 * 86400 };

#define LISTING_IP "own-ip" /* an event's kind */
#define LISTING_DOMAIN "own-domain"

struct listing {
	bool is_listed; /* else it was */
	int64_t since;	/* when it became so, seconds */
	/* Until the next event. What the list means by it, what it says. */
	struct str means, says;
};

struct listings {
	struct kept kept;
};

void listings_init(struct listings *l);
void listings_done(struct listings *l);
struct books_part listings_part(struct listings *l);

/* false: nothing is known, it never was listed. */
bool listings_find(const struct listings *l, const char *target,
    const char *list, struct listing *out);
/* A change: its cause, which doesn't hang on who sees it first. */
void listings_cause(const struct listings *l, const char *target,
    const char *list, bool is_listed, char cause[33]);

/* It stands there still: what is known of that isn't forgotten for its age. */
void listings_seen(
    struct listings *l, const char *target, const char *list, int64_t now);

/* Is it an event of theirs; and is it news? Then it holds. */
bool listings_is_event(const struct event *e);
bool listings_fold(struct listings *l, const struct event *e);

#endif
