/* case - the fold doesn't depend on the order, and says what a person expects
 */
#include "notify/case.h"

#include "base/test.h"
#include "notify/case_bed.h"

static struct case_head
fold(const struct event *v, size_t n)
{
	struct case_head c = {0};

	for (size_t i = 0; i < n; i++)
		case_fold(&c, &v[i]);
	return c;
}

#define FOLD(v) fold(v, sizeof(v) / sizeof((v)[0]))

static struct event
bed_end(enum event_type type, int64_t after)
{
	struct event e = bed_event(type, after);

	BED_PUT(e.rung, "suspended");
	BED_PUT(e.rule, "burst");
	e.mark = 7;
	return e;
}

static void
a_suspension_opens_a_case(void)
{
	struct event v[] = {bed_suspension()};
	struct case_head c = FOLD(v);

	CHECK_STR(str_from(c.id), STR("04HM-ASW9"));
	CHECK_STR(str_from(c.account), STR("alice@example.com"));
	CHECK_STR(str_from(c.rule), STR("burst"));
	CHECK_INT(c.state, CASE_OPEN);
	CHECK_INT(c.since, BED_SINCE);
	CHECK_INT(c.score, 120);
	CHECK_INT(c.began, BED_SINCE - 600);
	CHECK(case_is_in_force(&c) && case_is_pending(&c));
}

static void
only_what_stops_an_account_opens_one(void)
{
	struct event e = bed_suspension();
	char cause[33];

	CHECK(case_is_opened_by(&e, cause));
	CHECK_STR(str_from(cause), STR(BED_CAUSE));
	e.is_observed = true;
	CHECK(!case_is_opened_by(&e, cause));
	e = bed_suspension();
	BED_PUT(e.rung, "throttled");
	CHECK(!case_is_opened_by(&e, cause));
	BED_PUT(e.rung, "held");
	CHECK(case_is_opened_by(&e, cause));
	BED_PUT(e.kind, "domain");
	CHECK(!case_is_opened_by(&e, cause));
	e = bed_suspension();
	e.type = EVENT_LIFT;
	CHECK(!case_is_opened_by(&e, cause));
}

static const struct {
	const char *what;
	struct {
		enum event_type type;
		const char *rung;
	} v[5];
	enum case_state state;
} rows[] = {
    {"nothing", {{EVENT_CASE_NOTE, ""}}, CASE_OPEN},
    {"it was me", {{EVENT_CASE_ANSWER, "me"}}, CASE_REVIEW},
    {"a human", {{EVENT_CASE_ANSWER, "human"}}, CASE_REVIEW},
    {"not me", {{EVENT_CASE_ANSWER, "not-me"}}, CASE_PASSWORD},
    {"the later answer counts",
	{{EVENT_CASE_ANSWER, "me"}, {EVENT_CASE_ANSWER, "not-me"}},
	CASE_PASSWORD},
    {"a new password, for the desk until lifted",
	{{EVENT_CASE_ANSWER, "not-me"}, {EVENT_CASE_PASSWORD, ""}},
	CASE_REVIEW},
    {"a new password alone", {{EVENT_CASE_PASSWORD, ""}}, CASE_REVIEW},
    {"approved", {{EVENT_CASE_DECISION, "approved"}}, CASE_APPROVED},
    {"approved, lifted",
	{{EVENT_CASE_DECISION, "approved"}, {EVENT_LIFT, "suspended"}},
	CASE_APPROVED},
    {"lifted, approved",
	{{EVENT_LIFT, "suspended"}, {EVENT_CASE_DECISION, "approved"}},
	CASE_APPROVED},
    {"denied", {{EVENT_CASE_ANSWER, "me"}, {EVENT_CASE_DECISION, "denied"}},
	CASE_DENIED},
    {"denied, but the owner asks again",
	{{EVENT_CASE_DECISION, "denied"}, {EVENT_CASE_ANSWER, "human"}},
	CASE_REVIEW},
    {"denied, asked again, expired",
	{{EVENT_CASE_DECISION, "denied"}, {EVENT_CASE_ANSWER, "human"},
	    {EVENT_EXPIRE, "suspended"}},
	CASE_DENIED},
    {"the later decision holds",
	{{EVENT_CASE_DECISION, "denied"}, {EVENT_CASE_DECISION, "approved"}},
	CASE_APPROVED},
    {"lifted by hand", {{EVENT_LIFT, "suspended"}}, CASE_ENDED},
    {"expired", {{EVENT_EXPIRE, "suspended"}}, CASE_ENDED},
    {"another's end", {{EVENT_EXPIRE, "held"}}, CASE_OPEN},
    {"closed", {{EVENT_CASE_CLOSED, ""}}, CASE_CLOSED},
    {"an answer after all",
	{{EVENT_CASE_CLOSED, ""}, {EVENT_CASE_ANSWER, "me"}}, CASE_REVIEW},
    {"nonsense", {{EVENT_CASE_ANSWER, "it was my dog"}}, CASE_OPEN},
};

