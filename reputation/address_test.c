/* address_test - the names of own addresses: what is right, what receivers
 * refuse, and what the DNS would not tell
 */
#include "reputation/address.h"

#include "base/dns.h"
#include "base/test.h"
#include "base/test_dns.h"
#include "base/test_loop.h"

static const char zone[] =
    "1.2.0.192.in-addr.arpa PTR Mail.Example.net.\n"
    "mail.example.net A 192.0.2.1\n"
    "2.2.0.192.in-addr.arpa PTR elsewhere.example.net\n"
    "elsewhere.example.net A 192.0.2.9\n"
    "3.2.0.192.in-addr.arpa PTR 192-0-2-3.dyn.example.net\n"
    "192-0-2-3.dyn.example.net A 192.0.2.3\n"
    "4.2.0.192.in-addr.arpa PTR a.example.net\n"
    "4.2.0.192.in-addr.arpa PTR mail4.example.net\n"
    "mail4.example.net A 192.0.2.4\n"
    "5.2.0.192.in-addr.arpa SERVFAIL\n"
    "7.2.0.192.in-addr.arpa PTR fails.example.net\n"
    "fails.example.net SERVFAIL\n"
    "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa "
    "PTR mail6.example.net\n"
    "mail6.example.net AAAA 2001:db8::1\n";

static struct loop *loop;
static struct dns *dns;
static char got[256];

static void
on_done(void *ctx, const struct address_report *r)
{
	struct text t;

	(void)ctx;
	text_init(&t, got, sizeof(got));
	text_add(&t, address_level_text(r->worst));
	for (size_t i = 0; i < r->n; i++) {
		text_printf(&t, " %s", r->v[i].id);
		CHECK(*r->v[i].text);
		CHECK(r->v[i].level < ADDRESS_WARN || *r->v[i].mend);
	}
	loop_stop(loop);
}

static struct str
run(const char *address, const char *helo)
{
	struct ip ip;

	CHECK(ip_parse(str_from(address), &ip));
	*got = '\0';
	address_check_start(dns, &ip, helo, on_done, NULL);
	test_loop_run(loop, 10000);
	return str_from(got);
}

static void
names_of_addresses(void)
{
	struct error err;
	struct test_dns *server = test_dns_start(str_from(zone), 0, &err);
	const char *servers[1] = {test_dns_server(server)};
	struct dns_options o = {
	    .servers = {servers, 1},
	    .timeout_ms = 1000,
	    .in_flight = 10,
	    .cache = 100,
	    .cache_bytes = 100000,
	};

	loop = loop_new();
	dns = dns_new(loop, &o, &err);
	CHECK_STR(
	    run("192.0.2.1", "mail.example.NET."), STR("ok PTR_OK HELO_OK"));
	CHECK_STR(run("192.0.2.1", NULL), STR("ok PTR_OK"));
	CHECK_STR(run("192.0.2.1", "mail"), STR("bad PTR_OK HELO_NAME"));
	CHECK_STR(run("192.0.2.1", "elsewhere.example.net"),
	    STR("bad PTR_OK HELO_MISMATCH"));
	CHECK_STR(run("192.0.2.2", NULL), STR("bad PTR_MISMATCH"));
	CHECK_STR(run("192.0.2.3", "192-0-2-3.dyn.example.net"),
	    STR("warn PTR_OK PTR_GENERIC HELO_OK"));
	CHECK_STR(run("192.0.2.4", "mail4.example.net"),
	    STR("warn PTR_OK PTR_MANY HELO_OK"));
	CHECK_STR(run("192.0.2.5", NULL), STR("unknown PTR_UNKNOWN"));
	CHECK_STR(run("192.0.2.6", NULL), STR("bad PTR_NONE"));
	CHECK_STR(run("192.0.2.7", "fails.example.net"),
	    STR("unknown PTR_UNKNOWN HELO_UNKNOWN"));
	CHECK_STR(
	    run("2001:db8::1", "mail6.example.net"), STR("ok PTR_OK HELO_OK"));
	dns_free(&dns);
	loop_free(&loop);
	test_dns_stop(&server);
}

TESTS(TEST(names_of_addresses))
