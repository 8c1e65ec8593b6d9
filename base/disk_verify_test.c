/* disk_verify_test - bits flipped and ends cut off: told, or harmless; never a
 * crash, never another value */
#include "base/disk_verify.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/test.h"

enum { RECORDS, JOURNAL, MIB = 1 << 20, RECORDS_N = 1500 };

static const char plain[] = "records";
static const char *tables[] = {plain, "journal", NULL};

static char dir[64], path[96];
static char *good;
static size_t good_n;

static uint64_t seed = 7;

static uint32_t
draw(size_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((seed >> 33) % below);
}

/* What the i-th record has after that many rounds; 0: it is gone. */
static size_t
record(uint32_t i, uint32_t rounds, char *out)
{
	uint32_t was = (i * 2654435761u) >> 7;
	size_t n = was % 211;

	if (i % 5 == 0 && rounds > i % 3)
		return 0;
	if (i % 97 == 0)
		n = 3000 + was % 9000; /* on pages of its own */
	for (size_t k = 0; k < n + 1; k++)
		out[k] = (char)(was + k * 31 + rounds % (1 + i % 4));
	return n + 1;
}

static void
write_round(struct disk *d, uint32_t rounds)
{
	static char value[16384];
	char key[32];
	struct disk_batch *b = disk_batch_new(d);

	for (uint32_t i = 0; i < RECORDS_N; i++) {
		int n = snprintf(key, sizeof(key), "%u@example.com", i * 7919);
		size_t size = record(i, rounds, value);

		if (size)
			disk_put(b, RECORDS, str_make(key, (size_t)n),
			    str_make(value, size));
		else
			disk_delete(b, RECORDS, str_make(key, (size_t)n));
	}
	snprintf(key, sizeof(key), "%08u", rounds);
	disk_put(b, JOURNAL, str_from(key), str_make(value, 5000));
	if (rounds > 4) {
		snprintf(key, sizeof(key), "%08u", rounds - 4);
		disk_delete_to(b, JOURNAL, str_from(key));
	}
	disk_commit(b, NULL, NULL);
}

enum { ROUNDS = 9 };

static bool
on_record(void *ctx, struct str key, struct str value)
{
	static char want[16384];
	uint64_t *n = ctx, i = 0;
	struct str name;

	CHECK(str_cut(&key, '@', &name) && str_to_u64(name, &i));
	size_t size = record((uint32_t)(i / 7919), ROUNDS, want);

	if (!str_is(value, str_make(want, size)))
		test_fail(__FILE__, __LINE__, "record %llu is another one",
		    (unsigned long long)i);
	++*n;
	return true;
}

static bool
on_entry(void *ctx, struct str key, struct str value)
{
	(void)key;
	CHECK_INT(value.n, 5000);
	++*(uint64_t *)ctx;
	return true;
}

static void
write_file(const char *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	CHECK(fd >= 0 && write(fd, p, n) == (ssize_t)n);
	close(fd);
}

