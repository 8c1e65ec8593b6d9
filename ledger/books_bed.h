/* books_bed - books of a ledger and of a part that can't be replayed twice */
#ifndef LEDGER_BOOKS_BED_H
#define LEDGER_BOOKS_BED_H

#include <stdio.h>
#include <stdlib.h>

#include "base/test.h"
#include "ledger/books.h"
#include "ledger/ledger.h"
#include "ledger/pack.h"

enum { T0 = 1700000000 };

static char dir[64];

static inline void
make_dir(void)
{
	snprintf(dir, sizeof(dir), "/tmp/books_test.XXXXXX");
	CHECK(mkdtemp(dir) != NULL);
}

static inline void
remove_dir(void)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	CHECK_INT(system(command), 0);
}

/* A part that is not idempotent, the position in the log for one: how many
 * steps were taken, and the sum of their numbers. */
struct counter {
	uint64_t steps, sum;
	uint64_t new_steps, new_sum;
};

static inline void
counter_save(void *ctx, struct text *out)
{
	struct counter *c = ctx;

	if (c->new_steps == 0)
		return;
	pack_u64(out, c->new_steps);
	pack_u64(out, c->new_sum);
	c->new_steps = c->new_sum = 0;
}

static inline bool
counter_replay(void *ctx, struct str section)
{
	struct counter *c = ctx;
	uint64_t steps, sum;

	if (!pack_take_u64(&section, &steps) ||
	    !pack_take_u64(&section, &sum) || section.n > 0)
		return false;
	c->steps += steps;
	c->sum += sum;
	return true;
}

static inline void
counter_fold(void *ctx, struct disk_batch *b, int table)
{
	struct counter *c = ctx;
	char big[PACK_BIG];

	pack_big(c->steps, big);
	disk_put(b, table, STR("steps"), str_make(big, PACK_BIG));
	pack_big(c->sum, big);
	disk_put(b, table, STR("sum"), str_make(big, PACK_BIG));
}

static inline bool
counter_load(void *ctx, struct str key, struct str value)
{
	struct counter *c = ctx;

	return pack_from_big(
	    value, str_is(key, STR("sum")) ? &c->sum : &c->steps);
}

struct world {
	struct ledger *ledger;
	struct counter counter;
	struct books *books;
};

static inline bool
open_world_in(const char *in, struct world *w, struct error *err)
{
	static const struct ledger_options lo = {.max_subjects = 5000};
	struct books_options o = {in, 64 << 20, 700, 3000};

	*w = (struct world){.ledger = ledger_new(&lo)};
	struct books_part parts[] = {
	    ledger_part(w->ledger), {.tag = 'C',
					.table = "counter",
					.ctx = &w->counter,
					.save = counter_save,
					.replay = counter_replay,
					.fold = counter_fold,
					.load = counter_load}};

	w->books = books_open(&o, parts, 2, err);
	if (!w->books)
		ledger_free(&w->ledger);
	return w->books != NULL;
}

static inline bool
open_world(struct world *w, struct error *err)
{
	return open_world_in(dir, w, err);
}

static inline void
close_world(struct world *w)
{
	books_close(&w->books);
	ledger_free(&w->ledger);
}

static uint64_t seed = 3;

static inline uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* The i-th step is the same in every run. */
static inline void
take_step(struct world *w, uint32_t i)
{
	char name[32];
	struct ledger_touched t;

	seed = i + 1;
	snprintf(name, sizeof(name), "u%u@example.com", draw(700));
	struct fact f = {
	    .kind = (enum fact_kind)draw(FACT_KINDS),
	    .is_outward = draw(3) != 0,
	    .at = T0 + 40 * (int64_t)i,
	    .accepted_at = T0 + 40 * (int64_t)i,
	    .account = str_from(name),
	    .domain = STR("example.com"),
	    .recipient = str_from(name),
	    .size_bytes = draw(99999),
	    .n = 1,
	};

	ledger_add(w->ledger, &f, &t);
	w->counter.steps++;
	w->counter.new_steps++;
	w->counter.sum += i;
	w->counter.new_sum += i;
}

static inline void
check_same(struct world *a, struct world *b)
{
	struct subject *s;

	CHECK_INT(a->counter.steps, b->counter.steps);
	CHECK_INT(a->counter.sum, b->counter.sum);
	CHECK_INT(ledger_now(a->ledger), ledger_now(b->ledger));
	CHECK_INT(ledger_began(a->ledger), ledger_began(b->ledger));
	for (size_t i = 0; (s = ledger_next(a->ledger, &i));) {
		struct subject *t =
		    ledger_find(b->ledger, subject_kind(s), subject_key(s));

		CHECK(t != NULL || subject_first_seen(s) == 0);
		for (int c = 0; t && c < COUNTS; c++) {
			/* Who tries again what was refused before a crash may
			 * count once more: that memory isn't saved. */
			if (c == COUNT_ATTEMPTS || c == COUNT_DISGUISED)
				continue;
			CHECK_INT(subject_sum(
				      a->ledger, s, (enum count)c, 30 * 86400),
			    subject_sum(
				b->ledger, t, (enum count)c, 30 * 86400));
		}
		if (t) {
			CHECK_INT(subject_pending(s), subject_pending(t));
			CHECK_INT(subject_distinct_recipients(
				      s, 3600, ledger_now(a->ledger)),
			    subject_distinct_recipients(
				t, 3600, ledger_now(a->ledger)));
		}
	}
}

#endif
