/* lines - the lines of a file that may be gzip, plain or standard input */
#include "cli/lines.h"

#include <stdlib.h>

enum { BLOCK = 256 * 1024 }; /* leaves the cache to the books */

/* buf holds an unfinished line of `kept` bytes, then `n` new ones. Returns how
 * many are kept now, moved to the front. */
static size_t
split(char *buf, size_t kept, size_t n, lines_fn *on_line, void *ctx)
{
	const char *start = buf, *end = buf + kept + n;
	const char *from = buf + kept; /* nothing before it is a newline */
	const char *newline;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		on_line(ctx, str_make(start, (size_t)(newline - start)));
		start = from = newline + 1;
	}
	size_t rest = (size_t)(end - start);

	if (rest == BLOCK) {
		on_line(ctx, str_make(start, rest));
		return 0;
	}
	memmove(buf, start, rest);
	return rest;
}

int
lines_read(const char *path, lines_fn *on_line, lines_block_fn *on_block,
    void *ctx, struct error *err)
{
	struct gz *g = gz_open(path, err);
	size_t kept = 0;
	ssize_t n;

	if (!g)
		return -1;
	char *buf = xalloc(BLOCK, 1);

	while ((n = gz_read(g, buf + kept, BLOCK - kept, err)) > 0) {
		kept = split(buf, kept, (size_t)n, on_line, ctx);
		if (on_block)
			on_block(ctx, g);
	}
	if (kept > 0)
		on_line(ctx, str_make(buf, kept));
	gz_close(&g);
	free(buf);
	return n < 0 ? -1 : 0;
}
