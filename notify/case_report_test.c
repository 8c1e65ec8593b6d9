/* case_report - what the cases of a period say, as numbers */
#include "notify/case_report.h"

#include <stdio.h>

#include "base/test.h"
#include "notify/case_bed.h"

static struct case_head
head(int64_t since, const char *rule, int64_t took, int64_t leaked)
{
	struct case_head c = {.is_opened = true,
	    .since = since,
	    .began = since - took,
	    .recipients = leaked};

	BED_PUT(c.rule, rule);
	BED_PUT(c.rung, "suspended");
	BED_PUT(c.class, "person");
	return c;
}

static void
numbers_are_of_the_period(void)
{
	struct case_report *r = case_report_new(1000, 2000);
	const struct case_sums *v, *all = case_report_all(r);
	struct case_head c;

	for (int i = 0; i < 100; i++) {
		c = head(1000 + i, i < 60 ? "blast" : "burst", i + 1, i);
		if (i < 10)
			c.is_overturned = true;
		if (i == 50) {
			c.decided.at_us = (c.since + 70) * TIME_US;
			c.is_approved = true;
			c.state = CASE_APPROVED;
		}
		case_report_add(r, &c);
	}
	c = head(999, "blast", 1, 1);
	case_report_add(r, &c);
	c = head(2000, "blast", 1, 1);
	case_report_add(r, &c);
	c = head(1500, "blast", 1, 1);
	c.end = CASE_END_REPLACED;
	case_report_add(r, &c);
	c = head(1500, "operator", 9999, 9999);
	c.is_operator = true;
	case_report_add(r, &c);
	case_report_end(r);
	CHECK_INT(all->cases, 101);
	CHECK_INT(all->suspended, 101);
	CHECK_INT(all->by_operators, 1);
	CHECK_INT(all->overturned, 10);
	CHECK_INT(all->approved, 1);
	CHECK_INT(all->waiting, 100);
	CHECK_INT(all->detected.n, 100);
	CHECK_INT(all->detected.median, 50);
	CHECK_INT(all->detected.most, 95);
	CHECK_INT(all->leaked.sum, 4950);
	CHECK_INT(all->decided.n, 1);
	CHECK_INT(all->decided.median, 70);
	CHECK_INT(case_report_rules(r, &v), 3);
	CHECK_STR(str_from(v[0].name), STR("blast"));
	CHECK_INT(v[0].cases, 60);
	CHECK_INT(case_report_classes(r, &v), 1);
	case_report_free(&r);
}

static void
names_are_bounded(void)
{
	struct case_report *r = case_report_new(0, 2000);
	const struct case_sums *v;
	struct case_head c;
	struct text t;

	text_grow(&t, 100000);
	for (int i = 0; i < 300; i++) {
		char name[32];

		snprintf(name, sizeof(name), "rule%d", i);
		c = head(1000, name, 1, 1);
		case_report_add(r, &c);
	}
	case_report_end(r);
	CHECK_INT(case_report_rules(r, &v), 100);
	CHECK_STR(str_from(v[0].name), STR("others"));
	case_report_print(r, &t);
	CHECK(str_find(text_view(&t), STR("300 suspended")) > 0);
	text_done(&t);
	case_report_free(&r);
	r = case_report_new(0, 2000);
	case_report_end(r);
	CHECK_INT(case_report_rules(r, &v), 0);
	case_report_free(&r);
}

TESTS(TEST(numbers_are_of_the_period), TEST(names_are_bounded))
