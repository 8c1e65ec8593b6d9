/* follow - reads log files as they grow, over every kind of rotation
 *
 * Each source is the journal (follow_journal.h), a path (patterns are expanded
 * again every few seconds) or "-", standard input. A renamed file is read to
 * its end before what followed it, also when that happened while nobody looked,
 * several times over, and also when it was compressed or copied since
 * (follow_past.h); a file that became shorter, or has other bytes than were
 * read, is read from its start (copytruncate), after the rest of its copy. A
 * last line without its newline waits for it, and counts as a line when its
 * file was left. NUL bytes (holes that a copytruncate leaves) are dropped, and
 * what was torn before them; a line over FOLLOW_LINE bytes is cut. A path that
 * no pattern finds for a while is forgotten. No turn of the loop reads more
 * than one slice.
 *
 * A position (follow_place.h) belongs to the books: what was read and what it
 * made are committed together.
 */
#ifndef FOLLOW_FOLLOW_H
#define FOLLOW_FOLLOW_H

#include "base/loop.h"
#include "base/setting.h"
#include "follow/follow_journal.h"
#include "ledger/books.h"

enum { FOLLOW_LINE = 8192, FOLLOW_SLICE = 16 * 1024, FOLLOW_SOURCES = 64 };

struct follow;

struct follow_hooks {
	/* One line, without its newline; source is below FOLLOW_SOURCES and
	 * keeps its meaning for the life of the follower. */
	void (*on_line)(void *ctx, size_t source, struct str line);
	/* A source can't be read (err, once) or can be again (err NULL). */
	void (*on_state)(void *ctx, const char *path, const struct error *err);
	/* A slice of every source was read: a moment to commit or flush. */
	void (*on_slice)(void *ctx);
	/* Lines of this source may have been missed, and why. May be NULL. */
	void (*on_gap)(void *ctx, size_t source, const char *why);
	void *ctx;
};

struct follow *follow_new(
    const struct setting_list *files, const struct follow_hooks *hooks);
void follow_free(struct follow **f);
/* Whose journal entries are believed; before the positions are loaded. */
void follow_set_trust(struct follow *f, const struct follow_trust *trust);

/* The sources' positions; loaded before follow_start. */
struct books_part follow_part(struct follow *f);
void follow_start(struct follow *f, struct loop *l);

/* follow_learn.c: before the start; positions so far are forgotten. Is the file
 * a log that is followed, or an older generation of one? Then it is read at
 * once, to its end, and following goes on behind that; of several the oldest
 * comes first, and what lies between two is read with the younger. 1: so it
 * was, now or before; 0: it is no such file; -1 with an error. */
int follow_learn(struct follow *f, const char *file, struct error *err);
/* Is it a copy of something that was read? */
bool follow_has_read(struct follow *f, const char *file);

/* No more is read until it is false again; each for a reason of its own. */
void follow_pause(struct follow *f, bool is_paused);
void follow_wait(struct follow *f, bool is_waiting);

/* Everything that was there has been read (catch-up is over). */
bool follow_is_idle(const struct follow *f);
uint64_t follow_bytes_behind(const struct follow *f);

/* How each source that is wanted stands. Views are valid until the call
 * returns. */
struct follow_look {
	size_t source;
	const char *path;
	const char *file; /* what is being read: an older generation, path */
	bool is_failing, is_behind;
	uint64_t lines; /* since the start */
	uint64_t bytes_behind;
	const struct follow_place *place; /* cursor: of a journal */
};
typedef void follow_look_fn(void *ctx, const struct follow_look *look);
void follow_each(struct follow *f, follow_look_fn *each, void *ctx);

#endif
