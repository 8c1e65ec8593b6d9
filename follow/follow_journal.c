/* follow_journal - the systemd journal as a source of lines */
#include "follow/follow_journal.h"

#include <errno.h>
#include <stdlib.h>
#include <systemd/sd-journal.h>

#include "base/time.h"
#include "follow/follow.h"

enum {
	TURN_US = 400,	/* a slice is measured in time: entries are read from */
	TURN_LOOK = 16, /* files that may have to come from the disk */
	RETRY_US = 1000 * 1000,
	CURSOR = 256,
};

struct follow_journal {
	const char *path;
	const struct follow_trust *trust;
	sd_journal *journal; /* NULL: not open */
	bool is_sought, is_behind, is_news;
	int64_t retry_us;
	struct error why; /* of the last attempt to open */
	char cursor[CURSOR];
};

static const struct str prefix = STR_INIT("journal:");

bool
follow_journal_is(struct str path)
{
	return str_is(path, STR("journal")) || str_starts(path, prefix);
}

struct follow_journal *
follow_journal_new(const char *path, const struct follow_trust *trust)
{
	struct follow_journal *j = xalloc(1, sizeof(*j));

	j->path = path;
	j->trust = trust;
	return j;
}

static void
close_journal(struct follow_journal *j)
{
	if (j->journal)
		sd_journal_close(j->journal);
	j->journal = NULL;
	j->is_sought = false;
}

void
follow_journal_free(struct follow_journal **jp)
{
	if (!*jp)
		return;
	close_journal(*jp);
	free(*jp);
	*jp = NULL;
}

static int
open_where(struct follow_journal *j)
{
	const char *where = j->path + prefix.n;

	if (strlen(j->path) <= prefix.n)
		return sd_journal_open(&j->journal, SD_JOURNAL_LOCAL_ONLY);
	if (*where == '/')
		return sd_journal_open_directory(&j->journal, where, 0);
	return sd_journal_open_namespace(
	    &j->journal, where, SD_JOURNAL_LOCAL_ONLY);
}

/* The mail facility is what Postfix and Dovecot use unless told otherwise. The
 * id is that of "Suppressed N messages". */
static int
match(sd_journal *j)
{
	static const char *const any[] = {
	    "SYSLOG_FACILITY=2",
	    "_SYSTEMD_UNIT=postfix@-.service",
	    "_SYSTEMD_UNIT=postfix.service",
	    "_SYSTEMD_UNIT=dovecot.service",
	    "MESSAGE_ID=a596d6fe7bfa4994828e72309e95d61e",
	};

	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
		int r = i > 0 ? sd_journal_add_disjunction(j) : 0;

		if (r >= 0)
			r = sd_journal_add_match(j, any[i], 0);
		if (r < 0)
			return r;
	}
	return sd_journal_set_data_threshold(j, FOLLOW_LINE);
}

/* Without permission to read there is no error, only no files. */
static int
open_journal(struct follow_journal *j, struct error *err)
{
	uint64_t bytes = 0;
	int r = open_where(j);

	if (r >= 0)
		r = match(j->journal);
	if (r >= 0)
		r = sd_journal_get_fd(j->journal);
	if (r >= 0)
		r = sd_journal_get_usage(j->journal, &bytes);
	if (r < 0)
		error_set(err, "%s: %s", j->path, strerror(-r));
	else if (bytes == 0)
		error_set(err,
		    "%s: there is no journal, or none that may be read (is "
		    "outpostd in the group systemd-journal?)",
		    j->path);
	else
		return 0;
	close_journal(j);
	return -1;
}

static int
try_open(struct follow_journal *j, struct error *err)
{
	int64_t mono_us = time_mono_us();

	if (j->retry_us == 0 || mono_us >= j->retry_us) {
		j->retry_us = mono_us + RETRY_US;
		if (open_journal(j, &j->why) == 0)
			return 0;
	}
	*err = j->why;
	return -1;
}

/* "s=...;i=...;b=BOOT;m=...;t=TIME;x=...", numbers in hexadecimal */
static struct str
part_of(struct str cursor, char name)
{
	struct str part;

	while (cursor.n > 0) {
		if (!str_cut(&cursor, ';', &part)) {
			part = cursor;
			cursor.n = 0;
		}
		if (part.n > 2 && part.p[0] == name && part.p[1] == '=')
			return str_skip(part, 2);
	}
	return (struct str){"", 0};
}

