/* admission_test - what policy let through and the log doesn't show yet */
#include "limits/admission.h"

#include "base/test.h"

static struct admission *a;

static struct admission_request
request(enum admission_stage stage, const char *instance, const char *qid,
    const char *rcpt, int64_t count)
{
	static const struct admission_subject subjects[] = {
	    {SUBJECT_ACCOUNT, {"x@a.example", 11}},
	    {SUBJECT_DOMAIN, {"a.example", 9}},
	};

	return (struct admission_request){.stage = stage,
	    .instance = str_from(instance),
	    .queue_id = str_from(qid),
	    .recipient = str_from(rcpt),
	    .recipient_count = count,
	    .subjects = subjects,
	    .n_subjects = 2,
	    .now = 1000};
}

/* Asks, then admits; returns what was asked. */
static int64_t
admit(enum admission_stage stage, const char *instance, const char *qid,
    const char *rcpt, int64_t count)
{
	struct admission_request q = request(stage, instance, qid, rcpt, count);
	struct admission_count asked;

	admission_ask(a, &q, &asked);
	admission_admit(a, &q);
	return asked.recipients;
}

static struct admission_count
pending(enum subject_kind kind)
{
	struct admission_count c;

	admission_pending(a, kind,
	    kind == SUBJECT_ACCOUNT ? STR("x@a.example") : STR("a.example"),
	    &c);
	return c;
}

static void
start(size_t max)
{
	a = admission_new(&(struct admission_options){max, 600});
}

static void
stop(void)
{
	struct admission_stats stats;

	admission_advance(a, 1000000);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 0);
	CHECK_INT(pending(SUBJECT_DOMAIN).messages, 0);
	admission_stats(a, &stats);
	CHECK_INT(stats.entries, 0);
	admission_free(&a);
}

static void
stages_count_a_recipient_once(void)
{
	start(10);
	CHECK_INT(admit(ADMISSION_RCPT, "1.a", "", "r1", 0), 1);
	CHECK_INT(admit(ADMISSION_RCPT, "1.a", "", "r1", 0), 0);
	CHECK_INT(admit(ADMISSION_RCPT, "1.a", "Q1", "r2", 0), 1);
	CHECK_INT(admit(ADMISSION_DATA, "1.a", "Q1", "", 2), 0);
	CHECK_INT(admit(ADMISSION_END, "1.a", "Q1", "", 2), 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 2);
	CHECK_INT(pending(SUBJECT_ACCOUNT).messages, 1);
	CHECK_INT(pending(SUBJECT_DOMAIN).recipients, 2);
	/* Only DATA wired. */
	CHECK_INT(admit(ADMISSION_DATA, "2.a", "Q2", "", 40), 40);
	CHECK_INT(pending(SUBJECT_DOMAIN).recipients, 42);
	/* A later restriction refused some of them. */
	CHECK_INT(admit(ADMISSION_RCPT, "3.a", "", "r1", 0), 1);
	CHECK_INT(admit(ADMISSION_RCPT, "3.a", "", "r2", 0), 1);
	CHECK_INT(admit(ADMISSION_DATA, "3.a", "", "", 1), 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 43);
	stop();
}

static void
inside_recipients_do_not_count(void)
{
	struct admission_request q =
	    request(ADMISSION_RCPT, "1.a", "", "in@a.example", 0);
	struct admission_count asked;

	start(10);
	q.is_inside = true;
	admission_ask(a, &q, &asked);
	CHECK_INT(asked.recipients, 0);
	CHECK_INT(asked.messages, 1);
	admission_admit(a, &q);
	CHECK_INT(admit(ADMISSION_RCPT, "1.a", "Q1", "out", 0), 1);
	CHECK_INT(admit(ADMISSION_DATA, "1.a", "Q1", "", 2), 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 1);
	/* Unknown ones that Postfix refuses hide none that it takes. */
	for (int i = 0; i < 9; i++) {
		char rcpt[] = "0@a.example";

		rcpt[0] = (char)('0' + i);
		q = request(ADMISSION_RCPT, "2.a", "", rcpt, 0);
		q.is_inside = true;
		admission_admit(a, &q);
	}
	CHECK_INT(admit(ADMISSION_RCPT, "2.a", "Q2", "out1", 0), 1);
	CHECK_INT(admit(ADMISSION_RCPT, "2.a", "Q2", "out2", 0), 1);
	CHECK_INT(admit(ADMISSION_DATA, "2.a", "Q2", "", 2), 0);
	CHECK_INT(admit(ADMISSION_END, "2.a", "Q2", "", 2), 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 3);
	stop();
}

