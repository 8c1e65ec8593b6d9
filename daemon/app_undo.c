/* app_undo - what follows from an order to undo, for each whom it is about
 *
 * The order itself lifts (limits/standings.h). Here each account that was held
 * or suspended gets its UNDONE event, a few at a time: by that its held mail
 * leaves on every node, and who was written to is written to once more. The
 * node that was ordered does so at once, the others when it seems to be gone;
 * a sanction that is heard of later is found, too.
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_queue.h"
#include "daemon/app_state.h"
#include "daemon/holder.h"

enum { AT_ONCE = 16, SLICE = 32, OTHERS_WAIT = 15 };

struct undone {
	struct app *app;
	size_t n;
	struct event events[AT_ONCE];
};

struct app_undo {
	struct loop_timer *timer, *afresh;
	struct standings_walk walk;
	bool is_full; /* more were undone than a slice tells: walk again */
};

static void
on_undone(void *ctx, const struct standings_ended *what)
{
	struct undone *u = ctx;
	struct standing_state state;
	struct sanction_about about;

	if (u->n == AT_ONCE) {
		u->app->undo->is_full = true;
		return;
	}
	pipeline_about(u->app->pipeline, what->kind, what->key, &state, &about);
	sanction_undone(&about, what, &u->events[u->n++]);
}

static void
on_slice(void *ctx)
{
	static struct undone u;
	struct app *a = ctx;
	struct standings *s = pipeline_standings(a->pipeline);
	int64_t now = loop_now_us(a->loop) / TIME_US;

	u.app = a;
	u.n = 0;
	bool is_more =
	    standings_walk_undone(s, &a->undo->walk, SLICE, now, on_undone, &u);

	for (size_t i = 0; i < u.n; i++)
		app_emit(a, &u.events[i]);
	if (!is_more && a->undo->is_full) {
		a->undo->is_full = false;
		standings_walk_begin(s, &a->undo->walk);
		is_more = true;
	}
	if (is_more)
		loop_timer_work(a->undo->timer);
}

static void
on_afresh(void *ctx)
{
	struct app *a = ctx;

	if (pipeline_undo_some(a->pipeline))
		loop_timer_work(a->undo->afresh);
}

static struct app_undo *
get(struct app *a)
{
	if (a->undo)
		return a->undo;
	a->undo = xalloc(1, sizeof(*a->undo));
	a->undo->timer = loop_timer_new(a->loop, on_slice, a);
	a->undo->afresh = loop_timer_new(a->loop, on_afresh, a);
	return a->undo;
}

void
app_undo_tick(struct app *a)
{
	int64_t now = loop_now_us(a->loop) / TIME_US;

	if (a->undo_at == 0 || now < a->undo_at)
		return;
	a->undo_at = 0;
	standings_walk_begin(pipeline_standings(a->pipeline), &get(a)->walk);
	loop_timer_work(a->undo->timer);
}

void
app_undo_stop(struct app *a)
{
	if (a->undo) {
		loop_timer_free(&a->undo->timer);
		loop_timer_free(&a->undo->afresh);
	}
	free(a->undo);
	a->undo = NULL;
}

static void
release(struct app *a, const struct event *e)
{
	struct standing_state state;

	standings_get(pipeline_standings(a->pipeline), SUBJECT_ACCOUNT,
	    str_from(e->subject), loop_now_us(a->loop) / TIME_US, &state);
	const struct holder_order all = {
	    .scope = {.account = str_from(e->subject)},
	    .release = {.is_given = true}};

	if (state.rung < STANDING_HELD)
		app_queue_order(a->queue, &all, NULL);
}

void
app_undo_effect(struct app *a, const struct event *e)
{
	int64_t now = loop_now_us(a->loop) / TIME_US;

	if (e->type == EVENT_UNDONE && strcmp(e->kind, "account") == 0)
		release(a, e);
	if (e->type == EVENT_UNDO)
		loop_timer_work(get(a)->afresh);
	if (e->type == EVENT_UNDO)
		a->undo_at = str_is(str_from(e->node), books_node(a->books))
				 ? now
				 : now + OTHERS_WAIT;
	else if (a->undo_at == 0 &&
		 standings_is_undone(pipeline_standings(a->pipeline), e))
		a->undo_at = now + OTHERS_WAIT;
}
