/* rules_test - the limits, classes and signals of a config generation */
#include "limits/rules.h"

#include "base/test.h"

static struct arena arena;

static struct limits_rules *
new_rules(void)
{
	struct limits_settings s;

	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &s);
	return rules_new(&s);
}

static void
free_rules(struct limits_rules *r)
{
	rules_free(&r);
	arena_done(&arena);
}

/* "name=x,max=3" over the defaults; values with a comma don't occur here. */
static void
parse(const struct setting_table *t, const char *section, const char *text,
    void *out)
{
	struct str rest = str_from(text), pair, name;
	struct error err;

	setting_put_defaults(t, &arena, out);
	while (rest.n > 0) {
		if (!str_cut(&rest, ';', &pair)) {
			pair = rest;
			rest.n = 0;
		}
		CHECK(str_cut(&pair, '=', &name));
		const struct setting *s =
		    setting_find(t, str_from(section), name);

		CHECK(s != NULL);
		if (s && setting_put(s, pair, &arena, out, &err) < 0)
			test_fail(__FILE__, __LINE__, "%s", err.text);
	}
}

static int
add_limit(struct limits_rules *r, const char *text, struct error *err)
{
	struct limit_spec spec;

	parse(&rules_limit_fields, "limit", text, &spec);
	return rules_add_limit(r, &spec, err);
}

static int
add_class(struct limits_rules *r, const char *text, const char *accounts,
    struct error *err)
{
	struct class_spec spec;

	parse(&rules_class_fields, "class", text, &spec);
	return rules_add_class(r, &spec, str_from(accounts), err);
}

static void
bad_limits_are_refused(void)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
	    {"max=3", "a limit needs a name"},
	    {"name=a b;max=3", "no printable ASCII"},
	    {"name=x", "limit \"x\" needs a max of at least 1"},
	    {"name=x;max=3;of=moon", "nothing is counted of \"moon\""},
	    {"name=x;max=3;count=moons", "unknown count \"moons\""},
	    {"name=x;max=3;class=nobody", "unknown class \"nobody\""},
	    {"name=x;max=3;count=login_failed", "anybody can fail to log in"},
	    {"name=x;max=3;class=person;of=domain", "only accounts have a"},
	    {"name=x;max=3;action=shout", "action must be watch, throttle"},
	    {"name=x;max=3;action=good", "action must be watch, throttle"},
	    {"name=x;max=3;count=distinct_recipients;window=2h",
		"1h and 1d only"},
	    {"name=x;max=16;count=distinct_networks", "max must be less"},
	    {"name=first;max=3;window=2h", "limit \"first\" is given twice"},
	    {"name=second;max=99", "limit \"second\" contradicts \"first\""},
	};
	struct limits_rules *r = new_rules();
	struct error err;

	CHECK_INT(add_limit(r, "name=first;max=10", &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CHECK_INT(add_limit(r, cases[i].text, &err), -1);
		if (!strstr(err.text, cases[i].error))
			test_fail(__FILE__, __LINE__, "\"%s\" not in \"%s\"",
			    cases[i].error, err.text);
	}
	/* Different in one of count, window, class or age: no contradiction. */
	CHECK_INT(add_limit(r, "name=a;max=10;count=messages", &err), 0);
	CHECK_INT(add_limit(r, "name=b;max=10;window=2h", &err), 0);
	CHECK_INT(add_limit(r, "name=c;max=10;class=bulk", &err), 0);
	CHECK_INT(add_limit(r, "name=d;max=10;younger_than=7d", &err), 0);
	CHECK_INT(add_limit(r, "name=e;max=10;of=domain", &err), 0);
	CHECK_INT(rules_limits(r), 6);
	free_rules(r);
}

static void
bad_classes_and_signals_are_refused(void)
{
	struct limits_rules *r = new_rules();
	struct signal_spec spec;
	struct error err;

	CHECK_INT(add_class(r, "usual=3", "", &err), -1);
	CHECK_INT(add_class(r, "name=club;at_most=never", "", &err), -1);
	CHECK_INT(add_class(r, "name=club", "", &err), 0);
	CHECK_INT(add_class(r, "name=club", "", &err), -1);
	CHECK_STR(str_from(err.text), STR("class \"club\" is given twice"));
	CHECK_INT(add_class(r, "name=shared;accounts=webmail@*", "", &err), 0);
	CHECK_INT(add_class(r, "name=shared", "", &err), -1);
	parse(&rules_signal_fields, "signal", "floor=10", &spec);
	CHECK_INT(rules_set_signal(r, STR("moon"), &spec, &err), -1);
	CHECK_INT(rules_set_signal(r, STR("burst"), &spec, &err), 0);
	free_rules(r);
}

