/* queue_listing_test - lines of the real postqueue -j, and broken ones */
#include "queue/queue_listing.h"

#include "base/test.h"

static const char real[] =
    "{\"queue_name\": \"hold\", \"queue_id\": \"4jXD4k4KlLz1jQTk\", "
    "\"arrival_time\": 1795315638, \"message_size\": 476, \"forced_expire\": "
    "false, \"sender\": \"\\\"a b\\\"@x.example\", \"recipients\": "
    "[{\"address\": \"u1@world.example\"}]}";

static void
a_real_line(void)
{
	struct queue_listed q;

	CHECK(queue_listing_parse(str_from(real), &q));
	CHECK_STR(q.queue, STR("hold"));
	CHECK_STR(q.id, STR("4jXD4k4KlLz1jQTk"));
	CHECK_STR(q.sender, STR("\"a b\"@x.example"));
	CHECK_INT(q.arrived, 1795315638);
	CHECK_INT(q.size_bytes, 476);
}

static void
a_cut_line(void)
{
	size_t sender = (size_t)str_find(str_from(real), STR("\", \"recip"));
	struct queue_listed q;

	CHECK(queue_listing_parse(str_make(real, sender + 1), &q));
	for (size_t n = 0; n <= sender; n++)
		CHECK(!queue_listing_parse(str_make(real, n), &q));
}

static void
odd_lines(void)
{
	struct queue_listed q;

	CHECK(queue_listing_parse(STR("{\"new\": [1, 2]"), &q) == false);
	CHECK(queue_listing_parse(
	    STR("{\"queue_name\":\"hold\",\"queue_id\":\"C3CD21F3E90\","
		"\"arrival_time\":1,\"message_size\":2,\"other\":true,"
		"\"sender\":\"MAILER-DAEMON\"}"),
	    &q));
	CHECK_INT(q.sender.n, 0);
	CHECK(!queue_listing_parse(STR("postqueue: fatal: no"), &q));
	CHECK(!queue_listing_parse(
	    STR("{\"queue_name\":\"hold\",\"queue_id\":\"../x/../y\","
		"\"arrival_time\":1,\"message_size\":2,\"sender\":\"a\"}"),
	    &q));
}

TESTS(TEST(a_real_line), TEST(a_cut_line), TEST(odd_lines))
