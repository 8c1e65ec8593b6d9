/* record_dense_test - what is packed densely is what it was */
#include "ledger/record_dense.h"

#include "base/test.h"

enum { ROUNDS = 20000 };

static uint64_t seed = 7;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

static uint32_t
any_number(void)
{
	uint32_t n = (uint32_t)(seed >> 20) >> draw(32);

	return draw(50) == 0 ? UINT32_MAX : n ? n : 1;
}

static void
fill(struct bucket *b, bool is_odd)
{
	uint32_t m = 1 + draw(5), r = draw(2) ? m : draw(9), i = draw(3);
	const uint32_t v[] = {m, r, i, r, i};

	b->has = 0;
	for (uint32_t c = 0; c < 5; c++) {
		b->n[c] = v[c];
		b->has |= (uint32_t)(v[c] > 0) << c;
	}
	b->n[COUNT_KIB] = 1 + draw(3000);
	b->has |= 1u << COUNT_KIB;
	for (int k = is_odd ? 1 + (int)draw(4) : 0; k > 0; k--) {
		uint32_t c = draw(COUNTS);

		b->n[c] = any_number();
		b->has |= 1u << c;
	}
	if (is_odd && draw(4) == 0 && b->has & (b->has - 1))
		b->has &= b->has - 1;
}

/* Buckets in order, as record_code writes them. */
static size_t
make(uint8_t *out, uint32_t buckets, bool is_odd)
{
	struct bucket b = {0};
	uint32_t minute = draw(2) ? draw(1 << 24) : 13000000, last = 0;
	uint32_t tier = 3;
	size_t n = 0;

	for (uint32_t i = 0; i < buckets; i++) {
		tier = is_odd ? draw(4) : draw(20) && tier ? tier : draw(4);
		minute += widths[tier] * (draw(3) ? 1 : 1 + draw(30));
		minute -= minute % widths[tier];
		if (minute > LAST_MINUTE || (minute << 2 | tier) <= last)
			break;
		b.at = minute << 2 | tier;
		fill(&b, is_odd || draw(20) == 0);
		n += bucket_pack(&b, last, out + n);
		last = b.at;
	}
	return n;
}

static void
comes_back(void)
{
	static uint8_t plain[DENSE_ROOM], dense[DENSE_ROOM], back[DENSE_ROOM];
	size_t n_all = 0, n_dense = 0;

	for (unsigned i = test_trials(ROUNDS); i > 0; i--) {
		bool is_odd = i % 4 == 0;
		size_t n = make(plain, 1 + draw(60), is_odd), n_back = 0;
		size_t k = dense_pack(plain, n, dense);
		struct str packed = str_make((const char *)dense, k);

		if (k == 0)
			continue;
		CHECK(k <= n);
		CHECK(dense_is(packed));
		CHECK(dense_unpack(packed, back, &n_back));
		CHECK_STR(str_make((const char *)back, n_back),
		    str_make((const char *)plain, n));
		n_all += is_odd ? 0 : n;
		n_dense += is_odd ? 0 : k;
	}
	CHECK(n_dense > 0 && n_dense < n_all * 7 / 10);
}

/* A month's days, and what became of them in the books' format 4, and since.
 */
static const char coded_4[] =
    "\x00\x00\x0b\x40\x00\x73\x6c\xca\x97\xf6\xe8\x0b\x89\x70"
    "\x85\xfc\x03\xc0\xc5\xd9\xa2\x8a\xce\x6a\x25\x04\xc1\x90"
    "\x70\xf3\x6c\xee\xba\xc4\xa6\x3b\xcc\x0e\x96\x40\x3e\x19"
    "\xca\x25\x25\xe1\x57\x5c\x11\xba\x3c\x28\x61\xd3\x53\x87"
    "\x6c\x1f\x89\x90\xd7\xba\x58\x47";
static const char coded[] =
    "\x00\x04\x0f\xf6\x4e\xdb\xb5\x6c\xaa\x0d\x48\xe5\xb7\x14"
    "\x2a\xa1\x47\x35\x99\xff\xad\x85\x4d\x4e\x77\x26\x49\xb8"
    "\x51\xec\x5a\x77\x24\x77\x4a\x40\x4e\x17\x00\x5b\x94\x78"
    "\x41\xf8\x33\xbb\xda\xc0\xac\x9e\x05\x06\x3c\xc4\x35\x96"
    "\xc2\x1b\xa9\x54";

