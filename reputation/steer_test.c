/* steer_test - who sends by which address, and who goes elsewhere */
#include "reputation/steer.h"

#include "base/arena.h"
#include "base/test.h"

enum { T0 = 1767225600 };

static struct {
	struct arena arena;
	struct steer steer;
	struct pools *pools;
	struct lane lanes[4];
	const struct lane *at[POOL_IPS_MAX];
	struct steer_to to;
} t;

/* out1, out2 in default, out3 in risk, out4 in default and bulk. */
static void
begin(void)
{
	static const char *const risk[] = {"risk"};
	static const char *const both[] = {"default", "bulk"};
	static const char *const ips[][2] = {{"out1", "192.0.2.1"},
	    {"out2", "192.0.2.2"}, {"out3", "192.0.2.3"},
	    {"out4", "192.0.2.4"}};
	struct error err;

	memset(&t, 0, sizeof(t));
	arena_init(&t.arena);
	t.pools = pools_new();
	for (size_t i = 0; i < 4; i++) {
		struct pool_ip_spec s;

		setting_put_defaults(&pool_ip_fields, &t.arena, &s);
		s.name = ips[i][0];
		s.ipv4 = ips[i][1];
		if (i == 2)
			s.pools = (struct setting_list){risk, 1};
		if (i == 3)
			s.pools = (struct setting_list){both, 2};
		CHECK_INT(pools_add_ip(t.pools, &s, &err), 0);
	}
	t.steer.pools = t.pools;
}

static void
end(void)
{
	pools_free(&t.pools);
	arena_done(&t.arena);
}

/* How many places of a pool each own IP has. */
static void
count(size_t pool, size_t n[4])
{
	memset(n, 0, 4 * sizeof(*n));
	for (unsigned i = 0; i < STEER_PLACES; i++)
		n[pools_ip_index(t.pools, steer_place(&t.steer, pool, i))]++;
}

static void
by_sender(void)
{
	size_t n[4];

	begin();
	count(POOL_DEFAULT, n);
	CHECK(n[0] > 60 && n[1] > 60 && n[2] == 0 && n[3] > 60);
	count(POOL_RISK, n);
	CHECK_INT(n[2], STEER_PLACES);
	count(POOL_NEW, n); /* nobody's: default's */
	CHECK(n[0] > 60 && n[2] == 0);
	CHECK(!steer_has_pool(&t.steer, POOL_NEW));
	CHECK(steer_has_pool(&t.steer, POOL_BULK));
	CHECK(steer_place_of(STR("a@example.com")) ==
	      steer_place_of(STR("a@example.com")));
	end();
}

static void
one_goes(void)
{
	const struct pool_ip *before[STEER_PLACES];

	begin();
	for (unsigned i = 0; i < STEER_PLACES; i++)
		before[i] = steer_place(&t.steer, POOL_DEFAULT, i);
	t.steer.use[1] = STEER_LISTED;
	for (unsigned i = 0; i < STEER_PLACES; i++) {
		const struct pool_ip *ip =
		    steer_place(&t.steer, POOL_DEFAULT, i);

		CHECK(
		    ip == before[i] || pools_ip_index(t.pools, before[i]) == 1);
		CHECK(pools_ip_index(t.pools, ip) != 1);
	}
	t.steer.use[1] = STEER_USED;
	for (unsigned i = 0; i < STEER_PLACES; i++)
		CHECK(steer_place(&t.steer, POOL_DEFAULT, i) == before[i]);
	/* A pool of which none is left sends by default's. */
	t.steer.use[2] = STEER_DRAINED;
	CHECK(steer_place(&t.steer, POOL_RISK, 0) != pools_ip_at(t.pools, 2));
	CHECK(steer_pool_use(&t.steer, POOL_RISK) == STEER_USED);
	end();
}

