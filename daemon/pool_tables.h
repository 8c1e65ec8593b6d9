/* pool_tables - what the tables of pools say
 *
 * A sender's place stands in TABLE_MOVERS or TABLE_SENDERS, who has the place
 * now in TABLE_PLACES (mta/maincf.h); and where a provider's mail goes in
 * TABLE_PROVIDERS. Whose account a sender's address is, only its own login
 * tells: other addresses that an account sends as go by default_transport.
 */
#ifndef DAEMON_POOL_TABLES_H
#define DAEMON_POOL_TABLES_H

#include "limits/standings.h"
#include "reputation/providers.h"
#include "reputation/steer.h"

/* A provider whose mail doesn't go by its senders. */
struct pool_way {
	char provider[PROVIDERS_NAME];
	enum steer_way way;
	struct steer_to to;
	int64_t until; /* the entry holds that long, with outpostd dead */
};
struct pool_view {
	struct steer steer;
	struct pool_way *ways;
	size_t n_ways;
};

/* NULL: its mail goes as ever. */
const struct pool_way *pool_view_way(
    const struct pool_view *v, const char *provider);

typedef void pool_put_fn(void *ctx, struct str key, struct str value);
/* Everything of TABLE_PLACES. */
void pool_put_places(const struct pool_view *v, pool_put_fn *put, void *ctx);
/* Of TABLE_MOVERS: the null sender, and those with a pool of their own. */
void pool_put_dedicated(const struct pool_view *v, pool_put_fn *put, void *ctx);
/* Of TABLE_MOVERS: this account, if its standing makes it one. */
void pool_put_account(const struct pool_view *v, struct str account,
    enum standing rung, pool_put_fn *put, void *ctx);
/* Of TABLE_SENDERS: any other account. */
void pool_put_sender(const struct pool_view *v, struct str account, size_t pool,
    pool_put_fn *put, void *ctx);
/* "out1:"; empty: none. */
void pool_print_way(const struct pool_view *v, const struct pool_way *w,
    struct str domain, struct text *out);

#endif
