/* Criteria as people type them, times, needles, the set of queue ids. */
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/time.h"
#include "daemon/trace_ids.h"

enum { NOW = 1795300000 }; /* 2026-11-21T22:26:40Z */

static const struct account_rules rules = {
    .default_realm = STR_INIT("example.com")};

static void
criteria(void)
{
	static const struct {
		enum trace_kind kind;
		const char *given, *value, *needle; /* value NULL: refused */
	} cases[] = {
	    {TRACE_QUEUE_ID, "4ABCdef12z:", "4ABCdef12z", ""},
	    {TRACE_QUEUE_ID, " AB12C3*", "AB12C3", ""},
	    {TRACE_QUEUE_ID, "not-an-id", NULL, NULL},
	    {TRACE_QUEUE_ID, "", NULL, NULL},
	    {TRACE_MESSAGE_ID, "<a@b>", "a@b", "a@b"},
	    {TRACE_MESSAGE_ID, "<>", NULL, NULL},
	    {TRACE_TO, "<Bob@B.example>", "Bob@B.example", "Bob@B.example"},
	    {TRACE_CLIENT, "2001:DB8:0::1", "2001:db8::1", "[2001:db8::1]"},
	    {TRACE_CLIENT, "192.0.2", NULL, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct trace_query q = {.rules = rules};
		struct error err;
		int status = trace_query_add(
		    &q, cases[i].kind, str_from(cases[i].given), &err);

		CHECK_INT(status, cases[i].value ? 0 : -1);
		if (status < 0)
			continue;
		CHECK_STR(str_from(q.v[0].value), str_from(cases[i].value));
		CHECK_STR(q.v[0].needle, str_from(cases[i].needle));
	}
}

static void
accounts(void)
{
	static const struct {
		const char *given;
		enum trace_kind kind;
		const char *value;
	} cases[] = {
	    {"Alice", TRACE_ACCOUNT, "alice@example.com"},
	    {"uid:www-data", TRACE_UID, "www-data"},
	    {"ip:192.0.2.7", TRACE_CLIENT, "192.0.2.7"},
	    {"fwd:a@b.example", TRACE_TO, "a@b.example"},
	};
	struct trace_query q = {.rules = rules};
	struct error err;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(
		    trace_query_add_account(&q, str_from(cases[i].given), &err),
		    0);
		CHECK_INT(q.v[i].kind, cases[i].kind);
		CHECK_STR(str_from(q.v[i].value), str_from(cases[i].value));
	}
	CHECK_INT(trace_query_add(&q, TRACE_TO, STR("c@d"), &err), -1);
}

static void
times(void)
{
	static const struct {
		const char *given;
		int64_t at; /* -1: refused */
	} cases[] = {
	    {"22:26", NOW - 40},
	    {"22:26:41", NOW + 1 - 86400}, /* hasn't been today */
	    {"09:00", NOW - 40 - 13 * 3600 - 26 * 60},
	    {"2026-11-21 22:26:40", NOW},
	    {"2026-11-21T22:26", NOW - 40},
	    {"2026-11-21T23:26:40+01:00", NOW},
	    {"24:00", -1},
	    {"2026-13-01 00:00", -1},
	    {"22:26x", -1},
	    {"yesterday", -1},
	    {"", -1},
	};

	setenv("TZ", "UTC", 1);
	time_zone_reset();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t at = -1;

		if (!trace_parse_time(str_from(cases[i].given), NOW, &at))
			at = -1;
		CHECK_INT(at, cases[i].at);
	}
}

/* Wherever it stands, in either case; not beyond the end. */
static void
needles(void)
{
	static const char *const values[] = {"b@x", "@x", "b@", "bob", "1.2"};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		for (size_t at = 0; at < 40; at++) {
			struct trace_query q = {.rules = rules};
			size_t n = strlen(values[i]);
			struct error err;
			char buf[64];

			memset(buf, '@', sizeof(buf));
			memcpy(buf + at, values[i], n);
			trace_query_add(
			    &q, TRACE_TO, str_from(values[i]), &err);
			buf[at] -= buf[at] >= 'a' ? 32 : 0;
			CHECK(trace_needle_find(q.v[0].needle, true, buf,
				  buf + at + n) == buf + at);
			CHECK(!trace_needle_find(
			    q.v[0].needle, true, buf + at + 1, buf + at + n));
		}
	}
}

static void
closure(void)
{
	struct trace_ids t;

	trace_ids_init(&t, 2, 4);
	trace_ids_link(&t, STR("AAAAA"), STR("BBBBB"));
	trace_ids_link(&t, STR("BBBBB"), STR("CCCCC"));
	/* A server that names one id for all it gets. */
	trace_ids_link(&t, STR("AAAAA"), STR("XXXXX"));
	trace_ids_link(&t, STR("DDDDD"), STR("XXXXX"));
	trace_ids_link(&t, STR("CCCCC"), STR("EEEEE"));
	CHECK_INT(t.links_left, 1);
	trace_ids_found(&t, 0, STR("OLDER"));
	trace_ids_found(&t, 0, STR("OTHER"));
	trace_ids_found(&t, 0, STR("BBBBB"));
	CHECK_INT(t.found[0].n, 3);
	trace_ids_close(&t, 0);
	CHECK(trace_ids_has(&t, STR("AAAAA")));
	CHECK(trace_ids_has(&t, STR("BBBBB")));
	CHECK(trace_ids_has(&t, STR("CCCCC")));
	CHECK(trace_ids_has(&t, STR("XXXXX")));
	CHECK(trace_ids_has(&t, STR("OTHER")));
	CHECK(!trace_ids_has(&t, STR("OLDER"))); /* only the newest */
	CHECK(!trace_ids_has(&t, STR("DDDDD")));
	trace_ids_done(&t);
}

/* The set grows. */
static void
many(void)
{
	struct trace_ids t;
	char id[32];
	size_t wrong = 0;

	trace_ids_init(&t, 5000, 10);
	for (unsigned i = 0; i < 5000; i++) {
		snprintf(id, sizeof(id), "%06X", i);
		trace_ids_found(&t, 0, str_from(id));
	}
	trace_ids_close(&t, 0);
	for (unsigned i = 0; i < 10000; i++) {
		snprintf(id, sizeof(id), "%06X", i);
		wrong += trace_ids_has(&t, str_from(id)) != (i < 5000);
	}
	CHECK(wrong < 2); /* 32 bits */
	trace_ids_done(&t);
}

TESTS(TEST(criteria), TEST(accounts), TEST(times), TEST(needles), TEST(closure),
    TEST(many))
