/* app_forget_redis - clears Redis of what names an account
 *
 * Its keys go, and the entries of the streams that name it. The index of
 * message ids names nobody without the account's own key, and ages out.
 */
#ifndef DAEMON_APP_FORGET_REDIS_H
#define DAEMON_APP_FORGET_REDIS_H

#include "base/crypto.h"
#include "base/redis.h"

struct app_forget_redis;

/* Who asks meanwhile reads a page that isn't gone yet: on_gone tells, at once
 * and some seconds after it was ordered (is_again), that none is left. */
typedef void app_forget_gone_fn(
    void *ctx, struct str account, bool is_again, bool is_late);
struct app_forget_redis *app_forget_redis_new(
    const struct crypto_key *secret, app_forget_gone_fn *on_gone, void *ctx);
/* After the connection went. */
void app_forget_redis_free(struct app_forget_redis **f);
/* Copied; done in the next ticks, and again some times within ten minutes. */
void app_forget_redis_add(
    struct app_forget_redis *f, const char *account, bool is_late);
/* redis may be NULL, or down: it waits; otherwise there is a board.
 * is_own: its file is rewritten, too. */
struct board;
void app_forget_redis_tick(struct app_forget_redis *f, struct redis *redis,
    struct board *board, int64_t now, bool is_own);

#endif
