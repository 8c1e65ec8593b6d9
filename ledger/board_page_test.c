/* board_page_test - a page's place, and its form */
#include "ledger/board_page.h"

#include "base/test.h"
#include "ledger/pack.h"

static void
print_head(struct text *t, uint64_t first, uint64_t last, uint64_t mark,
    int64_t pending)
{
	pack_u64(t, first);
	pack_u64(t, last);
	pack_u64(t, mark);
	pack_i64(t, pending);
	text_add(t, "cells");
}

static void
comes_back(void)
{
	static const struct {
		uint64_t first, last, mark;
		int64_t pending, after, recipients, messages;
		size_t bytes; /* before the cells, at most */
	} v[] = {
	    {848000000, 848600000, 0, 0, 3, 0, 0, 13},
	    {848000000, 848600000, 0, 7, 3, 0, 0, 14},
	    {848000000, 848600000, 848500000, 7, -4000, 12, 3, 23},
	    {0, 0, 0, 0, 0, 0, 0, 20},
	    {UINT32_MAX, 5, UINT32_MAX, INT32_MAX, 90, INT32_MAX, 0, 40},
	    {5, UINT32_MAX, 1, 1, 1, 0, 1, 40},
	};

	for (size_t i = 0; i < sizeof(v) / sizeof(v[0]); i++) {
		char in[128], out[256], room[256];
		struct text record, value, t;
		struct board_page p = {.version = {7, 3000000},
		    .recipients = v[i].recipients,
		    .messages = v[i].messages};
		struct board_page q;

		text_init(&record, in, sizeof(in));
		text_init(&value, out, sizeof(out));
		text_init(&t, room, sizeof(room));
		print_head(
		    &record, v[i].first, v[i].last, v[i].mark, v[i].pending);
		p.record = text_view(&record);
		p.at = (v[i].last ? RECORD_EPOCH + (int64_t)v[i].last : 0) +
		       v[i].after;
		board_page_print(&p, &value);
		CHECK(value.n <= v[i].bytes + 5 + 5);
		CHECK(board_page_take(text_view(&value), &t, &q));
		CHECK_INT(q.version.starts, 7);
		CHECK_INT(q.version.seq, 3000000);
		CHECK_INT(q.at, p.at);
		CHECK_INT(q.recipients, p.recipients);
		CHECK_INT(q.messages, p.messages);
		CHECK_STR(q.record, p.record);
		for (size_t n = 0; n + 5 < value.n; n++)
			CHECK(!board_page_take(
			    str_head(text_view(&value), n), &t, &q));
	}
}

static void
reads_older(void)
{
	char in[128], room[128];
	struct text value, t;
	struct board_page p;
	struct others_sketches sets;

	text_init(&value, in, sizeof(in));
	text_init(&t, room, sizeof(room));
	text_char(&value, 2);
	for (uint64_t i = 1; i <= 5; i++)
		pack_u64(&value, 1000 * i);
	text_add(&value, "record");
	CHECK(board_page_take(text_view(&value), &t, &p));
	CHECK_INT(p.version.starts, 1000);
	CHECK_INT(p.version.seq, 2000);
	CHECK_INT(p.at, 3000);
	CHECK_INT(p.recipients, 4000);
	CHECK_INT(p.messages, 5000);
	CHECK_STR(p.record, STR("record"));
	CHECK(board_page_take_sketches(STR("\3\1\2sets"), &sets));
	CHECK_INT(sets.version.seq, 2);
	CHECK_STR(sets.packed, STR("sets"));
	CHECK(sets.is_long);
	CHECK(board_page_take_sketches(STR("\4\1\2sets"), &sets));
	CHECK(sets.is_long);
	CHECK(board_page_take_sketches(STR("\5\1\2sets"), &sets));
	CHECK(!sets.is_long);
	CHECK(!board_page_take_sketches(STR("\6\1\2sets"), &sets));
	CHECK(!board_page_take_sketches(str_make("\0\1\2sets", 7), &sets));
	CHECK(!board_page_take(STR("\x84\1\2aaaaaaaaaaaaa"), &t, &p));
}

/* Every node finds it there, now and in later versions. */
static void
has_its_place(void)
{
	struct board_page_place p;
	char key[BOARD_PAGE_KEY];
	struct text t;

	board_page_find(
	    SUBJECT_ACCOUNT, STR("ann@example.com"), BOARD_PAGE_BITS, &p);
	text_init(&t, key, sizeof(key));
	board_page_print_key(p.bucket, STR("aaaaaaaaaaaaaaaa"), &t);
	text_char(&t, ' ');
	text_hex(&t, board_page_record(&p).p, board_page_record(&p).n);
	CHECK_STR(
	    text_view(&t), STR("outpost:b:aadc:aaaaaaaaaaaaaaaa 340bfd16bb58"));
	CHECK_INT(board_page_sketches(&p).n, BOARD_PAGE_FIELD + 1);
	board_page_find(SUBJECT_CLAIMED, STR("ann@example.com"), 4, &p);
	CHECK(p.bucket < 16);
	CHECK(str_starts(board_page_sketches(&p), board_page_record(&p)));
}

TESTS(TEST(comes_back), TEST(reads_older), TEST(has_its_place))
