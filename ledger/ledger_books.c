/* ledger_books - the ledger's part of the books
 *
 * A record's value is ledger_value.c's. A journal entry has an item per
 * subject: its kind's letter, its key, what it is about (flags), and then only
 * what changed.
 */
#include "ledger/ledger_state.h"

#include <stdlib.h>

#include "base/error.h"
#include "ledger/books.h"
#include "ledger/pack.h"

enum {
	ITEM_GONE = 1,
	ITEM_RECIPIENTS = 2,
	ITEM_NETWORKS = 4,
	ITEM_KNOWN = 8,
	ITEM_HABITS = 16,
};

void
ledger_pack_head(const struct subject *s, struct text *out)
{
	pack_u64(out, s->first_seen);
	pack_u64(out, s->last_seen);
	pack_u64(out, s->mark);
	pack_i64(out, s->pending);
}

bool
ledger_take_head(struct str *s, struct ledger_head *h)
{
	int64_t pending;

	if (!pack_take_u32(s, UINT32_MAX, &h->first_seen) ||
	    !pack_take_u32(s, UINT32_MAX, &h->last_seen) ||
	    !pack_take_u32(s, UINT32_MAX, &h->mark) ||
	    !pack_take_i64(s, &pending) || pending < 0 || pending > INT32_MAX)
		return false;
	h->pending = (int32_t)pending;
	return true;
}

void
ledger_put_head(struct subject *s, const struct ledger_head *h)
{
	s->first_seen = h->first_seen;
	s->last_seen = h->last_seen;
	s->mark = h->mark;
	s->pending = h->pending;
	s->record.mark_minute =
	    h->mark ? record_minute(ledger_unstamp(h->mark)) : 0;
}

/* A text that was packed apart, with its length before it. */
static void
move_packed(struct text *from, struct text *out)
{
	pack_str(out, text_view(from));
	text_clear(from);
}

static void
save_subject(struct subject *s, struct text *scratch, struct text *out)
{
	bool has_recipients = s->seen && sketch_has_fresh(&s->seen->recipients);
	bool has_networks = s->seen && s->seen->is_unsaved;
	bool has_known = s->seen && known_has_fresh(s->seen->known);
	bool has_habits =
	    s->seen && s->seen->habits && s->seen->habits->is_unsaved;

	text_char(out, subject_kind_letter(s->kind));
	pack_str(out, str_make(s->key, s->key_n));
	text_char(out, (char)((has_recipients ? ITEM_RECIPIENTS : 0) |
			      (has_networks ? ITEM_NETWORKS : 0) |
			      (has_known ? ITEM_KNOWN : 0) |
			      (has_habits ? ITEM_HABITS : 0)));
	ledger_pack_head(s, out);
	record_pack_change(&s->record, scratch);
	move_packed(scratch, out);
	record_saved(&s->record);
	if (has_recipients) {
		sketch_pack_fresh(&s->seen->recipients, scratch);
		move_packed(scratch, out);
		sketch_saved(&s->seen->recipients);
	}
	if (has_networks) {
		networks_pack(&s->seen->networks, scratch);
		move_packed(scratch, out);
		s->seen->is_unsaved = false;
	}
	if (has_known) {
		known_pack_fresh(s->seen->known, scratch);
		move_packed(scratch, out);
		known_saved(s->seen->known);
	}
	if (has_habits) {
		habits_pack(s->seen->habits, scratch);
		move_packed(scratch, out);
		s->seen->habits->is_unsaved = false;
	}
}

static void
save_gone(struct ledger *l, struct text *out)
{
	for (size_t i = 0; i < l->n_gone; i++) {
		struct subject_gone *g = l->gone[i];

		if (g->is_saved)
			continue;
		text_char(out, subject_kind_letter(g->kind));
		pack_str(out, str_make(g->key, g->key_n));
		text_char(out, ITEM_GONE);
		g->is_saved = true;
	}
	subjects_forget_gone(l);
}

static size_t
save_some(void *ctx, struct text *out, size_t max)
{
	struct ledger *l = ctx;
	struct subject_list *list = &l->lists[LIST_SAVE];
	struct text scratch;

	save_gone(l, out);
	text_grow(&scratch, LEDGER_VALUE_MAX);
	for (; max > 0 && list->n > 0; max--) {
		struct subject *s = list->v[list->n - 1];

		ledger_pour(l, s);
		save_subject(s, &scratch, out);
		subjects_unlist(l, s, LIST_SAVE);
	}
	text_done(&scratch);
	return list->n;
}

static void
save(void *ctx, struct text *out)
{
	save_some(ctx, out, SIZE_MAX);
}

static bool
take_name(struct str *in, enum subject_kind *kind, struct str *key)
{
	if (in->n == 0 || !subject_kind_from_letter(in->p[0], kind))
		return false;
	*in = str_skip(*in, 1);
	return pack_take_str(in, key) && key->n <= SUBJECT_KEY;
}

static bool
take_habits(struct str *in, struct subject_seen *seen)
{
	struct str packed;

	if (!pack_take_str(in, &packed))
		return false;
	if (!seen->habits)
		seen->habits = xalloc(1, sizeof(*seen->habits));
	return habits_unpack(seen->habits, packed);
}

