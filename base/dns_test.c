#include "base/dns.h"

#include <stdio.h>

#include "base/loop.h"
#include "base/test.h"
#include "base/test_dns.h"
#include "base/test_loop.h"

static const char zone[] = "host.test 300 A 192.0.2.1\n"
			   "host.test 200 A 192.0.2.2\n"
			   "host.test AAAA 2001:db8::1\n"
			   "mail.test MX 10 Host.Test.\n"
			   "mail.test MX 20 other.test\n"
			   "null.test MX 0 .\n"
			   "text.test TXT \"v=spf1 \" \"-all\"\n"
			   "text.test TXT \"say \\\"hi\\\"\"\n"
			   "text.test SECURE\n"
			   "alias.test 50 CNAME host.test\n"
			   "dangling.test CNAME nowhere.test\n"
			   "loop.test CNAME loop2.test\n"
			   "loop2.test CNAME loop.test\n"
			   "1.2.0.192.in-addr.arpa PTR host.test\n"
			   "test NS ns.test\n"
			   "*.wild.test A 192.0.2.9\n"
			   "fails.test SERVFAIL\n"
			   "refused.test REFUSED\n"
			   "silent.test SILENT\n"
			   "cut.test CUT\n"
			   "cut.test A 192.0.2.7\n"
			   "always.test ALWAYSCUT\n"
			   "lie.test LIE\n"
			   "lie.test A 192.0.2.6\n"
			   "garbage.test GARBAGE\n"
			   "garbage.test A 192.0.2.6\n"
			   "long.test LONG 60000\n"
			   "zero.test 0 A 192.0.2.5\n";

static struct loop *loop;
static struct test_dns *server;
static struct dns *dns;

/* The last answer as text. */
static struct {
	int n;
	struct text out;
	char buf[4096];
	size_t bytes; /* of the first record */
	enum dns_status status;
	uint32_t ttl;
} got;

static void
on_answer(void *ctx, const struct dns_answer *a)
{
	(void)ctx;
	got.n++;
	got.status = a->status;
	got.ttl = a->ttl;
	got.bytes = a->n > 0 ? a->v[0].text.n : 0;
	text_clear(&got.out);
	text_add(&got.out, a->is_secure ? "secure " : "");
	if (a->status == DNS_FAILED)
		text_add(&got.out, a->why);
	else if (a->status != DNS_OK)
		text_add(
		    &got.out, a->status == DNS_NO_NAME ? "no name" : "no type");
	for (size_t i = 0; i < a->n; i++) {
		text_add(&got.out, i > 0 ? ", " : "");
		if (!ip_is_none(&a->v[i].ip))
			ip_format(&got.out, &a->v[i].ip);
		if (a->v[i].preference > 0)
			text_printf(&got.out, "%u ", a->v[i].preference);
		text_str(&got.out, a->v[i].text);
	}
	loop_stop(loop);
}

static void
begin(int64_t timeout_ms, int64_t in_flight, int64_t cache)
{
	static const char *servers[1];
	struct error err;

	loop = loop_new();
	server = test_dns_start(str_from(zone), 0, &err);
	if (!server)
		fatal("%s", err.text);
	servers[0] = test_dns_server(server);
	struct dns_options o = {
	    .servers = {servers, 1},
	    .timeout_ms = timeout_ms,
	    .in_flight = in_flight,
	    .cache = cache,
	    .cache_bytes = 1 << 20,
	};
	dns = dns_new(loop, &o, &err);
	if (!dns)
		fatal("%s", err.text);
	memset(&got, 0, sizeof(got));
	text_init(&got.out, got.buf, sizeof(got.buf));
}

static void
end(void)
{
	dns_free(&dns);
	test_dns_stop(&server);
	loop_free(&loop);
}

static struct str
ask(const char *name, enum dns_type type)
{
	int before = got.n;

	dns_ask(dns, str_from(name), type, on_answer, NULL);
	CHECK_INT(got.n, before);
	test_loop_run(loop, 20000);
	CHECK_INT(got.n, before + 1);
	return text_view(&got.out);
}

static void
answers(void)
{
	begin(10000, 10, 100);
	CHECK_STR(ask("host.test", DNS_A), STR("192.0.2.1, 192.0.2.2"));
	CHECK_INT(got.ttl, 200);
	CHECK_STR(ask("HOST.test.", DNS_AAAA), STR("2001:db8::1"));
	CHECK_STR(ask("mail.test", DNS_MX), STR("10 host.test, 20 other.test"));
	CHECK_STR(ask("null.test", DNS_MX), STR(""));
	CHECK_STR(
	    ask("text.test", DNS_TXT), STR("secure v=spf1 -all, say \"hi\""));
	CHECK_STR(ask("1.2.0.192.in-addr.arpa", DNS_PTR), STR("host.test"));
	CHECK_STR(ask("test", DNS_NS), STR("ns.test"));
	CHECK_STR(ask("a.b.wild.test", DNS_A), STR("192.0.2.9"));
	end();
}

static void
aliases(void)
{
	begin(10000, 10, 100);
	CHECK_STR(ask("alias.test", DNS_AAAA), STR("2001:db8::1"));
	CHECK_INT(got.ttl, 50);
	CHECK_STR(ask("alias.test", DNS_CNAME), STR("host.test"));
	CHECK_STR(ask("dangling.test", DNS_A), STR("no name"));
	CHECK_STR(ask("loop.test", DNS_A), STR("no type"));
	end();
}

