/* postfix_action - what access rules, milters, header checks and the
 * before-queue proxy did
 *
 * "ACTION: WHERE from NAME[IP]: TEXT; from=<S> to=<R> proto=P helo=<H>
 * sasl_method=M sasl_username=U sasl_sender=X" (smtpd; only what is known; a
 * milter's line has sasl_username=<U>), with commas by postscreen;
 * "ACTION: header CONTENT from NAME[IP]; from=<S> ...: TEXT" (cleanup).
 *
 * TEXT may quote the client, S, R, X and CONTENT are its choice (H too, but
 * smtpd takes blanks and brackets out of it). What can be read in two ways is
 * left out.
 */
#include "mta/postfix_parts.h"

enum { CONTENT_MAX = 200, WORD_MAX = 40, CUT_LENGTH = 1000 };

static const uint64_t TAIL_FIELDS = 1ULL << FIELD_FROM | 1ULL << FIELD_TO |
				    1ULL << FIELD_PROTO | 1ULL << FIELD_HELO;

static bool
is_word(struct str s, bool is_upper)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c != '-' && c != '_' && c != '/' &&
		    !(is_upper ? c >= 'A' && c <= 'Z' : c >= 'a' && c <= 'z'))
			return false;
	}
	return s.n > 0 && s.n <= WORD_MAX;
}

static inline bool
is_tail(struct str s)
{
	return str_starts(s, STR(" from=<")) || str_starts(s, STR(" to=<")) ||
	       str_starts(s, STR(" proto=")) || str_starts(s, STR(" helo=<"));
}

/* Cuts s before the "; from=<..." that ends it; false when there is none or
 * more than one. *tail begins with a blank. */
static bool
cut_tail(struct str *s, struct str *tail)
{
	struct str rest = *s, head;
	size_t found = 0, n = 0;

	while (part_cut(&rest, ';', &head))
		if (is_tail(rest) && found++ == 0)
			n = (size_t)(rest.p - s->p);
	if (found == 0) {
		if (s->n > 0 && s->p[s->n - 1] == ';')
			s->n--;
		*tail = str_make("", 0);
		return false;
	}
	*tail = str_skip(*s, n);
	*s = str_head(*s, n - 1);
	return found == 1;
}

static bool
is_once(struct str s, struct str needle)
{
	struct str head;

	return !part_cut_at(&s, needle, &head) ||
	       !part_cut_at(&s, needle, &head);
}

/* What may follow a bracketed value. */
enum { BEFORE_TO = 1, BEFORE_PROTO = 2, BEFORE_SASL = 4, BEFORE_TEXT = 8 };

static bool
is_value_end(struct str behind, unsigned ends)
{
	part_take(&behind, STR(","));
	return behind.n == 0 ||
	       (ends & BEFORE_TO && str_starts(behind, STR(" to=<"))) ||
	       (ends & BEFORE_PROTO && str_starts(behind, STR(" proto="))) ||
	       (ends & BEFORE_SASL && str_starts(behind, STR(" sasl_"))) ||
	       (ends & BEFORE_TEXT && str_starts(behind, STR(": ")));
}

/* Takes "NAME=<VALUE>". */
static bool
take_bracketed(struct postfix_line *l, struct str *s, struct str name,
    enum line_field f, unsigned ends)
{
	struct str v = *s, rest, head;

	if (!part_take(&v, name))
		return false;
	rest = v;
	while (part_cut(&rest, '>', &head)) {
		if (!is_value_end(rest, ends))
			continue;
		part_put(l, f, str_make(v.p, (size_t)(rest.p - v.p) - 1));
		part_take(&rest, STR(","));
		*s = rest;
		return true;
	}
	return false;
}

/* " sasl_method=M sasl_username=U sasl_sender=X", the end of the line. */
static void
take_sasl(struct postfix_line *l, struct str s)
{
	struct str v, head;

	if (part_take(&s, STR(" sasl_username=<"))) {
		if (part_drop(&s, STR(">")))
			part_put(l, FIELD_SASL_USERNAME, s);
		return;
	}
	/* No name that passes a login ends so: rather a HELO's imitation. */
	if (s.n > 0 && s.p[s.n - 1] == '>' &&
	    !memmem(s.p, s.n, " sasl_sender=", 13))
		return;
	if (part_take(&s, STR(" sasl_method="))) {
		if (!part_cut(&s, ' ', &v))
			v = s, s = str_make("", 0);
		else
			s = str_make(s.p - 1, s.n + 1);
		part_put(l, FIELD_SASL_METHOD, v);
	}
	if (part_take(&s, STR(" sasl_username="))) {
		v = s;
		if (part_cut_at(&v, STR(" sasl_sender="), &head)) {
			part_put(l, FIELD_SASL_SENDER, v);
			v = head;
		}
		part_put(l, FIELD_SASL_USERNAME, v);
	} else if (part_take(&s, STR(" sasl_sender="))) {
		part_put(l, FIELD_SASL_SENDER, s);
	}
}

