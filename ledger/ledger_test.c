/* ledger_test - who is counted for what; marks; bounds */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "ledger/ledger_bed.h"

static uint64_t
sum(struct ledger *l, enum subject_kind kind, const char *key, enum count c)
{
	struct subject *s = ledger_find(l, kind, str_from(key));

	return s ? subject_sum(l, s, c, 3600) : 0;
}

static void
counts_for_everyone_concerned(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact f = make(FACT_ACCEPTED, T0, "uid:www-data");

	f.claimed = STR("shop@example.com");
	f.size_bytes = 2049;
	CHECK_INT(add(l, &f), 6);
	f.kind = FACT_RECIPIENT;
	CHECK_INT(add(l, &f), 6);
	static const struct {
		enum subject_kind kind;
		const char *key;
	} all[] = {{SUBJECT_ACCOUNT, "uid:www-data"},
	    {SUBJECT_CLAIMED, "uid:www-data/shop@example.com"},
	    {SUBJECT_DOMAIN, "example.com"}, {SUBJECT_CLIENT, "192.0.2.7"},
	    {SUBJECT_NETWORK, "192.0.2.0/24"}, {SUBJECT_ALL, ""}};

	for (size_t i = 0; i < 6; i++) {
		CHECK_INT(sum(l, all[i].kind, all[i].key, COUNT_MESSAGES), 1);
		CHECK_INT(sum(l, all[i].kind, all[i].key, COUNT_RECIPIENTS), 1);
		CHECK_INT(sum(l, all[i].kind, all[i].key, COUNT_KIB), 3);
	}
	CHECK_INT(ledger_subjects(l), 6);
	CHECK_INT(ledger_began(l), T0);
	ledger_free(&l);
}

static void
each_kind_has_its_count(void)
{
	static const struct {
		enum fact_kind kind;
		int outward, inside;
	} all[] = {
	    {FACT_RECIPIENT, COUNT_RECIPIENTS, COUNT_INSIDE},
	    {FACT_DELIVERED, COUNT_DELIVERED, COUNT_INSIDE_DELIVERED},
	    {FACT_DEFERRED, COUNT_DEFERRED, -1},
	    {FACT_DEFERRAL, COUNT_DEFERRALS, -1},
	    {FACT_UNKNOWN_USER, COUNT_UNKNOWN_USER, COUNT_INSIDE_FAILED},
	    {FACT_REFUSED, COUNT_REFUSED, COUNT_INSIDE_FAILED},
	    {FACT_BOUNCED, COUNT_BOUNCED, COUNT_INSIDE_FAILED},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		for (int out = 0; out < 2; out++) {
			struct ledger *l = ledger_new(&options);
			struct fact f = make(all[i].kind, T0, "a@example.com");
			int want = out ? all[i].outward : all[i].inside;

			f.is_outward = out;
			add(l, &f);
			for (int c = 0; c < COUNTS; c++)
				CHECK_INT(sum(l, SUBJECT_ACCOUNT,
					      "a@example.com", (enum count)c),
				    c == want || (c == COUNT_STRANGERS &&
						     want == COUNT_RECIPIENTS));
			ledger_free(&l);
		}
	}
}

static void
strangers_make_no_accounts(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact f = make(FACT_LOGIN_FAILED, T0, "a@example.com");

	add(l, &f);
	CHECK(!ledger_find(l, SUBJECT_ACCOUNT, STR("a@example.com")));
	CHECK_INT(sum(l, SUBJECT_CLIENT, "192.0.2.7", COUNT_LOGIN_FAILED), 1);
	f.kind = FACT_ACCEPTED;
	add(l, &f);
	f.kind = FACT_LOGIN_FAILED;
	add(l, &f);
	CHECK_INT(
	    sum(l, SUBJECT_ACCOUNT, "a@example.com", COUNT_LOGIN_FAILED), 1);
	/* Inbound mail is nobody's. */
	f = make(FACT_ACCEPTED, T0 + 1, "");
	CHECK_INT(add(l, &f), 0);
	CHECK_INT(ledger_now(l), T0 + 1);
	ledger_free(&l);
}

