/* standings_keep - which of a subject's events are kept
 *
 * Each list is a join of its events: bounded by dropping the lowest identity,
 * which never comes back since identities only give way to higher ones. So the
 * order of arrival doesn't matter.
 */
#include <stdlib.h>

#include "base/error.h"
#include "limits/standings_parts.h"

enum {
	KEEP_CAUSES = 4,
	KEEP_ENDS = 8,
	KEEP_WARNINGS = 8,
	KEEP_ORDERS = 256,
	KEEP_LAST = 16
};

static size_t
most(enum keep_list list)
{
	if (list < KEEP_END)
		return KEEP_CAUSES;
	if (list < KEEP_WARNING)
		return KEEP_ENDS;
	if (list == KEEP_WARNING)
		return KEEP_WARNINGS;
	if (list == KEEP_APPROVE || list == KEEP_RELEASE || list == KEEP_TRIALS)
		return KEEP_ORDERS;
	if (list == KEEP_LIFTS || list == KEEP_UNDO || list == KEEP_TRIED)
		return KEEP_LAST;
	return list == KEEP_LIMIT ? STANDINGS_OVERRIDES : 1;
}

static const char *
pack(char **at, const char *z)
{
	size_t n = strlen(z) + 1;
	char *p = *at;

	memcpy(p, z, n);
	*at += n;
	return p;
}

static struct kept *
kept_new(const struct event *e, enum standing rung, uint64_t max)
{
	struct text json;

	text_grow(&json, 8 * sizeof(*e));
	event_print(e, &json);
	struct kept *k = xalloc(1,
	    sizeof(*k) + strlen(e->node) + strlen(e->cause) + strlen(e->rule) +
		strlen(e->class) + strlen(e->how) + strlen(e->config) +
		strlen(e->by) + strlen(e->reason) + 8 + json.n);
	char *at = k->bytes;

	k->type = e->type;
	k->rung = rung;
	k->at_us = e->at_us;
	k->until = e->until;
	k->mark = e->mark;
	k->seq = e->seq;
	k->max = max;
	k->is_operator = e->is_operator;
	k->is_observed = e->is_observed;
	k->is_innocent = e->is_innocent;
	k->node = pack(&at, e->node);
	k->cause = pack(&at, e->cause);
	k->rule = pack(&at, e->rule);
	k->class = pack(&at, e->class);
	k->how = pack(&at, e->how);
	k->config = pack(&at, e->config);
	k->by = pack(&at, e->by);
	k->reason = pack(&at, e->reason);
	if (json.n)
		memcpy(at, json.p, json.n);
	k->json = str_make(at, json.n);
	text_done(&json);
	return k;
}

int
standings_compare(const struct kept *a, const struct kept *b)
{
	if (a->at_us != b->at_us)
		return a->at_us < b->at_us ? -1 : 1;
	int node = strcmp(a->node, b->node);

	if (node != 0)
		return node;
	return (a->seq > b->seq) - (a->seq < b->seq);
}

static bool
is_by_cause(enum keep_list list)
{
	return list <= KEEP_WARNING;
}

static bool
is_same_thing(enum keep_list list, const struct kept *a, const struct kept *b)
{
	if (is_by_cause(list))
		return a->mark == b->mark && strcmp(a->cause, b->cause) == 0;
	if (list == KEEP_LIFTS || list == KEEP_UNDO)
		return standings_compare(a, b) == 0;
	if (list == KEEP_TRIED || list == KEEP_TRIALS)
		return strcmp(a->rule, b->rule) == 0 && a->rung == b->rung &&
		       a->max == b->max;
	if (list != KEEP_LIMIT && list != KEEP_APPROVE && list != KEEP_RELEASE)
		return true;
	return strcmp(a->rule, b->rule) == 0;
}

/* Of two events about the same thing: is the second the one to keep? */
static bool
is_better(enum keep_list list, const struct kept *old, const struct kept *new)
{
	int order = standings_compare(new, old);

	if (is_by_cause(list))
		return order < 0;
	if (list == KEEP_MARK && new->mark != old->mark)
		return new->mark > old->mark;
	return order > 0;
}

/* Of two things, when not both can stay: <0 when the first goes. */
static int
rank(enum keep_list list, const struct kept *a, const struct kept *b)
{
	if (!is_by_cause(list))
		return standings_compare(a, b);
	if (a->mark != b->mark)
		return a->mark < b->mark ? -1 : 1;
	return strcmp(a->cause, b->cause);
}

static size_t
find_lowest(enum keep_list list, const struct kept_list *l)
{
	size_t lowest = 0;

	for (size_t i = 1; i < l->n; i++) {
		if (rank(list, l->v[i], l->v[lowest]) < 0)
			lowest = i;
	}
	return lowest;
}

/* The place k takes, the one it pushes out freed; NULL: it changes nothing. */
static struct kept **
make_place(enum keep_list list, struct kept_list *l, const struct kept *k)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!is_same_thing(list, l->v[i], k))
			continue;
		if (!is_better(list, l->v[i], k))
			return NULL;
		free(l->v[i]);
		return &l->v[i];
	}
	if (l->n < most(list)) {
		l->v = xrealloc(l->v, l->n + 1, sizeof(*l->v));
		return &l->v[l->n++];
	}
	size_t lowest = find_lowest(list, l);

	if (rank(list, l->v[lowest], k) > 0)
		return NULL;
	free(l->v[lowest]);
	return &l->v[lowest];
}

bool
standings_keep(struct standings_subject *u, enum keep_list list,
    const struct event *e, enum standing rung, uint64_t max)
{
	struct kept *k = kept_new(e, rung, max);
	struct kept **place = make_place(list, &u->lists[list], k);

	if (!place) {
		free(k);
		return false;
	}
	*place = k;
	return true;
}

void
standings_free_lists(struct standings_subject *u)
{
	for (size_t i = 0; i < KEEP_LISTS; i++) {
		for (size_t j = 0; j < u->lists[i].n; j++)
			free(u->lists[i].v[j]);
		free(u->lists[i].v);
	}
}

const struct kept *
standings_latest(const struct standings_subject *u, enum keep_list list)
{
	return u->lists[list].n ? u->lists[list].v[0] : NULL;
}
