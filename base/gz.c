/* gz - reads a file that may be gzip or plain, or standard input */
#include "base/gz.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/mapped.h"
#include "base/str.h"

/* Reads of thrice as much need no copy of what is plain: the first of them
 * finds one buffer full, and two more make zlib read past it. */
enum { BUFFER_SIZE = 8 << 10 };

struct gz {
	gzFile file; /* owns the descriptor */
	int fd;
	char *path;
	uint64_t size, got;
	struct mapped *mapped; /* NULL: nobody looked */
	uint64_t looked;
};

static int
open_path(const char *path)
{
	if (strcmp(path, "-") == 0)
		return dup(STDIN_FILENO);
	return open(path, O_RDONLY | O_CLOEXEC);
}

struct gz *
gz_open(const char *path, struct error *err)
{
	struct stat st;
	int fd = open_path(path);

	if (fd < 0) {
		error_set(err, "%s: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		error_set(err, "%s: is a directory", path);
		close(fd);
		return NULL;
	}
	gzFile file = gzdopen(fd, "rb");

	if (!file)
		fatal("no memory to read %s", path);
	gzbuffer(file, BUFFER_SIZE);
	struct gz *g = xalloc(1, sizeof(*g));

	g->file = file;
	g->fd = fd;
	g->path = str_dup(str_from(path));
	g->size = S_ISREG(st.st_mode) ? (uint64_t)st.st_size : 0;
	return g;
}

bool
gz_is_plain(struct gz *g)
{
	return gzdirect(g->file) != 0;
}

static int
explain(const struct gz *g, int status, const char *why, struct error *err)
{
	if (status == Z_ERRNO)
		return error_set(err, "%s: %s", g->path, strerror(errno));
	if (status == Z_BUF_ERROR)
		return error_set(err, "%s: the gzip data ends early", g->path);
	return error_set(err, "%s: broken gzip data: %s", g->path, why);
}

ssize_t
gz_read(struct gz *g, void *buf, size_t cap, struct error *err)
{
	int n = gzread(g->file, buf, cap < INT_MAX ? (unsigned)cap : INT_MAX);

	if (n <= 0) {
		int status;
		const char *why = gzerror(g->file, &status);

		/* At the end of a cut file zlib says 0, and this. */
		if (n < 0 || status != Z_OK)
			return explain(g, status, why, err);
	}
	g->got += (uint64_t)n;
	return n;
}

/* Standard input may have been read from. */
static bool
may_look(struct gz *g)
{
	return strcmp(g->path, "-") != 0 && g->size > 0 && g->got == 0 &&
	       g->looked == 0 && gz_is_plain(g);
}

ssize_t
gz_look(struct gz *g, const char **p, struct error *err)
{
	if (!g->mapped && may_look(g))
		g->mapped = mapped_new(g->fd, g->size);
	if (!g->mapped)
		return 0;
	if (mapped_is_cut(g->mapped))
		return error_set(err,
		    "%s: was cut short, or failed, while it was read", g->path);
	size_t n = mapped_next(g->mapped, p);

	g->looked += n;
	if (n == 0 && g->got == 0)
		gzseek(g->file, (z_off_t)g->looked, SEEK_SET);
	return (ssize_t)n;
}

void
gz_progress(const struct gz *g, uint64_t *done, uint64_t *size)
{
	z_off_t at = g->got == 0 && g->looked > 0 ? (z_off_t)g->looked
						  : gzoffset(g->file);

	/* A pipe has no offset. */
	*done = at >= 0 ? (uint64_t)at : g->got;
	*size = g->size;
}

void
gz_close(struct gz **g)
{
	if (!*g)
		return;
	mapped_free(&(*g)->mapped);
	gzclose((*g)->file);
	free((*g)->path);
	free(*g);
	*g = NULL;
}
