/* standings_trial - what rules on trial would do, and orders about trials
 *
 * Kept apart from what is imposed, so that it can neither push that out nor
 * count as a repetition, nor ever be in effect.
 */
#include "base/json.h"
#include "base/time.h"
#include "limits/standings_parts.h"
#include "limits/trial.h"

static bool
parse_hex(struct str s, uint64_t *out)
{
	uint64_t n = 0;

	if (s.n == 0 || s.n > 16)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *at = memchr(digits, s.p[i], 16);

		if (!at)
			return false;
		n = n << 4 | (uint64_t)(at - digits);
	}
	*out = n;
	return true;
}

bool
standings_fold_trial(struct standings_subject *u, const struct event *e)
{
	struct json *doc = json_parse(str_from(e->evidence), NULL);
	uint64_t version;
	bool is_known =
	    parse_hex(json_text(json_get(doc, "version")), &version);
	bool is_end = strcmp(e->rung, "end") == 0;

	json_free(&doc);
	if (!*e->rule || !is_known || !e->is_operator ||
	    (!is_end && strcmp(e->rung, "extend") != 0))
		return false;
	return standings_keep(u, KEEP_TRIALS, e, STANDING_GOOD, version);
}

/* The operator gave the account another maximum since. */
static bool
is_overridden(const struct standings_view *v, const struct kept *k)
{
	const struct kept_list *l = &v->u->lists[KEEP_LIMIT];

	for (size_t i = 0; i < l->n; i++) {
		if (l->v[i]->type == EVENT_LIMIT &&
		    strcmp(l->v[i]->rule, k->rule) == 0 &&
		    standings_compare(k, l->v[i]) < 0)
			return true;
	}
	return false;
}

/* What is noted counts no more once the account was lifted. */
static bool
is_tried(const struct standings_view *v, const struct kept *k)
{
	return !v->exempt && !is_overridden(v, k) && k->until > v->now &&
	       (!v->mark || k->mark >= v->mark->mark) &&
	       (!v->lift || standings_compare(k, v->lift) > 0);
}

static void
tell(const struct standings_view *v, standings_ended_fn *each, void *ctx)
{
	const struct kept_list *l = &v->u->lists[KEEP_TRIED];

	for (size_t i = 0; i < l->n; i++) {
		if (is_tried(v, l->v[i]))
			standings_tell(v, l->v[i], each, ctx);
	}
}

bool
standings_walk_tried(struct standings *s, struct standings_walk *w, size_t max,
    int64_t now, standings_ended_fn *each, void *ctx)
{
	const struct standings_subject *u;

	while ((u = standings_walk_next(s, w, &max))) {
		struct standings_view v;

		if (u->lists[KEEP_TRIED].n == 0)
			continue;
		standings_look(s, u, now, &v);
		tell(&v, each, ctx);
	}
	return w->left > 0;
}

void
standings_each_tried(
    struct standings *s, int64_t now, standings_ended_fn *each, void *ctx)
{
	struct standings_walk w;

	standings_walk_begin(s, &w);
	standings_walk_tried(s, &w, SIZE_MAX, now, each, ctx);
}

void
standings_each_tried_of(struct standings *s, enum subject_kind kind,
    struct str key, int64_t now, standings_ended_fn *each, void *ctx)
{
	const struct standings_subject *u = standings_find(s, kind, key);
	struct standings_view v;

	if (!u)
		return;
	standings_look(s, u, now, &v);
	tell(&v, each, ctx);
}

struct search {
	const struct trial_rule *rule;
	enum standing rung;
	bool is_known;
};

static void
look(void *ctx, const struct standings_ended *e)
{
	struct search *s = ctx;

	s->is_known |= e->rung >= s->rung && e->at >= s->rule->since &&
		       strcmp(e->rule, s->rule->name) == 0;
}

bool
standings_knows_tried(struct standings *s, enum subject_kind kind,
    struct str key, const struct trial_rule *rule, enum standing rung,
    int64_t now)
{
	struct search search = {rule, rung, false};

	standings_each_tried_of(s, kind, key, now, look, &search);
	return search.is_known;
}

bool
standings_get_trial_order(const struct standings *s, const char *rule,
    uint64_t version, struct standings_trial_order *out)
{
	const struct standings_subject *all =
	    standings_find(s, SUBJECT_KINDS, STR(""));

	for (size_t i = 0; all && i < all->lists[KEEP_TRIALS].n; i++) {
		const struct kept *k = all->lists[KEEP_TRIALS].v[i];

		if (k->max != version || strcmp(k->rule, rule) != 0)
			continue;
		*out = (struct standings_trial_order){
		    k->at_us / TIME_US, k->until};
		return true;
	}
	return false;
}
