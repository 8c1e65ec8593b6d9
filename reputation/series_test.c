/* series_test - what providers answered, by time, address and class */
#include "reputation/series.h"

#include "base/test.h"
#include "base/text.h"
#include "ledger/books.h"

enum { T0 = 1764000000, HOUR = 3600, DAY = 86400 };

static void
add(struct series *s, const char *ip, const char *provider, int64_t at,
    enum series_count what, enum reply_class class, int64_t delay_ms)
{
	const struct series_note n = {
	    str_from(ip), str_from(provider), at, 1, what, class, delay_ms};

	series_add(s, &n);
}

static uint64_t
sum(struct series *s, const char *ip, const char *provider, int64_t since,
    int64_t now, enum series_count c)
{
	struct series_sum out;

	series_sum(s, str_from(ip), str_from(provider), since, now, &out);
	return out.count[c];
}

static void
fill(struct series *s)
{
	for (int i = 0; i < 10; i++)
		add(s, "a", "big", T0 + i, SERIES_DELIVERED, 0, 1500 * i);
	add(s, "a", "big", T0, SERIES_REFUSED, REPLY_BLOCKED, -1);
	add(s, "b", "big", T0, SERIES_DEFERRED, REPLY_RATE_LIMITED, -1);
	add(s, "b", "other", T0, SERIES_DELIVERED, 0, -1);
	add(s, "b", "other", T0, SERIES_COMPLAINTS, 0, -1);
}

static void
counts(void)
{
	struct series *s = series_new(10);
	const int64_t now = T0 + 60, since = T0 - 60;

	fill(s);
	CHECK_INT(sum(s, "a", "big", since, now, SERIES_ATTEMPTED), 11);
	CHECK_INT(sum(s, "a", "big", since, now, SERIES_DELIVERED), 10);
	CHECK_INT(sum(s, "", "big", since, now, SERIES_ATTEMPTED), 12);
	CHECK_INT(sum(s, "b", "", since, now, SERIES_ATTEMPTED), 2);
	CHECK_INT(sum(s, "b", "", since, now, SERIES_COMPLAINTS), 1);
	CHECK_INT(sum(s, "", "", since, now, SERIES_CLASS + REPLY_BLOCKED), 1);
	CHECK_INT(sum(s, "", "", since, now, SERIES_DEFERRED), 1);
	CHECK_INT(sum(s, "c", "", since, now, SERIES_ATTEMPTED), 0);
	CHECK_STR(str_from(series_count_text(SERIES_CLASS + REPLY_BLOCKED)),
	    STR("blocked"));
	series_free(&s);
}

static void
quantiles(void)
{
	struct series *s = series_new(10);
	struct series_sum out;

	fill(s);
	series_sum(s, STR("a"), STR(""), T0 - 60, T0 + 60, &out);
	CHECK_INT(series_delay(&out, 0.5), 10);
	CHECK_INT(series_delay(&out, 0.1), 1);
	CHECK_INT(series_delay(&out, 1), 30);
	series_sum(s, STR("b"), STR(""), T0 - 60, T0 + 60, &out);
	CHECK_INT(series_delay(&out, 0.5), -1);
	series_free(&s);
}

/* Coarser with age; what is too old is gone; what comes late counts where it
 * still can. */
static void
ages(void)
{
	struct series *s = series_new(10);

	for (int64_t h = 0; h < 40 * 24; h++)
		add(s, "a", "big", T0 + h * HOUR, SERIES_DELIVERED, 0, -1);
	int64_t now = T0 + 40 * DAY - 1;

	CHECK_INT(sum(s, "a", "", now - 2 * HOUR, now, SERIES_DELIVERED), 2);
	CHECK_INT(sum(s, "a", "", now - 2 * DAY, now, SERIES_DELIVERED), 49);
	uint64_t days = sum(s, "a", "", now - 30 * DAY, now, SERIES_DELIVERED);

	CHECK(days >= 30 * 24 && days <= 32 * 24);
	CHECK(sum(s, "a", "", 0, now, SERIES_DELIVERED) <= 36 * 24);
	add(s, "a", "big", now - 2 * DAY, SERIES_DELIVERED, 0, -1);
	CHECK_INT(sum(s, "a", "", now - 2 * HOUR, now, SERIES_DELIVERED), 2);
	CHECK_INT(sum(s, "a", "", now - 3 * DAY, now, SERIES_DELIVERED), 74);
	add(s, "a", "big", now - 100 * DAY, SERIES_DELIVERED, 0, -1);
	CHECK_INT(sum(s, "a", "", now - 3 * DAY, now, SERIES_DELIVERED), 74);
	series_free(&s);
}

