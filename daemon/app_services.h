/* app_services - which services the Postfix beside us has in its master.cf
 *
 * Own IPs are services there, and mail that the tables send to one that is
 * missing waits until it is returned. So none is named that isn't seen: in
 * master.cf of the instances, as they stand there now, and never after qmgr
 * said that it can't be reached, until master.cf is read again; nor one whose
 * address no interface has. Where master.cf
 * can't be read, what has logged lately is believed to be there.
 */
#ifndef DAEMON_APP_SERVICES_H
#define DAEMON_APP_SERVICES_H

#include "mta/logline.h"
#include "reputation/pool.h"

struct app;
struct app_services;

struct app_services *app_services_new(struct app *a);
void app_services_free(struct app_services **s);

/* NULL: mail may be sent by it. Else why not, for people. */
const char *app_services_why(struct app_services *s, const struct pool_ip *ip);
/* slow_transport or relay_route as they are set; "" where Postfix lacks its
 * service: what would be sent by it goes as all mail does. Believed to be there
 * while no master.cf can be read. */
const char *app_services_slow(struct app_services *s);
const char *app_services_relay(struct app_services *s);
/* Somebody's mail is to be slowed, and isn't: told once, until it is. */
void app_services_tell_slow(struct app_services *s, bool is_unslowed);
/* Once a second: has a master.cf changed? */
void app_services_tick(struct app_services *s);
/* For pipeline_hooks.on_postfix. */
void app_services_line(void *app, const struct logline *l);
/* It was tried, at this time. */
void app_services_seen(struct app_services *s, struct str name, int64_t at);

#endif
