/* books - what this node knows, on its own disk, exactly
 *
 * Records plus journal are always the exact state at a position in the logs.
 * Several times a second books_commit appends one journal entry: every part's
 * changes since the last, gathered over several turns of the loop when they are
 * many. Every half minute books_fold writes the changed records, in slices, and
 * at last trims the journal. After a
 * crash books_open loads records, replays the journal, and the sources read on
 * from the positions in it: nothing lost, nothing counted twice.
 *
 * A part is whoever has something to keep: the ledger, the chains of queue
 * ids, the standings, the outbox, the sources' positions.
 */
#ifndef LEDGER_BOOKS_H
#define LEDGER_BOOKS_H

#include "base/disk.h"
#include "base/text.h"

struct books_part {
	char tag;	   /* its section in a journal entry */
	const char *table; /* its records' (DISK_PACKED?); NULL: has none */
	void *ctx;
	/* Changes since the last save, appended; nothing when unchanged. */
	void (*save)(void *ctx, struct text *out);
	/* NULL, or what is called instead: up to max; returns how many are
	 * left. Called over several turns of the loop, what changed again
	 * meanwhile is among those left; replay takes the parts one by one. */
	size_t (*save_some)(void *ctx, struct text *out, size_t max);
	/* Apply what save wrote; false: damaged. */
	bool (*replay)(void *ctx, struct str section);
	/* Put every record changed since the last fold, delete the gone. */
	void (*fold)(void *ctx, struct disk_batch *b, int table);
	/* A record at start; false: damaged. */
	bool (*load)(void *ctx, struct str key, struct str value);
	/* NULL, or: fold only begins; this is called, over several turns of the
	 * loop, to put up to max of the records that had changed when it began,
	 * and returns how many are left. Such a record may be newer than that
	 * moment: replaying what is in it already must be harmless. */
	size_t (*fold_some)(
	    void *ctx, struct disk_batch *b, int table, size_t max);
};

/* 4: a record may be dense (record_dense.h), and after its networks may follow
 * whom the account knows; 5: who was silent is packed small (record_usual.def,
 * and whom it knows, by squeeze.h); 6: ledger_value.c's form, and members of
 * 18 bits of those it knows; 7: subjects stand in a packed table; 8: of its
 * blocks, keys are told by their ends, too. What 3 wrote is read. */
enum {
	BOOKS_FORMAT = 8,
	BOOKS_OLDEST = 3,
	BOOKS_FORMATS = DISK_FORMATS(BOOKS_OLDEST, BOOKS_FORMAT),
	BOOKS_PARTS = 24,
};

struct books;
struct books_options {
	const char *dir; /* the state directory; books live in dir/books */
	size_t map_bytes;
	size_t max_entry_bytes; /* a journal entry is cut into several */
	size_t max_fold_bytes;	/* records that are put at once; 0: 4 MiB */
};

/* Opens or makes them and loads every part. An error names the file and what
 * to do; nothing is ever overwritten. */
struct books *books_open(const struct books_options *o,
    const struct books_part *parts, size_t n, struct error *err);
/* Another process has them open. */
bool books_are_taken(const char *state_dir);
void books_close(struct books **b); /* last commit and fold included */
void books_start(struct books *b, struct loop *l);

/* The node: a random id of 16 hex digits born with the directory, and how many
 * times it started (part of every version posted to the board). */
struct str books_node(const struct books *b);
uint64_t books_starts(const struct books *b);
/* When they began: the first `now` it was asked with. Before books_start. */
int64_t books_born(struct books *b, int64_t now);

/* on_done: the commit that contains everything so far is on disk (err NULL),
 * or it failed (once per failure; it is retried inside). */
void books_commit(struct books *b, disk_done_fn *on_done, void *ctx);
void books_fold(struct books *b);
/* Told when a save that takes several turns begins and ends: the less changes
 * meanwhile, the sooner it ends. */
void books_on_save(
    struct books *b, void (*on_save)(void *ctx, bool is_on), void *ctx);

struct books_status {
	struct disk_size size;
	size_t waiting;		/* commits not yet on disk, or made */
	uint64_t seq, folded;	/* last journal entry; last one trimmed */
	uint64_t journal_bytes; /* since the last fold */
	bool is_failing;
};
void books_status(struct books *b, struct books_status *out);

#endif
