/* rules_plan - what judge reads of the rules, per kind and class */
#include "limits/rules_plan.h"

#include <assert.h>

#include "limits/complained.h"
#include "limits/signal.h"

static bool
is_sketch(const struct limit *l)
{
	return l->count >= (int)COUNTS;
}

static bool
has_class(enum subject_kind kind)
{
	return kind == SUBJECT_ACCOUNT || kind == SUBJECT_CLAIMED;
}

/* The lowest value at which the limit says anything: see judge.c. */
static uint64_t
first_word(const struct limit *l)
{
	uint64_t warn = (l->max * l->warn + 99) / 100;

	return l->warn && warn <= l->max ? warn : l->max + 1;
}

static enum rules_extra
extra_of(uint32_t count)
{
	return count == COUNT_RECIPIENTS ? EXTRA_RECIPIENTS
	       : count == COUNT_MESSAGES ? EXTRA_MESSAGES
					 : EXTRA_NONE;
}

static void
guard(struct rules_plan *p, const struct rules_guard *by)
{
	size_t i = 0;

	while (i < p->n_guards &&
	       (p->guards[i].slot != by->slot ||
		   p->guards[i].younger_than != by->younger_than))
		i++;
	struct rules_guard *g = &p->guards[i];

	if (i == p->n_guards) {
		p->n_guards++;
		*g = *by;
		g->extra = extra_of(g->count);
	}
	if (by->below < g->below)
		g->below = by->below;
}

/* What only claims to be an account, is many people's or passes on others' mail
 * has no acquaintances and no home, and a forward's content isn't its own. */
static bool
has_signal(const struct rules_signal *s, enum subject_kind kind, size_t class)
{
	if (!s->spec.enabled)
		return false;
	if (s->shape == SIGNAL_EXCESS && s->count == COUNT_RECIPIENTS)
		return true;
	if (kind != SUBJECT_ACCOUNT || class == CLASS_FORWARD)
		return false;
	return class != CLASS_SHARED || s->shape == SIGNAL_SHARE;
}

/* What a day adds to the week's, with the sums that signals have anyway. */
static void
plan_forwards(const struct limits_rules *r, struct rules_plan *p)
{
	static const enum signal_name spam[] = {
	    SIGNAL_FILTERED_NAME, SIGNAL_REFUSED_NAME};

	p->has_forwards = true;
	for (size_t i = 0; i < sizeof(spam) / sizeof(*spam); i++) {
		const struct rules_signal *s = &r->signals[spam[i]];

		p->counts |= 1ull << s->count;
		guard(p, &(struct rules_guard){.count = s->count,
			     .slot = (uint32_t)s->slot,
			     .below = 1});
	}
}

/* Most ask for a number that isn't reached. */
static void
hear(struct rules_plan *p, const struct rules_signal *s)
{
	if (signal_is_only_told(s))
		return;
	struct rules_heard *h = &p->heard[p->n_heard++];

	*h = (struct rules_heard){
	    .signal = s, .floor = (uint64_t)s->spec.floor, .slot = s->slot};
	h->has_extra =
	    s->shape == SIGNAL_EXCESS && s->count == COUNT_RECIPIENTS;
	if (s->shape == SIGNAL_KNOWN || s->shape == SIGNAL_NETWORKS ||
	    s->shape == SIGNAL_BLAMED || s->spec.younger_than > 0)
		h->slot = -1;
}

