/* receivers - which provider takes the mail of a recipient domain
 *
 * Learned from delivery lines: the host that was tried is an MX of the domain.
 * Only domains of a provider are kept; those seen longest ago go first. Pure.
 */
#ifndef REPUTATION_RECEIVERS_H
#define REPUTATION_RECEIVERS_H

#include "reputation/providers.h"

struct receivers;

struct receivers *receivers_new(size_t max);
void receivers_free(struct receivers **r);
void receivers_set_max(struct receivers *r, size_t max);

/* Is it known already that this host takes the domain's mail, or that nobody of
 * the providers does? Most lines say nothing new. */
bool receivers_knows(struct receivers *r, const struct providers *p,
    struct str domain, struct str host);
/* A delivery to this domain was tried at this host, which is none of ours.
 * true: the domain's provider is another one than before. */
bool receivers_note(struct receivers *r, const struct providers *p,
    struct str domain, struct str host);

/* As providers_of_host, quicker. */
const char *receivers_host_provider(
    struct receivers *r, const struct providers *p, struct str host);

/* NULL: not known. A view, until the next note. */
const char *receivers_provider(const struct receivers *r, struct str domain);
/* In no order. */
void receivers_each(const struct receivers *r, struct str provider,
    providers_domain_fn *each, void *ctx);
/* The same of all providers, in slices: at least each that is known from its
 * begin (all zero) to its end. false: it is over. */
struct receivers_walk {
	size_t i, cap;
};
typedef void receivers_fn(void *ctx, struct str domain, const char *provider);
bool receivers_walk(const struct receivers *r, struct receivers_walk *w,
    size_t max, receivers_fn *each, void *ctx);
size_t receivers_count(const struct receivers *r);

/* receivers_books.c: tag 'R', table "receivers". */
struct books_part;
struct books_part receivers_part(struct receivers *r);

#endif
