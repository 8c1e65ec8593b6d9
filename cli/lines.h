/* lines - the lines of a file that may be gzip, plain or standard input */
#ifndef CLI_LINES_H
#define CLI_LINES_H

#include "base/gz.h"
#include "base/str.h"

typedef void lines_fn(void *ctx, struct str line);
/* Called after each block; may be NULL. */
typedef void lines_block_fn(void *ctx, const struct gz *g);

/* Every line without its newline (a last one without it too); a line over
 * 256 KiB is cut. -1 with an error. */
int lines_read(const char *path, lines_fn *on_line, lines_block_fn *on_block,
    void *ctx, struct error *err);

#endif
