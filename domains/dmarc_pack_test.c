/* reports as bytes: what is packed is read again, and nothing else */
#include "domains/dmarc_pack.h"

#include "base/test.h"
#include "base/text.h"

static char buf[65536];

static struct str
packed(void)
{
	static struct dmarc_row rows[2] = {{.count = 7,
					       .did = DMARC_REJECT,
					       .dkim_passes = true,
					       .is_excused = true,
					       .header_from = "a.test",
					       .envelope_from = "b.test",
					       .dkim_domain = "c.test",
					       .dkim_selector = "s1",
					       .spf_domain = ""},
	    {.count = 1ULL << 40,
		.spf_passes = true,
		.did = DMARC_NONE,
		.header_from = "",
		.envelope_from = "",
		.dkim_domain = "",
		.dkim_selector = "",
		.spf_domain = "e.test"}};
	struct dmarc_report r = {.id = "r-1",
	    .begin = 100,
	    .end = 200,
	    .policy = DMARC_QUARANTINE,
	    .domain = "a.test",
	    .v = rows,
	    .n = 2};
	struct text t;

	text_init(&t, buf, sizeof(buf));
	dmarc_pack(&r, STR("big.example"), true, &t);
	return text_view(&t);
}

static void
it_is_read_again(void)
{
	struct dmarc_report r;
	struct str reporter;
	struct arena a;
	bool is_vouched;

	arena_init(&a);
	CHECK(dmarc_unpack(packed(), &a, &r, &reporter, &is_vouched));
	CHECK(is_vouched);
	CHECK_STR(reporter, STR("big.example"));
	CHECK_STR(str_from(r.domain), STR("a.test"));
	CHECK_STR(str_from(r.id), STR("r-1"));
	CHECK_INT(r.begin, 100);
	CHECK_INT(r.end, 200);
	CHECK_INT(r.policy, DMARC_QUARANTINE);
	CHECK_INT(r.n, 2);
	CHECK_INT(r.v[0].count, 7);
	CHECK_INT(r.v[0].did, DMARC_REJECT);
	CHECK(r.v[0].dkim_passes && !r.v[0].spf_passes && r.v[0].is_excused);
	CHECK_STR(str_from(r.v[0].dkim_selector), STR("s1"));
	CHECK_INT(r.v[1].count, 1LL << 40);
	CHECK_STR(str_from(r.v[1].spf_domain), STR("e.test"));
	arena_done(&a);
}

/* Cut anywhere, or with a byte changed, it does no harm. */
static void
what_is_broken_does_no_harm(void)
{
	struct str whole = packed();
	struct dmarc_report r;
	struct str reporter;
	struct arena a;
	bool is_vouched;

	for (size_t n = 0; n < whole.n; n++) {
		arena_init(&a);
		if (dmarc_unpack(
			str_head(whole, n), &a, &r, &reporter, &is_vouched))
			CHECK(r.n < 2);
		arena_done(&a);
		buf[n] = (char)~buf[n];
		arena_init(&a);
		dmarc_unpack(whole, &a, &r, &reporter, &is_vouched);
		arena_done(&a);
		buf[n] = (char)~buf[n];
	}
}

TESTS(TEST(it_is_read_again), TEST(what_is_broken_does_no_harm))
