/* ledger_keep_test - what nobody asks about goes: counts of places beyond what
 * is kept of them, and who was silent for so long; what is asked is right
 */
#include <stdio.h>

#include "ledger/books.h"
#include "ledger/ledger_bed.h"
#include "ledger/ledger_draw.h"

enum { KEEP = 8 * DAY, DAYS = 30, PLACES = 5 };

/* The journal of `few`, replayed: a start after a kill. */
struct pair {
	struct ledger *full, *few, *again;
	struct books_part part, again_part;
};

static struct pair
make_pair(void)
{
	struct pair p = {.full = ledger_new(&options),
	    .few = ledger_new(&options),
	    .again = ledger_new(&options)};

	for (int i = 0; i < 2; i++) {
		struct ledger *l = i ? p.again : p.few;

		ledger_keep(l, SUBJECT_CLIENT, KEEP);
		ledger_keep(l, SUBJECT_NETWORK, KEEP);
	}
	p.part = ledger_part(p.few);
	p.again_part = ledger_part(p.again);
	return p;
}

static void
done_pair(struct pair *p)
{
	ledger_free(&p->full);
	ledger_free(&p->few);
	ledger_free(&p->again);
}

static void
commit(struct pair *p)
{
	struct text journal;

	text_grow(&journal, 1 << 20);
	p->part.save(p->few, &journal);
	CHECK(p->again_part.replay(p->again, text_view(&journal)));
	text_done(&journal);
}

static void
silence(struct pair *p, int64_t *at)
{
	for (int i = 0; i < 12; i++, *at += 600) {
		ledger_tick(p->full, *at);
		ledger_tick(p->few, *at);
		commit(p);
	}
}

static void
compare(struct pair *p, struct ledger *l, enum subject_kind kind, int64_t keep)
{
	static const int64_t windows[] = {600, 3600, DAY, 7 * DAY, 35 * DAY};
	struct subject *s;

	for (size_t i = 0; (s = ledger_next(p->full, &i));) {
		struct subject *t = ledger_find(l, kind, subject_key(s));
		bool is_over = subject_last_seen(s) + keep <=
			       ledger_now(p->full) - 2 * DAY;

		if (subject_kind(s) != kind)
			continue;
		if (kind == SUBJECT_CLIENT && is_over)
			CHECK(!t);
		for (int w = 0; w < 5; w++) {
			uint64_t sum =
			    subject_sum(p->full, s, COUNT_MESSAGES, windows[w]);

			if (windows[w] <= keep)
				CHECK_INT(t ? subject_sum(l, t, COUNT_MESSAGES,
						  windows[w])
					    : 0,
				    sum);
		}
	}
}

static void
what_is_asked_is_right(void)
{
	struct pair p = make_pair();
	int64_t at = T0;
	char address[32];

	CHECK_INT(ledger_keeps(p.few, SUBJECT_CLIENT, COUNT_MESSAGES), KEEP);
	CHECK_INT(ledger_keeps(p.few, SUBJECT_ACCOUNT, COUNT_MESSAGES),
	    RECORD_DAYS * DAY);
	for (int day = 0; day < DAYS; day++) {
		for (int i = 0; i < 40; i++) {
			struct fact f =
			    make(FACT_ACCEPTED, at, "a@example.com");

			snprintf(address, sizeof(address), "192.0.%d.7",
			    (int)draw(PLACES) + (day < 9 ? PLACES : 0));
			f.client = client(address);
			add(p.full, &f);
			add(p.few, &f);
			at += (int64_t)draw(1200);
			if (i % 8 == 7)
				commit(&p);
		}
		silence(&p, &at);
		compare(&p, p.few, SUBJECT_CLIENT, KEEP);
		compare(&p, p.few, SUBJECT_NETWORK, KEEP);
		compare(&p, p.few, SUBJECT_ACCOUNT, RECORD_DAYS * DAY);
		ledger_tick(p.again, ledger_now(p.few));
		compare(&p, p.again, SUBJECT_CLIENT, KEEP);
		compare(&p, p.again, SUBJECT_ACCOUNT, RECORD_DAYS * DAY);
		at += 9 * 3600;
	}
	CHECK(ledger_subjects(p.few) < ledger_subjects(p.full));
	done_pair(&p);
}

/* The oldest go by days, not with each look. */
static void
a_record_forgets_by_days(void)
{
	struct record r = {0};
	int64_t now = T0 - T0 % DAY;

	for (int i = 0; i < 12; i++)
		record_add(&r, COUNT_MESSAGES, now + i * DAY, now + i * DAY, 1);
	now += 12 * DAY;
	record_fold(&r, now);
	CHECK(!record_forget(&r, 12 * 1440, now));
	CHECK_INT(record_sum(&r, COUNT_MESSAGES, 35 * DAY, 0, now), 12);
	CHECK(record_forget(&r, 8 * 1440, now));
	CHECK_INT(record_sum(&r, COUNT_MESSAGES, 8 * DAY, 0, now),
	    record_sum(&r, COUNT_MESSAGES, 35 * DAY, 0, now));
	CHECK(!record_forget(&r, 8 * 1440, now + 3600));
	record_saved(&r);
	record_shrink(&r);
	now += 9 * DAY;
	CHECK(record_forget(&r, 8 * 1440, now));
	CHECK(record_is_empty(&r));
	CHECK(!record_forget(&r, 8 * 1440, now));
	record_done(&r);
}

/* What is older goes when who has it is silent, and nothing else does. */
static void
sizes_are_kept_for_less_long(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact f = make(FACT_ACCEPTED, T0, "a@example.com");

	f.client = client("192.0.2.7");
	f.size_bytes = 10 * 1024;
	ledger_keep_sizes(l, SUBJECT_CLIENT, DAY);
	CHECK_INT(ledger_keeps(l, SUBJECT_CLIENT, COUNT_KIB), DAY);
	for (int hour = 0; hour <= 48; hour++, f.at += 3600)
		add(l, &f);
	for (int64_t now = f.at; now < f.at + 3600; now++)
		ledger_tick(l, now);
	struct subject *s = ledger_find(l, SUBJECT_CLIENT, STR("192.0.2.7"));
	struct subject *a =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("a@example.com"));

	CHECK_INT(subject_sum(l, s, COUNT_MESSAGES, 8 * DAY), 49);
	CHECK_INT(subject_sum(l, a, COUNT_KIB, 8 * DAY), 490);
	CHECK_INT(subject_sum(l, s, COUNT_KIB, DAY),
	    subject_sum(l, a, COUNT_KIB, DAY));
	CHECK(subject_sum(l, s, COUNT_KIB, 8 * DAY) <=
	      subject_sum(l, a, COUNT_KIB, DAY + 4 * 3600));
	ledger_free(&l);
}

TESTS(TEST(what_is_asked_is_right), TEST(a_record_forgets_by_days),
    TEST(sizes_are_kept_for_less_long))
