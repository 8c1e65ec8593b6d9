/* trials_test - rules on trial, from a reload to their end, over a restart */
#include "config/trials.h"

#include <sys/stat.h>

#include "config/generations.h"
#include "daemon/pipeline_script.h"

enum { DAY = 86400 };

static char dir[64];

static void
make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/trials-XXXXXX");
	if (!mkdtemp(dir))
		fatal("%s", dir);
}

static void
remove_dir(void)
{
	char path[128];

	for (int i = 1; i < 10; i++) {
		snprintf(path, sizeof(path), "%s/config/%06d", dir, i);
		unlink(path);
	}
	snprintf(path, sizeof(path), "%s/config", dir);
	rmdir(path);
	rmdir(dir);
}

/* The limit "h" of so many in an hour, and whatever else. */
static struct settings *
configure(int max, const char *more)
{
	char words[512];

	snprintf(words, sizeof(words),
	    "state_dir = \"%s\";\nlimits = ( { name = \"h\"; max = %d; } );\n"
	    "signals = ( { name = \"burst\"; enabled = false; } );\n%s",
	    dir, max, more);
	load_settings(words);
	return t.settings;
}

static void
keep(const struct settings *s, int64_t now)
{
	struct error err;

	CHECK_INT(generations_keep(s, now, &err), 0);
}

/* As a reload does. */
static struct settings *
reload(const struct settings *before, int max, const char *more, int64_t now)
{
	struct settings *s = configure(max, more);
	struct error err;

	CHECK_INT(trials_begin(s, before, now, &err), 0);
	keep(s, now);
	return s;
}

static uint64_t
max_of(const struct settings *s)
{
	return rules_find_limit(s->rules, STR("h"))->max;
}

static void
order(struct standings *s, uint64_t version, int64_t until, int64_t at)
{
	struct standing_state state = {.last_us = 0};
	const struct sanction_about a = {
	    .node = "n", .seq = 1, .now_us = at * TIME_US, .state = &state};
	static struct event e;

	sanction_trial(
	    &a, STR("h"), version, until, STR("root"), STR("because"), &e);
	CHECK(standings_fold(s, &e));
	CHECK(!standings_fold(s, &e));
}

static struct standings *
no_orders(void)
{
	return standings_new(&(struct standings_options){100, DAY});
}

static void
a_restart_changes_nothing(void)
{
	struct standings *s = no_orders();
	struct error err;

	make_dir();
	struct settings *a = configure(8, "");

	CHECK_INT(trials_restore(a, &err), 0);
	CHECK(!a->trial);
	keep(a, BEGAN);
	struct settings *b = reload(a, 4, "", BEGAN + 10);

	CHECK_INT(max_of(b), 8);
	settings_free(&a);
	settings_free(&b);
	struct settings *c = configure(4, "");

	CHECK_INT(trials_restore(c, &err), 0);
	const struct trial_rule *on = trial_find(c->trial, "h");

	CHECK_INT(max_of(c), 8);
	CHECK_INT(on ? on->since : 0, BEGAN + 10);
	CHECK_INT(on ? on->until : 0, BEGAN + 10 + DAY);
	CHECK(!trials_settle(c, s, BEGAN + 9 + DAY));
	CHECK(trials_settle(c, s, BEGAN + 10 + DAY));
	CHECK(!c->trial);
	CHECK_INT(max_of(c), 4);
	CHECK(!trials_settle(c, s, BEGAN + 11 + DAY));
	/* What is over is no trial when it is read again. */
	struct settings *d = reload(c, 4, "", BEGAN + 12 + DAY);

	CHECK(!d->trial);
	settings_free(&c);
	settings_free(&d);
	standings_free(&s);
	remove_dir();
}

static void
an_operator_decides(void)
{
	struct standings *s = no_orders();

	make_dir();
	struct settings *a = configure(8, "");

	keep(a, BEGAN);
	struct settings *b = reload(a, 4, "", BEGAN);
	uint64_t version = b->trial->v[0].version;

	order(s, version + 1, 0, BEGAN + 1);
	CHECK(!trials_settle(b, s, BEGAN + 2)); /* of another version */
	order(s, version, BEGAN + 3 * DAY, BEGAN + 2);
	CHECK(!trials_settle(b, s, BEGAN + 2 * DAY));
	CHECK_INT(b->trial->v[0].until, BEGAN + 3 * DAY);
	order(s, version, 0, BEGAN + 2 * DAY);
	CHECK(trials_settle(b, s, BEGAN + 2 * DAY));
	CHECK_INT(max_of(b), 4);
	settings_free(&b);
	/* Another node reads it an hour later: decided is decided. */
	b = reload(a, 4, "", BEGAN + 2 * DAY + 3600);
	CHECK(trials_settle(b, s, BEGAN + 2 * DAY + 3600));
	CHECK_INT(max_of(b), 4);
	settings_free(&b);
	/* Next month it is another matter. */
	b = reload(a, 4, "", BEGAN + 30 * DAY);
	CHECK(!trials_settle(b, s, BEGAN + 30 * DAY));
	CHECK_INT(max_of(b), 8);
	settings_free(&b);
	settings_free(&a);
	standings_free(&s);
	remove_dir();
}

