/* holder_expect_test - what waits while there is doubt, and both its ends */
#include "daemon/holder_bed.h"

static const char evidence[] =
    "{\"evidence\":{\"began\":\"1970-01-01T00:00:40Z\","
    "\"known\":[\"192.0.2.0/24\"]}}";

static bool
expect(struct holder *h, const char *id, struct queue_message *m)
{
	struct holder_new n = {.account = STR("a@x"),
	    .instance = STR("postfix"),
	    .queue_id = str_from(id),
	    .sender = STR("a@x"),
	    .until = 60};

	ip_parse(STR("198.51.100.1"), &n.client);
	return holder_expect(h, &n, 50, m);
}

static struct holder *
make_doubt(int64_t max)
{
	struct holder *h = make(max);

	is_doubt = true;
	stop_for(h, "a@x", 60, "c1", evidence);
	is_doubt = false;
	return h;
}

static void
take(struct holder *h, struct queue_message *m)
{
	m->result = QUEUE_HELD;
	holder_expected(h, m);
}

/* Whatever speaks against it: all of it leaves at the end, in order. */
static void
all_of_it_leaves(void)
{
	struct holder *h = make_doubt(10);
	struct queue_message m;

	CHECK(expect(h, "C3CD21F3E90", &m));
	CHECK_INT(m.due, 60);
	CHECK(!holder_has(h, m.instance, m.id));
	take(h, &m);
	CHECK(holder_has(h, STR("postfix"), STR("C3CD21F3E90")));
	CHECK(!expect(h, "C3CD21F3E90", &m));
	offer_from(h, "C3CD21F3E91", "198.51.100.1", 45);
	CHECK(holder_next(h, 50, &q));
	CHECK_INT(q.messages[0].due, 60);
	answer(h, QUEUE_HELD, 50);
	CHECK(!holder_next(h, 59, &q));
	stop(h, NULL, 0);
	CHECK(holder_next(h, 60, &q));
	CHECK_INT(q.verb, QUEUE_VERB_RELEASE);
	CHECK_INT(q.n, 2);
	CHECK_INT(kept, 0);
	holder_free(&h);
}

/* Suspended: what speaks against it counts again. */
static void
or_it_stays(void)
{
	struct holder *h = make_doubt(10);
	struct queue_message m;

	CHECK(expect(h, "C3CD21F3E90", &m));
	take(h, &m);
	stop_for(h, "a@x", 500, "c2", evidence);
	CHECK(holder_next(h, 51, &q));
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	CHECK_INT(q.messages[0].origin, QUEUE_ORIGIN_NEW);
	CHECK(q.messages[0].due > 500);
	answer(h, QUEUE_HELD, 51);
	CHECK(!holder_next(h, 52, &q));
	CHECK(!expect(h, "C3CD21F3E92", &m));
	stop(h, NULL, 0);
	/* Every minute outpost-queue is asked what there is. */
	if (holder_next(h, 501, &q)) {
		CHECK_INT(q.verb, QUEUE_VERB_LIST);
		holder_end(h, 501, true);
	}
	holder_free(&h);
}

static void
no_more_than_may_be(void)
{
	struct holder *h = make_doubt(1);
	struct queue_message m, other;

	CHECK(!expect(h, "ALL", &m));
	CHECK(expect(h, "C3CD21F3E90", &m));
	m.result = QUEUE_FULL;
	holder_expected(h, &m);
	CHECK_INT(holder_held(h), 0);
	take(h, &m);
	CHECK(!expect(h, "C3CD21F3E91", &other));
	holder_free(&h);
}

TESTS(TEST(all_of_it_leaves), TEST(or_it_stays), TEST(no_more_than_may_be))