static void
make_good(void)
{
	struct error err = {""};
	struct stat st;

	snprintf(dir, sizeof(dir), "/tmp/outpost-verify-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	struct disk *d = disk_open(dir, tables, 1, 16 * MIB, true, &err);

	CHECK(d != NULL);
	for (uint32_t i = 0; i <= ROUNDS; i++)
		write_round(d, i);
	disk_close(&d);
	int fd = open(path, O_RDONLY);

	CHECK(fd >= 0 && fstat(fd, &st) == 0);
	good_n = (size_t)st.st_size;
	good = calloc(1, good_n);
	CHECK(good && read(fd, good, good_n) == (ssize_t)good_n);
	close(fd);
}

static void
remove_good(void)
{
	char lock[96];

	snprintf(lock, sizeof(lock), "%s/lock.mdb", dir);
	unlink(path);
	unlink(lock);
	CHECK_INT(rmdir(dir), 0);
	free(good);
}

/* Everything is read, and written over; true: and nobody complained. */
static bool
is_exact(void)
{
	struct error err = {""};
	uint64_t n = 0, entries = 0;
	struct disk *d = disk_open(dir, tables, 1, 16 * MIB, false, &err);
	bool is = d && disk_each(d, RECORDS, on_record, &n, &err) == 0 &&
		  disk_each(d, JOURNAL, on_entry, &entries, &err) == 0;

	if (is) {
		CHECK_INT(n, RECORDS_N - RECORDS_N / 5);
		CHECK_INT(entries, 4);
		write_round(d, ROUNDS + 1);
		CHECK_INT(disk_waiting(d), 0);
	} else {
		CHECK(strstr(err.text, path) != NULL);
	}
	disk_close(&d);
	if (is && disk_verify(path, 0, NULL, &err) < 0)
		test_fail(__FILE__, __LINE__, "after a write: %s", err.text);
	return is;
}

static unsigned
tries(unsigned few)
{
	const char *more = getenv("OUTPOST_DISK_FLIPS");

	return more ? (unsigned)atoi(more) : test_trials(few);
}

static void
whole_files_are_good(void)
{
	struct disk_verified v;
	struct error err = {""};

	make_good();
	CHECK_INT(disk_verify(path, 0, &v, &err), 0);
	CHECK_STR(str_from(err.text), STR(""));
	if (tables[RECORDS] == plain)
		CHECK_INT(v.entries, RECORDS_N - RECORDS_N / 5 + 4 + 1);
	CHECK(v.free_pages > 0 && v.pages > v.free_pages);
	CHECK_INT(v.lost_pages, 0);
	CHECK(is_exact());
	remove_good();
}

static void
flipped_bits_are_told(void)
{
	unsigned told = 0, n = tries(1000);

	make_good();
	for (unsigned i = 0; i < n; i++) {
		/* Every second one in the first pages, the heads. */
		size_t at = draw(i % 2 ? good_n : 3 * 4096);
		char was = good[at];

		good[at] = (char)(was ^ 1 << draw(8));
		write_file(good, good_n);
		told += !is_exact();
		good[at] = was;
	}
	CHECK(told > n / 50);
	remove_good();
}

/* A page of zeros, or of something else: what disks do. */
static void
overwritten_pages_are_told(void)
{
	static char was[4096];
	unsigned n = tries(300);

	make_good();
	for (unsigned i = 0; i < n; i++) {
		size_t at = 4096 * draw(good_n / 4096);
		size_t from = 4096 * draw(good_n / 4096);

		memcpy(was, good + at, 4096);
		if (i % 2)
			memset(good + at, 0, 4096);
		else if (from != at)
			memcpy(good + at, good + from, 4096);
		write_file(good, good_n);
		is_exact();
		memcpy(good + at, was, 4096);
	}
	remove_good();
}

static void
cut_files_are_told(void)
{
	unsigned n = tries(300);

	make_good();
	for (unsigned i = 0; i < n; i++) {
		write_file(good, i < 20 ? i * 8 : draw(good_n));
		is_exact();
	}
	write_file(good, good_n / 2);
	CHECK(!is_exact());
	write_file(good, 0);
	CHECK(!is_exact());
	remove_good();
}

static void
foreign_files_are_not_ours(void)
{
	struct error err = {""};

	make_good();
	for (unsigned i = 0; i < tries(100); i++) {
		for (size_t k = 0; k < good_n; k += 1 + i)
			good[k] = (char)draw(256);
		write_file(good, good_n);
		CHECK(disk_verify(path, 0, NULL, &err) < 0);
		CHECK(disk_verify_head(path, &err) < 0);
	}
	CHECK(strstr(err.text, "not written by Outpost") != NULL);
	remove_good();
}

/* The same in blocks of many records. */
static void
packed_tables_too(void)
{
	tables[RECORDS] = "records" DISK_PACKED;
	whole_files_are_good();
	flipped_bits_are_told();
	overwritten_pages_are_told();
	cut_files_are_told();
	tables[RECORDS] = plain;
}

TESTS(TEST(whole_files_are_good), TEST(flipped_bits_are_told),
    TEST(overwritten_pages_are_told), TEST(cut_files_are_told),
    TEST(foreign_files_are_not_ours), TEST(packed_tables_too))