static void
pending_comes_and_goes(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact f = make(FACT_PENDING, T0, "a@example.com");

	f.n = 40;
	CHECK_INT(add(l, &f), 2);
	f.n = -15;
	add(l, &f);
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("a@example.com"));

	CHECK_INT(subject_pending(s), 25);
	f = make(FACT_RECIPIENT, T0, "a@example.com");
	f.was_pending = true;
	add(l, &f);
	CHECK_INT(subject_pending(s), 24);
	CHECK_INT(subject_sum(l, s, COUNT_RECIPIENTS, 3600), 1);
	f = make(FACT_PENDING, T0, "a@example.com");
	f.n = -100;
	add(l, &f);
	CHECK_INT(subject_pending(s), 0);
	ledger_free(&l);
}

/* New settings ask about more: nothing that was handed out may move then. */
static void
what_is_watched_later_is_at_hand(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");
	int first = ledger_watch(l, COUNT_RECIPIENTS, 600);

	add(l, &f);
	struct subject *s = ledger_find(l, SUBJECT_ACCOUNT, f.account);

	CHECK_INT(at_most(l, s, first), 1);
	int later = ledger_watch(l, COUNT_RECIPIENTS, DAY);

	CHECK_INT(at_most(l, s, later), 1);
	struct subject_sums sums;

	subject_watched_all(l, s, &sums);
	CHECK_INT(sums.n, 2);
	CHECK_INT(sums.whole[later] + sums.now[COUNT_RECIPIENTS], 1);
	ledger_free(&l);
}

static uint64_t seed = 7;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static void
check_watched(struct ledger *l, struct subject *s, const int *slots,
    const int64_t *windows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint64_t most = at_most(l, s, slots[i]);
		uint64_t sum = subject_sum(l, s, COUNT_RECIPIENTS, windows[i]);

		CHECK(most >= sum);
		if (draw(2))
			CHECK_INT(subject_watched(l, s, slots[i]), sum);
	}
}

/* Running sums are what a walk over the cells says, at any moment. */
static void
compare_sums(const int64_t windows[6])
{
	static const char *const names[] = {"a@x", "b@x", "c@x", "d@x"};
	struct ledger *l = ledger_new(&options);
	int slots[6];
	int64_t now = T0;

	for (size_t i = 0; i < 5; i++)
		slots[i] = ledger_watch(l, COUNT_RECIPIENTS, windows[i]);
	CHECK_INT(ledger_watch(l, COUNT_RECIPIENTS, 600), slots[1]);
	slots[5] = -1;
	for (int i = 0; i < 20000; i++) {
		now += draw(6) ? draw(3) : draw(40) ? draw(200) : draw(DAY);
		struct fact f = make(FACT_RECIPIENT,
		    now - (draw(5) ? 0 : draw(200)), names[draw(4)]);

		add(l, &f);
		if (i == 9000)
			slots[5] = ledger_watch(l, COUNT_RECIPIENTS, 30 * DAY);
		struct subject *s =
		    ledger_find(l, SUBJECT_ACCOUNT, str_from(names[draw(4)]));

		if (s && draw(500) == 0)
			ledger_mark(l, s, now - draw(30));
		if (s && draw(2))
			check_watched(
			    l, s, slots, windows, slots[5] < 0 ? 5 : 6);
		if (draw(30) == 0)
			ledger_tick(l, now);
	}
	ledger_free(&l);
}

static void
running_sums_are_right(void)
{
	compare_sums((int64_t[]){60, 600, 3600, 4200, DAY, 30 * DAY});
}

/* Folding puts back what such a window has passed. */
static void
odd_windows_are_right(void)
{
	compare_sums(
	    (int64_t[]){60, 600, 3900, 173000, 8 * DAY + 7200, 30 * DAY});
}

