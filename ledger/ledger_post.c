/* ledger_post - what the board posts: who has changed, packed */
#include "ledger/ledger_state.h"

void
ledger_page_init(struct ledger_page *p)
{
	text_grow(&p->record, LEDGER_VALUE_MAX);
	text_grow(&p->sketches, LEDGER_VALUE_MAX);
	text_grow(&p->scratch, LEDGER_VALUE_MAX);
}

void
ledger_page_done(struct ledger_page *p)
{
	text_done(&p->scratch);
	text_done(&p->sketches);
	text_done(&p->record);
}

void
ledger_pass(struct subject *s, bool has_sketches, struct ledger_page *p,
    ledger_changed_fn *each, void *ctx)
{
	text_clear(&p->record);
	text_clear(&p->sketches);
	ledger_pack_head(s, &p->record);
	ledger_pack_record(s, &p->record);
	if (has_sketches && (s->seen || s->kept))
		ledger_pack_sketches(s, &p->scratch, &p->sketches);
	each(ctx, subject_kind(s), subject_key(s), text_view(&p->record),
	    text_view(&p->sketches));
}

size_t
ledger_each_changed(
    struct ledger *l, size_t max, ledger_changed_fn *each, void *ctx)
{
	struct subject_list *list = &l->lists[LIST_POST];
	struct ledger_page page;
	size_t n = 0, bytes = 0;

	l->listing |= 1u << LIST_POST;
	ledger_page_init(&page);
	for (; n < max && bytes < LEDGER_TURN_BYTES && list->n > 0; n++) {
		struct subject *s = list->v[list->n - 1];
		bool has_sketches = s->listed & LISTED_SKETCHES;

		ledger_pour(l, s);
		s->listed &= (uint8_t)~LISTED_SKETCHES;
		subjects_unlist(l, s, LIST_POST);
		ledger_pass(s, has_sketches, &page, each, ctx);
		bytes += page.record.n;
	}
	ledger_page_done(&page);
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
