/* nodes_test - who is on the board, and whose pages end where another begins */
#include "ledger/nodes.h"

#include "base/test.h"

enum { NOW = 1000000, LIFE_US = 30 * 1000000 };

static void
set(char *out, size_t cap, const char *s)
{
	struct text t;

	text_init(&t, out, cap);
	text_add(&t, s);
}

static int64_t old_born = 5;

/* The pages of a node born long ago, seen by one of that label: until when do
 * they count? */
static int64_t
ends(int64_t last_beat, int64_t born, int64_t began, const char *label)
{
	static struct nodes nodes;
	static struct nodes_reading r;
	struct nodes_one old = {.at = last_beat, .born = old_born, .beats = 9};
	struct nodes_one self = {.at = NOW, .born = born, .began = began};
	char buf[512];
	struct text json;

	set(old.label, sizeof(old.label), "mx1");
	set(self.label, sizeof(self.label), label);
	text_init(&json, buf, sizeof(buf));
	nodes_print(&old, &json);
	nodes_begin(&r, &nodes, "bbbbbbbbbbbbbbbb", NOW, 1);
	CHECK(nodes_take(&r, STR("aaaaaaaaaaaaaaaa"), text_view(&json)));
	nodes_end(&r, &self, LIFE_US);
	CHECK_INT(nodes.n, 1);
	return nodes.v[0].ends_at;
}

static void
ends_where_the_next_begins(void)
{
	CHECK_INT(ends(NOW - 10, NOW - 5, NOW - 900, "mx1"), NOW - 900);
	CHECK_INT(ends(NOW - 10, NOW - 5, NOW - 900, "mx2"), 0);
	/* Nothing read yet: that comes in a moment, or there is no log. */
	CHECK_INT(ends(NOW - 10, NOW - 5, 0, "mx1"), 1);
	CHECK_INT(ends(NOW - 900, NOW - 500, 0, "mx1"), NOW - 500);
	/* Alive after that one's birth: two hosts of one name. */
	CHECK_INT(ends(NOW - 4, NOW - 5, NOW - 900, "mx1"), 0);
	/* Ended and born anew within the second of its last beat. */
	CHECK_INT(ends(NOW - 5, NOW - 5, NOW - 900, "mx1"), NOW - 900);
	CHECK_INT(ends(NOW - 5, 0, NOW - 900, "mx1"), 0);
}

/* A node that lived for a moment isn't its own successor. */
static void
one_that_beat_once_counts_on(void)
{
	old_born = NOW - 5;
	CHECK_INT(ends(NOW - 5, NOW - 5, NOW - 5, "mx2"), 0);
	old_born = 5;
}

static int64_t
ahead(int64_t first_at, int64_t first_beats, int64_t second_at,
    int64_t second_beats, int64_t later_us)
{
	static struct nodes nodes;
	static struct nodes_reading r;
	const struct nodes_one self = {.at = NOW};
	const int64_t at[] = {first_at, second_at};
	const int64_t beats[] = {first_beats, second_beats};

	nodes = (struct nodes){0};
	for (int i = 0; i < 2; i++) {
		struct nodes_one one = {.at = at[i], .beats = beats[i]};
		char buf[512];
		struct text json;

		set(one.label, sizeof(one.label), "mx2");
		text_init(&json, buf, sizeof(buf));
		nodes_print(&one, &json);
		nodes_begin(&r, &nodes, "bbbbbbbbbbbbbbbb", NOW + 5 * i,
		    1 + i * later_us);
		nodes_take(&r, STR("aaaaaaaaaaaaaaaa"), text_view(&json));
		nodes_end(&r, &self, LIFE_US);
	}
	return nodes_ahead(&nodes);
}

static void
knows_how_far_its_clock_is_ahead(void)
{
	CHECK_INT(ahead(NOW - 1, 1, NOW + 4, 2, 5000000), 1);
	CHECK_INT(ahead(NOW - 90, 1, NOW - 85, 2, 5000000), 90);
	CHECK_INT(ahead(NOW + 90, 1, NOW + 95, 2, 5000000), 0);
	/* Silent meanwhile: what it was at its last beat. */
	CHECK_INT(ahead(NOW - 2, 1, NOW - 2, 1, 5000000), 2);
	/* Gone: nobody to compare with. */
	CHECK_INT(ahead(NOW - 20, 1, NOW - 20, 1, 2 * LIFE_US), 0);
}

TESTS(TEST(knows_how_far_its_clock_is_ahead), TEST(ends_where_the_next_begins),
    TEST(one_that_beat_once_counts_on))
