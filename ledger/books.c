/* books - what this node knows, on its own disk, exactly */
#include <assert.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/loop.h"
#include "ledger/books_state.h"

enum {
	SLICE = 64,	   /* records saved or put in a turn of the loop */
	WAITING = 64,	   /* commits that may wait for the disk */
	BUSY = 4,	   /* ... before a fold makes a pause */
	PAUSE_US = 2000,   /* of that length */
	TURNS_MAX = 10000, /* of a save that others keep busy */
};

struct commit {
	struct commit *next;
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

static struct commit *
new_commit(struct books *b, disk_done_fn *on_done, void *ctx)
{
	struct commit *c = xalloc(1, sizeof(*c));

	*c = (struct commit){NULL, b, on_done, ctx};
	return c;
}

/* One batch may be what several waited for. */
static void
on_committed(void *ctx, const struct error *err)
{
	for (struct commit *c = ctx, *next; c; c = next) {
		next = c->next;
		c->books->is_failing = err != NULL;
		if (c->on_done)
			c->on_done(c->ctx, err);
		free(c);
	}
}

void
books_hand_over(
    struct books *b, struct disk_batch *batch, disk_done_fn *on_done, void *ctx)
{
	disk_commit(batch, on_committed, new_commit(b, on_done, ctx));
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

/* Whole pieces of the entry go into the batch as they come, so that the last
 * turn has little to do. */
static void
put_pieces(struct books *b, bool is_last)
{
	struct str left = text_view(&b->entry);

	while (left.n > b->max_entry_bytes || (is_last && left.n > 0)) {
		struct str piece = str_head(left, b->max_entry_bytes);

		left = str_skip(left, piece.n);
		put_piece(b, b->saving, piece, !is_last || left.n > 0);
	}
	if (left.n < b->entry.n) {
		memmove(b->entry.p, left.p, left.n);
		b->entry.n = left.n;
		b->entry.p[left.n] = '\0';
	}
}

static void
add_section(struct books *b, const struct books_part *p)
{
	/* Its maximum is all the memory there is. */
	assert(!b->section.is_cut && !b->entry.is_cut);
	if (b->section.n == 0)
		return;
	text_char(&b->entry, p->tag);
	pack_str(&b->entry, text_view(&b->section));
}

/* Up to `max` changes of each part that can do with some; how many are left. */
static size_t
save_some(struct books *b, size_t max)
{
	size_t left = 0;

	for (size_t i = 0; i < b->n_parts; i++) {
		const struct books_part *p = &b->parts[i];

		if (!p->save_some)
			continue;
		text_clear(&b->section);
		left += p->save_some(p->ctx, &b->section, max);
		add_section(b, p);
	}
	return left;
}

static void
save_rest(struct books *b)
{
	for (size_t i = 0; i < b->n_parts; i++) {
		const struct books_part *p = &b->parts[i];

		if (!p->save || p->save_some)
			continue;
		text_clear(&b->section);
		p->save(p->ctx, &b->section);
		add_section(b, p);
	}
}

static void fold_on(struct books *b);

/* All of this moment is in the entry now: exact, whatever was saved turns ago
 * and has changed since is in it again. */
static void
end_save(struct books *b)
{
	struct commit *asked = b->asked;

	save_rest(b);
	put_pieces(b, true);
	b->asked = NULL;
	if (disk_batch_bytes(b->saving) == 0 && !asked)
		disk_batch_free(&b->saving);
	else
		disk_commit(b->saving, on_committed,
		    asked ? asked : new_commit(b, NULL, NULL));
	b->saving = NULL;
	b->turns = 0;
	fold_on(b);
}

static void
start_save(struct books *b)
{
	b->saving = disk_batch_new(b->disk);
	b->asked = b->next_asked;
	b->next_asked = NULL;
}

/* False: there is more to save. */
static bool
save_more(struct books *b, size_t max)
{
	if (b->turns++ > TURNS_MAX)
		max = SIZE_MAX;
	if (save_some(b, max) > 0) {
		put_pieces(b, false);
		if (b->turns == 1 && b->on_save)
			b->on_save(b->on_save_ctx, true);
		return false;
	}
	if (b->turns > 1 && b->on_save)
		b->on_save(b->on_save_ctx, false);
	end_save(b);
	return true;
}

static void
on_save_turn(void *ctx)
{
	struct books *b = ctx;

	if (!b->saving) {
		b->is_wanted = false;
		start_save(b);
	}
	if (!save_more(b, SLICE) || b->is_wanted)
		loop_timer_work(b->save_timer);
}

/* Without a loop, or when there is none any more: now. */
static void
save(struct books *b)
{
	if (b->loop && !b->is_closing) {
		b->is_wanted = true;
		if (!b->saving)
			loop_timer_work(b->save_timer);
		return;
	}
	if (b->saving)
		save_more(b, SIZE_MAX);
	start_save(b);
	save_more(b, SIZE_MAX);
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
	if (b->is_closing || disk_waiting(b->disk) < WAITING)
		return false;
	if (on_done)
		loop_post(b->loop, on_refused, new_commit(b, on_done, ctx));
	return true;
}

void
books_commit(struct books *b, disk_done_fn *on_done, void *ctx)
{
	if (is_behind(b, on_done, ctx))
		return;
	if (on_done) {
		struct commit **at = &b->next_asked;

		while (*at)
			at = &(*at)->next;
		*at = new_commit(b, on_done, ctx);
	}
	save(b);
}

/* Folding. What can be put in slices may be put, and come to the disk, newer
 * than the moment when the fold began, once the journal that tells of it is on
 * the disk; the rest is put as it was then, and comes to the disk with the
 * trim, or not at all. */

static void
begin_fold(struct books *b)
{
	b->fold = disk_batch_new(b->disk);
	b->slices = disk_batch_new(b->disk);
	b->fold_part = 0;
	b->fold_seq = b->seq;
	b->fold_bytes = b->journal_bytes;
	for (size_t i = 0; i < b->n_parts; i++) {
		const struct books_part *p = &b->parts[i];

		if (p->fold)
			p->fold(p->ctx, p->fold_some ? b->slices : b->fold,
			    b->tables[i]);
	}
}

static void
end_fold(struct books *b)
{
	char big[PACK_BIG];

	books_hand_over(b, b->slices, NULL, NULL);
	pack_big(b->fold_seq, big);
	disk_delete_to(b->fold, BOOKS_JOURNAL, str_make(big, PACK_BIG));
	disk_put(b->fold, BOOKS_META, STR("folded"), str_make(big, PACK_BIG));
	books_hand_over(b, b->fold, NULL, NULL);
	b->fold = b->slices = NULL;
	b->folded = b->fold_seq;
	b->journal_bytes -= b->fold_bytes;
	b->fold_state = FOLD_NONE;
}

/* Up to `max` more records; false when all are put. */
static bool
put_some(struct books *b, size_t max)
{
	for (; b->fold_part < b->n_parts; b->fold_part++) {
		const struct books_part *p = &b->parts[b->fold_part];

		if (p->fold_some && p->fold_some(p->ctx, b->slices,
					b->tables[b->fold_part], max) > 0)
			return true;
	}
	return false;
}

static void
on_fold_turn(void *ctx)
{
	struct books *b = ctx;

	if (b->fold_state != FOLD_SLICES)
		return;
	if (b->saving || disk_waiting(b->disk) > BUSY) {
		loop_timer_in(b->fold_timer, PAUSE_US);
	} else if (!put_some(b, SLICE)) {
		b->fold_state = FOLD_END;
		save(b);
	} else if (disk_batch_bytes(b->slices) > b->max_fold_bytes) {
		b->fold_state = FOLD_FLUSH;
		save(b);
	} else {
		loop_timer_work(b->fold_timer);
	}
}

/* A save has just ended. */
static void
fold_on(struct books *b)
{
	switch (b->fold_state) {
	case FOLD_BEGIN:
		begin_fold(b);
		b->fold_state = FOLD_SLICES;
		break;
	case FOLD_FLUSH:
		books_hand_over(b, b->slices, NULL, NULL);
		b->slices = disk_batch_new(b->disk);
		b->fold_state = FOLD_SLICES;
		break;
	case FOLD_END:
		end_fold(b);
		return;
	default:
		return;
	}
	if (b->loop && !b->is_closing)
		loop_timer_work(b->fold_timer);
}

/* The whole rest of a fold, now. */
static void
fold_now(struct books *b)
{
	while (b->fold_state != FOLD_NONE) {
		if (b->fold_state == FOLD_SLICES) {
			put_some(b, SIZE_MAX);
			b->fold_state = FOLD_END;
		}
		save(b);
	}
}

void
books_fold(struct books *b)
{
	if (b->fold_state != FOLD_NONE || is_behind(b, NULL, NULL))
		return;
	b->fold_state = FOLD_BEGIN;
	if (b->loop && !b->is_closing)
		save(b);
	else
		fold_now(b);
}

void
books_on_save(
    struct books *b, void (*on_save)(void *ctx, bool is_on), void *ctx)
{
	b->on_save = on_save;
	b->on_save_ctx = ctx;
}

void
books_status(struct books *b, struct books_status *out)
{
	disk_size(b->disk, &out->size);
	out->waiting = disk_waiting(b->disk) + (b->saving || b->is_wanted);
	out->seq = b->seq;
	out->folded = b->folded;
	out->journal_bytes = b->journal_bytes;
	out->is_failing = b->is_failing && disk_waiting(b->disk) > 0;
}

void
books_start(struct books *b, struct loop *l)
{
	b->loop = l;
	b->fold_timer = loop_timer_new(l, on_fold_turn, b);
	b->save_timer = loop_timer_new(l, on_save_turn, b);
	disk_start(b->disk, l);
}

void
books_free(struct books *b)
{
	loop_timer_free(&b->fold_timer);
	loop_timer_free(&b->save_timer);
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
	fold_now(b);
	books_fold(b);
	books_free(b);
}
