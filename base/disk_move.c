/* disk_move - a table that wasn't packed becomes so
 *
 * In slices, each a transaction that deletes what it packs: a record stands in
 * one of both forms at any time, and who is killed goes on at the next opening.
 * The first keys go first, so that all that is packed comes before the rest.
 */
#include "base/disk_packed.h"
#include "base/disk_parts.h"

enum { SLICE = 10000, SLICE_BYTES = 4 << 20 };

/* The first records into the batch, out of their old place. */
static int
take_slice(struct disk *d, MDB_txn *txn, int table, struct disk_batch *b)
{
	MDB_cursor *c;
	MDB_val key, stored;
	struct str value;
	int rc = mdb_cursor_open(txn, d->rests[table], &c);

	if (rc)
		return rc;
	for (int n = 0; n < SLICE && disk_batch_bytes(b) < SLICE_BYTES; n++) {
		rc = mdb_cursor_get(c, &key, &stored, MDB_FIRST);
		if (rc)
			break;
		if (!disk_unsum(disk_str(&key), &stored, &value)) {
			rc = MDB_CORRUPTED;
			break;
		}
		disk_put(b, table, disk_str(&key), value);
		rc = mdb_cursor_del(c, 0);
		if (rc)
			break;
	}
	mdb_cursor_close(c);
	return rc;
}

/* Ends the transaction. */
static int
move_slice(struct disk *d, MDB_txn *txn, int table)
{
	struct disk_batch *b = disk_batch_new(d);
	MDB_dbi rest = d->rests[table];
	int rc = take_slice(d, txn, table, b);

	if (rc == MDB_NOTFOUND) {
		rc = mdb_drop(txn, rest, 1);
		d->rests[table] = 0;
	}
	if (rc)
		mdb_txn_abort(txn);
	else
		rc = disk_write_in(d, txn, b);
	disk_batch_free(&b);
	return rc;
}

int
disk_move(struct disk *d, struct error *err)
{
	MDB_txn *txn;

	for (int i = 0; i < d->table_count; i++) {
		while (d->rests[i]) {
			int rc = mdb_txn_begin(d->env, NULL, 0, &txn);

			if (!rc)
				rc = move_slice(d, txn, i);
			if (rc)
				return disk_explain(d, rc, err);
		}
	}
	return 0;
}
