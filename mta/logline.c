/* logline - the frame of a syslog line */
#include "mta/logline.h"

#include "base/str_near.h"
#include "base/time.h"
#include "mta/logdate.h"

void
logline_clock_init(struct logline_clock *clock, int64_t now)
{
	*clock = (struct logline_clock){
	    .now = now, .last_us = INT64_MIN, .same_n = SIZE_MAX};
}

void
logline_like_set(struct logline_like *like, const char *p, size_t n)
{
	char ones[LOGLINE_LIKE];

	memset(like, 0, sizeof(*like));
	memcpy(like->text, p, n);
	memset(ones, 0xff, sizeof(ones));
	memcpy(like->mask, ones, n);
}

static inline bool
is_digit(char c)
{
	return (unsigned char)(c - '0') < 10;
}

/* "<22>"; *is_5424 when a version follows: "<22>1 ". */
static const char *
skip_priority(const char *p, const char *e, bool *is_5424)
{
	const char *start = p++;

	while (p < e && is_digit(*p) && p - start < 4)
		p++;
	if (p == e || *p != '>' || p - start < 2)
		return start;
	p++;
	if (e - p > 2 && p[0] == '1' && p[1] == ' ') {
		*is_5424 = true;
		p += 2;
	}
	return p;
}

static inline const char *
skip_blanks(const char *p, const char *e)
{
	while (p < e && *p == ' ')
		p++;
	return p;
}

/* The next word; p behind the blank that ends it. */
static inline struct str
take_word(const char **pp, const char *e)
{
	const char *p = skip_blanks(*pp, e);
	const char *blank = p < e ? memchr(p, ' ', (size_t)(e - p)) : NULL;
	const char *end = blank ? blank : e;

	*pp = blank ? blank + 1 : e;
	return str_make(p, (size_t)(end - p));
}

uint32_t
logline_pid(const struct logline *l)
{
	uint32_t pid = 0;

	if (l->pid.n > 9)
		return 0;
	for (size_t i = 0; i < l->pid.n; i++) {
		if (!is_digit(l->pid.p[i]))
			return 0;
		pid = pid * 10 + (uint32_t)(l->pid.p[i] - '0');
	}
	return pid;
}

/* The components of "postfix/submission/smtpd". */
static inline void
put_tag(struct logline *out, const char *p, const char *first, const char *last,
    const char *e)
{
	out->tag = str_make(p, (size_t)(e - p));
	out->instance = str_make(p, (size_t)((first ? first : e) - p));
	out->program =
	    last ? str_make(last + 1, (size_t)(e - last - 1)) : out->tag;
}

/* "[123]": p behind it; false: it has no end. */
static inline bool
take_pid(struct logline *out, const char **pp, const char *e)
{
	const char *p = *pp + 1, *close = str_near(p, e, ']');

	if (!close)
		return false;
	out->pid = str_make(p, (size_t)(close - p));
	*pp = close + 1;
	return true;
}

/* Behind the tag. */
static inline bool
take_text(struct logline *out, const char *p, const char *e)
{
	out->pid = str_make(p, 0);
	if (*p == '[' && !take_pid(out, &p, e))
		return false;
	if (p < e && *p == ':')
		p++;
	if (p < e && *p == ' ')
		p = skip_blanks(p + 1, e);
	out->text = str_make(p, (size_t)(e - p));
	return true;
}

/* "postfix/smtpd[123]: text" */
static bool
take_new_tag(struct logline *out, const char *p, const char *e)
{
	enum { NAME, SLASH, END };
	static const uint8_t kind_of[256] = {
	    ['/'] = SLASH, ['['] = END, [':'] = END, [' '] = END};
	const char *start = p, *first = NULL, *last = NULL;

	for (; p < e; p++) {
		uint8_t kind = kind_of[(uint8_t)*p];

		if (kind == NAME)
			continue;
		if (kind == END)
			break;
		first = first ? first : p;
		last = p;
	}
	if (p == start || p == e)
		return false;
	put_tag(out, start, first, last, p);
	return take_text(out, p, e);
}

/* Where a tag is kept: by five bytes, so that "smtp[" isn't "smtpd"; of most
 * tags those behind "postfix/". */
