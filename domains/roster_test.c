/* what is remembered of a domain: its text, and what counts as a change */
#include "domains/roster.h"

#include "base/test.h"

static void
the_text_is_read_again(void)
{
	struct roster r = {.seen = 100,
	    .named = 101,
	    .checked = 200,
	    .site = 0xdeadbeefcafe,
	    .colours = {HEALTH_RED, HEALTH_GREEN, HEALTH_AMBER},
	    .is_unsure = true,
	    .spf_fails = true,
	    .links = 7,
	    .written = 150,
	    .told = {HEALTH_SIGNED_BAD, 99, "yahoo.example"},
	    .id = "SPF_NONE",
	    .finding = "a.example has no SPF record: none."};
	struct roster got;
	char buf[ROSTER_BYTES], again[ROSTER_BYTES];
	struct text t, u;

	CHECK(roster_learn(&r, STR("mail")));
	CHECK(roster_learn(&r, STR("s2")));
	CHECK(!roster_learn(&r, STR("MAIL")));
	CHECK(!roster_learn(&r, STR("")));
	text_init(&t, buf, sizeof(buf));
	roster_print(&r, &t);
	CHECK(roster_parse(text_view(&t), &got));
	text_init(&u, again, sizeof(again));
	roster_print(&got, &u);
	CHECK_STR(text_view(&u), text_view(&t));
	CHECK_INT(got.n_selectors, 2);
	CHECK_INT(got.site, 0xdeadbeefcafe);
	CHECK_INT(got.told.what, HEALTH_SIGNED_BAD);
	CHECK_INT(got.told.at, 99);
	CHECK_STR(str_from(got.told.by), STR("yahoo.example"));
	CHECK(got.is_unsure && got.spf_fails && !got.is_account);
}

/* One node revoked the links, another one looked at the domain later. */
static void
what_is_revoked_stays_so(void)
{
	static const struct {
		unsigned holds, lost;
		int joined; /* -1: nothing is */
	} v[] = {{0, 1, 1}, {1, 0, -1}, {7, 7, -1}, {255, 0, 0}, {0, 255, -1}};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		struct roster mine = {.seen = 100, .links = v[i].holds};
		struct roster theirs = {.seen = 50, .links = v[i].lost}, got;
		char a[ROSTER_BYTES], b[ROSTER_BYTES], c[ROSTER_BYTES];
		struct text m, t, j;

		text_init(&m, a, sizeof(a));
		text_init(&t, b, sizeof(b));
		text_init(&j, c, sizeof(c));
		roster_print(&mine, &m);
		roster_print(&theirs, &t);
		CHECK_INT(roster_join(text_view(&m), text_view(&t), &j),
		    v[i].joined >= 0);
		if (v[i].joined < 0)
			continue;
		CHECK(roster_parse(text_view(&j), &got));
		CHECK_INT(got.links, v[i].joined);
		CHECK_INT(got.seen, 100);
	}
}

static void
other_texts_are_none(void)
{
	static const char *const bad[] = {"", "1", "3 0 0 0 0 000 0 0 0 -  ",
	    "2 0 0 0 0 000 0 0 0 - good,x,y  ",
	    "2 0 0 0 0 000 0 0 0 - odd,1,y  ", "1 0 0 0 x 000 0 0 0 -  ",
	    "1 0 0 0 0 005 0 0 0 -  ", "1 0 0 0 0 00 0 0 0 -  ",
	    "1 0 0 0 0 000 0 0 0 -",
	    "1 0 0 0 0 000 0 0 0 - a,b,c,d,e,f,g,h,i, "};
	struct roster r;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (roster_parse(str_from(bad[i]), &r))
			test_fail(__FILE__, __LINE__, "\"%s\"", bad[i]);
	}
	CHECK(roster_parse(STR("1 0 0 0 0 000 0 0 0 -  "), &r));
	CHECK(roster_parse(STR("2 0 0 0 0 000 0 0 0 - -  "), &r));
}

