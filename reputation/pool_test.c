/* pool_test - own IPs and pools, as the configuration names them */
#include "reputation/pool.h"

#include "base/arena.h"
#include "base/test.h"

static struct {
	struct arena arena;
	struct pools *pools;
	struct error err;
} t;

static void
begin(void)
{
	arena_init(&t.arena);
	t.pools = pools_new();
}

static void
end(void)
{
	pools_free(&t.pools);
	pools_free(&t.pools);
	arena_done(&t.arena);
}

static struct pool_ip_spec
spec(const char *name, const char *v4)
{
	struct pool_ip_spec s;

	setting_put_defaults(&pool_ip_fields, &t.arena, &s);
	s.name = name;
	s.ipv4 = v4;
	return s;
}

static int
add(const char *name, const char *v4)
{
	const struct pool_ip_spec s = spec(name, v4);

	return pools_add_ip(t.pools, &s, &t.err);
}

static void
bad(struct pool_ip_spec s, const char *why)
{
	CHECK_INT(pools_add_ip(t.pools, &s, &t.err), -1);
	if (!strstr(t.err.text, why))
		test_fail(__FILE__, __LINE__, "%s", t.err.text);
}

static void
ips(void)
{
	const struct pool_ip *ip;
	char buf[64];
	struct text w;

	begin();
	CHECK_INT(add("out1", "192.0.2.1"), 0);
	struct pool_ip_spec s = spec("out2", "192.0.2.2");

	s.ipv6 = "2001:db8::2";
	s.bind_ipv4 = "10.0.0.2";
	s.helo = "out2.example.com";
	s.host = "mx2";
	CHECK_INT(pools_add_ip(t.pools, &s, &t.err), 0);
	CHECK_INT(pools_ip_count(t.pools), 2);
	ip = pools_ip_find(t.pools, STR("out2"));
	CHECK(ip == pools_ip_at(t.pools, 1));
	CHECK_INT(pools_ip_index(t.pools, ip), 1);
	CHECK(ip == pools_ip_find(t.pools, STR("2001:DB8:0::2")));
	CHECK(ip == pools_ip_find(t.pools, STR("192.0.2.2")));
	CHECK(!pools_ip_find(t.pools, STR("10.0.0.2")));
	CHECK(!pools_ip_find(t.pools, STR("::")));
	CHECK(!pools_ip_find(t.pools, STR("")));
	text_init(&w, buf, sizeof(buf));
	pool_ip_print(ip, &w);
	CHECK_STR(text_view(&w), STR("192.0.2.2"));
	CHECK(pool_ip_is_of(ip, STR("MX2")));
	CHECK(!pool_ip_is_of(ip, STR("mx1")));
	CHECK(pool_ip_is_of(pools_ip_at(t.pools, 0), STR("mx1")));
	CHECK_INT(ip->pools, 1);
	CHECK(!pools_ip_at(t.pools, 2));
	end();
}

static void
which_one_a_line_is_about(void)
{
	begin();
	CHECK(!pools_ip_of_tag(t.pools, STR("postfix/out1/smtp")));
	CHECK_INT(add("out1", "192.0.2.1"), 0);
	CHECK(pools_ip_of_tag(t.pools, STR("postfix/out1/smtp")) != NULL);
	CHECK(pools_ip_of_tag(t.pools, STR("postfix-b/out1/smtp")) != NULL);
	CHECK(!pools_ip_of_tag(t.pools, STR("postfix/out11/smtp")));
	CHECK(!pools_ip_of_tag(t.pools, STR("postfix/smtp")));
	CHECK(!pools_ip_of_tag(t.pools, STR("out1/smtp")));
	CHECK(!pools_ip_of_tag(t.pools, STR("out1")));
	CHECK(!pools_ip_of_tag(t.pools, STR("")));
	end();
}

