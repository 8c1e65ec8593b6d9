/* pipeline_decide - from a verdict to an event, past the brake
 *
 * What a rule on trial would do is noted before what holds is decided, once for
 * each account and rung while the trial lasts.
 */
#include "base/time.h"
#include "daemon/pipeline_state.h"
#include "limits/brake.h"

void
pipeline_set_active(struct pipeline *p, uint64_t accounts)
{
	p->active = accounts;
}

uint64_t
pipeline_budget(const struct pipeline *p)
{
	const struct limits_settings *s = &p->settings->limits;
	uint64_t share = p->active * (uint64_t)s->brake_share / 1000;
	uint64_t least = (uint64_t)s->brake_budget;

	return share > least ? share : least;
}

/* Limits of a class are about accounts; others stand for their kind. */
static const char *
class_of(struct pipeline *p, const struct pipeline_view *v)
{
	enum subject_kind kind = subject_kind(v->in.subject);

	if (kind != SUBJECT_ACCOUNT && kind != SUBJECT_CLAIMED)
		return subject_kind_text(kind);
	return rules_class_at(p->settings->rules, v->in.class_index)->name;
}

/* A suspension too many becomes a hold that waits; the answer, too, goes by
 * the verdict. */
static void
brake(struct pipeline *p, struct pipeline_view *v, struct sanction_about *a)
{
	if (v->verdict.rung < STANDING_SUSPENDED ||
	    v->state.rung >= STANDING_SUSPENDED || v->state.is_operator)
		return;
	a->is_braked = brake_stops(standings_brake(p->standings),
	    v->verdict.reasons[0].rule, a->class, pipeline_budget(p),
	    a->now_us);
	if (a->is_braked)
		v->verdict.rung = STANDING_HELD;
}

static void
find_evidence(
    struct pipeline *p, const struct pipeline_view *v, struct evidence *out)
{
	struct evidence earlier;

	evidence_parse(v->state.json, &earlier);
	evidence_find(&v->in, &v->verdict,
	    p->settings->limits.known_network_after, &earlier, out);
}

void
pipeline_decide(struct pipeline *p, struct pipeline_view *v)
{
	static struct event e; /* 8 KiB, used and done within this call */
	struct sanction_about about = {
	    .kind = subject_kind(v->in.subject),
	    .key = subject_key(v->in.subject),
	    .node = p->node,
	    .seq = p->seq + 1,
	    .now_us = pipeline_now_us(p),
	    .state = &v->state,
	};

	if (v->verdict.n_reasons == 0)
		return;
	about.class = class_of(p, v);
	about.config = p->settings->generation;
	bool enforces = standings_is_enforcing(p->standings);

	/* An event of this very fact or request may have changed it. */
	if (v->folds != p->folds)
		standings_get(
		    p->standings, about.kind, about.key, v->in.now, &v->state);
	if (enforces)
		brake(p, v, &about);
	struct evidence evidence;

	if (sanction_is_news(&about, &v->verdict, enforces)) {
		find_evidence(p, v, &evidence);
		about.evidence = &evidence;
	}
	if (sanction_from_verdict(&about, &p->settings->limits, &v->verdict,
		v->in.now, enforces, &e) ||
	    sanction_warning(
		p->standings, &about, &v->verdict, v->in.now, enforces, &e)) {
		p->seq++;
		p->hooks.on_verdict(p->hooks.ctx, &e, &v->verdict);
	}
}

static const struct trial_rule *
find_tried(
    struct pipeline *p, const struct pipeline_view *v, struct verdict *out)
{
	const struct trial *t = p->settings->trial;
	const struct trial_rule *rule;

	if (!t || v->state.is_operator ||
	    !(rule = trial_finds(t, &v->in, &v->verdict, out)) ||
	    out->rung <= v->state.rung ||
	    standings_knows_tried(p->standings, subject_kind(v->in.subject),
		subject_key(v->in.subject), rule, out->rung, v->in.now))
		return NULL;
	return rule;
}

bool
pipeline_tries(struct pipeline *p, const struct pipeline_view *v)
{
	struct verdict tried;

	return find_tried(p, v, &tried) != NULL;
}

void
pipeline_try(struct pipeline *p, struct pipeline_view *v)
{
	static struct event e; /* 8 KiB, used and done within this call */
	struct verdict tried;
	const struct trial_rule *rule = find_tried(p, v, &tried);

	if (!rule)
		return;
	const struct sanction_about about = {
	    .kind = subject_kind(v->in.subject),
	    .key = subject_key(v->in.subject),
	    .node = p->node,
	    .seq = ++p->seq,
	    .now_us = pipeline_now_us(p),
	    .state = &v->state,
	    .class = class_of(p, v),
	    .config = p->settings->generation,
	};

	sanction_tried(&about, rule, &tried, v->in.now, &e);
	p->hooks.on_verdict(p->hooks.ctx, &e, &tried);
}
