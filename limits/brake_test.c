/* brake_test - budgets, who waits, and what an operator decides */
#include "limits/brake.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "base/time.h"

enum { T0 = 1767225600, HOUR = 3600, DAY = 86400 };

static void
put(char *out, size_t size, const char *s)
{
	struct text t;

	text_init(&t, out, size);
	text_add(&t, s);
}

static struct event
made(enum event_type type, const char *rung, const char *rule, int64_t at)
{
	static uint64_t seq;
	struct event e = {.type = type, .at_us = at * TIME_US, .seq = ++seq};

	put(e.node, sizeof(e.node), "00000000000000aa");
	put(e.rung, sizeof(e.rung), rung);
	put(e.rule, sizeof(e.rule), rule);
	put(e.class, sizeof(e.class), "person");
	snprintf(e.cause, sizeof(e.cause), "%032llx", (unsigned long long)seq);
	return e;
}

static struct event
suspended(const char *rule, int64_t at)
{
	return made(EVENT_SANCTION, "suspended", rule, at);
}

static struct event
braked(const char *rule, int64_t at)
{
	struct event e = made(EVENT_SANCTION, "held", rule, at);

	put(e.how, sizeof(e.how), SANCTION_BRAKED);
	e.until = at + DAY / 2;
	return e;
}

static void
fold(struct brake *b, struct event e)
{
	brake_fold(b, &e);
}

static bool
stops(struct brake *b, const char *rule, int64_t now)
{
	return brake_stops(b, rule, "person", 3, now * TIME_US);
}

static void
a_budget_is_per_rule_class_and_hour(void)
{
	struct brake *b = brake_new();
	struct event e;

	CHECK(!stops(b, "hour", T0));
	CHECK(brake_stops(b, "hour", "person", 0, T0 * (int64_t)TIME_US));
	for (int i = 0; i < 2; i++)
		fold(b, suspended("hour", T0 + i));
	e = suspended("hour", T0 + 2);
	fold(b, e);
	CHECK(stops(b, "hour", T0 + 3));
	CHECK(!stops(b, "day", T0 + 3));
	CHECK(!brake_stops(b, "hour", "bulk", 3, (T0 + 3) * (int64_t)TIME_US));
	CHECK(stops(b, "hour", T0 + HOUR - 1));
	CHECK(!stops(b, "hour", T0 + HOUR));
	brake_free(&b);
}

static void
one_cause_counts_once(void)
{
	struct brake *b = brake_new();
	struct event e = suspended("hour", T0);

	for (int i = 0; i < 5; i++) {
		e.at_us++;
		fold(b, e);
	}
	CHECK(!stops(b, "hour", T0 + 1));
	fold(b, suspended("hour", T0));
	CHECK(!stops(b, "hour", T0 + 1));
	fold(b, e);
	fold(b, suspended("hour", T0));
	CHECK(stops(b, "hour", T0 + 1));
	brake_free(&b);
}

static void
people_and_observed_ones_take_nothing(void)
{
	struct brake *b = brake_new();

	for (int i = 0; i < 9; i++) {
		struct event e = suspended("hour", T0);

		e.is_operator = i % 3 == 0;
		e.is_observed = i % 3 == 1;
		if (i % 3 == 2)
			put(e.how, sizeof(e.how), SANCTION_APPROVED);
		fold(b, e);
	}
	CHECK(!stops(b, "hour", T0));
	brake_free(&b);
}

/* While one waits all wait, though the hour is over. */
static void
it_stays_until_somebody_decides(void)
{
	struct brake *b = brake_new();

	fold(b, braked("hour", T0));
	CHECK(brake_is_on(b, "hour", "person", T0 * (int64_t)TIME_US));
	CHECK(stops(b, "hour", T0 + 2 * HOUR));
	CHECK(!stops(b, "hour", T0 + DAY / 2));
	fold(b, made(EVENT_BRAKE, "release", "hour", T0 + 60));
	CHECK(!stops(b, "hour", T0 + 61));
	fold(b, braked("hour", T0 + 62));
	CHECK(stops(b, "hour", T0 + 63));
	brake_free(&b);
}

static void
an_approval_begins_anew_a_release_does_not(void)
{
	struct brake *b = brake_new();

	for (int i = 0; i < 4; i++)
		fold(b, suspended("hour", T0));
	fold(b, braked("hour", T0 + 1));
	fold(b, made(EVENT_BRAKE, "release", "hour", T0 + 2));
	CHECK(!brake_is_on(b, "hour", "person", (T0 + 3) * (int64_t)TIME_US));
	CHECK(stops(b, "hour", T0 + 3));
	fold(b, made(EVENT_BRAKE, "approve", "hour", T0 + 4));
	CHECK(!stops(b, "hour", T0 + 5));
	for (int i = 0; i < 3; i++)
		fold(b, suspended("hour", T0 + 6));
	CHECK(stops(b, "hour", T0 + 7));
	brake_free(&b);
}

struct seen {
	uint64_t n, suspended, on;
};

static void
see(void *ctx, const struct brake_line *line)
{
	struct seen *s = ctx;

	s->n++;
	s->suspended += line->suspended;
	s->on += line->is_on;
}

/* Any order gives the same. */
static void
order_does_not_matter(void)
{
	enum { N = 60, TRIES = 200 };
	struct event *all = calloc(N, sizeof(*all));
	struct seen first = {0};

	for (int i = 0; i < N; i++) {
		const char *rule = i % 2 ? "hour" : "day";
		int64_t at = T0 + i * 37;

		all[i] =
		    i % 10 == 3 ? braked(rule, at)
		    : i % 10 == 7
			? made(EVENT_BRAKE, i % 20 == 7 ? "approve" : "release",
			      rule, at)
			: suspended(rule, at);
	}
	srand(7);
	for (int try = 0; try < TRIES; try++) {
		struct brake *b = brake_new();
		struct seen seen = {0};

		for (int i = 0; i < N; i++)
			brake_fold(b, &all[i]);
		brake_each(b, (T0 + N * 37) * (int64_t)TIME_US, see, &seen);
		if (try == 0)
			first = seen;
		CHECK_INT(seen.n, 2);
		CHECK_INT(seen.suspended, first.suspended);
		CHECK_INT(seen.on, first.on);
		brake_free(&b);
		for (int i = N - 1; i > 0; i--) {
			int j = rand() % (i + 1);
			struct event e = all[i];

			all[i] = all[j];
			all[j] = e;
		}
	}
	CHECK(first.suspended > 0);
	free(all);
}

/* A month's books, and strangers' names. */
static void
it_is_bounded(void)
{
	struct brake *b = brake_new();
	char rule[64];
	struct seen seen = {0};

	for (int i = 0; i < 300000; i++)
		fold(b, suspended("hour", T0 + i));
	CHECK(stops(b, "hour", T0 + 300000));
	for (int i = 0; i < 3000; i++) {
		snprintf(rule, sizeof(rule), "rule-%d", i);
		fold(b, suspended(rule, T0));
		fold(b, made(EVENT_BRAKE, "release", rule, T0));
	}
	brake_each(b, T0 * (int64_t)TIME_US, see, &seen);
	CHECK(seen.n <= 1024);
	brake_free(&b);
}

TESTS(TEST(a_budget_is_per_rule_class_and_hour), TEST(one_cause_counts_once),
    TEST(people_and_observed_ones_take_nothing),
    TEST(it_stays_until_somebody_decides),
    TEST(an_approval_begins_anew_a_release_does_not),
    TEST(order_does_not_matter), TEST(it_is_bounded))
