/* dns_question - names and questions for a resolver */
#include "base/dns_answer.h"

enum {
	HEADER = 12,
	LABEL_MAX = 63,
	CLASS_IN = 1,
	OPT = 41,
	FLAG_RECURSE = 0x0100,
	FLAG_SECURE = 0x0020,
};

bool
dns_name(struct str name, char out[DNS_NAME])
{
	size_t label = 0;

	if (name.n > 0 && name.p[name.n - 1] == '.')
		name.n--;
	if (name.n >= DNS_NAME)
		return false;
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];

		if (c == '\0' || (c == '.' && label == 0))
			return false;
		label = c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX)
			return false;
		out[i] = c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
	}
	out[name.n] = '\0';
	return name.n == 0 || label > 0;
}

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

size_t
dns_question(uint16_t id, const char *name, enum dns_type type, uint8_t *out)
{
	struct str rest = str_from(name), label;
	uint8_t *p = out + HEADER;

	memset(out, 0, DNS_QUERY);
	put16(out, id);
	put16(out + 2, FLAG_RECURSE | FLAG_SECURE);
	put16(out + 4, 1);
	put16(out + 10, 1);
	while (rest.n > 0) {
		if (!str_cut(&rest, '.', &label)) {
			label = rest;
			rest.n = 0;
		}
		*p++ = (uint8_t)label.n;
		memcpy(p, label.p, label.n);
		p += label.n;
	}
	p++;
	put16(p, type);
	put16(p + 2, CLASS_IN);
	/* EDNS (RFC 6891): the root, OPT, our size. */
	put16(p + 5, OPT);
	put16(p + 7, DNS_UDP_SIZE);
	return (size_t)(p + 15 - out);
}

void
dns_reverse(const struct ip *ip, const char *zone, char out[DNS_NAME])
{
	struct text t;

	text_init(&t, out, DNS_NAME);
	if (ip_is_v4(ip)) {
		text_printf(&t, "%u.%u.%u.%u", ip->b[15], ip->b[14], ip->b[13],
		    ip->b[12]);
	} else {
		for (int i = 15; i >= 0; i--)
			text_printf(&t, "%x.%x%s", ip->b[i] & 15u,
			    ip->b[i] >> 4u, i > 0 ? "." : "");
	}
	if (!zone)
		zone = ip_is_v4(ip) ? "in-addr.arpa" : "ip6.arpa";
	text_printf(&t, ".%s", zone);
}
