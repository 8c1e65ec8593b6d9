#include "base/test.h"

#include "fbl/reporter.h"

static struct arena arena;
static struct reporter reporter;

static const char *const names[] = {"mx.example.com"};
static const char *const hosts[] = {"*.example.com"};

static enum reporter_by
check(const char *mail)
{
	const struct setting_list ids = {names, 1}, own = {hosts, 1};
	struct str rest = str_from(mail);
	struct headers h;

	arena_done(&arena);
	header_read(&rest, &arena, &h);
	reporter_check(&h, &ids, &own, &reporter);
	return reporter.by;
}

#define FROM "From: Isp <fbl@arf.isp.example>\n"
#define RESULTS "Authentication-Results: mx.example.com"

static void
test_passes(void)
{
	CHECK_INT(check(RESULTS "; dkim=pass (good (2048) signature)\n"
				" header.d=isp.example header.s=a\n" FROM),
	    REPORTER_DKIM);
	CHECK_STR(reporter.domain, STR("arf.isp.example"));
	CHECK_INT(check(RESULTS " 1; dkim=fail header.d=arf.isp.example;"
				" DKIM=Pass header.i=@ARF.isp.example\n" FROM),
	    REPORTER_DKIM);
	CHECK_INT(
	    check(RESULTS "; spf=pass smtp.mailfrom=a@arf.isp.example\n" FROM),
	    REPORTER_SPF);
	CHECK_INT(
	    check(RESULTS "; spf=pass smtp.mailfrom=isp.example; "
			  "dmarc=pass header.from=arf.isp.example\n" FROM),
	    REPORTER_DMARC);
	/* One field for each method, as separate filters write them. */
	CHECK_INT(check(RESULTS "; spf=none smtp.mailfrom=x\n"
				"Received: from a by b.example.com; x\n" RESULTS
				"; dkim=pass header.d=isp.example\n"
				"Received: from c by d.isp.example; x\n" FROM),
	    REPORTER_DKIM);
	CHECK_STR(reporter_by_text(REPORTER_DKIM), STR("dkim"));
}

static void
test_fails(void)
{
	static const char *const bad[] = {
	    "",
	    FROM,
	    RESULTS "; none\n" FROM,
	    RESULTS "; dkim=fail header.d=isp.example\n" FROM,
	    RESULTS "; dkim=pass header.d=other.example\n" FROM,
	    RESULTS "; dkim=pass header.d=example\n" FROM,
	    RESULTS "; dkim=pass header.d=x.arf.isp.example\n" FROM,
	    RESULTS "; dkim=pass header.d=sp.example\n" FROM,
	    RESULTS "; dkim=pass header.d=\n" FROM,
	    RESULTS "; dkim=pass (header.d=isp.example)\n" FROM,
	    RESULTS "; x=\"; dkim=pass header.d=isp.example\n" FROM,
	    RESULTS ".evil; dkim=pass header.d=isp.example\n" FROM,
	    "Authentication-Results: other; dkim=pass "
	    "header.d=isp.example\n" FROM,
	    /* Two senders. */
	    RESULTS "; dkim=pass header.d=isp.example\n" FROM FROM,
	    RESULTS "; dkim=pass header.d=isp.example\n"
		    "From: a@evil.example, b@isp.example\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (check(bad[i]) != REPORTER_NOBODY)
			test_fail(__FILE__, __LINE__, "passes: %s", bad[i]);
	}
}

/* Fields under our name that the mail brought along. */
static void
test_forged(void)
{
	CHECK_INT(check("Received: from evil by mx.example.com; x\n"
			"Received: from x by evil.example; x\n" RESULTS
			"; dkim=pass header.d=isp.example\n" FROM),
	    REPORTER_NOBODY);
	CHECK_INT(
	    check(RESULTS "; dkim=fail header.d=isp.example\n"
			  "Received: from evil by mx.example.com; x\n" RESULTS
			  "; dkim=pass header.d=isp.example\n" FROM),
	    REPORTER_NOBODY);
	CHECK_INT(check(RESULTS "; dkim=none\n" RESULTS
				"; dkim=pass header.d=isp.example\n" FROM),
	    REPORTER_NOBODY);
	arena_done(&arena);
}

TESTS(TEST(test_passes), TEST(test_fails), TEST(test_forged))