int64_t
follow_journal_cursor_us(struct str cursor)
{
	struct str t = part_of(cursor, 't');
	uint64_t us = 0;

	for (size_t i = 0; i < t.n && i < 15; i++) {
		const char *digits = "0123456789abcdef";
		const char *at = strchr(digits, t.p[i]);

		if (!at || t.p[i] == '\0')
			return 0;
		us = us << 4 | (uint64_t)(at - digits);
	}
	return (int64_t)us;
}

/* The same entry in another file: journald moved it from /run to /var. */
static bool
is_same(struct str a, struct str b)
{
	for (const char *name = "bmtx"; *name; name++) {
		if (!str_is(part_of(a, *name), part_of(b, *name)))
			return false;
	}
	return true;
}

static void
note_cursor(struct follow_journal *j)
{
	char *cursor;

	if (sd_journal_get_cursor(j->journal, &cursor) < 0)
		return;
	if (strlen(cursor) < CURSOR)
		strcpy(j->cursor, cursor);
	free(cursor);
}

static bool
is_at_cursor(struct follow_journal *j)
{
	char *cursor;
	bool is_it;

	if (sd_journal_get_cursor(j->journal, &cursor) < 0)
		return false;
	is_it = is_same(str_from(cursor), str_from(j->cursor));
	free(cursor);
	return is_it;
}

static int
seek_time(struct follow_journal *j, const struct follow_sink *sink)
{
	int64_t at_us = follow_journal_cursor_us(str_from(j->cursor));
	char since[64];
	struct text t;

	text_init(&t, since, sizeof(since));
	time_local_text(&t, at_us / TIME_US);
	if (sink->on_gap) {
		struct error why;

		error_set(&why,
		    "%s: the entry that was read last is gone (vacuumed, or "
		    "this is another journal); of what was written after %s "
		    "some may have been missed",
		    j->path, since);
		sink->on_gap(sink->ctx, sink->source, why.text);
	}
	return sd_journal_seek_realtime_usec(j->journal, (uint64_t)at_us + 1);
}

/* To behind the last entry that was read. */
static int
seek(struct follow_journal *j, const struct follow_sink *sink)
{
	int r;

	if (!*j->cursor) {
		int64_t from_us =
		    time_now_us() - FOLLOW_JOURNAL_FIRST * TIME_US;

		return sd_journal_seek_realtime_usec(
		    j->journal, (uint64_t)from_us);
	}
	r = sd_journal_seek_cursor(j->journal, j->cursor);
	if (r < 0)
		return seek_time(j, sink); /* no cursor at all */
	r = sd_journal_next(j->journal);
	if (r < 0 || (r > 0 && is_at_cursor(j)))
		return r;
	return seek_time(j, sink);
}

enum field {
	MESSAGE,
	IDENTIFIER,
	COMM,
	SYSLOG_PID,
	PID,
	UID,
	HOST,
	TRANSPORT,
	SOURCE_TIME,
	FIELDS
};

static const struct str fields[FIELDS] = {
    [MESSAGE] = STR_INIT("MESSAGE="),
    [IDENTIFIER] = STR_INIT("SYSLOG_IDENTIFIER="),
    [COMM] = STR_INIT("_COMM="),
    [SYSLOG_PID] = STR_INIT("SYSLOG_PID="),
    [PID] = STR_INIT("_PID="),
    [UID] = STR_INIT("_UID="),
    [HOST] = STR_INIT("_HOSTNAME="),
    [TRANSPORT] = STR_INIT("_TRANSPORT="),
    [SOURCE_TIME] = STR_INIT("_SOURCE_REALTIME_TIMESTAMP="),
};

/* Copied: the next field may move what this one stands in. */
struct entry {
	struct str field[FIELDS];
	char buf[FOLLOW_LINE + 1024];
	size_t n;
};

static void
keep_field(struct entry *e, struct str data)
{
	for (size_t i = 0; i < FIELDS; i++) {
		if (e->field[i].p || !str_starts(data, fields[i]))
			continue;
		data = str_skip(data, fields[i].n);
		data = str_head(data, i == MESSAGE ? FOLLOW_LINE - 512 : 100);
		if (data.n > sizeof(e->buf) - e->n)
			return;
		memcpy(e->buf + e->n, data.p, data.n);
		e->field[i] = str_make(e->buf + e->n, data.n);
		e->n += data.n;
		return;
	}
}

static void
read_entry(sd_journal *j, struct entry *e)
{
	const void *data;
	size_t n;

	memset(e->field, 0, sizeof(e->field));
	e->n = 0;
	sd_journal_restart_data(j);
	while (sd_journal_enumerate_available_data(j, &data, &n) > 0)
		keep_field(e, str_make(data, n));
}

/* Nobody but journald speaks for journald; what has no user came from a machine
 * that did not say. */
