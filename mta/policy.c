/* policy - the questions Postfix asks a policy service, and the answers */
#include "mta/policy.h"

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

enum { ATTRIBUTES = sizeof(attributes) / sizeof(attributes[0]) };
_Static_assert(ATTRIBUTES <= 64, "struct reading has one bit for each");

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
};

static enum policy_state
name_state(struct str s)
{
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (str_is(s, states[i].text))
			return states[i].state;
	return POLICY_OTHER;
}

/* Many values are empty. */
static struct str
take_value(struct reading *r)
{
	const char *p = r->p, *end = p;

	if (*p != '\n')
		end = memchr(p, '\n', (size_t)(r->stop - p));
	r->p = end + 1;
	return str_make(p, (size_t)(end - p));
}

static bool
take_number(struct str value, uint64_t *out)
{
	return value.n == 0 || str_to_u64(value, out);
}

static inline __attribute__((always_inline)) bool
take_name(struct reading *r, const char *name, size_t n)
{
	if ((size_t)(r->stop - r->p) <= n || memcmp(r->p, name, n) != 0)
		return false;
	r->p += n;
	return true;
}

/* The attributes that stand in Postfix's order, as all do: one comparison with
 * a constant each, a third of what looking up the names takes. Gives every
 * field its value or the empty one. */
static bool
read_in_order(struct reading *r)
{
	uint64_t bit = 1;

#define POLICY_TEXT(f)                          \
	r->out->f = STR("");                    \
	if (take_name(r, #f "=", sizeof(#f))) { \
		r->seen |= bit;                 \
		r->out->f = take_value(r);      \
	}                                       \
	bit <<= 1;
#define POLICY_NUMBER(f)                                     \
	r->out->f = 0;                                       \
	if (take_name(r, #f "=", sizeof(#f))) {              \
		r->seen |= bit;                              \
		if (!take_number(take_value(r), &r->out->f)) \
			return false;                        \
	}                                                    \
	bit <<= 1;
#include "mta/policy.def"
#undef POLICY_TEXT
#undef POLICY_NUMBER
	return true;
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
	struct str line = take_value(r), name;

	if (!str_cut(&line, '=', &name) || name.n == 0)
		return false;
	for (size_t i = 0; i < ATTRIBUTES; i++)
		if (str_is(attributes[i].name, name))
			return put(r, i, line);
	return true;
}

/* `bytes` has an empty line. */
static bool
read_request(struct str bytes, struct policy_request *out, size_t *used)
{
	struct reading r = {bytes.p, bytes.p + bytes.n, out, 0};

	if (!read_in_order(&r))
		return false;
	while (*r.p != '\n')
		if (!read_any(&r))
			return false;
	if (memchr(bytes.p, '\0', (size_t)(r.p - bytes.p)) ||
	    !str_is(out->request, STR("smtpd_access_policy")))
		return false;
	out->state = name_state(out->protocol_state);
	*used = (size_t)(r.p - bytes.p) + 1;
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
	return read_request(head, out, used) ? POLICY_ASKED : POLICY_BROKEN;
}

void
policy_print_answer(struct text *out, struct str action)
{
	text_add(out, "action=");
	if (action.n == 0)
		text_add(out, "DUNNO");
	else
		text_printable(out, str_head(action, POLICY_ACTION_MAX));
	text_add(out, "\n\n");
}
