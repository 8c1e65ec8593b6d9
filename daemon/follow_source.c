/* follow_source - one log file: its descriptor, position and unfinished line */
#include "daemon/follow_source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "daemon/follow.h"

/* The old file is left when it was silent for so long after its successor got
 * its first bytes: a daemon that has not yet reopened still writes to it. */
enum { LEAVE_AFTER_US = 1000 * 1000 };

void
follow_source_init(struct follow_source *s, struct str path)
{
	*s = (struct follow_source){.path = str_dup(path), .fd = -1};
	s->is_stdin = str_is(path, STR("-"));
	s->buf = xalloc(1, FOLLOW_LINE);
	s->is_saved = true;
}

void
follow_source_done(struct follow_source *s)
{
	if (s->fd >= 0 && !s->is_stdin)
		close(s->fd);
	free(s->path);
	free(s->buf);
}

static void
set_place(struct follow_source *s, uint64_t offset)
{
	s->place.path = str_from(s->path);
	s->place.offset = offset;
	s->is_saved = false;
}

/* The hash of what the file holds before the offset; false: can't be read. */
static bool
hash_before(int fd, uint64_t offset, uint64_t *hash)
{
	unsigned char buf[FOLLOW_HASHED];
	size_t n = offset < FOLLOW_HASHED ? (size_t)offset : FOLLOW_HASHED;
	uint64_t h = 0xcbf29ce484222325u;

	if (pread(fd, buf, n, (off_t)(offset - n)) != (ssize_t)n)
		return false;
	for (size_t i = 0; i < n; i++)
		h = (h ^ buf[i]) * 0x100000001b3u;
	*hash = h;
	return true;
}

/* Where the books say, if this is still that file; else its start. */
static uint64_t
starting_offset(struct follow_source *s, const struct stat *st)
{
	uint64_t hash;

	if (!s->is_placed || s->place.device != (uint64_t)st->st_dev ||
	    s->place.inode != (uint64_t)st->st_ino ||
	    s->place.offset > (uint64_t)st->st_size ||
	    !hash_before(s->fd, s->place.offset, &hash) ||
	    hash != s->place.hash)
		return 0;
	return s->place.offset;
}

static int
open_file(struct follow_source *s, struct error *err)
{
	struct stat st;

	s->fd = s->is_stdin ? STDIN_FILENO
			    : open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd < 0 || fstat(s->fd, &st) < 0)
		return error_set(err, "%s: %s", s->path, strerror(errno));
	if (s->is_stdin) {
		fcntl(s->fd, F_SETFL, fcntl(s->fd, F_GETFL) | O_NONBLOCK);
		return 0;
	}
	if (S_ISDIR(st.st_mode)) {
		close(s->fd);
		s->fd = -1;
		return error_set(err, "%s: is a directory", s->path);
	}
	s->read_to = starting_offset(s, &st);
	s->is_placed = false;
	s->is_skipping = false;
	s->silent_us = 0;
	s->n = 0;
	s->place.device = (uint64_t)st.st_dev;
	s->place.inode = (uint64_t)st.st_ino;
	set_place(s, s->read_to);
	return 0;
}

static struct str
skip_nul(struct str s)
{
	while (s.n > 0 && *s.p == '\0')
		s = str_skip(s, 1);
	return s;
}

static void
emit(struct follow_source *s, const struct follow_sink *sink, struct str line)
{
	bool is_rest_of_cut = s->is_skipping;

	s->is_skipping = false;
	line = skip_nul(line);
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n > 0 && !is_rest_of_cut)
		sink->on_line(sink->ctx, sink->source, line);
}

/* Keep the head of a line whose end has not come. */
static void
keep(struct follow_source *s, const struct follow_sink *sink, struct str part)
{
	if (s->is_skipping)
		return;
	if (s->n == 0)
		part = skip_nul(part);
	size_t room = FOLLOW_LINE - s->n;
	size_t n = part.n < room ? part.n : room;

	if (n > 0)
		memcpy(s->buf + s->n, part.p, n);
	s->n += n;
	if (part.n > room) {
		emit(s, sink, str_make(s->buf, s->n));
		s->n = 0;
		s->is_skipping = true;
	}
}