static void
plan(struct limits_rules *r, enum subject_kind kind, size_t class_index,
    struct rules_plan *p)
{
	p->limits =
	    arena_alloc(&r->arena, (r->n_limits + 1) * sizeof(*p->limits));
	p->guards = arena_alloc(
	    &r->arena, (r->n_limits + SIGNALS + 3) * sizeof(*p->guards));
	for (size_t i = 0; i < r->n_limits; i++) {
		const struct limit *l = &r->limits[i];

		if (l->of != kind || (l->class_index != LIMIT_ANY_CLASS &&
					 l->class_index != (int)class_index))
			continue;
		p->limits[p->n_limits++] = l;
		p->counts |= 1ull << l->count;
		if (is_sketch(l))
			p->has_sketches = true;
		else
			guard(p,
			    &(struct rules_guard){.count = (uint32_t)l->count,
				.slot = (uint32_t)l->slot,
				.younger_than = l->younger_than,
				.below = first_word(l)});
	}
	p->complaints_slot = -1;
	if (kind == SUBJECT_ACCOUNT) {
		p->complaints_slot = r->complaints_slot;
		p->counts |= 1ull << COUNT_COMPLAINTS;
		guard(p, &(struct rules_guard){.count = COUNT_COMPLAINTS,
			     .slot = (uint32_t)r->complaints_slot,
			     .below = (uint64_t)r->settings.complaint_floor});
	}
	p->has_ladder = has_class(kind);
	if (kind == SUBJECT_ACCOUNT && class_index == CLASS_FORWARD)
		plan_forwards(r, p);
	for (size_t i = 0; i < SIGNALS && p->has_ladder; i++) {
		const struct rules_signal *s = &r->signals[i];

		if (!has_signal(s, kind, class_index))
			continue;
		p->signals[p->n_signals++] = s;
		hear(p, s);
		if (s->spec.points == 0 || s->shape == SIGNAL_BLAMED)
			continue; /* only told when another speaks, or he
				     who was blamed is judged */
		p->counts |= 1ull << s->count;
		/* What speaks for it speaks when something else does. */
		if (s->shape != SIGNAL_KNOWN)
			guard(p, &(struct rules_guard){.count = s->count,
				     .slot = (uint32_t)s->slot,
				     .younger_than = s->spec.younger_than,
				     .below = (uint64_t)s->spec.floor});
	}
}

/* A share is of all recipients: they are read, but make nothing speak; nor does
 * what gives no points. */
static uint64_t
read_by(const struct rules_plan *p)
{
	uint64_t counts = p->counts;

	for (size_t i = 0; i < p->n_signals; i++) {
		counts |= 1ull << p->signals[i]->count |
			  1ull << p->signals[i]->usual_count;
		if (p->signals[i]->shape == SIGNAL_SHARE)
			counts |= 1ull << COUNT_RECIPIENTS;
	}
	return counts;
}

/* What nobody looks at isn't watched: with each fact, sums cost. false: there
 * is no room for it. */
static bool
watch_signal(struct rules_signal *s, struct ledger *ledger)
{
	s->slot = s->whole = -1;
	if (s->shape == SIGNAL_BLAMED)
		return true;
	s->slot = ledger_watch(ledger, s->count,
	    s->shape == SIGNAL_COMPLAINED ? COMPLAINED_WINDOW : s->spec.window);
	if (s->shape != SIGNAL_SHARE && s->shape != SIGNAL_KNOWN)
		return s->slot >= 0;
	s->whole = ledger_watch(ledger, COUNT_RECIPIENTS, s->spec.window);
	return s->slot >= 0 && s->whole >= 0;
}

int
rules_finish(struct limits_rules *r, struct ledger *ledger, struct error *err)
{
	for (size_t i = 0; i < r->n_limits; i++) {
		struct limit *l = &r->limits[i];

		if (is_sketch(l))
			continue;
		l->slot = ledger_watch(ledger, (enum count)l->count, l->window);
		if (l->slot < 0)
			return error_set(err,
			    "limit \"%s\": more than %d different counts and "
			    "windows (those of earlier configurations count "
			    "until a restart)",
			    l->name, LEDGER_SUMS);
	}
	bool is_full = false;

	ledger_known_after(ledger, r->settings.known_network_after);
	for (size_t i = 0; i < SIGNALS; i++)
		is_full |= !watch_signal(&r->signals[i], ledger);
	r->complaints_slot =
	    ledger_watch(ledger, COUNT_COMPLAINTS, COMPLAINED_WINDOW);
	if (is_full || r->complaints_slot < 0)
		return error_set(err,
		    "the signals: more than %d "
		    "different counts and windows",
		    LEDGER_SUMS);
	r->plans = arena_alloc(
	    &r->arena, SUBJECT_KINDS * r->n_classes * sizeof(*r->plans));
	for (size_t k = 0; k < SUBJECT_KINDS; k++) {
		for (size_t c = 0; c < r->n_classes; c++) {
			struct rules_plan *p = &r->plans[k * r->n_classes + c];

			plan(r, (enum subject_kind)k, c, p);
			r->counts[k] |= read_by(p);
			r->counts[SUBJECT_KINDS] |= read_by(p);
		}
	}
	return 0;
}

