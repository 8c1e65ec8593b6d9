/* trace_account - an account's messages from the log, for other commands */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/time.h"
#include "cli/trace.h"
#include "cli/trace_state.h"

static int
check_size(const struct trace *t, uint64_t bytes_max, struct error *err)
{
	uint64_t bytes = 0;
	struct stat st;

	for (size_t i = 0; i < t->files.n; i++) {
		const struct trace_file *f = &t->files.v[i];

		if (!trace_is_too_old(t, f) && stat(f->path, &st) == 0)
			bytes += (uint64_t)st.st_size;
	}
	return bytes_max == 0 || bytes <= bytes_max
		   ? 0
		   : error_set(err, "the logs are long");
}

int
trace_account(struct settings *s, const struct trace_about *about,
    trace_story_fn *each, void *ctx, struct error *err)
{
	struct trace t = {.query = {.at = about->at, .within = about->within}};
	size_t n = 0, criterion;
	struct story **v = NULL;

	trace_begin(&t, s);
	int rc = trace_query_add_account(&t.query, about->account, err);

	if (rc == 0)
		rc = trace_files_followed(&t.files, &s->daemon.files,
		    &s->daemon.journal_users,
		    (about->at - about->within - TRACE_BEFORE) * TIME_US, err);
	if (rc == 0)
		rc = check_size(&t, about->bytes_max, err);
	if (rc == 0 && !(v = trace_gather(&t, s, &n, &criterion)))
		rc = error_set(err, "no log could be read");
	for (size_t i = 0; i < n; i++)
		each(ctx, v[i]);
	free(v);
	trace_end(&t);
	return rc;
}
