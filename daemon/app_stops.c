/* app_stops - tells the holder whose mail is to be held
 *
 * First all are found; until then the holder goes by what it knew.
 */
#include "daemon/app_stops.h"

#include <stdlib.h>

#include "base/time.h"
#include "daemon/app_state.h"
#include "daemon/desk_held.h"
#include "daemon/holder.h"
#include "limits/guess.h"

enum { AT_ONCE = 8, NAMES_MAX = 256 << 20 };

struct app_stops {
	struct app *app;
	struct holder *holder;
	loop_fn *on_told;
	void *ctx;
	struct loop_timer *timer;
	bool is_on, is_walking;
	struct standings_walk walk;
	struct text stopped, exempt; /* names: a letter, a key, a NUL */
	size_t n_told;		     /* bytes of stopped */
};

static int64_t
now_of(const struct app_stops *s)
{
	return loop_now_us(s->app->loop) / TIME_US;
}

static void
note(struct text *list, enum subject_kind kind, struct str key)
{
	text_char(list, subject_kind_letter(kind));
	text_str(list, key);
	text_char(list, '\0');
}

static void
on_standing(void *ctx, enum subject_kind kind, struct str key,
    const struct standing_state *state)
{
	struct app_stops *s = ctx;

	if (kind == SUBJECT_ACCOUNT && state->exempt_until > now_of(s))
		note(&s->exempt, kind, key);
	if (state->rung >= STANDING_HELD)
		note(&s->stopped, kind, key);
}

/* As it is by now. Who guesses passwords is kept from logging in; what came
 * from there before is its account's. */
static void
stop_one(struct app_stops *s, struct str name)
{
	struct str key = str_skip(name, 1);
	struct standing_state state;
	struct held_scope whose;
	enum subject_kind kind;

	if (name.n == 0 || !subject_kind_from_letter(name.p[0], &kind))
		return;
	standings_get(
	    pipeline_standings(s->app->pipeline), kind, key, now_of(s), &state);
	if (state.rung >= STANDING_HELD &&
	    strcmp(state.rule, GUESS_RULE) != 0 &&
	    desk_held_scope(kind, key, &whose))
		holder_stop(s->holder,
		    &(struct holder_stop){whose, state.until, state.cause,
			state.json,
			kind == SUBJECT_ACCOUNT && standing_is_doubt(&state)});
}

/* Those who are exempt at once: nobody's mail is held for want of knowing. */
static void
begin_telling(struct app_stops *s)
{
	struct str names = text_view(&s->exempt), name;

	holder_stop_begin(s->holder);
	while (str_cut(&names, '\0', &name))
		holder_exempt(s->holder, str_skip(name, 1));
	s->n_told = 0;
}

/* Who is not among them is free at the end. */
static void
tell_some(struct app_stops *s)
{
	struct str names = str_skip(text_view(&s->stopped), s->n_told), name;

	for (int i = 0; i < AT_ONCE && str_cut(&names, '\0', &name); i++)
		stop_one(s, name);
	s->n_told = s->stopped.n - names.n;
	if (names.n > 0)
		return;
	holder_stop_end(s->holder);
	s->is_on = false;
}

static void
on_slice(void *ctx)
{
	struct app_stops *s = ctx;

	if (!s->is_walking) {
		tell_some(s);
	} else if (!standings_walk(pipeline_standings(s->app->pipeline),
		       &s->walk, STANDINGS_SLICE, STANDING_HELD, now_of(s),
		       on_standing, s)) {
		s->is_walking = false;
		begin_telling(s);
	}
	if (s->is_on)
		loop_timer_work(s->timer);
	else
		s->on_told(s->ctx);
}

struct app_stops *
app_stops_new(struct app *a, struct holder *h, loop_fn *on_told, void *ctx)
{
	struct app_stops *s = xalloc(1, sizeof(*s));

	s->app = a;
	s->holder = h;
	s->on_told = on_told;
	s->ctx = ctx;
	s->timer = loop_timer_new(a->loop, on_slice, s);
	text_grow(&s->stopped, NAMES_MAX);
	text_grow(&s->exempt, NAMES_MAX);
	return s;
}

void
app_stops_free(struct app_stops **sp)
{
	struct app_stops *s = *sp;

	if (!s)
		return;
	*sp = NULL;
	loop_timer_free(&s->timer);
	text_done(&s->stopped);
	text_done(&s->exempt);
	free(s);
}

bool
app_stops_is_on(const struct app_stops *s)
{
	return s->is_on;
}

bool
app_stops_read(struct app_stops *s)
{
	if (s->is_on)
		return false;
	s->is_on = s->is_walking = true;
	text_clear(&s->stopped);
	text_clear(&s->exempt);
	standings_walk_begin(pipeline_standings(s->app->pipeline), &s->walk);
	loop_timer_work(s->timer);
	return true;
}
