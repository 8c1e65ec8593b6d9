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

TESTS(TEST(ends_where_the_next_begins), TEST(one_that_beat_once_counts_on))
