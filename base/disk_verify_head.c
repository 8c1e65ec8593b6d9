/* disk_verify_head - the file's two heads: which commit is the latest */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk_verify_parts.h"

int
verify_damaged(struct verify_file *f, uint64_t page, const char *what)
{
	return error_set(f->err, "%s is damaged: page %llu: %s", f->path,
	    (unsigned long long)page, what);
}

/* The head that page 0 or 1 holds. */
static int
check_meta(struct verify_file *f, unsigned page)
{
	const char *p = f->p + page * f->page_size;

	if (get32(p + META_MAGIC) != MAGIC)
		return error_set(f->err, "%s: not written by Outpost", f->path);
	if (get64(p) != page || (get16(p + PAGE_FLAGS) & IS_KNOWN) != IS_META ||
	    get32(p + META_DBS + DB_PAD) != f->page_size)
		return verify_damaged(f, page, "its head makes no sense");
	if (get32(p + META_VERSION) != 1)
		return error_set(f->err,
		    "%s: LMDB's own format is %u, this Outpost knows 1 only",
		    f->path, (unsigned)get32(p + META_VERSION));
	return 0;
}

/* The two heads are written in turns: the numbers of their commits differ by
 * one, and tell which is which. */
static int
choose_meta(struct verify_file *f, uint64_t txn)
{
	uint64_t a, b;

	if (check_meta(f, 0) < 0 || check_meta(f, 1) < 0)
		return -1;
	a = get64(f->p + META_TXN);
	b = get64(f->p + f->page_size + META_TXN);
	if ((a != 0 || b != 0) &&
	    (a % 2 != 0 || b % 2 != 1 || (a > b ? a - b : b - a) != 1))
		return verify_damaged(
		    f, 0, "the numbers of the last commits differ");
	if (txn != 0 && txn != a && txn != b)
		return error_set(f->err,
		    "%s: written too fast to be looked at, try again", f->path);
	f->meta = f->p + ((txn ? txn == b : b > a) ? f->page_size : 0);
	f->last_page = get64(f->meta + META_LAST);
	f->out->txn = get64(f->meta + META_TXN);
	/* Pages that were given back before they were written are not there. */
	if (f->last_page < 1 || f->last_page / 64 > f->n / f->page_size + 1024)
		return verify_damaged(
		    f, 0, "the number of pages makes no sense");
	return 0;
}

/* Its heads, and the one that counts. */
static int
look_at_head(struct verify_file *f, uint64_t txn)
{
	if (f->n < META_END)
		return error_set(f->err,
		    "%s is damaged: it is cut off, %zu bytes are left of it",
		    f->path, f->n);
	f->page_size = get32(f->p + META_DBS + DB_PAD);
	if (get32(f->p + META_MAGIC) != MAGIC)
		return error_set(f->err, "%s: not written by Outpost", f->path);
	if (f->page_size < SMALLEST_PAGE || f->page_size > 65536 ||
	    (f->page_size & (f->page_size - 1)) != 0)
		return verify_damaged(f, 0, "its head makes no sense");
	if (f->n < 2 * f->page_size)
		return error_set(f->err,
		    "%s is damaged: it is cut off, %zu bytes are left of it",
		    f->path, f->n);
	return choose_meta(f, txn);
}

static int
map_file(struct verify_file *f, int *fd)
{
	struct stat st;

	*fd = open(f->path, O_RDONLY | O_CLOEXEC);
	if (*fd < 0 || fstat(*fd, &st) < 0)
		return error_set(f->err, "%s: %s", f->path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return error_set(f->err, "%s: not a file", f->path);
	f->n = (size_t)st.st_size;
	if (f->n == 0)
		return error_set(
		    f->err, "%s is damaged: nothing is left of it", f->path);
	void *p = mmap(NULL, f->n, PROT_READ, MAP_SHARED, *fd, 0);

	if (p == MAP_FAILED)
		return error_set(f->err, "%s: %s", f->path, strerror(errno));
	f->p = p;
	return 0;
}

int
verify_run(const char *path, uint64_t txn, struct disk_verified *out,
    int (*step)(struct verify_file *f), struct error *err)
{
	struct disk_verified none;
	struct verify_file f = {
	    .path = path, .out = out ? out : &none, .err = err};
	int fd = -1;
	int rc = map_file(&f, &fd);

	*f.out = (struct disk_verified){0};
	if (rc == 0) {
		union {
			const void *in;
			void *out;
		} map = {f.p};

		madvise(map.out, f.n, MADV_WILLNEED);
		rc = look_at_head(&f, txn);
		if (rc == 0 && step)
			rc = step(&f);
		munmap(map.out, f.n);
	}
	if (fd >= 0)
		close(fd);
	free(f.use);
	return rc;
}

int
disk_verify_head(const char *path, struct error *err)
{
	int rc = -1;

	/* A writer may be at it just now. */
	for (int i = 0; rc < 0 && i < TRIES; i++)
		rc = verify_run(path, 0, NULL, NULL, err);
	return rc;
}