const struct rules_plan *
rules_plan(
    const struct limits_rules *r, enum subject_kind kind, size_t class_index)
{
	assert(r->plans && class_index < r->n_classes);
	return &r->plans[(size_t)kind * r->n_classes + class_index];
}

const uint64_t *
rules_counts(const struct limits_rules *r)
{
	return r->counts;
}

static size_t
class_without(struct str key)
{
	struct str prefix = classes_prefix(key);

	if (prefix.n == 0)
		return CLASS_PERSON;
	return *prefix.p == 'f' ? CLASS_FORWARD : CLASS_SHARED;
}

size_t
rules_class_of(const struct limits_rules *r, enum subject_kind kind,
    struct str key, struct str plan, const char **why)
{
	const char *ignored;

	why = why ? why : &ignored;
	*why = "default";
	if (!has_class(kind))
		return CLASS_PERSON;
	if (r->lender)
		r = r->lender;
	size_t i = classes_find(&r->patterns, key, SIZE_MAX);

	*why = "pattern";
	if (i == SIZE_MAX && plan.n > 0) {
		i = classes_find(&r->by_plan, plan, SIZE_MAX);
		*why = "plan";
	}
	if (i != SIZE_MAX)
		return i;
	*why = "default";
	return class_without(key);
}

size_t
rules_class(
    const struct limits_rules *r, enum subject_kind kind, struct str key)
{
	return rules_class_of(r, kind, key, STR(""), NULL);
}

bool
rules_ask_owners(const struct limits_rules *r)
{
	bool is_asked = r->by_plan.n > 0;

	for (size_t i = 0; i < r->n_limits; i++)
		is_asked |= r->limits[i].younger_than > 0;
	return is_asked;
}

const struct account_class *
rules_class_at(const struct limits_rules *r, size_t i)
{
	assert(i < r->n_classes);
	return &r->classes[i];
}

size_t
rules_classes(const struct limits_rules *r)
{
	return r->n_classes;
}

const struct limit *
rules_limit_at(const struct limits_rules *r, size_t i)
{
	assert(i < r->n_limits);
	return &r->limits[i];
}

size_t
rules_limits(const struct limits_rules *r)
{
	return r->n_limits;
}

int64_t
rules_reach(const struct limits_rules *r, enum subject_kind kind)
{
	int64_t reach = 0;

	for (size_t i = 0; i < r->n_limits; i++) {
		const struct limit *l = &r->limits[i];

		if (l->of != kind)
			continue;
		reach = l->window > reach ? l->window : reach;
		reach = l->younger_than > reach ? l->younger_than : reach;
	}
	for (size_t i = 0; i < SIGNALS && has_class(kind); i++) {
		int64_t window = r->signals[i].spec.window;

		reach = window > reach ? window : reach;
	}
	return reach;
}

const struct limit *
rules_find_limit(const struct limits_rules *r, struct str name)
{
	for (size_t i = 0; i < r->n_limits; i++) {
		if (str_is(str_from(r->limits[i].name), name))
			return &r->limits[i];
	}
	return NULL;
}

const struct limits_settings *
rules_settings(const struct limits_rules *r)
{
	return &r->settings;
}

const struct rules_signal *
rules_signal_at(const struct limits_rules *r, size_t i)
{
	assert(i < SIGNALS);
	return &r->signals[i];
}
