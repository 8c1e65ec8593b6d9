/* board_sweep_test - what is dropped, left over, or of an older layout */
#include "ledger/board_bed.h"
#include "ledger/board_parts.h"

static void
forget(struct node *n, const char *account)
{
	CHECK(ledger_forget(n->ledger, SUBJECT_ACCOUNT, str_from(account)));
}

static void
sum_soon(struct node *n, const char *account, uint64_t want)
{
	int ms = 0;

	while (sum(n, account) != want && test_loop_wait(n->l, &ms))
		;
	CHECK_INT(sum(n, account), want);
}

static void
goes_with_its_subject(void)
{
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	fill(&a, 0, 40);
	run_until_complete(&a);
	int64_t all = fields_of(&a, A);

	forget(&a, "user7@example.com");
	CHECK_INT(fields_soon(&a, A, all - 2), all - 2);
	CHECK(!has_field(&a, "user7@example.com", A, 1));
	CHECK(has_field(&a, "user8@example.com", A, 1));
	fill(&a, 7, 8);
	run_until_complete(&a);
	CHECK_INT(fields_soon(&a, A, all), all);
	/* Of any node. */
	board_forget(a.board, SUBJECT_ACCOUNT, STR("user9@example.com"));
	CHECK_INT(fields_soon(&a, A, all - 2), all - 2);
	node_free(&a);
	finish(l);
}

/* Killed, and what it knew is lost: what it posts then is all it has. */
static void
leaves_nothing_over(void)
{
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start_at(&a, l, A, "0123");
	fill(&a, 0, 200);
	run_until_complete(&a);
	int64_t all = fields_of(&a, A);

	node_free(&a);
	a = (struct node){0};
	node_start_at(&a, l, A, "0123");
	fill(&a, 0, 40);
	for (int i = 0; i < 200 && fields_of(&a, A) != all - 2 * 160; i++)
		fill(&a, i % 40, i % 40 + 1);
	CHECK_INT(fields_of(&a, A), all - 2 * 160);
	for (int i = 0; i < 40; i++) {
		char name[40];

		snprintf(name, sizeof(name), "user%d@example.com", i);
		CHECK(has_field(&a, name, A, 1));
		CHECK(has_field(&a, name, A, 2));
	}
	node_free(&a);
	finish(l);
}

/* Redis is full when all is posted again: what it had still counts. */
static void
takes_nothing_from_a_full_redis(void)
{
	const struct str full[] = {
	    STR("CONFIG"), STR("SET"), STR("maxmemory"), STR("1")};
	struct loop *l = begin();
	struct node a = {0};

	if (!l)
		return;
	node_start(&a, l, A);
	fill(&a, 0, 40);
	run_until_complete(&a);
	test_loop_run(l, 300);
	int64_t all = fields_of(&a, A);

	redis_ask(a.writer, full, 4, NULL, NULL);
	board_post_all(a.board);
	for (int i = 0; i < 10; i++)
		board_post(a.board);
	board_on_beat(a.board);
	test_loop_run(l, 300);
	CHECK_INT(fields_of(&a, A), all);
	node_free(&a);
	finish(l);
}

/* A hash that was emptied, and so is another one. */
static void
keeps_its_end(void)
{
	struct loop *l = begin();
	struct node a = {0};
	char name[40] = "";

	if (!l)
		return;
	node_start(&a, l, A);
	for (int i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "user%d@example.com", i);
		count(&a, name, 1);
		run_until_complete(&a);
		forget(&a, name);
		if (ask_page(&a, "EXISTS", name, A, 0, STR("")) == 0)
			break;
	}
	count(&a, name, 1);
	run_until_complete(&a);
	CHECK(has_field(&a, name, A, 1));
	CHECK(ask_page(&a, "TTL", name, A, 0, STR("")) > 0);
	node_free(&a);
	finish(l);
}

static void
print_own(struct node *n, const char *account, struct text *out)
{
	char buf[1024];
	struct text room;
	struct board_page p;

	ask_page(n, "HGET", account, B, 1, STR(""));
	text_init(&room, buf, sizeof(buf));
	CHECK(board_page_take(str_make(n->text, n->text_n), &room, &p));
	text_char(out, BOARD_PAGE_FORMAT_OWN);
	pack_u64(out, p.version.starts);
	pack_u64(out, p.version.seq);
	pack_u64(out, (uint64_t)p.at);
	pack_u64(out, 0);
	pack_u64(out, 0);
	text_str(out, p.record);
}

/* A node of format 3 is read; when it is upgraded its pages move. */
static void
reads_format_3(void)
{
	struct loop *l = begin();
	struct node a = {0}, b = {0};
	char buf[1024], json[64];
	struct text own, j;

	if (!l)
		return;
	text_init(&own, buf, sizeof(buf));
	text_init(&j, json, sizeof(json));
	node_start(&b, l, B);
	count(&b, "ann@example.com", 5);
	run_until_complete(&b);
	print_own(&b, "ann@example.com", &own);
	node_leave(&b);
	node_start(&a, l, A);
	const struct str page[] = {STR("HSET"),
	    STR(KEYS_COUNTS "a:ann@example.com"), STR(B), text_view(&own)};

	redis_ask(a.writer, page, 4, NULL, NULL);
	text_printf(&j, "{\"at\":%lld,\"starts\":7}",
	    (long long)(loop_now_us(l) / TIME_US));
	const struct str node[] = {
	    STR("HSET"), STR(KEYS_NODES), STR(B), text_view(&j)};

	test_loop_run(l, 100);
	redis_ask(a.writer, page, 4, NULL, NULL);
	redis_ask(a.writer, node, 4, NULL, NULL);
	ask_page(&a, "DEL", "ann@example.com", B, 0, STR(""));
	test_loop_run(l, 300);
	count(&a, "ann@example.com", 1);
	run_until_complete(&a);
	sum_soon(&a, "ann@example.com", 6);
	node_start(&b, l, B);
	count(&b, "ann@example.com", 2);
	run_until_complete(&b);
	CHECK_INT(ask(&b, "EXISTS", KEYS_COUNTS "a:ann@example.com", ""), 0);
	CHECK(has_field(&b, "ann@example.com", B, 1));
	test_loop_run(l, 300);
	count(&a, "ann@example.com", 1);
	run_until_complete(&a);
	sum_soon(&a, "ann@example.com", 2 + 2);
	node_free(&a);
	node_free(&b);
	finish(l);
}

TESTS(TEST(goes_with_its_subject), TEST(leaves_nothing_over),
    TEST(takes_nothing_from_a_full_redis), TEST(keeps_its_end),
    TEST(reads_format_3))
