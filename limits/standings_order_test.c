/* standings_order_test - the fold's result is the same in any order of events,
 * however often each arrives */
#include "limits/standings.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/test.h"
#include "base/time.h"

enum { T0 = 1767225600, DAY = 86400 };

static struct standings *
new_standings(void)
{
	return standings_new(&(struct standings_options){1000, 7 * DAY});
}

enum { POOL = 120, ROUNDS = 400, SUBJECTS = 3 };
static const char *const subjects[SUBJECTS] = {"a", "b", "c"};
static uint64_t random_state = 88172645463325252ULL;

static uint64_t
rnd(uint64_t n)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state % n;
}

static void
set(char *field, size_t size, const char *z)
{
	struct text t;

	text_init(&t, field, size);
	text_add(&t, z);
}

/* Few values for everything, so that events collide in every way. */
static void
make_event(struct event *e, uint64_t seq)
{
	static const enum standing rungs[] = {STANDING_WATCHED,
	    STANDING_THROTTLED, STANDING_HELD, STANDING_SUSPENDED};
	static const char *const rules[] = {"x", "y"};
	static const char *const nodes[] = {"n1", "n2"};
	enum standing rung = rungs[rnd(4)];
	const char *subject = subjects[rnd(SUBJECTS)];

	memset(e, 0, sizeof(*e));
	e->type = (enum event_type)rnd(EVENT_TYPES);
	if (rnd(2))
		e->type = EVENT_SANCTION;
	e->at_us = (T0 + (int64_t)rnd(50)) * TIME_US;
	e->seq = seq;
	e->until = T0 + 20 + (int64_t)rnd(60);
	e->mark = rnd(3) ? 0 : T0 + (int64_t)rnd(30);
	e->is_operator = rnd(4) == 0 || e->type == EVENT_LIMIT;
	e->is_observed = rnd(4) == 0;
	e->is_innocent = rnd(2);
	set(e->node, sizeof(e->node), nodes[rnd(2)]);
	set(e->rule, sizeof(e->rule), rules[rnd(2)]);
	set(e->rung, sizeof(e->rung), standing_text(rung));
	if (e->type == EVENT_SANCTION && rnd(4) == 0)
		set(e->how, sizeof(e->how), "trial");
	if (e->type == EVENT_TRIAL)
		set(e->rung, sizeof(e->rung), rnd(2) ? "end" : "extend");
	if (e->type == EVENT_LIFT && rnd(3) == 0)
		set(e->rung, sizeof(e->rung), "probation");
	set(e->evidence, sizeof(e->evidence),
	    rnd(2) ? "{\"max\":3,\"version\":\"00ff\"}"
		   : "{\"max\":4,\"version\":\"b\"}");
	if (e->type == EVENT_MODE) {
		set(e->rung, sizeof(e->rung), rnd(2) ? "enforce" : "observe");
	} else if (e->type != EVENT_UNDO) {
		set(e->kind, sizeof(e->kind), "account");
		set(e->subject, sizeof(e->subject), subject);
	}
	standings_cause(SUBJECT_ACCOUNT, str_from(subject), rung,
	    str_from(e->rule), e->mark, e->is_observed, e->cause);
	if (e->type == EVENT_EXPIRE)
		standings_end_cause(e->cause, e->cause);
	if (e->type == EVENT_UNDONE)
		standings_undone_cause(e->cause, e->cause);
}

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct dump {
	char *lines[16 * POOL];
	size_t n;
};

static void
dump_event(void *ctx, const struct event *e)
{
	struct dump *d = ctx;
	struct text t;

	text_grow(&t, sizeof(*e) * 2);
	event_print(e, &t);
	d->lines[d->n++] = str_dup(text_view(&t));
	text_done(&t);
}

static void
dump_ended(void *ctx, const struct standings_ended *e)
{
	struct dump *d = ctx;
	char buf[256];

	snprintf(buf, sizeof(buf), "ended %.*s %s", STR_ARG(e->key), e->cause);
	d->lines[d->n++] = str_dup(str_from(buf));
}

static void
dump_subject(
    struct standings *s, const char *subject, int64_t now, struct text *out)
{
	struct limits_override o[STANDINGS_OVERRIDES];
	struct standing_state st;
	uint64_t sum = 0;
	size_t n =
	    standings_overrides(s, SUBJECT_ACCOUNT, str_from(subject), now, o);

