/* noted - tests */
#include "fbl/noted.h"

#include "base/test.h"
#include "fbl/suppressed.h"

static void
is_read_as_it_was_printed(void)
{
	struct fbl_report r = {0};
	struct owner o = {.account = "ann@inside.example"};
	const struct complaint c = {.fact = FACT_COMPLAINT,
	    .is_vouched = true,
	    .reporter = STR("loop@far.example"),
	    .complainer = STR("x\33[2J\0y@far.example"),
	    .incidents = 3};
	char buf[4096];
	struct text t;
	struct noted n;

	o.clue.confidence = 99;
	text_init(&t, buf, sizeof(buf));
	noted_print(&r, &c, &o, 1234, "far", &t);
	CHECK(noted_parse(text_view(&t), &n));
	CHECK_INT(n.message_at, 1234);
	CHECK(str_is(n.v[NOTED_ACCOUNT], STR("ann@inside.example")));
	CHECK(str_is(n.v[NOTED_TYPE], STR("complaint")));
	CHECK(str_is(n.v[NOTED_VOUCHED], STR("yes")));
	CHECK(str_is(n.v[NOTED_COMPLAINER], STR("x?[2J?y@far.example")));
	CHECK(str_is(n.v[NOTED_CONFIDENCE], STR("99")));
	CHECK(str_is(n.v[NOTED_SUBJECT], STR("")));
	CHECK(str_is(n.v[NOTED_PROVIDER], STR("far")));
	CHECK(str_is(n.v[NOTED_INCIDENTS], STR("3")));
	CHECK(noted_parse(str_make("5\0a\0b\0", 6), &n)); /* an older one */
	CHECK(str_is(n.v[NOTED_TYPE], STR("b")));
	CHECK(str_is(n.v[NOTED_INCIDENTS], STR("")));
	CHECK(!noted_parse(STR(""), &n));
	CHECK(!noted_parse(STR("x"), &n));
	CHECK(!noted_parse(str_make("x\0", 2), &n));
	CHECK(!noted_parse(str_make("5\0a", 3), &n));
}

static void
whose_it_is(void)
{
	static const char text[] = "7\0ann@x.example\0complaint";
	struct str one = str_make(text, sizeof(text));

	CHECK(noted_is_of(one, STR("ann@x.example")));
	CHECK(!noted_is_of(one, STR("ann@x.exampl")));
	CHECK(!noted_is_of(one, STR("ann@x.example2")));
	CHECK(!noted_is_of(one, STR("")));
	CHECK(!noted_is_of(STR("7"), STR("ann@x.example")));
	CHECK(!noted_is_of(str_head(one, 10), STR("ann@x.example")));
}

static void
an_address_or_a_token(void)
{
	static const struct {
		const char *text;
		bool is_address;
	} rows[] = {
	    {"ann@far.example", true},
	    {"ann+tag@far.example", true},
	    {"", false},
	    {"ann", false},
	    {"@far.example", false},
	    {"ann@far", false},
	    {"ann@far.example@x.example", false},
	    {"ann b@far.example", false},
	    {"<ann@far.example>", false},
	    {"redacted-1@far.example", false},
	    {"ann@redacted.example", false},
	    {"[Redacted]@far.example", false},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_INT(noted_is_address(str_from(rows[i].text)),
		    rows[i].is_address);
}

static void
who_is_suppressed(void)
{
	static const struct {
		const char *name;
		enum fact_kind fact;
		bool is_vouched;
		const char *complainer;
		bool changes, is_in;
	} rows[] = {
	    {"a claim", FACT_CLAIM, false, "u@far.example", false, false},
	    {"unvouched", FACT_COMPLAINT, false, "u@far.example", false, false},
	    {"a token", FACT_COMPLAINT, true, "redacted-1@x.example", false,
		false},
	    {"not-spam before", FACT_NOT_SPAM, true, "u@far.example", false,
		false},
	    {"a complaint", FACT_COMPLAINT, true, "U@Far.example", true, true},
	    {"again", FACT_COMPLAINT, true, "u@far.example", false, true},
	    {"a claimed not-spam", FACT_NOT_SPAM, false, "u@far.example", false,
		true},
	    {"not-spam", FACT_NOT_SPAM, true, "u@far.example", true, false},
	    {"a trap", FACT_TRAP, true, "u@far.example", true, true},
	    {"an opt-out", FACT_OPT_OUT, true, "u@far.example", true, true},
	    {"not-spam later", FACT_NOT_SPAM, true, "u@far.example", false,
		true},
	};
	struct str ann = STR("ann@inside.example"), u = STR("u@FAR.example");
	struct kept k;

	kept_init(&k, 10);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct complaint c = {.fact = rows[i].fact,
		    .is_vouched = rows[i].is_vouched,
		    .complainer = str_from(rows[i].complainer)};

		if (suppressed_note(&k, &c, ann, 100) != rows[i].changes ||
		    suppressed_has(&k, ann, u) != rows[i].is_in)
			CHECK_STR(str_from(rows[i].name), STR(""));
	}
	struct suppressed s;

	suppressed_read(kept_newest(&k), &s);
	CHECK(str_is(s.account, ann));
	CHECK(str_is(s.address, STR("u@far.example")));
	CHECK(str_is(s.why, STR("opt_out")));
	CHECK(!suppressed_has(&k, STR("bob@inside.example"), u));
	CHECK(suppressed_end_at(&k, ann, u, 50) > s.since);
	CHECK(!suppressed_end(&k, ann, u, s.since));
	CHECK(suppressed_end(&k, ann, u, s.since + 1));
	CHECK(!suppressed_has(&k, ann, u));
	CHECK(!suppressed_end(&k, ann, u, s.since + 1));
	kept_done(&k);
}

TESTS(TEST(is_read_as_it_was_printed), TEST(an_address_or_a_token),
    TEST(whose_it_is), TEST(who_is_suppressed))
