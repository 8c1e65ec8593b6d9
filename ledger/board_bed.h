/* board_bed - nodes with a ledger and a board, for the board's tests */
#ifndef LEDGER_BOARD_BED_H
#define LEDGER_BOARD_BED_H

#include "ledger/board.h"

#include <stdio.h>

#include "base/loop.h"
#include "base/test.h"
#include "base/test_loop.h"
#include "base/test_redis.h"
#include "base/time.h"
#include "ledger/keys.h"
#include "ledger/pack.h"
#include "ledger/board_page.h"

#define A "aaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbb"

enum { BITS = 4 };

struct node {
	struct loop *l;
	struct ledger *ledger;
	struct redis *writer;
	struct board *board;
	struct loop_timer *post;
	int duplicates, reads, lefts, news;
	bool is_fresh;
	const char *label; /* NULL: none */
	int64_t born;
	int64_t integer; /* of the last answer */
	char text[512];
	size_t text_n;
	bool is_answered;
	uint32_t n_lengths;
};

static inline void
on_duplicate(void *ctx)
{
	struct node *n = ctx;

	n->duplicates++;
}

static inline void
on_news(void *ctx, struct subject *s)
{
	struct node *n = ctx;

	(void)s;
	n->news++;
}

static inline void
on_beat(void *ctx, struct nodes_one *self)
{
	struct node *n = ctx;

	if (n->label)
		snprintf(self->label, sizeof(self->label), "%s", n->label);
}

static inline void
on_state(void *ctx, bool is_up, const char *reason)
{
	struct node *n = ctx;

	(void)is_up;
	(void)reason;
	if (n->board)
		board_on_state(n->board);
}

static inline void
on_post(void *ctx)
{
	struct node *n = ctx;

	ledger_tick(n->ledger, loop_now_us(n->l) / TIME_US);
	board_post(n->board);
}

static inline void
node_start_at(
    struct node *n, struct loop *l, const char *name, const char *place)
{
	const struct redis_options o = {test_redis_uri(), 500, 500, 10000};
	const struct board_options b = {
	    .node = str_from(name),
	    .place = str_from(place),
	    .starts = 7,
	    .born = n->born,
	    .max_in_flight = 200,
	    .beat_ms = 100,
	    .bits = BITS,
	};
	const struct board_hooks hooks = {.on_duplicate = on_duplicate,
	    .on_news = on_news,
	    .on_beat = on_beat,
	    .ctx = n};
	const struct ledger_options ledger = {.max_subjects = 10000};

	n->l = l;
	n->ledger = ledger_new(&ledger);
	n->writer = redis_new(l, &o, on_state, n, NULL);
	n->board = board_new(l, &b, &hooks, n->ledger, n->writer);
	n->post = loop_timer_new(l, on_post, n);
	loop_timer_every(n->post, 50 * 1000);
}

static inline void
node_start(struct node *n, struct loop *l, const char *name)
{
	node_start_at(n, l, name, "");
}

static inline void
node_free(struct node *n)
{
	loop_timer_free(&n->post);
	redis_free(&n->writer);
	board_free(&n->board);
	ledger_free(&n->ledger);
}

static inline struct loop *
begin(void)
{
	if (test_redis_start())
		return loop_new();
	TEST_SKIP("no redis-server");
	return NULL;
}

static inline void
finish(struct loop *l)
{
	test_redis_end();
	loop_free(&l);
}

static inline void
count(struct node *n, const char *account, int recipients)
{
	struct fact f = {
	    .kind = FACT_RECIPIENT,
	    .is_outward = true,
	    .at = loop_now_us(n->l) / TIME_US,
	    .account = str_from(account),
	    .recipient = STR("bob@example.net"),
	    .n = 1,
	};
	struct ledger_touched t;

	f.accepted_at = f.at;
	CHECK(ip_parse(STR("192.0.2.7"), &f.client));
	for (int i = 0; i < recipients; i++)
		ledger_add(n->ledger, &f, &t);
}

static inline uint64_t
sum(struct node *n, const char *account)
{
	struct subject *s =
	    ledger_find(n->ledger, SUBJECT_ACCOUNT, str_from(account));

	return s ? subject_sum(n->ledger, s, COUNT_RECIPIENTS, 3600) : 0;
}

static inline uint64_t
distinct(struct node *n, const char *account)
{
	struct subject *s =
	    ledger_find(n->ledger, SUBJECT_ACCOUNT, str_from(account));

	return s ? subject_distinct_recipients(s, 3600, ledger_now(n->ledger))
		 : 0;
}

static inline void
on_answer(void *ctx, const struct redis_reply *r)
{
	struct node *n = ctx;

	n->is_answered = true;
	if (!r)
		return;
	struct str text = redis_reply_text(r);

	n->integer = redis_reply_integer(r);
	n->text_n = text.n < sizeof(n->text) ? text.n : sizeof(n->text);
	if (n->text_n)
		memcpy(n->text, text.p, n->text_n);
}