/* A full queue is no reason to suspend again who was just lifted. */
static void
mark_forgets_what_is_pending(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact f = make(FACT_PENDING, T0, "a@example.com");

	f.is_outward = true;
	f.accepted_at = T0;
	f.n = 200;
	add(l, &f);
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("a@example.com"));

	CHECK_INT(subject_pending(s), 200);
	ledger_mark(l, s, T0 + 5);
	CHECK_INT(subject_pending(s), 0);
	f.at = f.accepted_at = T0 + 10;
	f.n = 3;
	add(l, &f);
	f.at = T0 + 20;
	f.accepted_at = T0;
	f.n = -150;
	add(l, &f);
	CHECK_INT(subject_pending(s), 3);
	CHECK_INT(
	    subject_pending(ledger_find(l, SUBJECT_DOMAIN, STR("example.com"))),
	    53);
	ledger_free(&l);
}

static void
mark_forgets_what_was_before(void)
{
	struct ledger *l = ledger_new(&options);
	int slot = ledger_watch(l, COUNT_RECIPIENTS, 3600);
	struct fact f = make(FACT_RECIPIENT, T0, "a@example.com");

	for (int i = 0; i < 300; i++)
		add(l, &f);
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("a@example.com"));

	CHECK_INT(subject_watched(l, s, slot), 300);
	ledger_mark(l, s, T0 + 5);
	CHECK_INT(subject_watched(l, s, slot), 0);
	/* Still in the queue when it was lifted. */
	f.at = T0 + 300;
	f.accepted_at = T0 + 5;
	add(l, &f);
	CHECK_INT(subject_watched(l, s, slot), 0);
	/* The same minute, after the lift. */
	f.at = f.accepted_at = T0 + 6;
	add(l, &f);
	CHECK_INT(subject_watched(l, s, slot), 1);
	/* And for long. */
	f.at = f.accepted_at = T0 + 3 * DAY;
	add(l, &f);
	CHECK_INT(subject_sum(l, s, COUNT_RECIPIENTS, 7 * DAY), 2);
	CHECK_INT(subject_mark(s), T0 + 5);
	ledger_mark(l, s, T0 + 1);
	CHECK_INT(subject_mark(s), T0 + 5);
	/* The domain wasn't lifted. */
	CHECK_INT(
	    subject_sum(l, ledger_find(l, SUBJECT_DOMAIN, STR("example.com")),
		COUNT_RECIPIENTS, 7 * DAY),
	    303);
	ledger_free(&l);
}

static void
memory_is_bounded(void)
{
	struct ledger *l = ledger_new(&options);
	struct fact keep = make(FACT_ACCEPTED, T0, "keep@example.com");
	char name[64];

	for (int i = 0; i < 50000; i++) {
		struct fact f = make(FACT_LOGIN_FAILED, T0 + i, "");

		f.client.b[13] = (uint8_t)(i >> 8);
		f.client.b[14] = (uint8_t)i;
		add(l, &f);
		CHECK(ledger_subjects(l) <= 1000);
		if (i % 100 == 0) {
			keep.at = keep.accepted_at = T0 + i;
			add(l, &keep);
		}
	}
	/* Strangers pushed out strangers only, and so do claims. */
	CHECK(ledger_find(l, SUBJECT_ACCOUNT, keep.account));
	for (int i = 0; i < 5000; i++) {
		struct fact f = make(FACT_ACCEPTED, T0 + 50000, "uid:web");

		snprintf(name, sizeof(name), "u%d@example.com", i);
		f.is_shared = true;
		f.claimed = str_from(name);
		add(l, &f);
	}
	CHECK(ledger_find(l, SUBJECT_ACCOUNT, keep.account));
	for (int i = 0; i < 5000; i++) {
		snprintf(name, sizeof(name), "u%d@example.com", i);
		struct fact f = make(FACT_ACCEPTED, T0 + 50000 + i, name);

		add(l, &f);
		CHECK(ledger_subjects(l) <= 1000);
	}
	CHECK(!ledger_find(l, SUBJECT_ACCOUNT, keep.account));
	CHECK(ledger_find(l, SUBJECT_ACCOUNT, str_from(name)));
	CHECK_INT(ledger_began(l), T0);
	for (int i = 0; i < 100; i++)
		ledger_tick(l, T0 + 40 * DAY);
	CHECK_INT(ledger_subjects(l), 1);
	ledger_free(&l);
}

