/* standings_walk - all subjects, in slices
 *
 * From the last place to the first: whoever comes is put at the end, behind the
 * walk, and who is forgotten leaves its place to the last one, which the walk
 * has met or need not meet.
 */
#include "limits/standings_parts.h"

enum { READ = 7 }; /* effort, beside the step to it */

void
standings_walk_begin(const struct standings *s, struct standings_walk *w)
{
	w->left = s->subjects.n;
}

struct standings_subject *
standings_walk_next(struct standings *s, struct standings_walk *w, size_t *max)
{
	if (w->left > s->subjects.n)
		w->left = s->subjects.n;
	if (w->left == 0 || *max == 0)
		return NULL;
	(*max)--;
	return s->all[--w->left];
}

static bool
may_stand(const struct standings_subject *u, enum standing least)
{
	enum standing rung =
	    least > STANDING_WATCHED ? least : STANDING_WATCHED;

	if (least == STANDING_GOOD || u->lists[KEEP_OPERATOR].n > 0 ||
	    u->lists[KEEP_EXEMPT].n > 0)
		return true;
	for (; rung <= STANDING_SUSPENDED; rung++) {
		if (u->lists[KEEP_SANCTION + (rung - STANDING_WATCHED)].n > 0)
			return true;
	}
	return false;
}

bool
standings_walk(struct standings *s, struct standings_walk *w, size_t max,
    enum standing least, int64_t now, standings_each_fn *each, void *ctx)
{
	const struct standings_subject *u;
	struct standing_state state;

	while ((u = standings_walk_next(s, w, &max))) {
		if (u->kind == SUBJECT_KINDS || !may_stand(u, least))
			continue;
		max -= max > READ ? READ : max;
		standings_read(s, u, now, &state);
		each(ctx, u->kind, u->key, &state);
	}
	return w->left > 0;
}

void
standings_each(
    struct standings *s, int64_t now, standings_each_fn *each, void *ctx)
{
	struct standings_walk w;

	standings_walk_begin(s, &w);
	standings_walk(s, &w, SIZE_MAX, STANDING_GOOD, now, each, ctx);
}
