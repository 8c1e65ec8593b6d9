/* policy - the questions Postfix asks a policy service, and the answers */
#include "mta/policy.h"

#include <endian.h>
#include <stddef.h>

struct attribute {
	struct str name;
	size_t offset; /* of its field in struct policy_request */
	bool is_number;
};

#define FIELD(f) offsetof(struct policy_request, f)

static const struct attribute attributes[] = {
#define POLICY_TEXT(f) {{#f, sizeof(#f) - 1}, FIELD(f), false},
#define POLICY_NUMBER(f) {{#f, sizeof(#f) - 1}, FIELD(f), true},
#include "mta/policy.def"
#undef POLICY_TEXT
#undef POLICY_NUMBER
};

enum attribute_index {
#define POLICY_TEXT(f) ATTRIBUTE_##f,
#define POLICY_NUMBER(f) ATTRIBUTE_##f,
#include "mta/policy.def"
#undef POLICY_TEXT
#undef POLICY_NUMBER
	ATTRIBUTES
};

/* Of them the first and the last, all of them texts (policy_client.def,
 * policy_session.def). */
enum {
	CLIENTS = ATTRIBUTE_recipient,
	SESSIONS = ATTRIBUTES - ATTRIBUTE_ccert_subject,
};

_Static_assert(ATTRIBUTES <= 64, "struct reading has one bit for each");
_Static_assert((int)CLIENTS <= (int)POLICY_RUN_FIELDS &&
		   (int)SESSIONS <= (int)POLICY_RUN_FIELDS &&
		   FIELD(recipient) - FIELD(request) ==
		       (int)CLIENTS * sizeof(struct str) &&
		   sizeof(struct policy_request) - FIELD(ccert_subject) ==
		       (int)SESSIONS * sizeof(struct str),
    "a run's fields stand side by side");

#define BIT(f) (UINT64_C(1) << ATTRIBUTE_##f)

#define STATE(text, state)                      \
	{                                       \
		{text, sizeof(text) - 1}, state \
	}

static const struct {
	struct str text;
	enum policy_state state;
} states[] = {
    STATE("RCPT", POLICY_RCPT),
    STATE("DATA", POLICY_DATA),
    STATE("END-OF-MESSAGE", POLICY_END_OF_MESSAGE),
    STATE("MAIL", POLICY_MAIL),
    STATE("CONNECT", POLICY_CONNECT),
    STATE("EHLO", POLICY_HELO),
    STATE("HELO", POLICY_HELO),
    STATE("VRFY", POLICY_VRFY),
    STATE("ETRN", POLICY_ETRN),
};

/* What is being read: lines up to the empty one, which is there. */
struct reading {
	const char *p, *stop;
	struct policy_request *out;
	uint64_t seen; /* a bit per attribute */
	/* What wasn't read before, and may hold a NUL. */
	const char *fresh, *fresh_end;
};

/* The newline that ends the line at p; there is one. Lines are short: a call of
 * memchr for each would cost more than looking. */
static const char *
line_end(const char *p, const char *stop)
{
	const uint64_t ones = 0x0101010101010101u;
	uint64_t w;

	for (; stop - p >= 8; p += 8) {
		memcpy(&w, p, 8);
		w = le64toh(w) ^ ones * '\n';
		/* The lowest bit that is set is a byte of zero. */
		w = (w - ones) & ~w & 0x80 * ones;
		if (w)
			return p + (__builtin_ctzll(w) >> 3);
	}
	while (*p != '\n')
		p++;
	return p;
}

static enum policy_state
name_state(struct str s)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_is(s, states[i].text))
			return states[i].state;
	return POLICY_OTHER;
}

static bool
take_number(struct str value, uint64_t *out)
{
	return value.n == 0 || str_to_u64(value, out);
}

/* Steps over "name=", n bytes. */
STR_INLINE bool
take_name(const char **p, const char *stop, const char *name, size_t n)
{
	if ((size_t)(stop - *p) <= n || memcmp(*p, name, n) != 0)
		return false;
	*p += n;
	return true;
}

/* Many values are empty. */
STR_INLINE struct str
take_value(const char **p, const char *stop)
{
	const char *begin = *p;
	const char *end = *begin == '\n' ? begin : line_end(begin, stop);

	*p = end + 1;
	return str_make(begin, (size_t)(end - begin));
}

/* The attributes that stand in Postfix's order, as all do: one comparison with
 * a constant each, a third of what looking up the names takes. Gives every
 * field its value or the empty one. */
