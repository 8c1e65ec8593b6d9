/* managed_redis - a private redis-server that outpostd keeps running
 *
 * On a unix socket in a directory of its own, with append-only persistence.
 * One that ends is started again, after a growing delay. One that runs on
 * without outpostd (killed with SIGKILL) is taken over by the next outpostd.
 * Whether it answers is base/redis' business, which connects to
 * managed_redis_uri and comes back by itself.
 *
 * It waits for its own children by pidfd: nobody else may reap them.
 */
#ifndef DAEMON_MANAGED_REDIS_H
#define DAEMON_MANAGED_REDIS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct loop;
struct managed_redis;

struct managed_redis_options {
	const char *program; /* redis-server or valkey-server, or its path */
	const char *dir;     /* made if only it itself is missing */
	int stop_timeout_ms; /* 0: 10 s; then SIGKILL */
};

/* Told when the process began or ended to run. May be NULL. */
typedef void managed_redis_fn(void *ctx, bool is_running);

/* Starts at once, from the loop. Fails only for a bad directory. */
struct managed_redis *managed_redis_new(struct loop *l,
    const struct managed_redis_options *o, managed_redis_fn *on_change,
    void *ctx, struct error *err);
/* Doesn't stop the server: the next one adopts it. */
void managed_redis_free(struct managed_redis **m);

/* For struct redis_options; lives as long as m. */
const char *managed_redis_uri(const struct managed_redis *m);
/* 0: none runs. */
pid_t managed_redis_pid(const struct managed_redis *m);

/* SIGTERM, so that Redis writes what it has; after the time-out SIGKILL. Told
 * once when it has ended, never before this returns. For a clean shutdown:
 * nothing is started again. */
typedef void managed_redis_stopped_fn(void *ctx);
void managed_redis_stop(
    struct managed_redis *m, managed_redis_stopped_fn *on_stopped, void *ctx);

#endif
