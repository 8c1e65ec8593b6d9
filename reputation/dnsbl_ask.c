/* dnsbl_ask - the names by which a list is asked, and tested */
#include "reputation/dnsbl.h"

enum dnsbl_kind
dnsbl_target_kind(const struct dnsbl_target *t)
{
	if (ip_is_none(&t->ip))
		return DNSBL_DOMAIN;
	return ip_is_v4(&t->ip) ? DNSBL_IP4 : DNSBL_IP6;
}

/* The zone with its key. */
static bool
put_zone(const struct dnsbl *l, const char *key, char out[DNS_NAME])
{
	ptrdiff_t at = str_find(str_from(l->zone), STR("%k"));
	struct text t;

	text_init(&t, out, DNS_NAME);
	if (at >= 0) {
		text_bytes(&t, l->zone, (size_t)at);
		text_add(&t, key);
		at += 2;
	}
	text_add(&t, l->zone + (at < 0 ? 0 : at));
	return !t.is_cut && (!l->has_key || *key);
}

static bool
join(const char *name, const char *zone, char out[DNS_NAME])
{
	struct text t;

	text_init(&t, out, DNS_NAME);
	text_printf(&t, "%s.%s", name, zone);
	return !t.is_cut;
}

bool
dnsbl_question(const struct dnsbl *l, const struct dnsbl_target *t,
    const char *key, char out[DNS_NAME])
{
	char zone[DNS_NAME];
	size_t room = DNS_NAME - sizeof("0.") * 32;

	if (!(l->kinds & dnsbl_target_kind(t)) || !put_zone(l, key, zone))
		return false;
	if (ip_is_none(&t->ip))
		return t->domain && join(t->domain, zone, out);
	if (strlen(zone) > room)
		return false;
	dns_reverse(&t->ip, zone, out);
	return true;
}

/* No list has addresses of this network, and nobody asks for one twice. */
static bool
ask_any(const struct dnsbl *l, enum dnsbl_kind kind, uint32_t salt,
    const char *key, char out[DNS_NAME])
{
	struct dnsbl_target t = {.domain = out};
	char domain[DNS_NAME];
	struct text name;

	if (kind != DNSBL_DOMAIN) {
		memset(t.ip.b + 10, 0xff, 2);
		t.ip.b[12] = 127;
		t.ip.b[13] = (uint8_t)(16 + (salt >> 16 & 0x7f));
		t.ip.b[14] = (uint8_t)(salt >> 8);
		t.ip.b[15] = (uint8_t)salt;
		if (kind == DNSBL_IP4)
			return dnsbl_question(l, &t, key, out);
		/* As an address of IPv6, which ip_is_v4 would not take. */
		text_init(&name, domain, sizeof(domain));
		for (int i = 15; i >= 0; i--)
			text_printf(&name, "%x.%x%s", t.ip.b[i] & 15u,
			    t.ip.b[i] >> 4u, i > 0 ? "." : "");
	} else {
		text_init(&name, domain, sizeof(domain));
		text_printf(&name, "outpost-%08x.invalid", (unsigned)salt);
	}
	char zone[DNS_NAME];

	return put_zone(l, key, zone) && join(domain, zone, out);
}

/* RFC 5782, 5: ::FFFF:7F00:2 is listed, ::FFFF:7F00:1 isn't. */
static bool
ask_mapped(
    const struct dnsbl *l, bool is_listed, const char *key, char out[DNS_NAME])
{
	char zone[DNS_NAME], name[DNS_NAME];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "%d.0.0.0.0.0.f.7.f.f.f.f", is_listed ? 2 : 1);
	for (int i = 0; i < 20; i++)
		text_add(&t, ".0");
	return put_zone(l, key, zone) && join(name, zone, out);
}

bool
dnsbl_test_question(const struct dnsbl *l, enum dnsbl_kind kind,
    enum dnsbl_test test, uint32_t salt, const char *key, char out[DNS_NAME])
{
	bool is_listed = test == DNSBL_TEST_LISTED;
	char zone[DNS_NAME];

	if (test == DNSBL_TEST_ANY)
		return ask_any(l, kind, salt, key, out);
	if (kind == DNSBL_IP6)
		return ask_mapped(l, is_listed, key, out);
	return put_zone(l, key, zone) &&
	       join(is_listed ? l->listed : l->unlisted, zone, out);
}