static inline int64_t
ask(struct node *n, const char *command, const char *key, const char *field)
{
	const struct str argv[] = {
	    str_from(command), str_from(key), str_from(field)};
	int ms = 0;

	n->integer = -99;
	n->text_n = 0;
	n->is_answered = false;
	redis_ask(n->writer, argv, *field ? 3 : *key ? 2 : 1, on_answer, n);
	while (!n->is_answered && test_loop_wait(n->l, &ms))
		;
	return n->integer;
}

/* The command's key is of the bucket that an account has at this node; its
 * fields, if it takes any: 1 the record, 2 the sketches. */
static inline int64_t
ask_page(struct node *n, const char *command, const char *account,
    const char *node, int field, struct str value)
{
	char key[BOARD_PAGE_KEY];
	struct text k;
	struct board_page_place place;
	int ms = 0;

	board_page_find(SUBJECT_ACCOUNT, str_from(account), BITS, &place);
	text_init(&k, key, sizeof(key));
	board_page_print_key(place.bucket, str_from(node), &k);
	const struct str argv[] = {str_from(command), text_view(&k),
	    field == 2 ? board_page_sketches(&place)
		       : board_page_record(&place),
	    value};

	n->integer = -99;
	n->text_n = 0;
	n->is_answered = false;
	redis_ask(n->writer, argv,
	    field == 0 ? 2
	    : value.n  ? 4
		       : 3,
	    on_answer, n);
	test_loop_run(n->l, 50);
	while (!n->is_answered && test_loop_wait(n->l, &ms))
		;
	return n->integer;
}

static inline bool
has_field(struct node *n, const char *account, const char *node, int field)
{
	return ask_page(n, "HEXISTS", account, node, field, STR("")) == 1;
}

static inline void
on_length(void *ctx, const struct redis_reply *r)
{
	struct node *n = ctx;

	n->integer += r ? redis_reply_integer(r) : 0;
	n->n_lengths++;
}

/* How many fields a node has on the board. */
static inline int64_t
fields_of(struct node *n, const char *node)
{
	char key[BOARD_PAGE_KEY];
	struct text k;
	int ms = 0;

	n->integer = 0;
	n->n_lengths = 0;
	for (uint32_t i = 0; i < 1u << BITS; i++) {
		text_init(&k, key, sizeof(key));
		board_page_print_key(i, str_from(node), &k);
		const struct str argv[] = {STR("HLEN"), text_view(&k)};

		redis_ask(n->writer, argv, 2, on_length, n);
	}
	test_loop_run(n->l, 50);
	while (n->n_lengths < 1u << BITS && test_loop_wait(n->l, &ms))
		;
	return n->integer;
}

/* As soon as they are so many, or at the end of the patience. */
static inline int64_t
fields_soon(struct node *n, const char *node, int64_t want)
{
	int ms = 0;

	while (fields_of(n, node) != want && test_loop_wait(n->l, &ms))
		ms += 50;
	return n->integer;
}

static inline uint64_t
seq_of(struct node *n, const char *account)
{
	struct str v;
	struct others_version version = {0};

	ask_page(n, "HGET", account, A, 1, STR(""));
	v = str_make(n->text, n->text_n);
	CHECK(board_page_take_version(&v, &version));
	CHECK_INT(version.starts, 7);
	return version.seq;
}

static inline bool
is_complete(const struct node *n)
{
	struct board_status s;

	board_status(n->board, &s);
	return s.is_complete;
}

static inline void
run_until_complete(struct node *n)
{
	int ms = 0;

	test_loop_run(n->l, 60);
	while (!is_complete(n) && test_loop_wait(n->l, &ms))
		;
	CHECK(is_complete(n));
}

static inline void
on_read(void *ctx, bool is_fresh)
{
	struct node *n = ctx;

	n->reads++;
	n->is_fresh = is_fresh;
}

static inline void
read_ann(struct node *n, int timeout_ms)
{
	int ms = 0;

	board_read(n->board, SUBJECT_ACCOUNT, STR("ann@example.com"),
	    timeout_ms, on_read, n);
	CHECK_INT(n->reads, 0); /* never before it returns */
	test_loop_run(n->l, timeout_ms + 50);
	while (n->reads == 0 && test_loop_wait(n->l, &ms))
		;
	CHECK_INT(n->reads, 1);
	n->reads = 0;
}

static inline void
fill(struct node *n, int from, int to)
{
	char name[40];

	for (int i = from; i < to; i++) {
		snprintf(name, sizeof(name), "user%d@example.com", i);
		count(n, name, 1);
	}
}

static inline void
on_left(void *ctx)
{
	struct node *n = ctx;

	n->lefts++;
}

/* It ends well. */
static inline void
node_leave(struct node *n)
{
	int ms = 0;

	board_leave(n->board, 1000, on_left, n);
	while (n->lefts == 0 && test_loop_wait(n->l, &ms))
		;
	node_free(n);
	*n = (struct node){0};
}

#endif
