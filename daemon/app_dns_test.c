#include "daemon/app_dns.h"

#include "base/test.h"
#include "base/test_dns.h"
#include "base/test_loop.h"

static struct loop *loop;
static const char *servers[1];

static struct dns_options
options(const struct test_dns *s)
{
	servers[0] = test_dns_server(s);
	return (struct dns_options){
	    .servers = {servers, 1},
	    .timeout_ms = 2000,
	    .in_flight = 10,
	    .cache = 100,
	    .cache_bytes = 100000,
	};
}

static void
on_answer(void *ctx, const struct dns_answer *a)
{
	char *out = ctx;
	struct text t;

	text_init(&t, out, 64);
	if (a->n > 0)
		ip_format(&t, &a->v[0].ip);
	loop_stop(loop);
}

static void
answers_both(void)
{
	struct error err;
	struct test_dns *first =
	    test_dns_start(STR("x.test A 192.0.2.1\n"), 0, &err);
	struct test_dns *second =
	    test_dns_start(STR("x.test A 192.0.2.2\n"), 0, &err);
	char old[64] = "", new[64] = "";

	loop = loop_new();
	struct dns_options o = options(first);
	struct app_dns *d = app_dns_new(loop, &o, &err);

	dns_ask(app_dns_get(d), STR("x.test"), DNS_A, on_answer, old);
	CHECK_INT(app_dns_reload(d, &o, &err), 0);
	struct dns *before = app_dns_get(d);

	o = options(second);
	CHECK_INT(app_dns_reload(d, &o, &err), 0);
	CHECK(app_dns_get(d) != before);
	dns_ask(app_dns_get(d), STR("x.test"), DNS_A, on_answer, new);
	for (int i = 0; i < 50 && (!*old || !*new); i++)
		test_loop_run(loop, 200);
	CHECK_STR(str_from(old), STR("192.0.2.1"));
	CHECK_STR(str_from(new), STR("192.0.2.2"));

	/* What can't be used changes nothing. */
	servers[0] = "nonsense";
	before = app_dns_get(d);
	CHECK_INT(app_dns_reload(d, &o, &err), -1);
	CHECK(app_dns_get(d) == before);
	app_dns_tick(d);
	CHECK(app_dns_get(d) == before);
	app_dns_free(&d);
	loop_free(&loop);
	test_dns_stop(&first);
	test_dns_stop(&second);
}

TESTS(TEST(answers_both))