static bool
apply_parts(struct subject *s, uint8_t flags, struct str *in)
{
	struct ledger_head head;
	struct str change, recipients, networks, known;

	if (!ledger_take_head(in, &head) || !pack_take_str(in, &change) ||
	    !record_apply_change(&s->record, change))
		return false;
	ledger_put_head(s, &head);
	record_saved(&s->record);
	if (flags & ITEM_RECIPIENTS) {
		struct subject_seen *seen = subjects_seen(s);

		if (!pack_take_str(in, &recipients) ||
		    !sketch_apply_fresh(&seen->recipients, recipients))
			return false;
		sketch_saved(&seen->recipients);
	}
	if ((flags & ITEM_NETWORKS) &&
	    (!pack_take_str(in, &networks) ||
		!networks_unpack(&subjects_seen(s)->networks, networks)))
		return false;
	if (flags & ITEM_KNOWN) {
		if (!pack_take_str(in, &known) ||
		    !known_apply_fresh(&subjects_seen(s)->known, known))
			return false;
		known_saved(s->seen->known);
	}
	return !(flags & ITEM_HABITS) || take_habits(in, subjects_seen(s));
}

void
ledger_set_clock(struct ledger *l, uint32_t last_seen)
{
	int64_t last = ledger_unstamp(last_seen);

	if (last > l->now) {
		l->now = last;
		l->minute = record_minute(last);
		l->stamp = ledger_stamp(last);
	}
}

static void
set_clock(struct ledger *l, struct subject *s)
{
	ledger_set_clock(l, s->last_seen);
	if (s->kind == SUBJECT_ALL)
		l->all = s;
	l->is_unsorted = true;
	subject_void_sums(l, s);
}

static bool
replay_item(struct ledger *l, struct str *in)
{
	enum subject_kind kind;
	struct str key;

	if (!take_name(in, &kind, &key) || in->n == 0)
		return false;
	uint8_t flags = (uint8_t)in->p[0];
	struct subject *s;

	*in = str_skip(*in, 1);
	if (flags & ITEM_GONE) {
		s = subjects_find(l, kind, key);
		if (s)
			subjects_drop(l, s);
		return true;
	}
	s = subjects_get(l, kind, key);
	if (!apply_parts(s, flags, in))
		return false;
	set_clock(l, s);
	subjects_enlist(l, s, 1u << l->folding);
	return true;
}

static bool
replay(void *ctx, struct str section)
{
	((struct ledger *)ctx)->is_loading = true;
	while (section.n > 0) {
		if (!replay_item(ctx, &section))
			return false;
	}
	return true;
}

static struct str
table_key(char buf[SUBJECT_KEY + 1], enum subject_kind kind, const char *key,
    size_t n)
{
	buf[0] = subject_kind_letter(kind);
	memcpy(buf + 1, key, n);
	return str_make(buf, n + 1);
}

/* Begins: what changes from now on waits for the next fold. */
static void
fold(void *ctx, struct disk_batch *b, int table)
{
	struct ledger *l = ctx;
	char key[SUBJECT_KEY + 1];

	for (size_t i = 0; i < l->n_gone; i++) {
		struct subject_gone *g = l->gone[i];

		if (!g->is_folded)
			disk_delete(b, table,
			    table_key(key, g->kind, g->key, g->key_n));
		g->is_folded = true;
	}
	subjects_forget_gone(l);
	l->folding = l->folding == LIST_FOLD ? LIST_FOLD_OTHER : LIST_FOLD;
	l->listing = (uint8_t)((l->listing &
				   ~(1u << LIST_FOLD | 1u << LIST_FOLD_OTHER)) |
			       1u << l->folding);
}

void
ledger_pack_record(const struct subject *s, struct text *out)
{
	if (s->record.live)
		record_pack_soon(&s->record, out);
	else
		record_pack(&s->record, out);
}

static size_t
fold_some(void *ctx, struct disk_batch *b, int table, size_t max)
{
	struct ledger *l = ctx;
	enum ledger_list which =
	    l->folding == LIST_FOLD ? LIST_FOLD_OTHER : LIST_FOLD;
	struct subject_list *list = &l->lists[which];
	struct text value, scratch;
	char key[SUBJECT_KEY + 1];
	size_t bytes = 0, most = max < SIZE_MAX ? LEDGER_TURN_BYTES : SIZE_MAX;

	text_grow(&value, LEDGER_VALUE_MAX);
	text_grow(&scratch, LEDGER_VALUE_MAX);
	for (; max > 0 && bytes < most && list->n > 0; max--) {
		struct subject *s = list->v[list->n - 1];

		ledger_pour(l, s);
		ledger_pack_value(s, &scratch, &value);
		disk_put(b, table, table_key(key, s->kind, s->key, s->key_n),
		    text_view(&value));
		bytes += value.n;
		text_clear(&value);
		subjects_unlist(l, s, which);
		sleepers_lay(l, s);
	}
	text_done(&scratch);
	text_done(&value);
	return list->n;
}

static bool
load(void *ctx, struct str key, struct str value)
{
	struct ledger *l = ctx;
	enum subject_kind kind;

	l->is_loading = true;
	if (key.n == 0 || key.n > SUBJECT_KEY + 1 ||
	    !subject_kind_from_letter(key.p[0], &kind))
		return false;
	key = str_skip(key, 1);
	if (sleepers_load(l, kind, key, value))
		return true;
	struct subject *s = subjects_get(l, kind, key);

	if (!ledger_take_value(s, value))
		return false;
	set_clock(l, s);
	return true;
}

struct books_part
ledger_part(struct ledger *l)
{
	l->folding = LIST_FOLD;
	l->listing |= 1u << LIST_SAVE | 1u << LIST_FOLD;
	return (struct books_part){
	    .tag = 'L',
	    .table = "subjects" DISK_PACKED,
	    .ctx = l,
	    .save = save,
	    .save_some = save_some,
	    .replay = replay,
	    .fold = fold,
	    .fold_some = fold_some,
	    .load = load,
	};
}
