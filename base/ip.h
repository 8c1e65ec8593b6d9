/* ip - client addresses and networks (IPv4 and IPv6)
 *
 * An IPv4 address is kept as its v4-mapped IPv6 form, so one comparison and
 * one prefix length (96 + n for IPv4) serve both.
 */
#ifndef BASE_IP_H
#define BASE_IP_H

#include "base/text.h"

struct ip {
	uint8_t b[16]; /* all zero: no address */
};

struct ip_net {
	struct ip ip;
	uint8_t bits; /* of 128 */
};

/* "192.0.2.1", "2001:db8::1", also "IPv6:..." and "[...]" forms, no zone. */
bool ip_parse(struct str s, struct ip *out);
void ip_format(struct text *t, const struct ip *ip);
bool ip_is_none(const struct ip *ip);
bool ip_is_v4(const struct ip *ip);
bool ip_is_loopback(const struct ip *ip); /* 127.0.0.0/8, ::1 */
static inline bool
ip_is(const struct ip *a, const struct ip *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

/* "192.0.2.0/24", "[2001:db8::]/32" (main.cf's form) or a bare address. Host
 * bits that are set are an error, as in Postfix. */
bool ip_net_parse(struct str s, struct ip_net *out);
void ip_net_format(struct text *t, const struct ip_net *net);
bool ip_net_has(const struct ip_net *net, const struct ip *ip);

/* The network a client is counted in: /24 for IPv4, /64 for IPv6. */
struct ip_net ip_network(const struct ip *ip);

/* The one with so many bits that it is in. */
struct ip_net ip_net_of(const struct ip *ip, unsigned bits);

/* A list of networks from the settings. */
struct ip_nets {
	struct ip_net *v;
	size_t n;
};
bool ip_nets_has(const struct ip_nets *nets, const struct ip *ip);

#endif
