#include "base/test.h"

#include "base/time.h"
#include "fbl/msgids.h"

static struct msgids
start(void)
{
	const struct crypto_key secret = {{7}};
	struct msgids m;

	msgids_init(&m, &secret);
	return m;
}

static void
test_find(void)
{
	struct msgids m = start();
	struct msgids_place alice, ben, other;
	uint8_t a[MSGIDS_ACCOUNT], b[MSGIDS_ACCOUNT], got[MSGIDS_ACCOUNT];
	uint8_t block[3 * MSGIDS_ENTRY];

	CHECK(msgids_place(&m, STR("1@x"), &alice));
	CHECK(msgids_place(&m, STR("2@x"), &ben));
	CHECK(msgids_place(&m, STR("3@x"), &other));
	msgids_account(&m, STR("alice@example.com"), a);
	msgids_account(&m, STR("ben@example.com"), b);
	msgids_entry(&alice, a, block);
	msgids_entry(&ben, b, block + MSGIDS_ENTRY);
	msgids_entry(&alice, b, block + 2 * MSGIDS_ENTRY);

	struct str all = str_make((const char *)block, sizeof(block));

	CHECK(msgids_find(str_head(all, 30), &alice, got));
	CHECK(memcmp(got, a, sizeof(a)) == 0);
	CHECK(msgids_find(all, &ben, got));
	CHECK(memcmp(got, b, sizeof(b)) == 0);
	/* The latest of two. */
	CHECK(msgids_find(all, &alice, got));
	CHECK(memcmp(got, b, sizeof(b)) == 0);
	CHECK(!msgids_find(all, &other, got));
	CHECK(!msgids_find(str_head(all, 11), &alice, got));
	CHECK(!msgids_find(STR(""), &alice, got));
}

/* However it is written. */
static void
test_place(void)
{
	struct msgids m = start();
	struct msgids_place a, b;

	CHECK(msgids_place(&m, STR("1@x"), &a));
	CHECK(msgids_place(&m, STR(" < 1@x > "), &b));
	CHECK(a.bucket == b.bucket && !memcmp(a.tag, b.tag, MSGIDS_TAG));
	CHECK(a.bucket < MSGIDS_BUCKETS);
	CHECK(!msgids_place(&m, STR("<>"), &a));
	CHECK(!msgids_place(&m, STR(" "), &a));
	CHECK(msgids_place(&m, STR("<"), &a));
}

static void
test_keys(void)
{
	const uint8_t account[MSGIDS_ACCOUNT] = {1, 2, 0xff, 0, 0, 9};
	char buf[MSGIDS_KEY];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	msgids_key(&t, 20769, MSGIDS_BUCKETS - 1);
	CHECK_STR(text_view(&t), STR("20769:fff"));
	text_clear(&t);
	msgids_account_key(&t, account);
	CHECK_STR(text_view(&t), STR("0102ff000009"));
}

/* Each day once, the nearest first. */
static void
check_days(int64_t at, int64_t now, int64_t days, int64_t first)
{
	bool seen[64] = {false};
	int64_t day, last = now / MSGIDS_DAY;
	size_t i = 0;

	for (; msgids_day(at, now, days, i, &day); i++) {
		CHECK(day >= last - days && day <= last);
		if (day < last - days || day > last)
			return;
		CHECK(!seen[last - day]);
		seen[last - day] = true;
		if (i == 0)
			CHECK_INT(day, first);
	}
	CHECK_INT(i, days + 1);
}

static void
test_days(void)
{
	const int64_t now = 100 * MSGIDS_DAY + 5;
	int64_t day;

	for (int64_t before = 0; before <= 30; before++)
		check_days(now - before * MSGIDS_DAY, now, 30, 100 - before);
	check_days(TIME_NEVER, now, 30, 100);
	check_days(now + 90, now, 30, 100);
	check_days(0, now, 30, 70);
	check_days(now, now, 0, 100);
	CHECK(msgids_day(95 * MSGIDS_DAY, now, 30, 1, &day));
	CHECK_INT(day, 96);
	CHECK(msgids_day(95 * MSGIDS_DAY, now, 30, 2, &day));
	CHECK_INT(day, 94);
}

TESTS(TEST(test_find), TEST(test_place), TEST(test_keys), TEST(test_days))
