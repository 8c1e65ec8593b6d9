/* trace_scan - reads logs for `outpost trace`, twice */
#include "cli/trace_scan.h"

#include <stdlib.h>

#include "base/gz.h"
#include "base/map.h"

enum {
	BLOCK = 1 << 20,
	HEAD_MAX = 300,	     /* how far a line's tag may reach */
	REFUSALS_MAX = 2000, /* the newest */
	SESSIONS = 4096,
};

/* What a process of smtpd said last before its proxy took over. */
struct session {
	char key[16];
	size_t n;
	char line[1024];
};

struct trace_scan {
	const struct trace_query *query;
	struct trace_ids *ids;
	struct stories *stories;
	struct logline_clock clock;
	struct trace_seen seen;
	char *buf;
	/* Refusals that fulfil a criterion, in each reading. */
	uint64_t n_refusals, at_refusal;
	uint32_t found_sessions[SESSIONS]; /* by hash of the process id */
	struct session *sessions;
};

struct trace_scan *
trace_scan_new(const struct trace_query *q, struct trace_ids *ids)
{
	struct trace_scan *s = xalloc(1, sizeof(*s));

	s->query = q;
	s->ids = ids;
	s->buf = xalloc(BLOCK, 1);
	return s;
}

void
trace_scan_free(struct trace_scan **sp)
{
	if (!*sp)
		return;
	free((*sp)->buf);
	free((*sp)->sessions);
	free(*sp);
	*sp = NULL;
}

void
trace_scan_seen(const struct trace_scan *s, struct trace_seen *out)
{
	*out = s->seen;
}

static size_t
id_length(const char *p, const char *end)
{
	const char *from = p;

	while (p < end && ((*p >= '0' && *p <= '9') ||
			      ((*p | 0x20) >= 'a' && (*p | 0x20) <= 'z')))
		p++;
	return (size_t)(p - from);
}

/* What stands behind the tag; the process id before it. */
static struct str
text_of(struct str line, struct str *pid)
{
	size_t n = line.n < HEAD_MAX ? line.n : HEAD_MAX;
	const char *p = memmem(line.p, n, "]: ", 3);

	*pid = str_make("", 0);
	if (!p) {
		p = memmem(line.p, n, ": ", 2);
		return p ? str_skip(line, (size_t)(p - line.p) + 2)
			 : str_make("", 0);
	}
	const char *open = memrchr(line.p, '[', (size_t)(p - line.p));

	if (open)
		*pid = str_make(open + 1, (size_t)(p - open) - 1);
	return str_skip(line, (size_t)(p - line.p) + 3);
}

/* The queue id that the text begins with; empty: none. */
static struct str
id_of(struct str text)
{
	size_t n = id_length(text.p, text.p + text.n);

	if (n < 5 || n > 24 || n + 1 >= text.n || text.p[n] != ':' ||
	    memcmp(text.p, "NOQUEUE", 7) == 0)
		return str_make("", 0);
	if (n == 7 && memcmp(text.p, "warning", 7) == 0)
		return id_of(str_skip(text, 9));
	return str_make(text.p, n);
}

static struct str
line_at(struct str block, const char *p)
{
	const char *end = block.p + block.n;
	const char *begin = memrchr(block.p, '\n', (size_t)(p - block.p));
	const char *newline = memchr(p, '\n', (size_t)(end - p));

	begin = begin ? begin + 1 : block.p;
	return str_make(begin, (size_t)((newline ? newline : end) - begin));
}

static bool
parse(struct trace_scan *s, struct str whole, struct logline *line,
    struct postfix_line *p)
{
	if (!logline_parse(&s->clock, whole, line))
		return false;
	postfix_parse(line, p);
	return true;
}

static void
find_line(struct trace_scan *s, size_t i, struct str whole)
{
	struct logline line;
	struct postfix_line p;

	if (!parse(s, whole, &line, &p) ||
	    !(trace_match(s->query, &line, &p) & 1u << i))
		return;
	if (p.queue_id.n > 0)
		trace_ids_found(s->ids, i, p.queue_id);
	else if (p.kind == LINE_REJECT)
		s->n_refusals++;
	else
		s->found_sessions[trace_id_hash(line.pid) % SESSIONS] |= 1u
									 << i;
}

