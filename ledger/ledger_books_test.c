/* ledger_books_test - what the journal gives back is what was counted */
#include "ledger/ledger.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "ledger/ledger_bed.h"
#include "ledger/books.h"

static uint64_t seed = 7;

static uint32_t
draw(uint32_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(seed >> 33) % below;
}

/* Whatever a knows, b knows the same. */
static bool
is_same(struct ledger *a, struct ledger *b)
{
	struct subject *s;

	if (ledger_now(a) != ledger_now(b) ||
	    ledger_began(a) != ledger_began(b))
		return false;
	for (size_t i = 0; (s = ledger_next(a, &i));) {
		struct subject *t =
		    ledger_find(b, subject_kind(s), subject_key(s));

		if (!subject_first_seen(s) && !subject_mark(s))
			continue; /* named by nothing that counts */
		if (!t || subject_pending(s) != subject_pending(t) ||
		    subject_mark(s) != subject_mark(t) ||
		    subject_first_seen(s) != subject_first_seen(t) ||
		    subject_known(s) != subject_known(t) ||
		    subject_distinct_recipients(s, 3600, ledger_now(a)) !=
			subject_distinct_recipients(t, 3600, ledger_now(a)) ||
		    subject_distinct_networks(s, DAY, ledger_now(a)) !=
			subject_distinct_networks(t, DAY, ledger_now(a)))
			return false;
		for (int c = 0; c < COUNTS; c++) {
			if (subject_sum(a, s, (enum count)c, 20 * DAY) !=
			    subject_sum(b, t, (enum count)c, 20 * DAY))
				return false;
		}
	}
	return true;
}

static void
random_fact(struct ledger *l, int64_t now)
{
	char name[64], to[64];

	snprintf(name, sizeof(name), "u%u@example.com", draw(300));
	snprintf(to, sizeof(to), "r%u@example.net", draw(4000));
	struct fact f = make((enum fact_kind)draw(FACT_KINDS), now, name);

	f.client.b[14] = (uint8_t)draw(200);
	f.recipient = str_from(to);
	f.size_bytes = draw(100000);
	f.is_outward = draw(4) != 0;
	if (draw(100) == 0) {
		struct subject *s =
		    ledger_get(l, SUBJECT_ACCOUNT, str_from(name));

		ledger_mark(l, s, now);
	}
	add(l, &f);
}

/* What save wrote, replayed, gives the same books; subjects come and go. */
static void
journal_gives_the_same_books(void)
{
	static const struct ledger_options few = {.max_subjects = 300};
	struct ledger *a = ledger_new(&few), *b = ledger_new(&few);
	struct books_part from = ledger_part(a), to = ledger_part(b);
	struct text t;
	int64_t now = T0;

	text_grow(&t, 1 << 24);
	for (int i = 0; i < 400; i++) {
		for (uint32_t k = draw(200); k > 0; k--) {
			now += draw(300) ? draw(3) : draw(20000);
			random_fact(a, now);
		}
		text_clear(&t);
		from.save(from.ctx, &t);
		CHECK(to.replay(to.ctx, text_view(&t)));
		if (i % 7 == 0)
			CHECK(to.replay(to.ctx, text_view(&t)));
		if (i % 20 == 0)
			CHECK(is_same(a, b) && is_same(b, a));
	}
	text_clear(&t);
	from.save(from.ctx, &t);
	CHECK_INT(t.n, 0);
	text_done(&t);
	ledger_free(&a);
	ledger_free(&b);
}

static void
damaged_sections_break_nothing(void)
{
	struct ledger *a = ledger_new(&options);
	struct books_part from = ledger_part(a);
	struct text t;

	for (int i = 0; i < 2000; i++)
		random_fact(a, T0 + i);
	text_grow(&t, 1 << 24);
	from.save(from.ctx, &t);
	for (int i = 0; i < 300; i++) {
		struct ledger *b = ledger_new(&options);
		struct books_part to = ledger_part(b);
		uint32_t at = draw((uint32_t)t.n);

		t.p[at] ^= (char)(1 << draw(8));
		to.replay(to.ctx, text_view(&t));
		for (uint32_t k = draw(50); k > 0; k--)
			random_fact(b, T0 + 3000 + k);
		ledger_tick(b, T0 + 40 * DAY);
		ledger_free(&b);
	}
	text_done(&t);
	ledger_free(&a);
}

TESTS(TEST(journal_gives_the_same_books), TEST(damaged_sections_break_nothing))
