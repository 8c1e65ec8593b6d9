/* follow_learn - what a log holds already is read at once, before it is
 * followed
 */
#include <errno.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "follow/follow_parts.h"
#include "follow/follow_past.h"
#include "follow/follow_state.h"

/* A generation that was written to a moment ago is left a moment later. */
enum { WAIT_MS = 50, WAITS = 100 };

static const char *
name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_one_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_ino == y.st_ino &&
	       x.st_dev == y.st_dev;
}

static bool
are_beside(const char *a, const char *b)
{
	char *x = str_dup(str_make(a, (size_t)(name_in(a) - a)));
	char *y = str_dup(str_make(b, (size_t)(name_in(b) - b)));
	bool are = is_one_file(*x ? x : ".", *y ? y : ".");

	free(x);
	free(y);
	return are;
}

static bool
is_past_of(const char *live, const char *file)
{
	return past_is_name(name_in(live), name_in(file)) &&
	       are_beside(live, file);
}

/* The log that the file is, or that it is an older generation of; a pattern
 * may find both. NULL: none that is followed. The caller frees. */
static char *
find_log(const struct follow *f, const char *file)
{
	char *found = NULL;

	for (size_t i = 0; i < f->files.n; i++) {
		glob_t g = {0};

		if (glob(f->files.v[i], GLOB_NOCHECK, NULL, &g) != 0)
			continue;
		for (size_t k = 0; k < g.gl_pathc; k++) {
			bool is_past = is_past_of(g.gl_pathv[k], file);

			if (!is_past &&
			    (found || !is_one_file(g.gl_pathv[k], file)))
				continue;
			free(found);
			found = str_dup(str_from(g.gl_pathv[k]));
		}
		globfree(&g);
	}
	return found;
}

static int
open_past(struct follow_source *s, const char *file, struct error *err)
{
	struct past *p = past_new(s->path, &s->place);
	size_t i = 0;
	int status;

	if (!p->is_settled) {
		past_free(&p);
		return error_set(
		    err, "%s: is being rotated just now, try again", s->path);
	}
	while (i < p->n && !is_one_file(p->v[i].path, file))
		i++;
	status = i < p->n ? follow_open_past(s, &p->v[i], err)
			  : error_set(err, "%s: can't be read", file);
	past_free(&p);
	return status;
}

/* To the end of that file: it is left, or no more is there. What lies between
 * is read, too. */
static int
read_through(struct follow_source *s, const char *file,
    const struct follow_sink *sink, struct error *err)
{
	bool is_there = false;
	int more = 1;

	for (int waits = 0; waits < WAITS && more >= 0; waits += more == 0) {
		more = follow_source_read(s, sink, err);
		is_there |= s->opened && is_one_file(s->opened, file);
		if (is_there && (more == 0 || !follow_is_open(s)))
			break;
		if (more == 0)
			poll(NULL, 0, WAIT_MS);
	}
	return more < 0 ? -1 : 0;
}

int
follow_learn(struct follow *f, const char *file, struct error *err)
{
	char *log = find_log(f, file);
	struct follow_source *s =
	    log ? follow_get_source(f, str_from(log)) : NULL;
	struct stat st;
	int status = 0;

	free(log);
	if (stat(file, &st) < 0)
		return error_set(err, "%s: %s", file, strerror(errno));
	if (!s || s->journal || s->is_stdin)
		return 0;
	if (s->is_learned && follow_place_knows(follow_source_at(s), file, 1))
		return 1;
	if (!s->is_learned) {
		s->place = (struct follow_place){0};
		s->goal = FOLLOW_START;
		if (!is_one_file(s->path, file))
			status = open_past(s, file, err);
	}
	s->is_learned = true;
	if (status == 0) {
		const struct follow_sink sink =
		    follow_sink_of(f, (size_t)(s - f->v));

		status = read_through(s, file, &sink, err);
	}
	return status < 0 ? -1 : 1;
}

bool
follow_has_read(struct follow *f, const char *file)
{
	bool is_read = false;

	for (size_t i = 0; i < f->n && !is_read; i++)
		is_read =
		    f->v[i].place.path.n > 0 &&
		    follow_place_knows(follow_source_at(&f->v[i]), file, 1);
	return is_read;
}
