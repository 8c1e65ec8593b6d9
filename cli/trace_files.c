/* trace_files - the logs that `outpost trace` reads */
#include "cli/trace_files.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "follow/follow_journal.h"

enum { PATH_MAX_BYTES = 4096, FILES_MAX = 10000, COPY_BLOCK = 256 * 1024 };

void
trace_files_init(struct trace_files *f)
{
	*f = (struct trace_files){0};
}

void
trace_files_done(struct trace_files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		free(f->v[i].name);
		if (f->v[i].copy >= 0)
			close(f->v[i].copy);
	}
	free(f->v);
}

/* False: it is there already, or there are too many. */
static bool
add(struct trace_files *f, const char *path, const char *name, int64_t changed)
{
	for (size_t i = 0; i < f->n; i++) {
		if (strcmp(f->v[i].path, path) == 0)
			return false;
	}
	if (f->n == FILES_MAX)
		return false;
	f->v = xrealloc(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = (struct trace_file){
	    str_dup(str_from(path)), str_dup(str_from(name)), changed, -1};
	return true;
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

static int
write_all(int to, struct str s, struct error *err)
{
	while (s.n > 0) {
		ssize_t n = write(to, s.p, s.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err,
			    "no room for a copy of the log: %s (TMPDIR names "
			    "another place)",
			    strerror(errno));
		s = str_skip(s, (size_t)n);
	}
	return 0;
}

/* A file without a name; -1 with an error. */
static int
make_copy(struct error *err)
{
	const char *folder = getenv("TMPDIR");
	char name[PATH_MAX_BYTES];
	struct text t;

	text_init(&t, name, sizeof(name));
	text_printf(&t, "%s/outpost-trace.XXXXXX",
	    folder && *folder ? folder : "/var/tmp");
	int fd = t.is_cut ? -1 : mkostemp(name, O_CLOEXEC);

	if (fd < 0)
		return error_set(err, "%s: %s", name, strerror(errno));
	unlink(name);
	return fd;
}

static void
add_copy(struct trace_files *f, const char *name, int fd)
{
	char path[64];
	struct text t;

	text_init(&t, path, sizeof(path));
	text_printf(&t, "/proc/self/fd/%d", fd);
	if (add(f, path, name, time(NULL)))
		f->v[f->n - 1].copy = fd;
	else
		close(fd);
}

struct journal_copy {
	int fd;
	bool is_failing;
	struct text lines;
	struct error err;
};

static void
flush(struct journal_copy *c)
{
	c->is_failing = c->is_failing ||
			write_all(c->fd, text_view(&c->lines), &c->err) < 0;
	text_clear(&c->lines);
}

static void
on_line(void *ctx, size_t source, struct str line)
{
	struct journal_copy *c = ctx;

	(void)source;
	text_str(&c->lines, line);
	text_char(&c->lines, '\n');
	if (c->lines.n > COPY_BLOCK)
		flush(c);
}

/* As the daemon trusts (log.journal_users). */
static void
take_trust(const struct setting_list *users, struct follow_trust *trust)
{
	uint64_t uid;

	*trust = (struct follow_trust){0};
	for (size_t i = 0; i < users->n && trust->n < FOLLOW_TRUSTED; i++) {
		const struct passwd *pw = getpwnam(users->v[i]);

		if (strcmp(users->v[i], "*") == 0)
			trust->is_anybody = true;
		else if (pw)
			trust->v[trust->n++] = pw->pw_uid;
		else if (str_to_u64(str_from(users->v[i]), &uid))
			trust->v[trust->n++] = (uid_t)uid;
	}
}

static int
copy_journal(struct follow_journal *j, int64_t from_us, struct journal_copy *c)
{
	const struct follow_sink sink = {.on_line = on_line, .ctx = c};
	char cursor[32];
	struct text t;
	int status;

	text_init(&t, cursor, sizeof(cursor));
	text_printf(
	    &t, "t=%llx", (unsigned long long)(from_us > 0 ? from_us : 1));
	follow_journal_place(j, text_view(&t));
	do
		status = follow_journal_read(j, &sink, &c->err);
	while (status >= 0 && !c->is_failing &&
	       (follow_journal_is_behind(j) || follow_journal_is_news(j)));
	flush(c);
	return status < 0 || c->is_failing ? -1 : 0;
}

static int
add_journal(struct trace_files *f, const char *path,
    const struct setting_list *users, int64_t from_us, struct error *err)
{
	struct journal_copy c = {.fd = make_copy(err)};
	struct follow_trust trust;

	if (c.fd < 0)
		return -1;
	take_trust(users, &trust);
	text_grow(&c.lines, 4 * COPY_BLOCK);
	struct follow_journal *j = follow_journal_new(path, &trust);
	int status = copy_journal(j, from_us, &c);

	follow_journal_free(&j);
	text_done(&c.lines);
	if (status < 0) {
		*err = c.err;
		close(c.fd);
		return -1;
	}
	add_copy(f, path, c.fd);
	return 0;
}

int
trace_files_followed(struct trace_files *f, const struct setting_list *patterns,
    const struct setting_list *users, int64_t from_us, struct error *err)
{
	for (size_t i = 0; i < patterns->n; i++) {
		const char *pattern = patterns->v[i];

		if (!follow_journal_is(str_from(pattern)))
			add_glob(f, pattern);
		else if (add_journal(f, pattern, users, from_us, err) < 0)
			return -1;
	}
	for (size_t i = f->n; i-- > 0;) {
		if (f->v[i].copy < 0)
			add_rotated(f, f->v[i].path);
	}
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
		if (write_all(to, str_make(buf, (size_t)n), err) < 0)
			return -1;
	}
	return 0;
}

static int
add_input(struct trace_files *f, struct error *err)
{
	int fd = make_copy(err);

	if (fd < 0)
		return -1;
	if (copy_input(fd, err) < 0) {
		close(fd);
		return -1;
	}
	add_copy(f, "standard input", fd);
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
