/* trace_files - the logs that `outpost trace` reads: those that are followed,
 * with their rotated neighbours (.1, .2.gz, -20261121.gz), or those named
 *
 * Logs are read twice: of the journal and of standard input a temporary copy
 * is made. */
#ifndef CLI_TRACE_FILES_H
#define CLI_TRACE_FILES_H

#include "base/error.h"
#include "base/setting.h"

struct trace_file {
	char *path, *name; /* name: for people */
	int64_t changed;
	int copy; /* the descriptor behind path; -1: a file of its own */
};

struct trace_files {
	struct trace_file *v; /* oldest first */
	size_t n;
};

void trace_files_init(struct trace_files *f);
void trace_files_done(struct trace_files *f);
/* The followed ones: patterns as of log.files. Of the journal, entries of the
 * users of log.journal_users from from_us on. -1 when there is none at all. */
int trace_files_followed(struct trace_files *f,
    const struct setting_list *patterns, const struct setting_list *users,
    int64_t from_us, struct error *err);
/* One by name; "-" is standard input. */
int trace_files_add(struct trace_files *f, const char *path, struct error *err);

#endif
