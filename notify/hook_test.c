#include "notify/hook.h"

#include <stdio.h>

#include "base/test.h"
#include "base/time.h"

static struct arena arena;
static struct hook_settings hook;

static void
begin(const char *const *command, size_t n, const char *const *on, size_t n_on)
{
	arena_init(&arena);
	setting_put_defaults(&hook_settings_table, &arena, &hook);
	hook.name = "h";
	hook.command = (struct setting_list){command, n};
	hook.on = (struct setting_list){on, n_on};
}

static struct event
event(enum event_type type, const char *rung, const char *account)
{
	struct event e = {.type = type, .until = TIME_NEVER};

	snprintf(e.kind, sizeof(e.kind), "account");
	snprintf(e.rung, sizeof(e.rung), "%s", rung);
	snprintf(e.subject, sizeof(e.subject), "%s", account);
	snprintf(e.rule, sizeof(e.rule), "person-hour");
	snprintf(e.file, sizeof(e.file), "0123456789abcdef0123456789abcdef");
	return e;
}

static void
it_runs_when_an_account_is_stopped_or_goes_on(void)
{
	static const char *const on[] = {"suspended", "held", "lifted"};
	static const char *const command[] = {"/bin/true"};
	struct event e = event(EVENT_SANCTION, "suspended", "a@b.example");

	begin(command, 1, on, 3);
	CHECK(hook_wants(&hook, &e));
	hook.on.n = 1;
	CHECK(hook_wants(&hook, &e));
	e = event(EVENT_SANCTION, "held", "a@b.example");
	CHECK(!hook_wants(&hook, &e));
	hook.on.n = 3;
	CHECK(hook_wants(&hook, &e));
	e.is_observed = true;
	CHECK(!hook_wants(&hook, &e));
	e = event(EVENT_SANCTION, "suspended", "a@b.example");
	snprintf(e.how, sizeof(e.how), "trial");
	CHECK(!hook_wants(&hook, &e));
	e = event(EVENT_SANCTION, "throttled", "a@b.example");
	CHECK(!hook_wants(&hook, &e));
	e = event(EVENT_LIFT, "throttled", "a@b.example");
	CHECK(!hook_wants(&hook, &e));
	e = event(EVENT_LIFT, "held", "a@b.example");
	CHECK(hook_wants(&hook, &e) && hook_is_end(&e));
	e = event(EVENT_EXPIRE, "suspended", "a@b.example");
	CHECK(hook_wants(&hook, &e));
	e = event(EVENT_UNDONE, "suspended", "a@b.example");
	CHECK(hook_wants(&hook, &e));
	snprintf(e.kind, sizeof(e.kind), "domain");
	CHECK(!hook_wants(&hook, &e));
	e = event(EVENT_ALARM, "suspended", "a@b.example");
	CHECK(!hook_wants(&hook, &e));
	arena_done(&arena);
}

static void
it_is_for_logins_or_for_whom_it_names(void)
{
	static const char *const on[] = {"suspended"};
	static const char *const command[] = {"/bin/true"};
	static const char *const like[] = {"*@b.example", "uid:*"};
	struct event uid = event(EVENT_SANCTION, "suspended", "uid:bob");
	struct event here = event(EVENT_SANCTION, "suspended", "a@B.example");
	struct event there = event(EVENT_SANCTION, "suspended", "a@c.example");

	begin(command, 1, on, 1);
	CHECK(!hook_wants(&hook, &uid));
	CHECK(hook_wants(&hook, &there));
	hook.accounts = (struct setting_list){like, 2};
	CHECK(hook_wants(&hook, &uid));
	CHECK(hook_wants(&hook, &here));
	CHECK(!hook_wants(&hook, &there));
	arena_done(&arena);
}

static void
places_are_filled_as_whole_arguments(void)
{
	static const char *const on[] = {"suspended"};
	static const char *const command[] = {"/bin/x", "%account", "%user",
	    "%domain", "%case", "%rule", "%what", "%until", "a%domain",
	    "%%account", "$(id); `id`"};
	static const char *const want[] = {"/bin/x", "a b@c.example", "a b",
	    "c.example", "04HM-ASW9", "person-hour", "suspended", "never",
	    "a%domain", "%account", "$(id); `id`"};
	struct event e = event(EVENT_SANCTION, "suspended", "a b@c.example");
	const char *argv[HOOK_ARGS + 2];
	struct error err;

	begin(command, 11, on, 1);
	CHECK_INT(hook_fill(&hook, &e, &arena, argv, &err), 0);
	for (size_t i = 0; i < 11; i++)
		CHECK_STR(str_from(argv[i]), str_from(want[i]));
	CHECK(argv[11] == NULL);
	e.until = 86400;
	*e.file = '\0';
	CHECK_INT(hook_fill(&hook, &e, &arena, argv, &err), 0);
	CHECK_STR(str_from(argv[4]), str_from(""));
	CHECK_STR(str_from(argv[7]), str_from("1970-01-02T00:00:00Z"));
	e = event(EVENT_LIFT, "held", "root");
	CHECK_INT(hook_fill(&hook, &e, &arena, argv, &err), 0);
	CHECK_STR(str_from(argv[3]), str_from(""));
	CHECK_STR(str_from(argv[6]), str_from("lifted"));
	arena_done(&arena);
}

static void
what_could_do_more_is_no_argument(void)
{
	static const char *const on[] = {"suspended"};
	static const char *const command[] = {"/bin/x", "%domain"};
	static const char *const bad[] = {"-A", "--help@x.example", "*", "a*@b",
	    "?@b.example", "a\nb@c.example", "a\x7f@b", "a@-A"};
	const char *argv[HOOK_ARGS + 2];
	struct error err;

	begin(command, 2, on, 1);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct event e = event(EVENT_SANCTION, "suspended", bad[i]);

		CHECK_INT(hook_fill(&hook, &e, &arena, argv, &err), -1);
	}
	arena_done(&arena);
}

TESTS(TEST(it_runs_when_an_account_is_stopped_or_goes_on),
    TEST(it_is_for_logins_or_for_whom_it_names),
    TEST(places_are_filled_as_whole_arguments),
    TEST(what_could_do_more_is_no_argument))
