/* disk - an LMDB environment with one writer thread */
#include "base/disk.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk_queue.h"

enum { PATH_MAX_BYTES = 400 };

#define META "outpost"
#define FORMAT STR("format")

struct disk {
	char *dir;
	int dir_fd; /* holds the flock */
	size_t map_bytes;
	MDB_env *env;
	MDB_dbi meta, tables[DISK_TABLES];
	int table_count;

	struct disk_queue *queue;
};

static int
explain(const struct disk *d, int rc, struct error *err)
{
	size_t mib = d->map_bytes >> 20;

	switch (rc) {
	case MDB_MAP_FULL:
		return error_set(err,
		    "%s/data.mdb is full: books_map_size is %zu MiB, raise it",
		    d->dir, mib);
	case ENOSPC:
	case EDQUOT:
	case EFBIG:
	case EIO: /* LMDB's word for a write that was cut short */
		return error_set(err,
		    "%s/data.mdb: cannot write: %s; it needs room to grow up "
		    "to books_map_size (%zu MiB)",
		    d->dir, strerror(rc), mib);
	default:
		return error_set(
		    err, "%s/data.mdb: %s", d->dir, mdb_strerror(rc));
	}
}

static MDB_val
to_val(struct str s)
{
	MDB_val v = {.mv_size = s.n};

	/* LMDB takes no const, and changes nothing. */
	memcpy(&v.mv_data, &s.p, sizeof(s.p));
	return v;
}

static struct str
to_str(const MDB_val *v)
{
	return str_make(v->mv_data, v->mv_size);
}

/* Opening. */

static bool
is_new(const char *dir)
{
	char path[PATH_MAX_BYTES + 16];
	struct stat st;

	snprintf(path, sizeof(path), "%s/data.mdb", dir);
	return stat(path, &st) < 0 ? errno == ENOENT : st.st_size == 0;
}

static int
lock_dir(struct disk *d, struct error *err)
{
	d->dir_fd = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir_fd < 0)
		return error_set(err, "%s: %s", d->dir, strerror(errno));
	if (flock(d->dir_fd, LOCK_EX | LOCK_NB) < 0)
		return error_set(err, "%s: %s", d->dir,
		    errno == EWOULDBLOCK
			? "in use by another process (is outpostd running?)"
			: strerror(errno));
	return 0;
}

/* The format's number, 0 when nothing was ever written; -1 with an error. */
static int
read_format(struct disk *d, MDB_txn *txn, int64_t *format, struct error *err)
{
	MDB_val key = to_val(FORMAT), value;
	MDB_stat st;
	MDB_dbi main_table, meta;
	int rc = mdb_dbi_open(txn, NULL, 0, &main_table);

	*format = 0;
	if (!rc)
		rc = mdb_stat(txn, main_table, &st);
	if (rc)
		return explain(d, rc, err);
	if (st.ms_entries == 0)
		return 0;
	rc = mdb_dbi_open(txn, META, 0, &meta);
	if (!rc)
		rc = mdb_get(txn, meta, &key, &value);
	if (rc && rc != MDB_NOTFOUND)
		return explain(d, rc, err);
	if (rc || !str_to_i64(to_str(&value), format))
		return error_set(
		    err, "%s/data.mdb: not written by Outpost", d->dir);
	return 0;
}

static int
check_format(struct disk *d, int format, struct error *err)
{
	MDB_txn *txn;
	int64_t stored;
	int rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn);

	if (rc)
		return explain(d, rc, err);
	int result = read_format(d, txn, &stored, err);

	mdb_txn_abort(txn);
	if (result == 0 && stored > format)
		return error_set(err,
		    "%s/data.mdb has format %lld, this Outpost knows up to "
		    "%d: install the newer one again",
		    d->dir, (long long)stored, format);
	return result;
}

static int
put_format(struct disk *d, MDB_txn *txn, int format)
{
	char text[16];
	MDB_val key = to_val(FORMAT), old, value;
	int rc = mdb_get(txn, d->meta, &key, &old);

	snprintf(text, sizeof(text), "%d", format);
	value = to_val(str_from(text));
	/* Nothing is written when it stands there: a full map can be opened. */
	if (rc == 0 && str_is(to_str(&old), to_str(&value)))
		return 0;
	return rc && rc != MDB_NOTFOUND
		   ? rc
		   : mdb_put(txn, d->meta, &key, &value, 0);
}

static int
open_tables(struct disk *d, const char *const *tables, int format)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(d->env, NULL, 0, &txn);

	if (rc)
		return rc;
	rc = mdb_dbi_open(txn, META, MDB_CREATE, &d->meta);
	for (int i = 0; !rc && tables[i]; i++) {
		assert(i < DISK_TABLES);
		rc = mdb_dbi_open(txn, tables[i], MDB_CREATE, &d->tables[i]);
		d->table_count = i + 1;
	}
	if (!rc)
		rc = put_format(d, txn, format);
	if (rc) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

static int
open_env(struct disk *d, const char *const *tables, int format, bool is_new_ok,
    struct error *err)
{
	bool is_fresh = is_new(d->dir);

	if (is_fresh && !is_new_ok)
		return error_set(err, "%s: no books there", d->dir);
	int rc = mdb_env_create(&d->env);

