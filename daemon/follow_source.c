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

/* The last bytes of what came before and then of these. */
static void
tail_add(struct follow_tail *t, struct str more)
{
	if (more.n > FOLLOW_HASHED)
		more = str_skip(more, more.n - FOLLOW_HASHED);
	size_t room = FOLLOW_HASHED - more.n;
	size_t kept = t->n < room ? t->n : room;

	memmove(t->b, t->b + t->n - kept, kept);
	memcpy(t->b + kept, more.p, more.n);
	t->n = kept + more.n;
}

/* What the file holds before the offset; false: can't be read. */
static bool
tail_read(struct follow_tail *t, int fd, uint64_t offset)
{
	t->n = offset < FOLLOW_HASHED ? (size_t)offset : FOLLOW_HASHED;
	return pread(fd, t->b, t->n, (off_t)(offset - t->n)) == (ssize_t)t->n;
}

static uint64_t
tail_hash(const struct follow_tail *t)
{
	uint64_t h = 0xcbf29ce484222325u;

	for (size_t i = 0; i < t->n; i++)
		h = (h ^ (unsigned char)t->b[i]) * 0x100000001b3u;
	return h;
}

static void
set_place(
    struct follow_source *s, uint64_t offset, const struct follow_tail *before)
{
	s->place.path = str_from(s->path);
	s->place.offset = offset;
	s->place_tail = *before;
	s->is_saved = false;
}

static void
go_to_start(struct follow_source *s)
{
	s->read_to = 0;
	s->tail.n = 0;
}

/* Where the books say, if this is still that file; else its start. */
static void
go_to_place(struct follow_source *s, const struct stat *st)
{
	if (s->is_placed && s->place.device == (uint64_t)st->st_dev &&
	    s->place.inode == (uint64_t)st->st_ino &&
	    s->place.offset <= (uint64_t)st->st_size &&
	    tail_read(&s->tail, s->fd, s->place.offset) &&
	    tail_hash(&s->tail) == s->place.hash)
		s->read_to = s->place.offset;
	else
		go_to_start(s);
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
open_regular(struct follow_source *s, struct stat *st, struct error *err)
{
	if (stat(s->path, st) < 0)
		return error_set(err, "%s: %s", s->path, strerror(errno));
	if (!S_ISREG(st->st_mode))
		return error_set(err, "%s: is %s", s->path,
		    S_ISDIR(st->st_mode) ? "a directory" : "no regular file");
	s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (s->fd >= 0 && fstat(s->fd, st) == 0)
		return 0;
	error_set(err, "%s: %s", s->path, strerror(errno));
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
	return -1;
}

static int
open_file(struct follow_source *s, struct error *err)
{
	struct stat st;

	if (s->is_stdin)
		return open_stdin(s);
	if (open_regular(s, &st, err) < 0)
		return -1;
	go_to_place(s, &st);
	s->is_placed = false;
	s->is_holed = false;
	s->silent_us = 0;
	s->n = 0;
	s->place.device = (uint64_t)st.st_dev;
	s->place.inode = (uint64_t)st.st_ino;
	set_place(s, s->read_to, &s->tail);
	return 0;
}

static void
emit(const struct follow_sink *sink, struct str line)
{
	if (line.n > 0 && line.p[line.n - 1] == '\r')
		line.n--;
	if (line.n > 0)
		sink->on_line(sink->ctx, sink->source, line);
}

/* Keep the head of a line whose end has not come. What stands before a hole
 * was torn: only what follows it is a line. */
static void
keep(struct follow_source *s, struct str part)
{
	while (part.n > 0) {
		size_t n = strnlen(part.p, part.n);
		size_t room;

		if (n == 0) {
			s->is_holed = true;
			part = str_skip(part, 1);
			continue;
		}
		if (s->is_holed)
			s->n = 0;
		s->is_holed = false;
		room = FOLLOW_LINE - s->n;
		room = n < room ? n : room;
		memcpy(s->buf + s->n, part.p, room);
		s->n += room;
		part = str_skip(part, n);
	}
}

static void
end_line(struct follow_source *s, const struct follow_sink *sink)
{
	emit(sink, str_make(s->buf, s->n));
	s->n = 0;
	s->is_holed = false;
}

static void
split(struct follow_source *s, const struct follow_sink *sink, struct str chunk)
{
	bool has_hole = memchr(chunk.p, '\0', chunk.n);
	struct str rest = chunk, line;

	while (str_cut(&rest, '\n', &line)) {
		if (s->n == 0 && line.n <= FOLLOW_LINE && !has_hole) {
			s->is_holed = false;
			emit(sink, line);
			continue;
		}
		keep(s, line);
		end_line(s, sink);
	}
	keep(s, rest);
	if (rest.n < chunk.n) {
		struct follow_tail before = s->tail;
		size_t n = chunk.n - rest.n;

		tail_add(&before, str_head(chunk, n));
		set_place(s, s->read_to + n, &before);
	}
	tail_add(&s->tail, chunk);
	s->read_to += chunk.n;
}

/* What stands without a newline will get none any more. */
static void
leave(struct follow_source *s, const struct follow_sink *sink)
{
	end_line(s, sink);
	close(s->fd);
	s->fd = -1;
}

/* Has the path another file now, with something in it? */
static bool
is_replaced(const struct follow_source *s)
{
	struct stat path, mine;

	return fstat(s->fd, &mine) == 0 && stat(s->path, &path) == 0 &&
	       path.st_size > 0 &&
	       (path.st_ino != mine.st_ino || path.st_dev != mine.st_dev);
}

/* At the end of what is open. 1: there is something to read at once. */
static int
look_around(struct follow_source *s, const struct follow_sink *sink)
{
	int64_t mono_us = time_mono_us();

	if (!is_replaced(s)) {
		s->silent_us = 0;
		return 0;
	}
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

/* copytruncate: the file is shorter, or has other bytes, than what was read. */
static int
start_again(struct follow_source *s, const struct follow_sink *sink)
{
	end_line(s, sink);
	go_to_start(s);
	set_place(s, 0, &s->tail);
	return 1;
}

/* The file is kept open: its place is known, and the trouble may pass. */
static int
fail_read(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	error_set(err, "%s: %s", s->path, strerror(errno));
	if (errno == ESTALE || is_replaced(s))
		leave(s, sink);
	return -1;
}

int
follow_source_read(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	static char buf[FOLLOW_HASHED + FOLLOW_SLICE];

	if (s->is_ended)
		return 0;
	if (s->fd < 0 && open_file(s, err) < 0)
		return -1;
	size_t known = s->is_stdin ? 0 : s->tail.n;
	ssize_t n = s->is_stdin ? read(s->fd, buf, FOLLOW_SLICE)
				: pread(s->fd, buf, known + FOLLOW_SLICE,
				      (off_t)(s->read_to - known));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return fail_read(s, sink, err);
	if ((size_t)n < known || memcmp(buf, s->tail.b, known) != 0)
		return start_again(s, sink);
	if ((size_t)n == known)
		return at_end(s, sink);
	s->silent_us = 0;
	split(s, sink, str_make(buf + known, (size_t)n - known));
	return (size_t)n == known + FOLLOW_SLICE;
}

void
follow_source_rest(struct follow_source *s, const struct follow_sink *sink)
{
	if (s->fd < 0 || s->is_stdin)
		return;
	set_place(s, s->read_to, &s->tail);
	s->place.hash = tail_hash(&s->tail);
	leave(s, sink);
	s->is_placed = true;
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
	if (!s->is_placed)
		p->hash = tail_hash(&s->place_tail);
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
