/* trial_test - what a changed configuration puts on trial, and what holds */
#include "limits/trial.h"

#include "base/test.h"
#include "base/time.h"

enum { BEGAN = 1767225600, HOUR = 3600, DAY = 86400 };

static struct arena arena;

static void
put_one(const struct setting_table *t, const char *section, struct str pair,
    void *out)
{
	struct str name;
	struct error err;

	CHECK(str_cut(&pair, '=', &name));
	const struct setting *s = setting_find(t, str_from(section), name);

	CHECK(s != NULL);
	if (s && setting_put(s, pair, &arena, out, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

static void
put_all(const struct setting_table *t, const char *section, struct str text,
    void *out)
{
	struct str pair;

	if (t != &rules_signal_fields)
		setting_put_defaults(t, &arena, out);
	while (str_cut(&text, ';', &pair))
		put_one(t, section, pair, out);
}

static void
add(struct limits_rules *r, struct str kind, struct str text)
{
	struct error err = {.text = ""};
	struct class_spec class;
	struct limit_spec limit;
	struct signal_spec signal;
	int rc = 0;

	if (str_is(kind, STR("class"))) {
		put_all(&rules_class_fields, "class", text, &class);
		rc = rules_add_class(r, &class, STR(""), &err);
	} else if (str_is(kind, STR("limit"))) {
		put_all(&rules_limit_fields, "limit", text, &limit);
		rc = rules_add_limit(r, &limit, &err);
	} else {
		CHECK(rules_signal_defaults(r, STR("burst"), &signal));
		put_all(&rules_signal_fields, "signal", text, &signal);
		rc = rules_set_signal(r, STR("burst"), &signal, &err);
	}
	if (rc < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
}

/* "limit name=x;max=3;|signal points=6;|ladder score_watch=10;": classes come
 * before limits. */
static struct limits_rules *
make(const char *config)
{
	struct str rest = str_from(config), item, kind;
	struct limits_settings s;
	struct limits_rules *r;

	setting_put_defaults(&limits_settings_table, &arena, &s);
	while (str_cut(&rest, '|', &item)) {
		if (str_starts(item, STR("ladder ")))
			put_all(&limits_settings_table, "ladder",
			    str_skip(item, 7), &s);
	}
	r = rules_new(&s);
	rest = str_from(config);
	while (str_cut(&rest, '|', &item)) {
		if (!str_starts(item, STR("ladder ")) &&
		    str_cut(&item, ' ', &kind))
			add(r, kind, item);
	}
	return r;
}

/* "person-hour: max 200 instead of 300|burst: new" */
static void
print(const struct trial *t, struct text *out)
{
	text_clear(out);
	for (size_t i = 0; i < t->n; i++) {
		text_printf(out, "%s%s: ", i ? "|" : "", t->v[i].name);
		trial_print_change(t, &t->v[i], out);
	}
}

#define HOUR_300 "limit name=h;max=300;|"

static const struct {
	const char *before, *written, *trial;
} changes[] = {
    {"", "", ""},
    {HOUR_300, HOUR_300, ""},
    {HOUR_300, "", ""},
    {"", HOUR_300, "h: new"},
    {HOUR_300, "limit name=h;max=200;|", "h: max 200 instead of 300"},
    {HOUR_300, "limit name=h;max=400;|", ""},
    {HOUR_300, "limit name=h;max=300;window=2h;|",
	"h: window 2h instead of 1h"},
    {HOUR_300, "limit name=h;max=599;window=2h;|",
	"h: max 599 instead of 300, window 2h instead of 1h"},
    {HOUR_300, "limit name=h;max=600;window=2h;|", ""},
    {HOUR_300, "limit name=h;max=300;window=30m;|", ""},
    {HOUR_300, "limit name=h;max=300;class=person;|", ""},
    {"limit name=h;max=300;class=person;|", HOUR_300,
	"h: class any instead of person"},
    {"limit name=h;max=300;class=person;|", "limit name=h;max=300;class=bulk;|",
	"h: class bulk instead of person"},
    {HOUR_300, "limit name=h;max=300;younger_than=7d;|", ""},
    {"limit name=h;max=300;younger_than=7d;|", HOUR_300,
	"h: younger_than 0s instead of 7d"},
    {"limit name=h;max=300;younger_than=7d;|",
	"limit name=h;max=300;younger_than=1d;|", ""},
    {HOUR_300, "limit name=h;max=300;count=messages;|",
	"h: count messages instead of recipients"},
    {HOUR_300, "limit name=h;max=300;of=domain;|",
	"h: of domain instead of account"},
    {HOUR_300, "limit name=h;max=300;action=suspend;|",
	"h: action suspend instead of throttle"},
    {HOUR_300, "limit name=h;max=300;action=watch;|", ""},
    {HOUR_300, "limit name=h;max=300;points=90;|", "h: points 90 instead of 5"},
    {HOUR_300, "limit name=h;max=300;warn=10;|", ""},
    /* Renamed: the same limit. */
    {HOUR_300, "limit name=hourly;max=300;|", ""},
    {HOUR_300, "limit name=hourly;max=200;|", "hourly: max 200 instead of 300"},
    {HOUR_300, HOUR_300 "limit name=day;window=1d;max=9;|", "day: new"},
    {"", "signal points=6;|", "burst: it speaks earlier or louder"},
    {"", "signal floor=40;|", "burst: it speaks earlier or louder"},
    {"", "signal floor=60;|", ""},
    {"", "signal enabled=false;|", ""},
    {"signal enabled=false;|", "", "burst: new"},
    {"", "ladder score_suspend=80;|",
	"ladder: a score, a share or complaint_floor is lower"},
    {"ladder score_suspend=80;|", "", ""},
    {"", "class name=bulk;accounts=a@x;|",
	"classes: accounts, usual or at_most of a class changed"},
    {"class name=bulk;accounts=a@x;|", "class name=bulk;accounts=a@x;|", ""},
    {"", "class name=bulk;usual=5;|",
	"classes: accounts, usual or at_most of a class changed"},
    {"", "class name=bulk;at_most=watch;|", ""},
    {"class name=bulk;at_most=watch;|", "",
	"classes: accounts, usual or at_most of a class changed"},
};

static void
what_goes_on_trial(void)
{
	arena_init(&arena);
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct limits_rules *before = make(changes[i].before);
		struct limits_rules *written = make(changes[i].written);
		static struct trial t;
		char buf[512];
		struct text out;

		text_init(&out, buf, sizeof(buf));
		trial_compare(written, before, 1, NULL, BEGAN, DAY, &t);
		print(&t, &out);
		if (!str_is(text_view(&out), str_from(changes[i].trial)))
			test_fail(__FILE__, __LINE__, "\"%s\" to \"%s\": %s",
			    changes[i].before, changes[i].written, buf);
		trial_compare(written, before, 1, NULL, BEGAN, 0, &t);
		CHECK_INT(t.n, 0);
		rules_free(&before);
		rules_free(&written);
	}
	arena_done(&arena);
}

static uint64_t
max_of(const struct limits_rules *r, const char *name)
{
	const struct limit *l = rules_find_limit(r, str_from(name));

	return l ? l->max : 0;
}

/* One after the other: what is in force, what is on trial, since when. */
static void
several_changes_in_a_row(void)
{
	static const struct {
		const char *config;
		uint64_t in_force;
		int64_t since; /* hours; -1: not on trial */
	} steps[] = {
	    {"limit name=h;max=300;|", 300, -1},
	    {"limit name=h;max=200;|", 300, 1},
	    {"limit name=h;max=200;|limit name=d;max=9;window=1d;|", 300, 1},
	    {"limit name=h;max=250;|", 300, 1}, /* milder than what is tried */
	    {"limit name=h;max=150;|", 300, 4}, /* stricter: from the start */
	    {"limit name=h;max=350;|", 350, -1},
	    {"limit name=h;max=340;|", 350, 6},
	    {"", 0, -1},
	    {"limit name=h;max=340;|", 0, 8},
	};
	enum { STEPS = sizeof(steps) / sizeof(steps[0]) };
	static struct trial t[STEPS];
	struct limits_rules *r[STEPS];

	arena_init(&arena);
	for (size_t i = 0; i < STEPS; i++) {
		r[i] = make(steps[i].config);
		if (i == 0)
			continue;
		trial_compare(r[i], r[i - 1], i, &t[i - 1],
		    BEGAN + (int64_t)i * HOUR, DAY, &t[i]);
		struct limits_rules *in_force = trial_compose(&t[i]);
		const struct trial_rule *on = trial_find(&t[i], "h");

		CHECK_INT(max_of(in_force, "h"), steps[i].in_force);
		CHECK_INT(on ? (on->since - BEGAN) / HOUR : -1, steps[i].since);
		if (on)
			CHECK_INT(on->until - on->since, DAY);
		rules_free(&in_force);
	}
	for (size_t i = 0; i < STEPS; i++)
		rules_free(&r[i]);
	arena_done(&arena);
}

static void
a_version_is_of_what_counts(void)
{
	arena_init(&arena);
	struct limits_rules *a = make("limit name=h;max=300;warn=10;|");
	struct limits_rules *b = make("limit name=h;max=300;|");
	struct limits_rules *c = make("limit name=h;max=301;|");

	CHECK(trial_version(a, "h") != 0);
	CHECK(trial_version(a, "h") == trial_version(b, "h"));
	CHECK(trial_version(a, "h") != trial_version(c, "h"));
	CHECK(trial_version(a, "burst") == trial_version(b, "burst"));
	CHECK_INT(trial_version(a, "nothing"), 0);
	rules_free(&a);
	rules_free(&b);
	rules_free(&c);
	arena_done(&arena);
}

static struct {
	struct ledger *ledger;
	struct limits_rules *before, *written, *in_force;
	struct trial trial;
} on;

static void
start(const char *before, const char *written)
{
	struct error err;

	arena_init(&arena);
	on.ledger = ledger_new(&(struct ledger_options){.max_subjects = 100});
	on.before = make(before);
	on.written = make(written);
	trial_compare(on.written, on.before, 1, NULL, BEGAN, DAY, &on.trial);
	on.in_force = trial_compose(&on.trial);
	CHECK_INT(rules_finish(on.written, on.ledger, &err), 0);
	CHECK_INT(rules_finish(on.in_force, on.ledger, &err), 0);
}

static void
stop(void)
{
	rules_free(&on.in_force);
	rules_free(&on.written);
	rules_free(&on.before);
	ledger_free(&on.ledger);
	arena_done(&arena);
}

static void
send_mail(const char *account, int n)
{
	static char to[1000]; /* as many, each longer than the one before */

	memset(to, 'r', sizeof(to));
	for (int i = 0; i < n; i++) {
		struct ledger_touched touched;
		struct fact f = {.kind = FACT_RECIPIENT,
		    .is_outward = true,
		    .at = BEGAN + i,
		    .account = str_from(account),
		    .recipient = str_make(to, (size_t)(i + 1)),
		    .n = 1};

		f.accepted_at = f.at;
		ledger_add(on.ledger, &f, &touched);
	}
}

struct judged {
	enum standing holds, tried;
	const char *rule; /* of what is tried; "": nothing is found */
};

static struct judged
judge_account(const char *account, int n)
{
	struct str key = str_from(account);
	struct verdict holds, tried;

	if (n > 0)
		send_mail(account, n);
	struct judge_input in = {.rules = on.in_force,
	    .ledger = on.ledger,
	    .subject = ledger_get(on.ledger, SUBJECT_ACCOUNT, key),
	    .class_index = rules_class(on.in_force, SUBJECT_ACCOUNT, key),
	    .now = ledger_now(on.ledger)};

	trial_judge(&on.trial, &in, &holds);
	const struct trial_rule *r =
	    trial_finds(&on.trial, &in, &holds, &tried);

	return (struct judged){
	    holds.rung, r ? tried.rung : STANDING_GOOD, r ? r->name : ""};
}

static void
expect(int line, const char *account, int n, enum standing holds,
    enum standing tried, const char *rule)
{
	struct judged j = judge_account(account, n);

	if (j.holds != holds || j.tried != tried || strcmp(j.rule, rule) != 0)
		test_fail(__FILE__, line, "%s: %s, tried %s by %s", account,
		    standing_text(j.holds), standing_text(j.tried), j.rule);
}
#define EXPECT(...) expect(__LINE__, __VA_ARGS__)
#define QUIET "signal enabled=false;|"

static void
a_stricter_limit_is_only_tried(void)
{
	start(QUIET "limit name=h;max=30;|", QUIET "limit name=h;max=20;|");
	EXPECT("a@x", 20, STANDING_GOOD, STANDING_GOOD, "");
	EXPECT("a@x", 1, STANDING_GOOD, STANDING_THROTTLED, "h");
	EXPECT("a@x", 9, STANDING_GOOD, STANDING_THROTTLED, "h");
	EXPECT("a@x", 1, STANDING_THROTTLED, STANDING_GOOD, "");
	stop();
}

static void
what_is_milder_or_gone_holds_at_once(void)
{
	start(QUIET "limit name=h;max=30;|limit name=d;max=10;window=1d;|"
		    "limit name=gone;max=5;window=2h;|",
	    QUIET "limit name=h;max=20;|limit name=d;max=50;window=1d;|");
	EXPECT("a@x", 15, STANDING_GOOD, STANDING_GOOD, "");
	EXPECT("a@x", 6, STANDING_GOOD, STANDING_THROTTLED, "h");
	stop();
}

/* Out of bulk: the limits of persons, which are stricter, are only tried. Into
 * bulk: milder, at once. */
static void
who_moved_is_judged_by_the_milder_class(void)
{
	static const char limits[] =
	    "limit name=p;max=20;class=person;|limit name=b;max=50;class=bulk;|";
	char before[512], written[512];
	struct text t;

	text_init(&t, before, sizeof(before));
	text_printf(&t, QUIET "class name=bulk;accounts=old@x;|%s", limits);
	text_init(&t, written, sizeof(written));
	text_printf(&t, QUIET "class name=bulk;accounts=new@x;|%s", limits);
	start(before, written);
	EXPECT("old@x", 21, STANDING_GOOD, STANDING_THROTTLED, TRIAL_CLASSES);
	EXPECT("old@x", 30, STANDING_THROTTLED, STANDING_GOOD, "");
	EXPECT("new@x", 21, STANDING_GOOD, STANDING_GOOD, "");
	EXPECT("new@x", 30, STANDING_THROTTLED, STANDING_GOOD, "");
	EXPECT("other@x", 21, STANDING_THROTTLED, STANDING_GOOD, "");
	stop();
}

static void
a_lower_ladder_and_a_louder_signal_are_tried(void)
{
	start("limit name=h;max=300;|",
	    "limit name=h;max=300;|signal points=50;points_max=60;|");
	EXPECT("a@x", 150, STANDING_WATCHED, STANDING_THROTTLED, "burst");
	stop();
	start("limit name=h;max=300;|",
	    "limit name=h;max=300;|ladder score_throttle=20;|");
	EXPECT("a@x", 150, STANDING_WATCHED, STANDING_THROTTLED, TRIAL_LADDER);
	stop();
}

static void
nothing_on_trial_is_judge(void)
{
	start(QUIET HOUR_300, QUIET HOUR_300);
	CHECK_INT(on.trial.n, 0);
	EXPECT("a@x", 301, STANDING_THROTTLED, STANDING_GOOD, "");
	stop();
}

TESTS(TEST(what_goes_on_trial), TEST(several_changes_in_a_row),
    TEST(a_version_is_of_what_counts), TEST(a_stricter_limit_is_only_tried),
    TEST(what_is_milder_or_gone_holds_at_once),
    TEST(who_moved_is_judged_by_the_milder_class),
    TEST(a_lower_ladder_and_a_louder_signal_are_tried),
    TEST(nothing_on_trial_is_judge))
