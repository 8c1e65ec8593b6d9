/* log_ring - the last lines, whole, in their order */
#include "daemon/log_ring.h"

#include <stdio.h>

#include "base/test.h"
#include "base/text.h"

struct seen {
	unsigned first, last, n;
	bool is_broken;
};

static void
see(void *ctx, struct str line)
{
	struct seen *s = ctx;
	unsigned i = 0;

	if (line.n != 100 || sscanf(line.p, "line %u", &i) != 1 ||
	    (s->n > 0 && i != s->last + 1))
		s->is_broken = true;
	if (s->n++ == 0)
		s->first = i;
	s->last = i;
}

static void
fill(struct log_ring *r, unsigned from, unsigned n)
{
	char line[101];

	for (unsigned i = from; i < from + n; i++) {
		snprintf(line, sizeof(line), "line %-95u", i);
		log_ring_add(r, str_make(line, 100));
	}
}

static void
the_last_lines_are_there(void)
{
	static const unsigned counts[] = {0, 1, 500, 1000, 5000, 77777};

	for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		struct log_ring *r = log_ring_new(256 * 1024);
		struct seen s = {0};
		uint64_t at = 0;

		fill(r, 0, counts[k]);
		while (log_ring_walk(r, &at, 7, see, &s))
			continue;
		CHECK(!s.is_broken);
		CHECK(s.n <= counts[k]);
		CHECK(s.n == counts[k] || s.n >= 1290);
		CHECK(s.n == 0 || s.last == counts[k] - 1);
		log_ring_free(&r);
	}
}

static void
lines_may_come_during_a_walk(void)
{
	struct log_ring *r = log_ring_new(256 * 1024);
	struct seen s = {0};
	uint64_t at = 0;
	unsigned next = 1000;

	fill(r, 0, next);
	while (log_ring_walk(r, &at, 10, see, &s) && next < 30000) {
		fill(r, next, 5);
		next += 5;
	}
	CHECK(!s.is_broken);
	/* Overtaken: what is gone is left out, nothing is torn. */
	at = 0;
	s = (struct seen){0};
	log_ring_walk(r, &at, 10, see, &s);
	fill(r, next, 9000);
	s = (struct seen){0};
	while (log_ring_walk(r, &at, 10, see, &s))
		continue;
	CHECK(!s.is_broken);
	CHECK_INT(s.last, next + 8999);
	log_ring_free(&r);
}

static void
without_room_nothing_is_kept(void)
{
	struct log_ring *r = log_ring_new(0);
	uint64_t at = 0;

	CHECK(r == NULL);
	log_ring_add(r, STR("a line"));
	CHECK(!log_ring_walk(r, &at, 10, see, NULL));
}

static bool
has_bob(void *ctx, struct str line)
{
	(void)ctx;
	return str_find(line, STR("bob")) >= 0;
}

static void
collect(void *ctx, struct str line)
{
	struct text *t = ctx;

	text_str(t, line);
	text_char(t, ' ');
}

static void
lines_are_blotted_out_and_grow_old(void)
{
	struct log_ring *r = log_ring_new(1);
	char buf[100];
	struct text t;
	uint64_t at = 0;

	log_ring_tick(r, 1000, 10);
	log_ring_add(r, STR("a"));
	log_ring_add(r, STR("bobby"));
	CHECK_INT(log_ring_blot(r, has_bob, NULL), 1);
	text_init(&t, buf, sizeof(buf));
	log_ring_walk(r, &at, 10, collect, &t);
	CHECK_STR(text_view(&t), STR("a ----- "));
	log_ring_tick(r, 1005, 10); /* now in the older half */
	log_ring_add(r, STR("c"));
	log_ring_tick(r, 1009, 10);
	text_clear(&t);
	at = 0;
	while (log_ring_walk(r, &at, 10, collect, &t))
		continue;
	CHECK_STR(text_view(&t), STR("c "));
	log_ring_tick(r, 1010, 10);
	log_ring_tick(r, 1015, 10);
	text_clear(&t);
	at = 0;
	while (log_ring_walk(r, &at, 10, collect, &t))
		continue;
	CHECK_STR(text_view(&t), STR(""));
	log_ring_free(&r);
}

TESTS(TEST(the_last_lines_are_there), TEST(lines_may_come_during_a_walk),
    TEST(without_room_nothing_is_kept),
    TEST(lines_are_blotted_out_and_grow_old))
