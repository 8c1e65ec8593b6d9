#include "domains/change.h"

#include "base/test.h"
#include "domains/update_bed.h"

static void
makes(void)
{
	struct arena arena, *a = &arena;
	const struct str gone[] = {STR("v=spf1 -all"), STR("v=spf1 mx")};
	struct update_set before, want;
	struct change c;

	arena_init(a);
	before = SET("google-site=1", "v=spf1 -all", "MS=2", "v=spf1 mx");
	change_make(&c, a, &before, gone, 2, STR("v=spf1 mx -all"));
	want = SET("google-site=1", "MS=2", "v=spf1 mx -all");
	CHECK(update_is_same(&c.after, &want));
	CHECK(update_is_same(&c.before, &before));
	/* What is there already, however it is cut to strings. */
	change_make(&c, a, &want, gone, 2, STR("v=spf1 mx -all"));
	CHECK(update_is_same(&c.after, &want));
	before.n = 0;
	change_make(&c, a, &before, NULL, 0, STR("x"));
	CHECK_INT(c.after.n, 1);
	/* Cut otherwise, it comes once, as we write it. */
	before = SET("x");
	before.v[0] = STR("\1v\2=x");
	change_make(&c, a, &before, NULL, 0, STR("v=x"));
	CHECK_INT(c.after.n, 1);
	CHECK_STR(c.after.v[0], STR("\3v=x"));
	arena_done(a);
}

static void
answers(void)
{
	struct arena arena, *a = &arena;
	struct dns_record v[UPDATE_RECORDS];
	struct update_set s;

	arena_init(a);
	s = SET("one", "two");
	struct dns_answer got = change_answer(&s, a, v);

	CHECK_INT(got.status, DNS_OK);
	CHECK_INT(got.n, 2);
	CHECK_STR(got.v[1].text, STR("two"));
	s.n = 0;
	CHECK_INT(change_answer(&s, a, v).status, DNS_NO_TYPE);
	arena_done(a);
}

static void
kept(void)
{
	static const char *const bad[] = {"", "{}", "{\"changes\":[]}",
	    "{\"changes\":[{\"name\":\"a\"}]}",
	    "{\"changes\":[{\"name\":\"a..b\",\"before\":{\"ttl\":1,"
	    "\"data\":[]},\"after\":{\"ttl\":1,\"data\":[]}}]}",
	    "{\"changes\":[{\"name\":\"a\",\"before\":{\"ttl\":1,\"data\":"
	    "[\"0\"]},\"after\":{\"ttl\":1,\"data\":[]}}]}",
	    "{\"changes\":[{\"name\":\"a\",\"before\":{\"ttl\":-1,\"data\":"
	    "[]},\"after\":{\"ttl\":1,\"data\":[]}}]}"};
	struct arena arena, *a = &arena;
	static struct changes c, got;
	struct update u, undo;
	struct error err;
	struct text t;

	arena_init(a);
	c = (struct changes){.domain = STR("a.test"),
	    .zone = STR("test"),
	    .by = STR("root"),
	    .at = 7,
	    .n = 1};
	c.v[0] = (struct change){SET("old"), SET("new", "newer")};
	text_grow(&t, 65536);
	changes_print(&c, &t);
	CHECK_INT(changes_read(text_view(&t), a, &got, &err), 0);
	CHECK_INT(got.n, 1);
	CHECK_INT(got.at, 7);
	CHECK_STR(got.by, STR("root"));
	CHECK(update_is_same(&got.v[0].before, &c.v[0].before));
	CHECK(update_is_same(&got.v[0].after, &c.v[0].after));
	/* What goes one way comes back the other. */
	CHECK(changes_message(&c, false, 1, "test", &u));
	CHECK(changes_message(&got, true, 1, "test", &undo));
	CHECK_INT(u.expected, 2);
	CHECK_INT(undo.expected, 3);
	CHECK_INT(u.changed, 3);
	CHECK_INT(undo.changed, 3);
	text_done(&u.message);
	text_done(&undo.message);
	for (size_t n = 0; n + 1 < t.n; n++)
		CHECK_INT(changes_read(str_make(t.p, n), a, &got, &err), -1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		CHECK_INT(changes_read(str_from(bad[i]), a, &got, &err), -1);
	text_done(&t);
	arena_done(a);
}

TESTS(TEST(makes), TEST(answers), TEST(kept))