static inline struct logline_tag *
find_tag(struct logline_clock *clock, const char *p)
{
	uint32_t four;

	p += memcmp(p, "postfix/", 8) == 0 ? 8 : 0;
	memcpy(&four, p, sizeof(four));
	four = (four ^ (uint32_t)(uint8_t)p[4] << 13) * 0x9e3779b1u;
	return &clock->tags[four >> 16 & (LOGLINE_TAGS - 1)];
}

static void
keep_tag(struct logline_tag *kept, struct logline *l)
{
	size_t n = l->tag.n;

	if (n >= LOGLINE_LIKE || l->tag.p[n] != '[')
		return;
	*kept = (struct logline_tag){
	    .n = (uint8_t)n,
	    .instance_n = (uint8_t)l->instance.n,
	    .program_at = (uint8_t)(l->program.p - l->tag.p),
	};
	logline_like_set(&kept->like, l->tag.p, n + 1);
	l->kept = kept;
}

/* false: it isn't the one that is kept. 32 bytes are read at p. */
static inline bool
take_kept_tag(struct logline *out, struct logline_tag *kept, const char *p)
{
	size_t n = kept->n, at = kept->program_at;

	if (n == 0 || !logline_is_like(&kept->like, p))
		return false;
	out->tag = str_make(p, n);
	out->instance = str_make(p, kept->instance_n);
	out->program = str_make(p + at, n - at);
	out->kept = kept;
	return true;
}

/* Of most lines the tag was seen before. */
static inline bool
take_tag(struct logline_clock *clock, struct logline *out, const char *p,
    const char *e)
{
	if ((size_t)(e - p) <= LOGLINE_LIKE)
		return take_new_tag(out, skip_blanks(p, e), e);
	struct logline_tag *kept = find_tag(clock, p);

	if (take_kept_tag(out, kept, p))
		return take_text(out, p + kept->n, e);
	if (!take_new_tag(out, skip_blanks(p, e), e))
		return false;
	keep_tag(kept, out);
	return true;
}

/* Solaris: "[ID 197553 mail.info] text" */
static inline void
skip_message_id(struct logline *out)
{
	if (out->text.n > 4 && memcmp(out->text.p, "[ID ", 4) == 0) {
		const char *e = out->text.p + out->text.n;
		const char *close = memchr(out->text.p, ']', out->text.n);
		const char *p = close ? skip_blanks(close + 1, e) : e;

		if (close)
			out->text = str_make(p, (size_t)(e - p));
	}
}

/* "- " or "[id name="value"][...] " */
static const char *
skip_structured_data(const char *p, const char *e)
{
	if (p < e && *p == '-')
		return p + 1;
	while (p < e && *p == '[') {
		bool is_quoted = false;

		for (p++; p < e && (is_quoted || *p != ']'); p++) {
			if (*p == '"')
				is_quoted = !is_quoted;
			else if (*p == '\\' && is_quoted && p + 1 < e)
				p++;
		}
		p += p < e;
	}
	return p;
}

/* "host postfix/smtpd 123 - - text" */
static bool
take_5424(struct logline *out, const char *p, const char *e)
{
	static const char bom[] = "\xEF\xBB\xBF";
	const char *slash;

	out->host = take_word(&p, e);
	out->tag = take_word(&p, e);
	out->pid = take_word(&p, e);
	if (out->tag.n == 0 || take_word(&p, e).n == 0)
		return false;
	slash = memchr(out->tag.p, '/', out->tag.n);
	put_tag(out, out->tag.p, slash,
	    slash ? memrchr(out->tag.p, '/', out->tag.n) : NULL,
	    out->tag.p + out->tag.n);
	p = skip_structured_data(skip_blanks(p, e), e);
	p = skip_blanks(p, e);
	if (e - p >= 3 && memcmp(p, bom, 3) == 0)
		p = skip_blanks(p + 3, e);
	out->text = str_make(p, (size_t)(e - p));
	return true;
}

/* "postfix/smtpd[123]: text" behind the host. */
static inline bool
take_message(struct logline_clock *clock, struct logline *out, const char *p,
    const char *e)
{
	if (!take_tag(clock, out, p, e))
		return false;
	if (out->text.n > 0 && out->text.p[0] == '[')
		skip_message_id(out);
	return true;
}

