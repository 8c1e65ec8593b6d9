/* queue_book_test - what is held is known, and known again from its file */
#include "queue/queue_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

static struct queue_message
message(const char *id, int64_t at)
{
	return (struct queue_message){
	    .instance = STR("postfix"),
	    .id = str_from(id),
	    .account = STR("a b@x.example"),
	    .sender = STR(""),
	    .result = QUEUE_HELD,
	    .from = at,
	    .to = at,
	    .due = at + 900,
	    .size_bytes = 7,
	};
}

static void
put_and_remove(void)
{
	struct queue_message m = message("C3CD21F3E90", 100);
	struct queue_book b;
	size_t n;

	queue_book_init(&b);
	CHECK(queue_book_put(&b, &m) != NULL);
	m.due = 5;
	queue_book_put(&b, &m)->is_wanted = true;
	m = message("C3CD21F3E91", 50);
	queue_book_put(&b, &m)->is_wanted = true;
	CHECK_INT(b.by_id.n, 2);
	CHECK(!queue_book_find(&b, STR("other"), STR("C3CD21F3E90")));
	CHECK_INT(
	    queue_book_find(&b, STR("postfix"), STR("C3CD21F3E90"))->m.due, 5);
	struct queue_entry **v = queue_book_sorted(&b, &n);

	CHECK_INT(n, 2);
	CHECK_STR(v[0]->m.id, STR("C3CD21F3E91"));
	queue_book_remove(&b, v[0]);
	CHECK_INT(b.by_id.n, 1);
	free(v);
	queue_book_done(&b);
}

static void
kept_on_disk(void)
{
	char dir[] = "/tmp/outpost-queue.XXXXXX", path[64];
	struct queue_message m = message("C3CD21F3E90", 100);
	struct queue_book b, again;
	struct error err;

	CHECK(mkdtemp(dir) != NULL);
	queue_book_init(&b);
	queue_book_init(&again);
	CHECK_INT(queue_file_load(dir, &b, &err), 0);
	queue_book_put(&b, &m);
	CHECK(b.is_changed);
	CHECK_INT(queue_file_save(dir, &b, &err), 0);
	CHECK(!b.is_changed);
	CHECK_INT(queue_file_load(dir, &again, &err), 0);
	struct queue_entry *e =
	    queue_book_find(&again, STR("postfix"), STR("C3CD21F3E90"));

	CHECK(e && e->m.due == 1000 && e->m.size_bytes == 7);
	CHECK_STR(e ? e->m.account : STR("?"), STR("a b@x.example"));
	snprintf(path, sizeof(path), "%s/held", dir);
	CHECK_INT(truncate(path, 20), 0);
	CHECK_INT(queue_file_load(dir, &again, &err), -1);
	unlink(path);
	rmdir(dir);
	queue_book_done(&b);
	queue_book_done(&again);
}

TESTS(TEST(put_and_remove), TEST(kept_on_disk))
