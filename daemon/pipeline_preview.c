/* pipeline_preview - what a configuration that isn't in force would say */
#include "daemon/pipeline_state.h"

int
pipeline_preview_init(struct pipeline_preview *t, struct pipeline *p,
    const struct settings *s, struct error *err)
{
	t->settings = s;
	account_rules_init(&t->accounts, &s->mta);
	return settings_finish_rules(s, p->ledger, err);
}

bool
pipeline_preview_stops(struct pipeline_preview *t, struct pipeline *p,
    struct subject *s, struct pipeline_view *out)
{
	struct str key = subject_key(s);
	enum standing now;

	pipeline_look(p, s, out);
	now = out->verdict.rung > out->state.rung ? out->verdict.rung
						  : out->state.rung;
	if (out->state.is_operator)
		return false;
	out->in.rules = t->settings->rules;
	out->in.class_index = rules_class_of(
	    out->in.rules, subject_kind(s), key, out->in.owner.plan, NULL);
	out->in.is_shared = account_is_shared(&t->accounts, key);
	trial_judge(t->settings->trial, &out->in, &out->verdict);
	return out->verdict.rung >= STANDING_THROTTLED &&
	       out->verdict.rung > now;
}

const struct trial_rule *
pipeline_preview_tries(struct pipeline_preview *t, struct pipeline_view *out)
{
	struct verdict holds = out->verdict;
	const struct trial_rule *rule;

	if (!t->settings->trial || out->state.is_operator)
		return NULL;
	rule = trial_finds(t->settings->trial, &out->in, &holds, &out->verdict);
	return rule && out->verdict.rung > out->state.rung ? rule : NULL;
}
