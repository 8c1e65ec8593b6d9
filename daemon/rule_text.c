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
print_burst(const struct signal_spec *s, struct text *t)
{
	text_add(t, "signal { name = \"burst\";");
	print_window(t, "window", s->window);
	text_printf(t,
	    " floor = %lld; from_ratio = %lld; points = %lld; "
	    "points_max = %lld; history = %lld; }",
	    (long long)s->floor, (long long)s->from_ratio, (long long)s->points,
	    (long long)s->points_max, (long long)s->history);
}

static const struct signal_spec *
find_burst(const struct limits_rules *r)
{
	for (size_t i = 0; i < rules_classes(r); i++) {
		const struct rules_plan *p = rules_plan(r, SUBJECT_ACCOUNT, i);

		if (p && p->burst)
			return &p->burst->spec;
	}
	return NULL;
}

bool
rule_text_print(const struct limits_rules *r, struct str name, bool is_finished,
    struct text *t)
{
	const struct limit *limit = rules_find_limit(r, name);
	const struct signal_spec *burst =
	    is_finished && str_is(name, STR("burst")) ? find_burst(r) : NULL;

	if (limit)
		print_limit(r, limit, t);
	else if (burst)
		print_burst(burst, t);
	return limit || burst;
}
