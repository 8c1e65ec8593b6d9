/* letter_due_test - who is written to, about which events */
#include "base/test.h"
#include "notify/letter_bed.h"

static struct letter_bed bed;

static void
who_is_written_to(void)
{
	struct event e = bed_suspension();
	enum letter_stage stage;

	letter_bed_begin(&bed, "en");
	CHECK(letter_is_due(&bed.settings, &e, &stage));
	CHECK_INT(stage, LETTER_SUSPENDED);
	e.is_observed = true;
	CHECK(!letter_is_due(&bed.settings, &e, &stage));
	e.is_observed = false;
	/* What is less than a suspension; a lift of that. */
	static const char *const rungs[] = {
	    "", "good", "watched", "throttled", "held", "probation"};

	for (size_t i = 0; i < sizeof(rungs) / sizeof(rungs[0]); i++) {
		BED_PUT(e.rung, rungs[i]);
		e.type = EVENT_SANCTION;
		CHECK(!letter_is_due(&bed.settings, &e, &stage));
		e.type = EVENT_LIFT;
		CHECK(!letter_is_due(&bed.settings, &e, &stage));
	}
	BED_PUT(e.rung, "suspended");
	BED_PUT(e.kind, "domain");
	CHECK(!letter_is_due(&bed.settings, &e, &stage));
	static const char *const held[] = {"held", "lifted"};

	bed.settings.letter_stages = (struct setting_list){held, 2};
	BED_PUT(e.kind, "account");
	BED_PUT(e.rung, "held");
	CHECK(letter_is_due(&bed.settings, &e, &stage));
	CHECK_INT(stage, LETTER_LIFTED);
	e.type = EVENT_SANCTION;
	CHECK(letter_is_due(&bed.settings, &e, &stage));
	CHECK_INT(stage, LETTER_HELD);
	e.type = EVENT_EXPIRE;
	CHECK(!letter_is_due(&bed.settings, &e, &stage));
	letter_bed_end(&bed);
}

static void
which_letter_tells_what(void)
{
	static const struct {
		enum event_type type;
		const char *rung;
		int stage; /* -1: none */
	} cases[] = {
	    {EVENT_SANCTION, "suspended", LETTER_SUSPENDED},
	    {EVENT_LIFT, "suspended", LETTER_LIFTED},
	    {EVENT_EXPIRE, "suspended", LETTER_ENDED},
	    {EVENT_UNDONE, "suspended", LETTER_MISTAKE},
	    {EVENT_CASE_ANSWER, "not-me", LETTER_ANSWERED},
	    {EVENT_CASE_PASSWORD, "", LETTER_PASSWORD},
	    {EVENT_CASE_REMINDER, "", LETTER_REMINDER},
	    {EVENT_CASE_CLOSED, "", LETTER_CLOSED},
	    {EVENT_CASE_DECISION, "denied", LETTER_DENIED},
	    {EVENT_CASE_DECISION, "approved", -1},
	    {EVENT_CASE_NOTE, "", -1},
	    {EVENT_CASE_LETTER, "suspended", -1},
	    {EVENT_CASE_FILED, "", -1},
	    {EVENT_WARNING, "suspended", -1},
	    {EVENT_EXEMPT, "suspended", -1},
	    {EVENT_DIGEST, "", LETTER_DESK_DIGEST},
	    {EVENT_LISTED, "", LETTER_DESK_LISTED},
	    {EVENT_UNLISTED, "", LETTER_DESK_LISTED},
	    {EVENT_INCIDENT_OPENED, "blocked", LETTER_DESK_INCIDENT},
	    {EVENT_INCIDENT_NEWS, "blocked", -1},
	    {EVENT_INCIDENT_CLOSED, "none", LETTER_DESK_INCIDENT},
	    {EVENT_SENDER, "spf", LETTER_SPF},
	    {EVENT_SENDER, "sender", LETTER_SENDER},
	};

	letter_bed_begin(&bed, "en");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct event e = bed_said(cases[i].type, 1, cases[i].rung);
		enum letter_stage stage;
		bool is_due = letter_is_due(&bed.settings, &e, &stage);

		CHECK_INT(is_due ? (int)stage : -1, cases[i].stage);
		if (!case_is_event(e.type))
			continue;
		/* Of a few complaints none. */
		BED_PUT(e.how, CASE_RULE_COMPLAINTS);
		CHECK(!letter_is_due(&bed.settings, &e, &stage));
	}
	letter_bed_end(&bed);
}

static void
a_forward_that_passes_on_spam(void)
{
	struct event e = bed_said(EVENT_WARNING, 1, "");
	enum letter_stage stage;

	letter_bed_begin(&bed, "en");
	BED_PUT(e.kind, "account");
	BED_PUT(e.subject, "fwd:paul@example.com");
	CHECK(!letter_is_due(&bed.settings, &e, &stage));
	BED_PUT(e.rule, LETTER_FORWARD_RULE);
	CHECK(letter_is_due(&bed.settings, &e, &stage));
	CHECK_INT(stage, LETTER_FORWARD);
	e.is_observed = true;
	CHECK(!letter_is_due(&bed.settings, &e, &stage));
	e.is_observed = false;
	BED_PUT(e.subject, "paul@example.com");
	CHECK(!letter_is_due(&bed.settings, &e, &stage));
	static const char *const others[] = {"suspended"};

	BED_PUT(e.subject, "fwd:paul@example.com");
	bed.settings.letter_stages = (struct setting_list){others, 1};
	CHECK(!letter_is_due(&bed.settings, &e, &stage));
	letter_bed_end(&bed);
}

static void
addresses(void)
{
	static const char *const none[] = {"alice", "", "@", "a@", "@x",
	    "a@b@c", "a b@c", "a@b\r\nBcc: victim@example.com", "a@b\nc",
	    "<a@b>", "a@b,c@d", "a@b;c", "\"a\"@b", "a(b)@c", "a@[192.0.2.1]",
	    "a\\@b", "a\tb@c", "a@b\x7f", "m\xc3\xbc@x", "a@b.c\\", "a@b>",
	    "uid:a@b"};

	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		if (letter_is_address(str_from(none[i])))
			test_fail(__FILE__, __LINE__, "%s", none[i]);
	}
	CHECK(letter_is_address(STR("o'neil+x=y@a-b.example")));
	CHECK(letter_is_same_mailbox(STR("a@x"), STR("A@X")));
	CHECK(letter_is_same_mailbox(STR("a+b@x"), STR("a@x")));
	CHECK(letter_is_same_mailbox(STR("a+b@x"), STR("a+c@x")));
	CHECK(!letter_is_same_mailbox(STR("a@x"), STR("b@x")));
	CHECK(!letter_is_same_mailbox(STR("a@x"), STR("a@y")));
	CHECK(!letter_is_same_mailbox(STR("+a@x"), STR("+b@x")));
}

TESTS(TEST(who_is_written_to), TEST(which_letter_tells_what),
    TEST(a_forward_that_passes_on_spam), TEST(addresses))
