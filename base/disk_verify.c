/* disk_verify - the file of an LMDB environment, looked at without LMDB */
#include <stdlib.h>

#include "base/disk_verify_parts.h"

/* A table's walk. */
struct tree {
	struct verify_file *file;
	bool is_free_list, has_tables, has_integers;
	uint64_t branches, leaves, overflows, entries;
	unsigned depth; /* of the leaves */
	/* No key may come before this one, or be it unless is_floor. */
	struct str last;
	bool has_last, is_floor;
};

/* Marks a run of pages as used, or free; each only once. */
static int
claim(struct verify_file *f, uint64_t page, uint64_t n, enum verify_use use)
{
	if (page < 2 || page > f->last_page || n == 0 ||
	    n > f->last_page - page + 1)
		return verify_damaged(f, page, "there is no such page");
	for (uint64_t i = page; i < page + n; i++) {
		if (f->use[i] != UNUSED)
			return verify_damaged(f, i, "it is used twice");
		f->use[i] = (uint8_t)use;
	}
	return 0;
}

/* The page's bytes, all of them in the file. */
static const char *
open_pages(struct verify_file *f, uint64_t page, uint64_t n, unsigned kind)
{
	if (claim(f, page, n, USED) < 0)
		return NULL;
	if ((page + n) * f->page_size > f->n) {
		verify_damaged(f, page, "the file ends before it");
		return NULL;
	}
	const char *p = f->p + page * f->page_size;

	if (get64(p) != page ||
	    (kind && (get16(p + PAGE_FLAGS) & IS_KNOWN) != kind)) {
		verify_damaged(f, page, "it is another page");
		return NULL;
	}
	return p;
}

static int
compare_keys(const struct tree *t, struct str a, struct str b)
{
	if (!t->has_integers)
		return str_compare(a, b);
	uint64_t x = get64(a.p), y = get64(b.p);

	return x < y ? -1 : x > y;
}

/* The next key, of an entry or (is_floor) of a branch. */
static bool
take_key(struct tree *t, struct str key, bool is_floor)
{
	if (key.n == 0 || key.n > KEY_MAX ||
	    (t->has_integers && key.n != sizeof(uint64_t)))
		return false;
	if (t->has_last) {
		int c = compare_keys(t, key, t->last);

		if (c < 0 || (c == 0 && !t->is_floor))
			return false;
	}
	t->last = key;
	t->has_last = true;
	t->is_floor = is_floor;
	return true;
}

/* The list that a record of the free list holds: their number, then they. */
static int
take_free(struct verify_file *f, uint64_t page, struct str list)
{
	uint64_t n = list.n >= 8 ? get64(list.p) : 0;

	if (list.n < 8 || n > list.n / 8 - 1)
		return verify_damaged(
		    f, page, "its list of free pages is torn");
	for (uint64_t i = 1; i <= n; i++) {
		if (claim(f, get64(list.p + 8 * i), 1, FREE) < 0)
			return -1;
	}
	f->out->free_pages += n;
	return 0;
}

static int walk_table(struct verify_file *f, const char *db, struct str name);

static int
take_value(struct tree *t, uint64_t page, struct str key, unsigned flags,
    struct str value)
{
	t->entries++;
	if (flags & NODE_TABLE) {
		if (!t->has_tables || value.n != DB_SIZE)
			return verify_damaged(
			    t->file, page, "a table in a table");
		return walk_table(t->file, value.p, key);
	}
	return t->is_free_list ? take_free(t->file, page, value) : 0;
}

/* A value on pages of its own. */
static int
take_big(struct tree *t, uint64_t at, struct str key, unsigned flags,
    const char *data, size_t size)
{
	struct verify_file *f = t->file;
	uint64_t page = get64(data);

	if (page < 2 || page > f->last_page || (page + 1) * f->page_size > f->n)
		return verify_damaged(
		    f, at, "it names a page that is not there");
	uint64_t n = get32(f->p + page * f->page_size + PAGE_RUN);
	const char *p = open_pages(f, page, n, IS_OVERFLOW);

	if (!p)
		return -1;
	if (n * f->page_size - PAGE_HEAD < size)
		return verify_damaged(f, page, "it is too short");
	t->overflows += n;
	return take_value(
	    t, page, key, flags & ~NODE_BIG, str_make(p + PAGE_HEAD, size));
}

/* How many bytes the entry takes on its page; 0: there are too few. */
static size_t
entry_size(const char *node, size_t room)
{
	if (room < NODE_HEAD)
		return 0;
	size_t n = NODE_HEAD + get16(node + NODE_KEY);

	n += get16(node + NODE_FLAGS) & NODE_BIG ? 8 : get32(node);
	n += n & 1;
	return n <= room ? n : 0;
}

static int
take_entry(struct tree *t, uint64_t page, const char *node)
{
	unsigned flags = get16(node + NODE_FLAGS);
	struct str key = str_make(node + NODE_HEAD, get16(node + NODE_KEY));
	const char *data = key.p + key.n;

	if ((flags & ~(unsigned)(NODE_BIG | NODE_TABLE)) ||
	    !take_key(t, key, false))
		return verify_damaged(
		    t->file, page, "its keys are out of order");
	if (flags & NODE_BIG)
		return take_big(t, page, key, flags, data, get32(node));
	return take_value(t, page, key, flags, str_make(data, get32(node)));
}

