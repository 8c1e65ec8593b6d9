/* pipeline_trial - what a configuration that isn't in force would say */
#include "daemon/pipeline_state.h"

int
pipeline_trial_init(struct pipeline_trial *t, struct pipeline *p,
    const struct settings *s, struct error *err)
{
	t->settings = s;
	account_rules_init(&t->accounts, &s->mta);
	return rules_finish(s->rules, p->ledger, err);
}

bool
pipeline_trial_stops(struct pipeline_trial *t, struct pipeline *p,
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
	out->in.class_index = rules_class(out->in.rules, subject_kind(s), key);
	out->in.is_shared = account_is_shared(&t->accounts, key);
	judge(&out->in, &out->verdict);
	return out->verdict.rung >= STANDING_THROTTLED &&
	       out->verdict.rung > now;
}
