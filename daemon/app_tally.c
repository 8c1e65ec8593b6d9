/* app_tally - how many stand where
 *
 * A walk over all standings, in slices: who asks waits for one that begins
 * after that.
 */
#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/desk_gather.h"

struct waiting {
	struct waiting *next;
	loop_fn *done;
	void *ctx;
};

struct app_tallying {
	struct loop_timer *timer;
	struct standings_walk walk;
	bool is_walking;
	int64_t now;
	struct app_tally tally, last;
	struct desk_gather *tried, *last_tried; /* by rules on trial */
	struct text paused;			/* of tally */
	struct waiting *asked, *next_asked; /* for this walk, for the next */
};

/* Whose mail isn't delivered, or taken: no account's standing. */
static void
note_paused(struct app_tallying *w, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	if (state->rung < STANDING_THROTTLED)
		return;
	w->tally.n_paused++;
	text_add(&w->paused, w->paused.n ? ", " : "");
	desk_subject_print(kind, key, &w->paused);
	text_printf(
	    &w->paused, " %s until ", desk_standing_text(kind, state->rung));
	time_local_text(&w->paused, state->until);
}

static void
count_one(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct app_tallying *w = ctx;
	struct app_tally *t = &w->tally;

	if (kind == SUBJECT_PROVIDER || kind == SUBJECT_NODE) {
		note_paused(w, kind, key, state);
		return;
	}
	if (kind == SUBJECT_ADDRESS)
		return;
	t->by_rung[state->rung]++;
	t->observed +=
	    state->rung == STANDING_GOOD && state->observed != STANDING_GOOD;
	t->braked += state->is_braked;
	t->exempt += state->exempt_until > w->now;
}

static bool
count_some(struct app *a, size_t max)
{
	struct app_tallying *w = a->tallying;

	return standings_walk(pipeline_standings(a->pipeline), &w->walk, max,
	    STANDING_GOOD, w->now, count_one, w);
}

static void
begin(struct app *a)
{
	struct app_tallying *w = a->tallying;

	memset(&w->tally, 0, sizeof(w->tally));
	text_init(&w->paused, w->tally.paused, sizeof(w->tally.paused));
	w->now = loop_now_us(a->loop) / TIME_US;
	standings_walk_begin(pipeline_standings(a->pipeline), &w->walk);
	w->is_walking = true;
	desk_gather_free(&w->tried);
	w->tried = desk_trial_new(&a->desk);
	w->asked = w->next_asked;
	w->next_asked = NULL;
}

static void
answer(struct app_tallying *w)
{
	struct waiting *asked = w->asked;

	w->asked = NULL;
	for (struct waiting *next; asked; asked = next) {
		next = asked->next;
		asked->done(asked->ctx);
		free(asked);
	}
}

static void
on_slice(void *ctx)
{
	struct app *a = ctx;
	struct app_tallying *w = a->tallying;

	if (!w->is_walking)
		begin(a);
	w->is_walking = count_some(a, STANDINGS_SLICE) ||
			!w->tried->step(w->tried, &a->desk, DESK_GATHER_EFFORT);
	if (!w->is_walking) {
		w->last = w->tally;
		desk_gather_free(&w->last_tried);
		w->last_tried = w->tried;
		w->tried = NULL;
		answer(w);
	}
	if (w->is_walking || w->next_asked)
		loop_timer_work(w->timer);
}

static struct app_tallying *
get(struct app *a)
{
	if (a->tallying)
		return a->tallying;
	a->tallying = xalloc(1, sizeof(*a->tallying));
	a->tallying->timer = loop_timer_new(a->loop, on_slice, a);
	return a->tallying;
}

void
app_tally_ask(struct app *a, loop_fn *done, void *ctx)
{
	struct app_tallying *w = get(a);
	struct waiting *one = xalloc(1, sizeof(*one));

	*one = (struct waiting){w->next_asked, done, ctx};
	w->next_asked = one;
	loop_timer_work(w->timer);
}

const struct app_tally *
app_tally_get(struct app *a)
{
	return &get(a)->last;
}

const struct desk_gather *
app_tally_tried(struct app *a)
{
	return get(a)->last_tried;
}

static void
drop(struct waiting *w)
{
	for (struct waiting *next; w; w = next) {
		next = w->next;
		free(w);
	}
}

void
app_tally_free(struct app *a)
{
	struct app_tallying *w = a->tallying;

	if (!w)
		return;
	a->tallying = NULL;
	drop(w->asked);
	drop(w->next_asked);
	desk_gather_free(&w->tried);
	desk_gather_free(&w->last_tried);
	loop_timer_free(&w->timer);
	free(w);
}
