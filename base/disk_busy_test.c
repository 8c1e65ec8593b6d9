/* disk_busy - reading while the writer runs */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk.h"
#include "base/loop.h"
#include "base/test.h"
#include "base/text.h"

static const char *const tables[] = {"records", NULL};
enum { RECORDS };

static bool
keep_key(void *ctx, struct str key, struct str value)
{
	struct text *t = ctx;

	(void)value;
	text_str(t, key);
	return t->n < 4;
}

static void
reads_from_a_key_while_the_writer_runs(void)
{
	struct error err = {""};
	char buf[64], dir[64], path[128];
	struct text t;

	snprintf(dir, sizeof(dir), "/tmp/outpost-disk-XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
	struct disk *d = disk_open(dir, tables, 1, 4 << 20, true, &err);
	struct loop *l = loop_new();

	for (char c = 'a'; c < 'g'; c++) {
		struct disk_batch *b = disk_batch_new(d);

		disk_put(b, RECORDS, str_make(&c, 1), STR("v"));
		disk_commit(b, NULL, NULL);
	}
	disk_start(d, l);
	text_init(&t, buf, sizeof(buf));
	CHECK_INT(disk_each_from(d, RECORDS, STR("bb"), keep_key, &t, &err), 0);
	CHECK_STR(text_view(&t), STR("cdef"));
	text_init(&t, buf, sizeof(buf));
	CHECK_INT(disk_each_from(d, RECORDS, STR(""), keep_key, &t, &err), 0);
	CHECK_STR(text_view(&t), STR("abcd"));
	text_init(&t, buf, sizeof(buf));
	CHECK_INT(disk_each_from(d, RECORDS, STR("x"), keep_key, &t, &err), 0);
	CHECK_STR(text_view(&t), STR(""));
	disk_close(&d);
	loop_free(&l);
	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	unlink(path);
	snprintf(path, sizeof(path), "%s/lock.mdb", dir);
	unlink(path);
	rmdir(dir);
}

TESTS(TEST(reads_from_a_key_while_the_writer_runs))