static void
nothing(void)
{
	begin(10000, 10, 100);
	CHECK_STR(ask("nowhere.test", DNS_A), STR("no name"));
	CHECK_INT(got.ttl, 30);
	CHECK_STR(ask("host.test", DNS_MX), STR("no type"));
	CHECK_STR(ask("wild.test", DNS_A), STR("no type"));
	CHECK_STR(ask("a..b", DNS_A), STR("no name"));
	CHECK_STR(ask("a23456789b123456789c123456789d123456789e123456789"
		      "f123456789g1234.test",
		      DNS_A),
	    STR("no name"));
	/* Nobody was asked these. */
	CHECK_INT(test_dns_queries(server), 3);
	end();
}

static void
failures(void)
{
	begin(400, 10, 100);
	CHECK_STR(
	    ask("fails.test", DNS_A), STR("the server failed (SERVFAIL)"));
	CHECK_STR(
	    ask("refused.test", DNS_A), STR("the server refused to answer"));
	CHECK_STR(ask("silent.test", DNS_A), STR("no answer in time"));
	CHECK_STR(ask("lie.test", DNS_A), STR("no answer in time"));
	ask("garbage.test", DNS_A);
	CHECK_INT(got.status, DNS_FAILED);
	ask("always.test", DNS_A);
	CHECK_INT(got.status, DNS_FAILED);
	test_dns_stop(&server);
	ask("host.test", DNS_A);
	CHECK_INT(got.status, DNS_FAILED);
	end();
}

static void
by_tcp(void)
{
	begin(10000, 10, 100);
	CHECK_STR(ask("cut.test", DNS_A), STR("192.0.2.7"));
	ask("long.test", DNS_TXT);
	CHECK_INT(got.bytes, 60000);
	CHECK_INT(got.status, DNS_OK);
	end();
}

static void
kept(void)
{
	begin(300, 10, 100);
	ask("host.test", DNS_A);
	ask("Host.TEST", DNS_A);
	ask("nowhere.test", DNS_A);
	ask("nowhere.test", DNS_A);
	ask("fails.test", DNS_A);
	ask("fails.test", DNS_A);
	CHECK_INT(test_dns_queries(server), 3);
	CHECK_INT(dns_counts(dns).cached, 3);
	/* Not what says so. */
	ask("zero.test", DNS_A);
	ask("zero.test", DNS_A);
	CHECK_INT(test_dns_queries(server), 5);
	end();
}

static int answered;

static void
on_count(void *ctx, const struct dns_answer *a)
{
	(void)ctx;
	answered += a->status == DNS_OK;
}

static void
many(void)
{
	char name[64];

	begin(20000, 7, 100);
	answered = 0;
	for (int i = 0; i < 500; i++) {
		snprintf(name, sizeof(name), "n%d.wild.test", i);
		dns_ask(dns, str_from(name), DNS_A, on_count, NULL);
		dns_ask(dns, str_from(name), DNS_A, on_count, NULL);
	}
	for (int i = 0; i < 1000 && answered < 1000; i++) {
		test_loop_run(loop, 20);
		CHECK(dns_counts(dns).in_flight <= 7);
	}
	CHECK_INT(answered, 1000);
	CHECK_INT(test_dns_queries(server), 500);
	CHECK_INT(dns_counts(dns).kept, 100);
	end();
}

static void
cancelled(void)
{
	begin(10000, 10, 100);
	struct dns_ask *a =
	    dns_ask(dns, STR("host.test"), DNS_A, on_count, NULL);
	struct dns_ask *b =
	    dns_ask(dns, STR("host.test"), DNS_A, on_answer, NULL);
	struct dns_ask *c =
	    dns_ask(dns, STR("host.test"), DNS_A, on_count, NULL);

	answered = 0;
	dns_cancel(&a);
	dns_cancel(&c);
	CHECK(!a && !c && b);
	test_loop_run(loop, 20000);
	CHECK_INT(got.n, 1);
	CHECK_INT(answered, 0);
	/* One in flight, one waiting, one answered and not handed out. */
	dns_ask(dns, STR("silent.test"), DNS_A, on_count, NULL);
	dns_ask(dns, STR("host.test"), DNS_A, on_count, NULL);
	end();
	CHECK_INT(answered, 0);
}

static void
servers(void)
{
	static const struct {
		const char *text;
		bool is_good;
	} all[] = {
	    {"192.0.2.1", true},
	    {"192.0.2.1:5353", true},
	    {"2001:db8::1", true},
	    {"[2001:db8::1]:5353", true},
	    {"[2001:db8::1]", true},
	    {"192.0.2.1:0", false},
	    {"192.0.2.1:70000", false},
	    {"192.0.2.1:", false},
	    {"resolver.example", false},
	    {"", false},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct setting_list one = {&all[i].text, 1};
		struct error err;

		CHECK_INT(dns_check(&one, &err), all[i].is_good ? 0 : -1);
	}
}

TESTS(TEST(answers), TEST(aliases), TEST(nothing), TEST(failures), TEST(by_tcp),
    TEST(kept), TEST(many), TEST(cancelled), TEST(servers))
