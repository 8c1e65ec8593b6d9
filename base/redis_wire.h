/* redis_wire - one connection to Redis, by hiredis on the loop
 *
 * For redis.c only. Replies come in the order of what was sent. The wire may
 * be freed in on_reply and on_close; nothing comes afterwards.
 */
#ifndef BASE_REDIS_WIRE_H
#define BASE_REDIS_WIRE_H

#include "base/redis.h"

struct redis_wire;

struct redis_wire_events {
	void (*on_open)(void *ctx);
	void (*on_reply)(void *ctx, const struct redis_reply *reply);
	/* It broke, or never opened; the owner frees it. */
	void (*on_close)(void *ctx, const char *why);
	void *ctx;
};

/* path, or host (an address) and port. NULL with an error when it fails at
 * once. */
struct redis_wire *redis_wire_new(struct loop *l, const char *path,
    const char *host, int port, const struct redis_wire_events *events,
    struct error *err);
void redis_wire_free(struct redis_wire **w);
/* Also before it is open. False: closing. */
bool redis_wire_send(struct redis_wire *w, const struct str *argv, size_t n);

#endif
