/* app_selfmail - a message to oneself: sent, and verified when it comes back
 *
 * It leaves as letters do, from an address of the domain, to an address of ours
 * whose mail comes here as reports do (fbl). What became of its signature is
 * remembered of the domain (app_domains_hear).
 */
#ifndef DAEMON_APP_SELFMAIL_H
#define DAEMON_APP_SELFMAIL_H

#include "base/dns_answer.h"
#include "base/error.h"
#include "base/str.h"

struct app;
struct app_selfmail;

struct app_selfmail *app_selfmail_new(struct app *a);
/* Before app_dns_free. */
void app_selfmail_free(struct app_selfmail **t);

/* The name is dns_name's, to letter_is_address. -1: it can't be handed in. */
int app_selfmail_send(struct app_selfmail *t, const char *domain,
    const char *to, struct error *err);
/* It came back; the mail is copied. */
void app_selfmail_take(
    struct app_selfmail *t, const char *domain, struct str mail);

#endif
