/* postfix_smtpd - lines of smtpd and postscreen about their clients */
#include "mta/postfix_parts.h"

enum { MECHANISM_MAX = 32 };

/* Behind the login's name: ", sasl_sender=", ", orig_queue_id=",
 * ", orig_client=". */
static inline bool
is_username_end(struct str behind)
{
	return str_starts(behind, STR(" sasl_sender=")) ||
	       str_starts(behind, STR(" orig_queue_id=")) ||
	       str_starts(behind, STR(" orig_client="));
}

/* Steps to the comma that ends it, or to the end. */
static struct str
take_username(struct str *s)
{
	struct str rest = *s, head;

	while (part_cut(&rest, ',', &head))
		if (is_username_end(rest)) {
			size_t n = (size_t)(rest.p - s->p) - 1;

			head = str_head(*s, n);
			*s = str_skip(*s, n);
			return head;
		}
	head = *s;
	*s = str_skip(*s, s->n);
	return head;
}

/* MAIL FROM's AUTH= as the client wrote it (smtpd_token.c): a blank in it
 * stands between quotes or brackets or behind a backslash. Any client can
 * write one, logged in or not. */
static size_t
token_length(struct str s)
{
	char closing[16];
	size_t depth = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '\\') {
			i++;
		} else if (depth > 0 && c == closing[depth - 1]) {
			depth--;
		} else if (c == '"' ||
			   (c == '<' &&
			       (depth == 0 || closing[depth - 1] == '>'))) {
			if (depth == sizeof(closing))
				return s.n;
			closing[depth++] = c == '"' ? '"' : '>';
		} else if (c == ' ' && depth == 0) {
			break;
		}
	}
	return i < s.n ? i : s.n;
}

/* "x, orig_queue_id=..." or "x": steps to its end. */
static struct str
take_sasl_sender(struct str *s)
{
	size_t n = token_length(*s);

	if (n < s->n && n > 0 && s->p[n - 1] == ',')
		n--;
	struct str sender = str_head(*s, n);
	*s = str_skip(*s, n);
	return sender;
}

/* ", sasl_method=M, sasl_username=U, sasl_sender=S, orig_queue_id=Q,
 * orig_client=C": each may be missing. */
static void
take_client_tail(struct postfix_line *l, struct str s)
{
	struct str v;

	if (part_take(&s, STR(", sasl_method="))) {
		if (!part_cut(&s, ',', &v)) {
			part_put(l, FIELD_SASL_METHOD, s);
			return;
		}
		part_put(l, FIELD_SASL_METHOD, v);
		s = str_make(s.p - 1, s.n + 1);
	}
	if (part_take(&s, STR(", sasl_username=")))
		part_put(l, FIELD_SASL_USERNAME, take_username(&s));
	if (part_take(&s, STR(", sasl_sender=")))
		part_put(l, FIELD_SASL_SENDER, take_sasl_sender(&s));
	if (part_take(&s, STR(", orig_queue_id="))) {
		v = s;
		if (part_cut(&s, ',', &v))
			s = str_make(s.p - 1, s.n + 1);
		part_put(l, FIELD_ORIG_QUEUE_ID, v);
	}
	if (part_take(&s, STR(", orig_client=")))
		part_put(l, FIELD_ORIG_CLIENT, s);
}

static void
parse_client(struct postfix_line *l, struct str s)
{
	if (!part_take_peer(l, &s, FIELD_CLIENT_NAME)) {
		l->has = 0;
		return;
	}
	l->kind = l->queue_id.n > 0 ? LINE_CLIENT : LINE_NOQUEUE_CLIENT;
	if (s.n > 0)
		take_client_tail(l, s);
}

/* "from NAME[IP]" */
static void
parse_connect(struct postfix_line *l, struct str s)
{
	if (part_take_peer(l, &s, FIELD_CLIENT_NAME) && s.n == 0)
		l->kind = LINE_CONNECT;
	else
		l->has = 0;
}

/* "NAME[IP] ehlo=1 auth=0/1 commands=1/2" */
static void
parse_disconnect(struct postfix_line *l, struct str s)
{
	if (!part_take_peer(l, &s, FIELD_CLIENT_NAME)) {
		l->has = 0;
		return;
	}
	l->kind = LINE_DISCONNECT;
	if (part_take(&s, STR(" ")) && s.n > 0)
		part_put(l, FIELD_COMMANDS, s);
}

