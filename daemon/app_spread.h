/* app_spread - a list that all nodes have (fbl/kept.h), told through Redis
 *
 * What a node puts into its list it adds to a stream; each node reads that and
 * merges (kept_merge), so that all come to the same, in whatever order. Nothing
 * waits for it: with Redis down the list goes on from memory. At each
 * connection, and when Redis lost its data, the stream is read from its
 * beginning; then what a node has and the stream has not is added. When Redis
 * takes nothing (it is full), that is tried again a minute later. So nothing
 * needs to be kept of what was told, and a node that is new learns all. The
 * stream is as long as the list may be, and what was added first goes first, as
 * in the list; what is older than the list keeps goes, too.
 */
#ifndef DAEMON_APP_SPREAD_H
#define DAEMON_APP_SPREAD_H

#include "base/loop.h"
#include "base/redis.h"
#include "fbl/kept.h"

struct app_spread;

/* key: of the stream, and lives; the list lives as long. */
struct app_spread *app_spread_new(const char *key, struct kept *list);
/* After the connection went: what is under way must be answered first. */
void app_spread_free(struct app_spread **s);
/* Once a second. redis may be NULL. What is older than since, or later than
 * until (by a clock that is wrong: all that is said later would give way to
 * it), is not taken, nor told. */
void app_spread_tick(
    struct app_spread *s, struct redis *redis, int64_t since, int64_t until);

#endif
