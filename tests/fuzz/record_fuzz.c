/* Packed counts and sets, as they come from Redis, from the books and their
 * journal: the first byte says as what the others are taken. */
#include <stdlib.h>

#include "ledger/ledger_state.h"
#include "ledger/networks.h"
#include "ledger/record.h"
#include "ledger/sketch.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1700000000, DAY = 86400 };

static void
pack_again(const struct record *r)
{
	struct record back = {0};
	struct text t;

	text_grow(&t, 1 << 22);
	record_pack(r, &t);
	if (!t.is_cut && !record_unpack(&back, text_view(&t)))
		abort();
	text_done(&t);
	record_done(&back);
}

/* Everything can be done with it. */
static void
use_record(struct record *r)
{
	struct record_walk w;
	struct record scratch = {0};
	struct cell cell;
	uint64_t last = 0;

	record_walk(&w, r);
	while (record_next(&w, &cell)) {
		if (cell.n == 0 || cell.key < last ||
		    cell_count(cell) >= COUNTS)
			abort();
		last = cell.key + 1ull;
	}
	pack_again(r);
	record_add(r, COUNT_MESSAGES, NOW, NOW, 1);
	record_mark(r, NOW);
	record_fold(r, NOW + DAY);
	record_sum(r, COUNT_MESSAGES, DAY, 0, NOW + DAY);
	record_before(r, record_minute(NOW), record_minute(NOW), &scratch);
	record_merge(&scratch, r);
	record_shrink(&scratch);
	record_done(&scratch);
	pack_again(r);
}

static void
read_record(struct str in, bool is_change)
{
	struct record r = {0};

	record_add(&r, COUNT_RECIPIENTS, NOW - 3 * DAY, NOW, 5);
	record_add(&r, COUNT_RECIPIENTS, NOW, NOW, 5);
	if (is_change)
		record_apply_change(&r, in);
	else if (!record_unpack(&r, in) && !record_is_empty(&r))
		abort();
	use_record(&r);
	record_done(&r);
}

static void
read_sketch(struct str in, bool is_fresh)
{
	struct sketch s = {0}, back = {0};
	const struct sketch *one = &s;
	struct text t;

	text_grow(&t, 1 << 20);
	sketch_add(&s, 1 << 6 | 3, NOW);
	if (is_fresh)
		sketch_apply_fresh(&s, in);
	else if (!sketch_unpack(&s, in) && !sketch_is_empty(&s))
		abort();
	sketch_pack(&s, &t);
	if (!sketch_unpack(&back, text_view(&t)))
		abort();
	for (int i = 0; i < 300; i++)
		sketch_add(&s, (uint16_t)(i << 6 | 1), NOW + DAY);
	sketch_count(&one, 1, DAY, NOW + DAY);
	sketch_fold(&s, NOW + 9 * DAY);
	sketch_done(&s);
	sketch_done(&back);
	text_done(&t);
}

static void
read_networks(struct str in)
{
	struct networks w = {0};

	if (!networks_unpack(&w, in) && w.n > 0)
		abort();
	for (size_t i = 0; i < w.n; i++)
		networks_net(&w.v[i]);
	networks_count(&w, NOW);
	networks_fold(&w, NOW);
	networks_done(&w);
}

/* Of today, and of before: what was read can be written, and read again. */
static void
read_sets(struct str in, bool is_5)
{
	struct subject_seen seen = {0}, back = {0};
	struct subject_look look;
	struct ledger_value value;
	struct text t, scratch;

	text_grow(&t, 1 << 20);
	text_grow(&scratch, 1 << 20);
	ledger_look_seen(in, &look);
	ledger_look_value(in, &value);
	if (is_5 ? ledger_take_seen_5(in, &seen)
		 : ledger_take_seen(in, &seen)) {
		ledger_pack_seen(&seen, true, &scratch, &t);
		if (!ledger_take_seen(text_view(&t), &back))
			abort();
		known_meet(&seen.known, 77, NOW);
		networks_fold(&seen.networks, NOW);
		sketch_fold(&seen.recipients, NOW);
	}
	subject_seen_done(&seen);
	subject_seen_done(&back);
	text_done(&t);
	text_done(&scratch);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	/* Its own bytes, so that reading behind them is seen. */
	char *copy = malloc(size);

	if (!copy)
		abort();
	memcpy(copy, data + 1, size - 1);
	struct str in = str_make(copy, size - 1);

	if (data[0] >= 250)
		read_sets(in, data[0] % 2);
	else if (data[0] % 5 < 2)
		read_record(in, data[0] % 5);
	else if (data[0] % 5 < 4)
		read_sketch(in, data[0] % 5 == 3);
	else
		read_networks(in);
	free(copy);
	return 0;
}
