/* checker - asks the DNS for all that a domain's health needs, on the loop
 *
 * The answers are judged in a thread of its own: a hostile record may take
 * tens of milliseconds. The loop only asks and copies, some at a time.
 */
#ifndef DOMAINS_CHECKER_H
#define DOMAINS_CHECKER_H

#include "domains/domain_site.h"

struct loop;
struct dns;
struct checker;

/* h is the receiver's (health_free); questions is how many were asked. */
typedef void checker_fn(void *ctx, struct health *h, size_t questions);

/* The name is dns_name's; the site is the checker's now. The answer comes
 * exactly once, never before this returns, at most so long after; the checker
 * is gone then. */
struct checker *checker_start(struct loop *l, struct dns *d, const char *domain,
    struct domain_site *site, int64_t timeout_ms, checker_fn *on_done,
    void *ctx);
/* This is known already, and is not asked. Before the loop goes on. */
void checker_know(struct checker *c, const char *name, enum dns_type type,
    const struct dns_answer *a);
/* No answer comes. NULL is fine. */
void checker_cancel(struct checker **c);

#endif
