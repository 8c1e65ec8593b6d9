/* lines - the lines of a file that may be gzip, plain or standard input */
#include "cli/lines.h"

#include <stdlib.h>

#include "base/memory.h"

/* A plain file's lines are read where they lie; what came to it since, and a
 * pipe's, in blocks: small ones, to leave the cache to the books; zlib inflates
 * large ones faster. An unfinished line is kept right before the next block,
 * whose place is always the same: the kernel copies best to the beginning of a
 * page. */
enum { PLAIN = 32 * 1024, PACKED = 256 * 1024 };
enum { LONGEST = 256 * 1024, PAGE = 4096 };

/* So far ahead of the line that is told the next ones are fetched: a page that
 * begins is new to the processor. */
enum { AHEAD = 1024, CACHE_LINE = 64 };

/* What is told, and whom. */
struct reader {
	struct gz *g;
	lines_fn *on_line;
	lines_block_fn *on_block;
	void *ctx;
};

/* The AHEAD bytes from p on; those before *to are fetched already. */
static inline void
expect_more(const char *p, uintptr_t *to)
{
	for (uintptr_t end = (uintptr_t)p + AHEAD; *to < end; *to += CACHE_LINE)
		memory_expect((const void *)*to);
}

/* From start to the end, of which nothing before `from` is a newline. Returns
 * how many bytes at the end are an unfinished line, which isn't too long. */
static size_t
split(const struct reader *r, const char *start, const char *from,
    const char *end)
{
	const char *newline;
	uintptr_t fetched = (uintptr_t)from;

	while ((newline = memchr(from, '\n', (size_t)(end - from)))) {
		r->on_line(r->ctx, str_make(start, (size_t)(newline - start)));
		start = from = newline + 1;
		expect_more(start, &fetched);
	}
	size_t rest = (size_t)(end - start);

	if (rest < LONGEST)
		return rest;
	r->on_line(r->ctx, str_make(start, rest));
	return 0;
}

static void
end_block(const struct reader *r)
{
	if (r->on_block)
		r->on_block(r->ctx, r->g);
}

/* What the file had when it was opened, if that can be looked at. Returns how
 * many bytes of an unfinished line were put right before block; -1 with an
 * error. */
static ssize_t
read_in_place(const struct reader *r, char *block, struct error *err)
{
	const char *part, *end = NULL;
	size_t kept = 0;
	ssize_t n;

	while ((n = gz_look(r->g, &part, err)) > 0) {
		end = part + n;
		kept = split(r, part - kept, part, end);
		end_block(r);
	}
	if (n == 0 && kept > 0)
		memcpy(block - kept, end - kept, kept);
	return n < 0 ? -1 : (ssize_t)kept;
}

static int
read_all(const struct reader *r, char *block, struct error *err)
{
	ssize_t n = read_in_place(r, block, err);
	size_t kept = n > 0 ? (size_t)n : 0;

	if (n < 0)
		return -1;
	size_t size = gz_is_plain(r->g) ? PLAIN : PACKED;

	while ((n = gz_read(r->g, block, size, err)) > 0) {
		const char *end = block + n;

		kept = split(r, block - kept, block, end);
		memmove(block - kept, end - kept, kept);
		end_block(r);
	}
	if (kept > 0)
		r->on_line(r->ctx, str_make(block - kept, kept));
	return n < 0 ? -1 : 0;
}

int
lines_read(const char *path, lines_fn *on_line, lines_block_fn *on_block,
    void *ctx, struct error *err)
{
	struct reader r = {gz_open(path, err), on_line, on_block, ctx};

	if (!r.g)
		return -1;
	char *buf = aligned_alloc(PAGE, LONGEST + PACKED);

	if (!buf)
		fatal("no memory to read %s", path);
	int status = read_all(&r, buf + LONGEST, err);

	gz_close(&r.g);
	free(buf);
	return status;
}
