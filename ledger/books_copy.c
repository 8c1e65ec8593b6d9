/* books_copy - the books checked; all of them as lines of JSON, out */
#include "ledger/books_copy.h"

#include <stdio.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "ledger/books_copy_parts.h"
#include "ledger/books_state.h"

enum { LINE_BYTES = 64 << 20 };

struct copy {
	struct disk *disk;
	int table;
	struct books_copied *out;
	books_line_fn *line; /* NULL: only checked */
	void *ctx;
	struct text text;
	uint64_t sum;
	bool has_more; /* of a journal entry */
	bool is_bad, is_unwritten;
};

static bool
is_plain(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < 0x20 || s.p[i] > 0x7e)
			return false;
	}
	return true;
}

static bool
give(struct copy *c)
{
	text_char(&c->text, '\n');
	c->is_unwritten = !c->line(c->ctx, text_view(&c->text));
	return !c->is_unwritten;
}

static void
put_base64(struct json_out *j, const char *name, struct str v)
{
	struct text t;

	text_grow(&t, LINE_BYTES);
	crypto_base64url(&t, v.p, v.n);
	json_str(j, name, text_view(&t));
	text_done(&t);
}

static bool
write_record(struct copy *c, struct str key, struct str value)
{
	struct json_out j;

	text_clear(&c->text);
	json_out_init(&j, &c->text);
	json_open(&j, NULL);
	json_str(&j, "table", str_from(disk_table_name(c->disk, c->table)));
	if (is_plain(key))
		json_str(&j, "key", key);
	else
		put_base64(&j, "key64", key);
	put_base64(&j, "value", value);
	json_close(&j);
	c->sum = books_copy_sum(c->sum, text_view(&c->text));
	return give(c);
}

/* Entries follow each other without a gap. */
static bool
check_entry(struct copy *c, struct str key, struct str value)
{
	struct books_copied *o = c->out;
	uint64_t seq, sum;
	struct str bytes = str_skip(value, BOOKS_PIECE_HEAD);

	if (value.n < BOOKS_PIECE_HEAD || !pack_from_big(key, &seq) ||
	    (o->last_entry && seq != o->last_entry + 1) ||
	    !pack_from_big(str_make(value.p + 1, PACK_BIG), &sum) ||
	    sum != pack_checksum(bytes))
		return false;
	if (!o->last_entry)
		o->first_entry = seq;
	o->last_entry = seq;
	c->has_more = value.p[0] != 0;
	return true;
}

static void
note_meta(struct books_copied *o, struct str key, struct str value)
{
	if (str_is(key, STR("node")) && value.n == BOOKS_NODE)
		memcpy(o->node, value.p, BOOKS_NODE);
	else if (str_is(key, STR("starts")))
		pack_from_big(value, &o->starts);
}

static bool
on_record(void *ctx, struct str key, struct str value)
{
	struct copy *c = ctx;
	struct books_copied *o = c->out;
	const char *name = o->tables[c->table].name;

	o->records++;
	o->bytes += key.n + value.n;
	o->tables[c->table].records++;
	o->tables[c->table].bytes += key.n + value.n;
	if (strcmp(name, "meta") == 0)
		note_meta(o, key, value);
	if (strcmp(name, "journal") == 0)
		c->is_bad = !check_entry(c, key, value);
	return !c->is_bad && (!c->line || write_record(c, key, value));
}

static int
walk(struct copy *c, struct error *err)
{
	int n = disk_table_count(c->disk);

	for (c->table = 0; c->table < n; c->table++) {
		snprintf(c->out->tables[c->table].name,
		    sizeof(c->out->tables[0].name), "%s",
		    disk_table_name(c->disk, c->table));
		c->out->n_tables++;
		if (disk_each(c->disk, c->table, on_record, c, err) < 0)
			return -1;
		if (c->is_unwritten)
			return error_set(err, "it can't be written");
		if (c->is_bad)
			return error_set(err,
			    "the journal is damaged after entry %llu",
			    (unsigned long long)c->out->last_entry);
	}
	if (c->has_more)
		return error_set(err, "the journal's last entry has no end");
	if (!*c->out->node)
		return error_set(err, "they have no node");
	return 0;
}

static int
open_books(struct copy *c, const char *state_dir, struct error *err)
{
	char path[BOOKS_PATH];

	*c->out = (struct books_copied){0};
	text_grow(&c->text, LINE_BYTES);
	snprintf(path, sizeof(path), "%s/books", state_dir);
	c->disk = disk_open_to_read(path, BOOKS_FORMATS, err);
	return c->disk ? 0 : -1;
}

static int
close_books(struct copy *c, const char *state_dir, int rc, struct error *err)
{
	if (rc < 0 && c->disk && !strstr(err->text, state_dir))
		error_prefix(err, "%s/books", state_dir);
	text_done(&c->text);
	disk_close(&c->disk);
	return rc;
}

int
books_check(const char *state_dir, struct books_copied *out, struct error *err)
{
	struct copy c = {.out = out};
	int rc = open_books(&c, state_dir, err);

	if (rc == 0)
		rc = walk(&c, err);
	return close_books(&c, state_dir, rc, err);
}

static bool
write_head(struct copy *c)
{
	struct json_out j;

	text_clear(&c->text);
	json_out_init(&j, &c->text);
	json_open(&j, NULL);
	json_i64(&j, "outpost_books", BOOKS_COPY_VERSION);
	json_i64(&j, "format", BOOKS_FORMAT);
	json_open_array(&j, "tables");
	for (int i = 0; i < disk_table_count(c->disk); i++)
		json_str(&j, NULL, str_from(disk_table_name(c->disk, i)));
	json_close_array(&j);
	json_open_array(&j, "packed");
	for (int i = 0; i < disk_table_count(c->disk); i++) {
		if (disk_table_is_packed(c->disk, i))
			json_str(
			    &j, NULL, str_from(disk_table_name(c->disk, i)));
	}
	json_close_array(&j);
	json_close(&j);
	return give(c);
}

static bool
write_end(struct copy *c)
{
	struct json_out j;
	char sum[24];

	snprintf(sum, sizeof(sum), "%016llx", (unsigned long long)c->sum);
	text_clear(&c->text);
	json_out_init(&j, &c->text);
	json_open(&j, NULL);
	json_i64(&j, "records", (int64_t)c->out->records);
	json_str(&j, "sum", str_from(sum));
	json_close(&j);
	return give(c);
}

int
books_export(const char *state_dir, books_line_fn *line, void *ctx,
    struct books_copied *out, struct error *err)
{
	struct copy c = {.out = out, .line = line, .ctx = ctx};
	int rc = open_books(&c, state_dir, err);

	if (rc == 0 && !write_head(&c))
		rc = error_set(err, "it can't be written");
	if (rc == 0)
		rc = walk(&c, err);
	if (rc == 0 && !write_end(&c))
		rc = error_set(err, "it can't be written");
	return close_books(&c, state_dir, rc, err);
}
