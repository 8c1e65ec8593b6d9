/* time_test */
#include "base/time.h"

#include <stdlib.h>
#include <time.h>

#include "base/test.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int64_t
utc(const char *z)
{
	int64_t us = -1;

	if (!time_parse_rfc3339(str_from(z), &us))
		CHECK(!"a time of the test itself");
	return us / TIME_US;
}

static void
set_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	time_zone_reset();
}

static void
test_parse(void)
{
	/* out NULL: refused */
	static const struct {
		const char *in, *out;
	} rows[] = {
	    {"2026-11-21T22:40:00Z", "2026-11-21T22:40:00Z"},
	    {"2026-11-21 22:40:00z", "2026-11-21T22:40:00Z"},
	    {"2026-11-21T22:40:00.25+02:00", "2026-11-21T20:40:00.250000Z"},
	    {"2026-11-21T22:40:00.123456789-0130",
		"2026-11-22T00:10:00.123456Z"},
	    {"2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"},
	    {"2016-12-31T23:59:60Z", "2017-01-01T00:00:00Z"},
	    {"1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59.500000Z"},
	    {"2026-02-29T00:00:00Z", NULL},
	    {"1900-02-29T00:00:00Z", NULL},
	    {"2026-13-01T00:00:00Z", NULL},
	    {"2026-00-01T00:00:00Z", NULL},
	    {"2026-01-01T24:00:00Z", NULL},
	    {"2026-01-01T00:00:00", NULL},
	    {"2026-01-01T00:00:00.Z", NULL},
	    {"2026-01-01T00:00:00+2:00", NULL},
	    {"2026-01-01T00:00:00+02:00x", NULL},
	    {"2026-01-01T00:00:00Zx", NULL},
	    {"2026-01-0aT00:00:00Z", NULL},
	    {"", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[64];
		struct text t;
		int64_t us;
		bool ok = time_parse_rfc3339(str_from(rows[i].in), &us);

		if (ok != (rows[i].out != NULL))
			test_fail(__FILE__, __LINE__, "%s", rows[i].in);
		if (!ok || !rows[i].out)
			continue;
		text_init(&t, buf, sizeof(buf));
		time_rfc3339_us(&t, us);
		CHECK_STR(text_view(&t), str_from(rows[i].out));
	}
}

/* Every 7th hour of 400 years against the C library. */
static void
test_civil(void)
{
	for (int64_t at = -6307200000; at < 6307200000; at += 7 * 3600 + 1) {
		struct civil c = time_to_utc(at);
		time_t t = (time_t)at;
		struct tm tm;

		gmtime_r(&t, &tm);
		if (c.year != tm.tm_year + 1900 || c.month != tm.tm_mon + 1 ||
		    c.day != tm.tm_mday || c.hour != tm.tm_hour ||
		    c.minute != tm.tm_min || c.second != tm.tm_sec ||
		    time_from_utc(&c) != at) {
			CHECK_INT(time_from_utc(&c), at);
			return;
		}
	}
}

static void
test_ends(void)
{
	char buf[128];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	time_rfc3339(&t, TIME_NEVER);
	text_char(&t, ' ');
	time_rfc3339(&t, INT64_MIN);
	text_char(&t, ' ');
	time_rfc5322(&t, utc("2026-11-21T22:40:00Z"));
	text_char(&t, ' ');
	time_rfc5322(&t, utc("1969-12-31T00:00:00Z"));
	CHECK_STR(
	    text_view(&t), STR("9999-12-31T23:59:59Z 0000-01-01T00:00:00Z "
			       "Sat, 21 Nov 2026 22:40:00 +0000 "
			       "Wed, 31 Dec 1969 00:00:00 +0000"));
}

/* What the wall shows, when it was read (about), what it means. */
static void
test_local(void)
{
	static const struct {
		const char *zone, *face, *near, *at;
	} rows[] = {
	    {"UTC", "2026-11-21T22:40:00Z", "2026-11-21T00:00:00Z",
		"2026-11-21T22:40:00Z"},
	    {"Europe/Berlin", "2026-11-21T22:40:00Z", "2026-11-21T00:00:00Z",
		"2026-11-21T21:40:00Z"},
	    {"Europe/Berlin", "2026-07-01T00:10:00Z", "2026-07-01T00:00:00Z",
		"2026-06-30T22:10:00Z"},
	    /* 02:30 twice */
	    {"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T00:31:00Z",
		"2026-10-25T00:30:00Z"},
	    {"Europe/Berlin", "2026-10-25T02:30:00Z", "2026-10-25T01:29:00Z",
		"2026-10-25T01:30:00Z"},
	    {"Europe/Berlin", "2026-10-25T01:59:59Z", "2026-10-25T03:00:00Z",
		"2026-10-24T23:59:59Z"},
	    {"Europe/Berlin", "2026-10-25T03:00:00Z", "2026-10-25T00:00:00Z",
		"2026-10-25T02:00:00Z"},
	    /* 02:30 doesn't exist: 03:30 */
	    {"Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29T00:00:00Z",
		"2026-03-29T01:30:00Z"},
	    {"Europe/Berlin", "2026-03-29T03:00:00Z", "2026-03-29T00:00:00Z",
		"2026-03-29T01:00:00Z"},
	    {"Europe/Berlin", "2026-03-29T01:59:59Z", "2026-03-29T00:00:00Z",
		"2026-03-29T00:59:59Z"},
	    /* the change is on the evening before, in UTC's days */
	    {"Pacific/Auckland", "2026-04-05T02:30:00Z", "2026-04-04T13:31:00Z",
		"2026-04-04T13:30:00Z"},
	    {"Pacific/Auckland", "2026-04-05T02:30:00Z", "2026-04-04T14:31:00Z",
		"2026-04-04T14:30:00Z"},
	    {"Asia/Kathmandu", "2026-04-05T00:00:00Z", "2026-04-04T00:00:00Z",
		"2026-04-04T18:15:00Z"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		set_zone(rows[i].zone);
		struct civil c = time_to_utc(utc(rows[i].face));
		int64_t at = time_from_local(&c, utc(rows[i].near));

		if (at != utc(rows[i].at))
			test_fail(__FILE__, __LINE__, "%s %s: off by %lld",
			    rows[i].zone, rows[i].face,
			    (long long)(at - utc(rows[i].at)));
	}
	set_zone("UTC");
}

/* Each instant of a year comes back from its local form. */
static void
test_local_round(void)
{
	static const char *const zones[] = {"Europe/Berlin", "America/New_York",
	    "Pacific/Auckland", "Australia/Lord_Howe", "Africa/Casablanca",
	    "Asia/Kolkata", "Pacific/Apia"};

	for (size_t i = 0; i < COUNT(zones); i++) {
		int64_t first = utc("2026-01-01T00:00:00Z");

		set_zone(zones[i]);
		for (int64_t at = first; at < first + 366 * 86400; at += 601) {
			time_t t = (time_t)at;
			struct tm tm;
			struct civil c = time_to_local(at);

			localtime_r(&t, &tm);
			if (time_from_local(&c, at + 60) != at ||
			    c.hour != tm.tm_hour || c.minute != tm.tm_min) {
				test_fail(__FILE__, __LINE__, "%s %lld",
				    zones[i], (long long)at);
				break;
			}
		}
	}
	set_zone("UTC");
}

static void
test_duration(void)
{
	/* seconds -1: refused */
	static const struct {
		const char *in;
		int64_t seconds;
		const char *out, *words;
	} rows[] = {
	    {"0", 0, "0s", "0 s"},
	    {"90", 90, "90s", "1 min 30 s"},
	    {"90s", 90, "90s", "1 min 30 s"},
	    {"10m", 600, "10m", "10 min"},
	    {"60m", 3600, "1h", "1 h"},
	    {"36h", 129600, "36h", "1 d 12 h"},
	    {"7d", 604800, "7d", "7 d"},
	    {"5w", 3024000, "35d", "35 d"},
	    {"7500", 7500, "125m", "2 h 5 min"},
	    {"86401", 86401, "86401s", "1 d"},
	    {"", -1, NULL, NULL},
	    {"s", -1, NULL, NULL},
	    {"-1s", -1, NULL, NULL},
	    {"1y", -1, NULL, NULL},
	    {"1 h", -1, NULL, NULL},
	    {"1h30m", -1, NULL, NULL},
	    {"99999999999999999w", -1, NULL, NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		char buf[64];
		struct text t;
		int64_t seconds = -1;

		CHECK_INT(time_parse_duration(str_from(rows[i].in), &seconds),
		    rows[i].seconds >= 0);
		CHECK_INT(seconds, rows[i].seconds);
		if (!rows[i].out)
			continue;
		text_init(&t, buf, sizeof(buf));
		time_duration(&t, seconds);
		CHECK_STR(text_view(&t), str_from(rows[i].out));
		text_clear(&t);
		time_duration_words(&t, seconds);
		CHECK_STR(text_view(&t), str_from(rows[i].words));
	}
}

static void
test_local_day(void)
{
	char day[TIME_DAY];

	set_zone("Europe/Berlin");
	CHECK_INT(time_local_day(1795302000 - 1, day), 86399);
	CHECK_STR(str_from(day), STR("2026-11-21"));
	CHECK_INT(time_local_day(1795302000, day), 0);
	CHECK_STR(str_from(day), STR("2026-11-22"));
	/* 02:30 comes twice, an hour of the clock is the same. */
	CHECK_INT(time_local_day(1792888200, day), 9000);
	CHECK_INT(time_local_day(1792888200 + 3600, day), 9000);
	CHECK_STR(str_from(day), STR("2026-10-25"));
}

TESTS(TEST(test_parse), TEST(test_civil), TEST(test_local_day), TEST(test_ends),
    TEST(test_local), TEST(test_local_round), TEST(test_duration))
