/* follow_source - one log: the file that is open, the position in it, and the
 * unfinished line */
#include "follow/follow_source.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time.h"
#include "follow/follow.h"
#include "follow/follow_journal.h"
#include "follow/follow_parts.h"
#include "follow/follow_past.h"

/* The old file is left when it was silent for so long after its successor got
 * its first bytes: a daemon that has not yet reopened still writes to it. One
 * that was silent for longer when it was opened needs no waiting. */
enum { LEAVE_AFTER_US = 1000 * 1000, LONG_SILENT_US = 2 * LEAVE_AFTER_US };
enum { LOOK = 8, FORWARD = FOLLOW_SLICE / 4 };

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
	follow_close(s);
	follow_journal_free(&s->journal);
	free(s->path);
	free(s->buf);
}

void
follow_tell_gap(const struct follow_sink *sink, const char *fmt, ...)
{
	struct error why;
	va_list ap;

	if (!sink->on_gap)
		return;
	va_start(ap, fmt);
	vsnprintf(why.text, sizeof(why.text), fmt, ap);
	va_end(ap);
	sink->on_gap(sink->ctx, sink->source, why.text);
}

void
follow_set_place(
    struct follow_source *s, uint64_t offset, const struct follow_bytes *before)
{
	s->place.path = str_from(s->path);
	s->place.offset = offset;
	s->place_tail = *before;
	s->is_saved = s->is_sealed = false;
}