	for (size_t i = 0; i < n; i++)
		sum += o[i].max * (o[i].limit[0] == 'x' ? 10 : 1);
	standings_get(s, SUBJECT_ACCOUNT, str_from(subject), now, &st);
	text_printf(out,
	    "%s@%lld %d/%d %lld-%lld %s %s %d %lld %lld %u %lld %llu\n",
	    subject, (long long)now, st.rung, st.observed, (long long)st.since,
	    (long long)st.until, st.rule, st.cause, st.is_operator,
	    (long long)st.mark, (long long)st.epoch, st.repeats,
	    (long long)st.exempt_until, (unsigned long long)sum);
}

/* Everything the standings show, as text. */
static void
dump(struct standings *s, struct text *out)
{
	static struct dump d;
	struct standings_walk w;

	text_printf(out, "mode %d\n", standings_is_enforcing(s));
	for (int64_t now = T0; now < T0 + 100; now += 9) {
		for (int i = 0; i < SUBJECTS; i++)
			dump_subject(s, subjects[i], now, out);
	}
	d.n = 0;
	standings_walk_begin(s, &w);
	while (standings_walk_live(s, &w, 2, T0 + 30, dump_event, &d))
		;
	while (standings_end_next(s, T0 + 60, dump_ended, &d))
		;
	standings_walk_begin(s, &w);
	while (standings_walk_undone(s, &w, 2, T0 + 60, dump_ended, &d))
		;
	qsort(d.lines, d.n, sizeof(*d.lines), by_bytes);
	for (size_t i = 0; i < d.n; i++) {
		text_add(out, d.lines[i]);
		text_char(out, '\n');
		free(d.lines[i]);
	}
}

static void
fold_shuffled(const struct event *pool, size_t n, struct text *out)
{
	struct standings *s = new_standings();
	size_t order[2 * POOL];

	for (size_t i = 0; i < n; i++)
		order[i] = i;
	for (size_t i = n; i < 2 * n; i++)
		order[i] = rnd(n);
	for (size_t i = 2 * n; i > 1; i--) {
		size_t j = rnd(i), kept = order[i - 1];

		order[i - 1] = order[j];
		order[j] = kept;
	}
	for (size_t i = 0; i < 2 * n; i++)
		standings_fold(s, &pool[order[i]]);
	dump(s, out);
	standings_free(&s);
}

static void
order_and_duplicates_do_not_matter(void)
{
	struct event *pool = xalloc(POOL, sizeof(*pool));
	struct text first, again;

	text_grow(&first, 16 << 20);
	text_grow(&again, 16 << 20);
	for (unsigned round = test_trials(ROUNDS / 20); round > 0; round--) {
		size_t n = 2 + rnd(POOL - 2);

		for (size_t i = 0; i < n; i++)
			make_event(&pool[i], i);
		text_clear(&first);
		fold_shuffled(pool, n, &first);
		for (int i = 0; i < 20; i++) {
			text_clear(&again);
			fold_shuffled(pool, n, &again);
			if (!str_is(text_view(&first), text_view(&again))) {
				test_fail(__FILE__, __LINE__,
				    "%zu events folded to\n%s\nand\n%s", n,
				    first.p, again.p);
				round = 1;
				break;
			}
		}
	}
	text_done(&first);
	text_done(&again);
	free(pool);
}

/* Three nodes and one stream: a node folds its own event at once and reads the
 * others' when it gets to it; it may be away, and read some of them twice. */
struct node {
	struct standings *s;
	size_t place; /* in the stream */
	bool is_away;
};

enum { NODES = 3 };

static void
read_some(struct node *n, const struct event *stream, size_t end, bool is_all)
{
	if (n->place > 0 && rnd(4) == 0)
		n->place -= 1 + rnd(n->place); /* killed, and started again */
	size_t to = is_all ? end : n->place + rnd(end - n->place + 1);

	for (; n->place < to; n->place++)
		standings_fold(n->s, &stream[n->place]);
}