static int
walk_leaf(struct tree *t, uint64_t page, const char *p, size_t n, size_t upper)
{
	size_t used = 0, size;

	t->leaves++;
	for (size_t i = 0; i < n; i++) {
		size_t at = get16(p + PAGE_HEAD + 2 * i);

		if (at < upper || at >= t->file->page_size ||
		    !(size = entry_size(p + at, t->file->page_size - at)))
			return verify_damaged(
			    t->file, page, "an entry leaves it");
		if (take_entry(t, page, p + at) < 0)
			return -1;
		used += size;
	}
	/* Entries stand close together: none was lost or is too many. */
	return used == t->file->page_size - upper
		   ? 0
		   : verify_damaged(
			 t->file, page, "it holds more than is listed");
}

static int walk_page(struct tree *t, uint64_t page, unsigned depth);

static int
walk_branch(struct tree *t, uint64_t page, const char *p, size_t n,
    size_t upper, unsigned depth)
{
	size_t used = 0;

	t->branches++;
	for (size_t i = 0; i < n; i++) {
		size_t at = get16(p + PAGE_HEAD + 2 * i), key_n;

		if (at < upper || at + NODE_HEAD > t->file->page_size)
			return verify_damaged(
			    t->file, page, "a branch leaves it");
		key_n = get16(p + at + NODE_KEY);
		if (at + NODE_HEAD + key_n > t->file->page_size)
			return verify_damaged(
			    t->file, page, "a branch leaves it");
		/* The first key stands for all before the second. */
		if (i > 0 &&
		    !take_key(t, str_make(p + at + NODE_HEAD, key_n), true))
			return verify_damaged(
			    t->file, page, "its branches are out of order");
		uint64_t child =
		    get32(p + at) | (uint64_t)get16(p + at + NODE_FLAGS) << 32;

		if (walk_page(t, child, depth + 1) < 0)
			return -1;
		used += NODE_HEAD + key_n + (key_n & 1);
	}
	return used == t->file->page_size - upper
		   ? 0
		   : verify_damaged(
			 t->file, page, "it holds more than is listed");
}

static int
walk_page(struct tree *t, uint64_t page, unsigned depth)
{
	struct verify_file *f = t->file;
	const char *p = open_pages(f, page, 1, 0);

	if (!p)
		return -1;
	size_t lower = get16(p + PAGE_LOWER), upper = get16(p + PAGE_UPPER);
	size_t n = (lower - PAGE_HEAD) / 2;

	if (lower <= PAGE_HEAD || lower % 2 || upper < lower ||
	    upper > f->page_size || depth > DEPTH_MAX)
		return verify_damaged(f, page, "its head makes no sense");
	switch (get16(p + PAGE_FLAGS) & IS_KNOWN) {
	case IS_BRANCH:
		return n < 2 ? verify_damaged(f, page, "a branch that is none")
			     : walk_branch(t, page, p, n, upper, depth);
	case IS_LEAF:
		if (t->depth && t->depth != depth)
			return verify_damaged(f, page, "a leaf out of line");
		t->depth = depth;
		return walk_leaf(t, page, p, n, upper);
	default:
		return verify_damaged(f, page, "it is of no kind");
	}
}

static int
walk_table(struct verify_file *f, const char *db, struct str name)
{
	uint64_t root = get64(db + DB_ROOT);
	unsigned flags = get16(db + DB_FLAGS);
	struct tree t = {.file = f,
	    .is_free_list =
		str_is(name, STR("free")) && db == f->meta + META_DBS,
	    .has_tables = db == f->meta + META_DBS + DB_SIZE};

	t.has_integers = t.is_free_list;
	if (t.is_free_list ? !(flags & INTEGER_KEYS) : flags != 0)
		return error_set(f->err,
		    "%s: not written by Outpost, or damaged: table \"%.*s\" is "
		    "of another kind",
		    f->path, STR_ARG(name));
	if (root != NO_PAGE && walk_page(&t, root, 1) < 0)
		return -1;
	if (t.depth != get16(db + DB_DEPTH) ||
	    t.branches != get64(db + DB_BRANCHES) ||
	    t.leaves != get64(db + DB_LEAVES) ||
	    t.overflows != get64(db + DB_OVERFLOWS) ||
	    t.entries != get64(db + DB_ENTRIES))
		return error_set(f->err,
		    "%s is damaged: table \"%.*s\" has not what its head says",
		    f->path, STR_ARG(name));
	if (!t.is_free_list && !t.has_tables)
		f->out->entries += t.entries;
	return 0;
}

static int
look(struct verify_file *f)
{
	f->use = xalloc(f->last_page + 1, 1);
	if (walk_table(f, f->meta + META_DBS, STR("free")) < 0 ||
	    walk_table(f, f->meta + META_DBS + DB_SIZE, STR("main")) < 0)
		return -1;
	for (uint64_t i = 2; i <= f->last_page; i++)
		f->out->lost_pages += f->use[i] == UNUSED;
	f->out->pages = f->last_page + 1;
	return 0;
}

int
disk_verify(const char *path, uint64_t txn, struct disk_verified *out,
    struct error *err)
{
	return verify_run(path, txn, out, look, err);
}