static void
a_plan_counts_where_no_pattern_does(void)
{
	static const struct {
		const char *account, *plan, *class, *why;
	} cases[] = {
	    {"a@x.example", "", "person", "default"},
	    {"a@x.example", "basic", "basic", "plan"},
	    {"a@x.example", "pro-7", "pro", "plan"},
	    {"a@x.example", "unheard of", "person", "default"},
	    {"a@news.example", "basic", "bulk", "pattern"},
	    {"fwd:a@x.example", "", "forward", "default"},
	};
	struct limits_rules *r = new_rules();
	struct error err;
	const char *why;

	CHECK(!rules_ask_owners(r));
	CHECK_INT(add_class(r, "name=basic;plans=basic", "", &err), 0);
	CHECK_INT(add_class(r, "name=pro;plans=pro-*", "", &err), 0);
	CHECK_INT(
	    add_class(r, "name=bulk;accounts=*@news.example", "", &err), 0);
	CHECK(rules_ask_owners(r));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t c = rules_class_of(r, SUBJECT_ACCOUNT,
		    str_from(cases[i].account), str_from(cases[i].plan), &why);

		CHECK_STR(str_from(rules_class_at(r, c)->name),
		    str_from(cases[i].class));
		CHECK_STR(str_from(why), str_from(cases[i].why));
	}
	free_rules(r);
}

static void
first_class_with_a_match_wins(void)
{
	static const struct {
		const char *account, *class;
	} cases[] = {
	    {"a@example.org", "person"},
	    {"boss@club.example", "staff"},
	    {"boss2@club.example", "club"},
	    {"news@x.example", "bulk"},
	    {"noreply-7@any.example", "bulk"},
	    {"fwd:boss2@club.example", "forward"},
	    {"fwd:big@x.example", "bulk"},
	    {"uid:www-data", "shared"},
	    {"ip:192.0.2.1", "shared"},
	    {"webmail@x.example", "shared"},
	    {"comment@x.example", "person"},
	    {"odd#name@x.example", "bulk"},
	    {"", "person"},
	};
	struct limits_rules *r = new_rules();
	struct error err;

	CHECK_INT(
	    add_class(r, "name=staff;accounts=boss@club.example", "", &err), 0);
	CHECK_INT(
	    add_class(r, "name=club;accounts=*@Club.example", "", &err), 0);
	CHECK_INT(add_class(r, "name=bulk;accounts=noreply-*@*,fwd:big@*",
		      "# list\nnews@x.example # ours\n\n#comment@x.example\r\n"
		      "odd#name@x.example",
		      &err),
	    0);
	CHECK_INT(add_class(r, "name=shared;accounts=webmail@*", "", &err), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t c =
		    rules_class(r, SUBJECT_ACCOUNT, str_from(cases[i].account));

		CHECK_STR(str_from(rules_class_at(r, c)->name),
		    str_from(cases[i].class));
	}
	CHECK_INT(
	    rules_class(r, SUBJECT_DOMAIN, STR("club.example")), CLASS_PERSON);
	free_rules(r);
}

static void
shipped_limits_hold(void)
{
	struct limits_rules *r = new_rules();
	struct ledger *l =
	    ledger_new(&(struct ledger_options){.max_subjects = 100});
	struct error err;

	rules_add_shipped(r);
	CHECK_INT(rules_limits(r), 11);
	CHECK_INT(rules_finish(r, l, &err), 0);
	const struct limit *day = rules_find_limit(r, STR("person-day"));

	CHECK(day && day->max == 1000 && day->window == 86400 &&
	      day->count == COUNT_RECIPIENTS && day->warn == 80 &&
	      day->action == STANDING_THROTTLED && day->points == 5);
	CHECK_INT(rules_plan(r, SUBJECT_ACCOUNT, CLASS_PERSON)->n_limits, 4);
	CHECK_INT(rules_plan(r, SUBJECT_ACCOUNT, CLASS_BULK)->n_limits, 2);
	CHECK_INT(rules_plan(r, SUBJECT_ACCOUNT, CLASS_SHARED)->n_limits, 1);
	CHECK_INT(rules_plan(r, SUBJECT_DOMAIN, CLASS_PERSON)->n_limits, 1);
	CHECK_INT(rules_plan(r, SUBJECT_DOMAIN, CLASS_PERSON)->n_signals, 0);
	CHECK_INT(
	    rules_plan(r, SUBJECT_ACCOUNT, CLASS_PERSON)->n_signals, SIGNALS);
	CHECK_INT(rules_plan(r, SUBJECT_ACCOUNT, CLASS_FORWARD)->n_signals, 2);
	CHECK_INT(rules_plan(r, SUBJECT_CLAIMED, CLASS_PERSON)->n_signals, 2);
	ledger_free(&l);
	free_rules(r);
}

static void
the_ladder_must_ascend(void)
{
	struct limits_settings s;
	struct error err;

	arena_init(&arena);
	setting_put_defaults(&limits_settings_table, &arena, &s);
	CHECK_INT(limits_settings_check(&s, &err), 0);
	s.score_hold = 101;
	CHECK_INT(limits_settings_check(&s, &err), -1);
	s.score_hold = 70;
	s.suspend_text = "no %x here";
	CHECK_INT(limits_settings_check(&s, &err), -1);
	CHECK_STR(
	    str_from(err.text), STR("suspend_text: unknown placeholder %x"));
	arena_done(&arena);
}

TESTS(TEST(bad_limits_are_refused), TEST(bad_classes_and_signals_are_refused),
    TEST(first_class_with_a_match_wins),
    TEST(a_plan_counts_where_no_pattern_does), TEST(shipped_limits_hold),
    TEST(the_ladder_must_ascend))
