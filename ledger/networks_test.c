/* networks_test - where an account is at home, whatever else it is seen from */
#include "ledger/networks.h"

#include "base/test.h"
#include "base/text.h"

enum { T0 = 1767225600, HOUR = 3600, DAY = 86400 };

static struct ip
ip_of(const char *text)
{
	struct ip ip;

	CHECK(ip_parse(str_from(text), &ip));
	return ip;
}

static enum networks_place
place(const struct networks *w, const char *client, int64_t at)
{
	struct ip ip = ip_of(client);

	return networks_place(w, &ip, at - DAY);
}

static void
see(struct networks *w, const char *client, int64_t at)
{
	struct ip ip = ip_of(client);

	networks_add(w, &ip, at);
}

static const char *const homes[] = {
    "192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8:1::1"};
enum { HOMES = 4 };

/* Each day from all of its homes, for a week. */
static int64_t
settle(struct networks *w)
{
	for (int day = 0; day < 7; day++)
		for (int i = 0; i < HOMES; i++)
			see(w, homes[i], T0 + day * DAY + i * HOUR);
	return T0 + 7 * DAY;
}

static void
check_homes(const struct networks *w, int64_t at)
{
	for (int i = 0; i < HOMES; i++)
		CHECK_INT(place(w, homes[i], at), NETWORKS_HOME);
}

static void
a_home_is_a_day_old_and_has_neighbours(void)
{
	struct networks w = {0};

	CHECK_INT(place(&w, "192.0.2.1", T0), NETWORKS_NOWHERE);
	see(&w, "192.0.2.1", T0);
	CHECK_INT(place(&w, "192.0.2.1", T0 + DAY - 1), NETWORKS_NOWHERE);
	CHECK_INT(place(&w, "198.51.100.1", T0 + DAY - 1), NETWORKS_NOWHERE);
	CHECK_INT(place(&w, "192.0.2.1", T0 + DAY), NETWORKS_HOME);
	CHECK_INT(place(&w, "192.0.77.9", T0 + DAY), NETWORKS_HOME);
	CHECK_INT(place(&w, "192.1.2.1", T0 + DAY), NETWORKS_ABROAD);
	CHECK_INT(place(&w, "2001:db8::1", T0 + DAY), NETWORKS_ABROAD);
	see(&w, "2001:db8:7::1", T0 + DAY);
	CHECK_INT(place(&w, "2001:db8:7::1", T0 + DAY), NETWORKS_ABROAD);
	CHECK_INT(networks_foreign(&w, T0 + DAY - HOUR, T0 + DAY - DAY), 1);
	CHECK_INT(place(&w, "2001:db8:8::1", T0 + 2 * DAY), NETWORKS_HOME);
	CHECK_INT(place(&w, "2001:db9::1", T0 + 2 * DAY), NETWORKS_ABROAD);
	CHECK_INT(networks_foreign(&w, T0, T0 + 2 * DAY - DAY), 0);
	networks_done(&w);
}

/* Another /64 of its carrier each hour: one more home, none less. */
static void
a_telephone_moves_out_nobody(void)
{
	struct networks w = {0};
	int64_t at = settle(&w);

	for (int i = 0; i < 300; i++) {
		char client[40];
		struct text t;

		text_init(&t, client, sizeof(client));
		text_printf(&t, "2a00:1:%x::5", (unsigned)i);
		at += HOUR;
		see(&w, client, at);
		if (i > 24)
			CHECK_INT(place(&w, client, at), NETWORKS_HOME);
		check_homes(&w, at);
	}
	CHECK(w.n <= NETWORKS);
	CHECK(networks_foreign(&w, at - HOUR, at - DAY) == 0);
	networks_done(&w);
}

/* A thousand networks in a night, each a neighbourhood of its own. */
static void
nor_does_a_botnet(void)
{
	struct networks w = {0};
	int64_t at = settle(&w);

	for (int i = 0; i < 1000; i++) {
		char client[40];
		struct text t;

		text_init(&t, client, sizeof(client));
		text_printf(&t, "%d.%d.7.%d", 20 + i % 100, i / 100, i % 250);
		at += 30;
		CHECK_INT(place(&w, client, at), NETWORKS_ABROAD);
		see(&w, client, at);
		check_homes(&w, at);
	}
	CHECK_INT(networks_foreign(&w, at - HOUR, at - DAY), NETWORKS - HOMES);
	/* Each again a day later, slowly: the latest of the old homes stay. */
	see(&w, homes[0], at + 2 * DAY);
	CHECK_INT(place(&w, homes[0], at + 2 * DAY), NETWORKS_HOME);
	networks_done(&w);
}

TESTS(TEST(a_home_is_a_day_old_and_has_neighbours),
    TEST(a_telephone_moves_out_nobody), TEST(nor_does_a_botnet))
