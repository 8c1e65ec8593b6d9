/* ledger_post - what the board posts: who has changed, packed */
#include "ledger/ledger_state.h"

size_t
ledger_each_changed(
    struct ledger *l, size_t max, ledger_changed_fn *each, void *ctx)
{
	struct subject_list *list = &l->lists[LIST_POST];
	struct text record, sketches, scratch;
	size_t n = 0, bytes = 0;

	l->listing |= 1u << LIST_POST;
	text_grow(&record, LEDGER_VALUE_MAX);
	text_grow(&sketches, LEDGER_VALUE_MAX);
	text_grow(&scratch, LEDGER_VALUE_MAX);
	for (; n < max && bytes < LEDGER_TURN_BYTES && list->n > 0; n++) {
		struct subject *s = list->v[list->n - 1];

		ledger_pour(l, s);
		text_clear(&record);
		text_clear(&sketches);
		ledger_pack_head(s, &record);
		ledger_pack_record(s, &record);
		if (s->listed & LISTED_SKETCHES && (s->seen || s->kept))
			ledger_pack_sketches(s, &scratch, &sketches);
		bytes += record.n;
		s->listed &= (uint8_t)~LISTED_SKETCHES;
		subjects_unlist(l, s, LIST_POST);
		each(ctx, subject_kind(s), subject_key(s), text_view(&record),
		    text_view(&sketches));
	}
	text_done(&scratch);
	text_done(&sketches);
	text_done(&record);
	return n;
}

size_t
ledger_changed(const struct ledger *l)
{
	return l->lists[LIST_POST].n;
}

void
ledger_change_all(struct ledger *l)
{
	struct subject *s;

	l->listing |= 1u << LIST_POST;
	for (size_t i = 0; (s = ledger_next(l, &i));) {
		if (s == l->visited) /* it sleeps */
			s = ledger_find(l, subject_kind(s), subject_key(s));
		subjects_enlist(l, s, 1u << LIST_POST);
		s->listed |= LISTED_SKETCHES;
	}
}

void
ledger_change(struct ledger *l, enum subject_kind kind, struct str key)
{
	struct subject *s = ledger_find(l, kind, key);

	if (!s)
		return;
	subjects_enlist(l, s, 1u << LIST_POST);
	s->listed |= LISTED_SKETCHES;
}
