/* dns_cache - answers of resolvers, kept for as long as they say
 *
 * Bounded in number and bytes: beyond, the one asked for longest ago goes.
 */
#ifndef BASE_DNS_CACHE_H
#define BASE_DNS_CACHE_H

#include "base/dns_answer.h"

struct dns_cache;

/* An answer that several may hold. */
struct dns_kept {
	unsigned holders;
	size_t size; /* bytes */
	int64_t since_us, until_us;
	struct dns_answer *answer;
};

/* A copy of the answer, held by the caller. since_us is the time now. */
struct dns_kept *dns_kept_new(
    const struct dns_answer *a, int64_t now_us, int64_t until_us);
struct dns_kept *dns_kept_hold(struct dns_kept *k);
void dns_kept_release(struct dns_kept **k);

struct dns_cache *dns_cache_new(size_t max, size_t max_bytes);
void dns_cache_free(struct dns_cache **c);
/* NULL when there is none that still holds; else a view. */
struct dns_kept *dns_cache_find(
    struct dns_cache *c, struct str key, int64_t now_us);
/* Holds it as well. What is larger than an eighth of the cache isn't kept. */
void dns_cache_put(struct dns_cache *c, struct str key, struct dns_kept *k);
size_t dns_cache_count(const struct dns_cache *c, size_t *bytes);

#endif
