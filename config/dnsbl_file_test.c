/* dnsbl_file_test - the shipped dnsbl.conf */
#include "config/dnsbl_file.h"

#include "base/test.h"

static void
shipped(void)
{
	struct error err = {""};
	struct dnsbls *of_file = dnsbl_file_read("etc/dnsbl.conf", &err);
	const struct dnsbl *l;
	size_t n = 0;

	CHECK_STR(str_from(err.text), STR(""));
	if (!of_file)
		return;
	for (; (l = dnsbls_at(of_file, n)); n++) {
		if (!*l->terms || !*l->removal)
			test_fail(__FILE__, __LINE__,
			    "%s: no terms, or nowhere to ask for removal",
			    l->name);
		CHECK(
		    !*l->instead || dnsbls_find(of_file, str_from(l->instead)));
	}
	CHECK(n >= 15);
	dnsbls_free(&of_file);
}

static void
without_a_file(void)
{
	struct error err;
	struct dnsbls *l = dnsbl_file_read(DNSBL_FILE, &err);

	CHECK(l && dnsbls_find(l, STR("spamhaus-zen")));
	dnsbls_free(&l);
	CHECK(!dnsbl_file_read("/no/such/file", &err));
}

TESTS(TEST(shipped), TEST(without_a_file))
