/* record_spelt - what is packed of a record, spelt out by count and remembered
 *
 * The wider buckets of a record change every ten minutes at most, but a busy
 * account's sums are wanted every minute. So of those that were asked about
 * last they are kept as they read: by count, with the sum of all before each.
 * Whether what is kept is still so, is told by the packed bytes themselves.
 */
#ifndef LEDGER_RECORD_SPELT_H
#define LEDGER_RECORD_SPELT_H

#include "ledger/record.h"

struct record_spelling;

/* So many records are remembered, the long ones apart: a power of two, not less
 * than 8. */
struct record_spelling *record_spelling_new(uint32_t n);
void record_spelling_free(struct record_spelling **s);

/* The sums of record_pairs of a record that was folded. Where it is remembered
 * goes by `who`, any number. Before the minute *until (NULL: nobody asks), only
 * single minutes leave their windows, and record_leave is enough. */
void record_sum_spelt(struct record_spelling *s, uint64_t who,
    const struct record *r, const struct record_pairs *pairs, int64_t mark,
    int64_t now, uint64_t *sums, uint32_t *until);
/* From the sums of a minute, and all that was counted since for it or later, to
 * those of a later one. The record was not folded since. */
void record_leave(const struct record *r, const struct record_pairs *pairs,
    int64_t mark, uint32_t from, uint32_t to, uint64_t *sums);

/* All cells of one count, by time: *out, until the next call. */
size_t record_cells_of(struct record_spelling *s, uint64_t who,
    const struct record *r, enum count c, const struct cell **out);

/* What each past window of so many minutes held, in no order, of those in which
 * something was counted; returns how many, at most max. A cell wider than the
 * window counts as one that held all of it; days tell nothing about less than a
 * quarter of one. The first *n_packed of them hold more than single minutes of
 * the last hour. */
size_t record_past_windows(struct record_spelling *s, uint64_t who,
    const struct record *r, enum count c, uint32_t window, uint32_t today,
    uint64_t *v, size_t max, size_t *n_packed);

#endif
