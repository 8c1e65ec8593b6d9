/* app_dns - the DNS as outpostd asks it: one resolver with one cache for all
 *
 * Those of dns_servers, or of /etc/resolv.conf. A reload, or another
 * resolv.conf, brings new ones; who asked the old ones is still answered.
 */
#ifndef DAEMON_APP_DNS_H
#define DAEMON_APP_DNS_H

#include "base/dns.h"
#include "base/loop.h"

struct app_dns;

/* For dns_ask, checker_start and so on. Asked for whenever it is needed, never
 * kept: a question may be asked with it (and cancelled) for APP_DNS_KEPT
 * seconds from now; one that is still open then gets no answer. */
enum { APP_DNS_KEPT = 900 };
struct dns *app_dns_get(struct app_dns *d);

struct app_dns *app_dns_new(
    struct loop *l, const struct dns_options *o, struct error *err);
/* Whoever is still answered must be gone: their questions are dropped. */
void app_dns_free(struct app_dns **d);
/* What is asked for from now on. The old one stays where this can't be used.
 * The options' servers are copied. */
int app_dns_reload(
    struct app_dns *d, const struct dns_options *o, struct error *err);
/* Once a second: has resolv.conf changed, which ones are over? */
void app_dns_tick(struct app_dns *d);
void app_dns_gauges(const struct app_dns *d);

#endif
