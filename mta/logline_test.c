/* Frames and their times: New Year, the hours around DST, cached minutes. */
#include "base/test.h"

#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "mta/logline.h"

static void
use_zone(const char *zone)
{
	setenv("TZ", zone, 1);
	time_zone_reset();
}

static int64_t
utc(int year, int month, int day, int hour, int minute, int second)
{
	struct civil c = {year, month, day, hour, minute, second};

	return time_from_utc(&c);
}

/* The time of "DATE host a: b", in seconds; -1: unreadable. */
static int64_t
read_at(struct logline_clock *clock, const char *date)
{
	char buf[128];
	struct text t;
	struct logline out;

	text_init(&t, buf, sizeof(buf));
	text_printf(&t, "%s host postfix/qmgr[1]: x", date);
	if (!logline_parse(clock, text_view(&t), &out))
		return -1;
	CHECK_STR(out.host, STR("host"));
	CHECK_STR(out.program, STR("qmgr"));
	return out.at_us / TIME_US;
}

static void
test_new_year_forward(void)
{
	struct logline_clock c;

	use_zone("UTC");
	logline_clock_init(&c, utc(2027, 1, 1, 0, 0, 5));
	CHECK_INT(
	    read_at(&c, "Dec 31 23:59:59"), utc(2026, 12, 31, 23, 59, 59));
	CHECK_INT(read_at(&c, "Jan  1 00:00:00"), utc(2027, 1, 1, 0, 0, 0));
	CHECK_INT(read_at(&c, "Jan  1 00:00:01"), utc(2027, 1, 1, 0, 0, 1));
}

static void
test_new_year_backward(void)
{
	struct logline_clock c;

	use_zone("UTC");
	logline_clock_init(&c, utc(2027, 1, 1, 0, 0, 5));
	CHECK_INT(read_at(&c, "Jan  1 00:00:01"), utc(2027, 1, 1, 0, 0, 1));
	CHECK_INT(
	    read_at(&c, "Dec 31 23:59:59"), utc(2026, 12, 31, 23, 59, 59));
	CHECK_INT(read_at(&c, "Jan  1 00:00:02"), utc(2027, 1, 1, 0, 0, 2));
}

static void
test_old_file(void)
{
	struct logline_clock c;

	use_zone("UTC");
	/* Written from March to February: the year changes in the middle. */
	logline_clock_init(&c, utc(2025, 2, 20, 0, 0, 0));
	CHECK_INT(read_at(&c, "Mar  3 10:00:00"), utc(2024, 3, 3, 10, 0, 0));
	CHECK_INT(read_at(&c, "Nov 30 10:00:00"), utc(2024, 11, 30, 10, 0, 0));
	CHECK_INT(read_at(&c, "Feb 19 10:00:00"), utc(2025, 2, 19, 10, 0, 0));
	/* A clock a little ahead of us is believed. */
	CHECK_INT(read_at(&c, "Feb 20 10:00:00"), utc(2025, 2, 20, 10, 0, 0));
}

static void
test_leap_day(void)
{
	struct logline_clock c;

	use_zone("UTC");
	logline_clock_init(&c, utc(2027, 6, 1, 0, 0, 0));
	CHECK_INT(read_at(&c, "Feb 29 10:00:00"), utc(2024, 2, 29, 10, 0, 0));
	CHECK_INT(read_at(&c, "2026 Feb 29 10:00:00"), -1);
	CHECK_INT(read_at(&c, "2026-02-29T10:00:00Z"), -1);
}

