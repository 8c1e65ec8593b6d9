/* books_open - the books at start: records, then the journal */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/error.h"
#include "ledger/books_state.h"

static int
read_meta(struct books *b, const char *name, char *out, size_t size,
    struct error *err)
{
	char *value;
	size_t n;
	int rc = disk_get(b->disk, BOOKS_META, str_from(name), &value, &n, err);

	if (rc <= 0)
		return rc;
	if (n != size)
		rc = error_set(err, "%s: \"%s\" is damaged", b->path, name);
	else
		memcpy(out, value, size);
	free(value);
	return rc;
}

static int
read_number(struct books *b, const char *name, uint64_t *out, struct error *err)
{
	char big[PACK_BIG];
	int rc = read_meta(b, name, big, sizeof(big), err);

	if (rc > 0)
		pack_from_big(str_make(big, sizeof(big)), out);
	return rc < 0 ? -1 : 0;
}

static int
read_identity(struct books *b, struct error *err)
{
	int has_node = read_meta(b, "node", b->node, BOOKS_NODE, err);

	if (has_node < 0 || read_number(b, "starts", &b->starts, err) < 0 ||
	    read_number(b, "folded", &b->folded, err) < 0)
		return -1;
	if (!has_node) {
		uint8_t random[BOOKS_NODE / 2];
		struct text t;

		crypto_random(random, sizeof(random));
		text_init(&t, b->node, sizeof(b->node));
		text_hex(&t, random, sizeof(random));
	}
	b->starts++;
	return 0;
}

static int
write_identity(struct books *b, struct error *err)
{
	struct disk_batch *batch = disk_batch_new(b->disk);
	char big[PACK_BIG];

	pack_big(b->starts, big);
	disk_put(batch, BOOKS_META, STR("node"), books_node(b));
	disk_put(batch, BOOKS_META, STR("starts"), str_make(big, PACK_BIG));
	books_hand_over(b, batch, NULL, NULL);
	return b->is_failing ? error_set(err, "%s: cannot be written", b->path)
			     : 0;
}

int64_t
books_born(struct books *b, int64_t now)
{
	uint64_t born = 0;
	char big[PACK_BIG];

	if (read_number(b, "born", &born, NULL) < 0 || born != 0)
		return (int64_t)born;
	struct disk_batch *batch = disk_batch_new(b->disk);

	pack_big((uint64_t)now, big);
	disk_put(batch, BOOKS_META, STR("born"), str_make(big, PACK_BIG));
	books_hand_over(b, batch, NULL, NULL);
	return now;
}

/* What a walk over a table is about. */
struct walk {
	struct books *books;
	const struct books_part *part;
	int table;
	struct error *err;
	bool has_more; /* the entry's next piece is to come */
	bool is_bad;
};

static bool
on_record(void *ctx, struct str key, struct str value)
{
	struct walk *w = ctx;

	if (w->part->load && !w->part->load(w->part->ctx, key, value)) {
		error_set(w->err,
		    "%s: a record of \"%s\" is damaged: restore the directory "
		    "from a backup, or move it away to begin new books",
		    w->books->path, disk_table_name(w->books->disk, w->table));
		w->is_bad = true;
	}
	return !w->is_bad;
}

static const struct books_part *
find_part(const struct books *b, char tag)
{
	for (size_t i = 0; i < b->n_parts; i++) {
		if (b->parts[i].tag == tag)
			return &b->parts[i];
	}
	return NULL;
}

static bool
replay_entry(struct books *b)
{
	struct str left = text_view(&b->entry), section;

	while (left.n > 0) {
		const struct books_part *p = find_part(b, left.p[0]);

		left = str_skip(left, 1);
		if (!p || !p->replay || !pack_take_str(&left, &section) ||
		    !p->replay(p->ctx, section))
			return false;
	}
	text_clear(&b->entry);
	return true;
}

static bool
take_piece(struct books *b, struct str key, struct str value, bool *has_more)
{
	uint64_t seq, sum;
	struct str bytes = str_skip(value, BOOKS_PIECE_HEAD);

	if (value.n < BOOKS_PIECE_HEAD || !pack_from_big(key, &seq) ||
	    !pack_from_big(str_make(value.p + 1, PACK_BIG), &sum) ||
	    sum != pack_checksum(bytes) || value.p[0] < 0 || value.p[0] > 1 ||
	    seq != b->seq + 1)
		return false;
	b->seq = seq;
	b->journal_bytes += value.n;
	text_str(&b->entry, bytes);
	*has_more = value.p[0] == 1;
	return *has_more || replay_entry(b);
}

static bool
on_entry(void *ctx, struct str key, struct str value)
{
	struct walk *w = ctx;
	uint64_t seq = 0;

	if (take_piece(w->books, key, value, &w->has_more))
		return true;
	pack_from_big(key, &seq);
	error_set(w->err,
	    "%s: journal entry %llu is damaged: restore the directory from a "
	    "backup, or move it away to begin new books",
	    w->books->path, (unsigned long long)seq);
	w->is_bad = true;
	return false;
}

