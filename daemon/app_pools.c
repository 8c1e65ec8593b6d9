/* app_pools - own IPs in the daemon: which are used, and for whom */
#include "daemon/app_pools_parts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "limits/sanction.h"
#include "reputation/ring.h"

enum { WARM_GRAIN = 300, AWAY_FOR = 3 * 86400, DAY = 86400 };

int64_t
app_pools_now(const struct app_pools *p)
{
	return loop_now_us(p->app->loop) / TIME_US;
}

struct lane_rules
app_pools_rules(const struct app_pools *p)
{
	const struct reputation_settings *s = &p->app->settings->reputation;

	return (struct lane_rules){.rest = s->recover_rest,
	    .period = s->recover_period,
	    .step = s->recover_step,
	    .refused_max = s->refused_max,
	    .days = lane_days,
	    .n_days = lane_n_days};
}

struct app_pools *
app_pools_new(struct app *a)
{
	struct app_pools *p = xalloc(1, sizeof(*p));

	p->app = a;
	p->senders = app_senders_new(a);
	map_init(&p->pairs);
	kept_init(&p->kept, APP_POOLS_LANES);
	return p;
}

void
app_pools_free(struct app_pools **pp)
{
	struct app_pools *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	app_senders_free(&p->senders);
	app_pools_free_lanes(p);
	kept_done(&p->kept);
	free(p->view.ways);
	free(p);
}

struct books_part
app_pools_part(struct app_pools *p)
{
	return kept_part(&p->kept, 'p', "lanes");
}

/* An operator's word about an own IP, or what is made of it. */
static void
order(struct app_pools *p, const struct pool_ip *ip, bool is_over,
    const char *why)
{
	struct standing_state state;
	struct sanction_about about;
	char key[64];
	struct text t;
	struct event e;

	text_init(&t, key, sizeof(key));
	pool_ip_print(ip, &t);
	pipeline_about(
	    p->app->pipeline, SUBJECT_ADDRESS, text_view(&t), &state, &about);
	if (is_over)
		sanction_lift(&about, about.now_us / TIME_US, true,
		    STR("outpost"), str_from(why), &e);
	else
		sanction_order(&about, STANDING_THROTTLED, TIME_NEVER,
		    STR("outpost"), str_from(why), &e);
	app_emit(p->app, &e);
}

static void
get_standing(const struct app_pools *p, const struct pool_ip *ip,
    struct standing_state *out)
{
	char key[64];
	struct text t;

	text_init(&t, key, sizeof(key));
	pool_ip_print(ip, &t);
	standings_get(pipeline_standings(p->app->pipeline), SUBJECT_ADDRESS,
	    text_view(&t), app_pools_now(p), out);
}

/* Every node begins when the order was given, though it heard of it later: of
 * lanes that began at different times the last one counts, and what was sent in
 * the others would be lost. After the first day all have other lanes. */
static int64_t
beginning(const struct app_pools *p, int64_t ordered)
{
	int64_t now = app_pools_now(p);

	return ordered > now - DAY && ordered < now + DAY ? ordered : now;
}

/* At every provider; those that are later than the order stay as they are. */
static void
warm_up(struct app_pools *p, const struct pool_ip *ip, int64_t since)
{
	const struct lane_rules rules = app_pools_rules(p);
	int64_t from = beginning(p, since);
	const struct providers *all = p->app->settings->providers;
	const char *name;

	for (size_t i = 0; (name = providers_at(all, i)); i++) {
		struct pair *one =
		    app_pools_get(p, str_from(ip->name), str_from(name));

		if (!one || one->lane.is_warming ||
		    (one->lane.since >= since && one->lane.level > 0))
			continue;
		lane_warm_up(&one->lane, &rules, from);
		app_pools_keep(p, one);
	}
}

/* The schedule is over, and nobody who is sent mail is behind. */
static bool
is_warm(const struct app_pools *p, size_t ip, int64_t since)
{
	const struct pair *one;

	if (app_pools_now(p) - since < (int64_t)lane_n_days * DAY)
		return false;
	for (size_t i = 0; (one = map_next(&p->pairs, &i));) {
		if (one->ip == ip && one->lane.is_warming &&
		    one->lane.level > 0)
			return false;
	}
	return true;
}

