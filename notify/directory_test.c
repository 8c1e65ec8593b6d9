/* directory_test - asked a few at a time, kept for a while, never guessed */
#include "notify/directory.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"

enum { ASKED = 32 };

/* A source whose answers the test gives. */
static struct {
	struct loop *loop;
	struct loop_timer *stop;
	struct arena arena;
	struct notify_settings settings;
	struct directory *directory;
	struct {
		char account[64], first[64];
		directory_ran_fn *done;
		void *ctx;
	} ran[ASKED];
	size_t n_ran;
	int known, unknown, failed;
	char address[256], why[256], change[256];
	int changes;
} t;

static void
on_run(void *ctx, const char *const *argv, int timeout_s,
    directory_ran_fn *done, void *done_ctx)
{
	size_t n = 0;

	(void)ctx;
	CHECK_INT(timeout_s, 10);
	while (argv[n + 1])
		n++;
	snprintf(
	    t.ran[t.n_ran].account, sizeof(t.ran[0].account), "%s", argv[n]);
	snprintf(t.ran[t.n_ran].first, sizeof(t.ran[0].first), "%s", argv[0]);
	t.ran[t.n_ran].done = done;
	t.ran[t.n_ran].ctx = done_ctx;
	t.n_ran++;
}

static void
on_change(void *ctx, const char *why)
{
	(void)ctx;
	t.changes++;
	snprintf(t.change, sizeof(t.change), "%s", why ? why : "");
}

static void
on_answer(void *ctx, enum directory_outcome outcome,
    const struct owner_entry *e, const char *why)
{
	(void)ctx;
	t.known += outcome == DIRECTORY_KNOWN;
	t.unknown += outcome == DIRECTORY_UNKNOWN;
	t.failed += outcome == DIRECTORY_FAILED;
	CHECK_INT(why != NULL, outcome == DIRECTORY_FAILED);
	snprintf(t.address, sizeof(t.address), "%s",
	    e->n > 0 ? e->addresses[0] : "");
	snprintf(t.why, sizeof(t.why), "%s", why ? why : "");
}

static void
on_stop(void *ctx)
{
	loop_stop(ctx);
}

static void
turn(void)
{
	loop_timer_in(t.stop, 2000);
	loop_run(t.loop);
}

static void
begin(bool has_command)
{
	static const char *const command[] = {"/bin/owner", "-x"};

	memset(&t, 0, sizeof(t));
	t.loop = loop_new();
	t.stop = loop_timer_new(t.loop, on_stop, t.loop);
	arena_init(&t.arena);
	setting_put_defaults(&notify_settings_table, &t.arena, &t.settings);
	if (has_command)
		t.settings.directory_command =
		    (struct setting_list){command, 2};
	t.settings.directory_at_once = 2;
	t.directory = directory_new(
	    t.loop, &t.settings, NULL, on_run, NULL, on_change, NULL);
}

static void
end(void)
{
	directory_free(&t.directory);
	arena_done(&t.arena);
	loop_timer_free(&t.stop);
	loop_free(&t.loop);
}

static void
answer(size_t i, const char *output, const char *error)
{
	t.ran[i].done(t.ran[i].ctx, str_from(output), error);
	turn();
}

static void
ask(const char *account)
{
	directory_ask(t.directory, str_from(account), on_answer, NULL);
}

static void
it_is_asked_and_kept(void)
{
	begin(true);
	CHECK(directory_has_source(t.directory));
	ask("a@x");
	CHECK_INT(t.n_ran, 0);
	turn();
	CHECK_INT(t.n_ran, 1);
	CHECK_STR(str_from(t.ran[0].account), STR("a@x"));
	CHECK_STR(str_from(t.ran[0].first), STR("/bin/owner"));
	CHECK(!directory_cached(t.directory, STR("a@x")));
	answer(0, "{\"addresses\":[\"b@y\"]}\n", NULL);
	CHECK_INT(t.known, 1);
	CHECK_STR(str_from(t.address), STR("b@y"));
	ask("a@x");
	turn();
	CHECK_INT(t.known, 2);
	CHECK_INT(t.n_ran, 1);
	CHECK(directory_cached(t.directory, STR("a@x")) != NULL);
	/* Another directory may know better. */
	struct notify_settings other = t.settings;
	static const char *const command[] = {"/bin/other"};

	other.directory_command = (struct setting_list){command, 1};
	directory_set(t.directory, &other);
	CHECK(!directory_cached(t.directory, STR("a@x")));
	ask("a@x");
	turn();
	CHECK_INT(t.n_ran, 2);
	CHECK_STR(str_from(t.ran[1].first), STR("/bin/other"));
	answer(1, "{}", NULL);
	CHECK_INT(t.unknown, 1);
	end();
}