	if (rc)
		return explain(d, rc, err);
	mdb_env_set_maxdbs(d->env, DISK_TABLES + 1);
	rc = mdb_env_set_mapsize(d->env, d->map_bytes);
	if (!rc)
		rc = mdb_env_open(d->env, d->dir, MDB_NOTLS, 0600);
	if (rc)
		return explain(d, rc, err);
	if (check_format(d, format, err) < 0)
		return -1;
	rc = open_tables(d, tables, format);
	if (rc)
		return explain(d, rc, err);
	if (is_fresh && fsync(d->dir_fd) < 0)
		return explain(d, errno, err);
	return 0;
}

/* Writing. */

static int
delete_to(MDB_txn *txn, MDB_dbi table, struct str last)
{
	MDB_cursor *c;
	MDB_val key, value;
	int rc = mdb_cursor_open(txn, table, &c);

	if (rc)
		return rc;
	while (!(rc = mdb_cursor_get(c, &key, &value, MDB_FIRST)) &&
	       str_compare(to_str(&key), last) <= 0) {
		rc = mdb_cursor_del(c, 0);
		if (rc)
			break;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
apply(struct disk *d, MDB_txn *txn, const struct disk_step *step)
{
	MDB_dbi table = d->tables[step->table];
	MDB_val key = to_val(step->key), value = to_val(step->value);
	int rc;

	assert(step->table < d->table_count);
	switch (step->verb) {
	case DISK_PUT:
		return mdb_put(txn, table, &key, &value, 0);
	case DISK_DELETE:
		rc = mdb_del(txn, table, &key, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	case DISK_DELETE_TO:
		return delete_to(txn, table, step->key);
	}
	return EINVAL;
}

static int
write_batch(void *ctx, const struct disk_batch *b, struct error *err)
{
	struct disk *d = ctx;
	MDB_txn *txn;
	struct disk_step step;
	size_t at = 0;
	int rc = mdb_txn_begin(d->env, NULL, 0, &txn);

	if (rc)
		return explain(d, rc, err);
	while (!rc && disk_batch_next(b, &at, &step))
		rc = apply(d, txn, &step);
	if (rc)
		mdb_txn_abort(txn);
	else
		rc = mdb_txn_commit(txn);
	return rc ? explain(d, rc, err) : 0;
}

struct disk *
disk_open(const char *dir, const char *const *tables, int format,
    size_t map_bytes, bool is_new_ok, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (strlen(dir) > PATH_MAX_BYTES) {
		error_set(err, "%.64s...: path too long", dir);
		return NULL;
	}
	struct disk *d = xalloc(1, sizeof(*d));

	d->dir = str_dup(str_from(dir));
	d->dir_fd = -1;
	d->map_bytes = (map_bytes + page - 1) / page * page;
	d->queue = disk_queue_new(write_batch, d);
	if (lock_dir(d, err) < 0 ||
	    open_env(d, tables, format, is_new_ok, err) < 0)
		disk_close(&d);
	return d;
}

void
disk_start(struct disk *d, struct loop *l)
{
	disk_queue_start(d->queue, l);
}

void
disk_commit(struct disk_batch *b, disk_done_fn *on_done, void *ctx)
{
	b->on_done = on_done;
	b->ctx = ctx;
	disk_queue_add(b->disk->queue, b);
}

size_t
disk_waiting(const struct disk *d)
{
	return disk_queue_waiting(d->queue);
}

void
disk_close(struct disk **dp)
{
	struct disk *d = *dp;
	struct error err;

	if (!d)
		return;
	*dp = NULL;
	error_set(&err, "%s/data.mdb: closed before it was written", d->dir);
	disk_queue_free(&d->queue, &err);
	if (d->env)
		mdb_env_close(d->env);
	if (d->dir_fd >= 0)
		close(d->dir_fd);
	free(d->dir);
	free(d);
}

/* Reading. */

int
disk_each(
    struct disk *d, int table, disk_each_fn *each, void *ctx, struct error *err)
{
	MDB_txn *txn;
	MDB_cursor *c = NULL;
	MDB_val key, value;
	int rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn);

	if (rc)
		return explain(d, rc, err);
	rc = mdb_cursor_open(txn, d->tables[table], &c);
	while (!rc && !(rc = mdb_cursor_get(c, &key, &value, MDB_NEXT)) &&
	       each(ctx, to_str(&key), to_str(&value)))
		;
	if (c)
		mdb_cursor_close(c);
	mdb_txn_abort(txn);
	return rc && rc != MDB_NOTFOUND ? explain(d, rc, err) : 0;
}

int
disk_get(struct disk *d, int table, struct str key, char **value, size_t *n,
    struct error *err)
{
	MDB_txn *txn;
	MDB_val k = to_val(key), v;
	int rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn);

	if (rc)
		return explain(d, rc, err);
	rc = mdb_get(txn, d->tables[table], &k, &v);
	if (!rc) {
		*value = str_dup(to_str(&v));
		*n = v.mv_size;
	}
	mdb_txn_abort(txn);
	if (rc == MDB_NOTFOUND)
		return 0;
	return rc ? explain(d, rc, err) : 1;
}

void
disk_size(struct disk *d, struct disk_size *out)
{
	MDB_txn *txn;
	size_t pages = 0;
	MDB_stat st = {0};

	out->map_bytes = d->map_bytes;
	out->used_bytes = 0;
	if (mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn))
		return;
	for (int i = 0; i < d->table_count; i++) {
		if (mdb_stat(txn, d->tables[i], &st) == 0)
			pages += st.ms_branch_pages + st.ms_leaf_pages +
				 st.ms_overflow_pages;
	}
	mdb_txn_abort(txn);
	out->used_bytes = (uint64_t)pages * st.ms_psize;
}
