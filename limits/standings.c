/* standings - where every subject is: a fold of its events */
#include "limits/standings.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/time.h"
#include "limits/standings_parts.h"

static const char letters[] = {
#define SUBJECT(name, letter, text, help) letter,
#include "ledger/subjects.def"
#undef SUBJECT
    '!', /* the installation itself */
};

struct standings *
standings_new(const struct standings_options *o)
{
	struct standings *s = xalloc(1, sizeof(*s));

	s->options = *o;
	s->brake = brake_new();
	map_init(&s->subjects);
	text_grow(&s->unsaved, STANDINGS_UNSAVED);
	text_grow(&s->gone, STANDINGS_UNSAVED);
	return s;
}

static void
subject_free(struct standings_subject *u)
{
	standings_free_lists(u);
	free(u);
}

void
standings_free(struct standings **sp)
{
	struct standings *s = *sp;

	if (!s)
		return;
	for (struct standings_subject *u = s->oldest, *next; u; u = next) {
		next = u->newer;
		subject_free(u);
	}
	brake_free(&s->brake);
	map_done(&s->subjects);
	free(s->all);
	free(s->by_due);
	text_done(&s->unsaved);
	text_done(&s->gone);
	free(s);
	*sp = NULL;
}

void
standings_set_options(struct standings *s, const struct standings_options *o)
{
	s->options = *o;
}

size_t
standings_count(const struct standings *s)
{
	return s->subjects.n;
}

bool
standings_has_kind(const struct standings *s, enum subject_kind kind)
{
	return s->n_of_kind[kind] > 0;
}

static struct str
make_name(enum subject_kind kind, struct str key, char buf[STANDINGS_NAME])
{
	if (key.n > STANDINGS_NAME - 1)
		key.n = STANDINGS_NAME - 1;
	buf[0] = letters[kind];
	if (key.n)
		memcpy(buf + 1, key.p, key.n);
	return str_make(buf, key.n + 1);
}

struct standings_subject *
standings_find(
    const struct standings *s, enum subject_kind kind, struct str key)
{
	char name[STANDINGS_NAME];

	if (s->n_of_kind[kind] == 0)
		return NULL;
	return map_find(&s->subjects, make_name(kind, key, name));
}

static void
unlink_subject(struct standings *s, struct standings_subject *u)
{
	*(u->older ? &u->older->newer : &s->oldest) = u->newer;
	*(u->newer ? &u->newer->older : &s->newest) = u->older;
	u->older = u->newer = NULL;
}

static void
link_newest(struct standings *s, struct standings_subject *u)
{
	u->older = s->newest;
	u->newer = NULL;
	*(s->newest ? &s->newest->newer : &s->oldest) = u;
	s->newest = u;
}

static void
clean(struct standings_subject **list, const struct standings_subject *u)
{
	while (*list && *list != u)
		list = &(*list)->next_dirty;
	if (*list)
		*list = u->next_dirty;
}

/* The last one takes its place: a walk comes from there. */
static void
remove_subject(struct standings *s, struct standings_subject *u)
{
	struct standings_subject *last = s->all[s->subjects.n - 1];

	standings_ends_remove(s, u);
	s->all[u->at] = last;
	last->at = u->at;
	map_remove(&s->subjects, u->name);
	s->n_of_kind[u->kind]--;
	unlink_subject(s, u);
	subject_free(u);
}

void
standings_drop(struct standings *s, struct standings_subject *u)
{
	if (s->is_journaled)
		text_bytes(&s->gone, u->name.p, u->name.n + 1);
	if (u->is_dirty) {
		clean(&s->dirty, u);
		clean(&s->folding, u);
	}
	remove_subject(s, u);
}

bool
standings_forget(struct standings *s, enum subject_kind kind, struct str key)
{
	struct standings_subject *u = standings_find(s, kind, key);

	if (u)
		standings_drop(s, u);
	return u != NULL;
}

static void
make_places(struct standings *s)
{
	if (s->subjects.n < s->cap_all)
		return;
	s->cap_all = s->cap_all ? 2 * s->cap_all : 64;
	s->all = xrealloc(s->all, s->cap_all, sizeof(*s->all));
	s->by_due = xrealloc(s->by_due, s->cap_all, sizeof(*s->by_due));
}

static struct standings_subject *
add_subject(struct standings *s, enum subject_kind kind, struct str key)
{
	char buf[STANDINGS_NAME];
	struct str name = make_name(kind, key, buf);
	struct standings_subject *u = xalloc(1, sizeof(*u) + name.n + 1);
	char *p = (char *)(u + 1);

	memcpy(p, name.p, name.n);
	u->name = str_make(p, name.n);
	u->key = str_skip(u->name, 1);
	u->kind = kind;
	link_newest(s, u);
	make_places(s);
	u->at = s->subjects.n;
	s->all[u->at] = u;
	standings_ends_add(s, u);
	map_put(&s->subjects, u->name, u);
	s->n_of_kind[kind]++;
	return u;
}

