/* postfix_delivery - lines of smtp, lmtp, local, virtual, pipe, error, discard
 *
 * "to=<R>[, orig_to=<O>], relay=HOST[IP]:PORT[, conn_use=N], delay=D,
 * delays=a/b/c/d[, tls=T], dsn=X.Y.Z, status=WORD (TEXT)"
 *
 * The addresses are the sender's choice, the text is the remote server's, and
 * each may imitate what stands between them.
 */
#include "base/str_near.h"
#include "mta/postfix_parts.h"

/* Of a shorter line nothing is missing. */
enum { CUT_LENGTH = 900 };

/* Behind a quoted local part ('"a>b"@x'): the address can end nowhere before.
 * 0: it isn't quoted. */
static size_t
quoted_length(struct str s)
{
	if (s.n == 0 || s.p[0] != '"')
		return 0;
	for (size_t i = 1; i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

static inline bool
is_address_end(struct str behind)
{
	return str_starts(behind, STR(", relay=")) ||
	       str_starts(behind, STR(", orig_to=<"));
}

/* The address that ends at or after `from`; steps behind its ">". */
static bool
take_address(struct str *s, size_t from, struct str *address)
{
	size_t i = from;

	while (i < s->n) {
		const char *end = memchr(s->p + i, '>', s->n - i);

		if (!end)
			return false;
		i = (size_t)(end - s->p) + 1;
		if (is_address_end(str_skip(*s, i))) {
			*address = str_head(*s, i - 1);
			s->p += i;
			s->n -= i;
			return true;
		}
	}
	return false;
}

/* "HOST[IP]:PORT", "HOST[IP]", "HOST[private/lmtp]", "none", "dovecot" */
static void
put_relay(struct postfix_line *l, struct str v)
{
	struct str rest = v, name, inside;

	if (!part_cut(&rest, '[', &name) || !part_cut(&rest, ']', &inside)) {
		part_put(l, FIELD_RELAY_NAME, v);
		return;
	}
	part_put(l, FIELD_RELAY_NAME, name);
	part_put(l,
	    memchr(inside.p, '/', inside.n) ? FIELD_RELAY_PATH
					    : FIELD_RELAY_ADDRESS,
	    inside);
	if (rest.n > 1 && rest.p[0] == ':') {
		rest = str_skip(rest, 1);
		if (part_digits(rest) == rest.n)
			part_put(l, FIELD_RELAY_PORT, rest);
	}
}

static inline bool
is_relay_end(struct str behind)
{
	return str_starts(behind, STR(" delay=")) ||
	       str_starts(behind, STR(" conn_use=")) ||
	       str_starts(behind, STR("conn_use="));
}

/* Neither a host's name nor a transport's has a blank or a bracket in it. */
static bool
take_relay(struct postfix_line *l, struct str *s)
{
	struct str rest = *s, relay;

	if (!part_cut(&rest, ',', &relay) || !is_relay_end(rest) ||
	    memchr(relay.p, ' ', relay.n) || memchr(relay.p, '>', relay.n))
		return false;
	put_relay(l, relay);
	*s = rest;
	return true;
}

/* Up to the comma, which is stepped over. */
STR_INLINE bool
take_value(struct postfix_line *l, struct str *s, enum line_field f)
{
	const char *comma = str_near(s->p, s->p + s->n, ',');

	if (!comma)
		return false;
	part_put(l, f, str_make(s->p, (size_t)(comma - s->p)));
	s->n -= (size_t)(comma + 1 - s->p);
	s->p = comma + 1;
	return true;
}

static enum line_status
find_status(struct str word)
{
	static const struct str texts[] = {
	    [LINE_STATUS_NONE] = {"", 0},
#define STATUS(name, text) [LINE_##name] = PART(text),
#include "mta/lines.def"
#undef STATUS
	};

	for (int i = 1; i < LINE_STATUSES; i++)
		if (str_is(word, texts[i]))
			return (enum line_status)i;
	/* Probes also say "undeliverable-but-not-cached". */
	if (str_starts(word, STR("undeliverable-")))
		return LINE_UNDELIVERABLE;
	if (str_starts(word, STR("deliverable-")))
		return LINE_DELIVERABLE;
	return LINE_STATUS_NONE;
}

/* Behind the relay: "delay=" to the text; false when it isn't that. */
static bool
take_outcome(struct postfix_line *l, struct str s)
{
	struct str word;

	part_take(&s, STR(" "));
	if (part_take(&s, STR("conn_use=")) &&
	    (!take_value(l, &s, FIELD_CONN_USE) || !part_take(&s, STR(" "))))
		return false;
	if (!part_take(&s, STR("delay=")) || !take_value(l, &s, FIELD_DELAY))
		return false;
	if (part_take(&s, STR(" delays=")) && !take_value(l, &s, FIELD_DELAYS))
		return false;
	if (part_take(&s, STR(" tls=")) && !take_value(l, &s, FIELD_TLS))
		return false;
	if (part_take(&s, STR(" dsn=")) && !take_value(l, &s, FIELD_DSN))
		return false;
	if (!part_take(&s, STR(" status=")) || !part_cut(&s, ' ', &word) ||
	    !part_take(&s, STR("(")))
		return false;
	l->status = find_status(word);
	part_put(l, FIELD_STATUS, word);
	part_drop(&s, STR(")"));
	part_put(l, FIELD_TEXT, s);
	return true;
}

/* "relay=" to the end; false when it isn't that. */
static bool
take_rest(struct postfix_line *l, struct str s)
{
	return part_take(&s, STR("relay=")) && take_relay(l, &s) &&
	       take_outcome(l, s);
}

/* Whether the reply has what could be the end of an address. */
static bool
has_second_reading(struct str text)
{
	struct str head;

	while (part_cut(&text, '>', &head))
		if (str_starts(text, STR(", relay=")))
			return true;
	return false;
}

static bool
has_second_orig_to(const struct postfix_line *l)
{
	struct str v = line_get(l, FIELD_ORIG_TO);

	return v.n > 0 && memmem(v.p, v.n, ">, orig_to=<", 12);
}

/* "[250 [2.0.0 ]]Ok: [N bytes ]queued as ID", in amavis' words
 * "250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: queued as ID" */
static void
put_queued_as(struct postfix_line *l, struct str text)
{
	size_t n = 0;
	struct str id;

	while (
	    n < text.n && n < 64 && part_class[(uint8_t)text.p[text.n - 1 - n]])
		n++;
	id = str_make(text.p + text.n - n, n);
	text.n -= n;
	if (n == 0 || !part_drop(&text, STR("queued as ")))
		return;
	if (part_drop(&text, STR(" bytes ")))
		text.n -= part_last_digits(text);
	if (part_queue_id(id) != n || !part_drop(&text, STR("Ok: ")))
		return;
	part_drop(&text, STR("2.0.0 "));
	part_drop(&text, STR("250 "));
	if (text.n == 0 ||
	    (part_drop(&text, STR("): ")) && str_starts(text, STR("250 ")) &&
		memmem(text.p, text.n, "from MTA(", 9)))
		part_put(l, FIELD_QUEUED_AS, id);
}

static void
put_forwarded_as(struct postfix_line *l, struct str text)
{
	if (part_take(&text, STR("forwarded as ")) && text.n > 0 &&
	    part_queue_id(text) == text.n)
		part_put(l, FIELD_FORWARDED_AS, text);
}

/* Behind "host NAME[IP] ": " said: 550 ...", " refused to talk to me: ..." */
static void
put_said(struct postfix_line *l, struct str s)
{
	bool has_dsn = line_has(l, FIELD_DSN);
	struct str dsn = line_get(l, FIELD_DSN);

	if (!part_take(&s, STR(" said: ")) &&
	    !part_take(&s, STR(" refused to talk to me: ")))
		return;
	part_take_reply(l, &s);
	if (has_dsn)
		part_put(l, FIELD_DSN, dsn); /* Postfix's own judgement */
}

static void
put_reply(struct postfix_line *l, struct str text)
{
	struct str head;

	if (l->status == LINE_SENT) {
		if (part_digits(text) == 3)
			part_put(l, FIELD_REPLY, str_head(text, 3));
		put_queued_as(l, text);
		put_forwarded_as(l, text);
	} else if (part_take(&text, STR("host ")) &&
		   part_cut(&text, ']', &head)) {
		put_said(l, text);
	}
}

/* In doubt: the recipient as far as it is certain, and nothing else. */
static void
leave_in_doubt(struct postfix_line *l, struct str to)
{
	l->has = 0;
	l->status = LINE_STATUS_NONE;
	part_put(l, FIELD_TO, to);
}

/* With the recipient ending at or after `from`; where it ended, or 0. */
static size_t
take_reading(struct postfix_line *l, struct str s, size_t from)
{
	struct str start = s, to, orig_to;

	l->has = 0;
	if (!take_address(&s, from, &to))
		return 0;
	size_t end = (size_t)(s.p - start.p);
	part_put(l, FIELD_TO, to);
	if (part_take(&s, STR(", orig_to=<"))) {
		if (!take_address(&s, quoted_length(s), &orig_to))
			return end;
		part_put(l, FIELD_ORIG_TO, orig_to);
	}
	if (part_take(&s, STR(", ")) && take_rest(l, s))
		l->kind = LINE_DELIVERY;
	return end;
}

/* Postfix cuts a line at 2000 bytes, and a client can make one so long: what
 * is left still shows a recipient. */
static void
parse_cut(struct postfix_line *l, struct str s)
{
	struct str to = s, rest = s;

	if (take_address(&rest, quoted_length(s), &to) || s.n >= CUT_LENGTH) {
		leave_in_doubt(l, to);
		l->kind = LINE_DELIVERY;
	} else {
		l->has = 0;
	}
}

static void
parse_delivery(struct postfix_line *l, struct str s)
{
	size_t end = quoted_length(s);

	do {
		end = take_reading(l, s, end);
		if (end == 0) {
			parse_cut(l, s);
			return;
		}
	} while (l->kind != LINE_DELIVERY);
	struct str text = line_get(l, FIELD_TEXT);
	if (has_second_orig_to(l) || has_second_reading(text))
		leave_in_doubt(l, line_get(l, FIELD_TO));
	else
		put_reply(l, text);
}

/* The oldest versions wrote addresses without brackets. */
static void
parse_bare_delivery(struct postfix_line *l, struct str s)
{
	struct str to, orig_to;

	if (!part_cut_at(&s, STR(", "), &to) || memchr(to.p, ' ', to.n))
		return;
	part_put(l, FIELD_TO, to);
	if (part_take(&s, STR("orig_to="))) {
		if (!part_cut_at(&s, STR(", "), &orig_to))
			return;
		part_put(l, FIELD_ORIG_TO, orig_to);
	}
	if (take_rest(l, s)) {
		l->kind = LINE_DELIVERY;
		put_reply(l, line_get(l, FIELD_TEXT));
	}
}

/* A host failed and the next is tried: no recipient is named. */
static void
parse_remark(struct postfix_line *l, struct str text)
{
	static const struct str starts[] = {PART("host "),
	    PART("lost connection with "), PART("conversation with "),
	    PART("SASL authentication failed; server "),
	    PART("SASL [CACHED] authentication failed; server "),
	    PART("Cannot start TLS: "), PART("TLS is required, "),
	    PART("Server certificate not "), PART("connect to "),
	    PART("SSL_connect error to "),
	    PART("certificate verification failed for ")};
	struct str s = text;

	for (size_t i = 0; i < sizeof(starts) / sizeof(starts[0]); i++) {
		if (s.n == 0 || s.p[0] != starts[i].p[0] ||
		    !part_take(&s, starts[i]))
			continue;
		l->kind = LINE_REMARK;
		part_put(l, FIELD_TEXT, text);
		if (part_take_peer(l, &s, FIELD_RELAY_NAME))
			put_said(l, s);
		return;
	}
}

void
postfix_parse_delivery(struct postfix_line *l, struct str text)
{
	if (l->queue_id.n == 0) {
		parse_remark(l, text);
		return;
	}
	if (part_take(&text, STR("to="))) {
		if (part_take(&text, STR("<")))
			parse_delivery(l, text);
		else
			parse_bare_delivery(l, text);
		return;
	}
	parse_remark(l, text);
	if (l->kind == LINE_OTHER)
		postfix_parse_action(l, text); /* smtp_header_checks */
}
