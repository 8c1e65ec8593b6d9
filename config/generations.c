/* generations - the configurations that held, kept below the state directory */
#include "config/generations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "config/trials.h"

enum { PATH_SIZE = 4200, FILE_MAX = 8 * 1024 * 1024 };

static const struct str named = {"# generation ", 13}, since = {"# since ", 8};

static void
path_of(const struct settings *s, const char *name, char out[PATH_SIZE])
{
	struct text t;

	text_init(&t, out, PATH_SIZE);
	text_printf(
	    &t, "%s/config%s%s", s->daemon.state_dir, *name ? "/" : "", name);
}

static void
path_of_number(const struct settings *s, uint64_t number, char out[PATH_SIZE])
{
	char name[32];

	snprintf(name, sizeof(name), "%06" PRIu64, number);
	path_of(s, name, out);
}

static int
by_number(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Ascending, on the heap. */
static size_t
list_numbers(const struct settings *s, uint64_t **out)
{
	char path[PATH_SIZE];
	size_t n = 0;

	*out = NULL;
	path_of(s, "", path);
	DIR *d = opendir(path);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		uint64_t number;

		if (!str_to_u64(str_from(e->d_name), &number))
			continue;
		*out = xrealloc(*out, n + 1, sizeof(**out));
		(*out)[n++] = number;
	}
	if (d)
		closedir(d);
	if (n > 0)
		qsort(*out, n, sizeof(**out), by_number);
	return n;
}

static bool
read_file(const char *path, struct text *out)
{
	char buf[16384];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = -1;

	text_grow(out, FILE_MAX);
	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) > 0)
		text_bytes(out, buf, (size_t)n);
	if (fd >= 0)
		close(fd);
	return n == 0 && !out->is_cut;
}

static bool
take(struct str text, struct generation *g)
{
	struct str rest = text, line;
	struct text t;
	int64_t us;

	text_init(&t, g->name, sizeof(g->name));
	g->text = text;
	g->since = 0;
	while (str_cut(&rest, '\n', &line) && line.n > 0 && *line.p == '#') {
		if (str_starts(line, named))
			text_str(&t, str_skip(line, named.n));
		if (str_starts(line, since) &&
		    time_parse_rfc3339(str_skip(line, since.n), &us))
			g->since = us / TIME_US;
	}
	return t.n > 0;
}

void
generations_each(const struct settings *s, generations_fn *each, void *ctx)
{
	uint64_t *numbers;
	size_t n = list_numbers(s, &numbers);

	for (size_t i = 0; i < n; i++) {
		struct generation g = {.number = numbers[i]};
		char path[PATH_SIZE];
		struct text text;

		path_of_number(s, numbers[i], path);
		if (read_file(path, &text) && take(text_view(&text), &g))
			each(ctx, &g);
		text_done(&text);
	}
	free(numbers);
}

static int
write_file(const char *path, struct str text, struct error *err)
{
	char tmp[PATH_SIZE + 8];
	size_t done = 0;

	snprintf(tmp, sizeof(tmp), "%s.new", path);
	int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, "%s: %s", tmp, strerror(errno));
	while (done < text.n) {
		ssize_t n = write(fd, text.p + done, text.n - done);

		if (n <= 0)
			break;
		done += (size_t)n;
	}
	bool is_good = done == text.n && fsync(fd) == 0;

	if (close(fd) == 0 && is_good && rename(tmp, path) == 0)
		return 0;
	error_set(err, "%s: %s", path, strerror(errno));
	unlink(tmp);
	return -1;
}

static void
find_last(void *ctx, const struct generation *g)
{
	struct generation *last = ctx;

	*last = *g;
	last->text = STR("");
}

static void
drop_old(const struct settings *s)
{
	uint64_t *numbers;
	size_t n = list_numbers(s, &numbers);
	size_t kept = (size_t)s->daemon.configs_kept;
	char path[PATH_SIZE];

	for (size_t i = 0; i + kept < n; i++) {
		if (trials_need(s, numbers[i]))
			continue;
		path_of_number(s, numbers[i], path);
		unlink(path);
	}
	free(numbers);
}

int
generations_keep(const struct settings *s, int64_t now, struct error *err)
{
	struct generation last = {0};
	char path[PATH_SIZE];
	struct text t;

	generations_each(s, find_last, &last);
	if (strcmp(last.name, s->generation) == 0)
		return 0;
	path_of(s, "", path);
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return error_set(err, "%s: %s", path, strerror(errno));
	path_of_number(s, last.number + 1, path);
	text_grow(&t, FILE_MAX);
	text_printf(&t, "%s%s\n%s", named.p, s->generation, since.p);
	time_rfc3339(&t, now);
	text_printf(&t, "\n# from %s, outpostd %s\n",
	    *s->path ? s->path : "built-in defaults", OUTPOST_VERSION);
	trials_print(s, &t);
	text_add(&t, s->text);
	int status = write_file(path, text_view(&t), err);

	text_done(&t);
	if (status == 0)
		drop_old(s);
	return status;
}

/* Told apart by what it was then: passwords are gone. */
static struct settings *
name(struct settings *old, const struct generation *g)
{
	if (old)
		old->generation = arena_dup(&old->arena, str_from(g->name));
	return old;
}

struct settings *
generations_last(const struct settings *s)
{
	struct generation last = {0};
	char path[PATH_SIZE];
	struct error err;

	generations_each(s, find_last, &last);
	if (last.number == 0)
		return NULL;
	path_of_number(s, last.number, path);
	return name(settings_load(path, &err), &last);
}

struct finder {
	struct generation found;
	uint64_t number; /* or name */
	const char *name;
};

static void
find_one(void *ctx, const struct generation *g)
{
	struct finder *f = ctx;

	if (f->name ? strcmp(f->name, g->name) == 0 : f->number == g->number)
		find_last(&f->found, g);
}

struct settings *
generations_load(const struct settings *s, uint64_t number, bool has_lists)
{
	struct finder f = {.number = number};
	char path[PATH_SIZE];
	struct error err;

	if (number > 0)
		generations_each(s, find_one, &f);
	if (f.found.number == 0)
		return NULL;
	path_of_number(s, number, path);
	return name(settings_load_old(path, has_lists, &err), &f.found);
}

uint64_t
generations_number(const struct settings *s, const char *name)
{
	struct finder f = {.name = name};

	generations_each(s, find_one, &f);
	return f.found.number;
}