/* Nothing in force, no override, no exemption: may be forgotten. */
static bool
is_idle(struct standings *s, const struct standings_subject *u, int64_t now)
{
	struct standing_state state;

	if (u->kind == SUBJECT_KINDS || u->lists[KEEP_LIMIT].n > 0)
		return false;
	standings_read(s, u, now, &state);
	return state.observed == STANDING_GOOD && state.exempt_until == 0;
}

/* Drops one of the oldest that are idle; what isn't is looked at again later.
 * Sanctions in force are never forgotten for want of room. */
static void
make_room(struct standings *s, int64_t now)
{
	enum { TRIES = 64 };

	for (int i = 0; i < TRIES; i++) {
		struct standings_subject *u = s->oldest;

		if (!u)
			return;
		if (is_idle(s, u, now)) {
			standings_drop(s, u);
			return;
		}
		unlink_subject(s, u);
		link_newest(s, u);
	}
}

static enum keep_list
rung_list(enum keep_list first, enum standing rung)
{
	return (enum keep_list)(first + (rung - STANDING_WATCHED));
}

static bool
fold_sanction(struct standings_subject *u, const struct event *e)
{
	enum standing rung;

	if (!standing_parse(str_from(e->rung), &rung) ||
	    rung < STANDING_WATCHED)
		return false;
	if (e->is_operator && e->type == EVENT_SANCTION)
		return standings_keep(u, KEEP_OPERATOR, e, rung, 0);
	if (strcmp(e->how, SANCTION_TRIED) == 0)
		return e->type == EVENT_SANCTION &&
		       standings_keep(u, KEEP_TRIED, e, rung, 0);
	return standings_keep(u,
	    rung_list(e->type == EVENT_EXPIRE ? KEEP_END : KEEP_SANCTION, rung),
	    e, rung, 0);
}

static bool
fold_override(struct standings_subject *u, const struct event *e)
{
	int64_t max = 0;

	if (e->type == EVENT_LIMIT) {
		struct json *doc = json_parse(str_from(e->evidence), NULL);

		max = json_number(json_get(doc, "max"), -1);
		json_free(&doc);
	}
	if (max < 0 || !*e->rule)
		return false;
	return standings_keep(u, KEEP_LIMIT, e, STANDING_GOOD, (uint64_t)max);
}

static bool
fold_mode(struct standings_subject *u, const struct event *e)
{
	bool is_enforce = strcmp(e->rung, "enforce") == 0;

	if (!is_enforce && strcmp(e->rung, "observe") != 0)
		return false;
	bool changed =
	    standings_keep(u, KEEP_MODE, e, STANDING_GOOD, is_enforce);

	if (is_enforce)
		changed |= standings_keep(u, KEEP_ENFORCE, e, STANDING_GOOD, 1);
	return changed;
}

static bool
fold_brake(struct standings_subject *u, const struct event *e)
{
	bool is_approve = strcmp(e->rung, "approve") == 0;

	if (!*e->rule || (!is_approve && strcmp(e->rung, "release") != 0))
		return false;
	return standings_keep(u, is_approve ? KEEP_APPROVE : KEEP_RELEASE, e,
	    STANDING_GOOD, is_approve);
}

static bool
fold_lift(struct standings_subject *u, const struct event *e)
{
	enum standing rung = STANDING_GOOD;

	standing_parse(str_from(e->rung), &rung);
	bool changed = standings_keep(u, KEEP_LIFT, e, rung, 0);

	changed |= standings_keep(u, KEEP_LIFTS, e, rung, 0);
	return standings_keep(u, KEEP_MARK, e, rung, 0) || changed;
}

