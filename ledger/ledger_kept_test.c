/* ledger_kept_test - of the silent less is kept, and the same is known */
#include <stdio.h>

#include "ledger/books.h"
#include "ledger/ledger_bed.h"

enum { PEOPLE = 200 };

struct posted {
	size_t n, bytes;
	bool is_small;
};

static void
on_changed(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	struct posted *p = ctx;

	(void)key;
	(void)record;
	if (kind != SUBJECT_ACCOUNT || sketches.n == 0)
		return;
	p->n++;
	p->bytes = sketches.n;
	p->is_small = ledger_is_small(sketches);
}

static struct posted
post(struct ledger *l)
{
	struct posted p = {0};

	while (ledger_each_changed(l, 100, on_changed, &p) > 0)
		;
	return p;
}

static void
send(struct ledger *l, int64_t at, int first, int n)
{
	struct fact f = make(FACT_ACCEPTED, at, "ann@example.com");
	char to[64];

	add(l, &f);
	f.kind = FACT_RECIPIENT;
	for (int i = first; i < first + n; i++) {
		snprintf(to, sizeof(to), "%d@example.net", i);
		f.recipient = str_from(to);
		add(l, &f);
	}
}

static void
silence(struct ledger *l, const struct books_part *part, int64_t *at, int hours)
{
	struct text journal;

	for (int i = 0; i < 6 * hours; i++) {
		*at += 600;
		ledger_tick(l, *at);
		text_grow(&journal, 1 << 20);
		part->save(l, &journal);
		text_done(&journal);
	}
}

static void
check_known(struct ledger *l, size_t known, size_t networks)
{
	struct subject_network v[SUBJECT_NETWORKS];
	struct subject *s =
	    ledger_find(l, SUBJECT_ACCOUNT, STR("ann@example.com"));

	CHECK(s != NULL);
	if (!s)
		return;
	/* Two of them may be alike to it. */
	CHECK(subject_known(s) <= known && subject_known(s) + 1 >= known);
	CHECK_INT(subject_networks(s, v), networks);
}

static void
the_silent_are_small(void)
{
	struct ledger *l = ledger_new(&options);
	struct books_part part = ledger_part(l);
	int64_t at = T0;

	post(l);
	send(l, at, 0, PEOPLE);
	silence(l, &part, &at, 0);
	struct posted busy = post(l);

	CHECK_INT(busy.n, 1);
	CHECK(!busy.is_small && busy.bytes > 4 * PEOPLE);
	check_known(l, PEOPLE, 1);
	silence(l, &part, &at, 50);
	struct posted still = post(l);

	CHECK_INT(still.n, 1);
	CHECK(still.is_small && still.bytes < 3 * PEOPLE / 2 + 40);
	check_known(l, PEOPLE, 1);
	silence(l, &part, &at, 50);
	CHECK_INT(post(l).n, 0);
	send(l, at, PEOPLE / 2, PEOPLE);
	check_known(l, PEOPLE + PEOPLE / 2, 1);
	ledger_free(&l);
}

/* Recipients of the last day are over two days later, though nothing happens.
 */
static void
what_is_over_goes(void)
{
	struct ledger *l = ledger_new(&options);
	struct books_part part = ledger_part(l);
	int64_t at = T0;

	post(l);
	send(l, at, 0, 100);
	silence(l, &part, &at, 5);
	struct posted day = post(l);

	CHECK(day.is_small && day.bytes > 250);
	silence(l, &part, &at, 50);
	struct posted later = post(l);

	CHECK_INT(later.n, 1);
	CHECK(later.is_small && later.bytes < 200);
	check_known(l, 100, 1);
	ledger_free(&l);
}

TESTS(TEST(the_silent_are_small), TEST(what_is_over_goes))
