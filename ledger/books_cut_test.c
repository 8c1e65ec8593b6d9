/* books_cut_test - the power fails in the middle of a commit */
#include <sys/stat.h>

#include "ledger/books_bed.h"

/* What the disk has, all of it. */
static size_t
read_disk(char **bytes)
{
	char path[96];
	FILE *f;
	long n;

	snprintf(path, sizeof(path), "%s/books/data.mdb", dir);
	f = fopen(path, "r");
	CHECK(f && fseek(f, 0, SEEK_END) == 0);
	n = ftell(f);
	rewind(f);
	*bytes = calloc(1, (size_t)n);
	CHECK(fread(*bytes, 1, (size_t)n, f) == (size_t)n);
	fclose(f);
	return (size_t)n;
}

/* Books of these bytes are those of the world after so many steps. */
static void
check_disk(const char *bytes, size_t n, struct world *w, uint64_t steps)
{
	char path[96], other[80];
	struct world copy;
	struct error err = {""};
	FILE *f;

	snprintf(other, sizeof(other), "%s/copy", dir);
	mkdir(other, 0700);
	snprintf(path, sizeof(path), "%s/copy/books", dir);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/copy/books/data.mdb", dir);
	f = fopen(path, "w");
	CHECK(f && fwrite(bytes, 1, n, f) == n);
	fclose(f);
	bool is = open_world_in(other, &copy, &err);

	CHECK_STR(str_from(err.text), STR(""));
	CHECK(is);
	CHECK_INT(copy.counter.steps, steps);
	if (w)
		check_same(w, &copy);
	if (is)
		close_world(&copy);
}

/* Pages come to the disk in any order and in part, the head at last. */
static void
tear(char *torn, const char *before, const char *after, size_t n)
{
	enum { PAGE = 4096 };

	for (size_t at = 2 * PAGE; at < n; at += PAGE) {
		const char *from = draw(2) ? after : before;

		memcpy(torn + at, from + at, PAGE);
		if (draw(4) == 0)
			memcpy(torn + at, after + at, draw(PAGE));
	}
}

/* The power fails at any moment: the disk has the state of a commit. */
static void
every_cut_is_exact(void)
{
	struct world w;
	struct error err;
	char *before = NULL, *after;
	size_t before_n = 0;

	make_dir();
	CHECK(open_world(&w, &err));
	for (uint32_t i = 0; i < 150; i++) {
		take_step(&w, i);
		books_commit(w.books, NULL, NULL);
		size_t n = read_disk(&after);

		check_disk(after, n, &w, i + 1);
		for (int k = 0; before && k < 4; k++) {
			char *torn = calloc(1, n);

			memcpy(torn, before, before_n < n ? before_n : n);
			seed = i * 100 + (uint32_t)k;
			tear(torn, before_n == n ? before : torn, after, n);
			check_disk(torn, n, NULL, i);
			free(torn);
		}
		free(before);
		before = after;
		before_n = n;
		if (i % 20 != 19)
			continue;
		books_fold(w.books);
		free(before);
		before_n = read_disk(&before);
		check_disk(before, before_n, &w, i + 1);
	}
	free(before);
	close_world(&w);
	remove_dir();
}

TESTS(TEST(every_cut_is_exact))