/* "WHAT after CMD[ (N bytes)] from NAME[IP]", "WHAT from NAME[IP]: TEXT" */
static bool
parse_trouble(struct postfix_line *l, struct str text)
{
	static const struct {
		struct str what;
		enum line_kind kind;
	} troubles[] = {
	    {PART("lost connection"), LINE_LOST_CONNECTION},
	    {PART("timeout"), LINE_LOST_CONNECTION},
	    {PART("too many errors"), LINE_LOST_CONNECTION},
	    {PART("improper command pipelining"), LINE_PROTOCOL},
	    {PART("bare <LF> received"), LINE_PROTOCOL},
	    {PART("SSL_accept error"), LINE_PROTOCOL},
	    {PART("warning: non-SMTP command"), LINE_PROTOCOL},
	    {PART("warning: Illegal address syntax"), LINE_PROTOCOL},
	};

	for (size_t i = 0; i < sizeof(troubles) / sizeof(troubles[0]); i++) {
		struct str s = text, where;

		if (s.n == 0 || s.p[0] != troubles[i].what.p[0] ||
		    !part_take(&s, troubles[i].what))
			continue;
		if (part_take(&s, STR(" after "))) {
			if (!part_cut_at(&s, STR(" from "), &where))
				return false;
			part_put(l, FIELD_WHERE, where);
		} else if (!part_take(&s, STR(" from "))) {
			return false;
		}
		l->kind = troubles[i].kind;
		where = str_head(text, troubles[i].what.n);
		part_take(&where, STR("warning: "));
		part_put(l, FIELD_ACTION, where);
		if (part_take_peer(l, &s, FIELD_CLIENT_NAME) &&
		    (part_take(&s, STR(": ")) || part_take(&s, STR(" "))))
			part_put(l, FIELD_TEXT, s);
		return true;
	}
	return false;
}

static bool
is_mechanism(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= 'A' && c <= 'Z') && !(c >= 'a' && c <= 'z') &&
		    !(c >= '0' && c <= '9') && c != '-' && c != '_')
			return false;
	}
	return s.n > 0 && s.n <= MECHANISM_MAX;
}

/* The server's own trouble is no failed login. */
static bool
is_our_failure(struct str reason)
{
	return str_starts(reason, STR("Connection lost to authentication")) ||
	       str_starts(reason, STR("Can't connect to authentication"));
}

/* "REASON, sasl_username=U": the last one, the reason may quote the client. */
static void
put_reason(struct postfix_line *l, struct str s)
{
	static const char key[] = ", sasl_username=";
	struct str rest = s, head, reason = s, user = {"", 0};

	while (part_cut_at(&rest, str_make(key, sizeof(key) - 1), &head)) {
		user = rest;
		reason = str_make(s.p, (size_t)(rest.p - s.p) - strlen(key));
	}
	if (reason.n > 0)
		part_put(l, FIELD_TEXT, reason);
	if (user.n > 0 && !str_is(user, STR("(unavailable)")))
		part_put(l, FIELD_SASL_USERNAME, user);
	if (is_our_failure(reason))
		l->kind = LINE_WARNING;
}

/* "NAME[IP]: SASL LOGIN authentication failed: REASON, sasl_username=U" */
static bool
parse_login(struct postfix_line *l, struct str s)
{
	struct str method;

	if (!part_take_peer(l, &s, FIELD_CLIENT_NAME) ||
	    !part_take(&s, STR(": SASL ")) ||
	    !part_cut_at(&s, STR(" authentication "), &method)) {
		l->has = 0;
		return false;
	}
	bool is_known = is_mechanism(method);
	if (is_known)
		part_put(l, FIELD_SASL_METHOD, method);
	if (part_take(&s, STR("failed:"))) {
		l->kind = LINE_LOGIN_FAILED;
		part_take(&s, STR(" "));
		put_reason(l, s);
	} else if (str_starts(s, STR("aborted"))) {
		l->kind = LINE_LOGIN_ABORTED;
	} else {
		l->has = 0;
		return false;
	}
	return true;
}

/* "WHAT limit exceeded: N from NAME[IP] for service S" */
static bool
parse_limit(struct postfix_line *l, struct str s)
{
	struct str what, n;

	if (!part_cut_at(&s, STR(" limit exceeded: "), &what))
		return false;
	n = str_head(s, part_digits(s));
	s = str_skip(s, n.n);
	if (n.n == 0 || what.n > 40 || !part_take(&s, STR(" from ")) ||
	    !part_take_peer(l, &s, FIELD_CLIENT_NAME)) {
		l->has = 0;
		return false;
	}
	l->kind = LINE_RATE_LIMIT;
	part_put(l, FIELD_ACTION, what);
	return true;
}