static void
run_nodes(struct node v[NODES], const struct event *pool, size_t n,
    struct event *stream)
{
	for (size_t i = 0; i < n; i++) {
		struct node *maker = &v[rnd(NODES)];

		standings_fold(maker->s, &pool[i]);
		/* Two of them may come to the stream in any order. */
		size_t at = i > 0 ? i - rnd(2) : i;

		for (int k = 0; k < NODES; k++)
			at = v[k].place > at ? i : at;
		stream[i] = stream[at];
		stream[at] = pool[i];
		for (int k = 0; k < NODES; k++) {
			if (rnd(20) == 0)
				v[k].is_away = !v[k].is_away;
			if (!v[k].is_away)
				read_some(&v[k], stream, i + 1, false);
		}
	}
	for (int k = 0; k < NODES; k++)
		read_some(&v[k], stream, n, true);
}

static bool
are_one(struct node v[NODES], struct text *first, struct text *again)
{
	bool are_same = true;

	text_clear(first);
	dump(v[0].s, first);
	for (int k = 1; k < NODES && are_same; k++) {
		text_clear(again);
		dump(v[k].s, again);
		are_same = str_is(text_view(first), text_view(again));
	}
	return are_same;
}

static void
nodes_end_in_one_state(void)
{
	struct event *pool = xalloc(POOL, sizeof(*pool));
	struct event *stream = xalloc(POOL, sizeof(*stream));
	struct text first, again;

	text_grow(&first, 16 << 20);
	text_grow(&again, 16 << 20);
	for (unsigned round = test_trials(ROUNDS / 4); round > 0; round--) {
		struct node v[NODES] = {0};
		size_t n = 2 + rnd(POOL - 2);

		for (int k = 0; k < NODES; k++)
			v[k].s = new_standings();
		for (size_t i = 0; i < n; i++)
			make_event(&pool[i], i);
		run_nodes(v, pool, n, stream);
		if (!are_one(v, &first, &again)) {
			test_fail(__FILE__, __LINE__,
			    "%zu events on three nodes:\n%s\nand\n%s", n,
			    first.p, again.p);
			round = 1;
		}
		for (int k = 0; k < NODES; k++)
			standings_free(&v[k].s);
	}
	text_done(&first);
	text_done(&again);
	free(pool);
	free(stream);
}

/* What a node that is new hears when another puts back what holds. */
static void
on_put_back(void *ctx, const struct event *e)
{
	struct event again = *e;

	again.is_again = true;
	standings_fold(ctx, &again);
}

static void
dump_in_force(struct standings *s, int64_t now, struct text *out)
{
	text_clear(out);
	text_printf(out, "mode %d\n", standings_is_enforcing(s));
	for (int i = 0; i < SUBJECTS; i++) {
		struct limits_override o[STANDINGS_OVERRIDES];
		struct standing_state st;
		const struct str key = str_from(subjects[i]);
		size_t n = standings_overrides(s, SUBJECT_ACCOUNT, key, now, o);

		standings_get(s, SUBJECT_ACCOUNT, key, now, &st);
		text_printf(out, "%s %d/%d %s %d %lld %lld %u %lld %zu\n",
		    subjects[i], st.rung, st.observed, st.cause, st.is_operator,
		    (long long)st.mark, (long long)st.epoch, st.repeats,
		    (long long)st.exempt_until, n);
	}
}

static void
a_new_node_learns_what_holds(void)
{
	struct standings_walk w;
	struct event e;
	struct text old, new;

	text_grow(&old, 1 << 16);
	text_grow(&new, 1 << 16);
	for (unsigned round = test_trials(ROUNDS); round > 0; round--) {
		struct standings *a = new_standings(), *b = new_standings();
		size_t n = 2 + rnd(POOL - 2);
		int64_t now = T0 + (int64_t)rnd(60);

		for (size_t i = 0; i < n; i++) {
			make_event(&e, i);
			standings_fold(a, &e);
		}
		standings_walk_begin(a, &w);
		while (standings_walk_live(a, &w, 2, now, on_put_back, b))
			;
		dump_in_force(a, now, &old);
		dump_in_force(b, now, &new);
		if (!str_is(text_view(&old), text_view(&new))) {
			test_fail(__FILE__, __LINE__,
			    "%zu events at %lld:\n%s\nand\n%s", n,
			    (long long)now, old.p, new.p);
			round = 1;
		}
		standings_free(&a);
		standings_free(&b);
	}
	text_done(&old);
	text_done(&new);
}

TESTS(TEST(order_and_duplicates_do_not_matter), TEST(nodes_end_in_one_state),
    TEST(a_new_node_learns_what_holds))