static void
the_oldest_selector_gives_way(void)
{
	struct roster r = {0};

	for (char c = 'a'; c < 'a' + ROSTER_SELECTORS + 2; c++)
		CHECK(roster_learn(&r, str_make(&c, 1)));
	CHECK_INT(r.n_selectors, ROSTER_SELECTORS);
	CHECK_STR(str_from(r.selectors[0]), STR("c"));
}

static struct health
found(enum health_colour spf, enum health_colour dkim, enum health_colour dmarc)
{
	return (struct health){.colours = {spf, dkim, dmarc}};
}

static void
changes_are_told(void)
{
	struct roster_change c[HEALTH_JUDGED];
	struct roster r = {0};
	struct health green = found(HEALTH_GREEN, HEALTH_GREEN, HEALTH_GREEN);
	struct health bad = found(HEALTH_RED, HEALTH_UNKNOWN, HEALTH_GREEN);

	CHECK_INT(roster_take(&r, &green, 1, 100, c), 0); /* the first look */
	CHECK_INT(roster_take(&r, &green, 1, 200, c), 0);
	bad.dns_failed = true;
	bad.findings[0] =
	    (struct health_finding){HEALTH_SPF, HEALTH_RED, "SPF_NONE", "none"};
	bad.n_findings = 1;
	CHECK_INT(roster_take(&r, &bad, 1, 300, c), 1);
	CHECK_INT(c[0].part, HEALTH_SPF);
	CHECK_INT(c[0].from, HEALTH_GREEN);
	CHECK_INT(c[0].to, HEALTH_RED);
	CHECK_STR(str_from(c[0].id), STR("SPF_NONE"));
	/* What could not be told stays as it was. */
	CHECK(r.is_unsure);
	CHECK_INT(r.colours[HEALTH_DKIM], HEALTH_GREEN);
	CHECK_INT(roster_take(&r, &green, 1, 400, c), 1);
	CHECK_INT(c[0].to, HEALTH_GREEN);
	/* Other addresses of ours: nothing about the domain changed. */
	CHECK_INT(roster_take(&r, &bad, 2, 500, c), 0);
	CHECK_INT(r.colours[HEALTH_SPF], HEALTH_RED);
}

/* Nobody is written to because of one look. */
static void
it_fails_by_two_looks(void)
{
	struct roster_change c[HEALTH_JUDGED];
	struct roster r = {0};
	struct health h = found(HEALTH_RED, HEALTH_GREEN, HEALTH_GREEN);

	h.spf_fails = true;
	roster_take(&r, &h, 1, 100, c);
	CHECK(r.spf_fails && !r.spf_failed);
	roster_take(&r, &h, 1, 200, c);
	CHECK(r.spf_failed);
	roster_take(&r, &h, 2, 300, c); /* other addresses of ours */
	CHECK(r.spf_fails && !r.spf_failed);
	roster_take(&r, &h, 2, 400, c);
	h.spf_fails = false;
	roster_take(&r, &h, 2, 500, c);
	CHECK(!r.spf_fails && !r.spf_failed);
}

static void
looks_are_spread(void)
{
	struct roster r = {0};
	int64_t first = 0, last = 0;

	CHECK_INT(roster_due(&r, STR("a.example"), 3600), 0);
	r.checked = 1000;
	for (char c = 'a'; c <= 'z'; c++) {
		int64_t due = roster_due(&r, str_make(&c, 1), 3600);

		CHECK(due >= 4600 && due < 5500);
		first = !first || due < first ? due : first;
		last = due > last ? due : last;
	}
	CHECK(last - first > 300);
	r.is_unsure = true;
	CHECK(roster_due(&r, STR("a"), 3600) < 1400);
}

TESTS(TEST(the_text_is_read_again), TEST(what_is_revoked_stays_so),
    TEST(other_texts_are_none), TEST(the_oldest_selector_gives_way),
    TEST(changes_are_told), TEST(it_fails_by_two_looks), TEST(looks_are_spread))
