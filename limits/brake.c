/* brake - how many accounts a rule may suspend by itself within an hour
 *
 * Suspensions are noted as they come and sorted out when somebody asks: loading
 * the books brings all of a month.
 */
#include "limits/brake.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/time.h"

enum { HOUR = 3600, LINES = 1024, NOTES = 1 << 18, NAME = 64, CAUSE = 33 };

struct note {
	int64_t at_us;
	char cause[CAUSE];
};

/* One rule in one class. */
struct line {
	char rule[NAME], class[NAME];
	struct note *notes;
	size_t n, cap;
	bool is_sorted;			 /* each cause once */
	int64_t braked_us, braked_until; /* the latest that had to wait */
};

struct decision {
	char rule[NAME];
	int64_t approved_us, decided_us; /* the latest of each */
};

struct brake {
	struct line **lines;
	size_t n_lines;
	struct decision *decisions;
	size_t n_decisions;
};

struct brake *
brake_new(void)
{
	return xalloc(1, sizeof(struct brake));
}

void
brake_free(struct brake **bp)
{
	struct brake *b = *bp;

	if (!b)
		return;
	*bp = NULL;
	for (size_t i = 0; i < b->n_lines; i++) {
		free(b->lines[i]->notes);
		free(b->lines[i]);
	}
	free(b->lines);
	free(b->decisions);
	free(b);
}

static void
put_name(char out[NAME], const char *name)
{
	struct text t;

	text_init(&t, out, NAME);
	text_add(&t, name);
}

static struct line *
find_line(const struct brake *b, const char *rule, const char *class)
{
	for (size_t i = 0; i < b->n_lines; i++) {
		struct line *l = b->lines[i];

		if (strcmp(l->rule, rule) == 0 && strcmp(l->class, class) == 0)
			return l;
	}
	return NULL;
}

/* Names come from other nodes, too: of too many the last ones share one. */
static struct line *
get_line(struct brake *b, const char *rule, const char *class)
{
	struct line *l = find_line(b, rule, class);

	if (l)
		return l;
	if (b->n_lines == LINES)
		return b->lines[LINES - 1];
	l = xalloc(1, sizeof(*l));
	put_name(l->rule, rule);
	put_name(l->class, class);
	b->lines = xrealloc(b->lines, b->n_lines + 1, sizeof(*b->lines));
	return b->lines[b->n_lines++] = l;
}

static struct decision *
find_decision(const struct brake *b, const char *rule)
{
	for (size_t i = 0; i < b->n_decisions; i++) {
		if (strcmp(b->decisions[i].rule, rule) == 0)
			return &b->decisions[i];
	}
	return NULL;
}

static void
fold_decision(struct brake *b, const struct event *e)
{
	struct decision *d = find_decision(b, e->rule);

	if (!d) {
		if (b->n_decisions == LINES)
			return;
		b->decisions = xrealloc(
		    b->decisions, b->n_decisions + 1, sizeof(*b->decisions));
		d = &b->decisions[b->n_decisions++];
		*d = (struct decision){.approved_us = 0};
		put_name(d->rule, e->rule);
	}
	if (e->at_us > d->decided_us)
		d->decided_us = e->at_us;
	if (strcmp(e->rung, "approve") == 0 && e->at_us > d->approved_us)
		d->approved_us = e->at_us;
}

static int
by_cause(const void *a, const void *b)
{
	const struct note *x = a, *y = b;
	int order = strcmp(x->cause, y->cause);

	if (order != 0)
		return order;
	return (x->at_us > y->at_us) - (x->at_us < y->at_us);
}

/* Drops what is older than since_us; of each cause the earliest stays. */
static void
sort_out(struct line *l, int64_t since_us)
{
	size_t n = 0;

	if (l->n > 0 && !l->is_sorted)
		qsort(l->notes, l->n, sizeof(*l->notes), by_cause);
	for (size_t i = 0; i < l->n; i++) {
		if (i > 0 &&
		    strcmp(l->notes[i].cause, l->notes[i - 1].cause) == 0)
			continue;
		if (l->notes[i].at_us > since_us)
			l->notes[n++] = l->notes[i];
	}
	l->n = n;
	l->is_sorted = true;
}

static void
add_note(struct line *l, const struct event *e)
{
	struct text t;

	if (l->n == NOTES)
		sort_out(l, e->at_us - HOUR * TIME_US);
	if (l->n == NOTES)
		return; /* above any budget */
	if (l->n == l->cap) {
		l->cap = l->cap ? 2 * l->cap : 16;
		l->notes = xrealloc(l->notes, l->cap, sizeof(*l->notes));
	}
	struct note *n = &l->notes[l->n++];

	n->at_us = e->at_us;
	text_init(&t, n->cause, sizeof(n->cause));
	text_add(&t, e->cause);
	l->is_sorted = false;
}

void
brake_fold(struct brake *b, const struct event *e)
{
	if (e->type == EVENT_BRAKE) {
		fold_decision(b, e);
		return;
	}
	if (e->type != EVENT_SANCTION || e->is_operator || e->is_observed)
		return;
	if (strcmp(e->how, SANCTION_BRAKED) == 0) {
		struct line *l = get_line(b, e->rule, e->class);

		if (e->at_us > l->braked_us) {
			l->braked_us = e->at_us;
			l->braked_until = e->until;
		}
	} else if (strcmp(e->rung, "suspended") == 0 &&
		   strcmp(e->how, SANCTION_APPROVED) != 0) {
		add_note(get_line(b, e->rule, e->class), e);
	}
}

static bool
is_on(const struct line *l, const struct decision *d, int64_t now_us)
{
	return l->braked_until > now_us / TIME_US &&
	       l->braked_us > (d ? d->decided_us : 0);
}

static uint64_t
count(struct line *l, const struct decision *d, int64_t now_us)
{
	int64_t since_us = now_us - HOUR * TIME_US;
	uint64_t n = 0;

	sort_out(l, since_us);
	if (d && d->approved_us > since_us)
		since_us = d->approved_us;
	for (size_t i = 0; i < l->n; i++)
		n += l->notes[i].at_us > since_us;
	return n;
}

bool
brake_is_on(
    struct brake *b, const char *rule, const char *class, int64_t now_us)
{
	const struct line *l = find_line(b, rule, class);

	return l && is_on(l, find_decision(b, rule), now_us);
}

int64_t
brake_decided_us(const struct brake *b, const char *rule, bool *is_approved)
{
	const struct decision *d = find_decision(b, rule);

	if (is_approved)
		*is_approved = d && d->approved_us == d->decided_us;
	return d ? d->decided_us : 0;
}

bool
brake_stops(struct brake *b, const char *rule, const char *class,
    uint64_t budget, int64_t now_us)
{
	struct line *l = find_line(b, rule, class);
	const struct decision *d = find_decision(b, rule);

	if (!l)
		return budget == 0;
	return is_on(l, d, now_us) || count(l, d, now_us) >= budget;
}

void
brake_each(struct brake *b, int64_t now_us, brake_fn *each, void *ctx)
{
	for (size_t i = 0; i < b->n_lines; i++) {
		struct line *l = b->lines[i];
		const struct decision *d = find_decision(b, l->rule);

		each(ctx, &(struct brake_line){l->rule, l->class,
			      count(l, d, now_us), is_on(l, d, now_us)});
	}
}