static void
distinct_recipients_and_networks(void)
{
	struct ledger *l = ledger_new(&options);
	char to[64];

	for (int i = 0; i < 3000; i++) {
		struct fact f = make(FACT_RECIPIENT, T0 + i, "a@example.com");

		snprintf(to, sizeof(to), "r%d@example.net", i % 2000);
		f.recipient = str_from(to);
		add(l, &f);
		f.kind = FACT_ACCEPTED;
		f.client.b[14] = (uint8_t)(i / 1000);
		add(l, &f);
	}
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("a@example.com"));
	struct subject_network nets[SUBJECT_NETWORKS];
	uint64_t n = subject_distinct_recipients(s, 3600, T0 + 3000);

	CHECK(n > 1800 && n < 2200);
	CHECK_INT(subject_networks(s, nets), 3);
	CHECK_INT(nets[0].net.ip.b[14], 2);
	CHECK_INT(nets[0].net.bits, 120);
	CHECK_INT(nets[2].first_seen, T0);
	CHECK_INT(subject_distinct_networks(s, 3600, T0 + 3000), 3);
	CHECK_INT(subject_distinct_networks(s, 500, T0 + 3000), 1);
	ledger_free(&l);
}

static void
usual_is_what_past_windows_held(void)
{
	struct ledger *l = ledger_new(&options);
	struct subject_past past;
	int64_t now = T0 - T0 % DAY;

	for (int day = 0; day < 6; day++) {
		for (int hour = 8; hour < 16; hour++) {
			int64_t at = now + day * DAY + hour * 3600 + 60;
			struct fact f = make(FACT_RECIPIENT, at, "a@x");

			f.n = hour == 15 ? 9 : 3;
			add(l, &f);
		}
	}
	now += 5 * DAY + 20 * 3600;
	ledger_tick(l, now);
	struct subject *s = ledger_find(l, SUBJECT_ACCOUNT, STR("a@x"));

	subject_usual(l, s, COUNT_RECIPIENTS, 3600, 0.5, &past);
	CHECK_INT(past.usual, 3);
	CHECK_INT(past.windows, 48);
	subject_usual(l, s, COUNT_RECIPIENTS, 3600, 1, &past);
	CHECK_INT(past.usual, 9);
	subject_usual(l, s, COUNT_RECIPIENTS, 600, 0.95, &past);
	CHECK_INT(past.usual, 9);
	subject_usual(l, s, COUNT_MESSAGES, 600, 0.95, &past);
	CHECK_INT(past.usual, 0);
	CHECK_INT(past.windows, 0);
	uint64_t series[24];

	subject_series(l, s, COUNT_RECIPIENTS, 3600, series, 24);
	CHECK_INT(series[23 - 5] + series[23 - 4], 9);
	CHECK_INT(series[23], 0);
	ledger_free(&l);
}

TESTS(TEST(counts_for_everyone_concerned), TEST(each_kind_has_its_count),
    TEST(strangers_make_no_accounts), TEST(pending_comes_and_goes),
    TEST(running_sums_are_right), TEST(what_is_watched_later_is_at_hand),
    TEST(odd_windows_are_right), TEST(mark_forgets_what_was_before),
    TEST(mark_forgets_what_is_pending), TEST(memory_is_bounded),
    TEST(distinct_recipients_and_networks),
    TEST(usual_is_what_past_windows_held))
