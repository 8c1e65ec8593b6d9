/* rule_text - a rule as it would stand in the configuration */
#include "daemon/rule_text.h"

#include "base/time.h"

static void
print_window(struct text *t, const char *name, int64_t seconds)
{
	text_printf(t, " %s = \"", name);
	time_duration(t, seconds);
	text_add(t, "\";");
}

static void
print_limit(const struct limits_rules *r, const struct limit *l, struct text *t)
{
	text_printf(t, "limit { name = \"%s\"; of = \"%s\"; count = \"%s\";",
	    l->name, subject_kind_text(l->of), limit_count_text(l->count));
	print_window(t, "window", l->window);
	text_printf(t, " max = %llu;", (unsigned long long)l->max);
	if (l->class_index != LIMIT_ANY_CLASS)
		text_printf(t, " class = \"%s\";",
		    rules_class_at(r, (size_t)l->class_index)->name);
	if (l->younger_than)
		print_window(t, "younger_than", l->younger_than);
	text_printf(t, " warn = %u; action = \"%s\"; points = %d; }", l->warn,
	    standing_action(l->action), l->points);
}

static void
print_signal(const struct rules_signal *sig, struct text *t)
{
	const struct signal_spec *s = &sig->spec;

	text_printf(t, "signal { name = \"%s\";", sig->name);
	print_window(t, "window", s->window);
	if (s->younger_than)
		print_window(t, "younger_than", s->younger_than);
	text_printf(t,
	    " floor = %lld; from_ratio = %lld; points = %lld; "
	    "points_max = %lld; history = %lld; share = %lld;%s }",
	    (long long)s->floor, (long long)s->from_ratio, (long long)s->points,
	    (long long)s->points_max, (long long)s->history,
	    (long long)s->share, s->observe ? " observe = true;" : "");
}

static const struct rules_signal *
find_signal(const struct limits_rules *r, struct str name)
{
	for (size_t i = 0; i < SIGNALS; i++) {
		const struct rules_signal *s = rules_signal_at(r, i);

		if (str_is(name, str_from(s->name)) && s->spec.enabled)
			return s;
	}
	return NULL;
}

bool
rule_text_print(const struct limits_rules *r, struct str name, bool is_finished,
    struct text *t)
{
	const struct limit *limit = rules_find_limit(r, name);
	const struct rules_signal *signal =
	    is_finished ? find_signal(r, name) : NULL;

	if (limit)
		print_limit(r, limit, t);
	else if (signal)
		print_signal(signal, t);
	return limit || signal;
}
