/* trace_files - the logs that `outpost trace` reads */
#include "daemon/trace_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PATH_MAX_BYTES = 4096, FILES_MAX = 10000 };

void
trace_files_init(struct trace_files *f)
{
	*f = (struct trace_files){.spool = -1};
}

void
trace_files_done(struct trace_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].name);
	}
	free(f->v);
	if (f->spool >= 0)
		close(f->spool);
}

static void
add(struct trace_files *f, const char *path, const char *name, int64_t changed)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->v[i].path, path) == 0)
			return;
	}
	if (f->n == FILES_MAX)
		return;
	f->v = xrealloc(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = (struct trace_file){
	    str_dup(str_from(path)), str_dup(str_from(name)), changed};
}

/* Where it ends as a rotated file does, whatever else is beside it. */
static void
add_glob(struct trace_files *f, const char *pattern)
{
	glob_t found;
	struct stat st;

	if (glob(pattern, 0, NULL, &found) != 0)
		return;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i];

		if (stat(path, &st) == 0 && S_ISREG(st.st_mode))
			add(f, path, path, st.st_mtime);
	}
	globfree(&found);
}

static void
add_rotated(struct trace_files *f, const char *path)
{
	static const char *const ends[] = {".[0-9]", ".[0-9][0-9]", ".[0-9].gz",
	    ".[0-9][0-9].gz", "-[0-9]*[0-9]", "-[0-9]*.gz"};
	char pattern[PATH_MAX_BYTES];
	struct text t;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		text_init(&t, pattern, sizeof(pattern));
		for (const char *p = path; *p; p++) {
			if (strchr("*?[\\", *p))
				text_char(&t, '\\');
			text_char(&t, *p);
		}
		text_add(&t, ends[i]);
		if (!t.is_cut)
			add_glob(f, pattern);
	}
}

static int
by_change(const void *a, const void *b)
{
	const struct trace_file *x = a, *y = b;

	if (x->changed != y->changed)
		return x->changed < y->changed ? -1 : 1;
	/* mail.log.2 is older than mail.log.1. */
	return strcmp(y->path, x->path);
}

int
trace_files_followed(struct trace_files *f, const struct setting_list *patterns,
    struct error *err)
{
	for (size_t i = 0; i < patterns->n; i++)
		add_glob(f, patterns->v[i]);
	for (size_t i = f->n; i-- > 0;)
		add_rotated(f, f->v[i].path);
	/* The current one may just have been moved away. */
	for (size_t i = 0; f->n == 0 && i < patterns->n; i++)
		add_rotated(f, patterns->v[i]);
	if (f->n == 0)
		return error_set(err,
		    "there is no log: %s%s (log.files in outpost.conf); "
		    "name a FILE",
		    patterns->n > 0 ? patterns->v[0] : "none is followed",
		    patterns->n > 1 ? " ..." : "");
	qsort(f->v, f->n, sizeof(*f->v), by_change);
	return 0;
}

static int
copy_input(int to, struct error *err)
{
	char buf[65536];
	ssize_t n;

	while ((n = read(STDIN_FILENO, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(
			    err, "standard input: %s", strerror(errno));
		for (ssize_t done = 0; done < n;) {
			ssize_t w = write(to, buf + done, (size_t)(n - done));

			if (w < 0 && errno == EINTR)
				continue;
			if (w < 0)
				return error_set(err,
				    "no room for a copy of standard input: %s",
				    strerror(errno));
			done += w;
		}
	}
	return 0;
}

static int
add_input(struct trace_files *f, struct error *err)
{
	char name[] = "/tmp/outpost-trace.XXXXXX", path[64];
	struct text t;

	if (f->spool >= 0)
		return error_set(err, "standard input is named twice");
	f->spool = mkostemp(name, O_CLOEXEC);
	if (f->spool < 0)
		return error_set(err, "%s: %s", name, strerror(errno));
	unlink(name);
	if (copy_input(f->spool, err) < 0)
		return -1;
	text_init(&t, path, sizeof(path));
	text_printf(&t, "/proc/self/fd/%d", f->spool);
	add(f, path, "standard input", time(NULL));
	return 0;
}

int
trace_files_add(struct trace_files *f, const char *path, struct error *err)
{
	struct stat st;

	if (strcmp(path, "-") == 0)
		return add_input(f, err);
	if (stat(path, &st) < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	add(f, path, path, st.st_mtime);
	return 0;
}
