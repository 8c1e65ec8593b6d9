/* accounts_shares - how much of what is kept of an account is what */
#include "tests/bench/accounts_shares.h"

#include <stdio.h>

#include "base/error.h"
#include "ledger/ledger_state.h"

void
shares_make_value(struct str record, struct str sets, struct text *out)
{
	bool has_sets = sets.n > 0 && sets.p[0] != 0;
	struct ledger_head head = {0};

	ledger_take_head(&record, &head);
	ledger_put_value(&head, record, has_sets, out);
	if (has_sets)
		text_str(out, sets);
}

/* How much of what is kept of a kind of subject: as it is packed. Its sets are
 * recipients of today, networks, whom it knows, habits: each as if it were
 * there alone. */
enum { SETS = 4 };
struct share {
	size_t n, key, record, sketches;
	size_t sets[SETS];
};

static size_t
size_of_sets(const struct subject_seen *seen)
{
	struct text scratch, out;

	text_grow(&scratch, LEDGER_VALUE_MAX);
	text_grow(&out, LEDGER_VALUE_MAX);
	ledger_pack_seen(seen, true, &scratch, &out);
	size_t n = out.n - 1;

	text_done(&scratch);
	text_done(&out);
	return n;
}

static void
on_changed(void *ctx, enum subject_kind kind, struct str key, struct str record,
    struct str sketches)
{
	struct share *share = (struct share *)ctx + kind;
	struct subject_seen seen = {0};
	struct text value;
	size_t sets = sketches.n > 0 && sketches.p[0] != 0 ? sketches.n : 0;

	share->n++;
	share->key += key.n;
	share->sketches += sets;
	text_grow(&value, 2 * LEDGER_VALUE_MAX);
	shares_make_value(record, sketches, &value);
	share->record += value.n - sets;
	text_done(&value);
	if (!ledger_take_seen(sketches, &seen))
		fatal("sets are damaged");
	const struct subject_seen parts[SETS] = {
	    {.recipients = seen.recipients},
	    {.networks = seen.networks},
	    {.known = seen.known},
	    {.habits = seen.habits},
	};

	for (int i = 0; i < SETS; i++)
		share->sets[i] += size_of_sets(&parts[i]);
	subject_seen_done(&seen);
}

void
shares_say(struct ledger *l, uint32_t accounts)
{
	struct share shares[SUBJECT_KINDS] = {0};
	double n = accounts;

	ledger_change_all(l);
	while (ledger_each_changed(l, 10000, on_changed, shares) > 0)
		;
	for (int k = 0; k < SUBJECT_KINDS; k++) {
		const struct share *s = &shares[k];

		if (s->n == 0)
			continue;
		printf("%s subjects %.3f keys %.1f records %.1f sketches %.1f",
		    subject_kind_text((enum subject_kind)k), (double)s->n / n,
		    (double)s->key / n, (double)s->record / n,
		    (double)s->sketches / n);
		printf(" recipients %.1f networks %.1f known %.1f habits "
		       "%.1f\n",
		    (double)s->sets[0] / n, (double)s->sets[1] / n,
		    (double)s->sets[2] / n, (double)s->sets[3] / n);
	}
}
