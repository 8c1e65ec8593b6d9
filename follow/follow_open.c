/* follow_open - which file a source reads next */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "follow/follow_parts.h"
#include "follow/follow_past.h"

/* How often the generations are listed while one of them waits to be left, and
 * how long one that can't be opened holds up the rest. */
enum { LOOK_US = 1000 * 1000, STUCK_US = 60 * 1000 * 1000 };

/* Two logs may begin with the same few words. */
enum { SURE = 64 };

bool
follow_is_open(const struct follow_source *s)
{
	return s->fd >= 0 || s->gz;
}

void
follow_close(struct follow_source *s)
{
	if (s->fd >= 0 && !s->is_stdin)
		close(s->fd);
	s->fd = -1;
	gz_close(&s->gz);
	free(s->opened);
	s->opened = NULL;
}

static int
open_stdin(struct follow_source *s)
{
	s->fd = STDIN_FILENO;
	fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
	return 0;
}

/* Looked at before it is opened: opening a pipe wakes who writes to it. */
static int
open_regular(struct follow_source *s, const char *path, bool is_gz,
    struct stat *st, struct error *err)
{
	if (stat(path, st) < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return error_set(err, "%s: is %s", path,
		    S_ISDIR(st->st_mode) ? "a directory" : "no regular file");
	if (is_gz) {
		s->gz = gz_open(path, err);
		return s->gz ? 0 : -1;
	}
	s->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd >= 0 && fstat(s->fd, st) == 0)
		return 0;
	error_set(err, "%s: %s", path, strerror(errno));
	follow_close(s);
	return -1;
}

/* What stands before the offset. A gzip has to be read up to there first. */
static void
go_to(struct follow_source *s, uint64_t offset)
{
	s->head.n = s->tail.n = 0;
	s->read_to = 0;
	s->skip_to = s->gz ? offset : 0;
	if (s->gz || offset == 0)
		return;
	follow_tail_read(&s->tail, s->fd, offset);
	ssize_t n = pread(s->fd, s->head.b, follow_hashed(offset), 0);

	s->head.n = n > 0 ? (size_t)n : 0;
	s->read_to = offset;
}

/* file is NULL: the live one. */
static int
open_file(struct follow_source *s, const struct past_file *file,
    struct stat *st, struct error *err)
{
	return open_regular(
	    s, file ? file->path : s->path, file && file->is_gz, st, err);
}

/* What was opened is read from here on. */
static void
begin_at(struct follow_source *s, const struct past_file *file, uint64_t offset,
    const struct stat *st)
{
	s->opened = str_dup(str_from(file ? file->path : s->path));
	s->is_past = file;
	s->silent_us = s->look_us = s->stuck_us = s->moving_us = 0;
	go_to(s, offset);
	if (s->goal == FOLLOW_START)
		s->place.seen_us = past_changed_us(st) - 1;
	s->place.device = (uint64_t)st->st_dev;
	s->place.inode = (uint64_t)st->st_ino;
	s->is_saved = false;
	if (s->skip_to == 0)
		follow_set_place(s, offset, &s->tail);
}

static int
open_from_start(
    struct follow_source *s, const struct past_file *file, struct error *err)
{
	struct stat st;

	if (open_file(s, file, &st, err) < 0)
		return -1;
	begin_at(s, file, 0, &st);
	return 0;
}

struct choice {
	const struct past_file *file; /* NULL: the live one */
	uint64_t offset;
	bool is_lost; /* the place was not found */
};

static void
choose_place(struct follow_source *s, const struct past *p, struct choice *out)
{
	size_t at = past_find(p, &s->place);

	if (at < p->n) {
		*out = (struct choice){&p->v[at], s->place.offset, false};
		return;
	}
	at = past_next(p, &s->place, at);
	out->file = at < p->n ? &p->v[at] : NULL;
	out->is_lost = s->place.offset > 0;
}

static void
choose_after(struct follow_source *s, const struct past *p, struct choice *out)
{
	size_t at = past_next(p, &s->place, past_find(p, &s->place));

	out->file = at < p->n ? &p->v[at] : NULL;
}

/* One that can't be read must not hold up the younger ones for ever. */
static void
pass_over(struct follow_source *s, const struct follow_sink *sink,
    const struct past_file *file, const struct error *err)
{
	int64_t mono_us = time_mono_us();

	if (s->stuck_us == 0)
		s->stuck_us = mono_us;
	if (mono_us - s->stuck_us < STUCK_US)
		return;
	follow_tell_gap(sink, "%s; it is passed over", err->text);
	s->stuck_us = 0;
	s->goal = FOLLOW_AFTER;
	s->place.device = file->device;
	s->place.inode = file->inode;
	s->place.offset = 0;
	s->place.seen_us = file->changed_us;
}

/* What was begun is finished in the copy; there being none, it ends here. */
static void
settle(struct follow_source *s, const struct follow_sink *sink,
    const struct choice *c)
{
	if (s->goal == FOLLOW_PLACE && !c->is_lost)
		s->n = 0;
	else
		follow_end_line(s, sink);
	s->is_holed = false;
	if (c->is_lost)
		follow_place_leave(&s->place);
	if (c->is_lost && !s->is_cut_off)
		follow_tell_gap(sink,
		    "%s: the file that was read up to byte %llu is gone; what "
		    "it got afterwards was not seen",
		    s->path, (unsigned long long)s->place.offset);
	s->is_cut_off = false;
}

