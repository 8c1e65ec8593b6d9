/* postfix_table - cdb tables that Postfix reads, and their entries */
#include "mta/postfix_table.h"

#include <cdb.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* A cdb ends at 4 GiB, an entry long before. */
enum { KEY_MAX = 1024, VALUE_MAX = 4096 };

/* Of the file beside: one writer at a time is the caller's matter, but a
 * command and the daemon may meet. */
static void
name_beside(char out[PATH_MAX], const char *path)
{
	struct text t;

	text_init(&t, out, PATH_MAX);
	text_printf(&t, "%s.%ld", path, (long)getpid());
}

static int
fill(int fd, postfix_table_next_fn *next, void *ctx)
{
	struct cdb_make cdb;
	struct str key, value;
	int rc = 0;

	if (cdb_make_start(&cdb, fd) < 0)
		return -1;
	while (rc == 0 && next && next(ctx, &key, &value)) {
		if (key.n == 0 || key.n > KEY_MAX)
			continue;
		rc = cdb_make_add(&cdb, key.p, (unsigned)key.n, value.p,
		    (unsigned)str_head(value, VALUE_MAX).n);
	}
	/* Also after a failure: it frees. */
	if (cdb_make_finish(&cdb) < 0)
		rc = -1;
	return rc < 0 ? -1 : 0;
}

static int
write_beside(const char *beside, mode_t mode, postfix_table_next_fn *next,
    void *ctx, struct error *err)
{
	int fd, rc;

	unlink(beside); /* left by a process of that number */
	fd = open(
	    beside, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return error_set(err, "%s: %s", beside, strerror(errno));
	rc = fill(fd, next, ctx) < 0 || fchmod(fd, mode) < 0 || fsync(fd) < 0;
	if (rc)
		error_set(err, "%s: %s", beside, strerror(errno));
	close(fd);
	return rc ? -1 : 0;
}

static bool
is_same(const char *a, const char *b)
{
	char x[4096], y[4096];
	FILE *f = fopen(a, "rbe"), *g = fopen(b, "rbe");
	bool same = f && g;

	while (same) {
		size_t n = fread(x, 1, sizeof(x), f);

		same = fread(y, 1, sizeof(y), g) == n && memcmp(x, y, n) == 0;
		if (n < sizeof(x))
			break;
	}
	if (f)
		fclose(f);
	if (g)
		fclose(g);
	return same;
}

/* So that the new name is on disk as well. */
static int
sync_directory(const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char dir[PATH_MAX];
	int fd, rc;

	snprintf(dir, sizeof(dir), "%.*s", slash ? (int)(slash - path) + 1 : 1,
	    slash ? path : ".");
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, "%s: %s", dir, strerror(errno));
	rc = fsync(fd);
	if (rc < 0)
		error_set(err, "%s: %s", dir, strerror(errno));
	close(fd);
	return rc;
}

static int
check_path(const char *path, struct error *err)
{
	if (strlen(path) > PATH_MAX - 32)
		return error_set(err, "the name of a table is too long");
	if (!str_ends(str_from(path), STR(".cdb")))
		return error_set(err, "%s: must end in .cdb", path);
	return 0;
}

int
postfix_table_write(const char *path, mode_t mode, postfix_table_next_fn *next,
    void *ctx, struct error *err)
{
	char beside[PATH_MAX];

	if (check_path(path, err) < 0)
		return -1;
	name_beside(beside, path);
	if (write_beside(beside, mode, next, ctx, err) == 0) {
		if (is_same(beside, path)) {
			unlink(beside);
			return 0;
		}
		if (rename(beside, path) == 0)
			return sync_directory(path, err);
		error_set(err, "%s: %s", path, strerror(errno));
	}
	unlink(beside);
	return -1;
}

int
postfix_table_make(const char *path, mode_t mode, struct error *err)
{
	char beside[PATH_MAX];
	struct stat st;
	int rc;

	if (check_path(path, err) < 0)
		return -1;
	if (stat(path, &st) == 0)
		return 0;
	name_beside(beside, path);
	rc = write_beside(beside, mode, NULL, NULL, err);
	/* Linked, not renamed: the daemon may have written it by now. */
	if (rc == 0 && link(beside, path) < 0 && errno != EEXIST)
		rc = error_set(err, "%s: %s", path, strerror(errno));
	unlink(beside);
	return rc < 0 ? -1 : sync_directory(path, err);
}

static int
open_table(const char *path, struct cdb *cdb, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (cdb_init(cdb, fd) == 0)
		return fd;
	close(fd);
	return error_set(err, "%s: not a cdb table", path);
}

int
postfix_table_find(
    const char *path, struct str key, struct text *value, struct error *err)
{
	struct cdb cdb;
	int fd = open_table(path, &cdb, err), found;

	if (fd < 0)
		return -1;
	found = cdb_find(&cdb, key.p, (unsigned)key.n);
	if (found > 0)
		text_bytes(value, cdb_getdata(&cdb), cdb_datalen(&cdb));
	cdb_free(&cdb);
	close(fd);
	if (found < 0)
		return error_set(err, "%s: not a cdb table", path);
	return found;
}

int
postfix_table_each(
    const char *path, postfix_table_each_fn *each, void *ctx, struct error *err)
{
	struct cdb cdb;
	int fd = open_table(path, &cdb, err), more;
	unsigned at;

	if (fd < 0)
		return -1;
	cdb_seqinit(&at, &cdb);
	while ((more = cdb_seqnext(&at, &cdb)) > 0)
		each(ctx, str_make(cdb_getkey(&cdb), cdb_keylen(&cdb)),
		    str_make(cdb_getdata(&cdb), cdb_datalen(&cdb)));
	cdb_free(&cdb);
	close(fd);
	return more < 0 ? error_set(err, "%s: not a cdb table", path) : 0;
}