static void
find_needle(struct trace_scan *s, size_t i, struct str needle, struct str block)
{
	bool is_nocase = s->query->v[i].is_nocase;
	const char *p = block.p, *end = block.p + block.n;

	while ((p = trace_needle_find(needle, is_nocase, p, end))) {
		struct str line = line_at(block, p);

		find_line(s, i, line);
		p = line.p + line.n;
	}
}

static void
find_needles(struct trace_scan *s, struct str block)
{
	for (size_t i = 0; i < s->query->n; i++) {
		const struct trace_criterion *c = &s->query->v[i];

		find_needle(s, i, c->needle, block);
		find_needle(s, i, c->other, block);
	}
}

static const struct marker {
	struct str text;
	bool is_back; /* the id behind it comes before the line's */
} markers[] = {
    {STR_INIT("queued as "), false},
    {STR_INIT("forwarded as "), false},
    {STR_INIT(" notification: "), false},
    {STR_INIT("orig_queue_id="), true},
    {STR_INIT(" orig_id="), true},
};

/* "proxy-accept: ... queued as ID" of a session that was found. */
static void
find_proxied(
    struct trace_scan *s, struct str pid, struct str text, struct str id)
{
	uint32_t found = s->found_sessions[trace_id_hash(pid) % SESSIONS];

	if (!found || text.n == 0 || (text.p[0] != 'p' && text.p[0] != 'N'))
		return;
	for (size_t i = 0; i < s->query->n; i++) {
		if (found & 1u << i)
			trace_ids_found(s->ids, i, id);
	}
}

static void
find_marker(struct trace_scan *s, const struct marker *m, struct str block)
{
	const char *end = block.p + block.n, *p = block.p;

	while (p < end &&
	       (p = memmem(p, (size_t)(end - p), m->text.p, m->text.n))) {
		struct str line = line_at(block, p), pid;
		struct str id, text = text_of(line, &pid);

		p += m->text.n;
		id = str_make(p, id_length(p, end));
		struct str own = id_of(text);

		if (id.n < 5 || id.n > 24)
			continue;
		if (own.n == 0)
			find_proxied(s, pid, text, id);
		else if (m->is_back)
			trace_ids_link(s->ids, id, own);
		else
			trace_ids_link(s->ids, own, id);
	}
}

static void
find_ids(struct trace_scan *s, struct str block)
{
	find_needles(s, block);
	for (size_t i = 0; i < sizeof(markers) / sizeof(markers[0]); i++)
		find_marker(s, &markers[i], block);
}

static void
keep(struct trace_scan *s, struct str whole)
{
	struct logline line;
	struct postfix_line p;

	if (!parse(s, whole, &line, &p))
		return;
	if (!stories_add(
		s->stories, whole, &line, &p, trace_match(s->query, &line, &p)))
		s->seen.lines_left++;
}

static struct session *
session_of(struct trace_scan *s, struct str pid)
{
	if (!s->sessions)
		s->sessions = xalloc(SESSIONS, sizeof(*s->sessions));
	return &s->sessions[trace_id_hash(pid) % SESSIONS];
}

static void
keep_session(struct trace_scan *s, struct str pid, struct str whole)
{
	struct session *session = session_of(s, pid);

	if (whole.n > sizeof(session->line) || pid.n >= sizeof(session->key))
		return;
	memcpy(session->key, pid.p, pid.n);
	session->key[pid.n] = '\0';
	memcpy(session->line, whole.p, whole.n);
	session->n = whole.n;
}

/* With what its process said before. */
static void
keep_proxied(
    struct trace_scan *s, struct str pid, struct str text, struct str whole)
{
	struct session *session = session_of(s, pid);
	const char *p = memmem(text.p, text.n, "queued as ", 10);
	const char *end = text.p + text.n;