static size_t
make_month(uint8_t *out)
{
	uint32_t last = 0;
	size_t n = 0;

	for (uint32_t i = 0; i < 24; i++) {
		struct bucket b = {
		    .at = (9800 + i + i / 7) * 1440 << 2 | TIER_DAY,
		    .has = 1u << COUNT_MESSAGES | 1u << COUNT_RECIPIENTS |
			   1u << COUNT_KIB | 1u << COUNT_DELIVERED};

		b.n[COUNT_MESSAGES] = 1 + i % 3;
		b.n[COUNT_RECIPIENTS] = b.n[COUNT_DELIVERED] = 1 + i % 5;
		b.n[COUNT_KIB] = 5 + i * i;
		n += bucket_pack(&b, last, out + n);
		last = b.at;
	}
	return n;
}

static void
what_was_coded_is_read(void)
{
	static uint8_t plain[DENSE_ROOM], dense[DENSE_ROOM], back[DENSE_ROOM];
	const struct str codes[] = {
	    {coded_4, sizeof(coded_4) - 1}, {coded, sizeof(coded) - 1}};
	size_t n = make_month(plain), n_back;

	for (int i = 0; i < 2; i++) {
		CHECK(dense_is(codes[i]));
		CHECK_INT(dense_is_usual(codes[i]), i);
		CHECK(dense_unpack(codes[i], back, &n_back));
		CHECK_STR(str_make((const char *)back, n_back),
		    str_make((const char *)plain, n));
	}
	size_t k = dense_pack(plain, n, dense);

	CHECK_STR(str_make((const char *)dense, k), codes[1]);
}

/* Whatever the bytes: no more than there is room for, and in order. */
static void
damage_stays_inside(void)
{
	static uint8_t bytes[512], back[DENSE_ROOM];
	size_t n_back;
	uint32_t cells;

	for (unsigned i = test_trials(ROUNDS); i > 0; i--) {
		size_t n = 3 + draw(i % 2 ? 500 : 20);

		for (size_t k = 0; k < n; k++)
			bytes[k] = k == 0    ? 0
				   : k == 1  ? DENSE_USUAL * (uint8_t)draw(2)
				   : draw(3) ? (uint8_t)draw(256)
					     : (uint8_t)(draw(2) * 255);
		if (dense_unpack(
			str_make((const char *)bytes, n), back, &n_back)) {
			CHECK(n_back <= DENSE_ROOM);
			CHECK(buckets_are_sane(back, back + n_back, &cells));
		}
	}
}

/* One is condensed now and then, the other never is. */
static void
condensed_is_the_same(void)
{
	enum { T0 = 1700000000, HOUR = 3600 };
	struct record a = {0}, b = {0};
	int64_t now = T0;
	size_t n = 0;

	for (unsigned i = test_trials(30000); i > 0; i--) {
		struct record sa = {0}, sb = {0};
		enum count c = (enum count)draw(COUNTS);
		int64_t window = 1 + draw(draw(2) ? 86400 : 35 * 86400);
		int64_t at = now - (draw(9) ? 0 : draw(40 * 86400));

		now += draw(3) ? draw(60) : draw(5 * HOUR);
		switch (draw(30)) {
		case 0:
			record_fold(&a, now);
			record_fold(&b, now);
			break;
		case 1:
			if (draw(20) == 0) {
				record_mark(&a, now);
				record_mark(&b, now);
			}
			break;
		case 2:
		case 3:
		case 4:
			record_saved(&b);
			record_shrink(&b);
			n += record_condense(&b) > 0;
			break;
		default:
			record_add(&a, c, at, now, 1 + i % 3);
			record_add(&b, c, at, now, 1 + i % 3);
		}
		CHECK_INT(
		    record_sum(record_folded(&b, now, &sb), c, window, 0, now),
		    record_sum(record_folded(&a, now, &sa), c, window, 0, now));
		record_done(&sa);
		record_done(&sb);
	}
	CHECK(n > 100);
	record_done(&a);
	record_done(&b);
}

static void
little_is_left_alone(void)
{
	static uint8_t out[DENSE_ROOM];
	size_t n;

	CHECK(dense_pack(NULL, 0, out) == 0);
	CHECK(!dense_is(STR("")));
	CHECK(!dense_is(str_make("\0\0", 2)));
	CHECK(!dense_unpack(STR("abc"), out, &n));
}

TESTS(TEST(comes_back), TEST(what_was_coded_is_read), TEST(damage_stays_inside),
    TEST(condensed_is_the_same), TEST(little_is_left_alone))
