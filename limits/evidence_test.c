/* evidence_test - when it began, and what was known by then */
#include "limits/evidence.h"

#include <stdlib.h>

#include "base/test.h"

enum { NOW = 1767225600, HOUR = 3600, DAY = 86400 };

static struct ledger *ledger;

static void
send_from(const char *client, int64_t at)
{
	struct ledger_touched touched;
	struct fact f = {.kind = FACT_ACCEPTED,
	    .at = at,
	    .accepted_at = at,
	    .account = STR("a@x.example"),
	    .n = 1};

	CHECK(ip_parse(str_from(client), &f.client));
	ledger_add(ledger, &f, &touched);
}

static void
find(int64_t window, const struct evidence *earlier, struct evidence *out)
{
	const struct verdict v = {.n_reasons = 2,
	    .reasons = {{.rule = "r", .window = window},
		{.rule = "w", .window = 30 * DAY, .is_warning = true}}};
	const struct judge_input in = {.ledger = ledger,
	    .subject = ledger_find(ledger, SUBJECT_ACCOUNT, STR("a@x.example")),
	    .now = NOW};

	evidence_find(&in, &v, DAY, earlier, out);
}

static bool
knows(const struct evidence *e, const char *client)
{
	struct ip ip;

	CHECK(ip_parse(str_from(client), &ip));
	return evidence_knows(e, &ip);
}

static void
begin(void)
{
	const struct ledger_options o = {.max_subjects = 100};

	ledger = ledger_new(&o);
	send_from("192.0.2.1", NOW - 10 * DAY);
	send_from("192.0.2.2", NOW - 100);
}

/* It began with the first message from a network that is new. */
static void
a_new_network(void)
{
	struct evidence e, next;

	begin();
	/* Tried out hours ahead. */
	send_from("198.51.100.1", NOW - 5 * HOUR);
	send_from("203.0.113.1", NOW - 300);
	send_from("203.0.114.1", NOW - 200);
	find(HOUR, NULL, &e);
	CHECK_INT(e.began, NOW - 300);
	CHECK_INT(e.n, 1);
	CHECK(knows(&e, "192.0.2.77"));
	CHECK(!knows(&e, "198.51.100.1"));
	CHECK(!knows(&e, "203.0.113.1"));
	/* A later verdict by a shorter window: it began when it began. */
	find(100, &e, &next);
	CHECK_INT(next.began, NOW - 300);
	CHECK_INT(next.n, 1);
	ledger_free(&ledger);
}

/* From the account's own network: a robbed computer. */
static void
no_new_network(void)
{
	struct evidence e;

	begin();
	find(HOUR, NULL, &e);
	CHECK_INT(e.began, NOW - HOUR);
	CHECK(knows(&e, "192.0.2.1"));
	ledger_free(&ledger);
}

TESTS(TEST(a_new_network), TEST(no_new_network))