static void
end_warm_up(struct app_pools *p, size_t ip)
{
	struct pair *one;

	for (size_t i = 0; (one = map_next(&p->pairs, &i));) {
		if (one->ip != ip || !one->lane.is_warming)
			continue;
		lane_open(&one->lane, app_pools_now(p));
		app_pools_keep(p, one);
	}
}

static bool
is_blocked_widely(const struct app_pools *p, size_t ip)
{
	int64_t n = 0;
	const struct pair *one;

	for (size_t i = 0; (one = map_next(&p->pairs, &i));)
		n += one->ip == ip && one->lane.state == LANE_BLOCKED;
	return n >= p->app->settings->reputation.blocked_widely;
}

static enum steer_use
look_at(struct app_pools *p, size_t i, struct str host)
{
	const struct pool_ip *ip = pools_ip_at(p->app->settings->pools, i);
	struct standing_state state;

	if (!pool_ip_is_of(ip, host))
		return STEER_ELSEWHERE;
	if (app_services_why(p->app->services, ip))
		return STEER_MISSING;
	get_standing(p, ip, &state);
	if (state.rung >= STANDING_HELD)
		return STEER_DRAINED;
	if (state.rung == STANDING_THROTTLED && p->is_noted &&
	    is_warm(p, i, state.since)) {
		order(p, ip, true, "warmed up");
		state.rung = STANDING_GOOD;
	}
	if (state.rung == STANDING_THROTTLED) {
		warm_up(p, ip, state.since);
		return STEER_WARMING;
	}
	end_warm_up(p, i);
	if (p->app->dnsbl && app_dnsbl_is_listed(p->app->dnsbl, ip))
		return STEER_LISTED;
	return is_blocked_widely(p, i) ? STEER_BLOCKED : STEER_USED;
}

/* One that wasn't there before is new to the world; all are at the first time
 * of all. */
static void
note_new(struct app_pools *p, struct str host)
{
	const struct pools *pools = p->app->settings->pools;
	const struct kept_item *first = kept_find(&p->kept, STR("@"));
	bool is_first = !first;

	for (size_t i = 0; i < pools_ip_count(pools); i++) {
		const struct pool_ip *ip = pools_ip_at(pools, i);
		char key[80] = "@";
		struct text t;

		if (!pool_ip_is_of(ip, host))
			continue;
		text_init(&t, key, sizeof(key));
		text_char(&t, '@');
		pool_ip_print(ip, &t);
		bool is_known = kept_find(&p->kept, text_view(&t)) != NULL;

		kept_put(
		    &p->kept, text_view(&t), STR("known"), app_pools_now(p));
		if (!is_known && !is_first)
			order(p, ip, false, "new in the configuration");
	}
	kept_put(&p->kept, STR("@"), STR("known"), app_pools_now(p));
}

static void
add_way(struct app_pools *p, const char *provider, enum steer_way way,
    const struct steer_to *to)
{
	struct pool_view *v = &p->view;
	int64_t now = app_pools_now(p);
	struct text t;

	if (v->n_ways == p->cap_ways) {
		p->cap_ways = p->cap_ways ? 2 * p->cap_ways : 16;
		v->ways = xrealloc(v->ways, p->cap_ways, sizeof(*v->ways));
	}
	struct pool_way *w = &v->ways[v->n_ways++];

	*w = (struct pool_way){.way = way, .to = *to};
	text_init(&t, w->provider, sizeof(w->provider));
	text_add(&t, provider);
	w->until = way == STEER_WARM ? (now / WARM_GRAIN + 3) * WARM_GRAIN
				     : (now / DAY + 1) * DAY + AWAY_FOR;
}

static void
find_ways(struct app_pools *p)
{
	const struct settings *s = p->app->settings;
	const char *name;
	struct steer_to to;

	p->view.n_ways = 0;
	for (size_t i = 0; (name = providers_at(s->providers, i)); i++) {
		const struct lane *lanes[POOL_IPS_MAX] = {NULL};

		for (size_t k = 0; k < pools_ip_count(s->pools); k++) {
			const struct pair *one =
			    app_pools_find(p, pools_ip_at(s->pools, k), name);

			lanes[k] = one ? &one->lane : NULL;
		}
		enum steer_way way = steer_provider(
		    &p->view.steer, lanes, app_pools_now(p), &to);

		if (way != STEER_AS_EVER)
			add_way(p, name, way, &to);
	}
}

