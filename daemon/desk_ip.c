/* desk_ip - an own IP: how it is, drained, warmed up, resumed
 *
 * Orders like others, of the subject own-ip:ADDRESS: held is drained, throttled
 * is warming up.
 */
#include "base/time.h"
#include "daemon/app_state.h"

static const struct pool_ip *
find_ip(struct desk *d, struct str arg, struct control_reply *r)
{
	const struct pools *pools = pipeline_settings(d->pipeline)->pools;
	const struct pool_ip *ip;

	str_take(&arg, STR("own-ip:"));
	ip = pools_ip_find(pools, arg);
	if (ip)
		return ip;
	if (pools_ip_count(pools) == 0) {
		control_fail(r, EXIT_FAILED,
		    "the configuration names no own IPs (own_ips)");
		return NULL;
	}
	control_fail(r, EXIT_UNKNOWN,
	    "\"%.*s\" is none of own_ips; there are:", STR_ARG(arg));
	for (size_t i = 0; i < pools_ip_count(pools); i++)
		text_printf(&r->err, "%s%s", i ? ", " : "  ",
		    pools_ip_at(pools, i)->name);
	text_char(&r->err, '\n');
	return NULL;
}

static void
print_pools(struct desk *d, const struct pool_ip *ip, struct text *out)
{
	const struct pools *pools = pipeline_settings(d->pipeline)->pools;
	bool is_first = true;

	for (size_t i = 0; i < pools_count(pools); i++) {
		if (!(ip->pools >> i & 1))
			continue;
		text_printf(
		    out, "%s%s", is_first ? "" : ", ", pools_name(pools, i));
		is_first = false;
	}
}

/* What may be sent, in words. */
static void
print_lane(const struct lane *l, const struct pool_way *w, int64_t now,
    struct text *out)
{
	if (l->state == LANE_OPEN)
		text_add(out, "as much as there is");
	else if (l->state == LANE_BLOCKED)
		text_add(out, "nothing: it rests");
	else
		text_printf(out, "%lld of %lld recipients a %s",
		    (long long)lane_tried(l), (long long)l->budget,
		    l->state == LANE_WARMING ? "day" : "period");
	if (l->state != LANE_OPEN) {
		text_add(out, "; since ");
		time_local_text(out, l->since);
	}
	if (l->state != LANE_OPEN && lane_room(l, now) == 0)
		text_add(out, "; no more for now");
	if (w && w->way == STEER_LEAST_BAD)
		text_add(out, "; no own IP is better off there");
	else if (w && w->way == STEER_AWAY)
		text_add(out, "; its mail goes by others");
}

struct lanes_print {
	struct control_reply *r;
	struct json_out *json; /* NULL: text */
	int64_t now;
};

static void
on_lane(void *ctx, const char *provider, const struct lane *l,
    const struct pool_way *w)
{
	struct lanes_print *p = ctx;
	char words[256];
	struct text t;

	text_init(&t, words, sizeof(words));
	print_lane(l, w, p->now, &t);
	if (!p->json) {
		text_printf(&p->r->out, "  %-16s %-8s %s\n", provider,
		    lane_state_text(l->state), words);
		return;
	}
	json_open(p->json, NULL);
	json_str(p->json, "provider", str_from(provider));
	json_str(p->json, "state", str_from(lane_state_text(l->state)));
	json_i64(p->json, "since", l->since);
	json_i64(p->json, "budget", l->budget);
	json_i64(p->json, "tried", lane_tried(l));
	json_i64(p->json, "refused", lane_refused(l));
	json_close(p->json);
}

static const char *
why_missing(struct desk *d, const struct pool_ip *ip)
{
	const char *why = app_services_why(d->app->services, ip);

	return why ? why : "it was";
}

static void
show_json(struct desk *d, const struct pool_ip *ip, struct control_reply *r)
{
	char address[64], pools[1024];
	struct text t, w;
	struct json_out j;
	struct lanes_print p = {r, &j, d->now(d->ctx)};

	text_init(&t, address, sizeof(address));
	pool_ip_print(ip, &t);
	text_init(&w, pools, sizeof(pools));
	print_pools(d, ip, &w);
	json_out_init(&j, &r->out);
	json_open(&j, NULL);
	json_str(&j, "name", str_from(ip->name));
	json_str(&j, "address", text_view(&t));
	json_str(&j, "pools", text_view(&w));
	enum steer_use use = app_pools_use(d->app->pools, ip);

	json_str(&j, "use", str_from(steer_use_text(use)));
	if (use == STEER_MISSING)
		json_str(&j, "why", str_from(why_missing(d, ip)));
	json_open_array(&j, "providers");
	app_pools_each(d->app->pools, ip, on_lane, &p);
	json_close_array(&j);
	json_close(&j);
	text_char(&r->out, '\n');
}

