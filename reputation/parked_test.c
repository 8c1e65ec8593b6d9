/* parked_test - what waits, whose turn it is */
#include "reputation/parked.h"

#include <stdio.h>

#include "base/test.h"

enum { T0 = 1764000000 };

static bool
note(struct parked *p, const char *provider, const char *id,
    const char *recipient, int64_t worth, int64_t now)
{
	const struct parked_message m = {str_from(provider), STR("postfix"),
	    str_from(id), str_from(recipient), STR("ann@x"), worth};

	return parked_note(p, &m, now);
}

static void
put_id(void *ctx, struct parked_item *i)
{
	text_add(ctx, i->id);
	text_char(ctx, ' ');
}

static struct str
ids(struct parked *p, const char *provider)
{
	static char buf[400];
	static struct text t;

	text_init(&t, buf, sizeof(buf));
	parked_each(p, str_from(provider), put_id, &t);
	return text_view(&t);
}

static void
good_ones_first(void)
{
	struct parked *p = parked_new(100);
	size_t worthy;

	CHECK(note(p, "big", "A1", "a@big.example", 0, T0));
	CHECK(note(p, "big", "A2", "b@big.example", 5, T0 + 1));
	CHECK(note(p, "big", "A3", "c@big.example", 9, T0 + 2));
	CHECK(note(p, "other", "A4", "d@other.example", 9, T0));
	CHECK_STR(ids(p, "big"), STR("A2 A3 A1 "));
	CHECK_INT(parked_count(p, STR("big"), &worthy), 3);
	CHECK_INT(worthy, 2);
	/* The worthiest, then each in turn. */
	struct parked_item *i = parked_best(p, STR("big"));

	CHECK_STR(str_from(i->id), STR("A3"));
	i->tried = T0 + 9;
	CHECK_STR(str_from(parked_best(p, STR("big"))->id), STR("A2"));
	/* Good no more. */
	parked_set_worth(p, i, 0);
	CHECK_STR(ids(p, "big"), STR("A2 A1 A3 "));
	CHECK(parked_gone(p, STR("postfix"), STR("A2"), STR("B@big.example")));
	CHECK(!parked_gone(p, STR("postfix"), STR("A2"), STR("b@big.example")));
	CHECK(!parked_best(p, STR("big")));
	CHECK(note(p, "big", "A1", "a@big.example", 1, T0 + 3));
	CHECK_STR(ids(p, "big"), STR("A1 A3 "));
	CHECK_STR(ids(p, ""), STR("A4 A1 A3 "));
	parked_tick(p, T0 + 1);
	CHECK_STR(ids(p, ""), STR("A1 A3 "));
	parked_free(&p);
}

static void
is_bounded(void)
{
	struct parked *p = parked_new(3);

	note(p, "big", "A1", "a@x", 0, T0);
	note(p, "big", "A2", "a@x", 0, T0 + 1);
	note(p, "big", "A3", "a@x", 1, T0 + 2);
	CHECK(!note(p, "big", "A4", "a@x", 0, T0 + 3));
	CHECK(note(p, "big", "A5", "a@x", 1, T0 + 4));
	CHECK(note(p, "big", "A6", "a@x", 1, T0 + 5));
	CHECK(!note(p, "big", "A7", "a@x", 1, T0 + 6));
	CHECK_STR(ids(p, "big"), STR("A3 A5 A6 "));
	parked_free(&p);
}

/* What an attacker may have put there. */
static void
hostile_recipients(void)
{
	struct parked *p = parked_new(100);
	static const char *const bad[] = {"", "@", "a@", "@x", "\"a b\"@x",
	    "a@b@c", "a b@x", "a@x\n", "a\xc3\xa9@x", "a@[192.0.2.1]"};
	char longest[400];

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!note(p, "big", "A1", bad[i], 1, T0));
	snprintf(longest, sizeof(longest), "%0300d@x", 1);
	CHECK(!note(p, "big", "A1", longest, 1, T0));
	CHECK(!note(p, "big", "A1234567890123456789012345", "a@x", 1, T0));
	CHECK(!parked_gone(p, STR("postfix"), STR("A1"), STR("@@")));
	CHECK_STR(ids(p, ""), STR(""));
	parked_free(&p);
}

TESTS(TEST(good_ones_first), TEST(is_bounded), TEST(hostile_recipients))
