/* queue_file - the book of what is held, on disk */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "queue/queue_book.h"

enum { PATH_BYTES = 512, FILE_MAX = QUEUE_BOOK_MAX * 1500 };

static void
path_of(const char *dir, const char *name, char path[PATH_BYTES])
{
	struct text t;

	text_init(&t, path, PATH_BYTES);
	text_printf(&t, "%s/%s", dir, name);
}

static int
fail(struct error *err, const char *path)
{
	return error_set(err, "%s: %s", path, strerror(errno));
}

static int
read_all(int fd, struct text *out)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		text_bytes(out, buf, (size_t)n);
	return n < 0 ? -1 : 0;
}

static int
parse(
    struct str bytes, struct queue_book *b, const char *path, struct error *err)
{
	char buf[2 * QUEUE_TEXT_MAX];
	struct queue_message m;
	struct str line;
	unsigned n = 1;

	for (; str_cut(&bytes, '\n', &line); n++) {
		if (!queue_message_parse(line, buf, &m) ||
		    !queue_book_put(b, &m))
			return error_set(err,
			    "%s:%u: can't be understood: see with \"postqueue "
			    "-p\" what is on hold, then move this file away",
			    path, n);
	}
	if (bytes.n > 0)
		return error_set(err, "%s: ends within a line", path);
	return 0;
}

int
queue_file_load(const char *dir, struct queue_book *b, struct error *err)
{
	char path[PATH_BYTES];
	struct text bytes;

	path_of(dir, "held", path);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0)
		return errno == ENOENT ? 0 : fail(err, path);
	text_grow(&bytes, FILE_MAX);
	int rc = read_all(fd, &bytes);

	if (rc < 0)
		fail(err, path);
	close(fd);
	if (rc == 0)
		rc = parse(text_view(&bytes), b, path, err);
	text_done(&bytes);
	b->is_changed = false;
	return rc;
}

static int
write_synced(const char *path, struct str bytes)
{
	int fd = open(
	    path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return -1;
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno != EINTR) {
			close(fd);
			return -1;
		}
		if (n > 0)
			bytes = str_skip(bytes, (size_t)n);
	}
	int rc = fsync(fd);

	return close(fd) < 0 ? -1 : rc;
}

static int
sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 ? -1 : fsync(fd);

	if (fd >= 0)
		close(fd);
	return rc;
}

int
queue_file_save(const char *dir, struct queue_book *b, struct error *err)
{
	char path[PATH_BYTES], beside[PATH_BYTES];
	struct queue_entry *e;
	struct text bytes;
	size_t i = 0;

	path_of(dir, "held", path);
	path_of(dir, "held.new", beside);
	text_grow(&bytes, FILE_MAX);
	while ((e = queue_book_next(b, &i)) != NULL) {
		queue_message_print(&e->m, &bytes);
		text_char(&bytes, '\n');
	}
	int rc = write_synced(beside, text_view(&bytes));

	text_done(&bytes);
	if (rc < 0 || rename(beside, path) < 0 || sync_dir(dir) < 0)
		return fail(err, path);
	b->is_changed = false;
	return 0;
}

int
queue_file_lock(const char *dir, struct error *err)
{
	char path[PATH_BYTES];

	path_of(dir, "lock", path);
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return fail(err, dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return fail(err, path);
	while (flock(fd, LOCK_EX) < 0) {
		if (errno != EINTR) {
			fail(err, path);
			close(fd);
			return -1;
		}
	}
	return fd;
}
