/* books_test - crashes, damage and folding: the state is always exact */
#include "ledger/books.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "ledger/books_bed.h"

static void
on_stop(void *ctx)
{
	loop_stop(ctx);
}

/* Turns of the loop, so that slices and results come. */
static void
turn(struct loop *l, int64_t us)
{
	struct loop_timer *t = loop_timer_new(l, on_stop, l);

	loop_timer_in(t, us);
	loop_run(l);
	loop_timer_free(&t);
}

enum { ASKED, DONE, REFUSED };

static void
on_committed(void *ctx, const struct error *err)
{
	*(int *)ctx = err ? REFUSED : DONE;
}

/* Until it is on the disk; a slow one refuses more when much waits. */
static void
commit_surely(struct world *w, struct loop *l)
{
	int state = REFUSED;

	while (state != DONE) {
		if (state == REFUSED) {
			state = ASKED;
			books_commit(w->books, on_committed, &state);
		}
		turn(l, 1000);
	}
}

/* Goes on where the books are; dies at step `to` without a word, or never and
 * is killed. */
static void
work_and_die(uint32_t to)
{
	struct world w;
	struct error err;
	struct loop *l = loop_new();

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!open_world(&w, &err))
		_exit(1);
	books_start(w.books, l);
	for (uint32_t i = (uint32_t)w.counter.steps; i < to; i++) {
		take_step(&w, i);
		if (i % 7 == 0)
			books_commit(w.books, NULL, NULL);
		if (i % 100 == 0)
			books_fold(w.books);
		if (i % 30 == 0)
			turn(l, 100);
	}
	commit_surely(&w, l);
	/* More, under way or not, that may come to the disk or not. */
	books_commit(w.books, NULL, NULL);
	take_step(&w, to);
	if (to % 2)
		books_fold(w.books);
	take_step(&w, to + 1);
	turn(l, to % 5 * 500);
	_exit(0);
}

/* Opens what the dead one left: exactly the state at its position. */
static void
check_left(struct world *ref, uint32_t at_least)
{
	struct world w;
	struct error err = {""};

	CHECK(open_world(&w, &err));
	CHECK_STR(str_from(err.text), STR(""));
	CHECK(w.counter.steps >= at_least);
	while (ref->counter.steps < w.counter.steps)
		take_step(ref, (uint32_t)ref->counter.steps);
	check_same(ref, &w);
	check_same(&w, ref);
	close_world(&w);
}

static void
crash_loses_nothing(void)
{
	static const struct ledger_options lo = {.max_subjects = 5000};
	struct world ref = {.ledger = ledger_new(&lo)};

	make_dir();
	for (int run = 0; run < 24; run++) {
		uint32_t to =
		    (uint32_t)ref.counter.steps + 50 + (uint32_t)run * 37;
		bool is_killed = run % 3 == 2;
		int status;
		pid_t pid = fork();

		if (pid == 0)
			work_and_die(is_killed ? UINT32_MAX - 2 : to);
		if (is_killed) {
			usleep(5000 + 3000 * (unsigned)run);
			kill(pid, SIGKILL);
		}
		CHECK(waitpid(pid, &status, 0) == pid);
		CHECK(is_killed || status == 0);
		check_left(&ref, is_killed ? 0 : to);
	}
	ledger_free(&ref.ledger);
	remove_dir();
}

static void
node_stays_the_same(void)
{
	struct world w;
	struct error err;
	char node[17];

	make_dir();
	CHECK(open_world(&w, &err));
	CHECK_INT(books_node(w.books).n, 16);
	memcpy(node, books_node(w.books).p, 17);
	close_world(&w);
	CHECK(open_world(&w, &err));
	CHECK_STR(books_node(w.books), str_from(node));
	CHECK_INT(books_starts(w.books), 2);
	struct world second;

	CHECK(!open_world(&second, &err));
	close_world(&w);
	remove_dir();
}

/* The journal, opened as the disk sees it. */
static void
damage_journal(bool is_torn)
{
	static const char *const tables[] = {
	    "meta", "journal", "subjects" DISK_PACKED, "counter", NULL};
	char path[96];
	struct error err;
	char key[PACK_BIG], *value;
	size_t n;

	snprintf(path, sizeof(path), "%s/books", dir);
	struct disk *d =
	    disk_open(path, tables, BOOKS_FORMAT, 64 << 20, false, &err);
	uint64_t seq = 0;

	CHECK(d != NULL);
	do
		pack_big(++seq, key);
	while (disk_get(d, 1, str_make(key, PACK_BIG), &value, &n, &err) == 0);
	struct disk_batch *b = disk_batch_new(d);

	value[n / 2] ^= 4;
	disk_put(b, 1, str_make(key, PACK_BIG),
	    str_make(value, is_torn ? n / 2 : n));
	disk_commit(b, NULL, NULL);
	free(value);
	disk_close(&d);
}

static void
damage_is_told(void)
{
	for (int is_torn = 0; is_torn < 2; is_torn++) {
		struct world w;
		struct error err;
		int status;

		make_dir();
		pid_t pid = fork();

		if (pid == 0)
			work_and_die(50);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
		damage_journal(is_torn);
		CHECK(!open_world(&w, &err));
		CHECK(str_find(str_from(err.text), str_from(dir)) >= 0);
		CHECK(str_find(str_from(err.text), STR("is damaged")) >= 0);
		remove_dir();
	}
}

static void
fold_trims_the_journal(void)
{
	struct world w;
	struct error err;
	struct books_status st;

	make_dir();
	CHECK(open_world(&w, &err));
	for (uint32_t i = 0; i < 500; i++) {
		take_step(&w, i);
		books_commit(w.books, NULL, NULL);
	}
	books_status(w.books, &st);
	CHECK(st.seq > 0 && st.journal_bytes > 0 && !st.is_failing);
	books_fold(w.books);
	books_status(w.books, &st);
	CHECK_INT(st.journal_bytes, 0);
	close_world(&w);
	CHECK(open_world(&w, &err));
	CHECK_INT(w.counter.sum, 499 * 500 / 2);
	close_world(&w);
	remove_dir();
}

TESTS(TEST(crash_loses_nothing), TEST(node_stays_the_same),
    TEST(damage_is_told), TEST(fold_trims_the_journal))
