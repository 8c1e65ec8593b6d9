/* guess_test - who guesses is found, an office with a stale password isn't */
#include "limits/guess.h"

#include <stdio.h>

#include "base/test.h"
#include "base/time.h"

enum { T0 = 1767225600, HOUR = 3600 };

static struct {
	struct arena arena;
	struct limits_settings s;
	struct guess *g;
	struct guess_finding found[GUESS_FINDINGS];
	int64_t at;
} t;

static void
begin(void)
{
	memset(&t, 0, sizeof(t));
	arena_init(&t.arena);
	setting_put_defaults(&limits_settings_table, &t.arena, &t.s);
	t.g = guess_new(1000);
	t.at = T0;
}

static void
end(void)
{
	guess_free(&t.g);
	arena_done(&t.arena);
}

static struct guess_login
login_of(const char *address, const char *account)
{
	struct guess_login login = {
	    .account = str_from(account), .n = 1, .at = ++t.at};

	CHECK(ip_parse(str_from(address), &login.client));
	return login;
}

static size_t
fails(const char *address, const char *account)
{
	struct guess_login login = login_of(address, account);

	return guess_failed(t.g, &t.s, &login, t.found);
}

static size_t
nth_fails(const char *address, int i)
{
	char name[32];

	snprintf(name, sizeof(name), "user%d@example.com", i);
	return fails(address, name);
}

static void
nth_succeeds(const char *address, int i)
{
	char name[32];

	snprintf(name, sizeof(name), "good%d@example.com", i);
	struct guess_login login = login_of(address, name);

	guess_succeeded(t.g, &login);
}

static void
many_accounts_from_one_address(void)
{
	begin();
	for (int i = 0; i < 9; i++)
		CHECK_INT(nth_fails("192.0.2.7", i), 0);
	CHECK_INT(nth_fails("192.0.2.7", 8), 0);
	CHECK_INT(nth_fails("192.0.2.8", 9), 0);
	CHECK_INT(nth_fails("192.0.2.7", 9), 1);
	CHECK_INT(t.found[0].kind, SUBJECT_CLIENT);
	CHECK_INT(t.found[0].accounts, 10);
	CHECK_INT(t.found[0].failures, 11);
	/* An hour later that is past. */
	t.at += HOUR;
	CHECK_INT(nth_fails("192.0.2.7", 10), 0);
	end();
}

static void
one_account_is_a_stale_password(void)
{
	begin();
	for (int i = 0; i < 999; i++)
		CHECK_INT(fails("192.0.2.7", "a@example.com"), 0);
	CHECK_INT(fails("192.0.2.7", "a@example.com"), 1);
	CHECK_INT(t.found[0].accounts, 1);
	t.s.guess_failures = 0;
	CHECK_INT(fails("192.0.2.7", "a@example.com"), 0);
	/* Who succeeds there isn't guessing. */
	t.s.guess_failures = 1000;
	nth_succeeds("192.0.2.7", 1);
	CHECK_INT(fails("192.0.2.7", "a@example.com"), 0);
	end();
}

static void
an_office_where_others_succeed(void)
{
	begin();
	for (int i = 0; i < 3; i++)
		CHECK_INT(nth_fails("192.0.2.7", i), 0);
	for (int i = 0; i < 8; i++)
		nth_succeeds("192.0.2.7", i);
	for (int i = 3; i < 20; i++)
		CHECK_INT(nth_fails("192.0.2.7", i), 0);
	/* So many can't be told by eight. */
	size_t n = 0;

	for (int i = 20; i < 60; i++)
		n += nth_fails("192.0.2.7", i);
	CHECK(n > 0);
	end();
}

static void
a_typing_error_is_forgotten(void)
{
	begin();
	CHECK_INT(fails("192.0.2.7", "good1@example.com"), 0);
	for (int i = 0; i < 8; i++)
		CHECK_INT(nth_fails("192.0.2.7", i), 0);
	nth_succeeds("192.0.2.7", 1);
	CHECK_INT(nth_fails("192.0.2.7", 8), 0);
	end();
}

static void
who_sent_from_there_is_no_stranger(void)
{
	begin();
	for (int i = 0; i < 100; i++) {
		char name[32];

		snprintf(name, sizeof(name), "u%d@example.com", i);
		struct guess_login login = login_of("192.0.2.7", name);

		login.is_no_stranger = true;
		CHECK_INT(guess_failed(t.g, &t.s, &login, t.found), 0);
	}
	end();
}

static void
a_network_that_spreads(void)
{
	char address[32];
	size_t n = 0;

	begin();
	for (int i = 0; i < 30; i++) {
		CHECK_INT(n, 0);
		snprintf(address, sizeof(address), "192.0.2.%d", i % 5);
		n += nth_fails(address, i);
	}
	CHECK_INT(n, 1);
	CHECK_INT(t.found[0].kind, SUBJECT_NETWORK);
	CHECK_INT(t.found[0].net.bits, 120);
	guess_spare(t.g, &t.found[0], t.at + HOUR);
	CHECK_INT(nth_fails("192.0.2.77", 31), 0);
	end();
	begin();
	for (int i = 0; i < 10; i++) {
		snprintf(address, sizeof(address), "2001:db8::%d", i);
		CHECK_INT(nth_fails(address, i), i == 9);
	}
	CHECK_INT(t.found[0].net.bits, 64);
	end();
}

static void
memory_is_bounded(void)
{
	char address[32];

	begin();
	guess_free(&t.g);
	t.g = guess_new(10);
	for (int i = 0; i < 1000; i++) {
		snprintf(
		    address, sizeof(address), "10.%d.%d.1", i / 250, i % 250);
		CHECK_INT(nth_fails(address, i), 0);
	}
	end();
}

/* Many fail over the days, few within an hour; where others succeed all the
 * time it is remembered. */
static void
the_silent_are_forgotten(void)
{
	char address[32];

	begin();
	guess_free(&t.g);
	t.g = guess_new(100000);
	CHECK_INT(nth_fails("192.0.2.1", 0), 0);
	for (int i = 0; i < 1000; i++) {
		snprintf(
		    address, sizeof(address), "10.%d.%d.1", i / 250, i % 250);
		CHECK_INT(nth_fails(address, i), 0);
		nth_succeeds("192.0.2.1", i);
		t.at += 300;
	}
	CHECK(guess_places(t.g) < 60);
	for (int i = 0; i < 15; i++)
		CHECK_INT(nth_fails("192.0.2.1", i), 0);
	end();
}

TESTS(TEST(many_accounts_from_one_address),
    TEST(one_account_is_a_stale_password), TEST(an_office_where_others_succeed),
    TEST(a_typing_error_is_forgotten), TEST(who_sent_from_there_is_no_stranger),
    TEST(a_network_that_spreads), TEST(memory_is_bounded),
    TEST(the_silent_are_forgotten))
