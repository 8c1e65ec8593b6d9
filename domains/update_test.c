#include "domains/update.h"

#include "base/bytes.h"
#include "base/dns_reader.h"
#include "base/test.h"
#include "domains/update_bed.h"

static void
data(void)
{
	char txt[600], buf[1024], back[1024];
	struct text t, u;

	memset(txt, 'x', sizeof(txt));
	for (size_t n = 0; n <= sizeof(txt); n++) {
		text_init(&t, buf, sizeof(buf));
		update_data(&t, str_make(txt, n));
		CHECK_INT(t.n, n + (n == 0 ? 1 : (n + 254) / 255));
		text_init(&u, back, sizeof(back));
		update_text(&u, text_view(&t));
		CHECK_STR(text_view(&u), str_make(txt, n));
	}
}

/* An answer to update_ask(7, a.test): flags, records of the answer's section.
 */
static void
answer(struct text *t, unsigned flags, const struct update_set *s,
    const char *alias)
{
	text_clear(t);
	update_ask(t, 7, "a.test");
	bytes_put(t->p + 2, 2, flags);
	for (size_t i = 0; s && i < s->n; i++) {
		dns_put_name(t, "A.test");
		dns_put(t, 2, DNS_TXT);
		dns_put(t, 2, 1);
		dns_put(t, 4, s->ttl);
		dns_put(t, 2, s->v[i].n);
		text_str(t, s->v[i]);
	}
	if (alias) {
		dns_put_name(t, "a.test");
		dns_put(t, 2, DNS_CNAME);
		dns_put(t, 2, 1);
		dns_put(t, 4, 60);
		dns_put(t, 2, strlen(alias) + 2);
		dns_put_name(t, alias);
	}
	bytes_put(t->p + 6, 2, (s ? s->n : 0) + (alias ? 1 : 0));
}

static void
reading(void)
{
	static const struct {
		unsigned flags;
		const char *why;
	} bad[] = {
	    {0x8405, "REFUSED"}, {0x8409, "NOTAUTH"}, {0x840f, "an error"},
	    {0x0400, "can't be read"},
	    {0xac00, "can't be read"}, /* of an update */
	    {0x8600, "can't be read"}, /* cut */
	};
	struct arena arena, *a = &arena;
	struct update_set got, two;
	struct error err;
	struct text t;

	arena_init(a);
	text_grow(&t, 65536);
	two = SET("v=spf1 -all", "b");
	answer(&t, 0x8400, &two, NULL);
	CHECK_INT(update_read(text_view(&t), 7, "a.test", a, &got, &err), 0);
	CHECK_INT(got.n, 2);
	CHECK_INT(got.ttl, 300);
	CHECK(update_is_same(&got, &two));
	CHECK_INT(update_read(text_view(&t), 8, "a.test", a, &got, &err), -1);
	CHECK_INT(update_read(text_view(&t), 7, "b.test", a, &got, &err), -1);
	for (size_t n = 0; n < t.n; n++)
		CHECK_INT(
		    update_read(str_make(t.p, n), 7, "a.test", a, &got, &err),
		    -1);
	answer(&t, 0x8403, NULL, NULL);
	CHECK_INT(update_read(text_view(&t), 7, "a.test", a, &got, &err), 0);
	CHECK_INT(got.n, 0);
	CHECK(!got.is_foreign);
	answer(&t, 0x8000, &two, NULL);
	CHECK_INT(update_read(text_view(&t), 7, "a.test", a, &got, &err), 0);
	CHECK(got.is_foreign);
	CHECK_INT(got.n, 0);
	answer(&t, 0x8400, NULL, "other.test");
	CHECK_INT(update_read(text_view(&t), 7, "a.test", a, &got, &err), 0);
	CHECK_STR(str_from(got.alias), STR("other.test"));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		answer(&t, bad[i].flags, &two, NULL);
		CHECK_INT(
		    update_read(text_view(&t), 7, "a.test", a, &got, &err), -1);
		CHECK(strstr(err.text, bad[i].why));
	}
	text_done(&t);
	arena_done(a);
}

struct seen {
	uint16_t type, class;
	uint32_t ttl;
	struct str data;
};

