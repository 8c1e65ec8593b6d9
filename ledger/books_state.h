/* books_state - what books.c and books_open.c share, and nobody else sees
 *
 * Tables: `meta` (node, starts, the journal's last folded number), `journal`
 * (number, eight bytes big-endian -> a piece of an entry), and the parts'. A
 * piece: one byte, whether more follow; eight bytes of checksum; its bytes. An
 * entry, its pieces put together: sections of tag, length, bytes.
 */
#ifndef LEDGER_BOOKS_STATE_H
#define LEDGER_BOOKS_STATE_H

#include "ledger/books.h"
#include "ledger/pack.h"

enum { BOOKS_META, BOOKS_JOURNAL, BOOKS_FIRST_TABLE };
enum { BOOKS_NODE = 16, BOOKS_PIECE_HEAD = 1 + PACK_BIG };

struct commit;

/* BEGIN, FLUSH and END wait for the save that must come to the disk before. */
enum books_fold_state {
	FOLD_NONE,
	FOLD_BEGIN,
	FOLD_SLICES,
	FOLD_FLUSH,
	FOLD_END,
};

struct books {
	char *path;
	struct disk *disk;
	struct loop *loop;
	struct books_part parts[BOOKS_PARTS];
	int tables[BOOKS_PARTS]; /* -1: has none */
	size_t n_parts;
	size_t max_entry_bytes, max_fold_bytes;
	char node[BOOKS_NODE + 1];
	uint64_t starts, seq, folded;
	uint64_t journal_bytes;
	bool is_failing, is_closing;
	struct text section, entry;
	/* A save under way: the batch, and who asked for it; the next ones. */
	struct disk_batch *saving;
	struct commit *asked, *next_asked;
	bool is_wanted;
	unsigned turns;
	struct loop_timer *save_timer;
	void (*on_save)(void *ctx, bool is_on);
	void *on_save_ctx;
	/* A fold under way. */
	enum books_fold_state fold_state;
	struct disk_batch *fold, *slices;
	size_t fold_part;
	uint64_t fold_seq, fold_bytes;
	struct loop_timer *fold_timer;
};

/* Hands a batch to the disk; on_done may be NULL. */
void books_hand_over(struct books *b, struct disk_batch *batch,
    disk_done_fn *on_done, void *ctx);
void books_free(struct books *b);

/* books_open.c: made beside and renamed, so that whatever has the name is
 * whole, or was damaged. */
enum { BOOKS_PATH = 400 };
void books_new_clear(const char *path);
int books_new_begin(
    const char *books, char path[BOOKS_PATH], struct error *err);
int books_new_end(
    const char *dir, const char *books, const char *path, struct error *err);

#endif