static void
test_repeated_hour(void)
{
	struct logline_clock c;

	use_zone("Europe/Zurich");
	/* 2026-10-25 03:00 CEST becomes 02:00 CET. */
	logline_clock_init(&c, utc(2026, 11, 1, 0, 0, 0));
	CHECK_INT(
	    read_at(&c, "Oct 25 01:59:59"), utc(2026, 10, 24, 23, 59, 59));
	CHECK_INT(read_at(&c, "Oct 25 02:30:00"), utc(2026, 10, 25, 0, 30, 0));
	CHECK_INT(read_at(&c, "Oct 25 02:59:59"), utc(2026, 10, 25, 0, 59, 59));
	CHECK_INT(read_at(&c, "Oct 25 02:00:01"), utc(2026, 10, 25, 1, 0, 1));
	CHECK_INT(read_at(&c, "Oct 25 02:30:00"), utc(2026, 10, 25, 1, 30, 0));
	CHECK_INT(read_at(&c, "Oct 25 03:00:00"), utc(2026, 10, 25, 2, 0, 0));
}

static void
test_skipped_hour(void)
{
	struct logline_clock c;

	use_zone("Europe/Zurich");
	logline_clock_init(&c, utc(2026, 11, 1, 0, 0, 0));
	CHECK_INT(read_at(&c, "Mar 29 01:59:59"), utc(2026, 3, 29, 0, 59, 59));
	CHECK_INT(read_at(&c, "Mar 29 03:00:00"), utc(2026, 3, 29, 1, 0, 0));
}

static void
test_forms(void)
{
	static const char *const dates[] = {"Nov  1 22:40:07", "Nov 1 22:40:07",
	    "Nov 01 22:40:07", "2026 Nov  1 22:40:07", "2026-11-01 22:40:07",
	    "2026-11-01 22:40:07.99", "2026-11-01T22:40:07",
	    "2026-11-01T22:40:07Z", "2026-11-01T23:40:07+01:00",
	    "2026-11-01T17:10:07.5-0530", "<13>Nov  1 22:40:07"};
	struct logline_clock c;

	use_zone("UTC");
	logline_clock_init(&c, utc(2026, 12, 1, 0, 0, 0));
	/* Twice: the second reading takes the kept minute. */
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		for (int round = 0; round < 2; round++)
			CHECK_INT(
			    read_at(&c, dates[i]), utc(2026, 11, 1, 22, 40, 7));
}

static void
test_unreadable(void)
{
	static const char *const dates[] = {"", "Nov", "Nov 21", "Nov 21 22:40",
	    "Nov 21 22:40:", "Nov 21 22:40:0x", "Nov 21 24:40:00",
	    "Nov 21 22:60:00", "Nov 21 22:40:61", "Nov 31 22:40:00",
	    "Nov  0 22:40:00", "Xxx 21 22:40:00", "2026-13-01T00:00:00Z",
	    "2026-11-01T00:00:00+1:00", "2026-11-01T00:00:00.Z",
	    "2026/11/01 00:00:00", "<300", "<1>", "x Nov 21 22:40:00"};
	struct logline_clock c;

	use_zone("UTC");
	logline_clock_init(&c, utc(2026, 12, 1, 0, 0, 0));
	for (size_t i = 0; i < sizeof(dates) / sizeof(dates[0]); i++)
		CHECK_INT(read_at(&c, dates[i]), -1);
	CHECK(c.last_us == INT64_MIN);
}

static void
test_kept_minute(void)
{
	struct logline_clock c;

	use_zone("UTC");
	logline_clock_init(&c, utc(2026, 12, 1, 0, 0, 0));
	CHECK_INT(read_at(&c, "2026-11-01T22:40:07+01:00"),
	    utc(2026, 11, 1, 21, 40, 7));
	/* The same text in another zone, and without one. */
	CHECK_INT(
	    read_at(&c, "2026-11-01T22:40:08Z"), utc(2026, 11, 1, 22, 40, 8));
	CHECK_INT(read_at(&c, "2026-11-01T22:40:09+01:00"),
	    utc(2026, 11, 1, 21, 40, 9));
	CHECK_INT(read_at(&c, "2026-11-01T22:41:00+01:00"),
	    utc(2026, 11, 1, 21, 41, 0));
	CHECK_INT(read_at(&c, "2026-11-01T22:41:0"), -1);
}

