/* metric_test */
#include "base/metric.h"

#include <stdio.h>

#include "base/test.h"

static bool
is_printed(const char *line)
{
	struct text t;

	text_grow(&t, 1 << 20);
	metric_print_all(&t);
	bool found = str_find(text_view(&t), str_from(line)) >= 0;

	text_done(&t);
	return found;
}

static void
test_numbers(void)
{
	struct metric *c =
	    metric_new("lines_total", METRIC_COUNTER, "Log \"lines\"\nread.");
	struct metric *g = metric_new("backlog", METRIC_GAUGE, "Behind.");

	metric_add(c, 2);
	metric_add(c, 3);
	metric_set(g, -7);
	CHECK_INT(metric_value(c), 5);
	CHECK(metric_new("lines_total", METRIC_COUNTER, "") == c);
	CHECK(is_printed("# HELP outpost_lines_total Log \"lines\"\\nread.\n"
			 "# TYPE outpost_lines_total counter\n"
			 "outpost_lines_total 5\n"));
	CHECK(is_printed("# TYPE outpost_backlog gauge\noutpost_backlog -7\n"));
}

static void
test_labels(void)
{
	struct metric *m = metric_new("by_kind", METRIC_COUNTER, "Kinds.");

	CHECK(is_printed("\noutpost_by_kind 0\n"));
	metric_add(metric_by(m, "kind", STR("a\"b\\c\n")), 1);
	metric_add(metric_by(m, "kind", STR("a\"b\\c\n")), 1);
	CHECK(is_printed("\noutpost_by_kind{kind=\"a\\\"b\\\\c?\"} 2\n"));
	CHECK(!is_printed("\noutpost_by_kind "));
	for (int i = 0; i < 500; i++) {
		char value[20];

		snprintf(value, sizeof(value), "v%d", i);
		metric_add(metric_by(m, "kind", str_from(value)), 1);
	}
	CHECK(is_printed("\noutpost_by_kind{kind=\"v198\"} 1\n"));
	CHECK(!is_printed("\noutpost_by_kind{kind=\"v199\"}"));
	CHECK(is_printed("\noutpost_by_kind{kind=\"other\"} 301\n"));
}

static void
test_histogram(void)
{
	struct metric *m =
	    metric_new("commit_seconds", METRIC_HISTOGRAM, "Commits.");

	metric_observe_us(m, -5);
	metric_observe_us(m, 1);
	metric_observe_us(m, 3);
	metric_observe_us(m, 1000000);
	metric_observe_us(m, 100000000);
	CHECK(is_printed("outpost_commit_seconds_bucket{le=\"0.000001\"} 2\n"
			 "outpost_commit_seconds_bucket{le=\"0.000002\"} 2\n"
			 "outpost_commit_seconds_bucket{le=\"0.000004\"} 3\n"));
	CHECK(is_printed("outpost_commit_seconds_bucket{le=\"1.048576\"} 4\n"));
	CHECK(is_printed("outpost_commit_seconds_bucket{le=\"67.108864\"} 4\n"
			 "outpost_commit_seconds_bucket{le=\"+Inf\"} 5\n"
			 "outpost_commit_seconds_sum 101.000004\n"
			 "outpost_commit_seconds_count 5\n"));
}

static void
test_nobody(void)
{
	metric_add(NULL, 1);
	metric_set(NULL, 1);
	metric_observe_us(NULL, 1);
	metric_add(metric_by(NULL, "kind", STR("x")), 1);
	CHECK_INT(metric_value(NULL), 0);
}

TESTS(TEST(test_numbers), TEST(test_labels), TEST(test_histogram),
    TEST(test_nobody))
