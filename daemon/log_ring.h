/* log_ring - the last lines of the log, as they were
 *
 * So that a case can copy those of the messages that it is about. One copy for
 * each line (12 ns of 200 bytes); the oldest are overwritten. Pure.
 */
#ifndef DAEMON_LOG_RING_H
#define DAEMON_LOG_RING_H

#include "base/str.h"

struct log_ring;

/* NULL when bytes is 0. */
struct log_ring *log_ring_new(size_t bytes);
void log_ring_free(struct log_ring **r);
/* r may be NULL. */
void log_ring_add(struct log_ring *r, struct str line);

/* Lines are forgotten after `keep` seconds; once a second, before the first. */
void log_ring_tick(struct log_ring *r, int64_t now, int64_t keep);

/* The lines oldest first, some at a time; a walk goes on although lines come
 * meanwhile, and skips those that were overwritten. `at` begins with 0. */
typedef void log_ring_fn(void *ctx, struct str line);
bool log_ring_walk(const struct log_ring *r, uint64_t *at, size_t max,
    log_ring_fn *each, void *ctx);

/* Blots out the lines that are meant; returns how many. */
typedef bool log_ring_is_fn(void *ctx, struct str line);
size_t log_ring_blot(struct log_ring *r, log_ring_is_fn *is, void *ctx);

#endif
