/* lmtp - the server's side of LMTP */
#include "fbl/lmtp.h"

static void
say(struct text *out, const char *reply)
{
	text_add(out, reply);
	text_add(out, "\r\n");
}

void
lmtp_init(struct lmtp *l, struct str host, size_t max_bytes, struct text *out)
{
	*l = (struct lmtp){.max_bytes = max_bytes};
	text_grow(&l->line, LMTP_LINE);
	text_grow(&l->data, max_bytes);
	text_printf(out, "220 %.*s LMTP outpostd, for reports\r\n",
	    STR_ARG(str_head(host, 255)));
}

void
lmtp_done(struct lmtp *l)
{
	text_done(&l->line);
	text_done(&l->data);
}

static void
reset(struct lmtp *l)
{
	text_done(&l->data);
	text_grow(&l->data, l->max_bytes);
	l->recipients = 0;
	l->state = LMTP_IDLE;
}

static void
refuse(struct lmtp *l, const char *reply, struct text *out)
{
	if (++l->errors < LMTP_ERRORS) {
		say(out, reply);
		return;
	}
	say(out, "421 4.7.0 too many errors");
	l->state = LMTP_OVER;
}

static void
greet(struct lmtp *l, struct text *out)
{
	reset(l);
	text_printf(out,
	    "250-outpostd\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n"
	    "250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE %zu\r\n",
	    l->max_bytes);
}

/* "FROM:<...> SIZE=..."; of the parameters SIZE is heard. */
static void
take_mail(struct lmtp *l, struct str arg, struct text *out)
{
	ptrdiff_t at = str_find_nocase(arg, STR(" SIZE="));
	struct str size = at < 0 ? STR("") : str_skip(arg, (size_t)at + 6);
	uint64_t bytes = 0;
	struct str word;

	if (str_cut(&size, ' ', &word))
		size = word;
	if (l->state != LMTP_IDLE)
		refuse(l, "503 5.5.1 LHLO first, and one MAIL at a time", out);
	else if (size.n > 0 && str_to_u64(size, &bytes) && bytes > l->max_bytes)
		refuse(l, "552 5.3.4 the message is too large", out);
	else {
		l->state = LMTP_MAIL;
		say(out, "250 2.1.0 ok");
	}
}

static void
take_rcpt(struct lmtp *l, struct text *out)
{
	if (l->state != LMTP_MAIL && l->state != LMTP_RCPT) {
		refuse(l, "503 5.5.1 MAIL first", out);
	} else if (l->recipients >= LMTP_RECIPIENTS) {
		say(out, "452 4.5.3 too many recipients");
	} else {
		l->recipients++;
		l->state = LMTP_RCPT;
		say(out, "250 2.1.5 ok");
	}
}

static void
take_data(struct lmtp *l, struct text *out)
{
	if (l->state != LMTP_RCPT) {
		refuse(l, "503 5.5.1 RCPT first", out);
		return;
	}
	l->state = LMTP_DATA;
	l->at = AT_BEGIN;
	say(out, "354 go on, end with a dot");
}

static bool
is_verb(struct str line, struct str verb, struct str *arg)
{
	if (!str_is_nocase(str_head(line, verb.n), verb))
		return false;
	*arg = str_skip(line, verb.n);
	return arg->n == 0 || *arg->p == ' ';
}

static void
command(struct lmtp *l, struct str line, struct text *out)
{
	struct str arg;

	if (is_verb(line, STR("LHLO"), &arg)) {
		greet(l, out);
	} else if (is_verb(line, STR("MAIL"), &arg)) {
		take_mail(l, arg, out);
	} else if (is_verb(line, STR("RCPT"), &arg)) {
		take_rcpt(l, out);
	} else if (is_verb(line, STR("DATA"), &arg)) {
		take_data(l, out);
	} else if (is_verb(line, STR("RSET"), &arg)) {
		if (l->state != LMTP_NEW)
			reset(l);
		say(out, "250 2.0.0 ok");
	} else if (is_verb(line, STR("NOOP"), &arg)) {
		say(out, "250 2.0.0 ok");
	} else if (is_verb(line, STR("QUIT"), &arg)) {
		say(out, "221 2.0.0 bye");
		l->state = LMTP_OVER;
	} else {
		refuse(l, "500 5.5.1 not an LMTP command here", out);
	}
}

/* Takes a command's bytes; false: it needs more. */
static bool
take_line(struct lmtp *l, struct str *in, struct text *out)
{
	struct str part;
	bool is_whole = str_cut(in, '\n', &part);

	if (!is_whole) {
		part = *in;
		*in = STR("");
	}
	text_str(&l->line, part);
	if (!is_whole)
		return false;
	if (l->line.is_cut)
		refuse(l, "500 5.5.2 the line is too long", out);
	else
		command(l, str_trim(text_view(&l->line)), out);
	text_clear(&l->line);
	return true;
}

/* A byte behind CR, or behind a dot at a line's begin; true: that was the end.
 * Only CR LF . CR LF ends a message: whoever takes a bare LF for an end of line
 * can be made to see two messages in one. */
static bool
take_byte(struct lmtp *l, char c)
{
	bool was_dot_cr = l->at == AT_DOT_CR;

	if (was_dot_cr && c == '\n')
		return true;
	if (l->at == AT_BEGIN && c == '.') {
		l->at = AT_DOT;
		return false;
	}
	if (l->at == AT_DOT && c == '\r') {
		l->at = AT_DOT_CR;
		return false;
	}
	if (was_dot_cr)
		text_char(&l->data, '\r');
	text_char(&l->data, c);
	if (c == '\r')
		l->at = AT_CR;
	else if (c == '\n' && l->at == AT_CR)
		l->at = AT_BEGIN;
	else
		l->at = AT_TEXT;
	return false;
}

/* true: the message is whole. */
static bool
take_text(struct lmtp *l, struct str *in)
{
	while (in->n > 0) {
		if (l->at == AT_TEXT) {
			ptrdiff_t cr = str_find_char(*in, '\r');
			size_t n = cr < 0 ? in->n : (size_t)cr;

			text_bytes(&l->data, in->p, n);
			*in = str_skip(*in, n);
			if (in->n == 0)
				return false;
		}
		char c = *in->p;

		*in = str_skip(*in, 1);
		if (take_byte(l, c))
			return true;
	}
	return false;
}

enum lmtp_turn
lmtp_feed(struct lmtp *l, struct str *in, struct text *out)
{
	while (l->state != LMTP_OVER && in->n > 0) {
		if (l->state == LMTP_ASKED)
			return LMTP_TAKEN;
		if (l->state != LMTP_DATA) {
			if (!take_line(l, in, out))
				return LMTP_MORE;
		} else if (take_text(l, in)) {
			l->state = LMTP_ASKED;
			if (!l->data.is_cut)
				return LMTP_TAKEN;
			lmtp_answer(
			    l, "552 5.3.4 the message is too large", out);
		}
	}
	return l->state == LMTP_OVER ? LMTP_CLOSE : LMTP_MORE;
}

void
lmtp_answer(struct lmtp *l, const char *reply, struct text *out)
{
	for (size_t i = 0; i < l->recipients; i++)
		say(out, reply);
	reset(l);
}
