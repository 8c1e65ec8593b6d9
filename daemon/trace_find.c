/* trace_find - what `outpost trace` looks for, and whether a line has it */
#include "daemon/trace_find.h"

#include "base/time.h"
#include "mta/story.h"

enum { DAY = 86400 };

static const struct {
	const char *name, *needle; /* NULL: the value itself */
	bool is_nocase;
} kinds[TRACE_KINDS] = {
    [TRACE_QUEUE_ID] = {"queue id", "", false},
    [TRACE_MESSAGE_ID] = {"Message-ID", NULL, false},
    [TRACE_TO] = {"recipient", NULL, true},
    [TRACE_FROM] = {"sender", NULL, true},
    [TRACE_CLIENT] = {"client", NULL, false},
    [TRACE_ACCOUNT] = {"account", "sasl_username=", false},
    [TRACE_UID] = {"account", ": uid=", false},
};

static bool
is_queue_id(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'A' && c <= 'Z') &&
		    !(c >= 'a' && c <= 'z'))
			return false;
	}
	return s.n >= 5 && s.n <= 24;
}

/* As it was copied from a log, a header or postqueue. */
static struct str
unwrap(enum trace_kind kind, struct str s)
{
	s = str_trim(s);
	if (kind == TRACE_QUEUE_ID) {
		while (s.n > 0 && strchr(":*!", s.p[s.n - 1]))
			s.n--;
	} else if (s.n >= 2 && s.p[0] == '<' && s.p[s.n - 1] == '>') {
		s = str_make(s.p + 1, s.n - 2);
	}
	return s;
}

static int
put_value(struct trace_criterion *c, struct str value, struct error *err)
{
	struct text t;

	text_init(&t, c->value, sizeof(c->value));
	if (c->kind == TRACE_CLIENT) {
		if (!ip_parse(value, &c->ip))
			return error_set(err,
			    "\"%.*s\" is no address such as 192.0.2.7",
			    STR_ARG(value));
		ip_format(&t, &c->ip);
		return 0;
	}
	if (c->kind == TRACE_QUEUE_ID && !is_queue_id(value))
		return error_set(err,
		    "\"%.*s\" is neither a queue id nor a file",
		    STR_ARG(value));
	text_str(&t, value);
	if (t.n == 0 || t.is_cut)
		return error_set(err, "\"%.*s\" is no %s", STR_ARG(value),
		    kinds[c->kind].name);
	return 0;
}

int
trace_query_add(struct trace_query *q, enum trace_kind kind, struct str value,
    struct error *err)
{
	struct trace_criterion *c = &q->v[q->n];
	struct text t;

	for (size_t i = 0; i < q->n; i++) {
		if (q->v[i].kind == kind)
			return error_set(err,
			    "one %s at a time (\"%s\" and "
			    "\"%.*s\")",
			    kinds[kind].name, q->v[i].value, STR_ARG(value));
	}
	*c = (struct trace_criterion){.kind = kind};
	if (put_value(c, unwrap(kind, value), err) < 0)
		return -1;
	text_init(&t, c->needle_text, sizeof(c->needle_text));
	if (kind == TRACE_CLIENT)
		text_printf(&t, "[%s]", c->value);
	else
		text_add(
		    &t, kinds[kind].needle ? kinds[kind].needle : c->value);
	c->needle = text_view(&t);
	c->is_nocase = kinds[kind].is_nocase;
	if (kind == TRACE_ACCOUNT && q->refs)
		c->other = STR(REF_NAME ": ");
	q->n++;
	return 0;
}

int
trace_query_add_account(
    struct trace_query *q, struct str account, struct error *err)
{
	char buf[ACCOUNT_TEXT];
	struct text t;

	if (str_take(&account, STR("uid:")))
		return trace_query_add(q, TRACE_UID, account, err);
	if (str_take(&account, STR("ip:")))
		return trace_query_add(q, TRACE_CLIENT, account, err);
	if (str_take(&account, STR("fwd:")))
		return trace_query_add(q, TRACE_TO, account, err);
	text_init(&t, buf, sizeof(buf));
	if (!account_from_login(&q->rules, account, &t))
		return error_set(
		    err, "\"%.*s\" is no account", STR_ARG(account));
	return trace_query_add(q, TRACE_ACCOUNT, text_view(&t), err);
}

static bool
take_number(struct str *s, size_t digits, char end, int *out)
{
	int n = 0;

	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		n = 10 * n + (s->p[i] - '0');
	}
	*s = str_skip(*s, digits);
	if (end && (s->n == 0 || s->p[0] != end))
		return false;
	*s = str_skip(*s, end ? 1 : 0);
	*out = n;
	return true;
}

/* "22:40" or "22:40:00" */
static bool
take_clock(struct str s, struct civil *c)
{
	c->second = 0;
	if (!take_number(&s, 2, ':', &c->hour) ||
	    !take_number(&s, 2, 0, &c->minute))
		return false;
	if (s.n > 0 &&
	    (!str_take(&s, STR(":")) || !take_number(&s, 2, 0, &c->second)))
		return false;
	return s.n == 0 && c->hour < 24 && c->minute < 60 && c->second < 61;
}

