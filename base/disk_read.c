/* disk_read - every record, from a key on, or one
 *
 * A packed table that is being moved (disk_move.c) has its first records in
 * blocks, and the rest as they were.
 */
#include <stdlib.h>

#include "base/disk_packed.h"
#include "base/disk_parts.h"

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

/* A walk over a table. */
struct walk {
	struct disk *disk;
	int table;
	struct str first;
	disk_each_fn *each;
	void *ctx;
	bool is_exact; /* only `first` itself is asked for */
	bool is_over;  /* nothing more is asked for */
	struct error *err;
};

static int
on_block(struct walk *w, struct str first, struct str block)
{
	struct disk_pack_reader r;
	struct disk_record record;

	disk_pack_read(&r, first, block);
	while (!w->is_over && disk_pack_next(&r, &record)) {
		if (str_compare(record.key, w->first) >= 0)
			w->is_over = !w->each(w->ctx, record.key, record.value);
	}
	return r.is_torn ? is_damaged(w->disk, w->table, w->err) : 0;
}

static int
on_stored(
    struct walk *w, bool is_packed, const MDB_val *key, const MDB_val *stored)
{
	struct str value;

	if (!disk_unsum(disk_str(key), stored, &value))
		return is_damaged(w->disk, w->table, w->err);
	if (is_packed)
		return on_block(w, disk_str(key), value);
	w->is_over = !w->each(w->ctx, disk_str(key), value);
	return 0;
}

static int
seek(const struct walk *w, MDB_cursor *c, bool is_packed, MDB_val *key,
    MDB_val *stored)
{
	*key = disk_val(w->first);
	if (w->first.n == 0)
		return mdb_cursor_get(c, key, stored, MDB_FIRST);
	if (is_packed)
		return disk_packed_find(c, w->first, key, stored);
	return mdb_cursor_get(
	    c, key, stored, w->is_exact ? MDB_SET : MDB_SET_RANGE);
}

static int
walk(struct walk *w, MDB_txn *txn, MDB_dbi dbi, bool is_packed)
{
	MDB_cursor *c;
	MDB_val key, stored;
	int status = 0, rc = mdb_cursor_open(txn, dbi, &c);

	if (rc)
		return disk_explain(w->disk, rc, w->err);
	rc = seek(w, c, is_packed, &key, &stored);
	while (!rc && status == 0) {
		status = on_stored(w, is_packed, &key, &stored);
		if (w->is_over || w->is_exact)
			break;
		rc = mdb_cursor_get(c, &key, &stored, MDB_NEXT);
	}
	mdb_cursor_close(c);
	return status == 0 && rc && rc != MDB_NOTFOUND
		   ? disk_explain(w->disk, rc, w->err)
		   : status;
}

static int
walk_table(struct walk *w)
{
	struct disk *d = w->disk;
	MDB_txn *txn;
	int rc = begin(d, &txn);

	if (rc)
		return disk_explain(d, rc, w->err);
	rc = walk(w, txn, d->tables[w->table], d->is_packed[w->table]);
	if (rc == 0 && !w->is_over && d->rests[w->table])
		rc = walk(w, txn, d->rests[w->table], false);
	end(d, txn);
	return rc;
}

static int
walk_locked(struct walk *w)
{
	struct disk *d = w->disk;
	int rc;

	pthread_mutex_lock(&d->lock);
	if (d->env)
		rc = walk_table(w);
	else
		rc = error_set(w->err, "%s/data.mdb can't be read now", d->dir);
	pthread_mutex_unlock(&d->lock);
	return rc;
}

int
disk_each(
    struct disk *d, int table, disk_each_fn *each, void *ctx, struct error *err)
{
	struct walk w = {
	    .disk = d, .table = table, .each = each, .ctx = ctx, .err = err};

	return walk_table(&w);
}

int
disk_each_from(struct disk *d, int table, struct str first, disk_each_fn *each,
    void *ctx, struct error *err)
{
	struct walk w = {.disk = d,
	    .table = table,
	    .first = first,
	    .each = each,
	    .ctx = ctx,
	    .err = err};

	return walk_locked(&w);
}

struct wanted {
	struct str key;
	char **value;
	size_t *n;
	bool is_found;
};

static bool
on_record(void *ctx, struct str key, struct str value)
{
	struct wanted *w = ctx;

	w->is_found = str_is(key, w->key);
	if (w->is_found) {
		*w->value = str_dup(value);
		*w->n = value.n;
	}
	return false;
}

int
disk_get(struct disk *d, int table, struct str key, char **value, size_t *n,
    struct error *err)
{
	struct wanted wanted = {key, value, n, false};
	struct walk w = {.disk = d,
	    .table = table,
	    .first = key,
	    .each = on_record,
	    .ctx = &wanted,
	    .is_exact = true,
	    .err = err};

	return walk_locked(&w) < 0 ? -1 : wanted.is_found;
}