static void
a_few_at_a_time_and_each_once(void)
{
	begin(true);
	ask("a@x");
	ask("b@x");
	ask("c@x");
	ask("a@x");
	turn();
	CHECK_INT(t.n_ran, 2);
	answer(1, "{}", NULL);
	CHECK_INT(t.n_ran, 3);
	CHECK_STR(str_from(t.ran[2].account), STR("c@x"));
	answer(0, "{\"addresses\":[\"b@y\"]}", NULL);
	CHECK_INT(t.known, 2);
	answer(2, "", NULL);
	CHECK_INT(t.unknown, 2);
	end();
}

static void
failures_are_told_once_and_not_kept(void)
{
	static const char *const broken[] = {"x", "[]",
	    "{\"addresses\":[\"nobody\"]}", "{\"addresses\":[\"a@x\"]} x"};

	begin(true);
	for (size_t i = 0; i < 4; i++) {
		ask("a@x");
		turn();
		answer(i, broken[i], NULL);
		CHECK_INT(t.failed, (int)i + 1);
		CHECK(
		    str_starts(str_from(t.why), STR("its answer is broken: ")));
		CHECK_INT(t.changes, 1);
	}
	ask("a@x");
	turn();
	answer(4, "", "/bin/owner: exit status 1");
	CHECK_STR(str_from(t.why), STR("/bin/owner: exit status 1"));
	ask("a@x");
	turn();
	answer(5, "{\"name\":\"A\"}", NULL);
	CHECK_INT(t.known, 1);
	CHECK_INT(t.changes, 2);
	CHECK_STR(str_from(t.change), STR(""));
	end();
}

static void
accounts_that_are_no_argument(void)
{
	begin(true);
	ask("-rf");
	turn();
	CHECK_INT(t.failed, 1);
	CHECK_INT(t.n_ran, 0);
	end();
}

static void
patterns_alone(void)
{
	static const char *const accounts[] = {"*@x"}, *const to[] = {"boss@x"};
	const struct owner_settings owner = {.accounts = {accounts, 1},
	    .to = {to, 1},
	    .language = "",
	    .name = "",
	    .plan = "",
	    .password_page = ""};

	begin(false);
	CHECK(!directory_has_source(t.directory));
	t.settings.owners = &owner;
	t.settings.n_owners = 1;
	ask("a@x");
	turn();
	CHECK_INT(t.known, 1);
	CHECK_STR(str_from(t.address), STR("boss@x"));
	ask("a@y");
	turn();
	CHECK_INT(t.known, 2);
	CHECK_STR(str_from(t.address), STR(""));
	end();
}

static void
cancelled_and_ended(void)
{
	begin(true);
	struct directory_question *q =
	    directory_ask(t.directory, STR("a@x"), on_answer, NULL);

	ask("b@x");
	ask("c@x");
	turn();
	directory_cancel(q);
	answer(0, "{}", NULL);
	CHECK_INT(t.unknown, 0);
	directory_want(t.directory, STR("d@x"));
	directory_free(&t.directory);
	CHECK_INT(t.failed, 2);
	for (size_t i = 1; i < t.n_ran; i++)
		answer(i, "{}", NULL);
	CHECK_INT(t.failed, 2);
	end();
}

static void
it_is_bounded(void)
{
	begin(true);
	t.settings.directory_max = 100;
	t.settings.directory_at_once = 16;
	for (int i = 0; i < 400; i++) {
		char name[32];

		snprintf(name, sizeof(name), "a%d@x", i);
		ask(name);
		turn();
		answer(t.n_ran - 1, "{\"name\":\"A\"}", NULL);
		t.n_ran = 0;
	}
	CHECK_INT(t.known, 400);
	CHECK(!directory_cached(t.directory, STR("a299@x")));
	CHECK(directory_cached(t.directory, STR("a301@x")) != NULL);
	end();
}

TESTS(TEST(it_is_asked_and_kept), TEST(a_few_at_a_time_and_each_once),
    TEST(failures_are_told_once_and_not_kept),
    TEST(accounts_that_are_no_argument), TEST(patterns_alone),
    TEST(cancelled_and_ended), TEST(it_is_bounded))
