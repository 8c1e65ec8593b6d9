/* walk - many subjects count as changed again, in slices */
#include "ledger/walk.h"

#include "ledger/ledger_state.h"

/* Nobody is laid to sleep for so many ticks after a slice. */
enum { WALK_TICKS = 3 };

/* How often all of those among whom the walk is have moved. */
static uint64_t
resized(const struct ledger *l, size_t i)
{
	size_t part = i >> LEDGER_NEXT_SHIFT;
	bool is_awake = part >= NEXT_AWAKE && part < NEXT_ASLEEP_LAST;

	return is_awake ? l->maps[part - NEXT_AWAKE].resized : l->dorm.joined;
}

static void
begin(struct ledger *l, struct ledger_walk *w, bool is_second)
{
	size_t i =
	    w->is_awake_first ? (size_t)NEXT_AWAKE << LEDGER_NEXT_SHIFT : 0;

	*w = (struct ledger_walk){.i = i,
	    .resized = resized(l, i),
	    .is_awake_first = w->is_awake_first,
	    .removals = l->removals,
	    .is_second = is_second,
	    .begun = w->begun + 1};
}

void
walk_begin(struct ledger *l, struct ledger_walk *w)
{
	*w = (struct ledger_walk){0};
	begin(l, w, false);
}

void
walk_print(const struct ledger_walk *w, struct text *out)
{
	text_u64(out, w->i);
	text_char(out, '.');
	text_u64(out, w->resized);
	text_char(out, '.');
	text_u64(out, w->removals);
	text_add(out, w->is_second ? ".2" : ".1");
}

bool
walk_parse(struct ledger *l, struct str text, struct ledger_walk *w)
{
	struct str word;
	uint64_t v[3];

	walk_begin(l, w);
	for (int i = 0; i < 3; i++)
		if (!str_cut(&text, '.', &word) || !str_to_u64(word, &v[i]))
			return false;
	w->is_second = str_is(text, STR("2"));
	if (v[1] != resized(l, v[0]))
		return true;
	w->i = v[0];
	w->resized = v[1];
	w->removals = v[2];
	return true;
}

/* What walk_some does with each. */
struct telling {
	struct ledger *ledger;
	struct ledger_page page;
	ledger_changed_fn *each;
	void *ctx;
	size_t n;
};

static void
tell(void *ctx, struct subject *s)
{
	struct telling *t = ctx;

	if (s == t->ledger->visited) { /* it sleeps, and sleeps on */
		ledger_pass(s, true, &t->page, t->each, t->ctx);
		t->n++;
		return;
	}
	subjects_enlist(t->ledger, s, 1u << LIST_POST);
	s->listed |= LISTED_SKETCHES;
}

static bool
look_at_some(struct ledger *l, struct ledger_walk *w, size_t max, walk_fn *each,
    void *ctx)
{
	enum ledger_next_part last =
	    w->is_awake_first ? NEXT_ASLEEP_LAST : NEXT_ASLEEP_LAST - 1;
	struct subject *s;

	if (w->resized != resized(l, w->i))
		begin(l, w, w->is_second);
	l->walked = WALK_TICKS;
	for (; max > 0 && (s = ledger_next_of(l, &w->i, last)); max--) {
		w->resized = resized(l, w->i);
		each(ctx, s);
	}
	return max > 0;
}

/* Removing one moves others back, perhaps behind us. */
bool
walk_each(struct ledger *l, struct ledger_walk *w, size_t max, walk_fn *each,
    void *ctx)
{
	if (!look_at_some(l, w, max, each, ctx))
		return false;
	if (w->is_second || w->removals == l->removals)
		return true;
	begin(l, w, true);
	return false;
}

/* Who wakes meanwhile is marked by that. */
size_t
walk_some(struct ledger *l, struct ledger_walk *w, size_t max,
    ledger_changed_fn *each, void *ctx)
{
	struct telling t = {.ledger = l, .each = each, .ctx = ctx};

	l->listing |= 1u << LIST_POST;
	if (!w->is_awake_first) {
		w->is_awake_first = true;
		begin(l, w, false);
	}
	ledger_page_init(&t.page);
	w->is_over = walk_each(l, w, max, tell, &t);
	l->is_walked = !w->is_over;
	ledger_page_done(&t.page);
	return t.n;
}

void
walk_recent(struct ledger *l, int64_t since, size_t max)
{
	uint32_t stamp = ledger_stamp(since);

	l->listing |= 1u << LIST_POST;
	for (int i = 0; i < QUEUES; i++) {
		struct subject *s = l->queues[i].newest;

		for (size_t n = max; s && n > 0 && s->last_seen >= stamp; n--) {
			subjects_enlist(l, s, 1u << LIST_POST);
			s = s->older;
		}
	}
}

void
walk_change(struct ledger *l, struct subject *s)
{
	l->listing |= 1u << LIST_POST;
	subjects_enlist(l, s, 1u << LIST_POST);
}

void
walk_next(struct ledger *l, struct subject *s)
{
	l->listing |= 1u << LIST_POST;
	subjects_unlist(l, s, LIST_POST);
	subjects_enlist(l, s, 1u << LIST_POST);
}
