/* held_select_test - which held messages an order is about */
#include "daemon/held_select.h"

#include "base/test.h"
#include "base/time.h"

enum { NOW = 1795327260 }; /* 2026-11-22 06:01:00 UTC */

static struct queue_message
message(const char *client, int64_t at)
{
	struct queue_message m = {.account = STR("Ann@x.example"),
	    .to = at,
	    .size_bytes = 10,
	    .origin = QUEUE_ORIGIN_NEW};

	if (client)
		CHECK(ip_parse(str_from(client), &m.client));
	return m;
}

static bool
has(const char *text, const char *client, int64_t at)
{
	const struct queue_message m = message(client, at);
	struct held_select s, again;
	char buf[HELD_SELECT_TEXT];
	struct error err;
	struct text t;

	if (held_select_parse(str_from(text), NOW, &s, &err) < 0) {
		test_fail(__FILE__, __LINE__, "%s: %s", text, err.text);
		return false;
	}
	/* Printed and read again it is the same. */
	text_init(&t, buf, sizeof(buf));
	held_select_print(&s, &t);
	CHECK_INT(held_select_parse(text_view(&t), 0, &again, &err), 0);
	CHECK_INT(held_select_has(&s, &m), held_select_has(&again, &m));
	return held_select_has(&s, &m);
}

static void
by_time_and_place(void)
{
	CHECK(has("all", "192.0.2.1", NOW));
	CHECK(has("all", NULL, NOW));
	CHECK(has("before 1h", "192.0.2.1", NOW - 3601));
	CHECK(!has("before 1h", "192.0.2.1", NOW - 3600));
	CHECK(has("before 2026-11-22T06:00:00Z", NULL, NOW - 61));
	CHECK(!has("before 2026-11-22T06:00:00Z", NULL, NOW - 60));
	CHECK(has("from 192.0.2.0/24", "192.0.2.1", NOW));
	CHECK(!has("from 192.0.2.0/24", "192.0.3.1", NOW));
	CHECK(!has("from 192.0.2.0/24", NULL, NOW));
	CHECK(has("from 192.0.2.0/24, from 192.0.3.1", "192.0.3.1", NOW));
	CHECK(has("from 192.0.2.0/24,from local", NULL, NOW));
	CHECK(!has("from local", "192.0.3.1", NOW));
	CHECK(has("from 2001:db8::/32, before 60s", "2001:db8::1", NOW - 61));
	CHECK(!has("from 2001:db8::/32, before 60s", "2001:db8::1", NOW - 60));
	CHECK(!has("from 2001:db8::/32, before 60s", "192.0.2.1", NOW - 61));
}

static void
what_is_none(void)
{
	static const char *const bad[] = {"", "some", "all, before 1h",
	    "before", "before ", "before yesterday", "before 1h, before 2h",
	    "from", "from nowhere", "from 192.0.2.1/24", "from 192.0.2.0/24,",
	    "192.0.2.0/24"};
	struct held_select s;
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (held_select_parse(str_from(bad[i]), NOW, &s, &err) == 0)
			test_fail(__FILE__, __LINE__, "taken: %s", bad[i]);
	}
}

static void
whose(void)
{
	struct held_scope s = {.account = STR("ann@X.example")};
	const struct queue_message m = message("192.0.2.1", NOW);

	CHECK(held_scope_has(&s, &m));
	s.account = STR("an@x.example");
	CHECK(!held_scope_has(&s, &m));
	s = (struct held_scope){.domain = STR("x.example")};
	CHECK(held_scope_has(&s, &m));
	s.domain = STR("example");
	CHECK(!held_scope_has(&s, &m));
	s = (struct held_scope){0};
	CHECK(ip_net_parse(STR("192.0.0.0/16"), &s.net));
	CHECK(held_scope_has(&s, &m));
	CHECK(ip_net_parse(STR("192.1.0.0/16"), &s.net));
	CHECK(!held_scope_has(&s, &m));
}

static void
tallied(void)
{
	struct queue_message m = message("192.0.2.1", NOW);
	struct held_tally t = {0};
	char buf[400];
	struct text words;

	held_tally_add(&t, &m);
	m = message("198.51.100.1", NOW - 5);
	held_tally_add(&t, &m);
	m = message("198.51.100.2", NOW);
	held_tally_add(&t, &m);
	m = message(NULL, NOW);
	m.origin = QUEUE_ORIGIN_CLEAN;
	held_tally_add(&t, &m);
	text_init(&words, buf, sizeof(buf));
	held_tally_print(&t, &words);
	CHECK_STR(text_view(&words),
	    STR("2 from 198.51.100.0/24 (new), 1 from 192.0.2.0/24 (new), "
		"1 local (clean)"));
	CHECK_INT(t.n, 4);
	CHECK_INT(t.bytes, 40);
	CHECK_INT(t.oldest, NOW - 5);
}

TESTS(TEST(by_time_and_place), TEST(what_is_none), TEST(whose), TEST(tallied))
