/* The busiest are the right ones, whatever comes, grows old or was there. */
#include "base/test.h"

#include <stdio.h>

#include "daemon/busiest.h"

enum { BEGAN = 1795300000, MINUTE = 60, HOUR = 3600 };

static struct ledger *ledger;
static struct busiest *busiest;

static void
begin(void)
{
	const struct ledger_options o = {.max_subjects = 100000};

	ledger = ledger_new(&o);
	busiest = busiest_new(ledger);
}

static void
end(void)
{
	busiest_free(&busiest);
	ledger_free(&ledger);
}

static void
send(unsigned account, unsigned n, int64_t at, bool is_noted)
{
	struct ledger_touched touched;
	char name[64];
	struct fact f = {.kind = FACT_RECIPIENT,
	    .is_outward = true,
	    .at = at,
	    .accepted_at = at,
	    .recipient = STR("x@world.example"),
	    .n = 1};

	snprintf(name, sizeof(name), "a%u@example.com", account);
	f.account = str_from(name);
	for (unsigned i = 0; i < n; i++) {
		ledger_add(ledger, &f, &touched);
		for (size_t k = 0; is_noted && k < touched.n; k++) {
			if (subject_kind(touched.v[k]) == SUBJECT_ACCOUNT)
				busiest_note(busiest, touched.v[k]);
		}
	}
}

static void
check_first(size_t want_n, const char *first, uint64_t hour)
{
	struct busiest_one v[BUSIEST];
	size_t n = busiest_list(busiest, v);

	CHECK_INT(n, want_n);
	if (n == 0)
		return;
	CHECK_STR(subject_key(v[0].subject), str_from(first));
	CHECK_INT(v[0].hour, hour);
	for (size_t i = 1; i < n; i++)
		CHECK(v[i - 1].hour >= v[i].hour);
}

static void
few(void)
{
	begin();
	check_first(0, "", 0);
	send(1, 3, BEGAN, true);
	send(2, 5, BEGAN, true);
	send(3, 1, BEGAN, true);
	check_first(3, "a2@example.com", 5);
	send(1, 9, BEGAN + MINUTE, true);
	check_first(3, "a1@example.com", 12);
	end();
}

/* A thousand others; the one that sends most is never missed. */
static void
crowd(void)
{
	begin();
	for (unsigned i = 0; i < 1000; i++)
		send(i, 1 + i % 7, BEGAN + i / 100, true);
	send(5000, 50, BEGAN + 20, true);
	check_first(BUSIEST, "a5000@example.com", 50);
	struct busiest_one v[BUSIEST];

	busiest_list(busiest, v);
	CHECK_INT(v[BUSIEST - 1].hour, 7);
	end();
}

/* Yesterday's busiest make room. */
static void
old_ones(void)
{
	begin();
	for (unsigned i = 0; i < 2 * BUSIEST; i++)
		send(i, 20, BEGAN, true);
	send(900, 1, BEGAN + 2 * HOUR, true);
	for (unsigned i = 0; i < BUSIEST / 8; i++)
		busiest_refresh(busiest, 8);
	send(901, 2, BEGAN + 2 * HOUR, true);
	send(900, 1, BEGAN + 2 * HOUR, true);
	send(900, 1, BEGAN + 2 * HOUR, true);
	check_first(2, "a900@example.com", 3);
	end();
}

/* What was counted before. */
static void
sweep(void)
{
	unsigned n = 0;

	begin();
	for (unsigned i = 0; i < 500; i++)
		send(i, i == 77 ? 9 : 1, BEGAN, false);
	while (!busiest_sweep(busiest, 100) && n < 100)
		n++;
	CHECK(n >= 4 && n < 20);
	check_first(BUSIEST, "a77@example.com", 9);
	end();
}

TESTS(TEST(few), TEST(crowd), TEST(old_ones), TEST(sweep))
