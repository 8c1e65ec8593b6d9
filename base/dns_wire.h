/* dns_wire - packets to resolvers and back, by c-ares
 *
 * The only file that knows c-ares: sockets, time-outs, the next server, TCP
 * where an answer was cut. What stands in the packets is dns_answer's.
 */
#ifndef BASE_DNS_WIRE_H
#define BASE_DNS_WIRE_H

#include "base/error.h"
#include "base/setting.h"
#include "base/str.h"

struct loop;
struct dns_wire;

/* Are they addresses? The error begins with dns_servers. */
int dns_wire_check(const struct setting_list *servers, struct error *err);

/* servers: addresses, also ADDRESS:PORT and [ADDRESS]:PORT; none: those of
 * /etc/resolv.conf. NULL and *err: one is no address. */
struct dns_wire *dns_wire_new(struct loop *l,
    const struct setting_list *servers, int timeout_ms, struct error *err);
/* What is under way is answered with an error at once. */
void dns_wire_free(struct dns_wire **w);

/* Exactly once, also from within dns_wire_send. error: NULL, or a few words (a
 * literal); then the packet is empty. */
typedef void dns_wire_fn(void *ctx, struct str packet, const char *error);
void dns_wire_send(struct dns_wire *w, const uint8_t *question, size_t n,
    dns_wire_fn *on_done, void *ctx);

#endif