static void
mistakes(void)
{
	static const char *const none[] = {"nobody"};

	begin();
	CHECK_INT(add("out1", "192.0.2.1"), 0);
	bad(spec("", "192.0.2.3"), "needs a name");
	bad(spec("Out", "192.0.2.3"), "is no name");
	bad(spec("smtp", "192.0.2.3"), "another service of master.cf");
	bad(spec("out1", "192.0.2.3"), "two own IPs named \"out1\"");
	bad(spec("out3", "192.0.2.1"), "has the address of out1");
	bad(spec("out3", ""), "neither ipv4 nor ipv6");
	bad(spec("out3", "2001:db8::1"), "\"2001:db8::1\" is no address");
	bad(spec("out3", "192.0.2.300"), "is no address");
	struct pool_ip_spec s = spec("out3", "192.0.2.3");

	s.bind_ipv6 = "2001:db8::3";
	bad(s, "none that the world sees");
	s = spec("out3", "192.0.2.3");
	s.helo = "a b";
	bad(s, "is no host's name");
	s = spec("out3", "192.0.2.3");
	s.pools = (struct setting_list){none, 1};
	bad(s, "there is no pool \"nobody\"");
	s.pools.n = 0;
	bad(s, "is in no pool");
	CHECK_INT(pools_ip_count(t.pools), 1);
	end();
}

static void
dedicated(void)
{
	static const char *const accounts[] = {"Boss@example.com"};
	static const char *const domains[] = {"big.example"};
	static const char *const stars[] = {"*@big.example"};
	static const char *const vip[] = {"vip", "risk"};
	struct pool_spec s = {"vip", {accounts, 1}, {domains, 1}};
	struct pool_ip_spec ip;

	begin();
	CHECK_INT(pools_add(t.pools, &s, &t.err), 0);
	CHECK_INT(pools_add(t.pools, &s, &t.err), 0);
	CHECK_INT(pools_count(t.pools), POOLS_KNOWN + 1);
	CHECK_INT(pools_find(t.pools, STR("vip")), POOLS_KNOWN);
	CHECK_INT(
	    pools_of_account(t.pools, STR("boss@example.com")), POOLS_KNOWN);
	CHECK(pools_of_account(t.pools, STR("a@big.example")) == SIZE_MAX);
	CHECK_INT(pools_of_domain(t.pools, STR("big.example")), POOLS_KNOWN);
	s.name = "bulk";
	CHECK_INT(pools_add(t.pools, &s, &t.err), -1);
	CHECK(strstr(t.err.text, "Boss@example.com is in pool vip already"));
	s = (struct pool_spec){"bulk", {stars, 1}, {NULL, 0}};
	CHECK_INT(pools_add(t.pools, &s, &t.err), -1);
	ip = spec("out1", "192.0.2.1");
	ip.pools = (struct setting_list){vip, 2};
	CHECK_INT(pools_add_ip(t.pools, &ip, &t.err), 0);
	CHECK_INT(
	    pools_ip_at(t.pools, 0)->pools, 1 << POOLS_KNOWN | 1 << POOL_RISK);
	end();
}

static void
services(void)
{
	static const char expected[] =
	    "#   out1 unix - - n - - smtp\n"
	    "#     -o syslog_name=postfix/out1\n"
	    "#     -o smtp_bind_address=192.0.2.1\n"
	    "#     -o smtp_bind_address_enforce=yes\n"
	    "#     -o inet_protocols=ipv4\n"
	    "#   out2 unix - - n - - smtp\n"
	    "#     -o syslog_name=postfix/out2\n"
	    "#     -o smtp_bind_address=10.0.0.2\n"
	    "#     -o smtp_bind_address6=2001:db8::2\n"
	    "#     -o smtp_bind_address_enforce=yes\n"
	    "#     -o smtp_helo_name=out2.example.com\n";
	char buf[1024];
	struct text w;

	begin();
	CHECK_INT(add("out1", "192.0.2.1"), 0);
	struct pool_ip_spec s = spec("out2", "192.0.2.2");

	s.ipv6 = "2001:db8::2";
	s.bind_ipv4 = "10.0.0.2";
	s.helo = "out2.example.com";
	CHECK_INT(pools_add_ip(t.pools, &s, &t.err), 0);
	s = spec("out3", "192.0.2.3");
	s.host = "mx2";
	CHECK_INT(pools_add_ip(t.pools, &s, &t.err), 0);
	text_init(&w, buf, sizeof(buf));
	CHECK_INT(pools_print_services(t.pools, STR("mx1"), &w), 2);
	CHECK_STR(text_view(&w), str_from(expected));
	end();
}

TESTS(TEST(ips), TEST(which_one_a_line_is_about), TEST(mistakes),
    TEST(dedicated), TEST(services))
