/* books_copy - the books checked; all of them as lines of JSON, out and in
 *
 * A copy begins with what it is (version, format, the node, the tables), has a
 * line per record, in order, and ends with how many they were and a sum over
 * them: half a copy is no copy. It holds all that the books hold, the journal
 * and the node's identity, too: it takes the place of the node, and must not
 * run beside it. Works beside a running outpostd, which goes on.
 */
#ifndef LEDGER_BOOKS_COPY_H
#define LEDGER_BOOKS_COPY_H

#include "base/disk.h"
#include "base/text.h"

enum { BOOKS_COPY_VERSION = 1 };

struct books_copied {
	char node[17];
	uint64_t starts, first_entry, last_entry; /* of the journal; 0: empty */
	uint64_t records, bytes;
	size_t n_tables;
	struct {
		char name[32];
		uint64_t records, bytes;
	} tables[DISK_TABLES];
};

/* Walks through everything: the file's structure, every sum, the journal. */
int books_check(
    const char *state_dir, struct books_copied *out, struct error *err);

/* A line with its newline; false: it can't be written, and that is all. */
typedef bool books_line_fn(void *ctx, struct str line);
/* Checks on the way. */
int books_export(const char *state_dir, books_line_fn *line, void *ctx,
    struct books_copied *out, struct error *err);

/* Refused where books are. They appear at the end, whole, or not at all. */
struct books_import;
struct books_import *books_import_new(
    const char *state_dir, size_t map_bytes, struct error *err);
/* A line without its newline. */
int books_import_line(
    struct books_import *im, struct str line, struct error *err);
/* Checks what was made, and gives it its name. */
int books_import_end(
    struct books_import *im, struct books_copied *out, struct error *err);
void books_import_free(struct books_import **im);

#endif
