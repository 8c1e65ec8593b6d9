/* board - this node's pages for the others, in Redis, and theirs for us
 *
 * A page is the whole packed record of a subject, stamped with a version
 * (starts, sequence), in one of the hashes that this node alone writes
 * (board_page.h). Never an increment, so writing twice is harmless and a Redis
 * that lost its data is filled again. Of whom the ledger drops the page goes at
 * once; if Redis couldn't be told, all is posted again, and what then still is
 * of before goes. Nothing here ever blocks or fails mail: with Redis down the
 * changes stay marked in the ledger.
 *
 * Who reads what, and when. A node needs the others' counts of a subject only
 * where it decides about that subject, and it decides when it has counted
 * something of it. So with each record that it posts it reads the others'
 * pages of the same subject back, in the same pipeline: first the own page
 * is written, then the others' are read. Of several nodes that count for one
 * subject, the last to write therefore sees the whole sum, whatever the order:
 * a limit that is passed is seen by one of them at least, within one round of
 * posting. There is no notification that could get lost, none to fan out, and
 * reads never outnumber posts.
 *  - A subject is posted once per round however often it was counted, so the
 *    traffic per node is bounded by its active subjects, and so is what it
 *    holds in memory (others.h).
 *  - Subjects that no limit asks about (on_reads says so) aren't read.
 *  - With nobody else on the board nothing is read. Of nodes that are gone a
 *    subject is read once after it was silent: their pages don't change.
 *  - Sketches are read when the own ones were posted, or nothing is known yet.
 *  - A node that appears is noticed with the next heartbeat; what was counted
 *    in between is posted once more, so that the last writer's rule holds.
 *  - A verdict on a subject whose pages were not read lately waits for them
 *    (board_doubt): its history may be elsewhere.
 */
#ifndef LEDGER_BOARD_H
#define LEDGER_BOARD_H

#include "base/redis.h"
#include "ledger/ledger.h"
#include "ledger/nodes.h"

struct board;
struct loop;

struct board_options {
	struct str node;
	/* Hex digits for this machine, since it was booted, and this state
	 * directory; whoever has left a heartbeat from there is dead, for we
	 * hold the directory's lock. Empty: not known. */
	struct str place;
	uint64_t starts;      /* of the books: first half of every version */
	int64_t born;	      /* they were made; 0: not known */
	size_t max_in_flight; /* records posted and not yet answered */
	/* 0: 5000. The heartbeat's key lives for six of them; when it is
	 * somebody else's for longer, that one lives. */
	int beat_ms;
	/* 0: BOARD_PAGE_BITS. With fewer there are fewer buckets: for tests. */
	int bits;
};

/* All but the first may be NULL. None may free the board. */
struct board_hooks {
	/* Another process writes under our node id: this one stopped writing.
	 */
	void (*on_duplicate)(void *ctx);
	/* Another node's pages about a subject changed, or what a doubt waited
	 * for has come (or won't). */
	void (*on_news)(void *ctx, struct subject *s);
	/* What policy admitted that no log shows yet: part of the page. */
	void (*on_admitted)(void *ctx, enum subject_kind kind, struct str key,
	    int64_t *recipients, int64_t *messages);
	/* Does anybody ask for sums of this kind? NULL: of all. */
	bool (*on_reads)(void *ctx, enum subject_kind kind);
	/* Fill what this node says of itself: label, version, behind ... */
	void (*on_beat)(void *ctx, struct nodes_one *self);
	/* The list of nodes was read. */
	void (*on_nodes)(void *ctx, const struct nodes *nodes);
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

/* Everything counts as changed: Redis lost something. */
void board_post_all(struct board *b);

/* Reads the other nodes' fields of one subject into the ledger; on_done comes
 * once, is_fresh false after timeout_ms or when Redis is down. */
typedef void board_read_fn(void *ctx, bool is_fresh);
void board_read(struct board *b, enum subject_kind kind, struct str key,
    int timeout_ms, board_read_fn *on_done, void *ctx);

/* What any node posted of it goes. */
void board_forget(struct board *b, enum subject_kind kind, struct str key);

/* Is there anybody else whose pages may count? Alive, or gone. */
bool board_is_alone(const struct board *b);
/* How many nodes count now, this one among them. */
size_t board_alive(const struct board *b);

/* Seconds since its others' pages were read; never: many. */
int64_t board_read_ago(const struct board *b, const struct subject *s);

/* Should a verdict on this subject wait for the others' pages? If so, they are
 * asked for, and on_news comes within 50 ms; the local view decides then. */
bool board_doubt(struct board *b, struct subject *s);

/* A clean end: what changed is posted, and the heartbeat goes, so that the next
 * start needs not wait. on_left comes once, not before this returns and after
 * timeout_ms at the latest; nothing is posted afterwards. */
void board_leave(
    struct board *b, int timeout_ms, void (*on_left)(void *ctx), void *ctx);

/* Admission. Policy admits from memory while a subject is far from its limits;
 * then it first writes its own page, with what it is about to admit, and reads
 * the others'. Of several nodes that do so at once the last to write sees all
 * of them; so together they never pass a limit, and at worst each defers what
 * one could have taken. What was admitted from memory since the last posting
 * is bounded by who asks (see app_admission.c): that much another may not see.
 */
/* Is there anybody to sync with, and a way to? */
bool board_can_sync(const struct board *b);
/* Posts this subject's page and reads the others'; on_done as board_read's. */
void board_sync(struct board *b, struct subject *s, int timeout_ms,
    board_read_fn *on_done, void *ctx);
/* Posts it and reads it back, and nobody waits; board_can_sync. */
void board_post_now(struct board *b, struct subject *s);
/* n recipients of it were admitted: the page has changed. */
void board_admitted(struct board *b, struct subject *s, int64_t n);
/* About how many of them no page tells yet that is known to be in Redis; never
 * fewer. */
uint64_t board_unposted(const struct board *b, const struct subject *s);
/* Of these: no page that is on its way tells of them either. */
uint64_t board_unsent(const struct board *b, const struct subject *s);

struct board_status {
	uint64_t posted;
	size_t in_flight;
	uint64_t read;	 /* replies with others' pages */
	uint64_t unread; /* pages that couldn't be read: damaged or newer */
	bool is_duplicate, is_complete; /* everything is posted */
	const char *refusal; /* Redis' words for not taking records; "" */
};
void board_status(const struct board *b, struct board_status *out);
const struct nodes *board_nodes(const struct board *b);

#endif
