/* app_pools_share - lanes, told to the other nodes
 *
 * Each node posts those of its own IPs as one field of a hash, a line each,
 * when they have changed; and reads the others'. So every node can tell how an
 * own IP is, who takes one over goes on where it was, and an address that
 * several hosts send from (NAT) has one budget. Without Redis each goes by what
 * it knows.
 */
#include "base/log.h"
#include "daemon/app_pools_parts.h"
#include "ledger/keys.h"
#include "reputation/ring.h"

enum {
	EVERY = 3,	  /* seconds */
	ANYWAY = 15,	  /* Redis may have lost it */
	OLD = 40 * 86400, /* a node that is gone */
	AHEAD = 120,	  /* another clock */
	SHARED_MAX = 4 << 20,
};

static bool
is_worth_it(const struct app_pools *p, const struct pair *one)
{
	return app_pools_is_here(p, one) &&
	       (one->lane.state != LANE_OPEN || one->lane.tried > 0 ||
		   one->lane.usual > 0);
}

/* "NOW", then "out1 google warming 1 ...", a line each. */
static void
print_all(const struct app_pools *p, struct text *out)
{
	const struct pair *one;

	for (size_t i = 0; (one = map_next(&p->pairs, &i));) {
		if (!is_worth_it(p, one))
			continue;
		text_printf(out, "\n%s ", one->key);
		lane_print(&one->lane, out);
	}
}

static void
post(struct app_pools *p, struct redis *r)
{
	int64_t now = app_pools_now(p);
	char at[32];
	struct text all, t;

	text_grow(&all, SHARED_MAX);
	text_init(&t, at, sizeof(at));
	text_i64(&t, now);
	print_all(p, &all);
	uint64_t hash = ring_hash(text_view(&all));

	if (hash != p->posted || now - p->posted_at >= ANYWAY) {
		struct text value;

		text_grow(&value, SHARED_MAX + sizeof(at));
		text_str(&value, text_view(&t));
		text_str(&value, text_view(&all));
		const struct str set[] = {STR("HSET"), STR(KEYS_LANES),
		    books_node(p->app->books), text_view(&value)};

		redis_ask(r, set, 4, NULL, NULL);
		p->posted = hash;
		p->posted_at = now;
		text_done(&value);
	}
	text_done(&all);
}

static void
hear_lane(struct app_pools *p, struct str line, int64_t now)
{
	struct str ip, provider;
	struct lane lane;
	struct pair *one;
	size_t n = p->pairs.n;

	if (!str_cut(&line, ' ', &ip) || !str_cut(&line, ' ', &provider) ||
	    !lane_parse(line, &lane) || lane.from > now + AHEAD ||
	    lane.since > now + AHEAD || !(one = app_pools_get(p, ip, provider)))
		return;
	if (p->pairs.n > n)
		one->lane = (struct lane){0}; /* it knows better */
	if (lane_merge(&one->lane, &lane)) {
		log_notice("%s: %s, as another node says", one->key,
		    lane_state_text(one->lane.state));
		app_pools_keep(p, one);
	}
}

static void
hear_node(struct app_pools *p, struct str all)
{
	int64_t now = app_pools_now(p), at;
	struct str line;

	if (!str_cut(&all, '\n', &line)) {
		line = all;
		all = STR("");
	}
	if (!str_to_i64(line, &at) || now - at > OLD)
		return;
	while (str_cut(&all, '\n', &line))
		hear_lane(p, line, now);
	hear_lane(p, all, now);
}

static void
on_read(void *ctx, const struct redis_reply *r)
{
	struct app_pools *p = ctx;
	bool is_there = false;
	struct pair *one;

	p->is_reading = false;
	if (!r || redis_reply_type(r) != REDIS_ARRAY)
		return;
	for (size_t i = 0; (one = map_next(&p->pairs, &i));)
		one->lane.others_tried = one->lane.others_refused = 0;
	for (size_t i = 0; i + 1 < redis_reply_count(r); i += 2) {
		struct str node = redis_reply_text(redis_reply_at(r, i));

		if (str_is(node, books_node(p->app->books)))
			is_there = true;
		else
			hear_node(
			    p, redis_reply_text(redis_reply_at(r, i + 1)));
	}
	if (!is_there)
		p->posted_at = 0; /* it was lost */
}

void
app_pools_share(struct app_pools *p)
{
	const struct str get[] = {STR("HGETALL"), STR(KEYS_LANES)};
	struct redis *r = app_board_redis(p->app->board);
	int64_t now = app_pools_now(p);

	if (!r || !redis_is_up(r) || p->is_reading ||
	    now - p->shared_at < EVERY)
		return;
	p->shared_at = now;
	p->is_reading = true;
	post(p, r);
	redis_ask(r, get, 2, on_read, p);
}
