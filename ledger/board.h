/* board - this node's pages for the others, in Redis
 *
 * One hash per subject, one field per node: the whole packed record, stamped
 * with a version (starts, sequence). A node writes only its own fields, never
 * an increment, so writing twice is harmless and a Redis that lost its data is
 * filled again. Nothing here ever blocks or fails mail: with Redis down the
 * changes stay marked in the ledger.
 */
#ifndef LEDGER_BOARD_H
#define LEDGER_BOARD_H

#include "base/redis.h"
#include "ledger/ledger.h"

struct board;
struct loop;

struct board_options {
	struct str node;
	uint64_t starts;      /* of the books: first half of every version */
	size_t max_in_flight; /* records posted and not yet answered */
	/* 0: 5000. The heartbeat's key lives for six of them; when it is
	 * somebody else's for longer, that one lives. */
	int beat_ms;
};

struct board_hooks {
	/* Another process writes under our node id: this one stopped writing.
	 */
	void (*on_duplicate)(void *ctx);
	void *ctx;
};

/* Lives as long as the writer, or longer. */
struct board *board_new(struct loop *l, const struct board_options *o,
    const struct board_hooks *hooks, struct ledger *ledger,
    struct redis *writer);
void board_free(struct board **b);
/* The connection came or went: after each return everything is checked for
 * loss (the epoch key) and posted again when it was lost. */
void board_on_state(struct board *b);

/* Posts what changed, in slices of a millisecond, as much as fits in flight.
 * Called several times a second. */
void board_post(struct board *b);

/* Reads the other nodes' fields of one subject into the ledger
 * (ledger_set_other); on_done comes once, is_fresh false after timeout_ms or
 * when Redis is down. */
typedef void board_read_fn(void *ctx, bool is_fresh);
void board_read(struct board *b, enum subject_kind kind, struct str key,
    int timeout_ms, board_read_fn *on_done, void *ctx);

/* A clean end: what changed is posted, and the heartbeat goes, so that the next
 * start needs not wait. on_left comes once, not before this returns and after
 * timeout_ms at the latest; nothing is posted afterwards. */
void board_leave(
    struct board *b, int timeout_ms, void (*on_left)(void *ctx), void *ctx);

/* For board_read.c: what a question needs. */
struct board_ways {
	struct loop *loop;
	struct redis *writer;
	struct ledger *ledger;
	struct str node;
};
void board_ways(const struct board *b, struct board_ways *out);
/* KEYS_COUNTS, the kind's letter, the key. */
void board_print_key(enum subject_kind kind, struct str key, struct text *out);

struct board_status {
	uint64_t posted;
	size_t in_flight;
	bool is_duplicate, is_complete; /* everything is posted */
	const char *refusal; /* Redis' words for not taking records; "" */
};
void board_status(const struct board *b, struct board_status *out);

#endif