#define READ_TEXT(f)                                   \
	out->f = str_make(p, 0);                       \
	if (take_name(&p, stop, #f "=", sizeof(#f))) { \
		seen |= BIT(f);                        \
		out->f = take_value(&p, stop);         \
	}
#define READ_NUMBER(f)                                           \
	out->f = 0;                                              \
	if (take_name(&p, stop, #f "=", sizeof(#f))) {           \
		seen |= BIT(f);                                  \
		if (!take_number(take_value(&p, stop), &out->f)) \
			return false;                            \
	}
#define POLICY_TEXT(f) READ_TEXT(f)
#define POLICY_NUMBER(f) READ_NUMBER(f)

static void
read_client(struct reading *r)
{
	struct policy_request *out = r->out;
	const char *p = r->p, *stop = r->stop;
	uint64_t seen = 0;

#include "mta/policy_client.def"
	r->p = p;
	r->seen |= seen;
}

static bool
read_message(struct reading *r)
{
	struct policy_request *out = r->out;
	const char *p = r->p, *stop = r->stop;
	uint64_t seen = 0;

#include "mta/policy_message.def"
	r->p = p;
	r->seen |= seen;
	return true;
}

static void
read_session(struct reading *r)
{
	struct policy_request *out = r->out;
	const char *p = r->p, *stop = r->stop;
	uint64_t seen = 0;

#include "mta/policy_session.def"
	r->p = p;
	r->seen |= seen;
}
#undef POLICY_TEXT
#undef POLICY_NUMBER

/* The fields of a run stand side by side. */
static struct str *
fields_of(struct reading *r, enum attribute_index first)
{
	return (void *)((char *)r->out + attributes[first].offset);
}

/* What stands at r->p is what stood there before: so are the values. */
STR_INLINE bool
recall(const struct policy_run *run, struct reading *r,
    enum attribute_index first, size_t n)
{
	if (run->n == 0 || (size_t)(r->stop - r->p) < run->n ||
	    memcmp(r->p, run->bytes, run->n) != 0)
		return false;
	memcpy(fields_of(r, first), run->fields, n * sizeof(run->fields[0]));
	r->p += run->n;
	r->seen |= run->seen;
	return true;
}

/* The values were read from `begin` on, up to `end`; `before` was seen. */
static void
remember(struct policy_run *run, struct reading *r, enum attribute_index first,
    size_t n, const char *begin, const char *end, uint64_t before)
{
	const struct str *v = fields_of(r, first);

	run->n = (size_t)(end - begin);
	if (run->n > POLICY_RUN_BYTES) {
		run->n = 0;
		return;
	}
	memcpy(run->bytes, begin, run->n);
	run->seen = r->seen & ~before;
	for (size_t i = 0; i < n; i++)
		run->fields[i] =
		    str_make(run->bytes + (v[i].p - begin), v[i].n);
}

/* From the second request on: most connections have only one. */
static void
begin_reading(struct policy_parser *p, struct reading *r)
{
	const char *begin = r->p;

	r->fresh = begin;
	if (recall(&p->client, r, ATTRIBUTE_request, CLIENTS)) {
		r->fresh = r->p;
		return;
	}
	read_client(r);
	if (p->has_read)
		remember(
		    &p->client, r, ATTRIBUTE_request, CLIENTS, begin, r->p, 0);
}

/* With the empty line, if there is nothing before it that isn't known. */
static void
end_reading(struct policy_parser *p, struct reading *r)
{
	const char *begin = r->p;
	uint64_t before = r->seen;

	if (recall(&p->session, r, ATTRIBUTE_ccert_subject, SESSIONS)) {
		r->p--;
		r->fresh_end = begin;
		return;
	}
	read_session(r);
	if (p->has_read && *r->p == '\n')
		remember(&p->session, r, ATTRIBUTE_ccert_subject, SESSIONS,
		    begin, r->p + 1, before);
}

static bool
put(struct reading *r, size_t i, struct str value)
{
	char *field = (char *)r->out + attributes[i].offset;
	uint64_t number = 0;

	if (r->seen & UINT64_C(1) << i)
		return false;
	r->seen |= UINT64_C(1) << i;
	if (!attributes[i].is_number) {
		memcpy(field, &value, sizeof(value));
		return true;
	}
	if (!take_number(value, &number))
		return false;
	memcpy(field, &number, sizeof(number));
	return true;
}

static bool
read_any(struct reading *r)
{
	struct str line = take_value(&r->p, r->stop), name;

	if (!str_cut(&line, '=', &name) || name.n == 0)
		return false;
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (str_is(attributes[i].name, name))
			return put(r, i, line);
	return true;
}

/* `bytes` has an empty line. */
static bool
read_request(struct policy_parser *p, struct str bytes,
    struct policy_request *out, size_t *used)
{
	struct reading r = {
	    .p = bytes.p, .stop = bytes.p + bytes.n, .out = out};

	begin_reading(p, &r);
	if (!read_message(&r))
		return false;
	end_reading(p, &r);
	while (*r.p != '\n')
		if (!read_any(&r))
			return false;
	if (!r.fresh_end)
		r.fresh_end = r.p;
	if (memchr(r.fresh, '\0', (size_t)(r.fresh_end - r.fresh)) ||
	    !str_is(out->request, STR("smtpd_access_policy")))
		return false;
	out->state = name_state(out->protocol_state);
	*used = (size_t)(r.p - bytes.p) + 1;
	p->has_read = true;
	return true;
}

/* Is an empty line among them? Nearly always the bytes end with it. */
static bool
has_end(struct policy_parser *p, struct str bytes)
{
	size_t from = p->searched;

	if (bytes.n == 0)
		return false;
	if (bytes.p[0] == '\n' || str_ends(bytes, STR("\n\n")) ||
	    memmem(bytes.p + from, bytes.n - from, "\n\n", 2))
		return true;
	/* The last byte may be the first of the two. */
	p->searched = bytes.n - 1;
	return false;
}

enum policy_parsed
policy_parse(struct policy_parser *p, struct str bytes, size_t max_bytes,
    struct policy_request *out, size_t *used)
{
	/* An end beyond max_bytes is none. */
	struct str head = str_head(bytes, max_bytes);

	if (!has_end(p, head))
		return bytes.n >= max_bytes ? POLICY_BROKEN : POLICY_MORE;
	p->searched = 0;
	if (read_request(p, head, out, used))
		return POLICY_ASKED;
	policy_parser_init(p); /* what is remembered may be what is wrong */
	return POLICY_BROKEN;
}

void
policy_print_answer(struct text *out, struct str action)
{
	static const struct str usual = STR_INIT("action=DUNNO\n\n");

	if (action.n == 0) {
		text_str(out, usual);
		return;
	}
	text_add(out, "action=");
	text_printable(out, str_head(action, POLICY_ACTION_MAX));
	text_add(out, "\n\n");
}
