/* redis - one asynchronous connection that comes back by itself (hiredis)
 *
 * Knows connections, pipelines, time-outs and roles, but no key. A question
 * carries its context; its answer comes exactly once, never before the ask
 * returns, also on time-out and when Redis is down (then reply is NULL).
 * hiredis 0.14 has no command time-out: this file arms its own, and a command
 * that is late closes the connection.
 */
#ifndef BASE_REDIS_H
#define BASE_REDIS_H

#include "base/error.h"
#include "base/str.h"

struct loop;
struct redis;

enum redis_type {
	REDIS_NIL,
	REDIS_STRING,
	REDIS_INTEGER,
	REDIS_ARRAY,
	REDIS_STATUS,
	REDIS_ERROR
};

/* A view of a reply, valid during the callback. */
struct redis_reply;
enum redis_type redis_reply_type(const struct redis_reply *r);
struct str redis_reply_text(const struct redis_reply *r); /* also of an error */
int64_t redis_reply_integer(const struct redis_reply *r);
size_t redis_reply_count(const struct redis_reply *r);
const struct redis_reply *redis_reply_at(const struct redis_reply *r, size_t i);

/* is_up: a connection was made and answers PING as a master; or it is lost,
 * with the reason. Told on each change only. */
typedef void redis_state_fn(void *ctx, bool is_up, const char *reason);
/* reply NULL: no answer (down, late, closed). */
typedef void redis_reply_fn(void *ctx, const struct redis_reply *reply);

struct redis_options {
	const char *uri; /* unix:/path, redis://[user:pw@]host:port/db */
	int connect_timeout_ms;
	int command_timeout_ms;
	size_t max_waiting; /* commands in flight; above it asks fail at once */
};

struct redis *redis_new(struct loop *l, const struct redis_options *o,
    redis_state_fn *on_state, void *ctx, struct error *err);
void redis_free(struct redis **r); /* all questions are answered NULL first */
bool redis_is_up(const struct redis *r);
size_t redis_waiting(const struct redis *r);

/* Sends argv[0..n). Views are copied before it returns. on_reply may be NULL.
 */
void redis_ask(struct redis *r, const struct str *argv, size_t n,
    redis_reply_fn *on_reply, void *ctx);
/* The same, without command time-out (XREADGROUP BLOCK): such a command must
 * bound itself, and gets `timeout_ms` of its own on top. */
void redis_ask_slow(struct redis *r, const struct str *argv, size_t n,
    int timeout_ms, redis_reply_fn *on_reply, void *ctx);

#endif
