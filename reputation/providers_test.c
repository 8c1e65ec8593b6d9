/* providers_test - hosts, names and domains of providers */
#include "reputation/providers.h"

#include <stdio.h>

#include "base/test.h"

static struct providers *
make(void)
{
	static const char *const big_mx[] = {"big.example", "mx.big.test"};
	static const char *const big_domains[] = {"big.example", "b.example"};
	static const char *const part_mx[] = {"part.big.example"};
	const struct provider_spec specs[] = {
	    {.name = "big",
		.mx = {big_mx, 2},
		.domains = {big_domains, 2},
		.contact = ""},
	    {.name = "part",
		.mx = {part_mx, 1},
		.domains = {NULL, 0},
		.contact = ""},
	};
	struct providers *p = providers_new();
	struct error err;

	for (size_t i = 0; i < 2; i++)
		CHECK_INT(providers_add(p, &specs[i], &err), 0);
	return p;
}

static void
hosts(void)
{
	static const struct {
		const char *host, *want;
	} v[] = {
	    {"big.example", "big"},
	    {"mx1.big.example", "big"},
	    {"MX1.Big.Example.", "big"},
	    {"a.b.part.big.example", "part"}, /* the longest ending */
	    {"x.mx.big.test", "big"},
	    {"big.test", NULL},
	    {"badbig.example", NULL},
	    {"example", NULL},
	    {"", NULL},
	    {".", NULL},
	    {"..big.example", "big"},
	};
	struct providers *p = make();

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		CHECK_STR(str_from(providers_of_host(p, str_from(v[i].host))),
		    str_from(v[i].want));
	char longest[400];

	memset(longest, 'a', sizeof(longest));
	CHECK(!providers_of_host(p, str_make(longest, sizeof(longest))));
	providers_free(&p);
}

static void
names(void)
{
	struct providers *p = make();

	CHECK_STR(str_from(providers_find(p, STR("BIG"))), STR("big"));
	CHECK(!providers_find(p, STR("bi")));
	CHECK_STR(str_from(providers_near(p, STR("bg"))), STR("big"));
	CHECK(!providers_near(p, STR("somebody-else")));
	CHECK_STR(str_from(providers_at(p, 1)), STR("part"));
	CHECK(!providers_at(p, 2));
	providers_free(&p);
}

static void
count(void *ctx, struct str domain)
{
	*(size_t *)ctx += domain.n;
}

static void
domains(void)
{
	struct providers *p = make();
	size_t n = 0;

	providers_each_domain(p, STR("big"), count, &n);
	CHECK_INT(n, strlen("big.example") + strlen("b.example"));
	n = 0;
	providers_each_domain(p, STR("part"), count, &n);
	CHECK_INT(n, 0);
	providers_free(&p);
}

static void
bad_ones(void)
{
	static const char *const taken[] = {"big.example"};
	static const char *const dot[] = {".new.example"};
	static const char *const good[] = {"new.example"};
	const struct {
		struct provider_spec spec;
		const char *want;
	} v[] = {
	    {{.name = "new",
		 .mx = {taken, 1},
		 .domains = {NULL, 0},
		 .contact = ""},
		"big.example is big's already"},
	    {{.name = "new",
		 .mx = {dot, 1},
		 .domains = {NULL, 0},
		 .contact = ""},
		"is no host or domain"},
	    {{.name = "new",
		 .mx = {NULL, 0},
		 .domains = {NULL, 0},
		 .contact = ""},
		"has no mx"},
	    {{.name = "big",
		 .mx = {good, 1},
		 .domains = {NULL, 0},
		 .contact = ""},
		"two providers named"},
	    {{.name = "", .mx = {good, 1}, .domains = {NULL, 0}, .contact = ""},
		"is no name"},
	    {{.name = "a:b",
		 .mx = {good, 1},
		 .domains = {NULL, 0},
		 .contact = ""},
		"is no name"},
	    {{.name = "a23456789012345678901234567890123", .mx = {good, 1}},
		"is no name"},
	};
	struct providers *p = make();
	struct error err;

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++) {
		CHECK_INT(providers_add(p, &v[i].spec, &err), -1);
		CHECK(str_find(str_from(err.text), str_from(v[i].want)) >= 0);
	}
	providers_free(&p);
}

TESTS(TEST(hosts), TEST(names), TEST(domains), TEST(bad_ones))
