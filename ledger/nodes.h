/* nodes - who else posts on this board
 *
 * One hash, a field per node, written by it at each heartbeat: its label, its
 * version, how far it has read. A node lives while its field changes, by our
 * own clock, so that clocks that differ do no harm. A node that is gone is
 * remembered as long as its pages can be in anybody's way. Pure.
 */
#ifndef LEDGER_NODES_H
#define LEDGER_NODES_H

#include "base/text.h"

enum {
	NODES_MAX = 64, /* more are not added up: those heard of last are */
	NODES_ID = 17,
	NODES_COUNTS_DAYS = 36, /* pages older than that hold nothing */
};

struct nodes_one {
	char id[NODES_ID];
	char label[64];
	char version[32];
	uint64_t starts;
	int64_t beats;	/* counts up while it runs */
	int64_t at;	/* its clock at the last one */
	int64_t since;	/* it started */
	int64_t behind; /* bytes of log that it hasn't read */
	int64_t born;	/* its books were made; 0: not known */
	int64_t began;	/* its first fact; 0: none yet */
	int64_t layout; /* how its pages stand: board_page.h's
			   BOARD_PAGE_FORMAT; 0: as 3 */
	bool is_enforcing;
	bool is_copy; /* a process that found its id taken: it posts nothing */
	/* Ours. */
	int64_t heard_us; /* monotonic: when it last changed */
	int64_t ahead;	  /* our clock, less its one, when it did; seconds */
	bool is_alive;
	/* A node of the same label was born after this one's last beat: it has
	 * begun to read this one's log again, and what this one counted from
	 * here on counts no more. 0: there is none. */
	int64_t ends_at;
};

/* Sorted by id; our own is not among them, nor copies. */
struct nodes {
	struct nodes_one v[NODES_MAX];
	size_t n, n_alive;
	struct nodes_one copies[4];
	size_t n_copies;
	uint64_t generation; /* another one: v[i].id are not what they were */
};

/* JSON, as it stands in the field. */
void nodes_print(const struct nodes_one *one, struct text *out);
bool nodes_parse(struct str id, struct str json, struct nodes_one *out);

/* One reading of the whole hash: begin, take each field, end. What isn't taken
 * is gone; silent for life_us is not alive. first: of who was never heard of
 * before, the clock decides (it beat within a minute). */
struct nodes_reading {
	struct nodes *nodes;
	struct nodes_one v[NODES_MAX + 1];
	size_t n;
	int64_t now, now_us;
	const char *self;
};
void nodes_begin(struct nodes_reading *r, struct nodes *nodes, const char *self,
    int64_t now, int64_t now_us);
/* false: it is of no use any more, its field may go. */
bool nodes_take(struct nodes_reading *r, struct str field, struct str json);
/* self: what this node says of itself. */
void nodes_end(
    struct nodes_reading *r, const struct nodes_one *self, int64_t life_us);

/* How far our clock is ahead of that of every other node that lives, in
 * seconds (it seems so by the age of a beat, too); 0: it isn't, or there is
 * none. */
int64_t nodes_ahead(const struct nodes *n);

#endif
