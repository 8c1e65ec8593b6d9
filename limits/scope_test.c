/* scope_test - who stands behind a network */
#include "limits/scope.h"

#include "base/test.h"
#include "base/time.h"
#include "limits/sanction.h"

enum { T0 = 1767225600, DAY = 86400 };

static struct {
	struct ledger *ledger;
	struct standings *standings;
	struct scope_good good;
} t;

static void
begin(void)
{
	const struct ledger_options l = {.max_subjects = 1000};
	const struct standings_options s = {1000, 0};

	t.ledger = ledger_new(&l);
	t.standings = standings_new(&s);
}

static void
end(void)
{
	ledger_free(&t.ledger);
	standings_free(&t.standings);
}

static void
sends(const char *account, const char *address, int64_t at)
{
	struct ledger_touched touched;
	struct fact f = {.kind = FACT_ACCEPTED,
	    .is_outward = true,
	    .account = str_from(account),
	    .at = at,
	    .accepted_at = at,
	    .n = 1};

	CHECK(ip_parse(str_from(address), &f.client));
	ledger_add(t.ledger, &f, &touched);
}

static size_t
good(const char *network, int64_t since)
{
	struct ip_net net;

	CHECK(ip_net_parse(str_from(network), &net));
	scope_count_good(
	    t.ledger, t.standings, &net, since, T0 + 2 * DAY, &t.good);
	return t.good.n;
}

static void
who_used_it_lately(void)
{
	begin();
	sends("a@example.com", "192.0.2.7", T0);
	sends("b@example.com", "192.0.2.8", T0 + DAY);
	sends("c@example.com", "198.51.100.8", T0 + DAY);
	CHECK_INT(good("192.0.2.0/24", T0 - DAY), 2);
	CHECK_INT(good("192.0.0.0/16", 0), 2);
	/* Accounts remember no more than the /24. */
	CHECK_INT(good("192.0.2.7", T0 - DAY), 2);
	CHECK_INT(good("192.0.2.99", T0 - DAY), 0);
	CHECK_INT(good("192.0.2.0/24", T0 + 100), 1);
	CHECK_STR(str_from(t.good.named[0]), STR("b@example.com"));
	CHECK_INT(good("203.0.113.0/24", 0), 0);
	end();
}

static void
who_is_stopped_is_not_good(void)
{
	struct standing_state state;
	struct event e;

	begin();
	sends("a@example.com", "192.0.2.7", T0);
	sends("b@example.com", "192.0.2.8", T0);
	standings_get(
	    t.standings, SUBJECT_ACCOUNT, STR("a@example.com"), T0, &state);
	const struct sanction_about about = {.kind = SUBJECT_ACCOUNT,
	    .key = STR("a@example.com"),
	    .node = "0123456789abcdef",
	    .seq = 1,
	    .now_us = T0 * TIME_US,
	    .state = &state};

	sanction_order(
	    &about, STANDING_SUSPENDED, TIME_NEVER, STR("root"), STR("x"), &e);
	CHECK(standings_fold(t.standings, &e));
	CHECK_INT(good("192.0.2.0/24", T0 - DAY), 1);
	end();
}

TESTS(TEST(who_used_it_lately), TEST(who_is_stopped_is_not_good))
