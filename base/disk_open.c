/* disk_open - an LMDB environment checked before LMDB may touch it */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/disk_parts.h"
#include "base/disk_verify.h"

enum { TRIES = 5 };

static void
path_of(const struct disk *d, const char *name, char out[DISK_PATH + 16])
{
	snprintf(out, DISK_PATH + 16, "%s%s%s", d->dir, *name ? "/" : "", name);
}

static const char *
user_name(uid_t uid, char buf[32])
{
	const struct passwd *pw = getpwuid(uid);

	if (pw)
		snprintf(buf, 32, "%s", pw->pw_name);
	else
		snprintf(buf, 32, "user %u", (unsigned)uid);
	return buf;
}

/* Which of our files may we not use, and whose is it? */
static int
explain_access(const struct disk *d, int rc, struct error *err)
{
	static const char *const names[] = {"", "data.mdb", "lock.mdb"};
	char path[DISK_PATH + 16], owner[32], we[32];
	struct stat st;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		path_of(d, names[i], path);
		if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0 ||
		    errno == ENOENT || stat(path, &st) < 0)
			continue;
		return error_set(err,
		    "%s: %s: it belongs to %s (mode %o), outpostd runs as %s: "
		    "chown -R %s %s",
		    path, strerror(rc), user_name(st.st_uid, owner),
		    (unsigned)st.st_mode & 07777, user_name(geteuid(), we), we,
		    d->dir);
	}
	return error_set(err, "%s: %s", d->dir, strerror(rc));
}

int
disk_explain(const struct disk *d, int rc, struct error *err)
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
	case EROFS:
		return error_set(err,
		    "%s: %s: mount it for writing, or set state_dir", d->dir,
		    strerror(rc));
	case EACCES:
	case EPERM:
		return explain_access(d, rc, err);
	case MDB_CORRUPTED:
		return error_set(err,
		    "%s/data.mdb is damaged: restore the directory from a "
		    "backup, or move it away to begin new books",
		    d->dir);
	default:
		return error_set(
		    err, "%s/data.mdb: %s", d->dir, mdb_strerror(rc));
	}
}

/* A process that was killed a moment ago may hold it still. */
static int
lock_patiently(int fd)
{
	enum { WAITS = 20, PAUSE_MS = 50 };
	int rc = flock(fd, LOCK_EX | LOCK_NB);

	for (int i = 0; i < WAITS && rc < 0 && errno == EWOULDBLOCK; i++) {
		poll(NULL, 0, PAUSE_MS);
		rc = flock(fd, LOCK_EX | LOCK_NB);
	}
	return rc;
}

static int
lock_dir(struct disk *d, struct error *err)
{
	d->dir_fd = open(d->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->dir_fd < 0)
		return errno == EACCES
			   ? explain_access(d, errno, err)
			   : error_set(err, "%s: %s", d->dir, strerror(errno));
	if (lock_patiently(d->dir_fd) < 0)
		return error_set(err, "%s: %s", d->dir,
		    errno == EWOULDBLOCK
			? "in use by another process (is outpostd running?)"
			: strerror(errno));
	return 0;
}

bool
disk_is_taken(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool is =
	    fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;

	if (fd >= 0)
		close(fd);
	return is;
}

/* The format's number, 0 when nothing was ever written; -1 with an error. */
static int
read_format(struct disk *d, MDB_txn *txn, int64_t *format, struct error *err)
{
	MDB_val key = disk_val(DISK_FORMAT), value;
	MDB_stat st;
	MDB_dbi main_table, meta;
	int rc = mdb_dbi_open(txn, NULL, 0, &main_table);

	*format = 0;
	if (!rc)
		rc = mdb_stat(txn, main_table, &st);
	if (rc)
		return disk_explain(d, rc, err);
	if (st.ms_entries == 0)
		return 0;
	rc = mdb_dbi_open(txn, DISK_META, 0, &meta);
	if (!rc)
		rc = mdb_get(txn, meta, &key, &value);
	if (rc && rc != MDB_NOTFOUND)
		return disk_explain(d, rc, err);
	if (rc || !str_to_i64(disk_str(&value), format))
		return error_set(
		    err, "%s/data.mdb: not written by Outpost", d->dir);
	return 0;
}

