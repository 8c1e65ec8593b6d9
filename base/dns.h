/* dns - questions to the DNS, without stopping the loop
 *
 * One for a process. The same question asked twice goes out once; answers are
 * kept for their time to live (negative ones as their SOA says, failures a few
 * seconds), so nobody needs a cache of his own. The rest of the questions waits
 * while so many as may be are under way.
 */
#ifndef BASE_DNS_H
#define BASE_DNS_H

#include "base/dns_answer.h"
#include "base/error.h"
#include "base/setting.h"

struct loop;
struct dns;
struct dns_ask;

struct dns_options {
	/* ADDRESS, ADDRESS:PORT, [ADDRESS]:PORT; none: as /etc/resolv.conf. */
	struct setting_list servers;
	int64_t timeout_ms; /* of a question, from when it is sent */
	int64_t in_flight;
	int64_t cache, cache_bytes; /* bounds of what is kept */
};

/* The error begins with dns_servers. */
int dns_check(const struct setting_list *servers, struct error *err);
struct dns *dns_new(
    struct loop *l, const struct dns_options *o, struct error *err);
/* What is still asked for gets no answer, and its dns_ask is gone. Not from
 * within an answer. */
void dns_free(struct dns **d);

/* The answer is valid until the callback returns; its ttl is what is left. */
typedef void dns_fn(void *ctx, const struct dns_answer *a);
/* Answered exactly once, from the loop, never before this returns; never NULL.
 * The dns_ask is gone when its answer has come. A name that can't be one gets
 * DNS_NO_NAME without anybody being asked. */
struct dns_ask *dns_ask(struct dns *d, struct str name, enum dns_type type,
    dns_fn *on_answer, void *ctx);
/* No answer comes. NULL is fine. */
void dns_cancel(struct dns_ask **a);

struct dns_counts {
	uint64_t asked, cached, sent, failed;
	size_t waiting, in_flight, kept, kept_bytes;
};
struct dns_counts dns_counts(const struct dns *d);

#endif
