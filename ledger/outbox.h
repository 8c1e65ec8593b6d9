/* outbox - events of this node that were not yet seen in the stream
 *
 * Part of the stream's books: it says what came and what went since the last
 * save. Bounded; beyond, the oldest are given up.
 */
#ifndef LEDGER_OUTBOX_H
#define LEDGER_OUTBOX_H

#include "base/disk.h"
#include "base/map.h"
#include "ledger/event.h"

struct outgoing {
	struct outgoing *next;
	char id[EVENT_ID];
	char *json;
	bool is_asked; /* XADD is under way */
	bool is_sent;  /* XADD was answered; the echo is awaited */
	bool is_folded;
};

struct outbox {
	struct outgoing *first, **end;
	struct outgoing *next;	   /* those before it are asked or sent */
	struct outgoing *unfolded; /* those before it are in the records */
	struct map by_id;
	size_t max;
	uint64_t given_up;
	struct text changes; /* for save: "+JSON\n" and "-ID\n" */
	size_t saved;	     /* so much of it is */
	struct text gone;    /* for fold: "ID\n" */
};

void outbox_init(struct outbox *o, size_t max);
void outbox_done(struct outbox *o);
void outbox_add(struct outbox *o, struct str id, struct str json);
/* true: it was there. */
bool outbox_remove(struct outbox *o, struct str id);
/* The first that is neither asked nor sent, or NULL. */
struct outgoing *outbox_next(struct outbox *o);
/* How its XADD ended. */
void outbox_answered(struct outbox *o, struct str id, bool is_sent);
/* The connection was lost: what was sent without an echo is sent again. */
void outbox_forget_sent(struct outbox *o);

/* About `max` changes; returns whether there are more. */
bool outbox_save(struct outbox *o, struct text *out, size_t max);
/* One line of what save wrote. */
bool outbox_replay(struct outbox *o, struct str line);
/* What is gone; then, some at a time, what is new: how many are left. */
void outbox_fold(struct outbox *o, struct disk_batch *b, int table);
bool outbox_fold_some(
    struct outbox *o, struct disk_batch *b, int table, size_t max);
void outbox_load(struct outbox *o, struct str id, struct str json);

#endif
