/* board_sync - write one's own page, then read the others': for who must know
 * the sum now */
#include <stdlib.h>

#include "base/loop.h"
#include "base/time.h"
#include "ledger/board_parts.h"
#include "ledger/others.h"

enum { CELLS = 65536, CELL_MAX = UINT16_MAX };

/* Recipients admitted of which no page in Redis tells, as far as we know: some
 * of them are under way. */
struct board_cell {
	uint16_t unposted, sent;
};

/* By subject, roughly: two in one cell are synced a little more often. */
static struct board_cell *
cell_of(const struct board *b, enum subject_kind kind, struct str key)
{
	return &b->cells[(map_hash(key) + kind) % CELLS];
}

void
board_admitted(struct board *b, struct subject *s, int64_t n)
{
	if (!b->cells)
		b->cells = xalloc(CELLS, sizeof(*b->cells));
	struct board_cell *c = cell_of(b, subject_kind(s), subject_key(s));
	int64_t sum = n > 0 ? c->unposted + n : c->unposted;

	c->unposted = sum < CELL_MAX ? (uint16_t)sum : CELL_MAX;
	walk_change(b->ledger, s);
}

uint64_t
board_unposted(const struct board *b, const struct subject *s)
{
	return b->cells ? cell_of(b, subject_kind(s), subject_key(s))->unposted
			: 0;
}

uint64_t
board_unsent(const struct board *b, const struct subject *s)
{
	if (!b->cells)
		return 0;
	const struct board_cell *c =
	    cell_of(b, subject_kind(s), subject_key(s));

	return (uint64_t)(c->unposted - c->sent);
}

uint16_t
board_send_cell(struct board *b, enum subject_kind kind, struct str key)
{
	if (!b->cells)
		return 0;
	struct board_cell *c = cell_of(b, kind, key);
	uint16_t n = (uint16_t)(c->unposted - c->sent);

	c->sent = c->unposted;
	return n;
}

void
board_sent_cell(struct board *b, enum subject_kind kind, struct str key,
    uint16_t n, bool is_posted)
{
	if (n == 0)
		return;
	struct board_cell *c = cell_of(b, kind, key);

	c->sent = (uint16_t)(c->sent - n);
	if (is_posted)
		c->unposted = (uint16_t)(c->unposted - n);
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
	walk_next(b->ledger, s);
	board_post_next(b, true);
}

void
board_sync(struct board *b, struct subject *s, int timeout_ms,
    board_read_fn *on_done, void *ctx)
{
	walk_next(b->ledger, s);
	board_post_next(b, false);
	board_read(
	    b, subject_kind(s), subject_key(s), timeout_ms, on_done, ctx);
}
