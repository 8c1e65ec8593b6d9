/* listings_test - what is listed, as the events of several nodes tell it */
#include "daemon/listings.h"

#include <stdio.h>

#include "base/test.h"
#include "base/time.h"

static struct event e; /* 8 KiB */

static bool
fold(struct listings *l, enum event_type type, int64_t at)
{
	memset(&e, 0, sizeof(e));
	e.type = type;
	e.at_us = at * TIME_US;
	snprintf(e.subject, sizeof(e.subject), "192.0.2.1");
	snprintf(e.rule, sizeof(e.rule), "one");
	snprintf(e.evidence, sizeof(e.evidence),
	    "{\"means\":\"a bad\\u0009one\",\"says\":\"spam\"}");
	return listings_fold(l, &e);
}

static void
cause(struct listings *l, bool is_listed, char out[33])
{
	listings_cause(l, "192.0.2.1", "one", is_listed, out);
}

static void
a_change_is_news_once(void)
{
	struct listings l;
	struct listing known;

	listings_init(&l);
	CHECK(!listings_find(&l, "192.0.2.1", "one", &known));
	CHECK(!fold(&l, EVENT_UNLISTED, 90));
	CHECK(fold(&l, EVENT_LISTED, 100));
	CHECK(!fold(&l, EVENT_LISTED, 101)); /* another node's */
	CHECK(listings_find(&l, "192.0.2.1", "one", &known));
	CHECK(known.is_listed);
	CHECK_INT(known.since, 100);
	CHECK_STR(known.says, STR("spam"));
	CHECK(str_starts(known.means, STR("a bad")));
	CHECK(!listings_find(&l, "192.0.2.1", "two", &known));
	CHECK(!fold(&l, EVENT_UNLISTED, 99)); /* of before */
	CHECK(fold(&l, EVENT_UNLISTED, 200));
	CHECK(listings_find(&l, "192.0.2.1", "one", &known));
	CHECK(!known.is_listed);
	listings_done(&l);
}

/* Two nodes that see the same name one cause; the next time is another. */
static void
causes(void)
{
	struct listings a, b;
	char first[33], other[33], again[33];

	listings_init(&a);
	listings_init(&b);
	cause(&a, true, first);
	cause(&b, true, other);
	CHECK_STR(str_from(first), str_from(other));
	fold(&a, EVENT_LISTED, 100);
	fold(&b, EVENT_LISTED, 100);
	cause(&a, false, other);
	CHECK(strcmp(first, other) != 0);
	cause(&b, false, again);
	CHECK_STR(str_from(other), str_from(again));
	fold(&a, EVENT_UNLISTED, 200);
	cause(&a, true, again);
	CHECK(strcmp(first, again) != 0);
	listings_done(&a);
	listings_done(&b);
}

/* However long ago that began. */
static void
what_is_still_listed_is_kept(void)
{
	struct listings l;
	struct listing known;
	int64_t later = 100 + LISTINGS_KEEP;

	listings_init(&l);
	CHECK(fold(&l, EVENT_LISTED, 100));
	listings_seen(&l, "192.0.2.1", "one", later);
	listings_seen(&l, "192.0.2.1", "other", later);
	kept_tick(&l.kept, later, 10);
	CHECK(listings_find(&l, "192.0.2.1", "one", &known));
	CHECK(known.is_listed);
	CHECK_INT(known.since, 100);
	CHECK_STR(known.says, STR("spam"));
	CHECK(!listings_find(&l, "192.0.2.1", "other", &known));
	CHECK(fold(&l, EVENT_UNLISTED, later));
	listings_seen(&l, "192.0.2.1", "one", later + LISTINGS_KEEP);
	kept_tick(&l.kept, later + 1, 10);
	CHECK(!listings_find(&l, "192.0.2.1", "one", &known));
	listings_done(&l);
}

TESTS(TEST(a_change_is_news_once), TEST(causes),
    TEST(what_is_still_listed_is_kept))
