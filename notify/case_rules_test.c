/* case_rules - nothing is lifted for a thief, nor without a reason */
#include "notify/case.h"

#include "base/test.h"
#include "notify/case_bed.h"

enum { TRUST = 100 };

static const struct {
	const char *what;
	struct case_question q;
	enum case_follows follows;
} rows[] = {
    {"nothing was said", {.answer = CASE_NO_ANSWER}, CASE_WAITS},
    {"it was me: a person looks", {.answer = CASE_ME}, CASE_TO_DESK},
    {"it was me, trusted",
	{.answer = CASE_ME, .score = 99, .trust_score = TRUST}, CASE_LIFTS},
    {"trusted, but the score is too high",
	{.answer = CASE_ME, .score = 100, .trust_score = TRUST}, CASE_TO_DESK},
    {"trusted, but not the first",
	{.answer = CASE_ME, .score = 99, .trust_score = TRUST, .repeats = 1},
	CASE_TO_DESK},
    {"trusted, but from the thief's network",
	{.answer = CASE_ME,
	    .score = 99,
	    .trust_score = TRUST,
	    .is_answer_in_evidence = true},
	CASE_TO_DESK},
    {"trusted, but denied before",
	{.answer = CASE_ME,
	    .score = 99,
	    .trust_score = TRUST,
	    .was_denied = true},
	CASE_TO_DESK},
    {"trusted, but a person ordered it",
	{.answer = CASE_ME,
	    .score = 0,
	    .trust_score = TRUST,
	    .is_operator = true},
	CASE_TO_DESK},
    {"it was me, and a new password: still a person looks",
	{.answer = CASE_ME, .is_password_changed = true}, CASE_TO_DESK},
    {"a human", {.answer = CASE_HUMAN}, CASE_TO_DESK},
    {"a human, and a new password",
	{.answer = CASE_HUMAN, .is_password_changed = true}, CASE_TO_DESK},
    {"a human, trusted",
	{.answer = CASE_HUMAN, .score = 1, .trust_score = TRUST}, CASE_TO_DESK},
    {"not me", {.answer = CASE_NOT_ME}, CASE_TO_PASSWORD},
    {"not me, however trusted",
	{.answer = CASE_NOT_ME, .score = 1, .trust_score = TRUST},
	CASE_TO_PASSWORD},
    {"not me, from the thief's network",
	{.answer = CASE_NOT_ME, .is_answer_in_evidence = true},
	CASE_TO_PASSWORD},
    {"not me, and a new password",
	{.answer = CASE_NOT_ME, .is_password_changed = true}, CASE_LIFTS},
    {"not me from the thief's network, and a new password",
	{.answer = CASE_NOT_ME,
	    .is_password_changed = true,
	    .is_answer_in_evidence = true},
	CASE_TO_DESK},
    {"not me, a new password set from the thief's network",
	{.answer = CASE_NOT_ME,
	    .is_password_changed = true,
	    .is_password_in_evidence = true},
	CASE_TO_DESK},
    {"a new password without a word", {.is_password_changed = true},
	CASE_LIFTS},
    {"a new password without a word, from the thief's network",
	{.is_password_changed = true, .is_password_in_evidence = true},
	CASE_TO_DESK},
    {"a new password, but a person ordered it",
	{.answer = CASE_NOT_ME,
	    .is_password_changed = true,
	    .is_operator = true},
	CASE_TO_DESK},
    {"a new password, but people complain",
	{.is_password_changed = true, .is_complaints = true}, CASE_TO_DESK},
    {"a new password after a denial",
	{.answer = CASE_NOT_ME,
	    .is_password_changed = true,
	    .was_denied = true},
	CASE_TO_DESK},
};

static void
what_follows_from_an_answer(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum case_follows got = case_answered(&rows[i].q);

		if (got != rows[i].follows)
			test_fail(
			    __FILE__, __LINE__, "%s: %d", rows[i].what, got);
	}
}

/* Once from there, always from there: who answers again from a friend's
 * network is the same. */
static void
one_answer_from_the_evidence_is_enough(void)
{
	struct event v[] = {bed_suspension(),
	    bed_said(EVENT_CASE_ANSWER, 10, "not-me"),
	    bed_said(EVENT_CASE_ANSWER, 20, "not-me"),
	    bed_event(EVENT_CASE_PASSWORD, 30)};
	struct case_head c = {0};

	BED_PUT(v[1].evidence, "{\"in_evidence\":true}");
	for (size_t i = 0; i < 4; i++)
		case_fold(&c, &v[i]);
	struct case_question q = case_question_of(&c, 0);

	CHECK_INT(case_answered(&q), CASE_TO_DESK);
	memset(&c, 0, sizeof(c));
	BED_PUT(v[1].evidence, "{}");
	for (size_t i = 0; i < 4; i++)
		case_fold(&c, &v[i]);
	q = case_question_of(&c, 0);
	CHECK_INT(case_answered(&q), CASE_LIFTS);
}

static void
no_answer_is_reminded_and_closed(void)
{
	enum { REMIND = 1000, CLOSE = 5000 };
	struct event e = bed_suspension();
	struct case_head c = {0};

	case_fold(&c, &e);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 999), CASE_DUE_NOTHING);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 1000), CASE_DUE_REMINDER);
	CHECK_INT(case_due(&c, 0, CLOSE, BED_SINCE + 1000), CASE_DUE_NOTHING);
	e = bed_event(EVENT_CASE_REMINDER, 1000);
	case_fold(&c, &e);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 4999), CASE_DUE_NOTHING);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 5000), CASE_DUE_CLOSE);
	CHECK_INT(case_due(&c, REMIND, 0, BED_SINCE + 5000), CASE_DUE_NOTHING);
	/* "Not me", and then no new password: from then on. */
	e = bed_said(EVENT_CASE_ANSWER, 4000, "not-me");
	case_fold(&c, &e);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 4999), CASE_DUE_NOTHING);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 5000), CASE_DUE_REMINDER);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 9000), CASE_DUE_CLOSE);
	/* What waits for the desk is never closed by time. */
	e = bed_said(EVENT_CASE_ANSWER, 4001, "me");
	case_fold(&c, &e);
	CHECK_INT(
	    case_due(&c, REMIND, CLOSE, BED_SINCE + 99000), CASE_DUE_NOTHING);
}

TESTS(TEST(what_follows_from_an_answer),
    TEST(one_answer_from_the_evidence_is_enough),
    TEST(no_answer_is_reminded_and_closed))
