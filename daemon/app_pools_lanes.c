/* app_pools_lanes - how much each own IP may send to each provider */
#include "daemon/app_pools_parts.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/time.h"
#include "daemon/app_incidents.h"

enum { KEEP_EVERY = 3 }; /* seconds: counts that aren't kept yet */

struct pair *
app_pools_get(struct app_pools *p, struct str ip, struct str provider)
{
	const struct settings *s = p->app->settings;
	const struct pool_ip *own = pools_ip_find(s->pools, ip);
	const char *name = providers_find(s->providers, provider);
	char key[APP_POOLS_KEY];
	struct text t;

	if (!own || !name)
		return NULL;
	text_init(&t, key, sizeof(key));
	text_printf(&t, "%s %s", own->name, name);
	struct pair *one = map_find(&p->pairs, text_view(&t));

	if (one || p->pairs.n >= APP_POOLS_LANES)
		return one;
	one = xalloc(1, sizeof(*one));
	memcpy(one->key, key, t.n + 1);
	one->provider = one->key + strlen(own->name) + 1;
	one->ip = pools_ip_index(s->pools, own);
	one->lane.since = one->lane.from = app_pools_now(p);
	map_put(&p->pairs, str_from(one->key), one);
	return one;
}

void
app_pools_keep(struct app_pools *p, struct pair *one)
{
	char value[256];
	struct text t;

	text_init(&t, value, sizeof(value));
	lane_print(&one->lane, &t);
	kept_put(&p->kept, str_from(one->key), text_view(&t), app_pools_now(p));
	one->is_touched = false;
}

void
app_pools_delivery(struct app_pools *p, const struct pipeline_delivery *d,
    struct str ip, struct str provider)
{
	bool is_ours = d->reply && (d->reply->class == REPLY_BLOCKED ||
				       d->reply->class == REPLY_RATE_LIMITED);
	struct pair *one;

	if (pools_ip_count(p->app->settings->pools) == 0 ||
	    !(one = app_pools_get(p, ip, provider)))
		return;
	lane_count(&one->lane, d->line->repeats,
	    is_ours ? (int64_t)d->line->repeats : 0);
	one->is_touched = true;
}

static enum lane_trouble
trouble_of(const struct app_pools *p, const struct pair *one)
{
	const struct pool_ip *ip =
	    pools_ip_at(p->app->settings->pools, one->ip);
	int64_t since;
	enum incident_level level =
	    incidents_level(app_incidents_store(p->app->incidents),
		str_from(ip->name), str_from(one->provider), &since);

	return level == INCIDENT_BLOCKED  ? LANE_SHUT
	       : level == INCIDENT_SLOWED ? LANE_SLOWED
					  : LANE_NO_TROUBLE;
}

static void
tell(const struct pair *one)
{
	const struct lane *l = &one->lane;

	if (l->state == LANE_OPEN)
		log_notice("%s: no budget any more", one->key);
	else
		log_notice("%s: %s, %lld recipients %s", one->key,
		    lane_state_text(l->state), (long long)l->budget,
		    l->state == LANE_WARMING ? "a day" : "a period");
}

bool
app_pools_is_here(const struct app_pools *p, const struct pair *one)
{
	return one->ip != SIZE_MAX && p->of != 0 &&
	       p->view.steer.use[one->ip] != STEER_ELSEWHERE;
}

void
app_pools_step(struct app_pools *p)
{
	const struct lane_rules rules = app_pools_rules(p);
	int64_t now = app_pools_now(p);
	bool is_time = now - p->kept_at >= KEEP_EVERY;
	struct pair *one;

	for (size_t i = 0; (one = map_next(&p->pairs, &i));) {
		if (!app_pools_is_here(p, one))
			continue;
		bool changed =
		    lane_step(&one->lane, &rules, trouble_of(p, one), now);

		if (changed)
			tell(one);
		if (changed || (is_time && one->is_touched))
			app_pools_keep(p, one);
	}
	if (is_time)
		p->kept_at = now;
}

void
app_pools_rename(struct app_pools *p)
{
	const struct pools *pools = p->app->settings->pools;
	struct pair *one;

	for (size_t i = 0; (one = map_next(&p->pairs, &i));) {
		struct str name = str_head(
		    str_from(one->key), (size_t)(one->provider - one->key) - 1);
		const struct pool_ip *ip = pools_ip_find(pools, name);

		one->ip = ip ? pools_ip_index(pools, ip) : SIZE_MAX;
	}
}

const struct pair *
app_pools_find(
    const struct app_pools *p, const struct pool_ip *ip, const char *provider)
{
	char key[APP_POOLS_KEY];
	struct text t;

	text_init(&t, key, sizeof(key));
	text_printf(&t, "%s %s", ip->name, provider);
	return map_find(&p->pairs, text_view(&t));
}

void
app_pools_free_lanes(struct app_pools *p)
{
	struct pair *one;

	for (size_t i = 0; (one = map_next(&p->pairs, &i));)
		free(one);
	map_done(&p->pairs);
}

void
app_pools_load(struct app_pools *p)
{
	const struct kept_item *i = kept_newest(&p->kept);

	for (; i; i = i->older) {
		struct str provider = i->key, ip;
		struct lane lane;

		if (!str_cut(&provider, ' ', &ip) ||
		    !lane_parse(i->value, &lane))
			continue;
		struct pair *one = app_pools_get(p, ip, provider);

		if (one)
			one->lane = lane;
	}
}
