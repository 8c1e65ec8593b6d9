/* receivers_test - whose a recipient domain is, as the log shows it */
#include "reputation/receivers.h"

#include <stdio.h>

#include "base/test.h"
#include "ledger/books.h"

static struct providers *
make(void)
{
	static const char *const mx[] = {"big.example"};
	static const char *const other[] = {"other.example"};
	const struct provider_spec specs[] = {
	    {.name = "big", .mx = {mx, 1}, .contact = ""},
	    {.name = "other", .mx = {other, 1}, .contact = ""}};
	struct providers *p = providers_new();
	struct error err;

	for (size_t i = 0; i < 2; i++)
		CHECK_INT(providers_add(p, &specs[i], &err), 0);
	return p;
}

static const char *
of(struct receivers *r, const char *domain)
{
	const char *name = receivers_provider(r, str_from(domain));

	return name ? name : "-";
}

static bool
note(struct receivers *r, const struct providers *p, const char *domain,
    const char *host)
{
	return receivers_note(r, p, str_from(domain), str_from(host));
}

static void
learns(void)
{
	struct providers *p = make();
	struct receivers *r = receivers_new(100);

	CHECK(note(r, p, "Hosted.Example", "mx1.big.example"));
	CHECK(!note(r, p, "hosted.example.", "mx2.big.example"));
	CHECK_STR(str_from(of(r, "HOSTED.example")), STR("big"));
	CHECK(!note(r, p, "nobody.example", "mx.nobody.example"));
	CHECK_STR(str_from(of(r, "nobody.example")), STR("-"));
	/* It moved; then away. */
	CHECK(note(r, p, "hosted.example", "mx.other.example"));
	CHECK_STR(str_from(of(r, "hosted.example")), STR("other"));
	CHECK(note(r, p, "hosted.example", "mx.hosted.example"));
	CHECK_STR(str_from(of(r, "hosted.example")), STR("-"));
	receivers_free(&r);
	providers_free(&p);
}

/* What is no name in DNS has no MX, and never gets into a table. */
static void
no_domains(void)
{
	static const char *const v[] = {"", ".", "a b", "[192.0.2.1]", "a@b",
	    "a\nb", "a:b", "a\"b", "\x01"};
	struct providers *p = make();
	struct receivers *r = receivers_new(100);
	char longest[300];

	for (size_t i = 0; i < sizeof(v) / sizeof(*v); i++)
		CHECK(!note(r, p, v[i], "mx.big.example"));
	memset(longest, 'a', sizeof(longest));
	CHECK(!receivers_note(
	    r, p, str_make(longest, sizeof(longest)), STR("mx.big.example")));
	CHECK_INT(receivers_count(r), 0);
	receivers_free(&r);
	providers_free(&p);
}

static void
is_bounded(void)
{
	struct providers *p = make();
	struct receivers *r = receivers_new(3);

	note(r, p, "a.example", "mx.big.example");
	note(r, p, "b.example", "mx.big.example");
	note(r, p, "c.example", "mx.big.example");
	note(r, p, "a.example", "mx.big.example");
	note(r, p, "d.example", "mx.big.example");
	CHECK_INT(receivers_count(r), 3);
	CHECK_STR(str_from(of(r, "a.example")), STR("big"));
	CHECK_STR(str_from(of(r, "b.example")), STR("-"));
	receivers_set_max(r, 1);
	CHECK_STR(str_from(of(r, "d.example")), STR("big"));
	CHECK_INT(receivers_count(r), 1);
	receivers_free(&r);
	providers_free(&p);
}

/* Other providers: what a host was is asked again. */
static void
new_providers(void)
{
	static const char *const mx[] = {"big.example"};
	const struct provider_spec spec = {
	    .name = "renamed", .mx = {mx, 1}, .contact = ""};
	struct providers *p = make(), *q = providers_new();
	struct receivers *r = receivers_new(100);
	struct error err;

	CHECK_INT(providers_add(q, &spec, &err), 0);
	note(r, p, "a.example", "mx.big.example");
	providers_free(&p);
	CHECK(note(r, q, "a.example", "mx.big.example"));
	CHECK_STR(str_from(of(r, "a.example")), STR("renamed"));
	receivers_free(&r);
	providers_free(&q);
}

static void
is_kept(void)
{
	struct providers *p = make();
	struct receivers *r = receivers_new(2), *s = receivers_new(2);
	struct books_part from = receivers_part(r), to = receivers_part(s);
	struct text t;

	text_grow(&t, 10000);
	note(r, p, "a.example", "mx.big.example");
	note(r, p, "b.example", "mx.other.example");
	note(r, p, "c.example", "mx.big.example"); /* a is forgotten */
	from.save(from.ctx, &t);
	CHECK(to.replay(to.ctx, text_view(&t)));
	CHECK_INT(receivers_count(s), 2);
	CHECK_STR(str_from(of(s, "b.example")), STR("other"));
	CHECK_STR(str_from(of(s, "c.example")), STR("big"));
	text_clear(&t);
	from.save(from.ctx, &t);
	CHECK_INT(t.n, 0);
	CHECK(to.load(to.ctx, STR("d.example"), STR("big")));
	CHECK_STR(str_from(of(s, "d.example")), STR("big"));
	CHECK(!to.replay(to.ctx, STR("?\n")));
	CHECK(!to.replay(to.ctx, STR("+a.example\n")));
	CHECK(!to.replay(to.ctx, STR("+a.example big")));
	text_done(&t);
	receivers_free(&r);
	receivers_free(&s);
	providers_free(&p);
}

TESTS(TEST(learns), TEST(no_domains), TEST(is_bounded), TEST(new_providers),
    TEST(is_kept))
