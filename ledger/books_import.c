/* books_import - books from the lines of an export */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/json.h"
#include "ledger/books_copy.h"
#include "ledger/books_copy_parts.h"
#include "ledger/books_state.h"

enum { BATCH_BYTES = 4 << 20 };

struct books_import {
	char *dir, books[BOOKS_PATH], path[BOOKS_PATH];
	size_t map_bytes;
	struct disk *disk; /* NULL before the first line */
	struct disk_batch *batch;
	uint64_t lines, records, sum;
	bool is_ended;
};

struct books_import *
books_import_new(const char *state_dir, size_t map_bytes, struct error *err)
{
	struct books_import *im = xalloc(1, sizeof(*im));

	im->dir = str_dup(str_from(state_dir));
	im->map_bytes = map_bytes;
	snprintf(im->books, sizeof(im->books), "%s/books", state_dir);
	if (access(im->books, F_OK) == 0)
		error_set(err,
		    "%s: there are books already, and they are not "
		    "overwritten: move them away, and stop outpostd before",
		    im->books);
	else if (errno != ENOENT)
		error_set(err, "%s: %s", im->books, strerror(errno));
	else if (books_new_begin(im->books, im->path, err) == 0)
		return im;
	*im->path = '\0'; /* not ours to remove */
	books_import_free(&im);
	return NULL;
}

static bool
is_packed(const struct json *doc, struct str table)
{
	const struct json *list = json_get(doc, "packed");

	for (size_t i = 0; i < json_count(list); i++) {
		if (str_is(json_text(json_at(list, i)), table))
			return true;
	}
	return false;
}

static int
make_disk(struct books_import *im, const struct json *doc, struct error *err)
{
	const char *tables[DISK_TABLES + 1] = {NULL};
	char names[DISK_TABLES][DISK_NAME + sizeof(DISK_PACKED)];
	const struct json *list = json_get(doc, "tables");
	size_t n = json_count(list);

	if (n == 0 || n > DISK_TABLES)
		return error_set(err, "this is no export of Outpost's books");
	for (size_t i = 0; i < n; i++) {
		struct str name = json_text(json_at(list, i));

		if (name.n == 0 || name.n > DISK_NAME ||
		    str_ends(name, STR(DISK_PACKED)) ||
		    memchr(name.p, '\0', name.n))
			return error_set(err, "a table's name makes no sense");
		snprintf(names[i], sizeof(names[i]), "%.*s%s", STR_ARG(name),
		    is_packed(doc, name) ? DISK_PACKED : "");
		tables[i] = names[i];
	}
	im->disk =
	    disk_open(im->path, tables, BOOKS_FORMAT, im->map_bytes, true, err);
	if (!im->disk)
		return -1;
	im->batch = disk_batch_new(im->disk);
	return 0;
}

static int
take_head(struct books_import *im, const struct json *doc, struct error *err)
{
	int64_t version = json_number(json_get(doc, "outpost_books"), 0);
	int64_t format = json_number(json_get(doc, "format"), 0);

	if (version < 1)
		return error_set(err, "this is no export of Outpost's books");
	if (version > BOOKS_COPY_VERSION || format < BOOKS_OLDEST ||
	    format > BOOKS_FORMAT)
		return error_set(err,
		    "version %lld, format %lld: this Outpost knows version %d, "
		    "format %d",
		    (long long)version, (long long)format, BOOKS_COPY_VERSION,
		    BOOKS_FORMAT);
	return make_disk(im, doc, err);
}

static void
on_stored(void *ctx, const struct error *err)
{
	if (err)
		*(struct error *)ctx = *err;
}

static int
flush(struct books_import *im, bool has_more, struct error *err)
{
	struct error why = {""};

	disk_commit(im->batch, on_stored, &why);
	im->batch = has_more ? disk_batch_new(im->disk) : NULL;
	return *why.text ? error_set(err, "%s", why.text) : 0;
}

static bool
from_base64(struct str s, char **out, size_t *n)
{
	*out = xalloc(s.n + 1, 1);
	return crypto_from_base64url(s, (uint8_t *)*out, s.n + 1, n);
}

static int
find_table(const struct books_import *im, struct str name)
{
	for (int i = 0; i < disk_table_count(im->disk); i++) {
		if (str_is(name, str_from(disk_table_name(im->disk, i))))
			return i;
	}
	return -1;
}

static bool
take_record(struct books_import *im, const struct json *doc)
{
	const struct json *key64 = json_get(doc, "key64");
	struct str key = json_text(json_get(doc, "key"));
	struct str text = json_text(json_get(doc, "value"));
	char *key_bytes = NULL, *value = NULL;
	size_t key_n = 0, n = 0;
	int table = find_table(im, json_text(json_get(doc, "table")));
	bool is = table >= 0;

	if (is && key64)
		is = from_base64(json_text(key64), &key_bytes, &key_n);
	if (key_bytes)
		key = str_make(key_bytes, key_n);
	is = is && key.n > 0 && key.n <= DISK_KEY &&
	     from_base64(text, &value, &n);
	if (is) {
		disk_put(im->batch, table, key, str_make(value, n));
		im->records++;
	}
	free(key_bytes);
	free(value);
	return is;
}

static int
take_end(struct books_import *im, const struct json *doc, struct error *err)
{
	char sum[24];

	snprintf(sum, sizeof(sum), "%016llx", (unsigned long long)im->sum);
	if ((uint64_t)json_number(json_get(doc, "records"), -1) !=
		im->records ||
	    !str_is(json_text(json_get(doc, "sum")), str_from(sum)))
		return error_set(
		    err, "lines were changed, lost or put in another order");
	im->is_ended = true;
	return 0;
}

static int
take_line(struct books_import *im, struct str line, const struct json *doc,
    struct error *err)
{
	if (!im->disk)
		return take_head(im, doc, err);
	if (im->is_ended)
		return error_set(err, "the export has ended before");
	if (json_get(doc, "sum"))
		return take_end(im, doc, err);
	im->sum = books_copy_sum(im->sum, line);
	if (!take_record(im, doc))
		return error_set(err, "this is no record");
	return disk_batch_bytes(im->batch) > BATCH_BYTES ? flush(im, true, err)
							 : 0;
}

int
books_import_line(struct books_import *im, struct str line, struct error *err)
{
	struct json *doc = json_parse(line, err);
	int rc;

	im->lines++;
	rc = doc ? take_line(im, line, doc, err) : -1;
	json_free(&doc);
	return rc < 0 ? error_prefix(
			    err, "line %llu", (unsigned long long)im->lines)
		      : 0;
}

int
books_import_end(
    struct books_import *im, struct books_copied *out, struct error *err)
{
	if (!im->is_ended)
		return error_set(err, "the export is cut off after line %llu",
		    (unsigned long long)im->lines);
	if (flush(im, false, err) < 0)
		return -1;
	disk_close(&im->disk);
	if (books_new_end(im->dir, im->books, im->path, err) < 0)
		return -1;
	*im->path = '\0';
	return books_check(im->dir, out, err);
}

void
books_import_free(struct books_import **imp)
{
	struct books_import *im = *imp;

	if (!im)
		return;
	*imp = NULL;
	if (im->batch)
		disk_batch_free(&im->batch);
	disk_close(&im->disk);
	if (*im->path)
		books_new_clear(im->path);
	free(im->dir);
	free(im);
}
