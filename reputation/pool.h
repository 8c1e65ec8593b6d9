/* pool - the addresses that we send from, and who shares them
 *
 * An own IP is a service of its own in master.cf, with its bind address, its
 * HELO name and its own syslog_name "postfix/NAME": by that the log tells which
 * address a delivery was tried from. An own IP is in one pool or several.
 * Made from the lists own_ips and pools of the configuration. Pure.
 */
#ifndef REPUTATION_POOL_H
#define REPUTATION_POOL_H

#include "base/error.h"
#include "base/ip.h"
#include "base/setting.h"

enum pool_known {
#define POOL(id, name, help) POOL_##id,
#include "reputation/pools.def"
#undef POOL
	POOLS_KNOWN
};

enum { POOL_NAME = 32, POOLS_MAX = 64, POOL_IPS_MAX = 256 };

struct pool_ip_spec {
#define SETTING SETTING_FIELD
#include "reputation/pool_ip_fields.def"
#undef SETTING
};
struct pool_spec {
#define SETTING SETTING_FIELD
#include "reputation/pool_fields.def"
#undef SETTING
};
extern const struct setting_table pool_ip_fields; /* of pool_ip_spec */
extern const struct setting_table pool_fields;	  /* of pool_spec */

/* An own IP. All texts are the pools' own, never NULL. */
struct pool_ip {
	const char *name; /* of the service in master.cf */
	struct ip v4, v6; /* ip_is_none: it has none; not both */
	struct ip bind_v4, bind_v6;
	const char *helo; /* empty: Postfix's smtp_helo_name */
	const char *host; /* empty: this one */
	uint64_t pools;	  /* a bit for each that it is in */
	int weight;
};

struct pools;

struct pools *pools_new(void);
void pools_free(struct pools **p);

/* Another number for each that was ever made; never 0. */
uint64_t pools_id(const struct pools *p);

/* In this order: the pools, then the IPs in them. The error names what is
 * wrong. */
int pools_add(struct pools *p, const struct pool_spec *spec, struct error *err);
int pools_add_ip(
    struct pools *p, const struct pool_ip_spec *spec, struct error *err);

/* Own IPs, in the order of the configuration. */
size_t pools_ip_count(const struct pools *p);
const struct pool_ip *pools_ip_at(const struct pools *p, size_t i);
/* By its name, or by one of its addresses; NULL: it is none of ours. */
const struct pool_ip *pools_ip_find(const struct pools *p, struct str what);
/* The one that a line of the log is about, by its tag ("postfix/out1/smtp",
 * logline.tag); NULL: none. */
const struct pool_ip *pools_ip_of_tag(const struct pools *p, struct str tag);
size_t pools_ip_index(const struct pools *p, const struct pool_ip *ip);
/* Is it one of the host of this name? */
bool pool_ip_is_of(const struct pool_ip *ip, struct str host);
/* "192.0.2.1", or the IPv6 one where it has no other. */
void pool_ip_print(const struct pool_ip *ip, struct text *out);

/* pool_print.c: the services of master.cf on this host, as comment lines.
 * Returns how many. */
size_t pools_print_services(
    const struct pools *p, struct str host, struct text *out);

/* The pools: POOL_DEFAULT and so on, then those of the configuration. */
size_t pools_count(const struct pools *p);
const char *pools_name(const struct pools *p, size_t pool);
/* SIZE_MAX: there is no such pool. */
size_t pools_find(const struct pools *p, struct str name);
/* The dedicated pool of this account, of this domain of senders; SIZE_MAX:
 * none. */
size_t pools_of_account(const struct pools *p, struct str account);
size_t pools_of_domain(const struct pools *p, struct str domain);
/* Every domain and account that has one. */
typedef void pools_each_fn(void *ctx, struct str key, size_t pool);
void pools_each_account(const struct pools *p, pools_each_fn *each, void *ctx);
void pools_each_domain(const struct pools *p, pools_each_fn *each, void *ctx);

#endif