/* Names are asked for one after the other, while who rotates goes on: only what
 * is where it was when it was chosen is read. On a file system where that never
 * happens it is better than nothing. */
static bool
is_moving(struct follow_source *s, const struct follow_sink *sink,
    const struct choice *c, const struct past *p, const struct stat *st)
{
	uint64_t want = c->file ? c->file->inode : p ? p->live : s->place.inode;
	int64_t mono_us = time_mono_us();

	if ((uint64_t)st->st_ino == want &&
	    (!p || (p->is_settled && past_is_still(p, s->path, &s->place))))
		return false;
	if (s->moving_us == 0)
		s->moving_us = mono_us;
	if (mono_us - s->moving_us < STUCK_US)
		return true;
	follow_tell_gap(sink,
	    "%s: its generations are renamed all the time; they may be read "
	    "in another order",
	    s->path);
	return false;
}

static int
open_choice(struct follow_source *s, const struct follow_sink *sink,
    const struct choice *c, const struct past *p, struct error *err)
{
	struct stat st;

	/* In the middle of a rotation there is none: its end is awaited. */
	if (!c->file && stat(s->path, &st) < 0)
		return error_set(err, "%s: %s", s->path, strerror(errno));
	if (c->file && eaccess(c->file->path, R_OK) < 0) {
		error_set(err, "%s: %s", c->file->path, strerror(errno));
		pass_over(s, sink, c->file, err);
		return -1;
	}
	if (open_file(s, c->file, &st, err) < 0)
		return -1;
	if (is_moving(s, sink, c, p, &st)) {
		follow_close(s);
		return 1;
	}
	settle(s, sink, c);
	begin_at(s, c->file, c->offset, &st);
	return 0;
}

static int
open_by_place(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	struct choice c = {0};
	struct stat live;

	if (s->goal == FOLLOW_PLACE && stat(s->path, &live) == 0 &&
	    past_is_live(&s->place, &live)) {
		c.offset = s->place.offset;
		return open_choice(s, sink, &c, NULL, err);
	}
	struct past *p = past_new(s->path, &s->place);

	if (s->goal == FOLLOW_PLACE)
		choose_place(s, p, &c);
	else
		choose_after(s, p, &c);
	int status = open_choice(s, sink, &c, p, err);

	past_free(&p);
	return status;
}

int
follow_open_past(
    struct follow_source *s, const struct past_file *file, struct error *err)
{
	return open_from_start(s, file, err);
}

int
follow_open(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	if (s->is_stdin)
		return open_stdin(s);
	if (s->goal == FOLLOW_START)
		return open_from_start(s, NULL, err);
	follow_source_at(s);
	return open_by_place(s, sink, err);
}

static bool
has_younger(struct follow_source *s)
{
	int64_t mono_us = time_mono_us();
	bool is_found = false;

	if (s->look_us && mono_us - s->look_us < LOOK_US)
		return s->silent_us > 0;
	s->look_us = mono_us;
	follow_source_at(s);
	struct past *p = past_new(s->path, &s->place);

	is_found = p->is_settled
		       ? past_next(p, &s->place, past_find(p, &s->place)) < p->n
		       : s->silent_us > 0;
	past_free(&p);
	return is_found;
}

bool
follow_has_successor(struct follow_source *s)
{
	struct stat path, mine;

	if (s->gz)
		return true;
	if (fstat(s->fd, &mine) < 0 || stat(s->path, &path) < 0)
		return s->is_past && has_younger(s);
	if (path.st_ino == mine.st_ino && path.st_dev == mine.st_dev)
		return false;
	return path.st_size > 0 || has_younger(s);
}

static bool
is_in_its_directory(const char *path, const char *other)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash ? (size_t)(slash - path) + 1 : 0;

	return strncmp(path, other, n) == 0 && !strchr(other + n, '/');
}

static const char *
name_in(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static bool
is_compressed(const char *path)
{
	static const char *const endings[] = {
	    ".gz", ".xz", ".zst", ".bz2", ".lz4"};

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		if (str_ends(str_from(path), str_from(endings[i])))
			return true;
	}
	return false;
}

enum follow_kin
follow_source_kin(struct follow_source *s, const char *path)
{
	struct stat st;

	if (is_compressed(path) ||
	    (is_in_its_directory(s->path, path) &&
		past_is_name(name_in(s->path), name_in(path))))
		return FOLLOW_PAST;
	if (s->place.path.n == 0 || s->journal || stat(path, &st) < 0 ||
	    !S_ISREG(st.st_mode))
		return FOLLOW_STRANGER;
	follow_source_at(s);
	struct follow_place here = s->place;

	here.path = str_from(path);
	if (s->goal != FOLLOW_AFTER && here.offset >= SURE &&
	    past_is_live(&here, &st))
		return FOLLOW_SAME;
	return follow_place_knows(&s->place, path, SURE) ? FOLLOW_READ
							 : FOLLOW_STRANGER;
}

void
follow_source_pass(struct follow_source *s)
{
	struct stat st;

	if (open_regular(s, s->path, false, &st, NULL) < 0)
		return;
	go_to(s, (uint64_t)st.st_size);
	s->place.device = (uint64_t)st.st_dev;
	s->place.inode = (uint64_t)st.st_ino;
	s->place.seen_us = past_changed_us(&st);
	follow_set_place(s, s->read_to, &s->tail);
	follow_source_at(s);
	follow_close(s);
	s->goal = FOLLOW_PLACE;
}