static void
take_tail(struct postfix_line *l, struct str s)
{
	static const struct str keys[] = {
	    PART(" from=<"), PART(" to=<"), PART(" proto="), PART(" helo=<")};
	unsigned text = l->kind == LINE_CHECK ? BEFORE_TEXT : 0;
	struct str proto;
	size_t n = 0;

	for (size_t i = 0; i < 4; i++)
		if (!is_once(s, keys[i]))
			return;
	take_bracketed(
	    l, &s, keys[0], FIELD_FROM, BEFORE_TO | BEFORE_PROTO | text);
	take_bracketed(l, &s, keys[1], FIELD_TO, BEFORE_PROTO | text);
	if (part_take(&s, keys[2])) {
		while (n < s.n && s.p[n] >= 'A' && s.p[n] <= 'Z')
			n++;
		proto = str_head(s, n);
		s = str_skip(s, n);
		part_take(&s, STR(","));
		part_put(l, FIELD_PROTO, proto);
	}
	take_bracketed(l, &s, keys[3], FIELD_HELO, BEFORE_SASL | text);
	if (text && part_take(&s, STR(": ")))
		part_put(l, FIELD_TEXT, s);
	else if (s.n > 0 && !str_starts(s, STR(" sasl_")))
		l->has &= ~TAIL_FIELDS; /* not as Postfix writes it */
	else if (s.n < CUT_LENGTH)
		take_sasl(l, s);
}

/* "RCPT from NAME[IP]: TEXT; from=<S> ..." */
static void
parse_access(struct postfix_line *l, struct str action, struct str s)
{
	struct str where, tail;

	if (!part_cut(&s, ' ', &where) || !is_word(where, true) ||
	    !part_take(&s, STR("from ")) ||
	    !part_take_peer(l, &s, FIELD_CLIENT_NAME)) {
		l->has = 0;
		return;
	}
	l->kind =
	    str_starts(action, STR("milter-")) ? LINE_MILTER : LINE_REJECT;
	part_put(l, FIELD_ACTION, action);
	part_put(l, FIELD_WHERE, where);
	part_take(&s, STR(": "));
	bool is_certain = cut_tail(&s, &tail);
	part_take_reply(l, &s);
	if (s.n > 0)
		part_put(l, FIELD_TEXT, s);
	if (is_certain)
		take_tail(l, tail);
}

/* "CONTENT from NAME[IP]; from=<S> ...: TEXT": the content ends where one
 * origin and one tail follow. */
static void
parse_check(
    struct postfix_line *l, struct str action, struct str part, struct str s)
{
	struct str content = s, tail, origin = {"", 0}, rest, head;
	bool is_certain = cut_tail(&content, &tail);

	l->kind = LINE_CHECK;
	part_put(l, FIELD_ACTION, action);
	part_put(l, FIELD_PART, part);
	if (!is_certain) {
		part_put(l, FIELD_HEADER, str_head(s, CONTENT_MAX));
		return;
	}
	rest = content;
	while (part_cut_at(&rest, STR(" from "), &head))
		origin = rest;
	if (origin.n > 0) {
		content.n -= origin.n + strlen(" from ");
		part_take_peer(l, &origin, FIELD_CLIENT_NAME);
	}
	part_put(l, FIELD_HEADER, content);
	take_tail(l, tail);
}

/* smtp_header_checks: "warning: header CONTENT: TEXT", no origin. */
void
postfix_parse_action(struct postfix_line *l, struct str text)
{
	static const struct str parts[] = {PART("header "), PART("body "),
	    PART("content "), PART("mime-error "), PART("mime-header "),
	    PART("nested-header ")};
	struct str s = text, action;

	if (!part_cut_at(&s, STR(": "), &action) || !is_word(action, false))
		return;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		struct str part = str_head(s, parts[i].n - 1);

		if (!part_take(&s, parts[i]))
			continue;
		parse_check(l, action, part, s);
		return;
	}
	parse_access(l, action, s);
}

/* The reply is the filter's: its id is read where it stands in the known
 * forms, "250 2.0.0 Ok: queued as ID" before the tail. */
static void
put_proxy_queued_as(struct postfix_line *l, struct str reply)
{
	struct str head, id = reply;

	if (!part_cut_at(&id, STR("Ok: queued as "), &head))
		return;
	if (id.n > 0 && part_queue_id(id) == id.n)
		part_put(l, FIELD_QUEUED_AS, id);
}

void
postfix_parse_proxy(struct postfix_line *l, struct str text)
{
	struct str s = text, action, where, tail, head;
	size_t id_n;

	if (!part_cut_at(&s, STR(": "), &action))
		return;
	/* Some versions: "proxy-accept: NOQUEUE: END-OF-MESSAGE: ..." */
	part_take(&s, STR("NOQUEUE: "));
	id_n = part_queue_id(s);
	if (id_n > 0 && str_starts(str_skip(s, id_n), STR(": "))) {
		l->queue_id = str_head(s, id_n);
		s = str_skip(s, id_n + 2);
	}
	if (!part_cut(&s, ':', &head) || !is_word(head, true))
		return;
	where = head;
	part_take(&s, STR(" "));
	l->kind = str_is(action, STR("proxy-accept")) ? LINE_PROXY_ACCEPT
						      : LINE_PROXY_REJECT;
	part_put(l, FIELD_ACTION, action);
	part_put(l, FIELD_WHERE, where);
	bool is_certain = cut_tail(&s, &tail);
	part_put(l, FIELD_TEXT, s);
	if (l->kind == LINE_PROXY_ACCEPT)
		put_proxy_queued_as(l, s);
	part_take_reply(l, &s);
	if (is_certain)
		take_tail(l, tail);
}
