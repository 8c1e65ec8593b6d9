/* causes_test - who is the cause, among many who aren't */
#include "reputation/causes.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "ledger/books.h"

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

static uint64_t
recipients_of(const struct causes *c, const char *account)
{
	struct cause v[9];
	size_t n =
	    causes_rank(c, STR("out1"), STR("big"), 6, T0, NULL, NULL, v, 9);

	for (size_t i = 0; i < n; i++) {
		if (strcmp(v[i].account, account) == 0)
			return v[i].recipients;
	}
	return 0;
}

/* Folded, changed again, gone: the next start knows it all. */
static void
survives_a_restart(void)
{
	char dir[] = "/tmp/causes.XXXXXX", command[64];
	static const uint32_t old[] = {7, 7, 8, 0}, new[] = {0, 2, 2, 2};
	struct error err;

	CHECK(mkdtemp(dir) != NULL);
	const struct books_options o = {dir, 16 << 20, 64 << 10, 0};

	for (int run = 0; run < 4; run++) {
		struct causes *c = causes_new(10);
		struct books_part part = causes_part(c);
		struct books *b = books_open(&o, &part, 1, &err);

		if (!b)
			fatal("%s", err.text);
		CHECK_INT(recipients_of(c, "old@x"), run == 0 ? 0 : old[run]);
		CHECK_INT(recipients_of(c, "new@x"), new[run]);
		CHECK_INT(recipients_of(c, "gone@x"), 0);
		if (run == 0) {
			send(c, "out1", "big", "old@x", T0, 5, CAUSE_REFUSED);
			send(c, "out1", "big", "gone@x", T0, 5, -1);
			books_fold(b);
			send(c, "out1", "big", "old@x", T0 - HOUR, 2, -1);
			send(c, "out1", "big", "new@x", T0, 2, -1);
			CHECK_INT(causes_forget(c, STR("gone@x")), 1);
		} else if (run == 1) {
			send(c, "out1", "big", "old@x", T0, 1, -1);
		} else if (run == 2) {
			CHECK_INT(causes_forget(c, STR("old@x")), 1);
		}
		books_close(&b);
		causes_free(&c);
	}
	snprintf(command, sizeof(command), "rm -r %s", dir);
	CHECK_INT(system(command), 0);
}

/* What the journal has is the state, in parts, whatever changes between. */
static void
is_journaled(void)
{
	struct causes *c = causes_new(50), *r = causes_new(50);
	struct books_part from = causes_part(c), to = causes_part(r);
	char name[16];
	struct text t;

	text_grow(&t, 100000);
	for (int i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		send(c, "out1", "big", name, T0, 1, -1);
	}
	CHECK_INT(from.save_some(from.ctx, &t, 10), 30);
	send(c, "out1", "big", "u0", T0, 3, -1);
	CHECK_INT(causes_forget(c, STR("u39")), 1);
	while (from.save_some(from.ctx, &t, 10) > 0)
		;
	CHECK(to.replay(to.ctx, text_view(&t)));
	CHECK(to.replay(to.ctx, text_view(&t))); /* twice is harmless */
	CHECK_INT(recipients_of(r, "u0"), 4);
	text_clear(&t);
	from.save(from.ctx, &t);
	CHECK_INT(t.n, 0);
	CHECK(!to.replay(to.ctx, STR("\x01")));
	CHECK(!to.load(to.ctx, STR("no account"), STR("\1\1\4\0\0\0\0")));
	CHECK(!to.load(to.ctx, STR("out1 big x"), STR("\1\1\5")));
	text_done(&t);
	causes_free(&c);
	causes_free(&r);
}

TESTS(TEST(culprit_among_decoys), TEST(complained_about), TEST(is_bounded),
    TEST(survives_a_restart), TEST(is_journaled))
