/* ip_test */
#include "base/ip.h"

#include "base/test.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static void
test_parse(void)
{
	/* out NULL: no address */
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"192.0.2.1", "192.0.2.1"},
	    {"255.255.255.255", "255.255.255.255"},
	    {"[192.0.2.1]", "192.0.2.1"},
	    {"2001:DB8:0:0::1", "2001:db8::1"},
	    {"IPv6:2001:db8::1", "2001:db8::1"},
	    {"[ipv6:2001:db8::1]", "2001:db8::1"},
	    {"::ffff:192.0.2.1", "192.0.2.1"},
	    {"::1", "::1"},
	    {"256.0.0.1", NULL},
	    {"1.2.3", NULL},
	    {"1.2.3.4.5", NULL},
	    {"1.2.3.", NULL},
	    {"01.2.3.4", NULL},
	    {"1.2.3.4 ", NULL},
	    {"unknown", NULL},
	    {"", NULL},
	    {"[", NULL},
	    {"[]", NULL},
	    {"IPv6:", NULL},
	    {"fe80::1%eth0", NULL},
	    {"2001:db8::1::2", NULL},
	    {"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[64];
		struct text t;
		struct ip ip;
		bool ok = ip_parse(str_from(rows[i].in), &ip);

		CHECK_INT(ok, rows[i].out != NULL);
		if (!ok || !rows[i].out)
			continue;
		text_init(&t, buf, sizeof(buf));
		ip_format(&t, &ip);
		CHECK_STR(text_view(&t), str_from(rows[i].out));
	}
}

static void
test_net_parse(void)
{
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.0/24"},
	    {"10.0.0.0/8", "10.0.0.0/8"},
	    {"192.0.2.1", "192.0.2.1"},
	    {"192.0.2.1/32", "192.0.2.1"},
	    {"0.0.0.0/0", "0.0.0.0/0"},
	    {"[2001:db8::]/32", "2001:db8::/32"},
	    {"2001:db8::/32", "2001:db8::/32"},
	    {"[::1]/128", "::1"},
	    {"[::1]", "::1"},
	    {"::/0", "::/0"},
	    {"[::ffff:127.0.0.0]/104", "127.0.0.0/8"},
	    {"192.0.2.1/24", NULL},
	    {"192.0.2.0/33", NULL},
	    {"192.0.2.0/", NULL},
	    {"192.0.2.0/-1", NULL},
	    {"[2001:db8::]32", NULL},
	    {"[2001:db8::]/", NULL},
	    {"[2001:db8::", NULL},
	    {"2001:db8::/129", NULL},
	    {"", NULL},
	    {"/24", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[64];
		struct text t;
		struct ip_net net;
		bool ok = ip_net_parse(str_from(rows[i].in), &net);

		CHECK_INT(ok, rows[i].out != NULL);
		if (!ok || !rows[i].out)
			continue;
		text_init(&t, buf, sizeof(buf));
		ip_net_format(&t, &net);
		CHECK_STR(text_view(&t), str_from(rows[i].out));
	}
}

static void
test_net_has(void)
{
	static const struct {
		const char *net, *ip;
		bool has;
	} rows[] = {
	    {"192.0.2.0/24", "192.0.2.255", true},
	    {"192.0.2.0/24", "192.0.3.0", false},
	    {"192.0.2.128/25", "192.0.2.127", false},
	    {"192.0.2.128/25", "192.0.2.128", true},
	    {"192.0.2.1", "192.0.2.1", true},
	    {"192.0.2.1", "192.0.2.2", false},
	    {"0.0.0.0/0", "8.8.8.8", true},
	    {"0.0.0.0/0", "2001:db8::1", false},
	    {"::/0", "2001:db8::1", true},
	    {"::/0", "8.8.8.8", false},
	    {"::/0", "::", false},
	    {"2001:db8:0:80::/57", "2001:db8:0:ff::1", true},
	    {"2001:db8:0:80::/57", "2001:db8:0:7f::1", false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ip_net net;
		struct ip ip;

		CHECK(ip_net_parse(str_from(rows[i].net), &net));
		CHECK(ip_parse(str_from(rows[i].ip), &ip));
		struct ip_nets nets = {&net, 1};

		if (ip_nets_has(&nets, &ip) != rows[i].has)
			test_fail(__FILE__, __LINE__, "%s in %s", rows[i].ip,
			    rows[i].net);
	}
}

static void
test_kinds(void)
{
	static const struct {
		const char *ip, *network;
		bool is_v4, is_loopback;
	} rows[] = {
	    {"192.0.2.77", "192.0.2.0/24", true, false},
	    {"127.9.9.9", "127.9.9.0/24", true, true},
	    {"::1", "::/64", false, true},
	    {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", false, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[64];
		struct text t;
		struct ip ip;

		CHECK(ip_parse(str_from(rows[i].ip), &ip));
		CHECK(!ip_is_none(&ip));
		CHECK_INT(ip_is_v4(&ip), rows[i].is_v4);
		CHECK_INT(ip_is_loopback(&ip), rows[i].is_loopback);
		text_init(&t, buf, sizeof(buf));
		struct ip_net net = ip_network(&ip);

		ip_net_format(&t, &net);
		CHECK_STR(text_view(&t), str_from(rows[i].network));
	}
}

TESTS(TEST(test_parse), TEST(test_net_parse), TEST(test_net_has),
    TEST(test_kinds))
