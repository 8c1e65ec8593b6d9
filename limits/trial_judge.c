/* trial_judge - verdicts while rules are on trial */
#include "limits/trial.h"

#include "limits/rules_plan.h"

/* The class it was in, as the rules in force number it; SIZE_MAX: the same. */
static size_t
class_before(const struct trial *t, const struct judge_input *in)
{
	const struct trial_rule *on = trial_find(t, TRIAL_CLASSES);
	const struct limits_rules *r = in->rules;

	if (!on)
		return SIZE_MAX;
	const char *name =
	    on->kept
		->classes[rules_class_of(on->kept, subject_kind(in->subject),
		    subject_key(in->subject), in->owner.plan, NULL)]
		.name;

	if (strcmp(name, r->classes[in->class_index].name) == 0)
		return SIZE_MAX;
	for (size_t i = 0; i < r->n_classes; i++) {
		if (strcmp(r->classes[i].name, name) == 0)
			return i;
	}
	return SIZE_MAX;
}

void
trial_judge(const struct trial *t, struct judge_input *in, struct verdict *out)
{
	struct judge_input other = *in;
	struct verdict then;

	judge(in, out);
	if (!t || out->rung == STANDING_GOOD)
		return;
	other.class_index = class_before(t, in);
	if (other.class_index == SIZE_MAX)
		return;
	judge(&other, &then);
	if (then.rung >= out->rung)
		return;
	*out = then;
	in->class_index = other.class_index;
}

static const struct trial_rule *
blame(const struct trial *t, const struct verdict *v)
{
	const struct trial_rule *on = NULL;

	for (size_t i = 0; !on && i < v->n_reasons; i++) {
		if (!v->reasons[i].is_warning)
			on = trial_find(t, v->reasons[i].rule);
	}
	if (!on)
		on = trial_find(t, TRIAL_CLASSES);
	return on ? on : trial_find(t, TRIAL_LADDER);
}

const struct trial_rule *
trial_finds(const struct trial *t, const struct judge_input *in,
    const struct verdict *holds, struct verdict *out)
{
	struct judge_input written = *in;

	written.rules = t->written;
	written.class_index =
	    rules_class_of(t->written, subject_kind(in->subject),
		subject_key(in->subject), in->owner.plan, NULL);
	judge(&written, out);
	if (out->rung < STANDING_THROTTLED || out->rung <= holds->rung)
		return NULL;
	return blame(t, out);
}