static void
split(struct follow_source *s, const struct follow_sink *sink, struct str chunk)
{
	struct str rest = chunk, line;

	while (str_cut(&rest, '\n', &line)) {
		if (s->n > 0 || line.n > FOLLOW_LINE) {
			keep(s, sink, line);
			line = str_make(s->buf, s->n);
			s->n = 0;
		}
		emit(s, sink, line);
	}
	keep(s, sink, rest);
	if (rest.n < chunk.n)
		set_place(s, s->read_to + chunk.n - rest.n);
	s->read_to += chunk.n;
}

/* What stands without a newline will get none any more. */
static void
end_line(struct follow_source *s, const struct follow_sink *sink)
{
	if (s->n > 0)
		emit(s, sink, str_make(s->buf, s->n));
	s->n = 0;
	s->is_skipping = false;
}

static void
leave(struct follow_source *s, const struct follow_sink *sink)
{
	end_line(s, sink);
	close(s->fd);
	s->fd = -1;
}

/* At the end of what is open: has the path another file now, or a shorter one?
 * 1: there is something to read at once. */
static int
look_around(struct follow_source *s, const struct follow_sink *sink)
{
	struct stat path, open_st;

	if (fstat(s->fd, &open_st) < 0)
		return 0;
	if ((uint64_t)open_st.st_size < s->read_to) {
		end_line(s, sink);
		s->read_to = 0;
		set_place(s, 0);
		return open_st.st_size > 0;
	}
	if (stat(s->path, &path) < 0 || path.st_size == 0 ||
	    (path.st_ino == open_st.st_ino && path.st_dev == open_st.st_dev)) {
		s->silent_us = 0;
		return 0;
	}
	int64_t mono_us = time_mono_us();

	if (s->silent_us == 0)
		s->silent_us = mono_us;
	if (mono_us - s->silent_us < LEAVE_AFTER_US)
		return 0;
	leave(s, sink);
	return 1;
}

static int
at_end(struct follow_source *s, const struct follow_sink *sink)
{
	if (!s->is_stdin)
		return look_around(s, sink);
	s->is_ended = true;
	end_line(s, sink);
	return 0;
}

int
follow_source_read(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	static char buf[FOLLOW_SLICE];

	if (s->is_ended)
		return 0;
	if (s->fd < 0 && open_file(s, err) < 0)
		return -1;
	ssize_t n = s->is_stdin
			? read(s->fd, buf, sizeof(buf))
			: pread(s->fd, buf, sizeof(buf), (off_t)s->read_to);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0) {
		error_set(err, "%s: %s", s->path, strerror(errno));
		leave(s, sink);
		return -1;
	}
	if (n == 0)
		return at_end(s, sink);
	s->silent_us = 0;
	split(s, sink, str_make(buf, (size_t)n));
	return n == (ssize_t)sizeof(buf);
}

uint64_t
follow_source_behind(const struct follow_source *s)
{
	struct stat st;

	if (s->fd < 0 || s->is_stdin || fstat(s->fd, &st) < 0 ||
	    (uint64_t)st.st_size < s->read_to)
		return 0;
	return (uint64_t)st.st_size - s->read_to;
}

void
follow_source_print(struct follow_source *s, struct text *out)
{
	struct follow_position *p = &s->place;

	if (s->is_stdin || p->path.n == 0)
		return;
	if (s->fd >= 0 && !hash_before(s->fd, p->offset, &p->hash))
		return; /* truncated this moment; the next read finds out */
	text_str(out, p->path);
	text_char(out, '\0');
	text_printf(out, "%llu %llu %llu %llu\n", (unsigned long long)p->device,
	    (unsigned long long)p->inode, (unsigned long long)p->offset,
	    (unsigned long long)p->hash);
	s->is_saved = true;
}

void
follow_source_save(struct follow_source *s, struct text *out)
{
	if (!s->is_saved)
		follow_source_print(s, out);
}

void
follow_source_place(struct follow_source *s, const struct follow_position *p)
{
	s->place = *p;
	s->place.path = str_from(s->path);
	s->is_placed = true;
}

bool
follow_position_take(struct str *in, struct follow_position *out)
{
	struct follow_position p;
	struct str rest = *in, line, word;
	uint64_t *const field[] = {&p.device, &p.inode, &p.offset};

	if (!str_cut(&rest, '\0', &p.path) || !str_cut(&rest, '\n', &line))
		return false;
	for (size_t i = 0; i < 3; i++) {
		if (!str_cut(&line, ' ', &word) || !str_to_u64(word, field[i]))
			return false;
	}
	if (!str_to_u64(line, &p.hash))
		return false;
	*out = p;
	*in = rest;
	return true;
}
