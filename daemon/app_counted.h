/* app_counted - which of several nodes counts a complaint
 *
 * The same report may come to two nodes, and one person's complaints to both:
 * the first to ask counts it, and Redis remembers that for as long as the
 * node's own book does (fbl/seen.h). Only what would count against an account,
 * or for it, is asked for: claims may come in floods. Without Redis each node
 * counts by its own book.
 */
#ifndef DAEMON_APP_COUNTED_H
#define DAEMON_APP_COUNTED_H

#include "fbl/seen.h"

struct app;

/* Is there anybody to ask about? */
bool app_counted_is_asked(struct app *a);
/* answer comes once, and never before this returns: true when another node has
 * it; else it is ours, also when nobody answered. */
typedef void app_counted_fn(void *ctx, bool is_elsewhere);
void app_counted_ask(struct app *a, const uint8_t key[SEEN_KEY],
    app_counted_fn *answer, void *ctx);

#endif
