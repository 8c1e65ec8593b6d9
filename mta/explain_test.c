/* The golden lines: tests/data/golden-lines.tsv, from the project's root. */
#include "base/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/time.h"
#include "mta/explain.h"
#include "mta/postfix.h"

static const char path[] = "tests/data/golden-lines.tsv";

enum { DECEMBER_2026 = 1796100000 };

static void
check_line(struct str line, struct str want)
{
	struct logline_clock clock;
	struct text t;

	logline_clock_init(&clock, DECEMBER_2026);
	text_grow(&t, 1 << 16);
	explain_line(&t, &clock, line);
	if (!str_is(text_view(&t), want))
		printf("line: %.*s\n", STR_ARG(line));
	CHECK_STR(text_view(&t), want);
	text_done(&t);
}

/* What is called idle at a glance must be of no use to the chains. */
static bool
check_idle(struct str line)
{
	const uint64_t idle = 1ull << LINE_CONNECT | 1ull << LINE_DISCONNECT |
			      1ull << LINE_TLS | 1ull << LINE_MESSAGE_ID;
	struct logline_clock clock;
	struct logline log;
	struct postfix_line l;

	logline_clock_init(&clock, DECEMBER_2026);
	if (!logline_parse(&clock, line, &log) || !postfix_is_idle(&log))
		return false;
	postfix_parse(&log, &l);
	CHECK(idle >> l.kind & 1);
	return true;
}

static void
test_golden(void)
{
	FILE *f = fopen(path, "r");
	char *buf = NULL;
	size_t size = 0, lines = 0, idle = 0;
	ssize_t n;

	if (!f) {
		TEST_SKIP("no tests/data/golden-lines.tsv here");
		return;
	}
	setenv("TZ", "Europe/Zurich", 1);
	time_zone_reset();
	while ((n = getline(&buf, &size, f)) > 0) {
		struct str want = str_make(buf, (size_t)n), line;

		if (buf[n - 1] == '\n')
			want.n--;
		if (buf[0] == '#' || !str_cut(&want, '\t', &line))
			continue;
		check_line(line, want);
		idle += check_idle(line);
		lines++;
	}
	CHECK(lines > 100);
	CHECK(idle > 5);
	free(buf);
	fclose(f);
}

static void
test_bytes(void)
{
	static const char line[] =
	    "\0\0\0Nov 21 22:40:00 mail postfix/qmgr[1]: "
	    "4C3D21E3F90: removed \r";

	setenv("TZ", "UTC", 1);
	time_zone_reset();
	check_line(str_make(line, sizeof(line) - 1),
	    STR("{\"kind\":\"removed\",\"time\":\"2026-11-21T22:40:00Z\","
		"\"host\":\"mail\",\"service\":\"postfix/qmgr\",\"pid\":1,"
		"\"queue_id\":\"4C3D21E3F90\"}"));
	check_line(STR(""), STR("{\"kind\":\"unreadable\",\"text\":\"\"}"));
	check_line(STR("a\x01\xff"), STR("{\"kind\":\"unreadable\",\"text\":"
					 "\"a\\u0001\xef\xbf\xbd\"}"));
}

TESTS(TEST(test_golden), TEST(test_bytes))