	if (!p ||
	    !trace_ids_has(s->ids, str_make(p + 10, id_length(p + 10, end))))
		return;
	if (session->n > 0 && str_is(str_from(session->key), pid))
		keep(s, str_make(session->line, session->n));
	session->n = 0;
	keep(s, whole);
}

static bool
has_needle(const struct trace_query *q, struct str line)
{
	for (size_t i = 0; i < q->n; i++) {
		if (trace_needle_find(q->v[i].needle, q->v[i].is_nocase, line.p,
			line.p + line.n))
			return true;
	}
	return false;
}

static void
keep_refusal(struct trace_scan *s, struct str whole)
{
	struct logline line;
	struct postfix_line p;

	if (!has_needle(s->query, whole) || !parse(s, whole, &line, &p) ||
	    p.kind != LINE_REJECT || !trace_match(s->query, &line, &p))
		return;
	if (++s->at_refusal + REFUSALS_MAX <= s->n_refusals)
		return;
	keep(s, whole);
}

static void
keep_line(struct trace_scan *s, struct str whole)
{
	struct str pid, text = text_of(whole, &pid), id = id_of(text);

	if (id.n > 0) {
		if (trace_ids_has(s->ids, id))
			keep(s, whole);
	} else if (text.n > 8 && memcmp(text.p, "NOQUEUE:", 8) == 0) {
		text = str_trim(str_skip(text, 8));
		if (str_starts(text, STR("client=")))
			keep_session(s, pid, whole);
		else if (str_starts(text, STR("proxy-accept")))
			keep_proxied(s, pid, text, whole);
		else
			keep_refusal(s, whole);
	} else if (str_starts(text, STR("proxy-accept"))) {
		keep_proxied(s, pid, text, whole);
	}
}

static void
keep_lines(struct trace_scan *s, struct str block)
{
	const char *p = block.p, *end = block.p + block.n, *newline;

	for (; p < end; p = newline + 1) {
		newline = memchr(p, '\n', (size_t)(end - p));
		if (!newline)
			newline = end;
		keep_line(s, str_make(p, (size_t)(newline - p)));
	}
}

/* The block's own time, of its first and its last line. */
static void
note_span(struct trace_scan *s, struct str block, bool is_first)
{
	const char *p = is_first ? block.p : block.p + block.n - 1;
	struct logline line;

	if (block.n == 0)
		return;
	if (!is_first && *p == '\n' && p > block.p)
		p--;
	if (!logline_parse(&s->clock, line_at(block, p), &line))
		return;
	if (s->seen.first_us == 0 || line.at_us < s->seen.first_us)
		s->seen.first_us = line.at_us;
	if (line.at_us > s->seen.last_us)
		s->seen.last_us = line.at_us;
}

static void
on_block(struct trace_scan *s, struct str block)
{
	if (s->stories) {
		keep_lines(s, block);
		return;
	}
	s->seen.bytes += block.n;
	note_span(s, block, true);
	find_ids(s, block);
	note_span(s, block, false);
}

/* Whole lines at a time; what is longer than a block is cut. */
static int
read_blocks(struct trace_scan *s, struct gz *g, struct error *err)
{
	size_t kept = 0;
	ssize_t n;

	while ((n = gz_read(g, s->buf + kept, BLOCK - kept, err)) > 0) {
		size_t got = kept + (size_t)n;
		const char *last = memrchr(s->buf, '\n', got);
		size_t whole = last	      ? (size_t)(last - s->buf) + 1
			       : got == BLOCK ? got
					      : 0;

		on_block(s, str_make(s->buf, whole));
		kept = got - whole;
		memmove(s->buf, s->buf + whole, kept);
	}
	on_block(s, str_make(s->buf, kept));
	return n < 0 ? -1 : 0;
}

int
trace_scan_file(struct trace_scan *s, const char *path, int64_t end,
    struct stories *stories, struct error *err)
{
	struct gz *g = gz_open(path, err);

	if (!g)
		return -1;
	s->stories = stories;
	logline_clock_init(&s->clock, end);
	int status = read_blocks(s, g, err);

	gz_close(&g);
	return status;
}
