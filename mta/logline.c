/* logline - the frame of a syslog line */
#include "mta/logline.h"

#include "base/time.h"
#include "mta/logdate.h"

void
logline_clock_init(struct logline_clock *clock, int64_t now)
{
	*clock = (struct logline_clock){.now = now, .last = INT64_MIN};
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

/* "postfix/smtpd[123]: text" */
static inline bool
take_tag(struct logline *out, const char *p, const char *e)
{
	enum { NAME, SLASH, END };
	static const uint8_t kind_of[256] = {
	    ['/'] = SLASH, ['['] = END, [':'] = END, [' '] = END};
	static const char most[] = "postfix/";
	const char *start = p, *first = NULL, *last = NULL;

	if (e - p > 8 && memcmp(p, most, 8) == 0) {
		p += 8;
		first = last = p - 1;
	}
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
	out->pid = str_make(p, 0);
	if (*p == '[') {
		const char *close = memchr(p, ']', (size_t)(e - p));

		if (!close)
			return false;
		out->pid = str_make(p + 1, (size_t)(close - p) - 1);
		p = close + 1;
	}
	if (p < e && *p == ':')
		p++;
	p = skip_blanks(p, e);
	out->text = str_make(p, (size_t)(e - p));
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
take_message(struct logline *out, const char *p, const char *e)
{
	if (!take_tag(out, skip_blanks(p, e), e))
		return false;
	if (out->text.n > 0 && out->text.p[0] == '[')
		skip_message_id(out);
	return true;
}

/* "host postfix/smtpd[123]: text"; FreeBSD puts "<mail.info> " before it, and
 * some forward lines without a host. */
static bool
take_3164(struct logline *out, const char *p, const char *e)
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
	return take_message(out, p, e);
}

/* Busy logs have many lines a second, which all begin alike: "Nov 21 22:40:00
 * host ". What that means was found out once. */
static inline bool
take_same(const struct logline_clock *clock, const char **p, const char *e,
    struct logline *out)
{
	size_t n = clock->same_n;

	if (n == 0 || (size_t)(e - *p) <= n || !str_same(*p, clock->same, n))
		return false;
	out->at_us = clock->same_us;
	out->host = str_make(*p + clock->same_host_at, clock->same_host_n);
	*p += n;
	return true;
}

static void
keep_same(
    struct logline_clock *clock, const char *start, const struct logline *l)
{
	const char *end = l->host.p + l->host.n;

	clock->same_n = 0;
	/* Any other form than "DATE HOST TAG" is rare; with microseconds no two
	 * lines begin alike. */
	if (l->at_us % TIME_US != 0 || l->host.n == 0 || l->tag.p != end + 1 ||
	    (size_t)(end + 1 - start) > sizeof(clock->same))
		return;
	clock->same_n = (uint8_t)(end + 1 - start);
	clock->same_host_at = (uint8_t)(l->host.p - start);
	clock->same_host_n = (uint8_t)l->host.n;
	clock->same_us = l->at_us;
	memcpy(clock->same, start, clock->same_n);
}

static inline bool
is_line_end(char c)
{
	return (unsigned char)c <= ' ' &&
	       (c == '\r' || c == '\n' || c == '\0' || c == ' ');
}

bool
logline_parse(struct logline_clock *clock, struct str line, struct logline *out)
{
	const char *p = line.p, *e = line.p + line.n, *start;
	bool is_5424 = false;
	bool is_ok;

	while (p < e && *p == '\0')
		p++;
	while (p < e && is_line_end(e[-1]))
		e--;
	if (p < e && *p == '<')
		p = skip_priority(p, e, &is_5424);
	start = p;
	if (!is_5424 && take_same(clock, &p, e, out)) {
		is_ok = take_message(out, p, e);
		if (is_ok)
			clock->last = clock->same_us / TIME_US;
		return is_ok;
	}
	if (!logdate_take(clock, &p, e, &out->at_us) || p == e || *p != ' ')
		return false;
	is_ok = is_5424 ? take_5424(out, p, e) : take_3164(out, p, e);
	if (is_ok)
		clock->last = out->at_us / TIME_US;
	if (is_ok && !is_5424)
		keep_same(clock, start, out);
	return is_ok;
}