const struct follow_place *
follow_source_at(struct follow_source *s)
{
	struct follow_place *p = &s->place;

	if (s->is_sealed)
		return p;
	p->hash = follow_hash(&s->place_tail, s->place_tail.n);
	p->head = follow_hash(&s->head, follow_hashed(p->offset));
	s->is_sealed = true;
	return p;
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

void
follow_end_line(struct follow_source *s, const struct follow_sink *sink)
{
	emit(sink, str_make(s->buf, s->n));
	s->n = 0;
	s->is_holed = false;
}

/* The n-th line was handed on: is there no time for the next? The clock is
 * asked now and then. */
static bool
is_over(const struct follow_sink *sink, unsigned n)
{
	return sink->until_us != 0 && n % LOOK == 0 &&
	       time_cpu_us() >= sink->until_us;
}

/* How much of the chunk was taken: whole lines of it when time ran out. */
static size_t
split(struct follow_source *s, const struct follow_sink *sink, struct str chunk)
{
	bool has_hole = memchr(chunk.p, '\0', chunk.n);
	struct str rest = chunk, line;
	unsigned n_lines = 0;

	while (str_cut(&rest, '\n', &line)) {
		if (s->n == 0 && line.n <= FOLLOW_LINE && !has_hole) {
			s->is_holed = false;
			emit(sink, line);
		} else {
			keep(s, line);
			follow_end_line(s, sink);
		}
		if (is_over(sink, ++n_lines)) {
			chunk.n -= rest.n;
			rest.n = 0;
		}
	}
	keep(s, rest);
	if (rest.n < chunk.n) {
		struct follow_bytes before = s->tail;
		size_t n = chunk.n - rest.n;

		follow_tail_add(&before, str_head(chunk, n));
		follow_set_place(s, s->read_to + n, &before);
	}
	follow_head_add(&s->head, chunk);
	follow_tail_add(&s->tail, chunk);
	s->read_to += chunk.n;
	return chunk.n;
}

/* What stands without a newline will get none any more. */
static void
leave(struct follow_source *s, const struct follow_sink *sink)
{
	follow_end_line(s, sink);
	follow_set_place(s, s->read_to, &s->tail);
	follow_source_at(s);
	follow_place_leave(&s->place);
	follow_close(s);
	s->goal = FOLLOW_AFTER;
}

/* All of it was read: so far it is known by its time, too. */
static void
note_seen(struct follow_source *s)
{
	struct stat st;
	int status = s->gz ? stat(s->opened, &st) : fstat(s->fd, &st);

	if (status < 0 || (!s->gz && (uint64_t)st.st_size != s->read_to) ||
	    s->place.seen_us == past_changed_us(&st))
		return;
	s->place.seen_us = past_changed_us(&st);
	s->is_saved = false;
}

/* An old file, found when nobody wrote to it any more. */
static bool
is_long_silent(const struct follow_source *s)
{
	return s->is_past && time_now_us() - s->place.seen_us > LONG_SILENT_US;
}

/* 1: there is something to read at once. */
static int
at_end(struct follow_source *s, const struct follow_sink *sink)
{
	int64_t mono_us = time_mono_us();

	note_seen(s);
	if (!follow_has_successor(s)) {
		s->silent_us = 0;
		return 0;
	}
	if (s->silent_us == 0)
		s->silent_us = mono_us;
	if (mono_us - s->silent_us < LEAVE_AFTER_US && !s->gz &&
	    !is_long_silent(s))
		return 0;
	leave(s, sink);
	return 1;
}

static int
end_stdin(struct follow_source *s, const struct follow_sink *sink)
{
	s->is_ended = true;
	follow_end_line(s, sink);
	return 0;
}

/* The file is shorter, or has other bytes, than what was read: copytruncate.
 * The rest of that is in the copy, if there is one. */
static int
start_again(struct follow_source *s, const struct follow_sink *sink)
{
	if (s->is_past) {
		follow_tell_gap(
		    sink, "%s: was changed while it was read", s->opened);
		leave(s, sink);
		return 1;
	}
	s->is_cut_off = s->is_at_end;
	follow_source_at(s);
	follow_close(s);
	s->goal = FOLLOW_PLACE;
	return 1;
}

/* The file is kept open: its place is known, and the trouble may pass. */
static int
fail_read(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	error_set(err, "%s: %s", s->path, strerror(errno));
	if (errno == ESTALE || follow_has_successor(s))
		leave(s, sink);
	return -1;
}

static int
take(struct follow_source *s, const struct follow_sink *sink, struct str chunk,
    bool is_all)
{
	s->silent_us = 0;
	s->line_us = time_now_us();
	if (split(s, sink, chunk) < chunk.n)
		is_all = false;
	s->is_at_end = is_all;
	if (is_all)
		note_seen(s);
	return !is_all || s->is_past; /* what follows it may be there */
}

/* What can't be read again is taken whole, in smaller slices. */
static struct follow_sink
without_end(const struct follow_sink *sink)
{
	struct follow_sink all = *sink;

	all.until_us = 0;
	return all;
}

static int
read_stdin(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	const struct follow_sink all = without_end(sink);
	static char buf[FORWARD];
	ssize_t n = read(s->fd, buf, sizeof(buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return error_set(err, "%s: %s", s->path, strerror(errno));
	if (n == 0)
		return end_stdin(s, sink);
	s->line_us = time_now_us();
	split(s, &all, str_make(buf, (size_t)n));
	return (size_t)n == sizeof(buf);
}

static int
read_plain(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	static char buf[FOLLOW_HASHED + FOLLOW_SLICE];
	size_t known = s->tail.n;
	ssize_t n = pread(
	    s->fd, buf, known + FOLLOW_SLICE, (off_t)(s->read_to - known));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n < 0)
		return fail_read(s, sink, err);
	if ((size_t)n < known || memcmp(buf, s->tail.b, known) != 0)
		return start_again(s, sink);
	if ((size_t)n == known) {
		s->is_at_end = true;
		return at_end(s, sink);
	}
	return take(s, sink, str_make(buf + known, (size_t)n - known),
	    (size_t)n < known + FOLLOW_SLICE);
}

/* The part that was read before it was compressed. */
static void
skip(struct follow_source *s, const struct follow_sink *sink, struct str chunk)
{
	follow_head_add(&s->head, chunk);
	follow_tail_add(&s->tail, chunk);
	s->read_to += chunk.n;
	if (s->read_to < s->skip_to)
		return;
	s->skip_to = 0;
	if (follow_hash(&s->tail, s->tail.n) != s->place.hash)
		follow_tell_gap(
		    sink, "%s: is not what was read before", s->opened);
	follow_set_place(s, s->read_to, &s->tail);
}

static int
read_gz(struct follow_source *s, const struct follow_sink *sink)
{
	const struct follow_sink all = without_end(sink);
	static char buf[FORWARD];
	uint64_t left = s->skip_to > 0 ? s->skip_to - s->read_to : sizeof(buf);
	struct error why;
	ssize_t n = gz_read(
	    s->gz, buf, left < sizeof(buf) ? (size_t)left : sizeof(buf), &why);

	if (n < 0) {
		follow_tell_gap(sink, "%s", why.text);
		leave(s, sink);
	} else if (n == 0) {
		at_end(s, sink);
	} else if (s->skip_to > 0) {
		skip(s, sink, str_make(buf, (size_t)n));
	} else {
		take(s, &all, str_make(buf, (size_t)n), false);
	}
	return 1;
}

static int
read_journal(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	int more = follow_journal_read(s->journal, sink, err);
	struct str cursor = follow_journal_cursor(s->journal);

	if (cursor.n > 0 && follow_journal_is_news(s->journal)) {
		s->place.path = str_from(s->path);
		s->place.cursor = cursor;
		s->is_saved = false;
	}
	return more;
}

int
follow_source_read(
    struct follow_source *s, const struct follow_sink *sink, struct error *err)
{
	if (s->is_ended)
		return 0;
	if (s->journal)
		return read_journal(s, sink, err);
	int status = follow_is_open(s) ? 0 : follow_open(s, sink, err);

	if (status != 0)
		return status < 0 ? -1 : 0;
	if (s->is_stdin)
		return read_stdin(s, sink, err);
	return s->gz ? read_gz(s, sink) : read_plain(s, sink, err);
}

void
follow_source_rest(struct follow_source *s, const struct follow_sink *sink)
{
	if (!follow_is_open(s) || s->is_stdin)
		return;
	leave(s, sink);
	follow_source_at(s);
	s->goal = FOLLOW_PLACE;
}

static uint64_t
live_size(const struct follow_source *s)
{
	struct stat st;

	return stat(s->path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* Of an older generation that is to be read first nothing is known yet. */
static uint64_t
unopened_behind(const struct follow_source *s)
{
	uint64_t size = live_size(s), done = s->place.offset;

	return s->goal == FOLLOW_PLACE && done <= size ? size - done : size;
}

uint64_t
follow_source_behind(const struct follow_source *s)
{
	uint64_t done, size;
	struct stat st;

	if (s->is_stdin || s->is_failing)
		return 0;
	if (s->journal)
		return follow_journal_is_behind(s->journal);
	if (s->gz) {
		gz_progress(s->gz, &done, &size);
		return size - (done < size ? done : size) + live_size(s);
	}
	if (s->fd < 0)
		return unopened_behind(s);
	if (fstat(s->fd, &st) < 0 || (uint64_t)st.st_size < s->read_to)
		return 0;
	return (uint64_t)st.st_size - s->read_to +
	       (s->is_past ? live_size(s) : 0);
}

void
follow_source_print(struct follow_source *s, struct text *out)
{
	if (s->is_stdin || s->place.path.n == 0)
		return;
	follow_place_print(follow_source_at(s), out);
	s->is_saved = true;
}

void
follow_source_save(struct follow_source *s, struct text *out)
{
	if (!s->is_saved)
		follow_source_print(s, out);
}

void
follow_source_place(struct follow_source *s, const struct follow_place *p)
{
	s->place = *p;
	s->place.path = str_from(s->path);
	s->place.cursor = (struct str){0};
	if (s->journal && p->cursor.n > 0) {
		follow_journal_place(s->journal, p->cursor);
		s->place.cursor = follow_journal_cursor(s->journal);
	}
	s->is_sealed = true;
	s->goal = FOLLOW_PLACE;
}