static bool
is_kept(const struct settings *s, uint64_t number)
{
	struct settings *old = generations_load(s, number, false);
	bool is_there = old != NULL;

	settings_free(&old);
	return is_there;
}

static void
what_holds_meanwhile_is_kept(void)
{
	struct settings *s[4];

	make_dir();
	s[0] = configure(8, "");
	keep(s[0], BEGAN);
	for (int i = 1; i < 4; i++) {
		char more[128];

		snprintf(more, sizeof(more),
		    "configs_kept = 2;\nladder: { watch_for = "
		    "\"%dh\"; };\n",
		    i);
		s[i] = reload(s[i - 1], 4, more, BEGAN + i);
		CHECK_INT(s[i]->trial->v[0].since, BEGAN + 1);
		CHECK_INT(max_of(s[i]), 8);
	}
	CHECK(is_kept(s[3], 1));
	CHECK(!is_kept(s[3], 2));
	CHECK(is_kept(s[3], 3));
	CHECK(is_kept(s[3], 4));
	for (int i = 0; i < 4; i++)
		settings_free(&s[i]);
	remove_dir();
}

static void
what_cant_be_read_any_more_holds_at_once(void)
{
	char path[128];
	struct error err;

	make_dir();
	struct settings *a = configure(8, "");

	keep(a, BEGAN);
	struct settings *b = reload(a, 4, "", BEGAN);

	snprintf(path, sizeof(path), "%s/config/000001", dir);
	CHECK_INT(unlink(path), 0);
	struct settings *c = configure(4, "");

	CHECK_INT(trials_restore(c, &err), -1);
	CHECK(!c->trial);
	CHECK_INT(max_of(c), 4);
	settings_free(&a);
	settings_free(&b);
	settings_free(&c);
	remove_dir();
}

/* Then its patterns are unknown, and nothing else. */
static void
a_list_of_accounts_may_be_gone(void)
{
	char path[128], more[256];
	struct error err;

	make_dir();
	snprintf(path, sizeof(path), "%s/bulk", dir);
	snprintf(more, sizeof(more),
	    "classes = ( { name = \"bulk\"; file = \"%s\"; } );\n", path);
	FILE *f = fopen(path, "w");

	CHECK(f && fputs("news@x.example\n", f) > 0 && fclose(f) == 0);
	struct settings *a = configure(8, more);

	keep(a, BEGAN);
	CHECK_INT(unlink(path), 0);
	struct settings *b = reload(a, 4, "", BEGAN);

	CHECK(trial_find(b->trial, "h") != NULL);
	CHECK(trial_find(b->trial, TRIAL_CLASSES) != NULL);
	CHECK_INT(max_of(b), 8);
	struct settings *c = configure(4, "");

	CHECK_INT(trials_restore(c, &err), 0);
	CHECK_INT(max_of(c), 8);
	settings_free(&a);
	settings_free(&b);
	settings_free(&c);
	remove_dir();
}

/* What policy and log see: nobody is stopped by what is only tried. */
static void
mail_flows_until_what_held_before(void)
{
	char words[512];
	struct error err;

	make_dir();
	snprintf(words, sizeof(words),
	    "state_dir = \"%s\";\n"
	    "limits = ( { name = \"h\"; max = 8; warn = 0; } );\n"
	    "signals = ( { name = \"burst\"; enabled = false; } );",
	    dir);
	begin(words);
	struct settings *a = t.settings;

	keep(a, BEGAN);
	struct settings *b = reload(a, 4, "", BEGAN);

	CHECK_INT(pipeline_set(t.p, b, &err), 0);
	send_mail(ALICE, 4);
	CHECK_STR(verdicts(), STR(""));
	send_mail(ALICE, 1);
	send_mail(ALICE, 1);
	CHECK_STR(verdicts(), STR(ALICE " throttled (observed) by h|"));
	CHECK_INT(standing_of(ALICE), STANDING_GOOD);
	const struct ask ask = {ALICE, "4.1.1", "", 1};

	CHECK_INT(ask_many(&ask, 5), 2);
	CHECK_INT(standing_of(ALICE), STANDING_THROTTLED);
	CHECK_STR(verdicts(), STR(ALICE " throttled by h|"));
	/* The end: who was over it is judged by what comes. */
	send_mail(EVE, 6);
	CHECK_STR(verdicts(), STR(EVE " throttled (observed) by h|"));
	CHECK(trials_settle(b, pipeline_standings(t.p), BEGAN + DAY));
	CHECK_INT(pipeline_set(t.p, b, &err), 0);
	CHECK_INT(standing_of(EVE), STANDING_GOOD);
	send_mail(EVE, 1);
	CHECK_STR(verdicts(), STR(EVE " throttled by h|"));
	end();
	settings_free(&a);
	remove_dir();
}

TESTS(TEST(a_restart_changes_nothing), TEST(an_operator_decides),
    TEST(what_holds_meanwhile_is_kept),
    TEST(what_cant_be_read_any_more_holds_at_once),
    TEST(a_list_of_accounts_may_be_gone),
    TEST(mail_flows_until_what_held_before))