/* "hostname NAME does not resolve to address IP: why" */
static void
parse_hostname(struct postfix_line *l, struct str s)
{
	struct str name, address = {"", 0};

	if (!part_take(&s, STR("hostname ")) || !part_cut(&s, ' ', &name) ||
	    !part_take(&s, STR("does not resolve to address ")))
		return;
	size_t n = 0;
	while (n < s.n && s.p[n] != ' ')
		n++;
	address = str_head(s, n);
	part_drop(&address, STR(":"));
	part_put(l, FIELD_CLIENT_NAME, name);
	part_put(l, FIELD_CLIENT_ADDRESS, address);
}

void
postfix_parse_warning(struct postfix_line *l, struct str text)
{
	struct str s = text;
	size_t n;

	if (!part_take(&s, STR("warning: ")) || parse_trouble(l, text) ||
	    parse_login(l, s) || parse_limit(l, s))
		return;
	l->kind = LINE_WARNING;
	part_put(l, FIELD_TEXT, text);
	parse_hostname(l, s);
	/* "warning: QUEUEID: ..." */
	n = part_queue_id(s);
	if (n > 0 && n < s.n && s.p[n] == ':')
		l->queue_id = str_head(s, n);
}

static void
parse_connection(struct postfix_line *l, struct str text)
{
	if (text.n == 0)
		return;
	/* Of these there is one for nearly every connection. */
	if (text.p[0] >= 'A' && text.p[0] <= 'Z')
		postfix_parse_tls(l, text);
	if (l->kind != LINE_OTHER)
		return;
	if (text.p[0] == 'c' && part_take(&text, STR("connect from ")))
		parse_connect(l, text);
	else if (text.p[0] == 'd' && part_take(&text, STR("disconnect from ")))
		parse_disconnect(l, text);
	else if (text.p[0] == 'w')
		postfix_parse_warning(l, text);
	else if (text.p[0] == 'p' && str_starts(text, STR("proxy-")))
		postfix_parse_proxy(l, text);
	else if (!parse_trouble(l, text))
		postfix_parse_action(l, text); /* once without NOQUEUE */
}

void
postfix_parse_smtpd(struct postfix_line *l, struct str text)
{
	bool is_noqueue =
	    l->queue_id.n == 0 && part_take(&text, STR("NOQUEUE: "));

	if (l->queue_id.n == 0 && !is_noqueue)
		parse_connection(l, text);
	else if (part_take(&text, STR("client=")))
		parse_client(l, text);
	else if (!parse_trouble(l, text)) {
		if (str_starts(text, STR("proxy-")))
			postfix_parse_proxy(l, text);
		else
			postfix_parse_action(l, text);
	}
}

void
postfix_parse_tls(struct postfix_line *l, struct str text)
{
	static const struct str trust[] = {PART("Anonymous "),
	    PART("Untrusted "), PART("Trusted "), PART("Verified ")};
	struct str s = text;
	enum line_field name = FIELD_RELAY_NAME;

	for (size_t i = 0; i < 4 && s.n == text.n; i++)
		part_take(&s, trust[i]);
	if (!part_take(&s, STR("TLS connection ")) ||
	    (!part_take(&s, STR("established ")) &&
		!part_take(&s, STR("reused "))))
		return;
	if (part_take(&s, STR("from ")))
		name = FIELD_CLIENT_NAME;
	else if (!part_take(&s, STR("to ")))
		return;
	if (!part_take_peer(l, &s, name)) {
		l->has = 0;
		return;
	}
	l->kind = LINE_TLS;
	part_put(l, FIELD_TEXT, text);
}

/* "PASS NEW [IP]:PORT", "HANGUP after 1 from [IP]:PORT in tests ..." */
void
postfix_parse_postscreen(struct postfix_line *l, struct str text)
{
	struct str s = text;
	const char *bracket = memchr(s.p, '[', s.n);
	size_t n = bracket ? (size_t)(bracket - s.p) : 0;

	if (part_take(&s, STR("NOQUEUE: "))) {
		postfix_parse_action(l, s);
		return;
	}
	if (n < 2 || s.p[n - 1] != ' ' || s.p[0] < 'A' || s.p[0] > 'Z')
		return;
	s = str_skip(s, n);
	if (!part_take_peer(l, &s, FIELD_CLIENT_NAME)) {
		l->has = 0;
		return;
	}
	struct str what = str_head(text, n - 1);
	part_drop(&what, STR(" from"));
	part_drop(&what, STR(" for"));
	l->kind = LINE_SCREEN;
	part_put(l, FIELD_ACTION, what);
	if (part_take(&s, STR(" after "))) {
		struct str where = s;

		part_cut(&s, ':', &where);
		part_put(l, FIELD_WHERE, where);
	}
	part_put(l, FIELD_TEXT, text);
}