static int
check_format_in(struct disk *d, MDB_txn *txn, struct error *err)
{
	int64_t stored;

	if (read_format(d, txn, &stored, err) < 0)
		return -1;
	if (stored > d->format)
		return error_set(err,
		    "%s/data.mdb has format %lld, this Outpost knows up to "
		    "%d: install the newer one again",
		    d->dir, (long long)stored, d->format);
	if (stored > 0 && stored < d->oldest)
		return error_set(err,
		    "%s/data.mdb has format %lld, this Outpost knows %d on: "
		    "install the older one again, or move the directory away "
		    "to begin new books",
		    d->dir, (long long)stored, d->oldest);
	return 0;
}

static int
check_format(struct disk *d, struct error *err)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &txn);

	if (rc)
		return disk_explain(d, rc, err);
	rc = check_format_in(d, txn, err);
	mdb_txn_abort(txn);
	return rc;
}

static int
put_format(struct disk *d, MDB_txn *txn)
{
	char text[16];
	MDB_val key = disk_val(DISK_FORMAT), old, value;
	int rc = mdb_get(txn, d->meta, &key, &old);

	snprintf(text, sizeof(text), "%d", d->format);
	value = disk_val(str_from(text));
	/* Nothing is written when it stands there: a full map can be opened. */
	if (rc == 0 && str_is(disk_str(&old), disk_str(&value)))
		return 0;
	return rc && rc != MDB_NOTFOUND
		   ? rc
		   : mdb_put(txn, d->meta, &key, &value, 0);
}

static int
open_table(struct disk *d, MDB_txn *txn, int table, unsigned flags)
{
	char name[DISK_NAME + sizeof(DISK_PACKED)];
	int rc;

	snprintf(name, sizeof(name), "%s%s", d->names[table],
	    d->is_packed[table] ? DISK_PACKED : "");
	rc = mdb_dbi_open(txn, name, flags, &d->tables[table]);
	d->rests[table] = 0;
	if (rc || !d->is_packed[table])
		return rc;
	rc = mdb_dbi_open(txn, d->names[table], 0, &d->rests[table]);
	return rc == MDB_NOTFOUND ? 0 : rc;
}

static int
open_tables(struct disk *d, MDB_txn *txn, unsigned flags)
{
	int rc = mdb_dbi_open(txn, DISK_META, flags, &d->meta);

	for (int i = 0; !rc && i < d->table_count; i++)
		rc = open_table(d, txn, i, flags);
	return rc;
}

static int
make_tables(struct disk *d)
{
	MDB_txn *txn;
	int rc = mdb_txn_begin(d->env, NULL, 0, &txn);

	if (rc)
		return rc;
	rc = open_tables(d, txn, MDB_CREATE);
	if (!rc)
		rc = put_format(d, txn);
	if (!rc)
		d->used_bytes = disk_count_used(d, txn);
	if (rc) {
		mdb_txn_abort(txn);
		return rc;
	}
	return mdb_txn_commit(txn);
}

static int
make_env(struct disk *d, unsigned flags, struct error *err)
{
	int rc = mdb_env_create(&d->env);

	if (rc)
		return disk_explain(d, rc, err);
	mdb_env_set_maxdbs(d->env, 2 * DISK_TABLES + 1);
	if (d->map_bytes)
		rc = mdb_env_set_mapsize(d->env, d->map_bytes);
	if (!rc)
		rc = mdb_env_open(d->env, d->dir, MDB_NOTLS | flags, 0600);
	return rc ? disk_explain(d, rc, err) : 0;
}

static int
no_books(const char *dir, struct error *err)
{
	return error_set(err,
	    "%s: no books there (data.mdb is missing): restore it, or remove "
	    "the directory to begin new ones",
	    dir);
}

/* What is there must be good, or nothing is touched. */
static int
check_file(struct disk *d, bool is_new_ok, bool *is_fresh, struct error *err)
{
	char path[DISK_PATH + 16];

	path_of(d, "data.mdb", path);
	*is_fresh = access(path, F_OK) < 0 && errno == ENOENT;
	if (*is_fresh)
		return is_new_ok ? 0 : no_books(d->dir, err);
	if (access(path, R_OK) < 0)
		return disk_explain(d, errno, err);
	return disk_verify(path, 0, NULL, err);
}

int
disk_open_env(struct disk *d, bool is_new_ok, struct error *err)
{
	bool is_fresh;

	if (d->env)
		mdb_env_close(d->env);
	d->env = NULL;
	d->commits = 0;
	if (check_file(d, is_new_ok, &is_fresh, err) < 0 ||
	    make_env(d, 0, err) < 0 || check_format(d, err) < 0)
		return -1;
	int rc = make_tables(d);

	if (rc)
		return disk_explain(d, rc, err);
	if (is_fresh && fsync(d->dir_fd) < 0)
		return disk_explain(d, errno, err);
	return disk_move(d, err);
}

