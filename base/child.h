/* child - runs a program to its end: bytes in, lines out, a time limit
 *
 * For programs that have nothing else to do meanwhile (outpost-queue). No
 * shell, a clean environment, both outputs in one stream of lines; a line's
 * bytes beyond CHILD_LINE are dropped.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include "base/error.h"
#include "base/str.h"

enum { CHILD_LINE = 4096, CHILD_ARGS = 16 };

typedef void child_line_fn(void *ctx, struct str line);

struct child {
	const char *path;		  /* absolute */
	const char *args[CHILD_ARGS + 1]; /* argv[1] on, NULL at the end */
	struct str input;
	int timeout_s;		/* then it is killed */
	child_line_fn *on_line; /* NULL: not of interest */
	void *ctx;
};

/* -1: it couldn't run, took too long, or failed; the error ends with its last
 * line. */
int child_run(const struct child *c, struct error *err);

#endif
