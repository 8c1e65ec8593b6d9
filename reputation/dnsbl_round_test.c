/* dnsbl_round_test - lists that list, err, are silent, die and lie */
#include "reputation/dnsbl_round.h"

#include <stdio.h>

#include "base/dns.h"
#include "base/test.h"
#include "base/test_dns.h"
#include "base/test_loop.h"
#include "base/time.h"

static const char zone[] =
    "2.0.0.127.good.test A 127.0.0.2\n"
    "2.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.good.test "
    "A 127.0.0.2\n"
    "5.2.0.192.good.test A 127.0.0.2\n"
    "5.2.0.192.good.test TXT \"spam, see http://good.test/?192.0.2.5\"\n"
    "good.test NS ns.test\n"
    "empty.test NS ns.test\n"
    "*.all.test A 127.0.0.2\n"
    "*.parked.test A 198.51.100.1\n"
    "*.refused.test A 127.255.255.254\n"
    "*.silent.test SILENT\n"
    "*.fails.test SERVFAIL\n"
    /* It says that it lists, and is gone when it shall show that it works. */
    "5.2.0.192.half.test A 127.0.0.2\n"
    "2.0.0.127.half.test SERVFAIL\n";

static struct loop *loop;
static struct dns *dns;
static char got[1024];
static int64_t gap_us = 1000;

static struct dns *
get_dns(void *ctx)
{
	(void)ctx;
	return dns;
}

static void
on_done(void *ctx, const struct dnsbl_result *r)
{
	struct text t;

	(void)ctx;
	text_init(&t, got, sizeof(got));
	text_printf(&t, "%s%s%s;", dnsbl_health_text(r->health),
	    *r->why ? " " : "", r->why);
	for (size_t i = 0; i < r->n; i++) {
		const struct dnsbl_found *f = &r->found[i];

		text_printf(&t, " %s",
		    f->is_asked ? dnsbl_says_text(f->answer.says) : "-");
		if (*f->answer.words)
			text_printf(&t, " %s", f->answer.words);
		if (*f->reason)
			text_printf(&t, " (%s)", f->reason);
	}
	loop_stop(loop);
}

static struct str
run(const char *zone_name)
{
	static const struct dnsbl_spec empty = {.listed = "",
	    .unlisted = "",
	    .removal = "",
	    .expires = "",
	    .terms = "",
	    .instead = "",
	    .errors = "",
	    .codes = "127.0.0.2 bad"};
	static const char *both[] = {"ip4", "ip6"};
	struct dnsbl_target targets[3] = {{.domain = "example.com"}};
	struct dnsbls *l = dnsbls_new();
	struct dnsbl_spec spec = empty;
	struct error err;

	spec.name = "one";
	spec.zone = zone_name;
	spec.lists = (struct setting_list){both, 2};
	CHECK_INT(dnsbls_add(l, &spec, &err), 0);
	ip_parse(STR("192.0.2.5"), &targets[1].ip);
	ip_parse(STR("2001:db8::1"), &targets[2].ip);
	const struct dnsbl_round_options o = {
	    .loop = loop,
	    .dns = get_dns,
	    .list = dnsbls_at(l, 0),
	    .key = "",
	    .targets = targets,
	    .n = 3,
	    .gap_us = gap_us,
	    .salt = 77,
	    .on_done = on_done,
	};

	*got = '\0';
	dnsbl_round_start(&o);
	test_loop_run(loop, 20000);
	dnsbls_free(&l);
	return str_from(got);
}

static void
lists_of_all_kinds(void)
{
	struct error err;
	struct test_dns *server = test_dns_start(str_from(zone), 0, &err);
	const char *servers[1] = {test_dns_server(server)};
	struct dns_options o = {
	    .servers = {servers, 1},
	    .timeout_ms = 300,
	    .in_flight = 10,
	    .cache = 100,
	    .cache_bytes = 100000,
	};

	loop = loop_new();
	dns = dns_new(loop, &o, &err);
	CHECK_STR(run("good.test"),
	    STR("works; - listed bad (spam, see http://good.test/?192.0.2.5) "
		"clean"));
	CHECK_STR(run("empty.test"),
	    STR("dead it doesn't list what every such list does (its test); - "
		"clean clean"));
	CHECK_STR(run("all.test"),
	    STR("dead it lists everybody; - listed bad listed bad"));
	CHECK_STR(run("parked.test"),
	    STR("dead what no list would say: it answers 198.51.100.1; - lies "
		"it answers 198.51.100.1 lies it answers 198.51.100.1"));
	CHECK(str_starts(run("refused.test"),
	    STR("barred it refuses to answer: 127.255.255.254 (asked through "
		"a public or unknown resolver);")));
	CHECK(str_starts(
	    run("silent.test"), STR("no reply no answer in time; ")));
	CHECK(str_starts(run("fails.test"), STR("no reply ")));
	CHECK(str_starts(run("half.test"), STR("no reply ")));
	/* Two addresses and the tests of each kind, not faster than is set. */
	int64_t began_us = time_mono_us();

	gap_us = 30 * 1000;
	CHECK(str_starts(run("good.test"), STR("works; ")));
	CHECK(time_mono_us() - began_us >= 5 * gap_us);
	dns_free(&dns);
	loop_free(&loop);
	test_dns_stop(&server);
}

TESTS(TEST(lists_of_all_kinds))
