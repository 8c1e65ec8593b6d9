/* lane_test - how much an own IP may send to a provider */
#include "reputation/lane.h"

#include "base/test.h"

enum { T0 = 1767225600, MINUTE = 60, HOUR = 3600, DAY = 86400 };

static struct lane_rules rules;
static struct lane l;

static void
begin(void)
{
	rules = (struct lane_rules){.rest = HOUR,
	    .period = 15 * MINUTE,
	    .step = 20,
	    .refused_max = 5,
	    .days = lane_days,
	    .n_days = lane_n_days};
	l = (struct lane){.from = T0, .since = T0};
}

static bool
step(enum lane_trouble trouble, int64_t now)
{
	return lane_step(&l, &rules, trouble, now);
}

/* What other nodes sent by the address counts against one budget. */
static void
others_count(void)
{
	begin();
	lane_warm_up(&l, &rules, T0);
	lane_count(&l, 20, 0);
	l.others_tried = 25;
	CHECK_INT(lane_room(&l, T0 + 23 * HOUR), 5);
	l.others_refused = 10;
	CHECK(step(LANE_NO_TROUBLE, T0 + DAY));
	CHECK_INT(l.level, 0);
	CHECK_INT(l.others_tried, 0);
	l.others_tried = 1;
	CHECK(step(LANE_NO_TROUBLE, T0 + 2 * DAY));
	CHECK_INT(l.level, 1);
}

/* Two nodes, one address: the later period holds, its counts are added. */
static void
nodes_agree(void)
{
	struct lane other;

	begin();
	lane_warm_up(&l, &rules, T0);
	lane_count(&l, 20, 0);
	other = l;
	lane_count(&other, 5, 1);
	CHECK(!lane_merge(&l, &other));
	CHECK_INT(l.tried, 20);
	CHECK_INT(lane_tried(&l), 45);
	CHECK_INT(lane_refused(&l), 1);

	/* It began a day before we did: it knows nothing of this one. */
	other.from -= DAY;
	CHECK(!lane_merge(&l, &other));
	CHECK_INT(lane_tried(&l), 45);

	/* It went on first. */
	other.from = T0 + DAY;
	other.level = 3;
	other.budget = 500;
	other.tried = 7;
	CHECK(lane_merge(&l, &other));
	CHECK_INT(l.tried, 0);
	CHECK_INT(lane_tried(&l), 7);
	CHECK_INT(l.level, 3);
	CHECK_INT(l.budget, 500);

	/* What was usual is so for all. */
	other.usual = 900;
	CHECK(!lane_merge(&l, &other));
	CHECK_INT(l.usual, 900);
}

static void
nothing_happens(void)
{
	begin();
	for (int64_t now = T0; now < T0 + DAY; now += MINUTE) {
		lane_count(&l, 10, 1);
		CHECK(!step(LANE_NO_TROUBLE, now));
	}
	CHECK(lane_room(&l, T0 + DAY) == INT64_MAX);
	CHECK_INT(l.usual, 150);
}

/* Blocked, rested, back step by step, open when it is as before. */
static void
a_block(void)
{
	int64_t now = T0 + HOUR, last = 0;
	int n = 0;

	begin();
	lane_count(&l, 100, 50);
	CHECK(step(LANE_SHUT, now));
	CHECK_INT(l.state, LANE_BLOCKED);
	CHECK_INT(lane_room(&l, now), 0);
	CHECK(!step(LANE_SHUT, now + HOUR - 1));
	now += HOUR;
	CHECK(step(LANE_SHUT, now)); /* the incident is open still */
	CHECK_INT(l.state, LANE_BACK);
	CHECK_INT(lane_room(&l, now), 20);
	for (; l.state == LANE_BACK && n < 20; n++) {
		CHECK(l.budget > last);
		last = l.budget;
		lane_count(&l, l.budget, 0);
		CHECK_INT(lane_room(&l, now), 0);
		now += 15 * MINUTE;
		CHECK(step(LANE_NO_TROUBLE, now));
	}
	CHECK_INT(n, 4); /* 20, 40, 60, 80: then 100 */
	CHECK_INT(l.state, LANE_OPEN);
}

