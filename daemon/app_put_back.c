/* app_put_back - tells Redis again what holds */
#include "daemon/app_put_back.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_dnsbl.h"
#include "daemon/app_state.h"
#include "ledger/stream.h"

enum {
	SLICE = 4, /* subjects */
	WAITING_MAX = 2000,
	PAUSE_US = 10 * 1000,
};

struct app_put_back {
	struct app *app;
	struct stream *stream;
	int64_t old;
	struct loop_timer *timer;
	struct standings_walk walk;
	size_t at_case;
	char at_incident[33];	       /* its cause; empty: the first */
	char at_listing[KEPT_KEY + 1]; /* its key */
	enum { AT_STANDINGS, AT_CASES, AT_INCIDENTS, AT_LISTINGS, AT_END } at;
	bool is_on, is_all;
};

static void
put(void *ctx, const struct event *e)
{
	struct app_put_back *p = ctx;
	int64_t age_us = pipeline_now_us(p->app->pipeline) - e->at_us;
	struct event copy = *e;

	if (!p->is_all && age_us <= p->old * TIME_US)
		return;
	copy.is_again = true;
	stream_emit(p->stream, &copy);
}

static void
put_case(void *ctx, const struct case_head *head)
{
	struct app_put_back *p = ctx;

	app_cases_tell(p->app->cases, head, put, p);
}

static bool
put_cases(struct app_put_back *p)
{
	return p->app->cases && cases_walk(app_cases_store(p->app->cases),
				    &p->at_case, 1, put_case, p);
}

/* The standings first: a case asks them whether it is over. false: that was
 * all. */
static bool
put_some(struct app_put_back *p)
{
	struct pipeline *pipeline = p->app->pipeline;
	bool is_on = false;

	if (p->at == AT_STANDINGS)
		is_on =
		    standings_walk_live(pipeline_standings(pipeline), &p->walk,
			SLICE, pipeline_now_us(pipeline) / TIME_US, put, p);
	else if (p->at == AT_CASES)
		is_on = put_cases(p);
	else if (p->at == AT_INCIDENTS)
		is_on = app_incidents_tell(
		    p->app->incidents, p->at_incident, put, p);
	else if (p->at == AT_LISTINGS)
		is_on = p->app->dnsbl && app_dnsbl_tell_again(p->app->dnsbl,
					     p->at_listing, put, p);
	if (!is_on)
		p->at++;
	return p->at != AT_END;
}

static void
on_slice(void *ctx)
{
	struct app_put_back *p = ctx;
	struct stream_status s;

	stream_status(p->stream, &s);
	if (s.outbox >= WAITING_MAX) {
		loop_timer_in(p->timer, PAUSE_US);
		return;
	}
	p->is_on = put_some(p);
	if (p->is_on)
		loop_timer_work(p->timer);
	else
		stream_is_told(p->stream);
}

struct app_put_back *
app_put_back_new(struct app *a, struct stream *s, int64_t old)
{
	struct app_put_back *p = xalloc(1, sizeof(*p));

	p->app = a;
	p->stream = s;
	p->old = old;
	p->timer = loop_timer_new(a->loop, on_slice, p);
	return p;
}

void
app_put_back_free(struct app_put_back **pp)
{
	struct app_put_back *p = *pp;

	if (!p)
		return;
	*pp = NULL;
	loop_timer_free(&p->timer);
	free(p);
}

static void
begin(struct app_put_back *p, bool is_all)
{
	p->is_on = true;
	p->is_all = is_all;
	p->at = AT_STANDINGS;
	p->at_case = 0;
	*p->at_incident = *p->at_listing = '\0';
	standings_walk_begin(pipeline_standings(p->app->pipeline), &p->walk);
	loop_timer_work(p->timer);
}

void
app_put_back_all(struct app_put_back *p)
{
	begin(p, true);
}

/* One of all that is under way puts back more. */
void
app_put_back_old(struct app_put_back *p)
{
	if (!p->is_on)
		begin(p, false);
}