static void
test_frame(void)
{
	struct logline_clock c;
	struct logline l;

	use_zone("UTC");
	logline_clock_init(&c, utc(2026, 12, 1, 0, 0, 0));
	CHECK(logline_parse(
	    &c, STR("Nov 21 22:40:00 mx1 pf-test/out0/smtp[77]: a: b"), &l));
	CHECK_STR(l.tag, STR("pf-test/out0/smtp"));
	CHECK_STR(l.instance, STR("pf-test"));
	CHECK_STR(l.program, STR("smtp"));
	CHECK_STR(l.text, STR("a: b"));
	CHECK_INT(logline_pid(&l), 77);
	CHECK(logline_parse(
	    &c, STR("Nov 21 22:40:00 mx1 dovecot: x(a)<1>: b"), &l));
	CHECK_STR(l.instance, STR("dovecot"));
	CHECK_STR(l.program, STR("dovecot"));
	CHECK_STR(l.text, STR("x(a)<1>: b"));
	CHECK_INT(logline_pid(&l), 0);
	CHECK(logline_parse(&c, STR("Nov 21 22:40:00 postfix/qmgr[1]: x"), &l));
	CHECK_STR(l.host, STR(""));
	CHECK_STR(l.program, STR("qmgr"));
	CHECK(logline_parse(
	    &c, STR("Nov 21 22:40:00 <mail.info> mx1 postfix/qmgr[1]: x"), &l));
	CHECK_STR(l.host, STR("mx1"));
}

/* Lines that begin as the one before did. */
static void
test_same_begin(void)
{
	static const struct {
		const char *line, *host, *program, *text;
		int second; /* -1: unreadable */
	} lines[] = {
	    {"Nov 21 22:40:01 mx postfix/smtpd[1]: one", "mx", "smtpd", "one",
		1},
	    {"Nov 21 22:40:01 mx postfix/qmgr[22]: two", "mx", "qmgr", "two",
		1},
	    {"Nov 21 22:40:01 mx  dovecot: three\r", "mx", "dovecot", "three",
		1},
	    {"Nov 21 22:40:01 mx", "", "", "", -1},
	    {"Nov 21 22:40:01 mx ", "", "", "", -1},
	    {"Nov 21 22:40:01 mx2 postfix/pipe[3]: four", "mx2", "pipe", "four",
		1},
	    {"Nov 21 22:40:01 mx2 postfix/pipe[3]: [ID 1 mail.info] five",
		"mx2", "pipe", "five", 1},
	    {"Nov 21 22:40:02 mx2 postfix/pipe[3]: six", "mx2", "pipe", "six",
		2},
	    {"<22>Nov 21 22:40:02 mx2 postfix/lmtp[3]: seven", "mx2", "lmtp",
		"seven", 2},
	};
	struct logline_clock c;
	struct logline l;

	use_zone("UTC");
	logline_clock_init(&c, utc(2026, 11, 22, 0, 0, 0));
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bool is_ok = logline_parse(&c, str_from(lines[i].line), &l);

		CHECK_INT(is_ok, lines[i].second >= 0);
		if (!is_ok)
			continue;
		CHECK_STR(l.host, str_from(lines[i].host));
		CHECK_STR(l.program, str_from(lines[i].program));
		CHECK_STR(l.text, str_from(lines[i].text));
		CHECK_INT(l.at_us / TIME_US,
		    utc(2026, 11, 21, 22, 40, lines[i].second));
	}
}

static const char *
one_of(const char *const *v, size_t n)
{
	static uint64_t state = 88172645463325252u;

	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return v[state % n];
}

#define ONE_OF(v) one_of(v, sizeof(v) / sizeof(*(v)))

#define LONG_HOST \
	" a.host.of.a.name.as.long.as.there.may.be.somewhere.at.all.example "

