/* ip - client addresses and networks */
#include "base/ip.h"

#include <arpa/inet.h>
#include <endian.h>

static const uint8_t v4_prefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* As inet_pton: four numbers, no leading zeros. */
static bool
parse_v4(struct str s, uint8_t out[4])
{
	size_t i = 0;

	for (int part = 0; part < 4; part++) {
		unsigned v = 0;
		size_t first = i;

		if (part > 0 && (i >= s.n || s.p[i++] != '.'))
			return false;
		if (part > 0)
			first = i;
		while (i < s.n && s.p[i] >= '0' && s.p[i] <= '9') {
			v = v * 10 + (unsigned)(s.p[i++] - '0');
			if (v > 255)
				return false;
		}
		size_t digits = i - first;

		if (digits == 0 || (digits > 1 && s.p[first] == '0'))
			return false;
		out[part] = (uint8_t)v;
	}
	return i == s.n;
}

static bool
parse_v6(struct str s, struct ip *out)
{
	char z[INET6_ADDRSTRLEN];

	if (s.n == 0 || s.n >= sizeof(z))
		return false;
	memcpy(z, s.p, s.n);
	z[s.n] = '\0';
	return strlen(z) == s.n && inet_pton(AF_INET6, z, out->b) == 1;
}

static bool
parse_bare(struct str s, struct ip *out)
{
	struct ip ip;

	memcpy(ip.b, v4_prefix, sizeof(v4_prefix));
	if (!parse_v4(s, ip.b + sizeof(v4_prefix)) &&
	    (str_find_char(s, ':') < 0 || !parse_v6(s, &ip)))
		return false;
	*out = ip;
	return true;
}

bool
ip_parse(struct str s, struct ip *out)
{
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		s = str_make(s.p + 1, s.n - 2);
	if (s.n > 5 && s.p[4] == ':' &&
	    str_is_nocase(str_head(s, 5), STR("IPv6:")))
		s = str_skip(s, 5);
	return parse_bare(s, out);
}

void
ip_format(struct text *t, const struct ip *ip)
{
	if (ip_is_v4(ip)) {
		for (int i = 12; i < 16; i++) {
			if (i > 12)
				text_char(t, '.');
			text_u64(t, ip->b[i]);
		}
		return;
	}
	char z[INET6_ADDRSTRLEN];

	if (inet_ntop(AF_INET6, ip->b, z, sizeof(z)))
		text_add(t, z);
}

bool
ip_is_none(const struct ip *ip)
{
	static const struct ip none;

	return ip_is(ip, &none);
}

bool
ip_is_v4(const struct ip *ip)
{
	return memcmp(ip->b, v4_prefix, sizeof(v4_prefix)) == 0;
}

bool
ip_is_loopback(const struct ip *ip)
{
	static const struct ip v6_loopback = {.b[15] = 1};

	return ip_is_v4(ip) ? ip->b[12] == 127 : ip_is(ip, &v6_loopback);
}

/* The first 64 bits of an address and the last, as numbers. */
struct halves {
	uint64_t high, low;
};

static inline struct halves
halves_of(const struct ip *ip)
{
	struct halves h;

	memcpy(&h.high, ip->b, 8);
	memcpy(&h.low, ip->b + 8, 8);
	return (struct halves){be64toh(h.high), be64toh(h.low)};
}

/* The first n bits of 64. */
static inline uint64_t
first_bits(unsigned n)
{
	return n == 0 ? 0 : n < 64 ? ~(UINT64_MAX >> n) : UINT64_MAX;
}

static inline struct halves
bits_of(unsigned bits)
{
	return (struct halves){first_bits(bits < 64 ? bits : 64),
	    first_bits(bits < 64 ? 0 : bits - 64)};
}

/* Keep the first `bits`, clear the others. */
static struct ip
mask(const struct ip *ip, unsigned bits)
{
	struct halves h = halves_of(ip), kept = bits_of(bits);
	uint64_t high = htobe64(h.high & kept.high);
	uint64_t low = htobe64(h.low & kept.low);
	struct ip out;

	memcpy(out.b, &high, 8);
	memcpy(out.b + 8, &low, 8);
	return out;
}

struct ip_net
ip_net_of(const struct ip *ip, unsigned bits)
{
	return (struct ip_net){mask(ip, bits), (uint8_t)bits};
}

/* Split "ADDR/BITS", "[ADDR]/BITS" or "ADDR"; bits is empty for the last. */
static bool
split_net(struct str s, struct str *address, struct str *bits)
{
	struct str rest = s;

	if (str_take(&rest, STR("["))) {
		if (!str_cut(&rest, ']', address))
			return false;
		*bits = rest;
		return rest.n == 0 || (str_take(bits, STR("/")) && bits->n > 0);
	}
	if (!str_cut(&rest, '/', address)) {
		*address = s;
		*bits = STR("");
		return true;
	}
	*bits = rest;
	return rest.n > 0;
}

bool
ip_net_parse(struct str s, struct ip_net *out)
{
	struct str address, bits_text;
	struct ip ip;

	if (!split_net(s, &address, &bits_text) || !parse_bare(address, &ip))
		return false;
	/* "::ffff:192.0.2.0/120" counts its bits as IPv6. */
	unsigned skipped = str_find_char(address, ':') >= 0 ? 0 : 96;
	uint64_t bits = 128 - skipped;

	if (bits_text.n > 0 &&
	    (!str_to_u64(bits_text, &bits) || bits > 128 - skipped))
		return false;
	bits += skipped;
	struct ip network = mask(&ip, (unsigned)bits);

	if (!ip_is(&network, &ip))
		return false;
	*out = (struct ip_net){ip, (uint8_t)bits};
	return true;
}

void
ip_net_format(struct text *t, const struct ip_net *net)
{
	bool is_v4 = net->bits >= 96 && ip_is_v4(&net->ip);

	ip_format(t, &net->ip);
	if (net->bits >= 128)
		return;
	text_char(t, '/');
	text_u64(t, is_v4 ? net->bits - 96u : net->bits);
}

static inline bool
has(const struct ip_net *net, const struct ip *ip, struct halves h)
{
	struct halves of = halves_of(&net->ip), kept = bits_of(net->bits);

	if (((h.high ^ of.high) & kept.high) | ((h.low ^ of.low) & kept.low))
		return false;
	/* "::/0" speaks of IPv6 alone. */
	return !(net->bits < 96 && ip_is_v4(ip)) && !ip_is_none(ip);
}

bool
ip_net_has(const struct ip_net *net, const struct ip *ip)
{
	return has(net, ip, halves_of(ip));
}

struct ip_net
ip_network(const struct ip *ip)
{
	uint8_t bits = ip_is_v4(ip) ? 96 + 24 : 64;

	return (struct ip_net){mask(ip, bits), bits};
}

bool
ip_nets_has(const struct ip_nets *nets, const struct ip *ip)
{
	if (nets->n == 0)
		return false;
	struct halves h = halves_of(ip);

	for (size_t i = 0; i < nets->n; i++) {
		if (has(&nets->v[i], ip, h))
			return true;
	}
	return false;
}
