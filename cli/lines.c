/* lines - the lines of a file that may be gzip, plain or standard input */
#include "cli/lines.h"

#include <stdlib.h>

/* A block of a plain file is small, to leave the cache to the books; zlib
 * inflates large ones faster. An unfinished line is kept right before the next
 * block, whose place is always the same: the kernel copies best to the
 * beginning of a page. */
enum { PLAIN = 32 * 1024, PACKED = 256 * 1024 };
enum { LONGEST = 256 * 1024, PAGE = 4096 };

/* Of the `kept` bytes before block and its n only the last are an unfinished
 * line. Returns how many they are now, moved to where the block began. */
static size_t
split(char *block, size_t kept, size_t n, lines_fn *on_line, void *ctx)
{
	const char *start = block - kept, *end = block + n;
	const char *from = block; /* nothing before it is a newline */
	const char *newline;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		on_line(ctx, str_make(start, (size_t)(newline - start)));
		start = from = newline + 1;
	}
	size_t rest = (size_t)(end - start);

	if (rest >= LONGEST) {
		on_line(ctx, str_make(start, rest));
		return 0;
	}
	memmove(block - rest, start, rest);
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
	char *buf = aligned_alloc(PAGE, LONGEST + PACKED);

	if (!buf)
		fatal("no memory to read %s", path);
	char *block = buf + LONGEST;
	size_t size = gz_is_plain(g) ? PLAIN : PACKED;

	while ((n = gz_read(g, block, size, err)) > 0) {
		kept = split(block, kept, (size_t)n, on_line, ctx);
		if (on_block)
			on_block(ctx, g);
	}
	if (kept > 0)
		on_line(ctx, str_make(block - kept, kept));
	gz_close(&g);
	free(buf);
	return n < 0 ? -1 : 0;
}
