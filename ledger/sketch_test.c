/* sketch_test - estimates, ages, packing of sketches and networks */
#include "ledger/sketch.h"

#include <stdio.h>

#include "base/test.h"
#include "ledger/networks.h"
#include "ledger/record.h"

enum { HOUR = 3600, DAY = 86400, T0 = RECORD_EPOCH + 1000 * DAY };

static const uint8_t key[SKETCH_KEY] = {1, 2, 3};

static bool
see(struct sketch *s, unsigned who, int64_t at)
{
	char member[32];
	int n = snprintf(member, sizeof(member), "r%u@example.net", who);

	return sketch_add(
	    s, sketch_entry(sketch_hash(key, str_make(member, (size_t)n))), at);
}

static uint64_t
estimate(const struct sketch *s, int64_t window, int64_t now)
{
	return sketch_count(&s, 1, window, now);
}

/* The test vector of the SipHash paper: 0..15 as the key, 0..14 as the input.
 */
static void
hash_is_siphash(void)
{
	uint8_t k[SKETCH_KEY];
	char in[15];

	for (int i = 0; i < SKETCH_KEY; i++)
		k[i] = (uint8_t)i;
	for (int i = 0; i < 15; i++)
		in[i] = (char)i;
	CHECK(sketch_hash(k, str_make(in, 15)) == 0xa129ca6149be45e5u);
}

static void
estimates_are_near(void)
{
	static const unsigned sizes[] = {
	    0, 1, 10, 100, 250, 300, 1000, 5000, 100000};

	for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		struct sketch s = {0};
		double n = sizes[i];

		for (unsigned k = 0; k < 2 * sizes[i]; k++)
			see(&s, k % sizes[i], T0);
		double got = (double)estimate(&s, HOUR, T0);

		CHECK(got >= n * 0.88 - 0.5 && got <= n * 1.12 + 0.5);
		CHECK_INT(estimate(&s, DAY, T0), estimate(&s, HOUR, T0));
		sketch_done(&s);
	}
}

static void
what_is_over_is_forgotten(void)
{
	static const unsigned sizes[] = {40, 4000};

	for (size_t i = 0; i < 2; i++) {
		struct sketch s = {0};

		for (unsigned k = 0; k < sizes[i]; k++)
			see(&s, k, T0);
		CHECK(estimate(&s, HOUR, T0 + HOUR) > sizes[i] / 2);
		CHECK_INT(estimate(&s, HOUR, T0 + 2 * HOUR), 0);
		CHECK(estimate(&s, DAY, T0 + DAY) > sizes[i] / 2);
		CHECK_INT(estimate(&s, DAY, T0 + 2 * DAY), 0);
		/* The members are few again. */
		see(&s, 1, T0 + 3 * DAY);
		CHECK_INT(estimate(&s, DAY, T0 + 3 * DAY), 1);
		sketch_fold(&s, T0 + 6 * DAY);
		CHECK(sketch_is_empty(&s));
		sketch_done(&s);
	}
}

static void
sketches_unite(void)
{
	struct sketch few = {0}, many = {0};
	const struct sketch *const both[] = {&few, &many};

	for (unsigned k = 0; k < 100; k++)
		see(&few, k, T0);
	for (unsigned k = 50; k < 1050; k++)
		see(&many, k, T0);
	uint64_t n = sketch_count(both, 2, HOUR, T0);

	CHECK(n > 930 && n < 1170);
	sketch_done(&few);
	sketch_done(&many);
}

static void
check_same(const struct sketch *a, const struct sketch *b, int64_t now)
{
	CHECK_INT(estimate(a, HOUR, now), estimate(b, HOUR, now));
	CHECK_INT(estimate(a, DAY, now), estimate(b, DAY, now));
}

static void
packs_whole_and_what_is_new(void)
{
	struct sketch s = {0}, whole = {0}, follower = {0};
	struct text t;
	int64_t now = T0;

	text_grow(&t, 1 << 16);
	for (unsigned k = 0; k < 4000; k++) {
		now += k % 97 == 0 ? 1200 : 1;
		see(&s, k * 7 % (k / 3 + 1), now);
		if (k % 31)
			continue;
		text_clear(&t);
		if (sketch_has_fresh(&s)) {
			sketch_pack_fresh(&s, &t);
			sketch_saved(&s);
			CHECK(sketch_apply_fresh(&follower, text_view(&t)));
			CHECK(sketch_apply_fresh(&follower, text_view(&t)));
		}
		check_same(&s, &follower, now);
		text_clear(&t);
		sketch_pack(&s, &t);
		CHECK(sketch_unpack(&whole, text_view(&t)));
		check_same(&s, &whole, now);
	}
	/* Far more than are listed between two saves. */
	for (unsigned k = 0; k < 9000; k++)
		see(&s, 100000 + k, now);
	text_clear(&t);
	sketch_pack_fresh(&s, &t);
	CHECK(sketch_apply_fresh(&follower, text_view(&t)));
	check_same(&s, &follower, now);
	for (size_t n = 0; n < t.n; n += 3) {
		t.p[n] ^= (char)(1 + n % 255);
		sketch_apply_fresh(&whole, text_view(&t));
		sketch_unpack(&whole, str_head(text_view(&t), n));
		estimate(&whole, DAY, now);
	}
	text_done(&t);
	sketch_done(&s);
	sketch_done(&whole);
	sketch_done(&follower);
}

static struct ip
address(const char *text)
{
	struct ip ip = {{0}};

	CHECK(ip_parse(str_from(text), &ip));
	return ip;
}

static void
networks_keep_the_latest(void)
{
	struct networks w = {0}, back = {0};
	struct text t;
	char name[32];
	struct ip ip = address("2001:db8::1");

	CHECK_INT(networks_add(&w, &ip, T0), NETWORKS_NEW);
	CHECK_INT(networks_add(&w, &ip, T0 + 1), NETWORKS_SAME);
	for (int i = 0; i < 20; i++) {
		snprintf(name, sizeof(name), "10.%d.0.7", i);
		ip = address(name);
		CHECK_INT(networks_add(&w, &ip, T0 + 10 + i), NETWORKS_NEW);
	}
	CHECK_INT(w.n, NETWORKS);
	text_grow(&t, 4096);
	for (int i = 0; i < NETWORKS; i++) {
		struct ip_net net = networks_net(&w.v[i]);

		text_clear(&t);
		ip_net_format(&t, &net);
		snprintf(name, sizeof(name), "10.%d.0.0/24", 19 - i);
		CHECK_STR(text_view(&t), str_from(name));
	}
	ip = address("2001:db8::2");
	networks_add(&w, &ip, T0 + 50);
	text_clear(&t);
	networks_pack(&w, &t);
	CHECK(networks_unpack(&back, text_view(&t)));
	CHECK_INT(back.n, w.n);
	CHECK(!memcmp(back.v, w.v, w.n * sizeof(*w.v)));
	CHECK(!networks_unpack(&back, str_head(text_view(&t), t.n - 1)));
	CHECK_INT(networks_count(&w, T0 + 28), 2);
	networks_fold(&w, T0 + 36 * DAY);
	CHECK_INT(w.n, 0);
	text_done(&t);
	networks_done(&w);
	networks_done(&back);
}

TESTS(TEST(hash_is_siphash), TEST(estimates_are_near),
    TEST(what_is_over_is_forgotten), TEST(sketches_unite),
    TEST(packs_whole_and_what_is_new), TEST(networks_keep_the_latest))
