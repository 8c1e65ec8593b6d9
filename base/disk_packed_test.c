/* disk_packed_test - a packed table holds what a plain one would, in fewer
 * pages, whatever was put and deleted, and however it became packed */
#include "base/disk.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/disk_verify.h"
#include "base/test.h"

static const char *const packed[] = {"records" DISK_PACKED, "other", NULL};
static const char *const plain[] = {"records", "other", NULL};
enum { RECORDS_TABLE, OTHER, KEYS = 4000, MIB = 1 << 20, VALUE = 20000 };

static char dir[64], path[96];
static uint64_t seed = 3;

/* What should be there: of each key the number its value is made of; 0: the
 * key is absent. */
static uint32_t model[KEYS];

static uint32_t
draw(size_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % below);
}

static void
make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/outpost-packed-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	memset(model, 0, sizeof(model));
}

static void
remove_dir(void)
{
	char lock[96];

	snprintf(lock, sizeof(lock), "%s/lock.mdb", dir);
	unlink(path);
	unlink(lock);
	CHECK_INT(rmdir(dir), 0);
}

static struct disk *
open_as(const char *const *tables)
{
	struct error err = {""};
	struct disk *d = disk_open(
	    dir, tables, DISK_FORMATS(1, 2), (size_t)256 * MIB, true, &err);

	if (!d)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	return d;
}

static struct str
key_of(uint32_t i, char *buf)
{
	int n =
	    snprintf(buf, DISK_KEY, "user%05u@customer%u.example", i, i / 7);

	/* One of a hundred as long as may be. */
	if (i % 100 == 7) {
		memset(buf + n, 'z', DISK_KEY - (size_t)n);
		n = DISK_KEY;
	}
	return str_make(buf, (size_t)n);
}

static struct str
value_of(uint32_t number, char *buf)
{
	uint32_t was = number * 2654435761u >> 7;
	size_t n = number % 300 ? was % 400 : was % VALUE;

	for (size_t k = 0; k < n; k++)
		buf[k] = (char)(was + k * 31);
	return str_make(buf, n);
}

static void
change(struct disk_batch *b, uint32_t i, uint32_t number)
{
	static char key[DISK_KEY + 1], value[VALUE];

	model[i] = number;
	if (number)
		disk_put(
		    b, RECORDS_TABLE, key_of(i, key), value_of(number, value));
	else
		disk_delete(b, RECORDS_TABLE, key_of(i, key));
}

struct walk {
	uint32_t next, until;
};

static bool
on_record(void *ctx, struct str key, struct str value)
{
	static char want_key[DISK_KEY + 1], want[VALUE];
	struct walk *w = ctx;

	while (w->next < KEYS && !model[w->next])
		w->next++;
	if (w->next == KEYS) {
		test_fail(__FILE__, __LINE__, "one too many");
		return false;
	}
	CHECK_STR(key, key_of(w->next, want_key));
	CHECK(str_is(value, value_of(model[w->next], want)));
	w->next++;
	return w->next < w->until;
}

/* All, from some keys on, and some one by one. */
static void
check_table(struct disk *d, int table)
{
	static char key[DISK_KEY + 1], want[VALUE];
	struct error err = {""};
	struct walk w = {.until = KEYS};

	CHECK_INT(disk_each(d, table, on_record, &w, &err), 0);
	while (w.next < KEYS)
		CHECK_INT(model[w.next++], 0);
	for (int n = 0; n < 20; n++) {
		uint32_t i = draw(KEYS);
		char *value = NULL;
		size_t value_n = 0;

		w = (struct walk){i, i + 60};
		CHECK_INT(disk_each_from(
			      d, table, key_of(i, key), on_record, &w, &err),
		    0);
		CHECK_INT(
		    disk_get(d, table, key_of(i, key), &value, &value_n, &err),
		    model[i] != 0);
		CHECK(!model[i] || str_is(str_make(value, value_n),
				       value_of(model[i], want)));
		free(value);
	}
}

static void
check_records(struct disk *d)
{
	check_table(d, RECORDS_TABLE);
}

static void
check_file(void)
{
	struct disk_verified v;
	struct error err = {""};

	if (disk_verify(path, 0, &v, &err) < 0)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	CHECK_INT(v.lost_pages, 0);
}

/* Batches of every kind: a few or many, all over or in one place, some of the
 * same keys again and again, mostly puts or mostly deletes. */
static void
holds_what_was_put(void)
{
	make_dir();
	struct disk *d = open_as(packed);

	for (uint32_t round = 1; round <= test_trials(250); round++) {
		struct disk_batch *b = disk_batch_new(d);
		uint32_t n = draw(draw(4) ? 60 : 2500) + 1;
		uint32_t from = draw(KEYS),
			 span = draw(3) ? KEYS : 1 + draw(90);
		uint32_t gone = draw(10);

		for (uint32_t i = 0; i < n; i++)
			change(b, (from + draw(span)) % KEYS,
			    draw(10) < gone ? 0 : 1 + draw(1u << 20));
		disk_put(b, OTHER, STR("round"), STR("x"));
		disk_commit(b, NULL, NULL);
		CHECK_INT(disk_waiting(d), 0);
		check_records(d);
		if (round % 25 == 0) {
			disk_close(&d);
			check_file();
			d = open_as(packed);
			check_records(d);
		}
	}
	struct disk_batch *b = disk_batch_new(d);

	for (uint32_t i = 0; i < KEYS; i++)
		change(b, KEYS - 1 - i, 0);
	disk_commit(b, NULL, NULL);
	check_records(d);
	disk_close(&d);
	check_file();
	remove_dir();
}

