/* queue_tries_test - what outpost-queue is to hurry */
#include "daemon/queue_tries.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

static void
asked_once(void)
{
	struct queue_tries *t = xalloc(1, sizeof(*t));
	struct queue_request *q = xalloc(1, sizeof(*q));
	struct text out;
	char id[16];

	text_grow(&out, 100000);
	CHECK(!queue_tries_next(t, q));
	CHECK(!queue_tries_add(t, STR("postfix"), STR("ALL")));
	CHECK(!queue_tries_add(t, STR("-c/tmp"), STR("4jXD4k4KlLz1jQTk")));
	CHECK(queue_tries_add(t, STR("postfix"), STR("4jXD4k4KlLz1jQTk")));
	CHECK(queue_tries_next(t, q));
	CHECK_INT(q->verb, QUEUE_VERB_TRY);
	CHECK_INT(q->n, 1);
	CHECK_STR(q->messages[0].id, STR("4jXD4k4KlLz1jQTk"));
	queue_request_print(q, &out);
	CHECK(str_starts(text_view(&out), STR("verb=try\n")));
	CHECK(!queue_tries_next(t, q));
	for (int i = 0; i < QUEUE_TRIES; i++) {
		snprintf(id, sizeof(id), "C3CD21F%04X", (unsigned)i);
		CHECK(queue_tries_add(t, STR("postfix"), str_from(id)));
	}
	CHECK(!queue_tries_add(t, STR("postfix"), STR("C3CD21FFFFF")));
	CHECK(queue_tries_next(t, q));
	CHECK_INT(q->n, QUEUE_TRIES);
	text_done(&out);
	free(t);
	free(q);
}

TESTS(TEST(asked_once))
