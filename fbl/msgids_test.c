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

/* Told by the log at `at` of host; asked with what Received says. */
static struct str
who(const struct msgids *m, struct str block, const char *host,
    const char *queue_id, int64_t at)
{
	uint8_t got[MSGIDS_ACCOUNT], a[MSGIDS_ACCOUNT];
	struct msgids_place place;
	int64_t hour;

	for (size_t i = 0; msgids_hour(at, i, &hour); i++) {
		CHECK(i < MSGIDS_HOURS);
		if (!msgids_place_queue(
			m, str_from(host), str_from(queue_id), hour, &place) ||
		    !msgids_find(block, &place, got))
			continue;
		msgids_account(m, STR("ann"), a);
		return memcmp(got, a, sizeof(a)) == 0 ? STR("ann") : STR("ben");
	}
	return STR("");
}

static void
test_queue_ids(void)
{
	enum { T = 1000 * 3600 };
	static const struct {
		const char *host, *queue_id, *account;
		int64_t at;
	} told[] = {{"mx1", "4D2X5", "ann", T + 5},
	    {"mx2.example.com", "4D2X5", "ben", T + 9},
	    {"mx1", "4D2X5", "ben", T + 7300},
	    {"MX1", "AAAA1", "ann", T + 3599}, {"mx1", "BBBB1", "ann", T + 100},
	    {"mx1", "BBBB1", "ben", T + 900}};
	static const struct {
		const char *name, *host, *queue_id;
		int64_t at;
		const char *account;
	} asked[] = {{"by its host", "mx1.example.com", "4D2X5", T + 3, "ann"},
	    {"the other's", "mx2.example.com", "4D2X5", T + 9, "ben"},
	    {"two, and neither's", "mx3.example.com", "4D2X5", T + 9, ""},
	    {"reused later", "mx1.example.com", "4D2X5", T + 7300, "ben"},
	    {"hours later", "mx1.example.com", "4D2X5", T + 40000, ""},
	    {"the only one of another name", "smtp.example.com", "AAAA1",
		T + 3000, "ann"},
	    {"the clocks differ", "mx1", "AAAA1", T + 3660, "ann"},
	    {"it took long", "mx1", "4D2X5", T + 3600 + 3500, "ben"},
	    {"reused within the hour", "mx1", "BBBB1", T + 100, ""},
	    {"unknown", "mx1", "CCCC1", T + 100, ""}};
	enum { N = sizeof(told) / sizeof(told[0]) };
	struct msgids m = start();
	uint8_t block[N * MSGIDS_ENTRY], account[MSGIDS_ACCOUNT];
	struct msgids_place place;

	for (size_t i = 0; i < N; i++) {
		CHECK(msgids_place_queue(&m, str_from(told[i].host),
		    str_from(told[i].queue_id), told[i].at, &place));
		msgids_account(&m, str_from(told[i].account), account);
		msgids_entry(&place, account, block + i * MSGIDS_ENTRY);
	}
	struct str all = str_make((const char *)block, sizeof(block));

	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		struct str got =
		    who(&m, all, asked[i].host, asked[i].queue_id, asked[i].at);

		if (!str_is(got, str_from(asked[i].account)))
			CHECK_STR(str_from(asked[i].name), got);
	}
	CHECK(!msgids_place_queue(&m, STR("a"), STR(""), T, &place));
	CHECK_STR(who(&m, all, "mx1", "4D2X5", TIME_NEVER), STR(""));
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
	text_clear(&t);
	msgids_names_key(&t, 20769, account);
	CHECK_STR(text_view(&t), STR("649:102"));
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

TESTS(TEST(test_find), TEST(test_place), TEST(test_queue_ids), TEST(test_keys),
    TEST(test_days))