/* The records behind the zone. */
static size_t
records(const struct text *t, struct seen *out)
{
	struct dns_reader r = {(const uint8_t *)t->p, t->n, 12, false};
	struct dns_rr rr;
	size_t n = 0;

	dns_read_name(&r, NULL);
	CHECK_INT(dns_get16(dns_take(&r, 4)), DNS_SOA);
	while (r.at < r.n && dns_read_rr(&r, &rr)) {
		CHECK_STR(str_from(rr.owner), STR("a.test"));
		out[n++] = (struct seen){
		    rr.type, rr.class, rr.ttl, {t->p + rr.at, rr.n}};
	}
	CHECK(!r.is_bad);
	return n;
}

static void
changes(void)
{
	struct arena arena, *a = &arena;
	struct update_set from, to, none = {.name = "a.test"};
	struct seen v[20];
	struct update u;

	arena_init(a);
	from = SET("v=spf1 -all", "theirs");
	to = SET("theirs", "v=spf1 mx -all");
	update_begin(&u, 9, "test");
	update_expect(&u, &from);
	update_change(&u, &from, &to);
	CHECK(update_end(&u));
	CHECK_INT(bytes_get(u.message.p + 2, 2), 0x2800);
	CHECK_INT(bytes_get(u.message.p + 6, 2), 3);
	CHECK_INT(bytes_get(u.message.p + 8, 2), 2);
	CHECK_INT(records(&u.message, v), 5);
	CHECK_INT(v[0].class, 1);
	CHECK_STR(v[0].data, from.v[0]);
	CHECK_STR(v[1].data, from.v[1]);
	CHECK_INT(v[2].type, DNS_CNAME);
	CHECK_INT(v[2].class, 254);
	CHECK_INT(v[3].class, 254); /* goes */
	CHECK_INT(v[3].ttl, 0);
	CHECK_STR(v[3].data, from.v[0]);
	CHECK_INT(v[4].class, 1);
	CHECK_INT(v[4].ttl, 300);
	CHECK_STR(v[4].data, to.v[1]);
	text_done(&u.message);
	/* Where nothing is, nothing must be. */
	update_begin(&u, 9, "test");
	update_expect(&u, &none);
	update_change(&u, &none, &to);
	CHECK(update_end(&u));
	CHECK_INT(records(&u.message, v), 4);
	CHECK_INT(v[0].type, DNS_TXT);
	CHECK_INT(v[0].class, 254);
	CHECK_INT(v[0].data.n, 0);
	CHECK_INT(v[2].class, 1);
	text_done(&u.message);
	arena_done(a);
}

static void
too_long(void)
{
	struct arena arena, *a = &arena;
	struct update_set many = {.name = "a.test"};
	char big[3000];
	struct update u;

	arena_init(a);
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	for (many.n = 0; many.n < 30; many.n++)
		many.v[many.n] = SET(big).v[0];
	update_begin(&u, 9, "test");
	update_expect(&u, &many);
	CHECK(!update_end(&u));
	text_done(&u.message);
	arena_done(a);
}

static void
results(void)
{
	static const struct {
		unsigned flags;
		enum update_result want;
	} all[] = {
	    {0xa800, UPDATE_DONE}, {0xa803, UPDATE_CHANGED},
	    {0xa808, UPDATE_CHANGED}, {0xa806, UPDATE_CHANGED},
	    {0xa807, UPDATE_CHANGED}, {0xa805, UPDATE_REFUSED},
	    {0xa809, UPDATE_REFUSED}, {0xa802, UPDATE_REFUSED},
	    {0x8000, UPDATE_REFUSED}, /* of a question */
	    {0x2800, UPDATE_REFUSED}, /* no answer */
	};
	struct error err;
	char head[12] = {0};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		bytes_put(head, 2, 3);
		bytes_put(head + 2, 2, all[i].flags);
		CHECK_INT(
		    update_result(str_make(head, 12), 3, &err), all[i].want);
		CHECK_INT(
		    update_result(str_make(head, 12), 4, &err), UPDATE_REFUSED);
		CHECK_INT(
		    update_result(str_make(head, 11), 3, &err), UPDATE_REFUSED);
	}
}

TESTS(TEST(data), TEST(reading), TEST(changes), TEST(too_long), TEST(results))
