/* history_test - order, bound, and the books */
#include "daemon/history.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

static struct text got;

static struct event
make(int64_t at_us, const char *node, uint64_t seq, const char *subject)
{
	struct event e = {
	    .type = EVENT_SANCTION, .at_us = at_us, .seq = seq, .until = 5};

	snprintf(e.node, sizeof(e.node), "%s", node);
	snprintf(e.kind, sizeof(e.kind), "account");
	snprintf(e.subject, sizeof(e.subject), "%s", subject);
	snprintf(e.reason, sizeof(e.reason), "because \"%s\"\n", subject);
	return e;
}

static bool
add(struct history *h, int64_t at_us, const char *node, uint64_t seq)
{
	const struct event e = make(at_us, node, seq, "a@x");

	return history_add(h, &e);
}

static void
on_event(void *ctx, const struct event *e)
{
	(void)ctx;
	text_printf(&got, "%lld%s%llu ", (long long)e->at_us, e->node,
	    (unsigned long long)e->seq);
}

static struct str
all(const struct history *h, const struct event *after, size_t n)
{
	text_clear(&got);
	history_each(h, STR(""), STR(""), after, n, on_event, NULL);
	return text_view(&got);
}

/* By time, then node, then number: as events are compared. */
static void
in_their_order(void)
{
	struct history *h = history_new(100);

	text_grow(&got, 65536);
	CHECK_STR(all(h, NULL, 5), STR(""));
	CHECK(add(h, 5, "b", 9));
	CHECK(add(h, 5, "b", 10));
	CHECK(add(h, 5, "a", 11));
	CHECK(add(h, 3, "c", 1));
	CHECK(add(h, 12, "a", 2));
	CHECK(!add(h, 5, "b", 9));
	CHECK_INT(history_count(h), 5);
	CHECK_STR(all(h, NULL, 99), STR("3c1 5a11 5b9 5b10 12a2 "));
	CHECK_STR(all(h, NULL, 2), STR("5b10 12a2 "));
	CHECK_STR(all(h, NULL, 0), STR(""));
	const struct event after = make(5, "b", 9, "");

	CHECK_STR(all(h, &after, 99), STR("5b10 12a2 "));
	CHECK_STR(all(h, &after, 1), STR("12a2 "));
	CHECK(history_has(h, "5-b-9"));
	CHECK(!history_has(h, "5-b-8"));
	CHECK(history_knows(h, EVENT_SANCTION, "a@x"));
	CHECK(!history_knows(h, EVENT_SANCTION, "b@x"));
	CHECK(!history_knows(h, EVENT_LIFT, "a@x"));
	history_free(&h);
	history_free(&h);
	text_done(&got);
}

static void
of_one_subject(void)
{
	struct history *h = history_new(100);
	struct event e = make(1, "a", 1, "b@x");

	text_grow(&got, 65536);
	history_add(h, &e);
	add(h, 2, "a", 2);
	e = make(3, "a", 3, "b@x");
	strcpy(e.kind, "domain");
	history_add(h, &e);
	e = make(4, "a", 4, "");
	strcpy(e.kind, "");
	e.type = EVENT_MODE;
	history_add(h, &e);
	history_each(h, STR("account"), STR("b@x"), NULL, 9, on_event, NULL);
	history_each(h, STR("domain"), STR("b@x"), NULL, 9, on_event, NULL);
	history_each(h, STR("all"), STR(""), NULL, 9, on_event, NULL);
	CHECK_STR(text_view(&got), STR("1a1 3a3 "));
	CHECK_STR(all(h, NULL, 9), STR("1a1 2a2 3a3 4a4 "));
	history_free(&h);
	text_done(&got);
}

static void
the_oldest_make_room(void)
{
	struct history *h = history_new(3);

	text_grow(&got, 65536);
	for (int i = 1; i <= 5; i++)
		CHECK(add(h, i, "a", 1));
	CHECK_STR(all(h, NULL, 9), STR("3a1 4a1 5a1 "));
	/* One that comes late is older than all: it isn't kept. */
	add(h, 2, "b", 1);
	CHECK_STR(all(h, NULL, 9), STR("3a1 4a1 5a1 "));
	CHECK_INT(history_count(h), 3);
	history_free(&h);
	text_done(&got);
}

/* Killed after every step, the history is what was committed. */
static void
the_books_keep_it(void)
{
	char dir[] = "/tmp/history-XXXXXX", command[64], want[512];
	struct history *h = NULL;
	struct books *b;
	struct error err;
	struct text t;

	if (!mkdtemp(dir))
		fatal("no directory");
	const struct books_options o = {dir, 1 << 24, 1 << 16, 0};

	text_grow(&got, 65536);
	text_init(&t, want, sizeof(want));
	for (int i = 0; i < 40; i++) {
		h = history_new(8);
		const struct books_part part = history_part(h);

		b = books_open(&o, &part, 1, &err);
		if (!b)
			fatal("%s", err.text);
		CHECK_STR(all(h, NULL, 99), text_view(&t));
		for (int k = 0; k < i % 5; k++)
			add(h, 100 * i + k, "a", (uint64_t)k);
		books_commit(b, NULL, NULL);
		if (i % 3 == 0)
			books_fold(b);
		add(h, 100 * i + 50, "b", 1);
		text_clear(&t);
		text_str(&t, all(h, NULL, 99));
		books_close(&b);
		history_free(&h);
	}
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK_INT(system(command), 0);
	text_done(&got);
}

/* Save, replay, fold and load by hand, in every order that a crash leaves. */
static void
records_and_journal_overlap(void)
{
	char entry[8192];
	struct history *h = history_new(3), *back = history_new(3);
	const struct books_part from = history_part(h), to = history_part(back);
	struct text t;

	text_grow(&got, 65536);
	for (int i = 1; i <= 4; i++)
		add(h, i, "a", 1);
	text_init(&t, entry, sizeof(entry));
	from.save(from.ctx, &t);
	CHECK(t.n > 0);
	size_t n = t.n;

	from.save(from.ctx, &t);
	CHECK_INT(t.n, n);
	/* The records have one of them already, and one that was dropped. */
	struct str line, rest = text_view(&t);

	CHECK(str_cut(&rest, '\n', &line));
	CHECK(to.load(to.ctx, STR("4-a-1"), line));
	CHECK(to.replay(to.ctx, text_view(&t)));
	CHECK(to.replay(to.ctx, text_view(&t)));
	CHECK_STR(all(back, NULL, 9), STR("2a1 3a1 4a1 "));
	CHECK(!to.replay(to.ctx, STR("{}\n")));
	CHECK(!to.replay(to.ctx, str_head(text_view(&t), 20)));
	CHECK(!to.load(to.ctx, STR("x"), STR("x")));
	text_clear(&t);
	to.save(to.ctx, &t);
	CHECK_INT(t.n, 0);
	history_free(&h);
	history_free(&back);
	text_done(&got);
}

TESTS(TEST(in_their_order), TEST(of_one_subject), TEST(the_oldest_make_room),
    TEST(the_books_keep_it), TEST(records_and_journal_overlap))
