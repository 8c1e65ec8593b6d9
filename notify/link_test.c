/* link_test - whoever has no link learns nothing */
#include "notify/link.h"

#include "base/test.h"

enum { NOW = 1795300000 };

static struct link_keys keys;

static void
begin(void)
{
	struct crypto_key secret;

	memset(&secret, 7, sizeof(secret));
	link_keys_init(&keys, &secret);
}

static struct str
make(const char *id, int64_t until, unsigned generation, struct text *t)
{
	struct link l = {.until = until, .generation = generation};

	memcpy(l.id, id, sizeof(l.id));
	text_clear(t);
	CHECK(link_print(&keys, &l, t));
	return text_view(t);
}

static void
a_link_opens(void)
{
	char buf[64];
	struct text t;
	struct link l;

	begin();
	text_init(&t, buf, sizeof(buf));
	struct str token = make("K7QX-2M9P", NOW + 86400, 3, &t);

	CHECK_INT(token.n, LINK_TOKEN);
	CHECK(link_open(&keys, token, NOW, &l));
	CHECK_STR(str_from(l.id), STR("K7QX-2M9P"));
	CHECK_INT(l.generation, 3);
	CHECK(l.until >= NOW + 86400 && l.until < NOW + 86400 + LINK_ROUND);
	/* Every node prints the same. */
	char again[64];
	struct text u;

	text_init(&u, again, sizeof(again));
	CHECK_STR(make("K7QX-2M9P", NOW + 86400, 3, &u), token);
}

static void
it_expires(void)
{
	char buf[64];
	struct text t;
	struct link l;

	begin();
	text_init(&t, buf, sizeof(buf));
	struct str token = make("0000-0000", 7200, 0, &t);

	CHECK(link_open(&keys, token, 7199, &l));
	CHECK(!link_open(&keys, token, 7200, &l));
	CHECK(!link_open(&keys, make("ZZZZ-ZZZZ", 7201, 0, &t), 10800, &l));
	/* Without an end, and before time began. */
	CHECK(link_open(&keys, make("ZZZZ-ZZZZ", INT64_MAX, 255, &t), NOW, &l));
	CHECK_INT(l.generation, 255);
	CHECK(!link_open(&keys, make("ZZZZ-ZZZZ", -5, 0, &t), 0, &l));
}

static void
each_bit_counts(void)
{
	char buf[64], bad[LINK_TOKEN];
	uint8_t raw[24], changed[24];
	struct text t, u;
	struct link l;
	size_t n;

	begin();
	text_init(&t, buf, sizeof(buf));
	struct str token = make("K7QX-2M9P", NOW + 86400, 3, &t);

	CHECK(crypto_from_base64url(token, raw, sizeof(raw), &n) && n == 24);
	for (size_t bit = 0; bit < n * 8; bit++) {
		char out[64];

		memcpy(changed, raw, n);
		changed[bit / 8] ^= (uint8_t)(1 << bit % 8);
		text_init(&u, out, sizeof(out));
		crypto_base64url(&u, changed, n);
		CHECK(!link_open(&keys, text_view(&u), NOW, &l));
	}
	memcpy(bad, token.p, LINK_TOKEN);
	CHECK(!link_open(&keys, str_head(token, 31), NOW, &l));
	CHECK(!link_open(&keys, str_make(buf, 33), NOW, &l));
	CHECK(!link_open(&keys, STR(""), NOW, &l));
	bad[5] = '+';
	CHECK(!link_open(&keys, str_make(bad, LINK_TOKEN), NOW, &l));
	bad[5] = '\0';
	CHECK(!link_open(&keys, str_make(bad, LINK_TOKEN), NOW, &l));
}

static void
guessing_is_in_vain(void)
{
	char buf[64];
	uint8_t raw[24];
	struct text t;
	struct link l;

	begin();
	for (size_t i = 0; i < 20000; i++) {
		text_init(&t, buf, sizeof(buf));
		crypto_random(raw, sizeof(raw));
		crypto_base64url(&t, raw, sizeof(raw));
		CHECK(!link_open(&keys, text_view(&t), NOW, &l));
	}
}

/* Two links of neighbours have nothing in common that could be counted on. */
static void
nothing_is_readable(void)
{
	char one[64], other[64];
	struct text t, u;
	size_t same = 0;

	begin();
	text_init(&t, one, sizeof(one));
	text_init(&u, other, sizeof(other));
	make("K7QX-2M9P", NOW, 0, &t);
	make("K7QX-2M9P", NOW, 1, &u);
	for (size_t i = 0; i < LINK_TOKEN; i++)
		same += one[i] == other[i];
	CHECK(same < 8);
	CHECK_INT(str_find(text_view(&t), STR("K7QX")), -1);
}

static void
another_secret_opens_nothing(void)
{
	char buf[64];
	struct crypto_key secret;
	struct link_keys others;
	struct text t;
	struct link l;

	begin();
	memset(&secret, 8, sizeof(secret));
	link_keys_init(&others, &secret);
	text_init(&t, buf, sizeof(buf));
	CHECK(!link_open(
	    &others, make("K7QX-2M9P", NOW + 86400, 0, &t), NOW, &l));
}

static void
a_bad_case_has_no_link(void)
{
	static const char *const bad[] = {
	    "", "K7QX-2M9", "K7QX-2M9L", "k7qx-2m9p", "K7QX2M9P", "K7QX2-M9P"};
	char buf[64];
	struct text t;

	begin();
	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct link l = {.until = NOW};

		strcpy(l.id, bad[i]);
		CHECK(!link_print(&keys, &l, &t));
	}
	CHECK_INT(t.n, 0);
}

static void
its_end_moves_rarely(void)
{
	const int64_t month = 30 * 86400;

	CHECK_INT(link_until(NOW, NOW, month), NOW + month);
	CHECK_INT(link_until(NOW, NOW + month / 2 - 1, month), NOW + month);
	CHECK_INT(
	    link_until(NOW, NOW + month / 2, month), NOW + month + month / 2);
	CHECK_INT(link_until(NOW, NOW - 100, month), NOW + month);
	for (int64_t at = NOW; at < NOW + 3 * month; at += 86400) {
		int64_t left = link_until(NOW, at, month) - at;

		CHECK(left >= month / 2 && left <= month);
	}
}

static void
a_form_is_bound(void)
{
	char buf[64];
	struct text t;
	struct str token = STR("tokentokentokentokentokentokenXX");

	begin();
	text_init(&t, buf, sizeof(buf));
	link_form_print(&keys, token, STR("cookie"), &t);
	CHECK_INT(t.n, LINK_FORM);
	CHECK(link_form_is(&keys, token, STR("cookie"), text_view(&t)));
	CHECK(!link_form_is(&keys, token, STR("other"), text_view(&t)));
	CHECK(!link_form_is(&keys, STR("other"), STR("cookie"), text_view(&t)));
	CHECK(!link_form_is(&keys, token, STR("cookie"), STR("")));
	buf[3] ^= 1;
	CHECK(!link_form_is(&keys, token, STR("cookie"), text_view(&t)));
}

TESTS(TEST(a_link_opens), TEST(it_expires), TEST(each_bit_counts),
    TEST(guessing_is_in_vain), TEST(nothing_is_readable),
    TEST(another_secret_opens_nothing), TEST(a_bad_case_has_no_link),
    TEST(its_end_moves_rarely), TEST(a_form_is_bound))
