/* app_pools_tell - own IPs for people: what is missing, status, metrics */
#include "base/log.h"
#include "daemon/app_pools_parts.h"
#include "daemon/metrics.h"

enum { WORDS = 1024 };

/* The key under which is kept that it was told. */
static struct str
told_key(const struct pool_ip *ip, char buf[POOL_NAME + 2])
{
	struct text t;

	text_init(&t, buf, POOL_NAME + 2);
	text_char(&t, '!');
	text_add(&t, ip->name);
	return text_view(&t);
}

static void
alarm_missing(struct app_pools *p, const struct pool_ip *first, size_t n,
    const char *names)
{
	const char *why = app_services_why(p->app->services, first);
	char reason[WORDS];
	struct text t;

	text_init(&t, reason, sizeof(reason));
	text_printf(&t,
	    "no mail is sent by %s: %s. It leaves by other own IPs of the "
	    "pools, else by default_transport (outpost check looks; outpost "
	    "postfix prints services)",
	    names, why ? why : "Postfix has no service");
	app_alarm_about(p->app, subject_kind_text(SUBJECT_ADDRESS),
	    n > 1 ? "own IPs" : first->name, "no-service", reason, NULL);
}

/* Each once, also over a restart, until it is there. */
void
app_pools_tell_missing(struct app_pools *p)
{
	const struct pools *pools = p->app->settings->pools;
	const struct pool_ip *first = NULL;
	char names[WORDS], key[POOL_NAME + 2];
	struct text t;
	size_t n = 0;

	text_init(&t, names, sizeof(names));
	for (size_t i = 0; i < pools_ip_count(pools); i++) {
		const struct pool_ip *ip = pools_ip_at(pools, i);
		struct str told = told_key(ip, key);
		bool is_told = kept_find(&p->kept, told) != NULL;

		if (p->view.steer.use[i] != STEER_MISSING) {
			if (is_told && kept_remove(&p->kept, told))
				log_notice("Postfix has %s: mail may leave by "
					   "it again",
				    ip->name);
			continue;
		}
		if (is_told)
			continue;
		kept_put(&p->kept, told, STR("told"), app_pools_now(p));
		first = first ? first : ip;
		text_printf(&t, "%s%s", n++ ? ", " : "", ip->name);
	}
	if (first)
		alarm_missing(p, first, n, names);
}

struct sums {
	int64_t uses[STEER_ELSEWHERE + 1], lanes[LANE_WARMING + 1];
	int64_t budget[POOL_IPS_MAX], used[POOL_IPS_MAX];
	int64_t n; /* own IPs of this host */
};

static void
sum(const struct app_pools *p, struct sums *out)
{
	const struct pools *pools = p->app->settings->pools;
	const struct pair *one;

	*out = (struct sums){0};
	for (size_t i = 0; i < pools_ip_count(pools); i++) {
		enum steer_use use = app_pools_use(p, pools_ip_at(pools, i));

		out->uses[use]++;
		out->n += use != STEER_ELSEWHERE;
	}
	for (size_t i = 0; (one = map_next(&p->pairs, &i));) {
		if (!app_pools_is_here(p, one))
			continue;
		out->lanes[one->lane.state]++;
		if (one->lane.state != LANE_WARMING)
			continue;
		out->budget[one->ip] += one->lane.budget;
		out->used[one->ip] += lane_tried(&one->lane);
	}
}

static void
print_n(struct text *t, size_t begin, int64_t n, const char *what)
{
	if (n > 0)
		text_printf(t, "%s%lld %s", t->n > begin ? ", " : "",
		    (long long)n, what);
}

/* "4: 2 used, 1 warming up (12 of 50 recipients today), 1 drained" */
void
app_pools_status(struct app *a, struct json_out *j)
{
	int64_t budget = 0, used = 0;
	char words[WORDS];
	struct sums s;
	struct text t;

	if (pools_ip_count(a->settings->pools) == 0)
		return;
	sum(a->pools, &s);
	text_init(&t, words, sizeof(words));
	text_printf(&t, "%lld: ", (long long)s.n);
	size_t begin = t.n;

	for (size_t u = 0; u <= STEER_ELSEWHERE; u++)
		print_n(&t, begin, s.uses[u], steer_use_text(u));
	json_str(j, "own_ips", text_view(&t));
	text_clear(&t);
	print_n(&t, 0, s.lanes[LANE_BLOCKED], "blocked");
	print_n(&t, 0, s.lanes[LANE_BACK], "coming back");
	print_n(&t, 0, s.lanes[LANE_WARMING], "warming up");
	for (size_t i = 0; i < POOL_IPS_MAX; i++) {
		budget += s.budget[i];
		used += s.used[i];
	}
	if (s.lanes[LANE_WARMING] > 0)
		text_printf(&t, " (%lld of %lld recipients today)",
		    (long long)used, (long long)budget);
	json_str(j, "lanes", t.n ? text_view(&t) : STR("all open"));
}

static void
gauge_by(enum metrics_id id, const char *value, int64_t v)
{
	metric_set(metrics_by(id, str_from(value)), v);
}

void
app_pools_gauges(struct app *a)
{
	const struct pools *pools = a->settings->pools;
	struct sums s;

	app_lookup_gauges(a);
	if (pools_ip_count(pools) == 0)
		return;
	sum(a->pools, &s);
	for (size_t u = 0; u < STEER_ELSEWHERE; u++)
		gauge_by(METRICS_OWN_IPS, steer_use_text(u), s.uses[u]);
	for (size_t l = 0; l <= LANE_WARMING; l++)
		gauge_by(METRICS_LANES, lane_state_text(l), s.lanes[l]);
	for (size_t i = 0; i < pools_ip_count(pools); i++) {
		const char *name = pools_ip_at(pools, i)->name;

		gauge_by(METRICS_WARM_UP_BUDGET, name, s.budget[i]);
		gauge_by(METRICS_WARM_UP_USED, name, s.used[i]);
	}
}
