/* pool_print - own IPs as services of master.cf */
#include "reputation/pool.h"

static void
print_option(struct text *out, const char *name, const char *value)
{
	if (*value)
		text_printf(out, "#     -o %s=%s\n", name, value);
}

static void
print_bind(struct text *out, const char *name, const struct ip *ip)
{
	char address[64];
	struct text t;

	if (ip_is_none(ip))
		return;
	text_init(&t, address, sizeof(address));
	ip_format(&t, ip);
	print_option(out, name, address);
}

/* With one family alone Postfix would send by the other from any address. */
static const char *
protocols(const struct pool_ip *ip)
{
	if (ip_is_none(&ip->v6))
		return "ipv4";
	return ip_is_none(&ip->v4) ? "ipv6" : "";
}

static void
print_service(const struct pool_ip *ip, struct text *out)
{
	text_printf(out, "#   %s unix - - n - - smtp\n", ip->name);
	text_printf(out, "#     -o syslog_name=postfix/%s\n", ip->name);
	print_bind(out, "smtp_bind_address", &ip->bind_v4);
	print_bind(out, "smtp_bind_address6", &ip->bind_v6);
	print_option(out, "smtp_bind_address_enforce", "yes");
	print_option(out, "inet_protocols", protocols(ip));
	print_option(out, "smtp_helo_name", ip->helo);
}

size_t
pools_print_services(const struct pools *p, struct str host, struct text *out)
{
	size_t n = 0;

	for (size_t i = 0; i < pools_ip_count(p); i++) {
		const struct pool_ip *ip = pools_ip_at(p, i);

		if (!pool_ip_is_of(ip, host))
			continue;
		print_service(ip, out);
		n++;
	}
	return n;
}
