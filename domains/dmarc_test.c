#include "domains/dmarc.h"

#include "base/test.h"
#include "domains/test_answers.h"

static void
records(void)
{
	struct dmarc d;

	CHECK(!dmarc_read(STR("v=DMARC1; p=reject; sp=none; np=quarantine; "
			      "adkim=s; aspf=r; t=y; psd=n; pct=30; ri=60; "
			      "rua=mailto:a@b.ex!10m,mailto:c@d.ex; "
			      "ruf=https://e.ex/; unknown=x"),
	    &d));
	CHECK_INT(d.p, DMARC_REJECT);
	CHECK_INT(d.sp, DMARC_NONE);
	CHECK_INT(d.np, DMARC_QUARANTINE);
	CHECK(d.is_strict_dkim && !d.is_strict_spf && d.is_testing);
	CHECK_INT(d.psd, 'n');
	CHECK_INT(d.pct, 30);
	CHECK(d.has_old && d.has_size && !d.has_bad_uri);
	CHECK_INT(d.n_rua, 2);
	CHECK_INT(d.n_ruf, 1);
}

static void
void_ones(void)
{
	static const struct {
		const char *record;
		bool is_good;
	} all[] = {
	    {"v=DMARC1;p=none", true},
	    {"v=DMARC1; p=NONE;", true},
	    {"v=DMARC1", false},
	    {"v=DMARC1; p=", false},
	    {"v=DMARC1; p=no; rua=mailto:a@b.ex", true},
	    {"v=DMARC1; rua=mailto:a@b.ex", true},
	    {"v=DMARC1; rua=a@b.ex", false},
	    {"v=DMARC1; p=none; what", false},
	    {"v=DMARC2; p=none", false},
	    {"p=none; v=DMARC1", false},
	    {"", false},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct dmarc d;

		if (!dmarc_read(str_from(all[i].record), &d) != all[i].is_good)
			test_fail(__FILE__, __LINE__, "%s", all[i].record);
	}
}

static const char zone[] =
    "_dmarc.plain.ex TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.sub.split.ex TXT \"v=DMARC1; p=none; psd=n\"\n"
    "_dmarc.split.ex TXT \"v=DMARC1; p=reject\"\n"
    "_dmarc.co.ex TXT \"v=DMARC1; p=reject; psd=y\"\n"
    "_dmarc.shop.co.ex TXT \"v=DMARC1; p=quarantine\"\n"
    "_dmarc.two.ex TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.two.ex TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.mixed.ex TXT \"v=spf1 -all\"\n"
    "_dmarc.mixed.ex TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.down.ex SERVFAIL\n"
    "_dmarc.8.9.10.11.12.deep.ex TXT \"v=DMARC1; p=none\"\n"
    "_dmarc.4.5.6.7.deep.ex TXT \"v=DMARC1; p=none\"\n"
    "plain.ex._report._dmarc.takes.ex TXT \"v=DMARC1\"\n"
    "*._report._dmarc.all.ex TXT \"v=DMARC1;\"\n";

static struct test_dns_zone *served;

static void
serve(void)
{
	struct error err;

	served = test_dns_zone_read(str_from(zone), &err);
	if (!served)
		fatal("%s", err.text);
}

static size_t
find(const char *domain, struct dmarc_found *f)
{
	struct answers *a = answers_new();
	size_t n;

	do {
		dmarc_find(a, domain, f);
	} while (test_answers_fill(a, served));
	n = answers_count(a);
	answers_free(&a);
	return n;
}

static void
the_walk(void)
{
	static const struct {
		const char *domain;
		enum dmarc_status status;
		const char *where, *organisation;
	} all[] = {
	    {"plain.ex", DMARC_FOUND, "plain.ex", "plain.ex"},
	    {"a.b.plain.ex", DMARC_FOUND, "plain.ex", "plain.ex"},
	    /* psd=n: its own organisation */
	    {"x.sub.split.ex", DMARC_FOUND, "sub.split.ex", "sub.split.ex"},
	    {"other.split.ex", DMARC_FOUND, "split.ex", "split.ex"},
	    /* psd=y: the one below is the organisation */
	    {"shop.co.ex", DMARC_FOUND, "shop.co.ex", "shop.co.ex"},
	    {"www.shop.co.ex", DMARC_FOUND, "shop.co.ex", "shop.co.ex"},
	    {"www.bank.co.ex", DMARC_FOUND, "co.ex", "bank.co.ex"},
	    {"co.ex", DMARC_FOUND, "co.ex", "co.ex"},
	    {"two.ex", DMARC_SEVERAL, "two.ex", "two.ex"},
	    {"mixed.ex", DMARC_FOUND, "mixed.ex", "mixed.ex"},
	    {"none.ex", DMARC_NOTHING, "", "none.ex"},
	    {"down.ex", DMARC_UNKNOWN, "down.ex", "down.ex"},
	    /* from ten labels to seven at once */
	    {"1.2.3.4.5.6.7.8.deep.ex", DMARC_NOTHING, "",
		"1.2.3.4.5.6.7.8.deep.ex"},
	    {"1.2.3.4.5.6.7.deep.ex", DMARC_FOUND, "4.5.6.7.deep.ex",
		"4.5.6.7.deep.ex"},
	};

	serve();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct dmarc_found f;
		size_t n = find(all[i].domain, &f);

		CHECK(n <= 8);
		if (f.status != all[i].status)
			test_fail(__FILE__, __LINE__, "%s: %d", all[i].domain,
			    f.status);
		if (f.status == DMARC_FOUND)
			CHECK_STR(str_from(f.where), str_from(all[i].where));
		CHECK_STR(
		    str_from(f.organisation), str_from(all[i].organisation));
	}
	test_dns_zone_free(&served);
}

static void
reports_to_others(void)
{
	static const struct {
		const char *uri;
		enum dmarc_status want;
	} all[] = {
	    {"mailto:a@plain.ex", DMARC_FOUND},
	    {"mailto:a@sub.plain.ex", DMARC_FOUND},
	    {"mailto:a@takes.ex!10m", DMARC_FOUND},
	    {"mailto:a@all.ex", DMARC_FOUND},
	    {"mailto:a@no.ex", DMARC_NOTHING},
	    {"https://plain.ex/", DMARC_FOUND},
	};

	serve();
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct answers *a = answers_new();
		struct dmarc_found f;
		enum dmarc_status got;
		char name[DNS_NAME];

		do {
			dmarc_find(a, "plain.ex", &f);
			got =
			    dmarc_may_report(a, &f, str_from(all[i].uri), name);
		} while (test_answers_fill(a, served));
		if (got != all[i].want)
			test_fail(
			    __FILE__, __LINE__, "%s: %d", all[i].uri, got);
		answers_free(&a);
	}
	test_dns_zone_free(&served);
}

TESTS(TEST(records), TEST(void_ones), TEST(the_walk), TEST(reports_to_others))
