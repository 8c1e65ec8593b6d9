/* web_guard - how much of an HTTP port one client network may use
 *
 * Connections at once, and requests a minute (a bucket that refills, a minute's
 * worth deep). Networks are kept in a table of fixed size; those longest silent
 * make room, never one that is connected. Pure.
 */
#ifndef WEB_WEB_GUARD_H
#define WEB_WEB_GUARD_H

#include "base/ip.h"

enum { WEB_GUARD_SETS = 256, WEB_GUARD_WAYS = 8 };

struct web_place {
	struct ip_net net;
	unsigned connections;
	int64_t at_us;	 /* when tokens was right */
	int64_t used_us; /* of the minute's time, what was used */
};

struct web_guard {
	unsigned connections_max; /* of one network; 0: any */
	unsigned per_minute;	  /* the same for requests */
	struct web_place v[WEB_GUARD_SETS * WEB_GUARD_WAYS];
};

/* One connection more; NULL: too many (or nobody can be forgotten). Valid until
 * web_guard_leave. */
struct web_place *web_guard_enter(
    struct web_guard *g, const struct ip *client, int64_t now_us);
void web_guard_leave(struct web_place *p);
/* One request; false: too many. */
bool web_guard_take(
    const struct web_guard *g, struct web_place *p, int64_t now_us);

#endif
