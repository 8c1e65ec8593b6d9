/* steer - which own IP a sender's mail leaves by, and who must go elsewhere */
#include "reputation/steer.h"

#include "reputation/ring.h"

static const char *const names[] = {
    [STEER_USED] = "used",
    [STEER_WARMING] = "warming up",
    [STEER_BLOCKED] = "blocked by many",
    [STEER_LISTED] = "listed",
    [STEER_DRAINED] = "drained",
    [STEER_MISSING] = "missing in Postfix",
    [STEER_ELSEWHERE] = "elsewhere",
};

const char *
steer_use_text(enum steer_use u)
{
	return names[u];
}

unsigned
steer_place_of(struct str sender)
{
	return (unsigned)(ring_hash(sender) % STEER_PLACES);
}

static bool
is_in(const struct pool_ip *ip, size_t pool)
{
	return (ip->pools >> pool & 1) != 0;
}

bool
steer_is_on(const struct steer *s)
{
	for (size_t i = 0; i < pools_ip_count(s->pools); i++) {
		if (s->use[i] < STEER_MISSING)
			return true;
	}
	return false;
}

bool
steer_has_pool(const struct steer *s, size_t pool)
{
	for (size_t i = 0; i < pools_ip_count(s->pools); i++) {
		if (s->use[i] < STEER_MISSING &&
		    is_in(pools_ip_at(s->pools, i), pool))
			return true;
	}
	return false;
}

/* The best that is found in the pool; STEER_MISSING or worse: none can be
 * taken. */
static enum steer_use
best_in(const struct steer *s, size_t pool)
{
	enum steer_use best = STEER_ELSEWHERE;

	for (size_t i = 0; i < pools_ip_count(s->pools); i++) {
		if (is_in(pools_ip_at(s->pools, i), pool) && s->use[i] < best)
			best = s->use[i];
	}
	return best;
}

/* The pool that is sent by instead, and how good its addresses are. */
static size_t
settle(const struct steer *s, size_t pool, enum steer_use *use)
{
	*use = best_in(s, pool);
	enum steer_use other = best_in(s, POOL_DEFAULT);

	if (*use == STEER_USED || other >= *use)
		return pool;
	*use = other;
	return POOL_DEFAULT;
}

enum steer_use
steer_pool_use(const struct steer *s, size_t pool)
{
	enum steer_use use;

	settle(s, pool, &use);
	return use;
}

static size_t
fill(const struct steer *s, struct ring_member v[POOL_IPS_MAX],
    const bool may[POOL_IPS_MAX])
{
	size_t n = pools_ip_count(s->pools);

	for (size_t i = 0; i < n; i++) {
		const struct pool_ip *ip = pools_ip_at(s->pools, i);

		v[i] = (struct ring_member){
		    ring_hash(str_from(ip->name)), may[i] ? ip->weight : 0};
	}
	return n;
}

const struct pool_ip *
steer_place(const struct steer *s, size_t pool, unsigned place)
{
	struct ring_member v[POOL_IPS_MAX];
	bool may[POOL_IPS_MAX] = {false};
	enum steer_use use;
	size_t by = settle(s, pool, &use);

	for (size_t i = 0; i < pools_ip_count(s->pools); i++)
		may[i] = use < STEER_MISSING && s->use[i] == use &&
			 is_in(pools_ip_at(s->pools, i), by);
	return pools_ip_at(s->pools, ring_choose(v, fill(s, v, may), place));
}

void
steer_print_place(
    const struct steer *s, size_t pool, unsigned place, struct text *out)
{
	text_printf(out, "%s.%u", pools_name(s->pools, pool), place);
}

static int64_t
room_of(const struct lane *l, int64_t now)
{
	return l ? lane_room(l, now) : INT64_MAX;
}

static bool
take_warming(const struct steer *s, const struct lane *const lanes[],
    int64_t now, struct steer_to *out)
{
	bool found = false;

	for (size_t i = 0; i < pools_ip_count(s->pools); i++) {
		out->may[i] = s->use[i] == STEER_WARMING && lanes[i] &&
			      lanes[i]->state == LANE_WARMING &&
			      lane_room(lanes[i], now) > 0;
		found |= out->may[i];
	}
	return found;
}

/* Of those in use that the provider takes mail from, in pool (POOLS_MAX: in
 * any). */
static bool
take_good(const struct steer *s, const struct lane *const lanes[], size_t pool,
    int64_t now, struct steer_to *out)
{
	bool found = false;

	for (size_t i = 0; i < pools_ip_count(s->pools); i++) {
		const struct pool_ip *ip = pools_ip_at(s->pools, i);

		out->may[i] = s->use[i] == STEER_USED &&
			      (pool == POOLS_MAX || is_in(ip, pool)) &&
			      room_of(lanes[i], now) > 0;
		found |= out->may[i];
	}
	return found;
}

/* Back is better than blocked, a block that began earlier than a later one. */
static bool
is_less_bad(const struct lane *a, const struct lane *b)
{
	if (a->state != b->state)
		return a->state == LANE_BACK;
	return a->state == LANE_BACK ? a->budget > b->budget
				     : a->since < b->since;
}

static void
take_least_bad(const struct steer *s, const struct lane *const lanes[],
    struct steer_to *out)
{
	size_t best = SIZE_MAX;

	for (size_t i = 0; i < pools_ip_count(s->pools); i++) {
		out->may[i] = false;
		if (s->use[i] != STEER_USED || !lanes[i])
			continue;
		if (best == SIZE_MAX || is_less_bad(lanes[i], lanes[best]))
			best = i;
	}
	if (best != SIZE_MAX)
		out->may[best] = true;
}

enum steer_way
steer_provider(const struct steer *s,
    const struct lane *const lanes[POOL_IPS_MAX], int64_t now,
    struct steer_to *out)
{
	bool is_trouble = false;

	if (take_warming(s, lanes, now, out))
		return STEER_WARM;
	for (size_t i = 0; i < pools_ip_count(s->pools); i++)
		is_trouble |=
		    s->use[i] == STEER_USED && room_of(lanes[i], now) <= 0;
	if (!is_trouble)
		return STEER_AS_EVER;
	if (take_good(s, lanes, POOL_DEFAULT, now, out) ||
	    take_good(s, lanes, POOLS_MAX, now, out))
		return STEER_AWAY;
	take_least_bad(s, lanes, out);
	return STEER_LEAST_BAD;
}

const struct pool_ip *
steer_domain(
    const struct steer *s, const struct steer_to *to, struct str domain)
{
	struct ring_member v[POOL_IPS_MAX];

	return pools_ip_at(
	    s->pools, ring_choose(v, fill(s, v, to->may), ring_hash(domain)));
}
