/* ledger_late_test - facts that come late count as if they had been looked at
 * one by one: a log that lags behind the books' clock, by minutes or hours
 */
#include "ledger/ledger_bed.h"
#include "ledger/ledger_draw.h"

enum { FACTS = 3000, ROUNDS = 12 };

static const int64_t windows[] = {60, 600, 3600, 86400};
enum { WINDOWS = sizeof(windows) / sizeof(*windows) };

/* The same facts in two ledgers: the cells of one are asked for after each. */
struct pair {
	struct ledger *asked, *left;
	int slots[WINDOWS];
};

static struct fact
some_fact(int64_t at)
{
	static const char *const accounts[] = {
	    "a@example.com", "b@example.com", "c@example.com"};
	static const enum fact_kind kinds[] = {
	    FACT_ACCEPTED, FACT_RECIPIENT, FACT_DELIVERED, FACT_BOUNCED};
	struct fact f = make(kinds[draw(4)], at, accounts[draw(3)]);

	f.n = 1 + (int32_t)draw(3);
	return f;
}

static void
compare(struct pair *p, const struct fact *f)
{
	struct subject *a = ledger_find(p->asked, SUBJECT_ACCOUNT, f->account);
	struct subject *b = ledger_find(p->left, SUBJECT_ACCOUNT, f->account);

	for (size_t i = 0; i < WINDOWS; i++) {
		uint64_t sum =
		    subject_sum(p->asked, a, COUNT_RECIPIENTS, windows[i]);

		/* No less, whatever was asked before. */
		CHECK(at_most(p->left, b, p->slots[i]) >= sum);
	}
	for (size_t i = 0; i < WINDOWS; i++) {
		uint64_t sum =
		    subject_sum(p->asked, a, COUNT_RECIPIENTS, windows[i]);

		CHECK_INT(subject_watched(p->left, b, p->slots[i]), sum);
		CHECK_INT(
		    subject_sum(p->left, b, COUNT_RECIPIENTS, windows[i]), sum);
	}
	CHECK_INT(subject_last_seen(b), subject_last_seen(a));
}

static void
ask(struct pair *p, const struct fact *f)
{
	subject_sum(p->asked,
	    ledger_find(p->asked, SUBJECT_ACCOUNT, f->account),
	    COUNT_RECIPIENTS, 3600);
}

static void
mark_both(struct pair *p, const struct fact *f, int64_t mark)
{
	ledger_mark(
	    p->asked, ledger_find(p->asked, SUBJECT_ACCOUNT, f->account), mark);
	ledger_mark(
	    p->left, ledger_find(p->left, SUBJECT_ACCOUNT, f->account), mark);
}

/* lag: how far the clock is ahead of the log; now and then it is ahead by as
 * much and another source's facts are of now. */
static void
run(int64_t lag)
{
	struct pair p = {ledger_new(&options), ledger_new(&options), {0}};
	int64_t at = T0;

	for (size_t i = 0; i < WINDOWS; i++) {
		p.slots[i] = ledger_watch(p.left, COUNT_RECIPIENTS, windows[i]);
		ledger_watch(p.asked, COUNT_RECIPIENTS, windows[i]);
	}
	for (unsigned i = 0; i < test_trials(FACTS); i++) {
		struct fact f = some_fact(draw(9) ? at : at + lag);

		at += (int64_t)draw(i % 100 ? 8 : 2000);
		add(p.asked, &f);
		add(p.left, &f);
		ask(&p, &f);
		if (i % 7 == 6) {
			ledger_tick(p.asked, at + lag);
			ledger_tick(p.left, at + lag);
		}
		if (i % 400 == 399)
			mark_both(&p, &f, at + (int64_t)draw(2) * lag);
		if (draw(20) == 0)
			compare(&p, &f);
	}
	ledger_free(&p.asked);
	ledger_free(&p.left);
}

static void
late_facts_count_as_others(void)
{
	for (int i = 0; i < ROUNDS; i++) {
		run(i);
		run(60 + 45 * i);
		run(3600 * (1 + i * i));
		run(i * 3 * DAY);
	}
}

TESTS(TEST(late_facts_count_as_others))
