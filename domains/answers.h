/* answers - what the DNS has said so far, and what is still to be asked
 *
 * Whoever judges a domain is a pure function of these: it looks up what it
 * needs, and what isn't known yet is noted. Its caller asks for that, puts the
 * answers in and calls it again, until nothing is wanted. So nothing has to be
 * remembered between two answers, and any number of questions goes out at once.
 */
#ifndef DOMAINS_ANSWERS_H
#define DOMAINS_ANSWERS_H

#include "base/dns_answer.h"

enum { ANSWERS_MAX = 2000, ANSWERS_BYTES = 32 * 1024 * 1024 };

struct answers;

struct answers *answers_new(void);
void answers_free(struct answers **a);
/* NULL: not known yet, now wanted. A name that can't be one is answered with
 * DNS_NO_NAME; beyond the bounds everything is DNS_FAILED. Lives as long as
 * the answers. */
const struct dns_answer *answers_get(
    struct answers *a, struct str name, enum dns_type type);
/* Copied; the first one stays. */
void answers_put(struct answers *a, const char *name, enum dns_type type,
    const struct dns_answer *answer);
/* One that is wanted and was not yet told here; false: there is none. */
bool answers_wanted(struct answers *a, const char **name, enum dns_type *type);
/* From now on everything that isn't known is DNS_FAILED with this literal. */
void answers_give_up(struct answers *a, const char *why);
/* How many are wanted and have no answer; were asked for in all. */
size_t answers_open(const struct answers *a);
size_t answers_count(const struct answers *a);

#endif