/* "host postfix/smtpd[123]: text"; FreeBSD puts "<mail.info> " before it, and
 * some forward lines without a host. */
static bool
take_3164(struct logline_clock *clock, struct logline *out, const char *p,
    const char *e)
{
	const char *start = p;

	out->host = take_word(&p, e);
	if (out->host.n > 1 && out->host.p[0] == '<') {
		start = p;
		out->host = take_word(&p, e);
	}
	if (out->host.n == 0)
		return false;
	if (out->host.p[out->host.n - 1] == ':' && out->host.n > 1) {
		out->host.n = 0;
		p = start;
	}
	return take_message(clock, out, p, e);
}

static inline bool
is_line_end(char c)
{
	return (unsigned char)c <= ' ' &&
	       (c == '\r' || c == '\n' || c == '\0' || c == ' ');
}

/* Its head isn't like that of the line before. */
static bool
take_new(struct logline_clock *clock, const char *p, const char *e,
    bool is_5424, struct logline *out)
{
	const char *start = p;

	clock->head_n = 0;
	clock->same_n = SIZE_MAX;
	if (!logdate_take(clock, &p, e, &out->at_us) || p == e || *p != ' ')
		return false;
	if (is_5424)
		return take_5424(out, p, e);
	if (!take_3164(clock, out, p, e))
		return false;
	/* Any other form than "DATE HOST TAG" is rare. */
	if (out->host.n > 0 && out->host.n <= UINT8_MAX &&
	    out->tag.p == out->host.p + out->host.n + 1)
		logdate_keep(clock, start, out->tag.p, out->host);
	return true;
}

/* Behind a kept tag: "[123]: text", the text neither empty nor with a blank or
 * "[ID " before it. */
static inline bool
take_usual_text(struct logline *out, const char *p, const char *e)
{
	const char *pid = p + 1, *close;

	if ((size_t)(e - pid) < 8 + sizeof("]: "))
		return false;
	close = str_near8(pid, ']');
	if (!close || memcmp(close + 1, ": ", 2) != 0 || close[3] == ' ' ||
	    close[3] == '[')
		return false;
	out->pid = str_make(pid, (size_t)(close - pid));
	out->text = str_make(close + 3, (size_t)(e - close - 3));
	return true;
}

/* Most lines: of the same second as the one before, of a program that was seen
 * before. false says nothing; then *out may be written to. */
static inline bool
take_usual(struct logline_clock *clock, struct str line, struct logline *out)
{
	const char *p = line.p, *e = line.p + line.n;

	if (line.n <= clock->same_n || (uint8_t)e[-1] <= ' ' ||
	    !logline_is_like(&clock->same, p))
		return false;
	out->host = str_make(p + clock->host_at, clock->host_n);
	p += clock->head_n;
	struct logline_tag *kept = find_tag(clock, p);

	if (!take_kept_tag(out, kept, p) ||
	    !take_usual_text(out, p + kept->n, e))
		return false;
	out->at_us = clock->last_us = clock->same_us;
	out->id_hash = 0;
	return true;
}

__attribute__((noinline)) static bool
take_any(struct logline_clock *clock, struct str line, struct logline *out)
{
	const char *p = line.p, *e = line.p + line.n;
	bool is_5424 = false;
	bool is_ok;

	out->id_hash = 0;
	out->kept = NULL;
	while (p < e && *p == '\0')
		p++;
	while (p < e && is_line_end(e[-1]))
		e--;
	if (p < e && *p == '<')
		p = skip_priority(p, e, &is_5424);
	const char *start = p;

	if (!is_5424 && logdate_take_same(clock, &p, e, &out->at_us)) {
		out->host = str_make(start + clock->host_at, clock->host_n);
		is_ok = take_message(clock, out, p, e);
	} else {
		is_ok = take_new(clock, p, e, is_5424, out);
	}
	if (is_ok)
		clock->last_us = out->at_us;
	return is_ok;
}

bool
logline_parse(struct logline_clock *clock, struct str line, struct logline *out)
{
	return take_usual(clock, line, out) || take_any(clock, line, out);
}
