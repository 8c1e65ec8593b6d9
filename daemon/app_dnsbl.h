/* app_dnsbl - do our own addresses and domains stand on lists of bad senders?
 *
 * Each list in turn, every dnsbl_every, about the addresses of this host
 * (own_ips, sending_addresses) and the domains that we send by. A change
 * becomes an event (daemon/listings.h); what was not seen twice to be gone is
 * still there.
 */
#ifndef DAEMON_APP_DNSBL_H
#define DAEMON_APP_DNSBL_H

#include "daemon/listings.h"
#include "reputation/address.h"
#include "reputation/dnsbl_round.h"

struct app;
struct app_dnsbl;
struct pool_ip;

struct app_dnsbl *app_dnsbl_new(struct app *a);
void app_dnsbl_free(struct app_dnsbl **d); /* before app_dns_free */
struct listings *app_dnsbl_listings(struct app_dnsbl *d);
/* Before the settings of before are freed. */
void app_dnsbl_reload(struct app_dnsbl *d);
void app_dnsbl_tick(struct app_dnsbl *d); /* once a second */
/* An event listings_is_event: false: it is no news. */
bool app_dnsbl_fold(struct app_dnsbl *d, const struct event *e);
void app_dnsbl_gauges(struct app_dnsbl *d);
/* app_dnsbl_tell.c: the event by which the next one stands on a list, for a
 * Redis that lost it. key is empty at first, then the last one's; false: that
 * was the last. */
bool app_dnsbl_tell_again(struct app_dnsbl *d, char key[KEPT_KEY + 1],
    void (*each)(void *ctx, const struct event *e), void *ctx);

/* Does one of its addresses stand on a list that counts (not one that is for
 * information)? */
bool app_dnsbl_is_listed(struct app_dnsbl *d, const struct pool_ip *ip);

/* Where to ask a list for a target's removal. */
void app_dnsbl_removal(
    const struct dnsbl *l, const char *target, struct text *out);

/* For `outpost ips`. */
/* What is asked about, in the order of the configuration. */
struct app_dnsbl_target {
	const char *text; /* the address or the domain */
	const char *name; /* of the own IP in own_ips; or NULL */
	const char *helo; /* NULL: not known */
	struct dnsbl_target target;
	bool is_asked; /* here; else by its own host */
};
size_t app_dnsbl_targets(
    struct app_dnsbl *d, const struct app_dnsbl_target **out);
/* How a list is; false: beyond the last one that is asked. */
struct app_dnsbl_list {
	const struct dnsbl *list;
	enum dnsbl_health health;
	const char *why;
	int64_t asked; /* when a round ended; 0: none yet */
};
bool app_dnsbl_list(
    const struct app_dnsbl *d, size_t i, struct app_dnsbl_list *out);
/* What a list said last about a target, if its round counted. */
enum dnsbl_says app_dnsbl_said(
    const struct app_dnsbl *d, size_t list, size_t target);
/* How an address is named; NULL: not known yet. */
const struct address_report *app_dnsbl_names(
    const struct app_dnsbl *d, size_t target);

#endif