bool
trace_parse_time(struct str s, int64_t now, int64_t *at)
{
	struct civil c = time_to_local(now);
	struct str rest = s;
	int64_t at_us;

	if (take_clock(s, &c)) {
		*at = time_from_local(&c, now);
		if (*at > now) {
			c = time_to_local(now - DAY);
			take_clock(s, &c);
			*at = time_from_local(&c, now - DAY);
		}
		return true;
	}
	if (take_number(&rest, 4, '-', &c.year) &&
	    take_number(&rest, 2, '-', &c.month) &&
	    take_number(&rest, 2, 0, &c.day) && c.month >= 1 && c.month <= 12 &&
	    c.day >= 1 && c.day <= 31 && rest.n > 0 &&
	    (rest.p[0] == ' ' || rest.p[0] == 'T') &&
	    take_clock(str_skip(rest, 1), &c)) {
		*at = time_from_local(&c, now);
		return true;
	}
	if (!time_parse_rfc3339(s, &at_us))
		return false;
	*at = at_us / TIME_US;
	return true;
}

bool
trace_parse_since(struct str s, int64_t now, int64_t *at)
{
	int64_t ago;

	if (!time_parse_duration(s, &ago))
		return trace_parse_time(s, now, at);
	*at = now - ago;
	return true;
}

/* The byte to look for first: rare in a log, and without case. */
static size_t
anchor_of(struct str needle)
{
	size_t best = 0;

	for (size_t i = 0; i < needle.n; i++) {
		char c = needle.p[i];

		if (c == '@')
			return i;
		if (!((c | 0x20) >= 'a' && (c | 0x20) <= 'z'))
			best = i;
	}
	return best;
}

static const char *
find_nocase(struct str needle, const char *p, const char *end)
{
	size_t anchor = anchor_of(needle);
	const char *from = p + anchor;

	if ((needle.p[anchor] | 0x20) >= 'a' &&
	    (needle.p[anchor] | 0x20) <= 'z') {
		ptrdiff_t i =
		    str_find_nocase(str_make(p, (size_t)(end - p)), needle);

		return i < 0 ? NULL : p + i;
	}
	while (from < end &&
	       (from = memchr(from, needle.p[anchor], (size_t)(end - from)))) {
		const char *start = from - anchor;

		if ((size_t)(end - start) >= needle.n &&
		    str_is_nocase(str_make(start, needle.n), needle))
			return start;
		from++;
	}
	return NULL;
}

const char *
trace_needle_find(
    struct str needle, bool is_nocase, const char *p, const char *end)
{
	if (needle.n == 0 || p >= end || (size_t)(end - p) < needle.n)
		return NULL;
	if (is_nocase)
		return find_nocase(needle, p, end);
	return memmem(p, (size_t)(end - p), needle.p, needle.n);
}

static bool
is_user(const struct trace_query *q, struct str uid, struct str name)
{
	char buf[256];
	struct text t;
	uint64_t n;

	if (str_is(uid, name))
		return true;
	text_init(&t, buf, sizeof(buf));
	if (!q->uid_name || !str_to_u64(uid, &n) || n > UINT32_MAX)
		return false;
	q->uid_name(NULL, (uint32_t)n, &t);
	return str_is_nocase(text_view(&t), name);
}

static bool
is_login(const struct trace_query *q, struct str login, struct str account)
{
	char buf[ACCOUNT_TEXT];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	return account_from_login(&q->rules, login, &t) &&
	       str_is(text_view(&t), account);
}

/* On a host behind the one that took the message. */
static bool
is_referred(const struct trace_query *q, const struct postfix_line *p,
    struct str account)
{
	struct ref ref;

	return story_reference(q->refs, p, &ref) &&
	       ref_is_of(q->refs, &ref, account);
}

static bool
has(const struct postfix_line *p, enum line_field f, struct str value)
{
	return line_has(p, f) && str_is_nocase(p->field[f], value);
}

static bool
fulfils(const struct trace_query *q, const struct trace_criterion *c,
    const struct postfix_line *p)
{
	struct str value = str_from(c->value);
	struct ip ip;

	switch (c->kind) {
	case TRACE_QUEUE_ID:
		return str_is(p->queue_id, value);
	case TRACE_MESSAGE_ID:
		return p->kind == LINE_MESSAGE_ID &&
		       (str_is(line_get(p, FIELD_MESSAGE_ID), value) ||
			   str_is(line_get(p, FIELD_RESENT_MESSAGE_ID), value));
	case TRACE_TO:
		return has(p, FIELD_TO, value) || has(p, FIELD_ORIG_TO, value);
	case TRACE_FROM:
		return has(p, FIELD_FROM, value);
	case TRACE_CLIENT:
		return line_has(p, FIELD_CLIENT_ADDRESS) &&
		       ip_parse(p->field[FIELD_CLIENT_ADDRESS], &ip) &&
		       ip_is(&ip, &c->ip);
	case TRACE_ACCOUNT:
		return (p->kind != LINE_LOGIN_FAILED &&
			   line_has(p, FIELD_SASL_USERNAME) &&
			   is_login(q, p->field[FIELD_SASL_USERNAME], value)) ||
		       is_referred(q, p, value);
	case TRACE_UID:
		return p->kind == LINE_PICKUP &&
		       is_user(q, line_get(p, FIELD_UID), value);
	default:
		return false;
	}
}

/* A line of a message, or a refusal to take one: not what only a session
 * says. */
uint32_t
trace_match(const struct trace_query *q, const struct logline *line,
    const struct postfix_line *p)
{
	int64_t at = line->at_us / TIME_US;
	uint32_t matched = 0;

	if (p->queue_id.n == 0 && p->kind != LINE_REJECT &&
	    p->kind != LINE_NOQUEUE_CLIENT && p->kind != LINE_PROXY_ACCEPT)
		return 0;
	for (size_t i = 0; i < q->n; i++) {
		const struct trace_criterion *c = &q->v[i];

		if (c->kind == TRACE_CLIENT && q->at &&
		    (at < q->at - q->within || at > q->at + q->within))
			continue;
		if (fulfils(q, c, p))
			matched |= 1u << i;
	}
	return matched;
}