/* `name` may end with DISK_PACKED. A table that is both packed and not is being
 * moved, and is one. False: that is no name of ours, or one too many. */
static bool
add_table(struct disk *d, struct str name)
{
	bool is_packed = str_ends(name, STR(DISK_PACKED));
	int i = 0;

	if (is_packed)
		name = str_head(name, name.n - strlen(DISK_PACKED));
	while (i < d->table_count && !str_is(name, str_from(d->names[i])))
		i++;
	if (i == DISK_TABLES || name.n == 0 || name.n > DISK_NAME)
		return false;
	if (i == d->table_count)
		d->names[d->table_count++] = str_dup(name);
	d->is_packed[i] = d->is_packed[i] || is_packed;
	return true;
}

static struct disk *
new_disk(const char *dir, const char *const *tables, int format,
    size_t map_bytes, struct error *err)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (strlen(dir) > DISK_PATH) {
		error_set(err, "%.64s...: path too long", dir);
		return NULL;
	}
	struct disk *d = xalloc(1, sizeof(*d));

	d->dir = str_dup(str_from(dir));
	d->dir_fd = -1;
	pthread_mutex_init(&d->lock, NULL);
	d->format = format & 0xffff;
	d->oldest = format >> 16 ? format >> 16 : d->format;
	d->map_bytes = (map_bytes + page - 1) / page * page;
	for (size_t i = 0; tables && tables[i]; i++) {
		bool is_ours = add_table(d, str_from(tables[i]));

		assert(is_ours);
	}
	return d;
}

struct disk *
disk_open(const char *dir, const char *const *tables, int format,
    size_t map_bytes, bool is_new_ok, struct error *err)
{
	struct disk *d = new_disk(dir, tables, format, map_bytes, err);

	if (!d)
		return NULL;
	disk_ready(d);
	if (lock_dir(d, err) < 0 || disk_open_env(d, is_new_ok, err) < 0)
		disk_close(&d);
	return d;
}

static int
find_tables(struct disk *d, struct error *err)
{
	MDB_val key, value;
	MDB_cursor *c;
	MDB_dbi main_table;
	int rc = mdb_dbi_open(d->snapshot, NULL, 0, &main_table);

	if (!rc)
		rc = mdb_cursor_open(d->snapshot, main_table, &c);
	if (rc)
		return disk_explain(d, rc, err);
	while (!(rc = mdb_cursor_get(c, &key, &value, MDB_NEXT))) {
		if (!str_is(disk_str(&key), STR(DISK_META)) &&
		    !add_table(d, disk_str(&key)))
			break;
	}
	mdb_cursor_close(c);
	return rc == MDB_NOTFOUND
		   ? 0
		   : error_set(
			 err, "%s/data.mdb: not written by Outpost", d->dir);
}

/* The writer may go on meanwhile, and overtake us between the two looks. */
static int
take_snapshot(struct disk *d, struct error *err)
{
	char path[DISK_PATH + 16];
	int rc;

	path_of(d, "data.mdb", path);
	for (int i = 0; i < TRIES; i++) {
		mdb_txn_abort(d->snapshot);
		d->snapshot = NULL;
		rc = mdb_txn_begin(d->env, NULL, MDB_RDONLY, &d->snapshot);
		if (rc)
			return disk_explain(d, rc, err);
		if (disk_verify(path, mdb_txn_id(d->snapshot), NULL, err) == 0)
			break;
		if (i == TRIES - 1)
			return -1;
	}
	if (check_format_in(d, d->snapshot, err) < 0 || find_tables(d, err) < 0)
		return -1;
	rc = open_tables(d, d->snapshot, 0);
	if (rc)
		return disk_explain(d, rc, err);
	d->used_bytes = disk_count_used(d, d->snapshot);
	return 0;
}

struct disk *
disk_open_to_read(const char *dir, int format, struct error *err)
{
	struct disk *d = new_disk(dir, NULL, format, 0, err);
	char path[DISK_PATH + 16];

	if (!d)
		return NULL;
	path_of(d, "data.mdb", path);
	if (access(path, R_OK) < 0 && errno == ENOENT)
		no_books(dir, err);
	else if (disk_verify_head(path, err) == 0 &&
		 make_env(d, MDB_RDONLY, err) == 0 &&
		 take_snapshot(d, err) == 0)
		return d;
	disk_close(&d);
	return NULL;
}
