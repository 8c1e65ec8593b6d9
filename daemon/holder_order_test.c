/* holder_order_test - what leaves, what goes back, what stays, and whose it is
 */
#include "daemon/holder_bed.h"

static const char evidence[] =
    "{\"evidence\":{\"began\":\"1970-01-01T00:00:40Z\","
    "\"known\":[\"192.0.2.0/24\"]}}";

/* Only what left a known network before the evidence began leaves at the end;
 * the rest has so much longer. */
static void
clean_or_not(void)
{
	static const struct {
		const char *id, *client;
		int64_t at;
		enum queue_origin origin;
	} cases[] = {
	    {"C3CD21F3E90", "192.0.2.9", 39, QUEUE_ORIGIN_CLEAN},
	    {"C3CD21F3E91", "192.0.2.9", 40, QUEUE_ORIGIN_LATE},
	    {"C3CD21F3E92", "198.51.100.1", 39, QUEUE_ORIGIN_NEW},
	    {"C3CD21F3E93", "198.51.100.1", 45, QUEUE_ORIGIN_NEW},
	    /* They tell nothing of the place. */
	    {"C3CD21F3E94", NULL, 39, QUEUE_ORIGIN_CLEAN},
	    {"C3CD21F3E95", NULL, 45, QUEUE_ORIGIN_LATE},
	    {"C3CD21F3E96", "203.0.113.5", 39, QUEUE_ORIGIN_CLEAN},
	    {"C3CD21F3E97", "203.0.113.5", 45, QUEUE_ORIGIN_LATE},
	};
	enum { N = sizeof(cases) / sizeof(cases[0]) };
	struct holder *h = make(10);

	CHECK(ip_net_parse(STR("203.0.113.0/24"), &front_end[0]));
	stop_for(h, "a@x", 60, "c1", evidence);
	for (size_t i = 0; i < N; i++)
		offer_from(h, cases[i].id, cases[i].client, cases[i].at);
	CHECK(holder_next(h, 50, &q));
	CHECK_INT(q.n, N);
	for (size_t i = 0; i < N; i++) {
		const struct queue_message *m = &q.messages[i];
		size_t k = (size_t)(m->id.p[m->id.n - 1] - '0');

		CHECK_INT(m->origin, cases[k].origin);
		CHECK_INT(
		    m->due, cases[k].origin == QUEUE_ORIGIN_CLEAN ? 60 : 2060);
	}
	answer(h, QUEUE_HELD, 50);
	/* Nothing is to be renewed; another sanction's end is. */
	CHECK(!holder_next(h, 51, &q));
	stop_for(h, "a@x", 65, "c2", "");
	CHECK(holder_next(h, 51, &q));
	CHECK_INT(q.n, N);
	CHECK_INT(q.verb, QUEUE_VERB_HOLD);
	answer(h, QUEUE_HELD, 51);
	stop(h, NULL, 0);
	CHECK(holder_next(h, 65, &q));
	CHECK_INT(q.verb, QUEUE_VERB_RELEASE);
	CHECK_INT(q.n, 3);
	holder_free(&h);
}

/* Nobody decided: what can go back does, the rest stays, and that is told. */
static void
undecided(void)
{
	enum { ACT = 260 };
	struct holder *h = make(10);

	stop_for(h, "a@x", 60, "c1", evidence);
	offer_from(h, "C3CD21F3E91", "192.0.2.9", 45);
	offer_as(h, "C3CD21F3E92", "198.51.100.1", 45, "victim@y");
	CHECK_INT(next(h, 50, QUEUE_VERB_HOLD), 2);
	answer(h, QUEUE_HELD, 50);
	stop(h, NULL, 0);
	CHECK_INT(next(h, ACT - 1, QUEUE_VERB_LIST), 0);
	CHECK_INT(next(h, ACT, QUEUE_VERB_RETURN), 1);
	CHECK_STR(q.messages[0].id, STR("C3CD21F3E91"));
	CHECK(q.reason.n > 0);
	answer(h, QUEUE_RETURNED, ACT);
	CHECK_INT(next(h, ACT, QUEUE_VERB_HOLD), 1);
	CHECK_STR(q.messages[0].id, STR("C3CD21F3E92"));
	CHECK_INT(q.messages[0].due, ACT + 1000 + 1800);
	CHECK_INT(kept, 1);
	answer(h, QUEUE_HELD, ACT);
	CHECK_INT(next(h, ACT + 999, QUEUE_VERB_HOLD), 0);
	CHECK_INT(next(h, ACT + 1000, QUEUE_VERB_HOLD), 1);
	holder_free(&h);
}