static int
load_all(struct books *b, struct error *err)
{
	struct walk w = {.books = b, .err = err};

	for (size_t i = 0; i < b->n_parts; i++) {
		w.part = &b->parts[i];
		w.table = b->tables[i];
		if (w.table >= 0 &&
		    (disk_each(b->disk, w.table, on_record, &w, err) < 0 ||
			w.is_bad))
			return -1;
	}
	b->seq = b->folded;
	if (disk_each(b->disk, BOOKS_JOURNAL, on_entry, &w, err) < 0 ||
	    w.is_bad)
		return -1;
	if (w.has_more)
		return error_set(err,
		    "%s: the journal's last entry %llu has no end", b->path,
		    (unsigned long long)b->seq);
	return 0;
}

static void
name_tables(struct books *b, const char **tables)
{
	int n = BOOKS_FIRST_TABLE;

	tables[BOOKS_META] = "meta";
	tables[BOOKS_JOURNAL] = "journal";
	for (size_t i = 0; i < b->n_parts; i++) {
		b->tables[i] = b->parts[i].table ? n : -1;
		if (b->parts[i].table)
			tables[n++] = b->parts[i].table;
	}
}

static int
fail(const char *path, struct error *err)
{
	return error_set(err, "%s: %s", path, strerror(errno));
}

/* What an interrupted start left. */
void
books_new_clear(const char *path)
{
	static const char *const names[] = {"data.mdb", "lock.mdb"};
	char name[BOOKS_PATH + 16];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(name, sizeof(name), "%s/%s", path, names[i]);
		unlink(name);
	}
	rmdir(path);
}

static int
sync_dir(const char *dir, struct error *err)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int rc = fd < 0 || fsync(fd) < 0 ? fail(dir, err) : 0;

	if (fd >= 0)
		close(fd);
	return rc;
}

int
books_new_begin(const char *books, char path[BOOKS_PATH], struct error *err)
{
	snprintf(path, BOOKS_PATH, "%.*s.new", BOOKS_PATH - 8, books);
	books_new_clear(path);
	return mkdir(path, 0700) < 0 ? fail(path, err) : 0;
}

int
books_new_end(
    const char *dir, const char *books, const char *path, struct error *err)
{
	return rename(path, books) < 0 ? fail(books, err) : sync_dir(dir, err);
}

static int
make_new(struct books *b, const struct books_options *o,
    const char *const *tables, struct error *err)
{
	char path[BOOKS_PATH];

	if (books_new_begin(b->path, path, err) < 0)
		return -1;
	b->disk =
	    disk_open(path, tables, BOOKS_FORMATS, o->map_bytes, true, err);
	if (!b->disk)
		return -1;
	disk_close(&b->disk);
	return books_new_end(o->dir, b->path, path, err);
}

static int
open_disk(struct books *b, const struct books_options *o, struct error *err)
{
	const char *tables[BOOKS_FIRST_TABLE + BOOKS_PARTS + 1] = {NULL};

	name_tables(b, tables);
	if (access(b->path, F_OK) < 0 &&
	    (errno != ENOENT ? fail(b->path, err)
			     : make_new(b, o, tables, err)) < 0)
		return -1;
	b->disk =
	    disk_open(b->path, tables, BOOKS_FORMATS, o->map_bytes, false, err);
	return b->disk ? 0 : -1;
}

bool
books_are_taken(const char *state_dir)
{
	char path[BOOKS_PATH];

	snprintf(path, sizeof(path), "%s/books", state_dir);
	return disk_is_taken(path);
}

struct books *
books_open(const struct books_options *o, const struct books_part *parts,
    size_t n, struct error *err)
{
	struct books *b = xalloc(1, sizeof(*b));
	char path[BOOKS_PATH];
	struct text t;

	assert(n <= BOOKS_PARTS);
	text_init(&t, path, sizeof(path));
	text_printf(&t, "%s/books", o->dir);
	b->path = str_dup(text_view(&t));
	memcpy(b->parts, parts, n * sizeof(*parts));
	b->n_parts = n;
	b->max_entry_bytes = o->max_entry_bytes ? o->max_entry_bytes : 1 << 20;
	b->max_fold_bytes = o->max_fold_bytes ? o->max_fold_bytes : 4 << 20;
	text_grow(&b->section, SIZE_MAX / 2);
	text_grow(&b->entry, SIZE_MAX / 2);
	if (open_disk(b, o, err) < 0 || read_identity(b, err) < 0 ||
	    load_all(b, err) < 0 || write_identity(b, err) < 0) {
		books_free(b);
		return NULL;
	}
	return b;
}
