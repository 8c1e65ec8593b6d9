/* causes_test - who is the cause, among many who aren't */
#include "reputation/causes.h"

#include <stdio.h>

#include "base/test.h"

enum { T0 = 1764000000, HOUR = 3600 };

static void
send(struct causes *c, const char *ip, const char *provider,
    const char *account, int64_t at, uint32_t n, int what)
{
	struct cause_note note = {
	    str_from(ip), str_from(provider), str_from(account), at, n, {0}};

	if (what >= 0)
		note.is[what] = true;
	causes_note(c, &note);
}

/* The largest is clean, one fails elsewhere, one did long ago. */
static void
culprit_among_decoys(void)
{
	struct causes *c = causes_new(10000);
	struct cause v[5];
	char name[32];

	for (int i = 0; i < 200; i++) {
		snprintf(name, sizeof(name), "user%d@x", i);
		send(c, "out1", "big", name, T0, 20, -1);
		if (i % 10 == 0)
			send(c, "out1", "big", name, T0, 1, CAUSE_UNKNOWN);
	}
	send(c, "out1", "big", "newsletter@x", T0, 20000, -1);
	send(c, "out1", "big", "newsletter@x", T0, 200, CAUSE_UNKNOWN);
	send(c, "out1", "other", "elsewhere@x", T0, 500, CAUSE_UNKNOWN);
	send(c, "out2", "big", "otherip@x", T0, 500, CAUSE_REFUSED);
	send(c, "out1", "big", "past@x", T0 - 11 * HOUR, 500, CAUSE_REFUSED);
	send(c, "out1", "big", "thief@x", T0, 120, -1);
	send(c, "out1", "big", "thief@x", T0, 25, CAUSE_REFUSED);
	send(c, "out1", "big", "thief@x", T0, 40, CAUSE_UNKNOWN);
	size_t n =
	    causes_rank(c, STR("out1"), STR("big"), 6, T0, NULL, NULL, v, 5);

	CHECK_INT(n, 5);
	CHECK_STR(str_from(v[0].account), STR("thief@x"));
	CHECK_INT(v[0].recipients, 185);
	CHECK_INT(v[0].v[CAUSE_REFUSED], 25);
	CHECK(v[0].share > 60);
	n = causes_rank(c, STR(""), STR("big"), 6, T0, NULL, NULL, v, 5);
	CHECK_STR(str_from(v[0].account), STR("otherip@x"));
	CHECK_STR(str_from(v[1].account), STR("thief@x"));
	CHECK_INT(
	    causes_rank(c, STR("out9"), STR("big"), 6, T0, NULL, NULL, v, 5),
	    0);
	causes_free(&c);
}

static void
more(void *ctx, int64_t window, struct cause *one)
{
	CHECK_INT(window, 6 * HOUR);
	if (strcmp(one->account, ctx) == 0)
		one->v[CAUSE_COMPLAINTS] += 5;
}

/* What is known only of the account as a whole counts, too. */
static void
complained_about(void)
{
	struct causes *c = causes_new(100);
	struct cause v[3];
	char who[] = "spammer@x";

	send(c, "out1", "big", "ann@x", T0, 100, -1);
	send(c, "out1", "big", who, T0, 100, -1);
	causes_rank(c, STR("out1"), STR("big"), 6, T0, more, who, v, 3);
	CHECK_STR(str_from(v[0].account), STR("spammer@x"));
	CHECK_INT(v[0].share, 100);
	CHECK_INT(v[0].v[CAUSE_COMPLAINTS], 5);
	causes_free(&c);
}

static void
is_bounded(void)
{
	struct causes *c = causes_new(3);
	struct cause v[9];
	char name[32];

	for (int i = 0; i < 9; i++) {
		snprintf(name, sizeof(name), "u%d@x", i);
		send(c, "a", "big", name, T0, 1, -1);
	}
	CHECK_INT(
	    causes_rank(c, STR("a"), STR("big"), 6, T0, NULL, NULL, v, 9), 3);
	send(c, "a", "big", "", T0, 1, -1);
	CHECK_INT(
	    causes_rank(c, STR("a"), STR("big"), 6, T0, NULL, NULL, v, 9), 3);
	causes_free(&c);
}

TESTS(TEST(culprit_among_decoys), TEST(complained_about), TEST(is_bounded))
