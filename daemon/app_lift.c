/* app_lift - what a lift says about held mail, done on every node
 *
 * A LIFT event tells in its evidence what leaves and what becomes of the rest
 * ("held", see desk_held.c): each node does so with what is held on its host,
 * once, when the event is news to it. What was handed in later, or belongs to
 * whom another order stopped meanwhile, it isn't about.
 */
#include "base/time.h"
#include "daemon/app_queue.h"
#include "daemon/app_state.h"
#include "daemon/desk_held.h"

static bool
is_stopped(struct app *a, enum subject_kind kind, struct str key)
{
	struct standing_state state;

	standings_get(pipeline_standings(a->pipeline), kind, key,
	    loop_now_us(a->loop) / TIME_US, &state);
	return state.rung >= STANDING_HELD && state.rung <= STANDING_SUSPENDED;
}

void
app_lift_effect(struct app *a, const struct event *e)
{
	struct str key = str_from(e->subject);
	enum subject_kind kind;
	struct holder_order o;

	if (e->type != EVENT_LIFT ||
	    !subject_kind_parse(str_from(e->kind), &kind) ||
	    !desk_held_read(e, &o) || is_stopped(a, kind, key))
		return;
	app_queue_order(a->queue, &o, NULL);
}
