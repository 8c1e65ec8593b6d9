/* app_domains - looks after the domains in whose name mail leaves
 *
 * Which ones they are is learned: the domains of accounts that send, those of
 * envelope senders (when seen three times), and sending_domains; the selectors
 * they are signed under, from the signer's log lines. Each is checked by and by
 * (domains/checker.h), few at a time; what was found is remembered in the
 * books, told to the other nodes through Redis, and a change is an event.
 */
#ifndef DAEMON_APP_DOMAINS_H
#define DAEMON_APP_DOMAINS_H

#include "domains/roster.h"
#include "ledger/books.h"
#include "ledger/fact.h"
#include "mta/logline.h"

struct app;
struct app_domains;

/* Before the books are opened: its part is one of theirs. */
struct app_domains *app_domains_new(struct app *a);
/* After Redis' connections, before app_dns_free. */
void app_domains_free(struct app_domains **d);
struct books_part app_domains_part(struct app_domains *d);

/* A message was accepted of an account; for pipeline_hooks: a line of another
 * program's; once a second. */
void app_domains_fact(struct app_domains *d, const struct fact *f);
void app_domains_line(void *ctx, const struct logline *l);
void app_domains_tick(struct app_domains *d);

/* Somebody who got mail of these found this of its signatures; of domains that
 * are known. */
void app_domains_hear(struct app_domains *d, struct str domain,
    enum health_signed what, struct str by, int64_t at);

/* For pipeline_hooks: SPF of this envelope sender's domain says that none of
 * our addresses may send. false: they may, or it could not be told. */
bool app_domains_are_unauthorised(void *ctx, struct str sender);

/* The same, by two looks: may whoever sends in its name be written to? Not
 * twice in a week; once somebody is: app_domains_told. */
bool app_domains_may_tell(const struct app_domains *d, const char *domain);
/* More than half of all fail so: then it is more likely that our own addresses
 * are told wrong. */
bool app_domains_mostly_fail(const struct app_domains *d);
void app_domains_told(struct app_domains *d, const char *domain);

/* What is remembered; the name is dns_name's. false: nothing. */
bool app_domains_find(
    const struct app_domains *d, const char *domain, struct roster *out);
/* Each of them, from *at on (0: from the first), what was there all the time
 * once at least; false: no more. The domain is a view until the next turn. */
bool app_domains_next(const struct app_domains *d, size_t *at,
    struct str *domain, struct roster *out);
/* Are they looked at? */
bool app_domains_are_checked(const struct app *a);
/* It will be tried by a test message: it is looked after, as if it stood in
 * sending_domains, and what the last one told is forgotten. */
void app_domains_try(struct app_domains *d, const char *domain);
/* No link to its page that was given out before holds any more. */
void app_domains_revoke(struct app_domains *d, const char *domain);
/* By what one is judged here. */
struct domain_site *app_domains_site(struct app_domains *d, const char *domain);

/* app_domains_tell.c: what is judged by; when it changes, nothing is said of
 * the domains. */
uint64_t app_domains_hash(const struct domain_site *s);
/* A colour changed since it was looked at before. */
void app_domains_tell(struct app *a, const char *domain,
    const struct roster_change *c, int64_t before);

#endif
