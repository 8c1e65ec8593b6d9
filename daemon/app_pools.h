/* app_pools - own IPs in the daemon: which are used, and for whom
 *
 *   app_pools.c    the view that tables are made of, orders
 *   app_pools_lanes.c  lanes, counted and stepped
 *   app_pools_share.c  lanes, told to the other nodes
 *   app_pools_tell.c  status, metrics, what is missing
 *   app_senders.c  the table of all senders, at a pace of its own
 *
 * What an operator orders is a standing of the own IP (subject own-ip:ADDRESS):
 * held is drained, throttled is warming up; every node knows it. The lanes are
 * in the books of the node whose address it is.
 */
#ifndef DAEMON_APP_POOLS_H
#define DAEMON_APP_POOLS_H

#include "base/json.h"
#include "daemon/pipeline.h"
#include "daemon/pool_tables.h"
#include "ledger/books.h"

struct app;
struct app_pools;

struct app_pools *app_pools_new(struct app *a);
void app_pools_free(struct app_pools **p);
struct books_part app_pools_part(struct app_pools *p); /* tag 'p', "lanes" */
void app_pools_restore(struct app_pools *p);

/* A delivery from this own IP to this provider. */
void app_pools_delivery(struct app_pools *p, const struct pipeline_delivery *d,
    struct str ip, struct str provider);
void app_pools_sent(struct app_pools *p, const struct subject *account);
/* A tables_more_fn: those that the table of senders hasn't got yet. */
void app_pools_put_fresh(void *pools, pool_put_fn *put, void *ctx);
/* Once a second. */
void app_pools_tick(struct app_pools *p);
/* What the tables are made of; NULL: this host has no own IP. */
const struct pool_view *app_pools_view(const struct app_pools *p);

/* app_pools_tell.c */
void app_pools_status(struct app *a, struct json_out *j);
void app_pools_gauges(struct app *a);

/* For `outpost ip`: how an own IP is; then each provider where it isn't simply
 * open, or was tried. */
enum steer_use app_pools_use(
    const struct app_pools *p, const struct pool_ip *ip);
typedef void app_pools_fn(void *ctx, const char *provider,
    const struct lane *lane, const struct pool_way *way);
void app_pools_each(const struct app_pools *p, const struct pool_ip *ip,
    app_pools_fn *each, void *ctx);

/* app_senders.c */
struct app_senders;
struct app_senders *app_senders_new(struct app *a);
void app_senders_free(struct app_senders **s);
/* It sent something: if the table hasn't got it, it is told apart. */
void app_senders_sent(struct app_senders *s, const struct subject *one);
/* For TABLE_MOVERS: who isn't in the table yet. */
void app_senders_put_fresh(
    const struct app_senders *s, pool_put_fn *to, void *ctx);
/* Once a second; is_due: don't wait for the next round. */
void app_senders_tick(struct app_senders *s, bool is_due);

#endif
