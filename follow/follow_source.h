/* follow_source - one log: the file that is open, the position in it, and the
 * unfinished line
 *
 * What was rotated is read to its end before what followed it, whether that
 * happened in front of our eyes or while nobody looked: the file where the
 * position is, then the younger ones, plain or gzip, then the live one.
 */
#ifndef FOLLOW_FOLLOW_SOURCE_H
#define FOLLOW_FOLLOW_SOURCE_H

#include "base/gz.h"
#include "follow/follow_place.h"

struct follow_sink {
	void (*on_line)(void *ctx, size_t source, struct str line);
	/* Lines may have been missed, and why. May be NULL. */
	void (*on_gap)(void *ctx, size_t source, const char *why);
	void *ctx;
	size_t source;
	/* time_cpu_us(): then a file is read no further, but for a few lines;
	 * 0: to the end of the slice. */
	int64_t until_us;
};

/* What is opened next. */
enum follow_goal {
	FOLLOW_START, /* the live file, from its start */
	FOLLOW_PLACE, /* the file where the place is */
	FOLLOW_AFTER, /* the one after it */
};

struct follow_journal;

struct follow_source {
	char *path;
	struct follow_journal *journal; /* NULL: it is a file */
	int fd;				/* -1: not open, or gz is */
	struct gz *gz;			/* an older generation */
	char *opened;			/* the name it had when it was opened */
	bool is_past; /* an older generation when it was opened */
	bool is_stdin, is_failing, is_ended;
	bool is_wanted;	 /* the follower's: a pattern names it */
	unsigned missed; /* expansions of the patterns that didn't find it */
	bool is_learned; /* by follow_learn */
	enum follow_goal goal;
	bool is_holed;	   /* the unfinished line has ended in NUL bytes */
	bool is_saved;	   /* place is in the books */
	bool is_sealed;	   /* place's hashes are up to date */
	bool is_at_end;	   /* the last read found no more */
	bool is_cut_off;   /* it was at its end when it was truncated */
	uint64_t read_to;  /* offset of the next byte to read */
	uint64_t skip_to;  /* in a gzip: lines begin here */
	int64_t silent_us; /* since when the left file has been at its end */
	int64_t look_us;   /* when its successors were last looked for */
	int64_t stuck_us;  /* since when an older one can't be opened */
	int64_t moving_us; /* since when files are renamed at each look */
	int64_t line_us;   /* wall clock: when the last lines were read */
	uint64_t lines;
	char *buf; /* the unfinished line */
	size_t n;
	struct follow_place place; /* after the last finished line */
	/* What was read before read_to, before place, and first of all. */
	struct follow_bytes tail, place_tail, head;
};

void follow_source_init(struct follow_source *s, struct str path);
void follow_source_done(struct follow_source *s);

/* Reads at most one slice: 1 there is more, 0 not now, -1 with an error (the
 * file is absent or unreadable; it is tried again at the next call). */
int follow_source_read(
    struct follow_source *s, const struct follow_sink *sink, struct error *err);
/* Nobody reads it for now: closed, to go on there should it come back. */
void follow_source_rest(
    struct follow_source *s, const struct follow_sink *sink);
/* Of the older generations that wait, nothing is known before their turn. */
uint64_t follow_source_behind(const struct follow_source *s);

/* What a pattern finds beside a log that is followed. */
enum follow_kin {
	FOLLOW_STRANGER, /* a log of its own */
	FOLLOW_PAST,	 /* by its name an older generation, or compressed */
	FOLLOW_SAME,	 /* the file that is being read, renamed */
	FOLLOW_READ,	 /* one that was read, or a copy of it */
};
enum follow_kin follow_source_kin(struct follow_source *s, const char *path);
/* Begin behind what the file holds now. */
void follow_source_pass(struct follow_source *s);

/* The position out (save: only when changed since the last save), and in. */
void follow_source_save(struct follow_source *s, struct text *out);
void follow_source_print(struct follow_source *s, struct text *out);
void follow_source_place(struct follow_source *s, const struct follow_place *p);
/* place, with its hashes. */
const struct follow_place *follow_source_at(struct follow_source *s);

#endif
