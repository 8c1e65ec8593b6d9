/* unmatched_test - samples, their counts, and that there are only so many */
#include "reputation/unmatched.h"

#include <stdio.h>

#include "base/test.h"

static void
note(struct unmatched *u, const char *host, const char *reply, int64_t now)
{
	unmatched_note(u, str_from(host), STR("5.0.0"), str_from(reply), now);
}

static void
counts(void)
{
	struct unmatched *u = unmatched_new(10);
	const struct unmatched_sample *s;

	CHECK(!unmatched_at(u, 0));
	note(u, "mx.a.example", "550 5.7.1 Nix da (id=17ab)", 100);
	note(u, "mx.b.example", "451 4.7.1 Nix da (id=17ab)", 110);
	note(u, "mx.c.example", "550 5.7.1 <a@b.example> Nix da (id=99)", 115);
	note(u, "mx.d.example", "550 5.7.1 Nix  Da (id=2)", 120);
	s = unmatched_at(u, 0);
	CHECK_INT(s->count, 2);
	CHECK_INT(s->first, 100);
	CHECK_INT(s->last, 120);
	CHECK_STR(str_from(s->host), STR("mx.d.example"));
	CHECK_STR(str_from(s->text), STR("550 5.7.1 nix da (id=17ab)"));
	s = unmatched_at(u, 1);
	CHECK_STR(str_from(s->text), STR("550 5.7.1 <> nix da (id=99)"));
	s = unmatched_at(u, 2);
	CHECK_STR(str_from(s->text), STR("451 4.7.1 nix da (id=17ab)"));
	CHECK(!unmatched_at(u, 3));
	unmatched_free(&u);
}

/* Who makes up a new reply for each message takes only the rarest places. */
static void
bounded(void)
{
	struct unmatched *u = unmatched_new(4);
	char text[64];

	for (int i = 0; i < 3; i++)
		note(u, "", "550 often", i);
	for (int i = 0; i < 100; i++) {
		snprintf(text, sizeof(text), "550 word %c%c", 'a' + i % 26,
		    'a' + i / 26);
		note(u, "", text, 10 + i);
	}
	CHECK_STR(str_from(unmatched_at(u, 0)->text), STR("550 often"));
	CHECK_STR(str_from(unmatched_at(u, 1)->text), STR("550 word vd"));
	CHECK(unmatched_at(u, 3) && !unmatched_at(u, 4));
	unmatched_set_max(u, 2);
	CHECK(unmatched_at(u, 1) && !unmatched_at(u, 2));
	unmatched_set_max(u, 3);
	note(u, "", "550 new", 200);
	CHECK_STR(str_from(unmatched_at(u, 1)->text), STR("550 new"));
	unmatched_free(&u);
}

static void
restored(void)
{
	struct unmatched *u = unmatched_new(4), *v = unmatched_new(4);
	static char text[1000];

	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "550 5.7.1 ", 10);
	note(u, "mx.a.example", text, 100);
	note(u, "mx.a.example", text, 110);
	unmatched_restore(v, unmatched_at(u, 0));
	note(v, "mx.b.example", text, 120);
	CHECK_INT(unmatched_at(v, 0)->count, 3);
	CHECK_INT(unmatched_at(v, 0)->first, 100);
	CHECK(!unmatched_at(v, 1));
	unmatched_free(&u);
	unmatched_free(&v);
}

TESTS(TEST(restored), TEST(counts), TEST(bounded))