/* None is good: the least bad, never none at all. */
static void
none_is_good(void)
{
	size_t n[4];

	begin();
	t.steer.use[0] = STEER_LISTED;
	t.steer.use[1] = STEER_BLOCKED;
	t.steer.use[2] = STEER_DRAINED;
	t.steer.use[3] = STEER_LISTED;
	count(POOL_DEFAULT, n);
	CHECK_INT(n[1], STEER_PLACES);
	count(POOL_RISK, n);
	CHECK_INT(n[1], STEER_PLACES);
	CHECK(steer_pool_use(&t.steer, POOL_RISK) == STEER_BLOCKED);
	for (size_t i = 0; i < 4; i++)
		t.steer.use[i] = STEER_ELSEWHERE;
	CHECK(!steer_place(&t.steer, POOL_DEFAULT, 1));
	CHECK(!steer_is_on(&t.steer));
	end();
}

static void
set(size_t i, enum lane_state state, int64_t budget, int64_t since)
{
	t.lanes[i] = (struct lane){
	    .state = state, .budget = budget, .since = since, .from = T0};
	t.at[i] = &t.lanes[i];
}

static enum steer_way
way(void)
{
	return steer_provider(&t.steer, t.at, T0 + 10, &t.to);
}

static void
by_provider(void)
{
	begin();
	CHECK(way() == STEER_AS_EVER);
	set(0, LANE_BLOCKED, 0, T0);
	CHECK(way() == STEER_AWAY);
	CHECK(!t.to.may[0] && t.to.may[1] && !t.to.may[2] && t.to.may[3]);
	CHECK(steer_domain(&t.steer, &t.to, STR("a.example")) ==
	      steer_domain(&t.steer, &t.to, STR("a.example")));
	/* Back, while there is room for it. */
	set(0, LANE_BACK, 20, T0);
	CHECK(way() == STEER_AS_EVER);
	t.lanes[0].tried = 20;
	CHECK(way() == STEER_AWAY);
	/* None of default's is left; then none at all. */
	set(1, LANE_BLOCKED, 0, T0 - 100);
	set(3, LANE_BLOCKED, 0, T0 - 50);
	CHECK(way() == STEER_AWAY);
	CHECK(t.to.may[2]);
	set(2, LANE_BLOCKED, 0, T0);
	CHECK(way() == STEER_LEAST_BAD);
	CHECK(t.to.may[0]); /* back, though its budget is spent */
	set(0, LANE_BLOCKED, 0, T0);
	CHECK(way() == STEER_LEAST_BAD);
	CHECK(t.to.may[1] && !t.to.may[0] && !t.to.may[3]);
	end();
}

static void
a_warm_up(void)
{
	begin();
	t.steer.use[3] = STEER_WARMING;
	CHECK(way() == STEER_AS_EVER);
	set(3, LANE_WARMING, 48, T0);
	CHECK(way() == STEER_WARM);
	CHECK(t.to.may[3] && !t.to.may[0]);
	CHECK_STR(
	    str_from(steer_domain(&t.steer, &t.to, STR("a.example"))->name),
	    STR("out4"));
	t.lanes[3].tried = 2;
	CHECK(way() == STEER_AS_EVER);
	set(3, LANE_BLOCKED, 0, T0); /* of no use to anybody */
	CHECK(way() == STEER_AS_EVER);
	end();
}

/* Postfix has no service for it: worse than any that is only bad. */
static void
one_is_missing(void)
{
	size_t n[4];

	begin();
	t.steer.use[2] = STEER_MISSING;
	CHECK(!steer_has_pool(&t.steer, POOL_RISK));
	count(POOL_RISK, n);
	CHECK_INT(n[2], 0);
	t.steer.use[0] = t.steer.use[1] = STEER_MISSING;
	t.steer.use[3] = STEER_DRAINED;
	count(POOL_DEFAULT, n);
	CHECK_INT(n[3], STEER_PLACES);
	t.lanes[0].state = LANE_BLOCKED;
	t.at[0] = &t.lanes[0];
	CHECK(steer_provider(&t.steer, t.at, T0, &t.to) == STEER_AS_EVER);
	t.steer.use[3] = STEER_MISSING;
	CHECK(!steer_is_on(&t.steer));
	CHECK(!steer_place(&t.steer, POOL_DEFAULT, 1));
	end();
}

TESTS(TEST(by_sender), TEST(one_goes), TEST(none_is_good), TEST(by_provider),
    TEST(a_warm_up), TEST(one_is_missing))