/* Some leave, the rest goes back, but not to strangers. */
static void
ordered_apart(void)
{
	struct holder_order o = {
	    .scope = {.account = STR("A@x")}, .is_rest_return = true, .at = 50};
	struct holder *h = make(10);
	struct holder_sum sum;
	struct error err;

	stop_for(h, "a@x", 60, "c1", evidence);
	offer_from(h, "C3CD21F3E91", "192.0.2.9", 39);
	offer_from(h, "C3CD21F3E92", "198.51.100.1", 45);
	offer_as(h, "C3CD21F3E93", "198.51.100.1", 45, "victim@y");
	CHECK_INT(next(h, 50, QUEUE_VERB_HOLD), 3);
	answer(h, QUEUE_HELD, 50);
	stop(h, NULL, 0);
	CHECK_INT(
	    held_select_parse(STR("from 192.0.2.0/24"), 50, &o.release, &err),
	    0);
	holder_foresee(h, &o, &sum);
	CHECK_INT(sum.released.n, 1);
	CHECK_INT(next(h, 50, QUEUE_VERB_LIST), 0);
	holder_order(h, &o, &sum);
	CHECK_INT(sum.released.n, 1);
	CHECK_INT(sum.returned.n, 1);
	CHECK_INT(sum.kept.n, 1);
	CHECK_INT(sum.n_forged, 1);
	CHECK_INT(next(h, 50, QUEUE_VERB_RELEASE), 1);
	answer(h, QUEUE_RELEASED, 50);
	CHECK_INT(next(h, 50, QUEUE_VERB_RETURN), 1);
	CHECK_STR(q.messages[0].id, STR("C3CD21F3E92"));
	answer(h, QUEUE_RETURNED, 50);
	CHECK_INT(holder_held(h), 1);
	CHECK_INT(next(h, 50, QUEUE_VERB_LIST), 0);
	/* Again: about nothing that is left. */
	o.at = 5;
	holder_foresee(h, &o, &sum);
	CHECK_INT(sum.kept.n, 0);
	holder_free(&h);
}

static struct held_scope
scope(const char *text)
{
	struct held_scope s = {0};

	if (*text == '@')
		s.domain = str_from(text + 1);
	else if (strchr(text, '@'))
		s.account = str_from(text);
	else
		CHECK(ip_net_parse(str_from(text), &s.net));
	return s;
}

/* Stopped until then; "-NAME" is exempt. */
static void
stop_all(struct holder *h, const char *const *names, size_t n, int64_t until)
{
	holder_stop_begin(h);
	for (size_t i = 0; i < n; i++) {
		if (*names[i] == '-')
			holder_exempt(h, str_from(names[i] + 1));
		else
			holder_stop(h, &(struct holder_stop){scope(names[i]),
					   until, "", str_make("", 0), false});
	}
	holder_stop_end(h);
}

static void
offer_of(
    struct holder *h, const char *account, const char *client, const char *id)
{
	struct chains_queued c = {.account = str_from(account),
	    .sender = str_from(account),
	    .instance = STR("postfix"),
	    .queue_id = str_from(id),
	    .active_at = 9,
	    .accepted_at = 9};

	CHECK(ip_parse(str_from(client), &c.client));
	holder_offer(h, &c, 10);
}

/* A domain's accounts, what came from a network; not who is exempt; and an
 * account's own sanction outlives its domain's. */
static void
domains_and_networks(void)
{
	static const char *const both[] = {"@x", "192.0.2.0/24", "-c@x"};
	static const char *const own[] = {"@x", "192.0.2.0/24", "-c@x", "b@x"};
	struct holder_order o = {
	    .scope = scope("@x"), .release = {.is_given = true}};
	struct holder *h = make(10);
	struct holder_sum sum;
	struct ip none = {0};

	stop_all(h, both, 3, 50);
	offer_of(h, "a@x", "203.0.113.1", "C3CD21F3E90");
	offer_of(h, "b@x", "203.0.113.1", "C3CD21F3E91");
	offer_of(h, "c@x", "192.0.2.1", "C3CD21F3E92");
	offer_of(h, "d@y", "203.0.113.1", "C3CD21F3E93");
	offer_of(h, "e@y", "192.0.2.1", "C3CD21F3E94");
	CHECK_INT(next(h, 10, QUEUE_VERB_HOLD), 3);
	answer(h, QUEUE_HELD, 10);
	CHECK(holder_is_stopped(h, STR("new@x"), &none));
	CHECK(!holder_is_stopped(h, STR("c@x"), &none));
	stop_all(h, own, 4, 50);
	/* The domain is lifted: not who has a sanction of its own. */
	stop_all(h, own + 1, 3, 50);
	holder_order(h, &o, &sum);
	CHECK_INT(sum.released.n, 1);
	CHECK_INT(next(h, 11, QUEUE_VERB_RELEASE), 1);
	CHECK_STR(q.messages[0].account, STR("a@x"));
	answer(h, QUEUE_RELEASED, 11);
	CHECK_INT(next(h, 12, QUEUE_VERB_HOLD), 0);
	/* One whose network is stopped, let go by order: not held again. */
	o.scope = scope("e@y");
	holder_order(h, &o, &sum);
	CHECK_INT(next(h, 12, QUEUE_VERB_RELEASE), 1);
	answer(h, QUEUE_RELEASED, 12);
	offer_of(h, "e@y", "192.0.2.1", "C3CD21F3E94");
	CHECK_INT(next(h, 12, QUEUE_VERB_HOLD), 0);
	/* All ends by itself. */
	stop_all(h, own, 0, 50);
	CHECK_INT(next(h, 50, QUEUE_VERB_RELEASE), 1);
	answer(h, QUEUE_RELEASED, 50);
	CHECK_INT(holder_held(h), 0);
	holder_free(&h);
}

TESTS(TEST(clean_or_not), TEST(domains_and_networks), TEST(undecided),
    TEST(ordered_apart))