static uint64_t
hash_view(const struct app_pools *p)
{
	const struct pool_view *v = &p->view;
	uint64_t h = ring_hash(str_make((const char *)v->steer.use,
	    pools_ip_count(v->steer.pools) * sizeof(*v->steer.use)));

	for (size_t i = 0; i < v->n_ways; i++) {
		const struct pool_way *w = &v->ways[i];

		h = h * 31 + ring_hash(str_from(w->provider));
		h = h * 31 + (uint64_t)w->way + (uint64_t)w->until;
		h = h * 31 + ring_hash(str_make(
				 (const char *)w->to.may, sizeof(w->to.may)));
	}
	return h;
}

static void
say_least_bad(const struct app_pools *p)
{
	for (size_t i = 0; i < p->view.n_ways; i++) {
		const struct pool_way *w = &p->view.ways[i];
		const struct pool_ip *ip =
		    steer_domain(&p->view.steer, &w->to, STR(""));

		if (w->way == STEER_LEAST_BAD && ip)
			log_warning("%s takes mail from none of our addresses: "
				    "all of it goes by %s, the least bad",
			    w->provider, ip->name);
	}
}

/* true: tables that say something else are due. */
static bool
look_at_all(struct app_pools *p)
{
	const struct settings *s = p->app->settings;
	char host[SETTINGS_HOST];

	settings_host(&s->daemon, host);
	p->view.steer.pools = s->pools;
	p->of = pools_id(s->pools);
	for (size_t i = 0; i < pools_ip_count(s->pools); i++)
		p->view.steer.use[i] = look_at(p, i, str_from(host));
	find_ways(p);
	uint64_t said = hash_view(p);
	bool changed = said != p->said;

	p->said = said;
	return changed;
}

void
app_pools_restore(struct app_pools *p)
{
	app_pools_load(p);
	if (pools_ip_count(p->app->settings->pools) > 0)
		look_at_all(p);
}

void
app_pools_tick(struct app_pools *p)
{
	const struct settings *s = p->app->settings;
	char host[SETTINGS_HOST];
	bool is_new = p->of != pools_id(s->pools) || !p->is_noted;

	app_services_tick(p->app->services);
	if (!is_new && pools_ip_count(s->pools) == 0)
		return;
	settings_host(&s->daemon, host);
	if (is_new) {
		app_pools_rename(p);
		note_new(p, str_from(host));
	}
	p->is_noted = true;
	app_pools_step(p);
	app_pools_share(p);
	bool is_other = look_at_all(p);

	app_pools_tell_missing(p);
	if (is_other || is_new) {
		say_least_bad(p);
		p->app->tables_stale = true;
		app_write_tables(p->app);
	}
	app_senders_tick(p->senders, is_new);
}

void
app_pools_sent(struct app_pools *p, const struct subject *account)
{
	if (pools_ip_count(p->app->settings->pools) > 0)
		app_senders_sent(p->senders, account);
}

void
app_pools_put_fresh(void *pools, pool_put_fn *put, void *ctx)
{
	const struct app_pools *p = pools;

	app_senders_put_fresh(p->senders, put, ctx);
}

const struct pool_view *
app_pools_view(const struct app_pools *p)
{
	return p->of == pools_id(p->app->settings->pools) &&
		       steer_is_on(&p->view.steer)
		   ? &p->view
		   : NULL;
}

enum steer_use
app_pools_use(const struct app_pools *p, const struct pool_ip *ip)
{
	const struct pools *pools = p->app->settings->pools;

	return p->of == pools_id(pools)
		   ? p->view.steer.use[pools_ip_index(pools, ip)]
		   : STEER_ELSEWHERE;
}

void
app_pools_each(const struct app_pools *p, const struct pool_ip *ip,
    app_pools_fn *each, void *ctx)
{
	const struct providers *all = p->app->settings->providers;
	const char *name;

	for (size_t i = 0; (name = providers_at(all, i)); i++) {
		const struct pair *one = app_pools_find(p, ip, name);

		if (one)
			each(ctx, name, &one->lane,
			    pool_view_way(&p->view, name));
	}
}