static void
charts(void)
{
	struct series *s = series_new(10);
	uint64_t v[6];

	for (int i = 0; i < 12; i++)
		add(s, "a", "big", T0 - T0 % HOUR + i * 600, SERIES_DELIVERED,
		    0, -1);
	series_chart(s, STR(""), STR("big"), SERIES_DELIVERED, 1200,
	    T0 - T0 % HOUR + 2 * HOUR - 1, v, 6);
	for (int i = 0; i < 6; i++)
		CHECK_INT(v[i], 2);
	series_chart(
	    s, STR("b"), STR("big"), SERIES_DELIVERED, HOUR, T0 + HOUR, v, 6);
	CHECK_INT(v[5], 0);
	series_free(&s);
}

static void
is_bounded(void)
{
	struct series *s = series_new(2);

	add(s, "a", "big", T0, SERIES_DELIVERED, 0, -1);
	add(s, "b", "big", T0 + 1, SERIES_DELIVERED, 0, -1);
	add(s, "a", "big", T0 + 2, SERIES_DELIVERED, 0, -1);
	add(s, "c d\n", "big", T0 + 3, SERIES_DELIVERED, 0, -1);
	CHECK_INT(sum(s, "b", "", T0, T0 + 9, SERIES_DELIVERED), 0);
	CHECK_INT(sum(s, "a", "", T0, T0 + 9, SERIES_DELIVERED), 2);
	CHECK_INT(sum(s, "c_d_", "", T0, T0 + 9, SERIES_DELIVERED), 1);
	series_free(&s);
}

static void
is_kept(void)
{
	struct series *s = series_new(3), *r = series_new(3);
	struct books_part from = series_part(s), to = series_part(r);
	struct text t, again;

	text_grow(&t, 100000);
	text_grow(&again, 100000);
	fill(s);
	from.save(from.ctx, &t);
	CHECK(to.replay(to.ctx, text_view(&t)));
	CHECK(to.replay(to.ctx, text_view(&t))); /* twice is harmless */
	for (int i = 0; i < SERIES_COUNTS; i++)
		CHECK_INT(sum(r, "", "", T0 - 60, T0 + 60, i),
		    sum(s, "", "", T0 - 60, T0 + 60, i));
	from.save(from.ctx, &again);
	CHECK_INT(again.n, 0);
	/* One goes. */
	add(s, "c", "big", T0 + 99, SERIES_DELIVERED, 0, -1);
	from.save(from.ctx, &again);
	CHECK(to.replay(to.ctx, text_view(&again)));
	CHECK_INT(sum(r, "", "", T0 - 60, T0 + 99, SERIES_DELIVERED),
	    sum(s, "", "", T0 - 60, T0 + 99, SERIES_DELIVERED));
	CHECK(!to.replay(to.ctx, STR("\x01")));
	CHECK(!to.load(to.ctx, STR("a big"), STR("")));
	text_done(&t);
	text_done(&again);
	series_free(&s);
	series_free(&r);
}

static void
own_ips(void)
{
	CHECK_STR(own_ip_of_tag(STR("postfix/smtp")), STR("default"));
	CHECK_STR(own_ip_of_tag(STR("smtp")), STR("default"));
	CHECK_STR(
	    own_ip_of_tag(STR("postfix/outpost-slow/smtp")), STR("default"));
	CHECK_STR(own_ip_of_tag(STR("postfix-out1/smtp")), STR("postfix-out1"));
	CHECK_STR(own_ip_of_tag(STR("postfix/out1/smtp")), STR("out1"));
}

TESTS(TEST(counts), TEST(quantiles), TEST(ages), TEST(charts), TEST(is_bounded),
    TEST(is_kept), TEST(own_ips))
