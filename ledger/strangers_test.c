/* strangers_test - whom an account never wrote to, from where it never was:
 * against a naive model, over restarts and with another node */
#include <stdio.h>

#include "ledger/books.h"
#include "ledger/ledger_bed.h"
#include "ledger/others.h"

enum { PEOPLE = 60, PLACES = 8, MAIL = 3000 };

static uint64_t seed = 11;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* What one account did: when each was first met, and each place first seen. */
struct model {
	bool has_met[PEOPLE];
	int64_t seen[PLACES]; /* 0: never */
	uint64_t strangers, foreign, both;
};

static void
note(struct model *m, unsigned who, unsigned where, int64_t at)
{
	bool is_stranger = !m->has_met[who], has_home = false;
	bool is_home = m->seen[where] && m->seen[where] <= at - DAY;

	for (int i = 0; i < PLACES; i++)
		has_home |= m->seen[i] && m->seen[i] <= at - DAY;
	m->strangers += is_stranger;
	m->foreign += has_home && !is_home;
	m->both += is_stranger && has_home && !is_home;
	m->has_met[who] = true;
	if (!m->seen[where])
		m->seen[where] = at;
}

static void
send_one(struct ledger *l, unsigned who, unsigned where, int64_t at)
{
	char to[32];
	struct fact f = make(FACT_RECIPIENT, at, "ann@example.com");

	snprintf(to, sizeof(to), "r%u@example.net", who);
	f.recipient = str_from(to);
	f.client.b[12] = (uint8_t)(100 + where);
	f.client.b[14] = (uint8_t)draw(200); /* its neighbourhood */
	add(l, &f);
	f.kind = FACT_ACCEPTED;
	add(l, &f);
}

static uint64_t
sum(struct ledger *l, enum count c)
{
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("ann@example.com"));

	return s ? subject_sum(l, s, c, 35 * DAY) : 0;
}

static void
compare(struct ledger *l, const struct model *m)
{
	CHECK_INT(sum(l, COUNT_STRANGERS), m->strangers);
	CHECK_INT(sum(l, COUNT_FOREIGN), m->foreign);
	CHECK_INT(sum(l, COUNT_FOREIGN_STRANGERS), m->both);
}

static void
counts_what_a_naive_model_does(void)
{
	for (int round = 0; round < 20; round++) {
		struct ledger *l = ledger_new(&options);
		struct model m = {0};
		int64_t at = T0;

		for (int i = 0; i < MAIL && at < T0 + 30 * DAY; i++) {
			unsigned who = draw(1 + (unsigned)i / 40) % PEOPLE;
			unsigned where = draw(20) ? draw(2) : draw(PLACES);

			at += draw(50) ? draw(1200) : draw(2 * DAY);
			if (at >= T0 + 30 * DAY)
				break;
			note(&m, who, where, at);
			send_one(l, who, where, at);
			if (i % 50 == 0)
				ledger_tick(l, at);
		}
		compare(l, &m);
		ledger_free(&l);
	}
}

/* Killed and started again, any number of times, nothing is forgotten. */
static void
remembers_over_restarts(void)
{
	struct ledger *l = ledger_new(&options), *spare = NULL;
	struct model m = {0};
	struct text all;
	int64_t at = T0;

	text_grow(&all, 1 << 24);
	struct books_part part = ledger_part(l);

	for (int i = 0; i < 1500; i++) {
		unsigned who = draw(PEOPLE), where = draw(9) ? 0 : draw(3);

		at += draw(800);
		note(&m, who, where, at);
		send_one(l, who, where, at);
		if (i % 10)
			continue;
		part.save(part.ctx, &all);
		if (i % 250)
			continue;
		/* A new one reads the whole journal. */
		spare = ledger_new(&options);
		struct books_part to = ledger_part(spare);

		CHECK(to.replay(to.ctx, text_view(&all)));
		ledger_free(&l);
		l = spare;
		part = to;
	}
	compare(l, &m);
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("ann@example.com"));

	CHECK_INT(subject_known(s), PEOPLE);
	CHECK(ledger_has_met(l, s, STR("r0@example.net")));
	CHECK(!ledger_has_met(l, s, STR("nobody@example.net")));
	text_done(&all);
	ledger_free(&l);
}

static void
on_changed(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	struct others_version version = {1, 1};
	struct others_page page = {.node = STR("0123456789abcdef"),
	    .version = version,
	    .posted_at = T0,
	    .record = record};
	struct subject *s = ledger_get(ctx, kind, key);

	others_set(ctx, s, &page);
	CHECK(sketches.n > 0 || kind == SUBJECT_DOMAIN || kind == SUBJECT_ALL ||
	      kind == SUBJECT_CLIENT || kind == SUBJECT_NETWORK);
	const struct others_sketches sets = {version, sketches, false};

	if (sketches.n > 0)
		CHECK_INT(
		    others_set_sketches(s, page.node, &sets), OTHERS_NEWS);
}

/* Whom it wrote to over another node is no stranger here, and where it was seen
 * there is home. */
static void
looks_at_the_others(void)
{
	struct ledger *a = ledger_new(&options), *b = ledger_new(&options);
	struct text t;

	text_grow(&t, 1 << 20);
	struct books_part part = ledger_part(b);

	ledger_change_all(a);
	send_one(a, 1, 1, T0);
	send_one(b, 2, 2, T0);
	ledger_each_changed(a, 100, on_changed, b);
	send_one(b, 1, 1, T0 + DAY + 1);
	CHECK_INT(sum(b, COUNT_FOREIGN), 0);
	CHECK_INT(sum(b, COUNT_STRANGERS), 2); /* one there, one here */
	send_one(b, 3, 3, T0 + DAY + 2);
	CHECK_INT(sum(b, COUNT_FOREIGN_STRANGERS), 1);
	CHECK_INT(subject_known(
		      ledger_find(b, SUBJECT_ACCOUNT, STR("ann@example.com"))),
	    3);
	part.save(part.ctx, &t);
	CHECK(t.n > 0);
	text_done(&t);
	ledger_free(&a);
	ledger_free(&b);
}

TESTS(TEST(counts_what_a_naive_model_does), TEST(remembers_over_restarts),
    TEST(looks_at_the_others))
