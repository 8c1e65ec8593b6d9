/* app_wrong_sender - who sends under a wrong sender is told
 *
 * Under a domain whose SPF record doesn't let our addresses send, by two looks
 * at it (app_domains.h); or under an address that isn't the account's: Postfix
 * refused it (reject_sender_login_mismatch), or it is another account of a
 * domain that isn't the account's. A SENDER event, of which the letter to the
 * owner follows: once a week for an account and for a domain, and
 * sender_letters_per_day in all; in enforce mode alone. Nobody is told when
 * more than half of the domains fail: then our own list is wrong.
 */
#ifndef DAEMON_APP_WRONG_SENDER_H
#define DAEMON_APP_WRONG_SENDER_H

#include "ledger/event.h"
#include "ledger/fact.h"

struct app;
struct app_wrong_sender;

struct app_wrong_sender *app_wrong_sender_new(struct app *a);
void app_wrong_sender_free(struct app_wrong_sender **w);

/* Every fact. */
void app_wrong_sender_fact(struct app_wrong_sender *w, const struct fact *f);
/* May the letter of this event be written? Of those about forwards so many in a
 * day as of the others; whoever writes to many names of a forwarded domain
 * floods nobody. The same event may be asked about again. */
bool app_wrong_sender_has_letter(
    struct app_wrong_sender *w, const struct event *e);
/* For pipeline_hooks: is the sender another account, of another domain? */
bool app_wrong_sender_is(void *ctx, struct str account, struct str sender);

#endif
