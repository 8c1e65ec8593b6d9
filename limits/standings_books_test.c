/* standings_books_test - standings survive in the books */
#include "limits/standings.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"
#include "base/time.h"
#include "ledger/books.h"
#include "limits/sanction.h"

enum { NOW = 1767225600 };

static const struct standings_options options = {100, 7 * 86400};

static struct standing_state
get(struct standings *s, struct str key)
{
	struct standing_state state;

	standings_get(s, SUBJECT_ACCOUNT, key, NOW, &state);
	return state;
}

static void
suspend(struct standings *s, struct str key)
{
	static struct event e;
	struct standing_state state = get(s, key);
	struct sanction_about a = {.kind = SUBJECT_ACCOUNT,
	    .key = key,
	    .node = "n",
	    .seq = 1,
	    .now_us = NOW * TIME_US,
	    .state = &state};

	sanction_order(
	    &a, STANDING_SUSPENDED, TIME_NEVER, STR("eve"), STR("because"), &e);
	CHECK(standings_fold(s, &e));
}

static void
the_journal_replays(void)
{
	struct standings *s = standings_new(&options);
	struct standings *again = standings_new(&options);
	struct books_part part = standings_part(s);
	struct books_part other = standings_part(again);
	struct text section, rest;

	text_grow(&section, 1 << 20);
	text_grow(&rest, 1 << 20);
	part.save(part.ctx, &section);
	CHECK_INT(section.n, 0);
	suspend(s, STR("a"));
	suspend(s, STR("b"));
	part.save(part.ctx, &section);
	part.save(part.ctx, &rest);
	CHECK_INT(rest.n, 0);
	CHECK(other.replay(other.ctx, text_view(&section)));
	CHECK(other.replay(other.ctx, text_view(&section)));
	CHECK_INT(get(again, STR("a")).rung, STANDING_SUSPENDED);
	CHECK_STR(str_from(get(again, STR("b")).reason), STR("because"));
	other.save(other.ctx, &rest);
	CHECK_INT(rest.n, 0);
	CHECK(!other.replay(other.ctx, STR("{\"type\":\"sanc")));
	text_done(&section);
	text_done(&rest);
	standings_free(&s);
	standings_free(&again);
}

static bool
on_pair(void *ctx, struct str key, struct str value)
{
	struct books_part *part = ctx;

	CHECK(part->load(part->ctx, key, value));
	return true;
}

static void
records_are_put_and_loaded(void)
{
	char dir[] = "/tmp/standings-XXXXXX";
	static const char *const tables[] = {"standings", NULL};
	struct error err;
	struct standings *s = standings_new(&options);
	struct standings *again = standings_new(&options);
	struct books_part part = standings_part(s);
	struct books_part other = standings_part(again);

	CHECK(mkdtemp(dir) != NULL);
	struct disk *d = disk_open(dir, tables, 1, 8 << 20, true, &err);

	CHECK(d != NULL);
	if (!d)
		return;
	for (int round = 0; round < 2; round++) {
		struct disk_batch *b = disk_batch_new(d);

		suspend(s, round ? STR("b") : STR("a"));
		part.fold(part.ctx, b, 0);
		CHECK_INT(part.fold_some(part.ctx, b, 0, 64), 0);
		disk_commit(b, NULL, NULL);
	}
	CHECK_INT(disk_each(d, 0, on_pair, &other, &err), 0);
	CHECK_INT(standings_count(again), 2);
	CHECK_INT(get(again, STR("a")).rung, STANDING_SUSPENDED);
	CHECK(get(again, STR("b")).is_operator);
	disk_close(&d);
	standings_free(&s);
	standings_free(&again);
	char command[64];
	struct text t;

	text_init(&t, command, sizeof(command));
	text_printf(&t, "rm -r %s", dir);
	CHECK_INT(system(command), 0);
}

TESTS(TEST(the_journal_replays), TEST(records_are_put_and_loaded))
