/* blocks - many blocks of bytes, of up to some KB each, without holes
 *
 * What malloc gives and takes in all sizes leaves holes. Here blocks of about
 * one size stand side by side; when one goes the last one takes its place, and
 * its owner is told. Where they stand is cut into pages of one size: a block
 * may go on in the next one.
 */
#ifndef BASE_BLOCKS_H
#define BASE_BLOCKS_H

#include "base/str.h"

enum { BLOCKS_MOST = 60000 }; /* bytes of one */

/* All zero: there is none. To be kept by the owner. */
struct block {
	uint32_t at;	   /* its place among those of its size */
	uint16_t n, class; /* bytes it has; its size */
};

/* The owner's block is there now: its `at`. */
typedef void blocks_moved_fn(void *ctx, uint32_t owner, uint32_t at);

struct blocks {
	struct blocks_class *classes; /* NULL: nothing yet */
	char *view;
	size_t n_pages;
	bool is_growing; /* all of them: each gets some room to do so */
	blocks_moved_fn *on_moved;
	void *ctx;
};

void blocks_init(struct blocks *bs, blocks_moved_fn *on_moved, void *ctx);
void blocks_done(struct blocks *bs);

/* Its bytes, until the next call of whatever here. */
struct str blocks_view(const struct blocks *bs, struct block b);
/* The bytes of the owner's block are these from now on, up to BLOCKS_MOST; none
 * when n is 0. They are nowhere in here. Others' blocks may move. */
void blocks_put(
    struct blocks *bs, uint32_t owner, struct block *b, struct str bytes);
/* They are the same, and behind them these. */
void blocks_add(
    struct blocks *bs, uint32_t owner, struct block *b, struct str bytes);
/* Without room to grow, unless all do. */
void blocks_trim(struct blocks *bs, uint32_t owner, struct block *b);

#endif
