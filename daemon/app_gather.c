/* app_gather - what the desk wants to know before it answers (desk_gather.h)
 */
#include <stdlib.h>

#include "daemon/app_dmarc.h"
#include "daemon/app_state.h"
#include "daemon/desk_gather.h"

struct app_gather {
	struct app *app;
	struct app_gather *next;
	struct desk_gather *gather;
	struct loop_timer *timer;
	loop_fn *done;
	void *ctx;
};

static void
gather_free(struct app_gather *g)
{
	loop_timer_free(&g->timer);
	desk_gather_free(&g->gather);
	free(g);
}

/* The question is answered inside done. */
static void
finish(struct app_gather *g)
{
	struct app *a = g->app;
	struct app_gather **at = &a->gathers;

	while (*at != g)
		at = &(*at)->next;
	*at = g->next;
	a->desk.gathered = g->gather;
	g->done(g->ctx);
	a->desk.gathered = NULL;
	gather_free(g);
}

static void
on_slice(void *ctx)
{
	struct app_gather *g = ctx;

	if (g->gather->step(g->gather, &g->app->desk, DESK_GATHER_EFFORT))
		finish(g);
	else
		loop_timer_work(g->timer);
}

bool
app_gather(void *app, loop_fn *done, void *done_ctx)
{
	struct app *a = app;
	struct app_gather *g;

	if (!a->desk.wanted)
		return false;
	g = xalloc(1, sizeof(*g));
	*g = (struct app_gather){
	    .app = a, .next = a->gathers, .done = done, .ctx = done_ctx};
	g->gather = a->desk.wanted;
	a->desk.wanted = NULL;
	g->timer = loop_timer_new(a->loop, on_slice, g);
	a->gathers = g;
	loop_timer_work(g->timer);
	return true;
}

void
app_gather_free(struct app *a)
{
	for (struct app_gather *g = a->gathers, *next; g; g = next) {
		next = g->next;
		gather_free(g);
	}
	a->gathers = NULL;
}

bool
app_ask_prepare(struct app *a, const struct control_request *q, loop_fn *done,
    void *done_ctx)
{
	if (q->command == COMMAND_ID_status) {
		app_tally_ask(a, done, done_ctx);
		return true;
	}
	if (app_webhooks_prepare(a, q, done, done_ctx))
		return true;
	if (q->command == COMMAND_ID_reload)
		return app_reload_prepare(a, q, done, done_ctx);
	if (app_check_prepare(a->case_check, q, done, done_ctx) ||
	    app_dmarc_prepare(a->dmarc, q, done, done_ctx))
		return true;
	if (commands[q->command].access == COMMAND_CHANGE &&
	    app_sources_prepare(a, done, done_ctx))
		return true;
	return app_board_prepare(a->board, q, done, done_ctx);
}