static void
the_log_takes_over(void)
{
	start(10);
	admit(ADMISSION_RCPT, "1.a", "", "r1", 0);
	admit(ADMISSION_RCPT, "1.a", "Q1", "r2", 0);
	admission_seen(a, STR("Q9"), STR("other"), 2);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 2);
	admission_seen(a, STR("Q1"), STR("x@a.example"), 2);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 0);
	/* A single recipient at RCPT: no queue id was ever told. */
	admit(ADMISSION_RCPT, "2.a", "", "r1", 0);
	admit(ADMISSION_RCPT, "2.b", "", "r1", 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 2);
	admission_seen(a, STR("Q7"), STR("x@a.example"), 1);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 1);
	/* A proxy filter: the one of as many recipients. */
	admit(ADMISSION_DATA, "3.a", "", "", 30);
	admission_seen(a, STR("Q8"), STR("x@a.example"), 30);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 1);
	/* Someone else's queue id leaves named ones alone. */
	admit(ADMISSION_DATA, "4.a", "Q4", "", 5);
	admission_seen(a, STR("Q5"), STR("x@a.example"), 5);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 5);
	stop();
}

static void
refused_and_aborted_do_not_count(void)
{
	struct admission_request q;
	struct admission_stats stats;

	start(10);
	q = request(ADMISSION_RCPT, "1.a", "", "r1", 0);
	admission_refuse(a, &q);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 0);
	admit(ADMISSION_RCPT, "1.a", "", "r2", 0);
	q = request(ADMISSION_RCPT, "1.a", "Q1", "r3", 0);
	admission_refuse(a, &q);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 1);
	q = request(ADMISSION_DATA, "1.a", "Q1", "", 1);
	admission_refuse(a, &q);
	CHECK_INT(pending(SUBJECT_ACCOUNT).messages, 0);
	/* MAIL, RCPT, RSET, again, where DATA is known to be wired. */
	admit(ADMISSION_RCPT, "7.a", "", "r1", 0);
	admit(ADMISSION_RCPT, "7.b", "", "r1", 0);
	admit(ADMISSION_RCPT, "7.c", "", "r1", 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 1);
	admission_stats(a, &stats);
	CHECK_INT(stats.aborted, 2);
	/* Came to its end: stays until the log shows it. */
	admit(ADMISSION_DATA, "7.c", "Q2", "", 1);
	admit(ADMISSION_RCPT, "7.d", "", "r1", 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 2);
	stop();
}

static void
lapses_and_stays_bounded(void)
{
	struct admission_stats stats;

	start(3);
	for (int i = 0; i < 5; i++) {
		char instance[] = "0.x";

		instance[0] = (char)('1' + i);
		admit(ADMISSION_DATA, instance, instance, "", 10);
	}
	admission_stats(a, &stats);
	CHECK_INT(stats.entries, 3);
	CHECK_INT(stats.dropped, 2);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 30);
	admission_advance(a, 1599);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 30);
	admission_advance(a, 1600);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 0);
	/* Without an instance each request is a message. */
	admit(ADMISSION_RCPT, "", "", "r1", 0);
	admit(ADMISSION_RCPT, "", "", "r1", 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 2);
	stop();
}

static void
a_queue_id_used_again_finds_the_later(void)
{
	start(10);
	admit(ADMISSION_DATA, "1.a", "Q1", "", 3);
	admit(ADMISSION_DATA, "2.a", "Q1", "", 5);
	admission_seen(a, STR("Q1"), STR("x@a.example"), 5);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 3);
	stop();
}

TESTS(TEST(stages_count_a_recipient_once), TEST(inside_recipients_do_not_count),
    TEST(the_log_takes_over), TEST(refused_and_aborted_do_not_count),
    TEST(lapses_and_stays_bounded), TEST(a_queue_id_used_again_finds_the_later))