/* Bytes of keys and values. */
static uint64_t
count_bytes(void)
{
	static char key[DISK_KEY + 1], value[VALUE];
	uint64_t sum = 0;

	for (uint32_t i = 0; i < KEYS; i++) {
		if (model[i])
			sum += key_of(i, key).n + value_of(model[i], value).n;
	}
	return sum;
}

/* A number that isn't of a large value. */
static uint32_t
draw_small(void)
{
	return draw(1u << 20) * 300 + 1 + draw(299);
}

/* Sizes change, some go, others come: the pages stay full. */
static void
stays_filled(void)
{
	struct disk_size size;

	make_dir();
	struct disk *d = open_as(packed);

	for (uint32_t round = 0; round < 60; round++) {
		struct disk_batch *b = disk_batch_new(d);

		for (uint32_t i = 0; i < 400; i++)
			change(b, draw(KEYS), draw(5) ? draw_small() : 0);
		disk_commit(b, NULL, NULL);
		disk_size(d, &size);
		if (round > 20)
			CHECK(size.used_bytes * 100 < count_bytes() * 120);
	}
	disk_close(&d);
	remove_dir();
}

/* As it was written before; so much that it is moved in slices. */
static void
fill_plain(uint32_t large_of_ten)
{
	struct disk *d = open_as(plain);
	struct disk_batch *b = disk_batch_new(d);

	for (uint32_t i = 0; i < KEYS; i++) {
		if (i % 9)
			change(b, i,
			    draw(10) < large_of_ten ? 300 * (1 + draw(9999))
						    : 1 + draw(1u << 20));
	}
	disk_commit(b, NULL, NULL);
	check_records(d);
	disk_close(&d);
}

static void
plain_tables_become_packed(void)
{
	struct error err = {""};

	make_dir();
	fill_plain(0);
	struct disk *d = open_as(packed);

	check_records(d);
	disk_close(&d);
	check_file();
	d = disk_open_to_read(dir, 2, &err);
	CHECK(d != NULL);
	CHECK_INT(disk_table_count(d), 2);
	CHECK_STR(str_from(disk_table_name(d, 1)), STR("records"));
	CHECK(disk_table_is_packed(d, 1) && !disk_table_is_packed(d, 0));
	disk_close(&d);
	remove_dir();
}

/* Half moved or not, all of it is there. */
static void
check_reading(void)
{
	struct error err = {""};
	struct disk *d = disk_open_to_read(dir, DISK_FORMATS(1, 2), &err);

	if (!d)
		test_fail(__FILE__, __LINE__, "%s", err.text);
	/* Its tables are in the order of their names. */
	CHECK_STR(str_from(disk_table_name(d, 1)), STR("records"));
	CHECK_INT(disk_table_count(d), 2);
	check_table(d, 1);
	disk_close(&d);
}

static void
moving_survives_a_kill(void)
{
	int status = 1;

	make_dir();
	fill_plain(5);
	for (unsigned ms = 1; status != 0 && ms < 10000; ms += 1 + ms / 2) {
		pid_t child = fork();

		if (child == 0) {
			struct disk *d = open_as(packed);

			disk_close(&d);
			_exit(0);
		}
		usleep(ms * 1000);
		kill(child, SIGKILL);
		CHECK_INT(waitpid(child, &status, 0), child);
		check_reading();
	}
	CHECK_INT(status, 0);
	struct disk *d = open_as(packed);

	check_records(d);
	disk_close(&d);
	check_file();
	remove_dir();
}

static void
on_done(void *ctx, const struct error *err)
{
	if (err)
		*(struct error *)ctx = *err;
}

static void
flip_in_file(const char *what)
{
	static char file[MIB];
	int fd = open(path, O_RDWR);
	ssize_t n = fd < 0 ? -1 : read(fd, file, sizeof(file));
	struct str all = str_make(file, n > 0 ? (size_t)n : 0);
	ptrdiff_t at = str_find(all, str_from(what));

	CHECK(at > 0);
	CHECK_INT(pwrite(fd, "\x01", 1, at), 1);
	close(fd);
}

/* Neither read nor written over. */
static void
damage_is_told(void)
{
	struct error told = {""}, err = {""};
	char *value;
	size_t n;

	make_dir();
	struct disk *d = open_as(packed);
	struct disk_batch *b = disk_batch_new(d);

	for (uint32_t i = 0; i < 40; i++)
		change(b, i, 1 + i);
	disk_put(b, RECORDS_TABLE, STR("user00001"), STR("a needle"));
	disk_commit(b, NULL, NULL);
	disk_close(&d);
	flip_in_file("a needle");
	d = open_as(packed);
	CHECK_INT(
	    disk_get(d, RECORDS_TABLE, STR("user00001"), &value, &n, &err), -1);
	CHECK(strstr(err.text, "\"records\" is damaged") != NULL);
	b = disk_batch_new(d);
	disk_put(b, RECORDS_TABLE, STR("user00002"), STR("new"));
	disk_commit(b, on_done, &told);
	CHECK(strstr(told.text, "data.mdb is damaged: restore") != NULL);
	CHECK_INT(disk_waiting(d), 1);
	disk_close(&d);
	remove_dir();
}

TESTS(TEST(holds_what_was_put), TEST(stays_filled),
    TEST(plain_tables_become_packed), TEST(moving_survives_a_kill),
    TEST(damage_is_told))
