/* walk - many subjects count as changed again, in slices
 *
 * After Redis lost its data all is posted again; a million subjects are more
 * than a turn of the loop may look at. Who comes during the walk is on the
 * board's list by itself.
 */
#ifndef LEDGER_WALK_H
#define LEDGER_WALK_H

#include "ledger/ledger.h"

struct ledger_walk {
	size_t i;
	uint64_t resized;  /* the map it is in, in which all moved then */
	uint64_t removals; /* some move when somebody is dropped */
	bool is_second;
	bool is_awake_first;
	bool is_over;	/* walk_some has met all */
	unsigned begun; /* how often: what was found before comes again */
};

/* Begins, or begins again. */
void walk_begin(struct ledger *l, struct ledger_walk *w);
/* Looks at up to max more, each subject at least once (who wakes in between,
 * perhaps twice); true: that was all. Nobody is laid to sleep meanwhile, unless
 * some seconds' ticks lie between two calls. */
typedef void walk_fn(void *ctx, struct subject *s);
bool walk_each(struct ledger *l, struct ledger_walk *w, size_t max,
    walk_fn *each, void *ctx);
/* The place of a walk as text (less than 80 bytes), for who can't keep it.
 * false: that is none. What has moved meanwhile makes it begin again. */
void walk_print(const struct ledger_walk *w, struct text *out);
bool walk_parse(struct ledger *l, struct str text, struct ledger_walk *w);
/* For the board: of up to max more, who is awake is marked as changed, who
 * sleeps is passed to each at once, as ledger_each_changed does, and sleeps on:
 * were all woken, all would stand unpacked in memory for a while. Returns how
 * many were passed; w->is_over tells that all were met. */
size_t walk_some(struct ledger *l, struct ledger_walk *w, size_t max,
    ledger_changed_fn *each, void *ctx);
/* Those who counted something since then, up to max of each queue. */
void walk_recent(struct ledger *l, int64_t since, size_t max);
/* This one; its sketches have not changed. */
void walk_change(struct ledger *l, struct subject *s);
/* This one, and it is the next that ledger_each_changed passes. */
void walk_next(struct ledger *l, struct subject *s);

#endif