static bool
is_believed(const struct follow_journal *j, const struct entry *e)
{
	const struct follow_trust *trust = j->trust;
	uint64_t uid;

	if (str_starts(e->field[IDENTIFIER], STR("systemd-journal")) &&
	    e->field[TRANSPORT].n > 0)
		return str_is(e->field[TRANSPORT], STR("driver"));
	if (!trust || trust->is_anybody || e->field[UID].n == 0)
		return true;
	if (!str_to_u64(e->field[UID], &uid))
		return false;
	for (size_t i = 0; i < trust->n; i++) {
		if (trust->v[i] == uid)
			return true;
	}
	return false;
}

/* A word of a line's frame. */
static void
put_word(struct text *line, struct str s, const char *other)
{
	size_t n = 0;

	for (size_t i = 0; i < s.n && n < 64; i++) {
		if (s.p[i] <= ' ' || s.p[i] >= 127 || strchr("[]:", s.p[i]))
			continue;
		text_char(line, s.p[i]);
		n++;
	}
	if (n == 0)
		text_add(line, other);
}

static void
put_message(struct text *line, struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] != '\0')
			text_char(line, s.p[i] == '\n' ? ' ' : s.p[i]);
	}
}

static int64_t
time_of(sd_journal *j, const struct entry *e)
{
	uint64_t at_us;

	if (str_to_u64(e->field[SOURCE_TIME], &at_us) ||
	    sd_journal_get_realtime_usec(j, &at_us) >= 0)
		return at_us < INT64_MAX ? (int64_t)at_us : 0;
	return 0;
}

static void
emit(struct follow_journal *j, const struct entry *e,
    const struct follow_sink *sink)
{
	static char buf[FOLLOW_LINE + 1];
	struct str tag = e->field[IDENTIFIER], pid = e->field[SYSLOG_PID];
	struct text line;

	text_init(&line, buf, sizeof(buf));
	time_rfc3339_us(&line, time_of(j->journal, e));
	text_char(&line, ' ');
	put_word(&line, e->field[HOST], "-");
	text_char(&line, ' ');
	put_word(&line, tag.n > 0 ? tag : e->field[COMM], "-");
	pid = pid.n > 0 ? pid : e->field[PID];
	if (pid.n > 0) {
		text_char(&line, '[');
		put_word(&line, pid, "");
		text_char(&line, ']');
	}
	text_add(&line, ": ");
	put_message(&line, e->field[MESSAGE]);
	sink->on_line(sink->ctx, sink->source, text_view(&line));
}

/* 1: there is more, 0: not now. */
static int
read_some(struct follow_journal *j, const struct follow_sink *sink)
{
	static struct entry e;
	int64_t end_us = time_mono_us() + TURN_US;
	unsigned n = 0;
	int r;

	while ((r = sd_journal_next(j->journal)) > 0) {
		read_entry(j->journal, &e);
		if (e.field[MESSAGE].n > 0 && is_believed(j, &e))
			emit(j, &e, sink);
		if (++n % TURN_LOOK == 0 && time_mono_us() > end_us)
			break;
	}
	j->is_news = n > 0;
	if (n > 0)
		note_cursor(j);
	return r;
}

int
follow_journal_read(
    struct follow_journal *j, const struct follow_sink *sink, struct error *err)
{
	int r = 0;

	j->is_news = false;
	if (!j->journal && try_open(j, err) < 0)
		return -1;
	if (!j->is_sought)
		r = seek(j, sink);
	j->is_sought = r >= 0;
	if (r >= 0)
		r = read_some(j, sink);
	j->is_behind = r > 0;
	if (r > 0)
		return 1;
	if (r == 0)
		r = sd_journal_process(j->journal);
	if (r >= 0)
		return r != SD_JOURNAL_NOP;
	error_set(&j->why, "%s: %s", j->path, strerror(-r));
	*err = j->why;
	close_journal(j);
	return -1;
}

int
follow_journal_fd(const struct follow_journal *j)
{
	return j->journal ? sd_journal_get_fd(j->journal) : -1;
}

bool
follow_journal_is_behind(const struct follow_journal *j)
{
	return j->is_behind || !j->is_sought;
}

bool
follow_journal_is_news(const struct follow_journal *j)
{
	return j->is_news;
}

struct str
follow_journal_cursor(const struct follow_journal *j)
{
	return str_from(j->cursor);
}

void
follow_journal_place(struct follow_journal *j, struct str cursor)
{
	if (cursor.n >= CURSOR)
		return;
	memcpy(j->cursor, cursor.p, cursor.n);
	j->cursor[cursor.n] = '\0';
	j->is_sought = false;
}
