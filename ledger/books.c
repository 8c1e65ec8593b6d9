/* books - what this node knows, on its own disk, exactly */
#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/loop.h"
#include "ledger/books_state.h"

enum {
	SLICE = 256,  /* records put in a turn of the loop */
	WAITING = 64, /* commits that may wait for the disk */
};

struct commit {
	struct books *books;
	disk_done_fn *on_done;
	void *ctx;
};

struct str
books_node(const struct books *b)
{
	return str_make(b->node, BOOKS_NODE);
}

uint64_t
books_starts(const struct books *b)
{
	return b->starts;
}

static void
on_committed(void *ctx, const struct error *err)
{
	struct commit *c = ctx;

	if (c->books)
		c->books->is_failing = err != NULL;
	if (c->on_done)
		c->on_done(c->ctx, err);
	free(c);
}

void
books_hand_over(
    struct books *b, struct disk_batch *batch, disk_done_fn *on_done, void *ctx)
{
	struct commit *c = xalloc(1, sizeof(*c));

	*c = (struct commit){b, on_done, ctx};
	disk_commit(batch, on_committed, c);
}

static void
put_piece(
    struct books *b, struct disk_batch *batch, struct str bytes, bool has_more)
{
	char key[PACK_BIG];

	text_clear(&b->section);
	text_char(&b->section, has_more);
	pack_big(pack_checksum(bytes), key);
	text_bytes(&b->section, key, PACK_BIG);
	text_str(&b->section, bytes);
	pack_big(++b->seq, key);
	disk_put(batch, BOOKS_JOURNAL, str_make(key, PACK_BIG),
	    text_view(&b->section));
	b->journal_bytes += b->section.n;
}

static void
save_parts(struct books *b)
{
	text_clear(&b->entry);
	for (size_t i = 0; i < b->n_parts; i++) {
		const struct books_part *p = &b->parts[i];

		if (!p->save)
			continue;
		text_clear(&b->section);
		p->save(p->ctx, &b->section);
		if (b->section.n == 0)
			continue;
		text_char(&b->entry, p->tag);
		pack_str(&b->entry, text_view(&b->section));
	}
	/* Their maximum is all the memory there is. */
	assert(!b->section.is_cut && !b->entry.is_cut);
}

static void
on_refused(void *ctx)
{
	struct commit *c = ctx;
	struct error err;

	error_set(&err, "%s: the disk is behind, nothing more is written",
	    c->books->path);
	c->on_done(c->ctx, &err);
	free(c);
}

/* Commits pile up in memory while the disk fails: not without end. What
 * changed stays with the parts until there is room. */
static bool
is_behind(struct books *b, disk_done_fn *on_done, void *ctx)
{
	if (disk_waiting(b->disk) < WAITING)
		return false;
	if (on_done) {
		struct commit *c = xalloc(1, sizeof(*c));

		*c = (struct commit){b, on_done, ctx};
		loop_post(b->loop, on_refused, c);
	}
	return true;
}

static void
commit(struct books *b, disk_done_fn *on_done, void *ctx)
{
	save_parts(b);
	struct str left = text_view(&b->entry);

	if (left.n == 0 && !on_done)
		return;
	struct disk_batch *batch = disk_batch_new(b->disk);

	while (left.n > 0) {
		struct str piece = str_head(left, b->max_entry_bytes);

		left = str_skip(left, piece.n);
		put_piece(b, batch, piece, left.n > 0);
	}
	books_hand_over(b, batch, on_done, ctx);
}

void
books_commit(struct books *b, disk_done_fn *on_done, void *ctx)
{
	if (b->is_closing || !is_behind(b, on_done, ctx))
		commit(b, on_done, ctx);
}

static void
end_fold(struct books *b)
{
	char big[PACK_BIG];

	/* What was put in slices may be newer than the journal; it must not
	 * come to the disk before that. */
	commit(b, NULL, NULL);
	pack_big(b->fold_seq, big);
	disk_delete_to(b->fold, BOOKS_JOURNAL, str_make(big, PACK_BIG));
	disk_put(b->fold, BOOKS_META, STR("folded"), str_make(big, PACK_BIG));
	books_hand_over(b, b->fold, NULL, NULL);
	b->fold = NULL;
	b->folded = b->fold_seq;
	b->journal_bytes -= b->fold_bytes;
}

/* Up to `max` more records; false when all are put. */
static bool
fold_more(struct books *b, size_t max)
{
	for (; b->fold_part < b->n_parts; b->fold_part++) {
		const struct books_part *p = &b->parts[b->fold_part];

		if (p->fold_some && p->fold_some(p->ctx, b->fold,
					b->tables[b->fold_part], max) > 0)
			return true;
	}
	end_fold(b);
	return false;
}

static void
on_fold_turn(void *ctx)
{
	struct books *b = ctx;

	if (b->fold && fold_more(b, SLICE))
		loop_timer_in(b->fold_timer, 0);
}

void
books_fold(struct books *b)
{
	if (b->fold || (!b->is_closing && is_behind(b, NULL, NULL)))
		return;
	commit(b, NULL, NULL);
	b->fold = disk_batch_new(b->disk);
	b->fold_part = 0;
	b->fold_seq = b->seq;
	b->fold_bytes = b->journal_bytes;
	for (size_t i = 0; i < b->n_parts; i++) {
		const struct books_part *p = &b->parts[i];

		if (p->fold)
			p->fold(p->ctx, b->fold, b->tables[i]);
	}
	if (b->loop && !b->is_closing)
		loop_timer_in(b->fold_timer, 0);
	else
		fold_more(b, SIZE_MAX);
}

void
books_status(struct books *b, struct books_status *out)
{
	disk_size(b->disk, &out->size);
	out->waiting = disk_waiting(b->disk);
	out->seq = b->seq;
	out->journal_bytes = b->journal_bytes;
	out->is_failing = b->is_failing && out->waiting > 0;
}

void
books_start(struct books *b, struct loop *l)
{
	b->loop = l;
	b->fold_timer = loop_timer_new(l, on_fold_turn, b);
	disk_start(b->disk, l);
}

void
books_free(struct books *b)
{
	if (b->fold_timer)
		loop_timer_free(&b->fold_timer);
	disk_close(&b->disk);
	text_done(&b->section);
	text_done(&b->entry);
	free(b->path);
	free(b);
}

void
books_close(struct books **bp)
{
	struct books *b = *bp;

	if (!b)
		return;
	*bp = NULL;
	b->is_closing = true;
	if (b->fold)
		fold_more(b, SIZE_MAX);
	books_fold(b);
	books_free(b);
}
