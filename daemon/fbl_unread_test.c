/* fbl_unread_test - letters are kept whole, and not until the disk is full */
#include "daemon/fbl_unread.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

enum { MIB = 1 << 20 };

static void
the_last_of_the_disk_is_the_books(void)
{
	const uint64_t small = 100u * MIB, large = 1000ull * 1024 * MIB;

	CHECK(fbl_unread_fits(MIB, 50u * MIB, small));
	CHECK(fbl_unread_fits(MIB, 6u * MIB, small));
	CHECK(!fbl_unread_fits(MIB + 1, 6u * MIB, small));
	CHECK(!fbl_unread_fits(0, 4u * MIB, small));
	CHECK(fbl_unread_fits(MIB, 513u * MIB, large));
	CHECK(!fbl_unread_fits(MIB, 512u * MIB, large));
	CHECK(!fbl_unread_fits(MIB, 0, large));
}

static void
a_letter_is_kept(void)
{
	char dir[] = "/tmp/fbl_unread_test.XXXXXX", path[600], text[200] = "";
	struct error err;
	size_t found = 0;

	CHECK(mkdtemp(dir) != NULL);
	CHECK_INT(fbl_unread_keep(
		      dir, STR("Subject: x\n\nhello\n"), "no\nreport", &err),
	    0);
	snprintf(path, sizeof(path), "%s/new", dir);
	DIR *d = opendir(path);

	for (struct dirent *e; d && (e = readdir(d));) {
		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/new/%s", dir, e->d_name);
		FILE *f = fopen(path, "r");

		CHECK(f && fread(text, 1, sizeof(text) - 1, f) > 0);
		if (f)
			fclose(f);
		unlink(path);
		found++;
	}
	if (d)
		closedir(d);
	CHECK_INT(found, 1);
	CHECK_STR(str_from(text), STR("X-Outpost-Unread: no?report\n"
				      "Subject: x\n\nhello\n"));
	for (const char *const *p =
		 (const char *const[]){"/tmp", "/cur", "/new", "", NULL};
	     *p; p++) {
		snprintf(path, sizeof(path), "%s%s", dir, *p);
		CHECK_INT(rmdir(path), 0);
	}
}

TESTS(TEST(the_last_of_the_disk_is_the_books), TEST(a_letter_is_kept))
