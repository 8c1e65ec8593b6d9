/* app_pools_parts - what app_pools*.c share */
#ifndef DAEMON_APP_POOLS_PARTS_H
#define DAEMON_APP_POOLS_PARTS_H

#include "base/map.h"
#include "daemon/app_pools.h"
#include "base/redis.h"
#include "daemon/app_state.h"
#include "fbl/kept.h"

enum { APP_POOLS_LANES = 20000, APP_POOLS_KEY = POOL_NAME + PROVIDERS_NAME };

/* An own IP at a provider. */
struct pair {
	char key[APP_POOLS_KEY]; /* "out1 google" */
	const char *provider;
	size_t ip; /* its place in the configuration; SIZE_MAX: gone */
	struct lane lane;
	bool is_touched; /* counted since it was kept */
};

struct app_pools {
	struct app *app;
	struct app_senders *senders;
	struct map pairs;
	struct kept kept;
	struct pool_view view;
	uint64_t of; /* the pools that view is of; 0: none yet */
	size_t cap_ways;
	uint64_t said;	 /* a hash over what the tables say */
	int64_t kept_at; /* when counts were kept */
	bool is_noted;	 /* new addresses were looked for */
	/* app_pools_share.c */
	uint64_t posted; /* a hash over it */
	int64_t posted_at, shared_at;
	bool is_reading;
};

int64_t app_pools_now(const struct app_pools *p);
struct lane_rules app_pools_rules(const struct app_pools *p);

/* app_pools_lanes.c */
/* NULL: too many, or of nobody that is known. */
struct pair *app_pools_get(
    struct app_pools *p, struct str ip, struct str provider);
/* NULL: nothing was ever tried. */
const struct pair *app_pools_find(
    const struct app_pools *p, const struct pool_ip *ip, const char *provider);
void app_pools_keep(struct app_pools *p, struct pair *one);
/* Once a second. */
void app_pools_step(struct app_pools *p);
/* Another configuration: names may be of other addresses, or of none. */
void app_pools_rename(struct app_pools *p);
/* Is it one of this host's addresses? Who isn't is told by another node. */
bool app_pools_is_here(const struct app_pools *p, const struct pair *one);
/* app_pools_share.c: once a second. */
void app_pools_share(struct app_pools *p);
/* app_pools_tell.c: own IPs without a service in Postfix, each once. */
void app_pools_tell_missing(struct app_pools *p);
/* What the books have. */
void app_pools_load(struct app_pools *p);
void app_pools_free_lanes(struct app_pools *p);

#endif
