/* pause_view - what of a provider that is paused or slowed goes another way
 *
 * What an operator orders is a standing of the provider (desk_provider.c); the
 * event's `how` tells two of them from the others:
 */
#ifndef DAEMON_PAUSE_VIEW_H
#define DAEMON_PAUSE_VIEW_H

#include "limits/standings.h"

/* Slowed: by relay_route instead of slow_transport. */
#define PAUSE_RELAYED "relayed"
/* Slowed since a pause was taken back: those who are known to be good first. */
#define PAUSE_RESUMED "resumed"

/* Is it that, now? */
bool pause_is(const struct standing_state *s, const char *how);

/* For tables.c. NULL: nothing is told apart. */
typedef void pause_recipient_fn(void *ctx, struct str recipient);
struct pause_view {
	/* Does all but what each_recipient names wait still? */
	bool (*is_waiting)(void *ctx, const char *provider, int64_t *until);
	/* Recipients, in lower case, who are tried by slow_transport though
	 * the provider is paused. */
	void (*each_recipient)(void *ctx, const char *provider,
	    pause_recipient_fn *each, void *each_ctx);
	void *ctx;
	const char *relay_route; /* TRANSPORT:[NEXTHOP]; empty: none */
};

#endif
