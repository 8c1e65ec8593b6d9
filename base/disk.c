/* disk - an LMDB environment with one writer thread */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk_parts.h"

enum { READERS_EVERY = 64 }; /* commits */

MDB_val
disk_val(struct str s)
{
	MDB_val v = {.mv_size = s.n};

	/* LMDB takes no const, and changes nothing. */
	memcpy(&v.mv_data, &s.p, sizeof(s.p));
	return v;
}

struct str
disk_str(const MDB_val *v)
{
	return str_make(v->mv_data, v->mv_size);
}

static uint64_t
add_sum(uint64_t h, struct str s)
{
	uint64_t word;

	for (; s.n >= sizeof(word); s = str_skip(s, sizeof(word))) {
		memcpy(&word, s.p, sizeof(word));
		h = (h ^ word) * 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	word = s.n;
	if (s.n > 0)
		memcpy((char *)&word + 1, s.p, s.n);
	h = (h ^ word) * 0xff51afd7ed558ccdu;
	return h ^ h >> 32;
}

uint32_t
disk_sum(struct str key, struct str value)
{
	uint64_t h = add_sum(0x9e3779b97f4a7c15u, key);

	return (uint32_t)add_sum(h, value);
}

bool
disk_unsum(struct str key, const MDB_val *stored, struct str *value)
{
	struct str s = disk_str(stored);
	uint32_t sum;

	if (s.n < DISK_SUM)
		return false;
	*value = str_head(s, s.n - DISK_SUM);
	memcpy(&sum, value->p + value->n, DISK_SUM);
	return sum == disk_sum(key, *value);
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
	       str_compare(disk_str(&key), last) <= 0) {
		rc = mdb_cursor_del(c, 0);
		if (rc)
			break;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
put(MDB_txn *txn, MDB_dbi table, struct str key, struct str value)
{
	MDB_val k = disk_val(key), v = {.mv_size = value.n + DISK_SUM};
	int rc = mdb_put(txn, table, &k, &v, MDB_RESERVE);

	if (rc)
		return rc;
	uint32_t sum = disk_sum(key, value);

	if (value.n > 0)
		memcpy(v.mv_data, value.p, value.n);
	memcpy((char *)v.mv_data + value.n, &sum, DISK_SUM);
	return 0;
}

static int
apply(struct disk *d, MDB_txn *txn, const struct disk_step *step)
{
	MDB_dbi table = d->tables[step->table];
	MDB_val key = disk_val(step->key);
	int rc;

	assert(step->table < d->table_count);
	switch (step->verb) {
	case DISK_PUT:
		return put(txn, table, step->key, step->value);
	case DISK_DELETE:
		rc = mdb_del(txn, table, &key, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	case DISK_DELETE_TO:
		return delete_to(txn, table, step->key);
	}
	return EINVAL;
}

/* Pages that hold something; the others can be used again. */
uint64_t
disk_count_used(struct disk *d, MDB_txn *txn)
{
	size_t pages = 0;
	MDB_stat st = {0};

	for (int i = 0; i < d->table_count; i++) {
		if (mdb_stat(txn, d->tables[i], &st) == 0)
			pages += st.ms_branch_pages + st.ms_leaf_pages +
				 st.ms_overflow_pages;
	}
	return (uint64_t)pages * st.ms_psize;
}

/* Readers that were killed hold back old pages until they are noticed. */
static void
check_readers(struct disk *d)
{
	int dead;

	if (d->commits++ % READERS_EVERY == 0)
		mdb_reader_check(d->env, &dead);
}

static int
write_in(struct disk *d, MDB_txn *txn, const struct disk_batch *b)
{
	struct disk_step step;
	struct disk_cursor at = {0};
	int rc = 0;

	while (!rc && disk_batch_next(b, &at, &step))
		rc = apply(d, txn, &step);
	if (rc) {
		mdb_txn_abort(txn);
		return rc;
	}
	uint64_t used = disk_count_used(d, txn);

	rc = mdb_txn_commit(txn);
	if (!rc)
		d->used_bytes = used;
	return rc;
}

/* It was closed below, and could not be opened since. */
static int
open_again(struct disk *d, struct error *err)
{
	int status = 0;

	if (d->env)
		return 0;
	pthread_mutex_lock(&d->lock);
	status = disk_open_env(d, false, err);
	pthread_mutex_unlock(&d->lock);
	return status;
}

static int
write_batch(void *ctx, const struct disk_batch *b, struct error *err)
{
	struct disk *d = ctx;
	MDB_txn *txn;

	if (open_again(d, err) < 0)
		return -1;
	check_readers(d);
	int rc = mdb_txn_begin(d->env, NULL, 0, &txn);

	if (!rc)
		rc = write_in(d, txn, b);
	if (!rc)
		return 0;
	disk_explain(d, rc, err);
	/* After a failure at its head LMDB wants to be opened again. Should
	 * the batch be there after all, doing it twice is harmless. */
	if (rc == MDB_PANIC) {
		pthread_mutex_lock(&d->lock);
		mdb_env_close(d->env);
		d->env = NULL;
		pthread_mutex_unlock(&d->lock);
	}
	return -1;
}

void
disk_ready(struct disk *d)
{
	d->queue = disk_queue_new(write_batch, d);
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
	mdb_txn_abort(d->snapshot);
	if (d->env)
		mdb_env_close(d->env);
	if (d->dir_fd >= 0)
		close(d->dir_fd);
	for (int i = 0; i < d->table_count; i++)
		free(d->names[i]);
	pthread_mutex_destroy(&d->lock);
	free(d->dir);
	free(d);
}

/* Reading. */

static int
begin(struct disk *d, MDB_txn **txn)
{
	*txn = d->snapshot;
	return *txn ? 0 : mdb_txn_begin(d->env, NULL, MDB_RDONLY, txn);
}

static void
end(struct disk *d, MDB_txn *txn)
{
	if (txn != d->snapshot)
		mdb_txn_abort(txn);
}

static int
is_damaged(struct disk *d, int table, struct error *err)
{
	return error_set(err,
	    "%s/data.mdb: a value of table \"%s\" is damaged: restore the "
	    "directory from a backup, or move it away to begin new books",
	    d->dir, d->names[table]);
}

static int
walk(struct disk *d, MDB_cursor *c, int table, disk_each_fn *each, void *ctx,
    struct error *err)
{
	MDB_val key, stored;
	struct str value;
	int rc;

	while (!(rc = mdb_cursor_get(c, &key, &stored, MDB_NEXT))) {
		if (!disk_unsum(disk_str(&key), &stored, &value))
			return is_damaged(d, table, err);
		if (!each(ctx, disk_str(&key), value))
			return 0;
	}
	return rc == MDB_NOTFOUND ? 0 : disk_explain(d, rc, err);
}

int
disk_each(
    struct disk *d, int table, disk_each_fn *each, void *ctx, struct error *err)
{
	MDB_txn *txn;
	MDB_cursor *c;
	int rc = begin(d, &txn);

	if (rc)
		return disk_explain(d, rc, err);
	rc = mdb_cursor_open(txn, d->tables[table], &c);
	if (rc) {
		end(d, txn);
		return disk_explain(d, rc, err);
	}
	rc = walk(d, c, table, each, ctx, err);
	mdb_cursor_close(c);
	end(d, txn);
	return rc;
}

static int
each_from(struct disk *d, int table, struct str first, disk_each_fn *each,
    void *ctx, struct error *err)
{
	MDB_txn *txn;
	MDB_cursor *c;
	MDB_val key = disk_val(first), stored;
	struct str value;
	int rc = begin(d, &txn);

	if (rc)
		return disk_explain(d, rc, err);
	rc = mdb_cursor_open(txn, d->tables[table], &c);
	if (rc) {
		end(d, txn);
		return disk_explain(d, rc, err);
	}
	rc = mdb_cursor_get(
	    c, &key, &stored, first.n > 0 ? MDB_SET_RANGE : MDB_FIRST);
	if (rc)
		rc = rc == MDB_NOTFOUND ? 0 : disk_explain(d, rc, err);
	else if (!disk_unsum(disk_str(&key), &stored, &value))
		rc = is_damaged(d, table, err);
	else if (each(ctx, disk_str(&key), value))
		rc = walk(d, c, table, each, ctx, err);
	mdb_cursor_close(c);
	end(d, txn);
	return rc;
}

int
disk_each_from(struct disk *d, int table, struct str first, disk_each_fn *each,
    void *ctx, struct error *err)
{
	int rc;

	pthread_mutex_lock(&d->lock);
	if (d->env)
		rc = each_from(d, table, first, each, ctx, err);
	else
		rc = error_set(err, "%s/data.mdb can't be read now", d->dir);
	pthread_mutex_unlock(&d->lock);
	return rc;
}

static int
get(struct disk *d, int table, struct str key, char **value, size_t *n,
    struct error *err)
{
	MDB_txn *txn;
	MDB_val k = disk_val(key), stored;
	struct str found;
	int rc = begin(d, &txn), status = 1;

	if (rc)
		return disk_explain(d, rc, err);
	rc = mdb_get(txn, d->tables[table], &k, &stored);
	if (rc == MDB_NOTFOUND) {
		status = 0;
	} else if (rc) {
		status = disk_explain(d, rc, err);
	} else if (!disk_unsum(key, &stored, &found)) {
		status = is_damaged(d, table, err);
	} else {
		*value = str_dup(found);
		*n = found.n;
	}
	end(d, txn);
	return status;
}

int
disk_get(struct disk *d, int table, struct str key, char **value, size_t *n,
    struct error *err)
{
	int status;

	pthread_mutex_lock(&d->lock);
	if (d->env)
		status = get(d, table, key, value, n, err);
	else
		status =
		    error_set(err, "%s/data.mdb can't be read now", d->dir);
	pthread_mutex_unlock(&d->lock);
	return status;
}

const char *
disk_table_name(const struct disk *d, int table)
{
	return d->names[table];
}

int
disk_table_count(const struct disk *d)
{
	return d->table_count;
}

void
disk_size(struct disk *d, struct disk_size *out)
{
	out->map_bytes = d->map_bytes;
	out->used_bytes = d->used_bytes;
}