static void
show(struct desk *d, const struct control_request *q, const struct pool_ip *ip,
    struct control_reply *r)
{
	struct lanes_print p = {r, NULL, d->now(d->ctx)};

	if (q->is_json) {
		show_json(d, ip, r);
		return;
	}
	text_printf(&r->out, "%s ", ip->name);
	pool_ip_print(ip, &r->out);
	enum steer_use use = app_pools_use(d->app->pools, ip);

	text_printf(&r->out, ": %s", steer_use_text(use));
	if (use == STEER_MISSING)
		text_printf(&r->out, " (%s)", why_missing(d, ip));
	text_add(&r->out, "; pools: ");
	print_pools(d, ip, &r->out);
	text_char(&r->out, '\n');
	app_pools_each(d->app->pools, ip, on_lane, &p);
}

static void
obey(struct desk *d, struct event *e, const struct pool_ip *ip,
    const char *done, struct control_reply *r)
{
	d->emit(d->ctx, e);
	r->is_order = true;
	text_printf(&r->out, "%s: %s\nPostfix notices within ten seconds.\n",
	    ip->name, done);
}

static void
impose(struct desk *d, const struct control_request *q,
    const struct pool_ip *ip, enum standing rung, struct control_reply *r)
{
	struct standing_state state;
	struct sanction_about about;
	char key[64];
	struct text t;
	struct event e;
	int64_t seconds, until = TIME_NEVER;

	if (control_has(q, "for") &&
	    (!time_parse_duration(control_option(q, "for"), &seconds) ||
		seconds <= 0)) {
		control_fail(
		    r, EXIT_USAGE, "--for is no duration (such as 30m, 2h)");
		return;
	}
	if (control_has(q, "for"))
		until = d->now(d->ctx) + seconds;
	text_init(&t, key, sizeof(key));
	pool_ip_print(ip, &t);
	pipeline_about(
	    d->pipeline, SUBJECT_ADDRESS, text_view(&t), &state, &about);
	sanction_order(&about, rung, until, str_from(q->user),
	    control_option(q, "reason"), &e);
	obey(d, &e, ip,
	    rung == STANDING_HELD ? "drained; what Postfix has in its active "
				    "queue still leaves by it"
				  : "warming up",
	    r);
}

static void
resume(struct desk *d, const struct control_request *q,
    const struct pool_ip *ip, struct control_reply *r)
{
	struct standing_state state;
	struct sanction_about about;
	char key[64];
	struct text t;
	struct event e;

	text_init(&t, key, sizeof(key));
	pool_ip_print(ip, &t);
	pipeline_about(
	    d->pipeline, SUBJECT_ADDRESS, text_view(&t), &state, &about);
	if (state.rung == STANDING_GOOD) {
		control_fail(r, EXIT_FAILED,
		    "%s is neither drained nor warming up", ip->name);
		return;
	}
	sanction_lift(&about, about.now_us / TIME_US, true, str_from(q->user),
	    control_option(q, "reason"), &e);
	obey(d, &e, ip, "resumed", r);
}

void
desk_ip(
    struct desk *d, const struct control_request *q, struct control_reply *r)
{
	const struct pool_ip *ip;

	if (q->n_args < 1 || q->n_args > 2) {
		control_fail(r, EXIT_USAGE, "usage: outpost ip %s",
		    commands[q->command].usage);
		return;
	}
	if (!(ip = find_ip(d, q->args[0], r)))
		return;
	if (q->n_args == 1) {
		show(d, q, ip, r);
		return;
	}
	if (str_trim(control_option(q, "reason")).n == 0)
		control_fail(r, EXIT_USAGE,
		    "it needs --reason TEXT: it stands in the history");
	else if (str_is(q->args[1], STR("drain")))
		impose(d, q, ip, STANDING_HELD, r);
	else if (str_is(q->args[1], STR("warm-up")))
		impose(d, q, ip, STANDING_THROTTLED, r);
	else if (str_is(q->args[1], STR("resume")))
		resume(d, q, ip, r);
	else
		control_fail(r, EXIT_USAGE,
		    "drain, resume or warm-up, not %.*s", STR_ARG(q->args[1]));
}