static void
states_follow_what_happens(void)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct event e = bed_suspension();
		struct case_head c = fold(&e, 1);

		for (size_t k = 0; k < 5 && rows[i].v[k].type; k++) {
			e = bed_end(rows[i].v[k].type, (int64_t)k * 10 + 10);
			if (rows[i].v[k].rung)
				BED_PUT(e.rung, rows[i].v[k].rung);
			case_fold(&c, &e);
		}
		if (c.state != rows[i].state)
			test_fail(__FILE__, __LINE__, "%s: %s", rows[i].what,
			    case_state_text(c.state));
	}
}

enum { MANY = 8 };

static void
permute(struct event *v, size_t n, size_t from, const struct case_head *want)
{
	if (from == n) {
		struct case_head c = fold(v, n);

		c.answers = want->answers;
		if (memcmp(&c, want, sizeof(c)) != 0)
			test_fail(__FILE__, __LINE__, "%s differs",
			    case_state_text(c.state));
		return;
	}
	for (size_t i = from; i < n; i++) {
		static struct event swap;

		swap = v[from];
		v[from] = v[i];
		v[i] = swap;
		permute(v, n, from + 1, want);
		swap = v[from];
		v[from] = v[i];
		v[i] = swap;
	}
}

static void
the_order_of_arrival_is_no_matter(void)
{
	static struct event v[MANY];
	struct event other = bed_suspension();

	v[0] = bed_suspension();
	other.at_us += 3 * TIME_US; /* another node's */
	other.until += 3;
	other.seq++;
	v[1] = other;
	v[2] = bed_said(EVENT_CASE_ANSWER, 10, "not-me");
	BED_PUT(v[2].evidence, "{\"in_evidence\":true}");
	v[3] = bed_said(EVENT_CASE_ANSWER, 11, "human");
	v[4] = bed_said(EVENT_CASE_DECISION, 20, "denied");
	v[5] = bed_said(EVENT_CASE_DECISION, 30, "approved");
	v[6] = bed_end(EVENT_LIFT, 30);
	v[7] = bed_end(EVENT_LIFT, -30); /* of one before */
	struct case_head want = fold(v, MANY);

	CHECK_INT(want.state, CASE_APPROVED);
	CHECK_INT(want.since, BED_SINCE);
	CHECK_INT(want.end, CASE_END_LIFTED);
	CHECK_INT(want.ended.at_us / TIME_US, BED_SINCE + 30);
	CHECK(want.is_answer_in_evidence);
	permute(v, MANY, 1, &want);
}

static void
a_worse_sanction_takes_its_place(void)
{
	struct event v[] = {bed_suspension(), bed_suspension()};

	BED_PUT(v[0].rung, "held");
	BED_PUT(v[1].cause, "fedcba98765432100123456789abcdef");
	v[1].at_us += TIME_US;
	struct case_head c = FOLD(v);

	CHECK_INT(c.state, CASE_ENDED);
	CHECK_INT(c.end, CASE_END_REPLACED);
	CHECK_STR(str_from(c.next), str_from(v[1].cause));
	/* Not a milder one, and no automatic one an operator's. */
	BED_PUT(v[0].rung, "suspended");
	c = FOLD(v);
	CHECK_INT(c.end, CASE_GOES_ON);
	BED_PUT(v[0].rung, "held");
	v[0].is_operator = true;
	c = FOLD(v);
	CHECK_INT(c.end, CASE_GOES_ON);
	v[1].is_operator = true;
	BED_PUT(v[1].rung, "throttled");
	c = FOLD(v);
	CHECK_INT(c.end, CASE_END_REPLACED);
}