static bool
fold_one(struct standings_subject *u, const struct event *e)
{
	switch (e->type) {
	case EVENT_SANCTION:
	case EVENT_EXPIRE:
		return fold_sanction(u, e);
	case EVENT_LIFT:
		return fold_lift(u, e);
	case EVENT_UNDO:
		return (*e->rule || *e->config) &&
		       standings_keep(u, KEEP_UNDO, e, STANDING_GOOD, 0);
	case EVENT_UNDONE:
		return *e->cause &&
		       standings_keep(u, KEEP_UNDONE, e, STANDING_SUSPENDED, 0);
	case EVENT_EXEMPT:
	case EVENT_UNEXEMPT:
		return standings_keep(u, KEEP_EXEMPT, e, STANDING_GOOD, 0);
	case EVENT_LIMIT:
	case EVENT_UNLIMIT:
		return fold_override(u, e);
	case EVENT_WARNING:
		return standings_keep(u, KEEP_WARNING, e, STANDING_GOOD, 0);
	case EVENT_MODE:
		return fold_mode(u, e);
	case EVENT_BRAKE:
		return fold_brake(u, e);
	case EVENT_TRIAL:
		return standings_fold_trial(u, e);
	case EVENT_QUEUE:
	case EVENT_ALLOW:
	case EVENT_DIGEST:
	case EVENT_LISTED:
	case EVENT_UNLISTED:
	case EVENT_ALARM: /* of no subject's standing */
	case EVENT_INCIDENT_OPENED:
	case EVENT_INCIDENT_NEWS:
	case EVENT_INCIDENT_CLOSED:
	case EVENT_CASE_FILED:
	case EVENT_CASE_ANSWER:
	case EVENT_CASE_PASSWORD:
	case EVENT_CASE_DECISION:
	case EVENT_CASE_NOTE:
	case EVENT_CASE_ASSIGNED:
	case EVENT_CASE_LETTER:
	case EVENT_CASE_REMINDER:
	case EVENT_CASE_CLOSED:
	case EVENT_CASE_REVOKED:
	case EVENT_CASE_HOOK:
	case EVENT_CASE_KEPT:
	case EVENT_CASE_TOLD:
	case EVENT_FORGET:
	case EVENT_DOMAIN_WORSE:
	case EVENT_DOMAIN_BETTER:
	case EVENT_DOMAIN_SET:
	case EVENT_SENDER:
	case EVENT_TYPES:
		break;
	}
	return false;
}

/* The event is in the lists: tell the books and the clock. */
static void
note_change(
    struct standings *s, struct standings_subject *u, const struct event *e)
{
	if (e->at_us > u->last_us)
		u->last_us = e->at_us;
	standings_ends_touch(s, u);
	unlink_subject(s, u);
	link_newest(s, u);
	if (!s->is_journaled || s->is_loading)
		return;
	/* A journal that nobody saves stops growing; the record has it all. */
	if (!s->is_replaying && s->unsaved.n < STANDINGS_UNSAVED / 2) {
		event_print(e, &s->unsaved);
		text_char(&s->unsaved, '\n');
	}
	if (!u->is_dirty) {
		u->is_dirty = true;
		u->next_dirty = s->dirty;
		s->dirty = u;
	}
}

bool
standings_fold(struct standings *s, const struct event *e)
{
	struct str key = str_from(e->subject);
	enum subject_kind kind = SUBJECT_KINDS;

	if (e->type == EVENT_MODE || e->type == EVENT_BRAKE ||
	    e->type == EVENT_UNDO || e->type == EVENT_TRIAL)
		key = STR("");
	else if (!subject_kind_parse(str_from(e->kind), &kind))
		return false;
	struct standings_subject *u = standings_find(s, kind, key);
	bool is_new = !u;

	if (is_new) {
		if (s->subjects.n >= s->options.max_subjects)
			make_room(s, e->at_us / TIME_US);
		u = add_subject(s, kind, key);
	}
	if (fold_one(u, e)) {
		brake_fold(s->brake, e);
		note_change(s, u, e);
		return true;
	}
	if (is_new)
		remove_subject(s, u);
	return false;
}

bool
standings_is_enforcing(const struct standings *s)
{
	const struct standings_subject *all =
	    standings_find(s, SUBJECT_KINDS, STR(""));
	const struct kept *mode = all ? standings_latest(all, KEEP_MODE) : NULL;

	return mode && mode->max;
}

struct brake *
standings_brake(struct standings *s)
{
	return s->brake;
}

/* By what its cause is made of: that is cheaper than the cause. */
bool
standings_knows_warning(struct standings *s, enum subject_kind kind,
    struct str key, const char *rule, int64_t mark, bool is_observed)
{
	const struct standings_subject *u = standings_find(s, kind, key);

	for (size_t i = 0; u && i < u->lists[KEEP_WARNING].n; i++) {
		const struct kept *k = u->lists[KEEP_WARNING].v[i];

		if (k->mark == mark && k->is_observed == is_observed &&
		    strcmp(k->rule, rule) == 0)
			return true;
	}
	return false;
}

size_t
standings_overrides(struct standings *s, enum subject_kind kind, struct str key,
    int64_t now, struct limits_override out[STANDINGS_OVERRIDES])
{
	const struct standings_subject *u = standings_find(s, kind, key);
	size_t n = 0;

	for (size_t i = 0; u && i < u->lists[KEEP_LIMIT].n; i++) {
		const struct kept *k = u->lists[KEEP_LIMIT].v[i];

		if (k->type == EVENT_LIMIT && k->until > now)
			out[n++] =
			    (struct limits_override){k->rule, k->max, k->until};
	}
	return n;
}
