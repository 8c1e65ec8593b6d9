/* follow_source - one log file: its descriptor, position and unfinished line */
#ifndef DAEMON_FOLLOW_SOURCE_H
#define DAEMON_FOLLOW_SOURCE_H

#include "base/error.h"
#include "base/text.h"

/* Where reading goes on: valid while the file has this identity and the bytes
 * before the offset (at most FOLLOW_HASHED) have this hash (FNV-1a: a guard
 * against a mix-up, not against an attacker, who can't write the log file). */
enum { FOLLOW_HASHED = 256 };
struct follow_tail {
	char b[FOLLOW_HASHED];
	size_t n;
};

struct follow_position {
	struct str path;
	uint64_t device, inode, offset, hash;
};

struct follow_sink {
	void (*on_line)(void *ctx, size_t source, struct str line);
	void *ctx;
	size_t source;
};

struct follow_source {
	char *path;
	int fd; /* -1: not open */
	bool is_stdin, is_failing, is_ended;
	bool is_wanted;	   /* the follower's: a pattern names it */
	unsigned missed;   /* expansions of the patterns that didn't find it */
	bool is_placed;	   /* place says where to go on, at the next open */
	bool is_holed;	   /* the unfinished line has ended in NUL bytes */
	bool is_saved;	   /* place is in the books */
	uint64_t read_to;  /* offset of the next byte to read */
	int64_t silent_us; /* since when the left file has been at its end */
	char *buf;	   /* the unfinished line */
	size_t n;
	struct follow_position place; /* after the last finished line */
	/* What was read before read_to, and before place. */
	struct follow_tail tail, place_tail;
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
uint64_t follow_source_behind(const struct follow_source *s);

/* The position out (save: only when changed since the last save), and in. */
void follow_source_save(struct follow_source *s, struct text *out);
void follow_source_print(struct follow_source *s, struct text *out);
void follow_source_place(
    struct follow_source *s, const struct follow_position *p);
bool follow_position_take(struct str *in, struct follow_position *out);

#endif
