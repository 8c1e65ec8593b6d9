/* disk - an LMDB environment with one writer thread */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/disk_packed.h"
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

int
disk_put_in(MDB_txn *txn, MDB_dbi table, struct str key, struct str value)
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

	switch (step->verb) {
	case DISK_PUT:
		return disk_put_in(txn, table, step->key, step->value);
	case DISK_DELETE:
		rc = mdb_del(txn, table, &key, NULL);
		return rc == MDB_NOTFOUND ? 0 : rc;
	case DISK_DELETE_TO:
		return delete_to(txn, table, step->key);
	}
	return EINVAL;
}

/* What is for packed tables comes last, each table's at once. */
static int
apply_all(struct disk *d, MDB_txn *txn, const struct disk_batch *b)
{
	struct disk_changes changes[DISK_TABLES] = {{0}};
	struct disk_step step;
	struct disk_cursor at = {0};
	int rc = 0;

	while (!rc && disk_batch_next(b, &at, &step)) {
		assert(step.table < d->table_count);
		if (!d->is_packed[step.table]) {
			rc = apply(d, txn, &step);
			continue;
		}
		assert(step.verb != DISK_DELETE_TO);
		disk_changes_add(&changes[step.table],
		    (struct disk_record){step.key, step.value},
		    step.verb == DISK_DELETE);
	}
	for (int i = 0; i < d->table_count; i++) {
		if (!rc && changes[i].n > 0)
			rc = disk_packed_write(txn, d->tables[i], &changes[i]);
		free(changes[i].v);
	}
	return rc;
}

static size_t
count_pages(const MDB_stat *st)
{
	return st->ms_branch_pages + st->ms_leaf_pages + st->ms_overflow_pages;
}

/* Pages that hold something; the others can be used again. */
uint64_t
disk_count_used(struct disk *d, MDB_txn *txn)
{
	size_t pages = 0;
	MDB_stat st = {0};

	for (int i = 0; i < d->table_count; i++) {
		if (mdb_stat(txn, d->tables[i], &st) == 0)
			pages += count_pages(&st);
		if (d->rests[i] && mdb_stat(txn, d->rests[i], &st) == 0)
			pages += count_pages(&st);
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

int
disk_write_in(struct disk *d, MDB_txn *txn, const struct disk_batch *b)
{
	int rc = apply_all(d, txn, b);

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
		rc = disk_write_in(d, txn, b);
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

const char *
disk_table_name(const struct disk *d, int table)
{
	return d->names[table];
}

bool
disk_table_is_packed(const struct disk *d, int table)
{
	return d->is_packed[table];
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
