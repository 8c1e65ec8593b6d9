/* app_tick - what outpostd looks after once a second, in slices of a turn */
#include "base/time.h"
#include "daemon/app_dmarc.h"
#include "daemon/app_state.h"

enum {
	TICK_US = 1000 * 1000,
	SWEEP = 200,
	SWEEP_US = 8 * 1000,
	REFRESH = 4, /* all of them in half a minute */
};

static void
tick_time(struct app *a)
{
	int64_t now = loop_now_us(a->loop) / TIME_US;

	settings_free(&a->retired);
	pipeline_clock(a->pipeline, now);
	/* While catching up, time is the log's. */
	if (follow_is_idle(a->follow))
		pipeline_tick_some(a->pipeline, now, (unsigned)a->chore_times);
}

static void
tick_queue(struct app *a)
{
	app_queue_tick(a->queue);
}

static void
tick_sweep(struct app *a)
{
	if (a->is_swept)
		busiest_sweep(a->busiest, SWEEP);
}

static void
tick_busiest(struct app *a)
{
	busiest_refresh(a->busiest, REFRESH);
}

static void
tick_fbl(struct app *a)
{
	app_fbl_tick(a->fbl);
}

static void
tick_plans(struct app *a)
{
	app_plans_tick(a->plans);
}

static void
tick_domains(struct app *a)
{
	app_domains_tick(a->domains);
}

static void
tick_geo(struct app *a)
{
	app_geo_tick(a->geo, a->settings->daemon.geoip_file,
	    loop_now_us(a->loop) / TIME_US);
}

static void
tick_dns(struct app *a)
{
	app_dns_tick(a->dns);
}

static void
tick_incidents(struct app *a)
{
	app_incidents_tick(a->incidents);
	app_parked_tick(a->parked);
}

static void
tick_dnsbl(struct app *a)
{
	app_dnsbl_tick(a->dnsbl);
	app_clients_tick(a->clients);
}

static void
tick_pools(struct app *a)
{
	app_pools_tick(a->pools);
}

static void
on_ends(void *ctx)
{
	struct app *a = ctx;

	if (app_events_expire(a))
		loop_timer_work(a->ends);
}

static void
tick_ends(struct app *a)
{
	loop_timer_work(a->ends);
}

static void
tick_dmarc(struct app *a)
{
	app_dmarc_tick(a->dmarc);
}

static const struct chore {
	void (*step)(struct app *a);
	unsigned times; /* a second */
} chores[] = {
    {tick_time, LEDGER_TICK_PARTS},
    {app_trial_settle, 1},
    {app_policy_tick, 1},
    {tick_ends, 1},
    {app_events_tick, 1},
    {app_brake_tick, 40},
    {tick_queue, 1},
    {app_cases_tick, 4},
    {app_forget_tick, 1},
    {tick_geo, 1},
    {tick_dns, 1},
    {tick_dnsbl, 1},
    {tick_fbl, 1},
    {tick_plans, 1},
    {tick_domains, 1},
    {tick_dmarc, 1},
    {tick_sweep, 3},
    {tick_busiest, 1},
    {tick_incidents, 1},
    {tick_pools, 1},
};
enum { CHORES = sizeof(chores) / sizeof(chores[0]) };

static void
on_chore(void *ctx)
{
	struct app *a = ctx;
	const struct chore *c = &chores[a->chore];

	c->step(a);
	if (++a->chore_times == c->times) {
		a->chore_times = 0;
		a->chore++;
	}
	if (a->chore < CHORES)
		loop_timer_work(a->chores);
}

static void
on_tick(void *ctx)
{
	struct app *a = ctx;

	if (a->chore < CHORES)
		return; /* still at those of the last second */
	a->chore = 0;
	loop_timer_work(a->chores);
}

/* What the books knew at the start, a few at a time; then with the tick. */
static void
on_sweep(void *ctx)
{
	struct app *a = ctx;

	a->is_swept = busiest_sweep(a->busiest, SWEEP);
	if (!a->is_swept)
		loop_timer_in(a->sweep, SWEEP_US);
}

void
app_tick_start(struct app *a)
{
	a->chore = CHORES;
	a->tick = loop_timer_new(a->loop, on_tick, a);
	a->chores = loop_timer_new(a->loop, on_chore, a);
	a->ends = loop_timer_new(a->loop, on_ends, a);
	a->sweep = loop_timer_new(a->loop, on_sweep, a);
	loop_timer_every(a->tick, TICK_US);
	loop_timer_in(a->sweep, SWEEP_US);
}

void
app_tick_stop(struct app *a)
{
	loop_timer_free(&a->tick);
	loop_timer_free(&a->chores);
	loop_timer_free(&a->ends);
	loop_timer_free(&a->sweep);
}
