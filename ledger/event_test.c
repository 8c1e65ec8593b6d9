/* event_test - events as JSON, there and back; identities in order */
#include "ledger/event.h"

#include <stdio.h>

#include "base/test.h"
#include "base/time.h"

static struct event
sample(void)
{
	struct event e = {
	    .type = EVENT_SANCTION,
	    .at_us = 1763764800000123,
	    .node = "0123456789abcdef",
	    .seq = 7,
	    .kind = "account",
	    .subject = "o'neil \"x\"@example.com",
	    .rung = "suspended",
	    .rule = "burst",
	    .cause = "00112233445566778899aabbccddeeff",
	    .until = 1763765800,
	    .by = "outpost",
	    .reason = "412 recipients in 10 minutes, usually at most 9",
	    .evidence = "{\"score\":120,\"reasons\":[{\"rule\":\"burst\"}]}",
	};

	return e;
}

static bool
is_same(const struct event *a, const struct event *b)
{
	return a->type == b->type && event_compare(a, b) == 0 &&
	       !strcmp(a->kind, b->kind) && !strcmp(a->subject, b->subject) &&
	       !strcmp(a->rung, b->rung) && !strcmp(a->rule, b->rule) &&
	       !strcmp(a->cause, b->cause) && a->until == b->until &&
	       a->mark == b->mark && a->is_operator == b->is_operator &&
	       a->is_observed == b->is_observed && !strcmp(a->by, b->by) &&
	       !strcmp(a->reason, b->reason) &&
	       !strcmp(a->evidence, b->evidence);
}

static void
check_round(const struct event *e)
{
	struct event back;
	struct error err = {""};
	struct text t;

	text_grow(&t, 1 << 16);
	event_print(e, &t);
	CHECK(event_parse(text_view(&t), &back, &err));
	CHECK_STR(str_from(err.text), STR(""));
	CHECK(is_same(e, &back));
	text_done(&t);
}

static void
goes_there_and_back(void)
{
	struct event e = sample();

	check_round(&e);
	e.until = TIME_NEVER;
	e.is_observed = true;
	check_round(&e);
	e.type = EVENT_LIFT;
	e.mark = 1763764801;
	e.is_operator = true;
	e.until = 0;
	snprintf(e.by, sizeof(e.by), "j\xc3\xbcrgen");
	check_round(&e);
	e = (struct event){.type = EVENT_MODE, .at_us = 5, .node = "a"};
	snprintf(e.evidence, sizeof(e.evidence), "{}");
	check_round(&e);
}

static void
bad_evidence_is_left_out(void)
{
	struct event e = sample(), back;
	struct text t;

	snprintf(e.evidence, sizeof(e.evidence), "{\"cut\":\"of");
	text_grow(&t, 1 << 16);
	event_print(&e, &t);
	CHECK(event_parse(text_view(&t), &back, NULL));
	CHECK_STR(str_from(back.evidence), STR("{}"));
	text_done(&t);
}

static void
bad_ones_are_refused(void)
{
	static const char *const bad[] = {"", "[]", "{}", "{\"type\":\"x\"}",
	    "{\"type\":\"lift\"}",
	    "{\"type\":\"lift\",\"time\":\"yesterday\",\"node\":\"a\"}",
	    "{\"type\":\"lift\",\"time\":\"2026-01-01T00:00:00Z\"}",
	    "{\"type\":\"lift\",\"time\":\"2026-01-01T00:00:00Z\","
	    "\"node\":\"0123456789abcdef0\"}",
	    "{\"type\":\"lift\",\"time\":\"2026-01-01T00:00:00Z\","
	    "\"node\":\"a\",\"until\":\"soon\"}"};
	struct event e = sample();
	struct error err;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK(!event_parse(str_from(bad[i]), &e, &err));
	CHECK_INT(e.seq, 7);
	CHECK(event_parse(
	    STR("{\"type\":\"lift\",\"time\":\"2026-01-01T00:00:00Z\","
		"\"node\":\"a\",\"new\":[1]}"),
	    &e, &err));
}

static void
identities_are_ordered(void)
{
	struct event a = sample(), b = sample();
	char id[EVENT_ID];

	event_id(&a, id);
	CHECK_STR(str_from(id), STR("1763764800000123-0123456789abcdef-7"));
	CHECK_INT(event_compare(&a, &b), 0);
	b.seq = 8;
	CHECK(event_compare(&a, &b) < 0);
	a.node[0] = 'a';
	CHECK(event_compare(&a, &b) > 0);
	b.at_us++;
	CHECK(event_compare(&a, &b) < 0);
}

TESTS(TEST(goes_there_and_back), TEST(bad_evidence_is_left_out),
    TEST(bad_ones_are_refused), TEST(identities_are_ordered))