static void
refused_again(void)
{
	int64_t now = T0 + HOUR;

	begin();
	lane_count(&l, 100, 50);
	step(LANE_SHUT, now);
	now += HOUR;
	step(LANE_SHUT, now);
	lane_count(&l, 20, 0);
	now += 15 * MINUTE;
	step(LANE_SHUT, now);
	CHECK_INT(l.budget, 40);
	lane_count(&l, 10, 2);
	CHECK(!step(LANE_SHUT, now + 1));
	lane_count(&l, 5, 1); /* three are enough */
	CHECK(step(LANE_SHUT, now + 2));
	CHECK_INT(l.state, LANE_BACK);
	CHECK_INT(l.budget, 20);
	CHECK_INT(lane_room(&l, now), 20);
	/* Nothing sent: nothing learned. */
	CHECK(!step(LANE_NO_TROUBLE, now + 2 * HOUR));
	/* All of it refused: it rests, twice as long. */
	lane_count(&l, 3, 3);
	now += 2 * HOUR;
	CHECK(step(LANE_SHUT, now));
	CHECK_INT(l.state, LANE_BLOCKED);
	CHECK(!step(LANE_SHUT, now + 2 * HOUR - 1));
	CHECK(step(LANE_SHUT, now + 2 * HOUR));
	CHECK_INT(l.state, LANE_BACK);
}

static void
slowed(void)
{
	begin();
	lane_count(&l, 100, 5);
	CHECK(step(LANE_SLOWED, T0 + 60));
	CHECK_INT(l.state, LANE_BACK);
	CHECK_INT(l.budget, 50);
	begin();
	CHECK(step(LANE_SLOWED, T0 + 60));
	CHECK_INT(l.budget, 20);
}

static void
warm_up(void)
{
	int64_t now = T0;

	begin();
	lane_warm_up(&l, &rules, now);
	CHECK_INT(lane_room(&l, now), 3); /* 50 a day are 3 an hour */
	CHECK_INT(lane_room(&l, now + HOUR), 5);
	CHECK_INT(lane_room(&l, now + 23 * HOUR), 50);
	lane_count(&l, 50, 0);
	CHECK_INT(lane_room(&l, now + 23 * HOUR), 0);
	CHECK(!step(LANE_NO_TROUBLE, now + DAY - 1));
	CHECK(step(LANE_NO_TROUBLE, now += DAY));
	CHECK_INT(l.budget, 100);
	/* It stops growing on refusals, and when nothing is known. */
	lane_count(&l, 100, 6);
	step(LANE_NO_TROUBLE, now += DAY);
	CHECK_INT(l.budget, 100);
	step(LANE_NO_TROUBLE, now += DAY);
	CHECK_INT(l.budget, 100);
	lane_count(&l, 100, 5);
	step(LANE_SLOWED, now += DAY);
	CHECK_INT(l.budget, 100);
	/* A block throws it back. */
	for (int i = 0; i < 3; i++) {
		lane_count(&l, 100, 1);
		step(LANE_NO_TROUBLE, now += DAY);
	}
	CHECK_INT(l.budget, 1000);
	CHECK(step(LANE_SHUT, now));
	CHECK_INT(lane_room(&l, now), 0);
	CHECK(step(LANE_NO_TROUBLE, now += HOUR));
	CHECK_INT(l.state, LANE_WARMING);
	CHECK_INT(l.budget, 250);
	for (int i = 0; i < 30 && l.state == LANE_WARMING; i++) {
		lane_count(&l, 100, 0);
		step(LANE_NO_TROUBLE, now += DAY);
	}
	CHECK_INT(l.state, LANE_OPEN);
	CHECK(lane_room(&l, now) == INT64_MAX);
}

static void
in_the_books(void)
{
	char buf[256];
	struct text t;
	struct lane m;

	begin();
	lane_warm_up(&l, &rules, T0);
	lane_count(&l, 12, 3);
	text_init(&t, buf, sizeof(buf));
	lane_print(&l, &t);
	CHECK(lane_parse(text_view(&t), &m));
	CHECK(m.state == l.state && m.since == l.since && m.from == l.from &&
	      m.budget == l.budget && m.tried == 12 && m.refused == 3 &&
	      m.is_warming && m.level == 0);
	static const char *const bad[] = {"", "open", "open 0 1 2 3 4 5 6 7",
	    "open 0 1 2 3 4 5 6 7 8 9", "shut 0 1 2 3 4 5 6 7 8",
	    "warming 1 1 2 3 4 5 6 16 8", "open 0 1 2 -3 4 5 6 7 8",
	    "open 0 1 2 x 4 5 6 7 8",
	    "back 0 1 2 3 4 9223372036854775807 6 7 8"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!lane_parse(str_from(bad[i]), &m));
	CHECK(lane_parse(STR("open 0 1 2 3 4 5 6 7 8"), &m));
}

TESTS(TEST(others_count), TEST(nodes_agree), TEST(nothing_happens),
    TEST(a_block), TEST(refused_again), TEST(slowed), TEST(warm_up),
    TEST(in_the_books))
