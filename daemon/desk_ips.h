/* desk_ips - what `outpost ips` says of one address or domain; only desk_ips*.c
 * include this
 */
#ifndef DAEMON_DESK_IPS_H
#define DAEMON_DESK_IPS_H

#include "daemon/app_dnsbl.h"
#include "daemon/desk.h"

enum ips_state { IPS_OK, IPS_SLOWS, IPS_BLOCKS };

/* Of the last day. */
struct ips_provider {
	struct str name; /* lives as long as the series' turn */
	enum ips_state state;
	struct series_sum sum;
};

enum { IPS_PROVIDERS = 64 };

struct ips_view {
	struct desk *desk;
	struct app_dnsbl *dnsbl;
	size_t at; /* of its targets */
	const struct app_dnsbl_target *who;
	size_t n;
	struct ips_provider providers[IPS_PROVIDERS]; /* the worst first */
};

const char *ips_state_text(enum ips_state s);

/* The same for all addresses: x is filled, one after the other. */
void ips_look(struct desk *d, size_t target, struct ips_view *x);
/* Where it is listed, in words; for information: with *info. */
typedef void ips_listed_fn(void *ctx, const struct dnsbl *l,
    const struct listing *since); /* since NULL: for information */
void ips_each_listing(const struct ips_view *x, ips_listed_fn *each, void *ctx);
/* What to do next, one sentence at a time, the most pressing first. */
typedef void ips_do_fn(void *ctx, const char *sentence);
void ips_each_step(const struct ips_view *x, ips_do_fn *each, void *ctx);

void ips_print(const struct ips_view *x, struct text *out);
void ips_print_json(const struct ips_view *x, struct json_out *j);

#endif