/* Often the head of the line before. */
static void
print_some_head(struct text *t)
{
	static const char *const minutes[] = {
	    "2026-11-21T22:40:", "2026-11-21T22:40:", "2026-11-21T22:41:",
	    "Nov 21 22:40:", "<22>Nov 21 22:40:", "2026 Nov  1 00:00:"};
	static const char *const seconds[] = {"00", "59", "60", "61", "5", "0x",
	    "00.123456", "00.999999", "59.000001", "60.5", "61.123456",
	    "00.12345", "00.1234567", "07,123456", "00.12a456", "00.:23456",
	    "00./23456", "/0.123456", "00:123456", "00."};
	static const char *const zones[] = {
	    "", "", "Z", "+00:00", "+01:00", "-0230", "+0", " "};
	static const char *const hosts[] = {" mx ", " mx ", " mx2 ", " ",
	    "  m ", " <mail.info> mx ", " mx: ", LONG_HOST,
	    " a.host.of.a.middling.length.example ",
	    " a.host.of.a.middling.length.examplf "};
	static const char *const again[] = {"", "again"};
	static char head[256];
	struct text h;

	if (head[0] == '\0' || *ONE_OF(again) == '\0') {
		text_init(&h, head, sizeof(head));
		text_add(&h, ONE_OF(minutes));
		text_add(&h, ONE_OF(seconds));
		text_add(&h, ONE_OF(zones));
		text_add(&h, ONE_OF(hosts));
	}
	text_add(t, head);
}

static void
print_some_line(struct text *t)
{
	static const char *const tags[] = {"postfix/smtp[1]: ", "postfix/smtp[",
	    "postfix/smtpd[123456]: ", "postfix/smtp: ", "postfix/smtp ",
	    "postfix/submission/smtpd[12]: ", "postfix/submissions/smtpd[12]: ",
	    "postfix/subm[12]: ", "postfix/[1]: ", "postfix/smtp[1x]: ",
	    "postfix/smtp[]:", "postfix/an-uncommonly-long-one/smtpd[7]: ",
	    "postfix-out/smtp[1]: ", "dovecot: ", "postfix/", ": ", "",
	    "postfix/smtp[12345678]: ", "postfix/smtp[1]:", "postfix[1]: ",
	    "dovecot[1]: ", "dovecot[123]: ", "dovecot/imap[1]: ",
	    "dovecote[1]: ", "/dovecot[1]: ", " dovecot[1]: "};
	static const char *const texts[] = {"x",
	    "[ID 1 mail.info] a text of some length", "", "a text \r",
	    "a text that is longer than what is compared at once",
	    " a text behind a blank, longer than that, too"};

	print_some_head(t);
	text_add(t, ONE_OF(tags));
	text_add(t, ONE_OF(texts));
}

/* What is kept of the lines before changes nothing. */
static void
test_nothing_kept(void)
{
	char buf[512];
	struct text t;
	struct logline a, b;
	struct logline_clock c, fresh;
	size_t n_good = 0;

	use_zone("UTC");
	logline_clock_init(&c, utc(2026, 11, 22, 0, 0, 0));
	for (int i = 0; i < 300000; i++) {
		text_init(&t, buf, sizeof(buf));
		print_some_line(&t);
		logline_clock_init(&fresh, c.now);
		fresh.last_us = c.last_us;
		bool is_ok = logline_parse(&fresh, text_view(&t), &b);

		CHECK_INT(logline_parse(&c, text_view(&t), &a), is_ok);
		CHECK(c.last_us == fresh.last_us);
		if (!is_ok)
			continue;
		n_good++;
		CHECK(a.at_us == b.at_us);
		CHECK_STR(a.host, b.host);
		CHECK_STR(a.tag, b.tag);
		CHECK_STR(a.instance, b.instance);
		CHECK_STR(a.program, b.program);
		CHECK_STR(a.pid, b.pid);
		CHECK_STR(a.text, b.text);
		CHECK(a.text.p == b.text.p && a.host.p == b.host.p);
	}
	CHECK(n_good > 30000);
}

TESTS(TEST(test_new_year_forward), TEST(test_new_year_backward),
    TEST(test_old_file), TEST(test_leap_day), TEST(test_repeated_hour),
    TEST(test_skipped_hour), TEST(test_forms), TEST(test_unreadable),
    TEST(test_kept_minute), TEST(test_frame), TEST(test_same_begin),
    TEST(test_nothing_kept))