static void
what_was_wrong_is_overturned(void)
{
	struct event v[] = {bed_suspension(), bed_end(EVENT_LIFT, 60)};
	struct case_head c = FOLD(v);

	CHECK(!c.is_overturned);
	v[1].is_innocent = true;
	CHECK(FOLD(v).is_overturned);
	v[1] = bed_end(EVENT_UNDONE, 60);
	CHECK(!FOLD(v).is_overturned);
	BED_PUT(v[1].after, BED_CAUSE);
	c = FOLD(v);
	CHECK(c.is_overturned);
	CHECK_INT(c.end, CASE_END_UNDONE);
	/* Expired, and then found to be wrong. */
	struct event late[] = {bed_suspension(), bed_end(EVENT_EXPIRE, 60),
	    bed_end(EVENT_LIFT, 90)};

	late[2].is_innocent = true;
	c = FOLD(late);
	CHECK(c.is_overturned);
	CHECK_INT(c.end, CASE_END_EXPIRED);
}

static void
answers_are_bounded(void)
{
	struct event e = bed_suspension();
	struct case_head c = fold(&e, 1);

	for (int i = 0; i < CASE_ANSWERS; i++) {
		e = bed_said(EVENT_CASE_ANSWER, i, "human");
		CHECK(case_fold(&c, &e));
	}
	e = bed_said(EVENT_CASE_ANSWER, 99, "not-me");
	CHECK(!case_fold(&c, &e));
	CHECK_INT(c.answer, CASE_HUMAN);
}

static void
foreign_events_change_nothing(void)
{
	struct event e = bed_suspension();
	struct case_head c = fold(&e, 1), before = c;

	e = bed_said(EVENT_CASE_DECISION, 10, "approved");
	e.file[0] = 'f';
	CHECK(!case_fold(&c, &e));
	e = bed_end(EVENT_LIFT, 10);
	BED_PUT(e.subject, "bob@example.com");
	CHECK(!case_fold(&c, &e));
	e = bed_event(EVENT_MODE, 10);
	CHECK(!case_fold(&c, &e));
	e = bed_end(EVENT_LIFT, 10);
	e.is_observed = true;
	CHECK(!case_fold(&c, &e));
	CHECK(memcmp(&c, &before, sizeof(c)) == 0);
}

static void
desk_work_is_remembered(void)
{
	struct event v[] = {bed_suspension(),
	    bed_event(EVENT_CASE_ASSIGNED, 10),
	    bed_said(EVENT_CASE_KEPT, 11, "kept"),
	    bed_event(EVENT_CASE_REVOKED, 12),
	    bed_event(EVENT_CASE_REVOKED, 13),
	    bed_event(EVENT_CASE_REMINDER, 15),
	    bed_event(EVENT_CASE_REMINDER, 14), bed_event(EVENT_CASE_FILED, 1)};

	BED_PUT(v[1].rule, "eve");
	v[3].mark = 2;
	v[4].mark = 1;
	BED_PUT(v[7].rule, "counts");
	BED_PUT(v[7].evidence, "{\"leaked\":37}");
	struct case_head c = FOLD(v);

	CHECK_STR(str_from(c.assignee), STR("eve"));
	CHECK(c.is_kept);
	CHECK_INT(c.link_generation, 2);
	CHECK_INT(c.reminded, BED_SINCE + 15);
	CHECK_INT(c.recipients, 37);
}

static void
stages_have_one_cause_everywhere(void)
{
	struct event e = bed_suspension();
	struct case_head c = fold(&e, 1);
	char a[33], b[33];

	case_stage_cause(&c, EVENT_CASE_CLOSED, a);
	case_stage_cause(&c, EVENT_CASE_CLOSED, b);
	CHECK_STR(str_from(a), str_from(b));
	CHECK_INT(strlen(a), 32);
	case_stage_cause(&c, EVENT_CASE_REMINDER, b);
	CHECK(strcmp(a, b) != 0);
}

enum { HOUR = 3600, DAY = 86400, WEEK = 7 * DAY };

/* It begins in the middle of a week. */
static struct event
bed_complaints(int64_t after, const char *rung)
{
	struct event e = bed_event(EVENT_SANCTION, after);

	if (!*rung)
		e.type = EVENT_WARNING;
	BED_PUT(e.rung, rung);
	BED_PUT(e.rule, "complaints");
	e.until = BED_SINCE + after + 900;
	return e;
}

