/* trace_files - the logs that `outpost trace` reads: those that are followed,
 * with their rotated neighbours (.1, .2.gz, -20261121.gz), or those named */
#ifndef DAEMON_TRACE_FILES_H
#define DAEMON_TRACE_FILES_H

#include "base/error.h"
#include "base/setting.h"

struct trace_file {
	char *path, *name; /* name: for people */
	int64_t changed;
};

struct trace_files {
	struct trace_file *v; /* oldest first */
	size_t n;
	int spool; /* standard input's copy; -1: none */
};

void trace_files_init(struct trace_files *f);
void trace_files_done(struct trace_files *f);
/* The followed ones. -1 when there is none at all. */
int trace_files_followed(struct trace_files *f,
    const struct setting_list *patterns, struct error *err);
/* One by name; "-" is standard input, copied to a temporary file (it is read
 * twice). */
int trace_files_add(struct trace_files *f, const char *path, struct error *err);

#endif
