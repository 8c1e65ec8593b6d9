/* disk_test - batches, reopening, crashes, full maps and full disks */
#include "base/disk.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/loop.h"
#include "base/test.h"
#include "base/text.h"

static const char *const tables[] = {"records", "journal", NULL};
enum { RECORDS, JOURNAL, MIB = 1 << 20 };

static char dir[64];

static void
make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/outpost-disk-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
}

static const char *
file(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void
remove_dir(void)
{
	unlink(file("data.mdb"));
	unlink(file("lock.mdb"));
	CHECK_INT(rmdir(dir), 0);
}

static struct disk *
open_or_say(size_t map_bytes)
{
	struct error err = {""};
	struct disk *d = disk_open(dir, tables, 1, map_bytes, true, &err);

	if (!d)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return d;
}

static void
check_get(struct disk *d, int table, struct str key, struct str want)
{
	struct error err = {""};
	char *value = NULL;
	size_t n = 0;

	CHECK_INT(disk_get(d, table, key, &value, &n, &err), 1);
	CHECK_STR(str_make(value, n), want);
	free(value);
}

static bool
on_pair(void *ctx, struct str key, struct str value)
{
	struct text *t = ctx;

	text_str(t, key);
	text_char(t, '=');
	text_str(t, value);
	text_char(t, ' ');
	return !str_is(value, STR("stop"));
}

static void
check_table(struct disk *d, int table, struct str want)
{
	struct error err = {""};
	char buf[256];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	CHECK_INT(disk_each(d, table, on_pair, &t, &err), 0);
	CHECK_STR(text_view(&t), want);
}

struct told {
	int ok, failed;
	char text[512];
	struct loop *l;
	int stop_at;
};

static void
on_done(void *ctx, const struct error *err)
{
	struct told *t = ctx;

	if (err) {
		t->failed++;
		snprintf(t->text, sizeof(t->text), "%s", err->text);
	} else {
		t->ok++;
	}
	if (t->l && t->ok + t->failed == t->stop_at)
		loop_stop(t->l);
}

static void
stores_and_reads(void)
{
	struct error err = {""};
	struct told told = {0};
	char *value;
	size_t n;

	make_dir();
	struct disk *d = open_or_say(MIB);
	struct disk_batch *b = disk_batch_new(d);

	disk_put(b, RECORDS, STR("b"), STR("2"));
	disk_put(b, RECORDS, STR("a"), STR("1"));
	disk_put(b, RECORDS, STR("c"), STR("stop"));
	disk_put(b, RECORDS, STR("d"), STR("4"));
	disk_put(b, JOURNAL, STR("a"), STR(""));
	disk_put(b, JOURNAL, STR("a\0b"), STR("\0\n"));
	disk_commit(b, on_done, &told);
	CHECK_INT(told.ok, 1);
	CHECK_INT(disk_waiting(d), 0);
	check_get(d, RECORDS, STR("a"), STR("1"));
	check_get(d, JOURNAL, STR("a"), STR(""));
	check_get(d, JOURNAL, STR("a\0b"), STR("\0\n"));
	CHECK_INT(disk_get(d, RECORDS, STR("x"), &value, &n, &err), 0);
	check_table(d, RECORDS, STR("a=1 b=2 c=stop "));
	disk_close(&d);
	CHECK(!d);

	d = open_or_say(MIB);
	b = disk_batch_new(d);
	disk_put(b, RECORDS, STR("a"), STR("new"));
	disk_delete(b, RECORDS, STR("c"));
	disk_delete(b, RECORDS, STR("absent"));
	disk_commit(b, NULL, NULL);
	check_table(d, RECORDS, STR("a=new b=2 d=4 "));
	disk_close(&d);
	remove_dir();
}

static void
deletes_up_to(void)
{
	make_dir();
	struct disk *d = open_or_say(MIB);
	struct disk_batch *b = disk_batch_new(d);

	disk_delete_to(b, JOURNAL, STR("z")); /* empty: fine */
	disk_put(b, JOURNAL, STR("1"), STR(""));
	disk_put(b, JOURNAL, STR("10"), STR(""));
	disk_put(b, JOURNAL, STR("2"), STR(""));
	disk_put(b, JOURNAL, STR("3"), STR(""));
	disk_commit(b, NULL, NULL);
	b = disk_batch_new(d);
	disk_delete_to(b, JOURNAL, STR("10"));
	disk_commit(b, NULL, NULL);
	check_table(d, JOURNAL, STR("2= 3= "));
	b = disk_batch_new(d);
	disk_delete_to(b, JOURNAL, STR("25"));
	disk_commit(b, NULL, NULL);
	check_table(d, JOURNAL, STR("3= "));
	b = disk_batch_new(d);
	disk_delete_to(b, JOURNAL, STR("z"));
	disk_commit(b, NULL, NULL);
	check_table(d, JOURNAL, STR(""));
	disk_close(&d);
	remove_dir();
}

static void
check_no_open(int format, bool is_new_ok, const char *part)
{
	struct error err = {""};
	struct disk *d = disk_open(dir, tables, format, MIB, is_new_ok, &err);

	CHECK(!d);
	if (!strstr(err.text, part) || !strstr(err.text, dir))
		test_fail(__FILE__, __LINE__, "%s", err.text);
	disk_close(&d);
}

static void
refuses_what_is_not_its_own(void)
{
	struct error err = {""};
	struct stat before, after;

	make_dir();
	check_no_open(1, false, "no books there");
	CHECK(access(file("data.mdb"), F_OK) != 0);
	struct disk *d = disk_open(dir, tables, 7, MIB, true, &err);

	check_no_open(7, true, "in use by another process");
	disk_close(&d);
	CHECK_INT(stat(file("data.mdb"), &before), 0);
	CHECK_INT(before.st_mode & 07777, 0600);
	check_no_open(6, true, "has format 7, this Outpost knows up to 6");
	check_no_open(DISK_FORMATS(8, 9), true, "this Outpost knows 8 on");
	CHECK_INT(stat(file("data.mdb"), &after), 0);
	CHECK(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
	      before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
	d = disk_open(dir, tables, 7, MIB, false, &err);
	CHECK(d != NULL);
	disk_close(&d);

	int fd = open(file("data.mdb"), O_WRONLY | O_TRUNC);

	for (int i = 0; i < 1000; i++)
		CHECK_INT(write(fd, "no database ", 12), 12);
	close(fd);
	check_no_open(7, true, "data.mdb: ");
	remove_dir();
	check_no_open(7, true, "No such file");
}

static void
writes_in_order_in_a_thread(void)
{
	enum { BATCHES = 50 };
	struct told told = {.l = loop_new(), .stop_at = BATCHES};
	char n[16];

	make_dir();
	struct disk *d = open_or_say(MIB);

	disk_start(d, told.l);
	for (int i = 0; i < BATCHES; i++) {
		struct disk_batch *b = disk_batch_new(d);

		snprintf(n, sizeof(n), "%d", i);
		disk_put(b, RECORDS, STR("last"), str_from(n));
		disk_commit(b, on_done, &told);
	}
	CHECK_INT(told.ok, 0); /* only from the loop */
	loop_run(told.l);
	CHECK_INT(told.ok, BATCHES);
	CHECK_INT(disk_waiting(d), 0);
	check_get(d, RECORDS, STR("last"), STR("49"));

	struct disk_batch *b = disk_batch_new(d);

	disk_put(b, RECORDS, STR("last"), STR("at the end"));
	disk_commit(b, on_done, &told);
	disk_close(&d); /* waits, and tells */
	CHECK_INT(told.ok, BATCHES + 1);
	d = open_or_say(MIB);
	check_get(d, RECORDS, STR("last"), STR("at the end"));
	disk_close(&d);
	loop_free(&told.l);
	remove_dir();
}

static void
on_done_say(void *ctx, const struct error *err)
{
	int *out = ctx;

	if (err || write(*out, "x", 1) != 1)
		_exit(3);
}

static void
on_turn(void *ctx)
{
	loop_stop(ctx);
}

/* Commits 1, 2, 3 ... to both tables; a byte goes out for each committed. */
static void
commit_for_ever(int out)
{
	struct error err = {""};
	struct loop *l = loop_new();
	struct disk *d = disk_open(dir, tables, 1, 16 * MIB, true, &err);
	struct loop_timer *t = loop_timer_new(l, on_turn, l);
	char n[16];

	if (!d)
		_exit(2);
	disk_start(d, l);
	for (unsigned i = 1;; i++) {
		struct disk_batch *b = disk_batch_new(d);

		snprintf(n, sizeof(n), "%u", i);
		disk_put(b, RECORDS, STR("n"), str_from(n));
		disk_put(b, JOURNAL, str_from(n), str_from(n));
		disk_put(b, JOURNAL, STR("n"), str_from(n));
		disk_commit(b, on_done_say, &out);
		loop_timer_in(t, 0);
		loop_run(l);
	}
}

static unsigned
stored_number(struct disk *d, int table)
{
	struct error err = {""};
	char *value = NULL;
	uint64_t v = 0;
	size_t n;

	CHECK_INT(disk_get(d, table, STR("n"), &value, &n, &err), 1);
	CHECK(value && str_to_u64(str_make(value, n), &v));
	free(value);
	return (unsigned)v;
}

static void
survives_a_kill(void)
{
	make_dir();
	for (unsigned round = 1; round <= 3; round++) {
		int fds[2], status;
		unsigned told = 0;
		char c;

		CHECK_INT(pipe(fds), 0);
		pid_t child = fork();

		if (child == 0)
			commit_for_ever(fds[1]);
		close(fds[1]);
		while (told < 20 * round && read(fds[0], &c, 1) == 1)
			told++;
		kill(child, SIGKILL);
		CHECK_INT(waitpid(child, &status, 0), child);
		CHECK(WIFSIGNALED(status));
		while (read(fds[0], &c, 1) == 1)
			told++;
		close(fds[0]);
		struct disk *d = open_or_say(16 * MIB);

		CHECK(stored_number(d, RECORDS) >= told);
		CHECK_INT(stored_number(d, RECORDS), stored_number(d, JOURNAL));
		CHECK(told >= 20 * round);
		disk_close(&d);
	}
	remove_dir();
}

static void
keeps_nothing_uncommitted(void)
{
	int status = -1;

	make_dir();
	pid_t child = fork();

	if (child == 0) {
		struct error err = {""};
		struct disk *d = disk_open(dir, tables, 1, MIB, true, &err);
		struct disk_batch *b = disk_batch_new(d);

		disk_put(b, RECORDS, STR("a"), STR("1"));
		disk_commit(b, NULL, NULL);
		b = disk_batch_new(d);
		disk_put(b, RECORDS, STR("b"), STR("2"));
		_exit(0);
	}
	CHECK_INT(waitpid(child, &status, 0), child);
	CHECK_INT(status, 0);
	struct disk *d = open_or_say(MIB);

	check_table(d, RECORDS, STR("a=1 "));
	disk_close(&d);
	remove_dir();
}

static void
put_big(struct disk *d, int table, const char *key, size_t n, struct told *told)
{
	struct disk_batch *b = disk_batch_new(d);
	char *big = calloc(1, n);

	disk_put(b, table, str_from(key), str_make(big, n));
	disk_commit(b, on_done, told);
	free(big);
}

static void
says_that_the_map_is_full(void)
{
	struct told told = {0};
	struct disk_size size;

	make_dir();
	struct disk *d = open_or_say(MIB);

	put_big(d, RECORDS, "a", MIB / 2, &told);
	CHECK_INT(told.ok, 1);
	disk_size(d, &size);
	CHECK_INT(size.map_bytes, MIB);
	CHECK(size.used_bytes > MIB / 2 && size.used_bytes < MIB * 5 / 8);
	put_big(d, RECORDS, "b", MIB / 2, &told);
	CHECK_INT(told.failed, 1);
	CHECK(strstr(told.text, dir) != NULL);
	CHECK(strstr(told.text, "books_map_size is 1 MiB") != NULL);
	CHECK_INT(disk_waiting(d), 1);
	put_big(d, JOURNAL, "c", 10, &told); /* stays behind the first */
	CHECK_INT(disk_waiting(d), 2);
	disk_close(&d);
	CHECK_INT(told.failed, 2);
	CHECK_INT(told.ok, 1);

	d = open_or_say(MIB); /* full, but opens */
	check_table(d, JOURNAL, STR(""));
	disk_close(&d);
	d = open_or_say(4 * MIB); /* raised */
	put_big(d, RECORDS, "b", MIB / 2, &told);
	CHECK_INT(told.ok, 2);
	disk_close(&d);
	remove_dir();
}

/* A file size limit is as good as a full disk, and needs no mount. */
static void
limit_file_size(rlim_t n)
{
	struct rlimit r;

	signal(SIGXFSZ, SIG_IGN);
	CHECK_INT(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = n;
	CHECK_INT(setrlimit(RLIMIT_FSIZE, &r), 0);
}

static void
heals_when_the_disk_has_room_again(void)
{
	struct told told = {.l = loop_new(), .stop_at = 1};

	make_dir();
	struct disk *d = open_or_say(8 * MIB);

	disk_start(d, told.l);
	limit_file_size(MIB / 4);
	put_big(d, RECORDS, "a", MIB, &told);
	put_big(d, RECORDS, "b", 10, &told);
	loop_run(told.l);
	CHECK_INT(told.failed, 1);
	CHECK(strstr(told.text, dir) != NULL);
	CHECK(strstr(told.text, "books_map_size (8 MiB)") != NULL);
	CHECK_INT(disk_waiting(d), 2);
	limit_file_size(RLIM_INFINITY);
	told.stop_at = 2;
	loop_run(told.l); /* the second is told after the first was kept */
	CHECK_INT(told.ok, 1);
	CHECK_INT(told.failed, 1);
	CHECK_INT(disk_waiting(d), 0);
	disk_close(&d);
	d = open_or_say(8 * MIB);
	char *value = NULL;
	size_t n = 0;

	CHECK_INT(disk_get(d, RECORDS, STR("a"), &value, &n, NULL), 1);
	CHECK_INT(n, MIB);
	free(value);
	check_get(d, RECORDS, STR("b"), str_make((char[10]){0}, 10));
	disk_close(&d);
	loop_free(&told.l);
	remove_dir();
}

TESTS(TEST(stores_and_reads), TEST(deletes_up_to),
    TEST(refuses_what_is_not_its_own), TEST(writes_in_order_in_a_thread),
    TEST(survives_a_kill), TEST(keeps_nothing_uncommitted),
    TEST(says_that_the_map_is_full), TEST(heals_when_the_disk_has_room_again))
