/* against_test - two configurations' verdicts side by side */
#include "cli/against.h"

#include "base/test.h"

enum { T0 = 1767571200 };

static void
add(struct against *a, enum against_side side, const char *name,
    enum standing rung, int64_t at, uint64_t recipients)
{
	struct against_verdict v = {
	    .rung = rung, .at = at, .rule = "r", .recipients = recipients};

	against_add(a, side, str_from(name), &v);
}

static void
only_what_differs_is_told(void)
{
	struct against a;
	struct text out;

	against_init(&a);
	text_grow(&out, 4096);
	add(&a, AGAINST_THIS, "alike", STANDING_HELD, T0 + 5, 1);
	add(&a, AGAINST_OTHER, "alike", STANDING_HELD, T0 + 15, 2);
	add(&a, AGAINST_THIS, "later", STANDING_HELD, T0, 1);
	add(&a, AGAINST_OTHER, "later", STANDING_HELD, T0 + 600, 90);
	add(&a, AGAINST_OTHER, "alone", STANDING_WATCHED, T0, 7);
	/* The worst counts, from when it was that bad. */
	add(&a, AGAINST_THIS, "worse", STANDING_WATCHED, T0, 1);
	add(&a, AGAINST_THIS, "worse", STANDING_SUSPENDED, T0 + 60, 2);
	add(&a, AGAINST_THIS, "worse", STANDING_HELD, T0 + 90, 3);
	add(&a, AGAINST_THIS, "worse", STANDING_SUSPENDED, T0 + 120, 4);
	add(&a, AGAINST_OTHER, "worse", STANDING_HELD, T0 + 60, 2);
	CHECK_INT(against_print(&a, true, &out), 3);
	CHECK_STR(text_view(&out),
	    STR("{\"account\":\"alone\",\"this\":null,\"other\":{\"action\":"
		"\"watch\",\"time\":\"2026-01-05T00:00:00Z\",\"rule\":\"r\","
		"\"recipients\":7}}\n"
		"{\"account\":\"later\",\"this\":{\"action\":\"hold\",\"time\":"
		"\"2026-01-05T00:00:00Z\",\"rule\":\"r\",\"recipients\":1},"
		"\"other\":{\"action\":\"hold\",\"time\":"
		"\"2026-01-05T00:10:00Z\",\"rule\":\"r\",\"recipients\":90}}\n"
		"{\"account\":\"worse\",\"this\":{\"action\":\"suspend\","
		"\"time\":\"2026-01-05T00:01:00Z\",\"rule\":\"r\","
		"\"recipients\":2},\"other\":{\"action\":\"hold\",\"time\":"
		"\"2026-01-05T00:01:00Z\",\"rule\":\"r\",\"recipients\":2}}"
		"\n"));
	text_clear(&out);
	CHECK_INT(against_print(&a, false, &out), 3);
	CHECK(out.n > 0);
	text_done(&out);
	against_done(&a);
}

static void
nobody_is_no_table(void)
{
	struct against a;
	struct text out;

	against_init(&a);
	text_grow(&out, 4096);
	CHECK_INT(against_print(&a, false, &out), 0);
	CHECK_INT(out.n, 0);
	text_done(&out);
	against_done(&a);
}

TESTS(TEST(only_what_differs_is_told), TEST(nobody_is_no_table))
