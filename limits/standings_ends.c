/* standings_ends - whose end comes next
 *
 * A heap of all subjects by the time when something of theirs ends. Who has
 * changed is due at its earliest end, though that may be over: what ended
 * before it was heard of is told, too.
 */
#include "base/time.h"
#include "limits/standings_parts.h"

static void
put(struct standings *s, size_t at, struct standings_subject *u)
{
	s->by_due[at] = u;
	u->at_due = at;
}

static size_t
up(struct standings *s, size_t at, int64_t due)
{
	while (at > 0 && s->by_due[(at - 1) / 2]->due > due) {
		put(s, at, s->by_due[(at - 1) / 2]);
		at = (at - 1) / 2;
	}
	return at;
}

static size_t
down(struct standings *s, size_t at, int64_t due, size_t n)
{
	for (size_t child; (child = 2 * at + 1) < n; at = child) {
		if (child + 1 < n &&
		    s->by_due[child + 1]->due < s->by_due[child]->due)
			child++;
		if (s->by_due[child]->due >= due)
			break;
		put(s, at, s->by_due[child]);
	}
	return at;
}

static void
sift(struct standings *s, struct standings_subject *u, size_t n)
{
	size_t at = up(s, u->at_due, u->due);

	put(s, down(s, at, u->due, n), u);
}

void
standings_ends_add(struct standings *s, struct standings_subject *u)
{
	u->due = TIME_NEVER;
	put(s, s->subjects.n, u);
}

void
standings_ends_remove(struct standings *s, struct standings_subject *u)
{
	size_t n = s->subjects.n - 1;
	struct standings_subject *last = s->by_due[n];

	if (last == u)
		return;
	put(s, u->at_due, last);
	sift(s, last, n);
}

static void
sooner(int64_t at, int64_t after, int64_t *next)
{
	if (at > after && at < *next)
		*next = at;
}

static void
set_due(struct standings *s, struct standings_subject *u, int64_t due)
{
	for (int list = 0; list < KEEP_LISTS; list++) {
		const struct kept_list *l = &u->lists[list];

		for (size_t k = 0; k < l->n; k++)
			sooner(l->v[k]->until, u->looked, &due);
	}
	u->due = due;
	sift(s, u, s->subjects.n);
}

void
standings_ends_touch(struct standings *s, struct standings_subject *u)
{
	u->looked = 0;
	set_due(s, u, TIME_NEVER);
}

int64_t
standings_next_end(const struct standings *s)
{
	return s->subjects.n > 0 ? s->by_due[0]->due : TIME_NEVER;
}

static bool
has_end(const struct standings_subject *u, const struct kept *k)
{
	char cause[STANDINGS_CAUSE];
	const struct kept_list *l =
	    &u->lists[KEEP_END + (k->rung - STANDING_WATCHED)];

	standings_end_cause(k->cause, cause);
	for (size_t i = 0; i < l->n; i++) {
		if (strcmp(l->v[i]->cause, cause) == 0)
			return true;
	}
	return false;
}

static void
tell_ended(const struct standings_view *v, const struct kept *k,
    standings_ended_fn *each, void *ctx)
{
	if (k->until > v->now || k->until <= v->now - STANDINGS_ENDS ||
	    k->rung == STANDING_WATCHED || has_end(v->u, k))
		return;
	standings_tell(v, k, each, ctx);
}

/* Probation ends, too, though nobody is told. */
static void
look(struct standings *s, struct standings_subject *u, int64_t now)
{
	struct standing_state state;
	int64_t due = TIME_NEVER;

	u->looked = now;
	if (u->kind < SUBJECT_KINDS) {
		standings_read(s, u, now, &state);
		if (state.rung != STANDING_GOOD)
			sooner(state.until, now, &due);
	}
	set_due(s, u, due);
}

bool
standings_end_next(
    struct standings *s, int64_t now, standings_ended_fn *each, void *ctx)
{
	struct standings_view v;

	if (standings_next_end(s) > now)
		return false;
	struct standings_subject *u = s->by_due[0];

	look(s, u, now);
	standings_look(s, u, now, &v);
	for (int list = KEEP_SANCTION; list < KEEP_END; list++) {
		for (size_t k = 0; k < u->lists[list].n; k++) {
			const struct kept *it = u->lists[list].v[k];

			if (standings_is_alive(&v, it))
				tell_ended(&v, it, each, ctx);
		}
	}
	if (v.operator)
		tell_ended(&v, v.operator, each, ctx);
	return true;
}
