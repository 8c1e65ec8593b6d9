/* admission_test - what policy let through and the log doesn't show yet */
#include "limits/admission.h"

#include <stdio.h>

#include "base/test.h"

static struct admission *a;

static struct admission_request
request(enum admission_stage stage, const char *instance, const char *qid,
    const char *rcpt, int64_t count)
{
	static const struct admission_subject subjects[] = {
	    {SUBJECT_ACCOUNT, {"x@a.example", 11}, 0},
	    {SUBJECT_DOMAIN, {"a.example", 9}, 0},
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
	struct admission_found found;

	admission_find(a, &q, &found);
	admission_admit(a, &q, &found);
	return found.asked.recipients;
}

static void
refuse(enum admission_stage stage, const char *instance, const char *qid,
    const char *rcpt, int64_t count)
{
	struct admission_request q = request(stage, instance, qid, rcpt, count);
	struct admission_found found;

	admission_find(a, &q, &found);
	admission_refuse(a, &q, &found);
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
	struct admission_found found;

	start(10);
	q.is_inside = true;
	admission_find(a, &q, &found);
	CHECK_INT(found.asked.recipients, 0);
	CHECK_INT(found.asked.messages, 1);
	admission_admit(a, &q, &found);
	CHECK_INT(admit(ADMISSION_RCPT, "1.a", "Q1", "out", 0), 1);
	CHECK_INT(admit(ADMISSION_DATA, "1.a", "Q1", "", 2), 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 1);
	/* Unknown ones that Postfix refuses hide none that it takes. */
	for (int i = 0; i < 9; i++) {
		char rcpt[] = "0@a.example";

		rcpt[0] = (char)('0' + i);
		q = request(ADMISSION_RCPT, "2.a", "", rcpt, 0);
		q.is_inside = true;
		admission_find(a, &q, &found);
		admission_admit(a, &q, &found);
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
	struct admission_stats stats;

	start(10);
	refuse(ADMISSION_RCPT, "1.a", "", "r1", 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 0);
	admit(ADMISSION_RCPT, "1.a", "", "r2", 0);
	refuse(ADMISSION_RCPT, "1.a", "Q1", "r3", 0);
	CHECK_INT(pending(SUBJECT_ACCOUNT).recipients, 1);
	refuse(ADMISSION_DATA, "1.a", "Q1", "", 1);
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

/* The same in the plainest way: messages in an array, the one that was asked
 * about last at the end. */
enum { MESSAGES = 5, PROCESSES = 4, ACCOUNTS = 3 };
static struct message {
	int process, account, serial, queue_id; /* queue_id 0: not told */
	int recipients, last, born;
	enum admission_stage stage;
} plain[MESSAGES + 1];
static size_t n_plain;
static enum admission_stage last_stage;

static void
forget(size_t i)
{
	memmove(plain + i, plain + i + 1, (--n_plain - i) * sizeof(*plain));
}

/* Its last transaction, be it over or not; n_plain: none. */
static size_t
latest_of(int process)
{
	size_t found = n_plain;

	for (size_t i = 0; i < n_plain; i++) {
		if (plain[i].process == process &&
		    (found == n_plain || plain[i].serial > plain[found].serial))
			found = i;
	}
	return found;
}

static void
admit_plainly(const struct message *m, int recipient)
{
	static int births;
	size_t i = latest_of(m->process);
	struct message now = *m;

	if (m->stage > last_stage)
		last_stage = m->stage;
	now.last = -1;
	now.born = ++births;
	if (i < n_plain && plain[i].serial == m->serial) {
		now = plain[i];
		forget(i);
	} else {
		if (i < n_plain && plain[i].stage < last_stage)
			forget(i);
		if (n_plain == MESSAGES)
			forget(0);
	}
	if (m->stage != ADMISSION_RCPT)
		now.recipients = recipient;
	else if (now.last != recipient)
		now.recipients++;
	if (m->stage == ADMISSION_RCPT)
		now.last = recipient;
	if (m->stage > now.stage)
		now.stage = m->stage;
	if (now.queue_id == 0)
		now.queue_id = m->queue_id;
	plain[n_plain++] = now;
}

static void
see_plainly(int queue_id, int account, int n)
{
	size_t named = n_plain, fits = n_plain, oldest = n_plain;

	for (size_t i = n_plain; i-- > 0;) {
		const struct message *m = &plain[i];

		if (m->queue_id == queue_id && named == n_plain)
			named = i;
		if (m->queue_id || m->account != account)
			continue;
		if (oldest == n_plain || m->born < plain[oldest].born)
			oldest = i;
		if (m->recipients == n &&
		    (fits == n_plain || m->born < plain[fits].born))
			fits = i;
	}
	if (named == n_plain)
		named = fits < n_plain ? fits : oldest;
	if (named < n_plain)
		forget(named);
}

static void
compare_plainly(const struct admission_subject *accounts)
{
	for (int k = 0; k < ACCOUNTS; k++) {
		struct admission_count got;
		int64_t recipients = 0, messages = 0;

		for (size_t i = 0; i < n_plain; i++) {
			if (plain[i].account == k) {
				recipients += plain[i].recipients;
				messages++;
			}
		}
		admission_pending(a, SUBJECT_ACCOUNT, accounts[k].key, &got);
		CHECK_INT(got.recipients, recipients);
		CHECK_INT(got.messages, messages);
	}
}

static uint32_t
draw(uint32_t n)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33) % n;
}

/* One request; each process is one account's, and serial is its message. */
static void
ask_both(const struct admission_subject *accounts, int *serial)
{
	int process = (int)draw(PROCESSES), account = process % ACCOUNTS;
	char instance[32], queue_id[16] = "", recipient[2] = "a";
	struct admission_found found;

	if (draw(3) == 0)
		serial[process] = ++serial[PROCESSES];
	struct message m = {.process = process,
	    .account = account,
	    .serial = serial[process],
	    .queue_id = draw(2) ? serial[process] : 0,
	    .stage = draw(4) ? ADMISSION_RCPT : ADMISSION_DATA};

	snprintf(instance, sizeof(instance), "%d.%d", process, m.serial);
	if (m.queue_id)
		snprintf(queue_id, sizeof(queue_id), "Q%d", m.queue_id);
	recipient[0] = (char)('a' + draw(3));
	struct admission_request q = {.stage = m.stage,
	    .instance = str_from(instance),
	    .queue_id = str_from(queue_id),
	    .recipient = str_from(recipient),
	    .recipient_count = 1 + draw(4),
	    .subjects = &accounts[account],
	    .n_subjects = 1,
	    .now = 1000};

	admission_find(a, &q, &found);
	if (draw(8) == 0) {
		size_t i = latest_of(process);

		admission_refuse(a, &q, &found);
		if (m.stage > last_stage)
			last_stage = m.stage;
		if (m.stage != ADMISSION_RCPT && i < n_plain &&
		    plain[i].serial == m.serial)
			forget(i);
		return;
	}
	admission_admit(a, &q, &found);
	admit_plainly(&m,
	    m.stage == ADMISSION_RCPT ? recipient[0] : (int)q.recipient_count);
}

static void
counts_as_the_plainest_way(void)
{
	static const struct admission_subject accounts[ACCOUNTS] = {
	    {SUBJECT_ACCOUNT, {"x", 1}, 0},
	    {SUBJECT_ACCOUNT, {"y", 1}, 0},
	    {SUBJECT_ACCOUNT, {"z", 1}, 0},
	};
	int serial[PROCESSES + 1] = {0};

	start(MESSAGES);
	for (int i = 0; i < 20000; i++) {
		char queue_id[16];
		int k = (int)draw(ACCOUNTS), n = 1 + (int)draw(3);
		int told = 1 + (int)draw((uint32_t)serial[PROCESSES] + 1);

		ask_both(accounts, serial);
		if (draw(4) == 0) {
			snprintf(queue_id, sizeof(queue_id), "Q%d", told);
			admission_seen(
			    a, str_from(queue_id), accounts[k].key, n);
			see_plainly(told, k, n);
		}
		compare_plainly(accounts);
	}
	stop();
}

TESTS(TEST(stages_count_a_recipient_once), TEST(inside_recipients_do_not_count),
    TEST(the_log_takes_over), TEST(refused_and_aborted_do_not_count),
    TEST(lapses_and_stays_bounded), TEST(a_queue_id_used_again_finds_the_later),
    TEST(counts_as_the_plainest_way))
