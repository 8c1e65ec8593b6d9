/* standings_walk_test - slices and ends, of many that come and go */
#include <stdio.h>

#include "base/test.h"
#include "base/time.h"
#include "limits/sanction.h"
#include "limits/standings_parts.h"

enum { T0 = 1767225600, MANY = 500 };

static int n_told;

static void
note_ended(void *ctx, const struct standings_ended *ended)
{
	int64_t *last = ctx;

	CHECK(ended->until >= *last);
	*last = ended->until;
	n_told++;
}

static void
count_one(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	int *n = ctx;

	(void)kind;
	(void)key;
	*n += state->rung == STANDING_SUSPENDED;
}

static void
suspend(struct standings *s, const char *name, uint64_t seq, int64_t until)
{
	static struct event e;
	struct standing_state state;
	const struct sanction_about a = {.kind = SUBJECT_ACCOUNT,
	    .key = str_from(name),
	    .node = "00000000000000aa",
	    .seq = seq,
	    .now_us = T0 * TIME_US,
	    .state = &state};

	standings_get(s, a.kind, a.key, T0, &state);
	sanction_order(&a, STANDING_SUSPENDED, until, STR("eve"), STR(""), &e);
	CHECK(standings_fold(s, &e));
}

static void
drop(struct standings *s, const char *name)
{
	struct standings_subject *u =
	    standings_find(s, SUBJECT_ACCOUNT, str_from(name));

	if (u)
		standings_drop(s, u);
}

static struct standings *
make_many(void)
{
	struct standings *s =
	    standings_new(&(struct standings_options){1000, 7 * 86400});
	char name[32];

	for (uint32_t i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "u%u@x.example", i);
		suspend(s, name, i + 1, T0 + 1 + i * 2654435761u % 1000);
		if (i % 7 == 3)
			drop(s, name);
		if (i % 11 != 5)
			continue;
		snprintf(name, sizeof(name), "u%u@x.example", i / 2);
		drop(s, name);
		suspend(s, name, MANY + i, T0 + 999);
	}
	return s;
}

static void
the_first_end_comes_first(void)
{
	struct standings *s = make_many();
	int n_all = (int)standings_count(s);
	int64_t last = 0;

	n_told = 0;
	for (int64_t now = T0; now <= T0 + 1001; now += 50) {
		while (standings_end_next(s, now, note_ended, &last))
			;
		CHECK(last <= now && standings_next_end(s) > now);
	}
	while (standings_end_next(s, T0 + 1001, note_ended, &last))
		;
	CHECK_INT(n_told, n_all);
	standings_free(&s);
}

static void
a_walk_meets_each(void)
{
	struct standings *s = make_many();
	struct standings_walk w;
	int n = 0, slices = 1, n_all = (int)standings_count(s);

	standings_walk_begin(s, &w);
	while (standings_walk(s, &w, 80, STANDING_HELD, T0, count_one, &n)) {
		if (slices++ == 3) /* who comes now isn't met */
			suspend(s, "new@x.example", 2 * MANY, T0 + 9);
	}
	CHECK_INT(n, n_all);
	CHECK(slices >= n_all / 10);
	n = 0;
	standings_each(s, T0, count_one, &n);
	CHECK_INT(n, n_all + 1);
	standings_free(&s);
}

TESTS(TEST(the_first_end_comes_first), TEST(a_walk_meets_each))