static void
complaints_open_one_a_week(void)
{
	struct event v[] = {bed_complaints(0, ""),
	    bed_complaints(HOUR, "throttled"),
	    bed_complaints(HOUR + 60, "throttled"),
	    bed_complaints(WEEK, "throttled")};
	char first[33], again[33];
	struct case_head c = {0};

	CHECK(case_is_opened_by(&v[0], first));
	CHECK(case_is_opened_by(&v[2], again));
	CHECK_STR(str_from(first), str_from(again));
	CHECK(case_fold(&c, &v[0]));
	CHECK(c.is_complaints);
	CHECK_INT(c.state, CASE_REVIEW); /* nobody waits for its owner */
	CHECK_STR(str_from(c.rung), STR("warned"));
	CHECK(case_fold(&c, &v[1]));
	CHECK_STR(str_from(c.rung), STR("throttled"));
	CHECK_INT(c.since, BED_SINCE);
	CHECK(!case_fold(&c, &v[2])); /* the same day */
	v[2] = bed_complaints(DAY + HOUR, "throttled");
	CHECK(case_fold(&c, &v[2]));
	CHECK_INT(case_due(&c, 1, 1, BED_SINCE + WEEK), CASE_DUE_NOTHING);
	CHECK(case_fold(&c, &v[3])); /* the next week's */
	CHECK_INT(c.end, CASE_END_REPLACED);
	CHECK(case_is_opened_by(&v[3], again));
	CHECK_STR(str_from(c.next), str_from(again));
	CHECK(strcmp(first, again) != 0);
	v[0].is_observed = true;
	CHECK(!case_is_opened_by(&v[0], first));
	v[0] = bed_complaints(0, "watched");
	CHECK(!case_is_opened_by(&v[0], first));
	BED_PUT(v[1].kind, "domain");
	CHECK(!case_is_opened_by(&v[1], first));
}

static void
complaints_end_and_begin_again(void)
{
	struct event v[] = {bed_complaints(0, "throttled"),
	    bed_event(EVENT_CASE_CLOSED, HOUR),
	    bed_complaints(DAY, "throttled"),
	    bed_said(EVENT_CASE_DECISION, DAY + HOUR, "approved"),
	    bed_end(EVENT_LIFT, DAY + HOUR), bed_complaints(2 * DAY, "")};
	struct event expired = bed_end(EVENT_EXPIRE, 900), stop;
	struct case_head c = FOLD(v), open = fold(v, 1);
	char cause[33];

	case_is_opened_by(&v[0], cause);
	BED_PUT(v[1].file, cause);
	BED_PUT(v[3].file, cause);
	BED_PUT(expired.rung, "throttled");
	BED_PUT(expired.rule, "complaints");
	CHECK(!case_fold(&open, &expired)); /* throttled again soon */
	c = fold(v, 2);
	CHECK_INT(c.state, CASE_ENDED);
	CHECK_INT(fold(v, 3).state, CASE_REVIEW);
	open = fold(v, 3);
	CHECK(case_is_in_force(&open));
	open = fold(v, 1);
	CHECK_INT(fold(v, 5).state, CASE_APPROVED);
	c = FOLD(v);
	CHECK_INT(c.state, CASE_REVIEW);
	permute(v, sizeof(v) / sizeof(v[0]), 1, &c);
	/* What the desk will not hear of is not told again. */
	BED_PUT(v[3].rung, "denied");
	v[4] = v[5];
	CHECK_INT(fold(v, 5).state, CASE_DENIED);
	stop = bed_suspension();
	stop.at_us += 3 * DAY * TIME_US;
	CHECK(case_fold(&open, &stop));
	CHECK_STR(str_from(open.next), str_from(stop.cause));
}

TESTS(TEST(a_suspension_opens_a_case),
    TEST(only_what_stops_an_account_opens_one),
    TEST(states_follow_what_happens), TEST(the_order_of_arrival_is_no_matter),
    TEST(a_worse_sanction_takes_its_place), TEST(what_was_wrong_is_overturned),
    TEST(answers_are_bounded), TEST(foreign_events_change_nothing),
    TEST(desk_work_is_remembered), TEST(stages_have_one_cause_everywhere),
    TEST(complaints_open_one_a_week), TEST(complaints_end_and_begin_again))
