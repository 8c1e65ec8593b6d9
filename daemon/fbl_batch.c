/* fbl_batch - a few files of a maildir, read and moved in a worker */
#include "daemon/fbl_batch.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

struct fbl_batch *
fbl_batch_new(const char *dir, size_t max_bytes)
{
	struct fbl_batch *b = xalloc(1, sizeof(*b));

	b->dir = str_dup(str_from(dir));
	b->max_bytes = max_bytes;
	return b;
}

static void
forget(struct fbl_batch *b)
{
	for (size_t i = 0; i < b->n; i++) {
		free(b->v[i].name);
		free(b->v[i].bytes);
	}
	b->n = 0;
}

void
fbl_batch_free(struct fbl_batch **b)
{
	if (!*b)
		return;
	forget(*b);
	free((*b)->dir);
	free(*b);
	*b = NULL;
}

static int
open_dir(const struct fbl_batch *b, const char *name, struct error *err)
{
	char path[PATH_MAX];
	struct text t;

	text_init(&t, path, sizeof(path));
	text_printf(&t, "%s/%s", b->dir, name);
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : error_set(err, "%s: %s", path, strerror(errno));
}

/* Some deliver with flags already. */
static void
write_read_name(const char *name, struct text *out)
{
	ptrdiff_t at = str_find(str_from(name), STR(":2,"));

	text_str(out,
	    at < 0 ? str_from(name) : str_head(str_from(name), (size_t)at));
	text_add(out, ":2,S");
}

static int
move_file(const struct fbl_batch *b, const struct fbl_batch_file *f, int from,
    int to, struct error *err)
{
	char name[NAME_MAX + 1];
	struct text t;

	text_init(&t, name, sizeof(name));
	write_read_name(f->name, &t);
	if (renameat(from, f->name, to, t.is_cut ? f->name : name) == 0 ||
	    errno == ENOENT)
		return 0;
	return error_set(
	    err, "%s/cur/%s: %s", b->dir, f->name, strerror(errno));
}

static int
move_files(const struct fbl_batch *b, int from, int to, struct error *err)
{
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].is_done &&
		    move_file(b, &b->v[i], from, to, err) < 0)
			return -1;
	}
	return 0;
}

int
fbl_batch_move(struct fbl_batch *b, struct error *err)
{
	int status = -1;

	if (b->n == 0)
		return 0;
	int from = open_dir(b, "new", err);
	int to = from < 0 ? -1 : open_dir(b, "cur", err);

	if (to >= 0)
		status = move_files(b, from, to, err);
	if (from >= 0)
		close(from);
	if (to >= 0)
		close(to);
	if (status == 0)
		forget(b);
	return status;
}

static void
leave(struct fbl_batch *b, const char *name, const char *why)
{
	struct text t;

	if (b->n_left++ > 0)
		return;
	text_init(&t, b->left, sizeof(b->left));
	text_printf(&t, "%s/new/", b->dir);
	text_printable(&t, str_from(name));
	text_printf(&t, ": %s", why);
}

/* NULL, or why it can't be taken. */
static const char *
misfit(const struct fbl_batch *b, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return "not a file";
	if ((uint64_t)st->st_size > b->max_bytes)
		return "larger than fbl_max_size";
	return NULL;
}

static int
read_all(int fd, struct fbl_batch_file *f, size_t size)
{
	f->bytes = xalloc(size + 1, 1);
	while (f->n < size) {
		ssize_t n = read(fd, f->bytes + f->n, size - f->n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		f->n += (size_t)n;
	}
	return 0;
}

static void
read_file(struct fbl_batch *b, int fd, const char *name)
{
	struct fbl_batch_file f = {0};
	const char *why = NULL;
	struct stat st;

	if (fstat(fd, &st) < 0)
		why = strerror(errno);
	else
		why = misfit(b, &st);
	if (!why && read_all(fd, &f, (size_t)st.st_size) < 0)
		why = strerror(errno);
	if (why) {
		free(f.bytes);
		leave(b, name, why);
		return;
	}
	f.name = str_dup(str_from(name));
	b->v[b->n++] = f;
}

static void
look_at(struct fbl_batch *b, int dir, const char *name)
{
	struct stat st;
	const char *why;

	if (*name == '.')
		return;
	/* A pipe or a device is not even opened. */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno != ENOENT)
			leave(b, name, strerror(errno));
		return;
	}
	why = misfit(b, &st);
	if (why) {
		leave(b, name, why);
		return;
	}
	int fd =
	    openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0) {
		read_file(b, fd, name);
		close(fd);
	} else if (errno != ENOENT) {
		leave(b, name, strerror(errno));
	}
}

static bool
is_full(const struct fbl_batch *b)
{
	size_t bytes = 0;

	for (size_t i = 0; i < b->n; i++)
		bytes += b->v[i].n;
	return b->n == FBL_BATCH || bytes >= b->max_bytes;
}

int
fbl_batch_read(struct fbl_batch *b, struct error *err)
{
	int fd = open_dir(b, "new", err);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *e = NULL;

	b->n_left = 0;
	*b->left = '\0';
	if (!d) {
		if (fd >= 0)
			close(fd);
		return fd < 0 ? -1 : error_set(err, "%s: no memory", b->dir);
	}
	while (!is_full(b) && (e = readdir(d)))
		look_at(b, fd, e->d_name);
	b->is_whole = !e;
	closedir(d);
	return 0;
}
