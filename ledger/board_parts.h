/* board_parts - what the files of the board share, and nobody else sees */
#ifndef LEDGER_BOARD_PARTS_H
#define LEDGER_BOARD_PARTS_H

#include "base/map.h"
#include "ledger/board.h"
#include "ledger/epoch.h"
#include "ledger/board_page.h"
#include "ledger/walk.h"

enum {
	BOARD_KEY = 400,
	BOARD_FIELD = 24,
};

enum board_leaving {
	BOARD_STAYS,
	BOARD_POSTS_LAST,
	BOARD_GIVES_UP,
	BOARD_IS_GONE
};

/* board_sweep.c */
struct board_sweep {
	uint64_t floor;	 /* what was posted before is to be posted again */
	uint32_t next;	 /* bucket */
	bool is_due;	 /* since a walk began */
	bool is_drained; /* what that found has been posted */
	bool has_missed; /* somebody was dropped, and Redis wasn't told */
	bool is_asked, is_changed; /* next's fields; and posted to since */
	unsigned left;		   /* of this beat */
	int64_t walked_us;	   /* the last walk began */
};

struct board {
	struct loop *loop;
	struct ledger *ledger;
	struct redis *writer;
	struct board_options options;
	struct board_hooks hooks;
	struct loop_timer *beat, *more, *patience;
	char node[NODES_ID], alive[64];
	char token[2 * EPOCH], epoch[EPOCH]; /* token: PLACE.RANDOM */
	size_t place_n;
	char run[64]; /* id of the redis-server's process */
	uint64_t starts, seq, posted, read, unread;
	size_t in_flight;
	bool is_checked;  /* this is the Redis we knew */
	bool is_lost;	  /* no, or it may have lost something */
	bool is_ours;	  /* the heartbeat key is */
	bool is_numbered; /* no version of ours is higher than ours now */
	bool is_duplicate;
	bool has_taken_over;
	bool is_mute; /* Redis refused the heartbeat: refusal says why */
	unsigned beats, foreign_beats;
	char refusal[128];
	uint32_t *days; /* by bucket: when its expiry was last set; 0: never */
	int bits;	/* of a hash choose the bucket */
	struct board_sweep sweep;
	bool has_own_pages; /* posted by us before, as format 3 */
	struct nodes nodes;
	struct ledger_walk walk; /* everything is being marked */
	bool is_walking;
	bool is_syncing;	  /* what is posted now is read by itself */
	struct board_cell *cells; /* board_sync.c; NULL: never needed */
	struct map doubts;	  /* readings that a verdict waits for */
	enum board_leaving leaving;
	int64_t since, leave_us;
	void (*on_left)(void *ctx);
	void *left_ctx;
};

/* KEYS_COUNTS, the kind's letter, the key. */
void board_print_key(enum subject_kind kind, struct str key, struct text *out);

/* board.c */
bool board_is_complete(const struct board *b);
/* May this node write, whatever is in flight? */
bool board_may_write(const struct board *b);
/* The one that walk_next named. */
void board_post_next(struct board *b, bool is_read_back);

/* board_sync.c: a page is on its way, and tells of so many recipients that none
 * told of; it came there, or didn't. */
uint16_t board_send_cell(
    struct board *b, enum subject_kind kind, struct str key);
void board_sent_cell(struct board *b, enum subject_kind kind, struct str key,
    uint16_t n, bool is_posted);

/* board_beat.c */
void board_on_beat(void *ctx);
void board_on_patience(void *ctx);
void board_leave_when_done(struct board *b);

/* board_sweep.c: who was dropped leaves the board, too. */
void board_on_drop(void *ctx, enum subject_kind kind, struct str key);
/* A walk begins, a beat is due. */
void board_sweep_begin(struct board *b);
void board_sweep_some(struct board *b);
/* Something was posted there. */
void board_sweep_note(struct board *b, uint32_t bucket);

/* board_read.c: the others' fields of a subject, a question to each node;
 * on_done comes once, when all are answered. false: there is nobody. */
bool board_ask(struct board *b, enum subject_kind kind, struct str key,
    bool has_sketches, board_read_fn *on_done, void *ctx);
/* Should what is posted now be read back? */
bool board_reads_back(const struct board *b, struct subject *s);
void board_forget_doubts(struct board *b);

#endif
