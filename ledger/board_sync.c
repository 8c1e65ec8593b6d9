/* board_sync - write one's own page, then read the others': for who must know
 * the sum now */
#include <stdlib.h>

#include "base/loop.h"
#include "base/time.h"
#include "ledger/board_parts.h"
#include "ledger/others.h"

enum { CELLS = 65536, CELL_MAX = UINT16_MAX };

/* By subject, roughly: two in one cell are synced a little more often. */
static uint16_t *
cell_of(const struct board *b, const struct subject *s)
{
	return &b->unposted[(map_hash(subject_key(s)) + subject_kind(s)) %
			    CELLS];
}

void
board_admitted(struct board *b, struct subject *s, int64_t n)
{
	if (!b->unposted)
		b->unposted = xalloc(CELLS, sizeof(*b->unposted));
	uint16_t *cell = cell_of(b, s);
	int64_t sum = n > 0 ? *cell + n : *cell;

	*cell = sum < CELL_MAX ? (uint16_t)sum : CELL_MAX;
	b->has_unposted = true;
	walk_change(b->ledger, s);
}

uint64_t
board_unposted(const struct board *b, const struct subject *s)
{
	return b->unposted ? *cell_of(b, s) : 0;
}

void
board_forget_unposted(struct board *b)
{
	if (b->has_unposted)
		memset(b->unposted, 0, CELLS * sizeof(*b->unposted));
	b->has_unposted = false;
}

bool
board_can_sync(const struct board *b)
{
	return b->nodes.n_alive > 0 && redis_is_up(b->writer) &&
	       b->is_checked && b->is_ours && b->is_numbered &&
	       b->leaving == BOARD_STAYS;
}

void
board_post_now(struct board *b, struct subject *s)
{
	if (b->in_flight >= b->options.max_in_flight)
		return;
	if (b->unposted)
		*cell_of(b, s) = 0;
	walk_next(b->ledger, s);
	board_post_next(b, true);
}

void
board_sync(struct board *b, struct subject *s, int timeout_ms,
    board_read_fn *on_done, void *ctx)
{
	if (b->unposted)
		*cell_of(b, s) = 0;
	walk_next(b->ledger, s);
	board_post_next(b, false);
	board_read(
	    b, subject_kind(s), subject_key(s), timeout_ms, on_done, ctx);
}
