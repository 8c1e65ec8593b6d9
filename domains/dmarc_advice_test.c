/* which DMARC record a domain should have next: by stages, never too early */
#include "domains/dmarc_advice.h"

#include "base/test.h"

static const struct {
	const char *found; /* NULL: none */
	bool spf, dkim;
	struct dmarc_wish wish;
	enum dmarc_policy next;
	bool is_early;
	const char *record;
} cases[] = {
    {NULL, true, true, {.reports_to = "", .has_others = false}, DMARC_NONE,
	false, "v=DMARC1; p=none; rua=mailto:postmaster@a.example"},
    {NULL, true, true, {.reports_to = "d@a.example", .policy = DMARC_REJECT},
	DMARC_REJECT, true, "v=DMARC1; p=reject; rua=mailto:d@a.example"},
    {"v=DMARC1; p=none; rua=mailto:x@a.example; adkim=s", true, true,
	{.reports_to = ""}, DMARC_QUARANTINE, false,
	"v=DMARC1; p=quarantine; adkim=s; rua=mailto:x@a.example"},
    {"v=DMARC1; p=quarantine", true, true, {.reports_to = "x@a.example"},
	DMARC_REJECT, false, "v=DMARC1; p=reject; rua=mailto:x@a.example"},
    {"v=DMARC1; p=none", true, true,
	{.reports_to = "x@a.example", .has_others = true}, DMARC_NONE, false,
	"v=DMARC1; p=none; rua=mailto:x@a.example"},
    {"v=DMARC1; p=none", false, true,
	{.reports_to = "x@a.example", .seen = 1000, .failed = 4, .days = 20},
	DMARC_QUARANTINE, false,
	"v=DMARC1; p=quarantine; rua=mailto:x@a.example"},
    {"v=DMARC1; p=none", true, true,
	{.reports_to = "x@a.example", .seen = 1000, .failed = 40, .days = 20},
	DMARC_NONE, false, "v=DMARC1; p=none; rua=mailto:x@a.example"},
    {"v=DMARC1; p=none", true, true,
	{.reports_to = "x@a.example",
	    .seen = 1000,
	    .failed = 40,
	    .days = 20,
	    .policy = DMARC_REJECT},
	DMARC_REJECT, true, "v=DMARC1; p=reject; rua=mailto:x@a.example"},
    /* Only SPF, or nothing, passes. */
    {"v=DMARC1; p=none", true, false, {.reports_to = "x@a.example"}, DMARC_NONE,
	false, "v=DMARC1; p=none; rua=mailto:x@a.example"},
    {"v=DMARC1; p=reject", false, false, {.reports_to = "x@a.example"},
	DMARC_NONE, false, "v=DMARC1; p=none; rua=mailto:x@a.example"},
    {"v=DMARC1; p=none; rua=mailto:X@A.example!10m; pct=50", true, true,
	{.reports_to = "x@a.example"}, DMARC_QUARANTINE, false,
	"v=DMARC1; p=quarantine; rua=mailto:X@A.example"},
};

static void
advice(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct health h = {.domain = "a.example",
		    .spf_passes = cases[i].spf,
		    .dkim_is_good = cases[i].dkim};
		struct dmarc_advice a;

		if (cases[i].found)
			h.records[h.n_records++] =
			    (struct health_record){.part = HEALTH_DMARC,
				.name = "_dmarc.a.example",
				.text = str_from(cases[i].found)};
		dmarc_advise(&h, &cases[i].wish, &a);
		CHECK_INT(a.next, cases[i].next);
		CHECK_INT(a.is_early, cases[i].is_early);
		CHECK_STR(str_from(a.record), str_from(cases[i].record));
		CHECK(*a.why);
	}
}

static void
records_of_experts(void)
{
	static const char *const bad[] = {"", "p=none", "v=DMARC1",
	    "v=DMARC1; p=some", "v=DMARC1; p=none; rua=a@b.example",
	    "v=DMARC1; p=none; pct=20", "v=DMARC1; p=none; ri=3600",
	    "v=DMARC1; p=none; rua=mailto:a@b.example!10m"};

	CHECK(!dmarc_check(STR("v=DMARC1; p=reject; sp=none; np=reject; t=y; "
			       "rua=mailto:a@b.example,mailto:c@d.example")));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!dmarc_check(str_from(bad[i])))
			test_fail(__FILE__, __LINE__, "\"%s\"", bad[i]);
	}
}

TESTS(TEST(advice), TEST(records_of_experts))
