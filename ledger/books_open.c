/* books_open - the books at start: records, then the journal */
#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/error.h"
#include "ledger/books_state.h"

enum { PATH = 400 };

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

/* What a walk over a table is about. */
struct walk {
	struct books *books;
	const struct books_part *part;
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
		    w->books->path, w->part->table);
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
	    seq <= b->seq)
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
		if (b->tables[i] >= 0 &&
		    (disk_each(b->disk, b->tables[i], on_record, &w, err) < 0 ||
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

static int
open_disk(struct books *b, const struct books_options *o, struct error *err)
{
	const char *tables[BOOKS_FIRST_TABLE + BOOKS_PARTS + 1] = {
	    "meta", "journal"};
	int n = BOOKS_FIRST_TABLE;

	for (size_t i = 0; i < b->n_parts; i++) {
		b->tables[i] = b->parts[i].table ? n : -1;
		if (b->parts[i].table)
			tables[n++] = b->parts[i].table;
	}
	if (mkdir(b->path, 0700) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", b->path, strerror(errno));
	b->disk =
	    disk_open(b->path, tables, BOOKS_FORMAT, o->map_bytes, true, err);
	return b->disk ? 0 : -1;
}

struct books *
books_open(const struct books_options *o, const struct books_part *parts,
    size_t n, struct error *err)
{
	struct books *b = xalloc(1, sizeof(*b));
	char path[PATH];
	struct text t;

	assert(n <= BOOKS_PARTS);
	text_init(&t, path, sizeof(path));
	text_printf(&t, "%s/books", o->dir);
	b->path = str_dup(text_view(&t));
	memcpy(b->parts, parts, n * sizeof(*parts));
	b->n_parts = n;
	b->max_entry_bytes = o->max_entry_bytes ? o->max_entry_bytes : 1 << 20;
	text_grow(&b->section, SIZE_MAX / 2);
	text_grow(&b->entry, SIZE_MAX / 2);
	if (open_disk(b, o, err) < 0 || read_identity(b, err) < 0 ||
	    load_all(b, err) < 0 || write_identity(b, err) < 0) {
		books_free(b);
		return NULL;
	}
	return b;
}
