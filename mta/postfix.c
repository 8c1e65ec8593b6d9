/* postfix - what a Postfix log line says: which parser is asked */
#include "mta/dovecot.h"
#include "mta/filter.h"
#include "mta/postfix_parts.h"

#define X PART_HEX
#define L PART_LONG
#define D (PART_HEX | PART_LONG | PART_DIGIT)
#define B (PART_HEX | PART_LONG)
/* Short queue ids are upper-case hex; long ones leave the vowels out. */
const uint8_t part_class[256] = {
    ['0'] = D,
    ['1'] = D,
    ['2'] = D,
    ['3'] = D,
    ['4'] = D,
    ['5'] = D,
    ['6'] = D,
    ['7'] = D,
    ['8'] = D,
    ['9'] = D,
    ['A'] = X,
    ['B'] = B,
    ['C'] = B,
    ['D'] = B,
    ['E'] = X,
    ['F'] = B,
    ['G'] = L,
    ['H'] = L,
    ['J'] = L,
    ['K'] = L,
    ['L'] = L,
    ['M'] = L,
    ['N'] = L,
    ['P'] = L,
    ['Q'] = L,
    ['R'] = L,
    ['S'] = L,
    ['T'] = L,
    ['V'] = L,
    ['W'] = L,
    ['X'] = L,
    ['Y'] = L,
    ['Z'] = L,
    ['b'] = L,
    ['c'] = L,
    ['d'] = L,
    ['f'] = L,
    ['g'] = L,
    ['h'] = L,
    ['j'] = L,
    ['k'] = L,
    ['l'] = L,
    ['m'] = L,
    ['n'] = L,
    ['p'] = L,
    ['q'] = L,
    ['r'] = L,
    ['s'] = L,
    ['t'] = L,
    ['v'] = L,
    ['w'] = L,
    ['x'] = L,
    ['y'] = L,
    ['z'] = L,
};
#undef X
#undef L
#undef D
#undef B

struct program {
	struct str name;
	enum postfix_daemon daemon;
};

/* By length. */
static const struct program programs[] = {
    {PART("smtp"), DAEMON_SMTP},
    {PART("qmgr"), DAEMON_QMGR},
    {PART("lmtp"), DAEMON_DELIVERY},
    {PART("pipe"), DAEMON_DELIVERY},
    {PART("smtpd"), DAEMON_SMTPD},
    {PART("local"), DAEMON_DELIVERY},
    {PART("error"), DAEMON_DELIVERY},
    {PART("retry"), DAEMON_DELIVERY},
    {PART("anvil"), DAEMON_OTHER},
    {PART("relay"), DAEMON_DELIVERY},
    {PART("qmqpd"), DAEMON_QMQPD},
    {PART("oqmgr"), DAEMON_QMGR},
    {PART("nqmgr"), DAEMON_QMGR},
    {PART("spawn"), DAEMON_OTHER},
    {PART("flush"), DAEMON_OTHER},
    {PART("showq"), DAEMON_OTHER},
    {PART("pickup"), DAEMON_PICKUP},
    {PART("bounce"), DAEMON_BOUNCE},
    {PART("verify"), DAEMON_OTHER},
    {PART("tlsmgr"), DAEMON_OTHER},
    {PART("scache"), DAEMON_OTHER},
    {PART("master"), DAEMON_OTHER},
    {PART("cleanup"), DAEMON_CLEANUP},
    {PART("virtual"), DAEMON_DELIVERY},
    {PART("discard"), DAEMON_DELIVERY},
    {PART("postfix"), DAEMON_OTHER},
    {PART("dnsblog"), DAEMON_OTHER},
    {PART("postlog"), DAEMON_OTHER},
    {PART("postmap"), DAEMON_OTHER},
    {PART("postdrop"), DAEMON_OTHER},
    {PART("sendmail"), DAEMON_OTHER},
    {PART("tlsproxy"), DAEMON_POSTSCREEN},
    {PART("proxymap"), DAEMON_OTHER},
    {PART("postlogd"), DAEMON_OTHER},
    {PART("postalias"), DAEMON_OTHER},
    {PART("postqueue"), DAEMON_OTHER},
    {PART("postsuper"), DAEMON_POSTSUPER},
    {PART("postscreen"), DAEMON_POSTSCREEN},
    {PART("postfix-script"), DAEMON_OTHER},
    {PART("trivial-rewrite"), DAEMON_OTHER},
};

enum { PROGRAMS = sizeof(programs) / sizeof(programs[0]) };

static enum postfix_daemon
find_daemon(const struct logline *in)
{
	/* Where the programs of a length begin; one more for the end. */
	static const uint8_t begins[] = {
	    0, 0, 0, 0, 0, 4, 16, 22, 29, 34, 37, 38, 38, 38, 38, 39, PROGRAMS};
	struct str name = in->program;
	bool is_ours = str_starts(in->tag, STR("postfix"));

	if (name.p != in->tag.p && name.n + 1 < sizeof(begins)) {
		const struct program *p = &programs[begins[name.n]];
		const struct program *end = &programs[begins[name.n + 1]];

		for (; p < end; p++)
			if (memcmp(p->name.p, name.p, name.n) == 0)
				return p->daemon;
	}
	return is_ours ? DAEMON_OTHER : DAEMON_FOREIGN;
}

enum postfix_daemon
postfix_find_daemon(const struct logline *in)
{
	enum postfix_daemon daemon = find_daemon(in);

	if (in->kept)
		in->kept->daemon = (uint8_t)daemon;
	return daemon;
}

static void
parse_nothing(struct postfix_line *l, struct str text)
{
	(void)l, (void)text;
}

typedef void parse_fn(struct postfix_line *l, struct str text);

static parse_fn *const parsers[] = {
    [DAEMON_OTHER] = parse_nothing,
    [DAEMON_SMTP] = postfix_parse_delivery,
    [DAEMON_DELIVERY] = postfix_parse_delivery,
    [DAEMON_SMTPD] = postfix_parse_smtpd,
    [DAEMON_QMQPD] = postfix_parse_smtpd,
    [DAEMON_QMGR] = postfix_parse_qmgr,
    [DAEMON_CLEANUP] = postfix_parse_cleanup,
    [DAEMON_PICKUP] = postfix_parse_pickup,
    [DAEMON_BOUNCE] = postfix_parse_bounce,
    [DAEMON_POSTSUPER] = postfix_parse_postsuper,
    [DAEMON_POSTSCREEN] = postfix_parse_postscreen,
};

/* rsyslog's "message repeated 3 times: [ TEXT]" */
__attribute__((noinline)) static struct str
skip_repetition(struct postfix_line *l, struct str text)
{
	struct str s = text, head;
	uint64_t n;

	if (!part_take(&s, STR("message repeated ")) ||
	    !part_cut(&s, ' ', &head) || !str_to_u64(head, &n) ||
	    !part_take(&s, STR("times: [")) || s.n == 0 ||
	    s.p[s.n - 1] != ']' || n == 0 || n > 1000000)
		return text;
	l->repeats = (uint32_t)n;
	s.n--;
	return s.n > 0 && s.p[0] == ' ' ? str_skip(s, 1) : s;
}

static bool
is_warning(struct str s)
{
	return str_starts(s, STR("warning:")) || str_starts(s, STR("error:")) ||
	       str_starts(s, STR("fatal:")) || str_starts(s, STR("panic:"));
}

/* What any daemon may say. */
__attribute__((noinline)) static void
parse_general(struct postfix_line *l, struct str text)
{
	if (l->queue_id.n == 0 && is_warning(text))
		l->kind = LINE_WARNING;
	else if (str_starts(text, STR("statistics: ")))
		l->kind = LINE_STATISTICS;
	else
		postfix_parse_tls(l, text);
	if (!line_has(l, FIELD_TEXT))
		part_put(l, FIELD_TEXT, text);
}

/* Another program's line. Out of the way of the others, which are most. */
__attribute__((noinline)) static void
parse_foreign(const struct logline *in, struct postfix_line *out)
{
	if (!dovecot_parse(in, out) && !filter_parse(in, out))
		postfix_parse_lost(out, in);
}

void
postfix_parse(const struct logline *in, struct postfix_line *out)
{
	enum postfix_daemon daemon = postfix_daemon_of(in);
	struct str text = in->text;
	size_t id_n;

	out->has = 0;
	out->status = LINE_STATUS_NONE;
	out->repeats = 1;
	out->queue_id = str_make("", 0);
	if (daemon == DAEMON_FOREIGN) {
		out->kind = LINE_FOREIGN;
		parse_foreign(in, out);
		return;
	}
	out->kind = LINE_OTHER;
	if (text.n > 0 && text.p[0] == 'm')
		text = skip_repetition(out, text);
	id_n = in->id_hash ? in->id_n : part_queue_id(text);
	if (id_n > 0 && id_n + 1 < text.n && text.p[id_n] == ':' &&
	    text.p[id_n + 1] == ' ') {
		out->queue_id = str_head(text, id_n);
		text.p += id_n + 2;
		text.n -= id_n + 2;
	}
	parsers[daemon](out, text);
	if (out->kind == LINE_OTHER)
		parse_general(out, text);
}

void
part_take_reply(struct postfix_line *l, struct str *s)
{
	size_t n = part_digits(*s);
	struct str rest = *s;

	if (n == 3 && (rest.n == 3 || rest.p[3] == ' ' || rest.p[3] == '-')) {
		part_put(l, FIELD_REPLY, str_head(rest, 3));
		rest = str_skip(rest, rest.n > 3 ? 4 : 3);
		n = part_digits(rest);
	}
	if (n == 1 &&
	    (rest.p[0] == '2' || rest.p[0] == '4' || rest.p[0] == '5')) {
		size_t i = 1;

		for (int part = 0; part < 2; part++) {
			struct str more = str_skip(rest, i);
			size_t digits = more.n > 0 && more.p[0] == '.'
					    ? part_digits(str_skip(more, 1))
					    : 0;

			if (digits == 0 || digits > 3)
				goto out;
			i += 1 + digits;
		}
		if (i < rest.n && rest.p[i] != ' ')
			goto out;
		part_put(l, FIELD_DSN, str_head(rest, i));
		rest = str_skip(rest, i + 1);
	}
out:
	*s = rest;
}

bool
postfix_peer(
    struct str s, struct str *name, struct str *address, struct str *port)
{
	struct postfix_line l = {.has = 0};

	if (!part_take_peer(&l, &s, FIELD_CLIENT_NAME) || s.n > 0)
		return false;
	*name = line_get(&l, FIELD_CLIENT_NAME);
	*address = line_get(&l, FIELD_CLIENT_ADDRESS);
	*port = line_get(&l, FIELD_CLIENT_PORT);
	return true;
}

uint64_t
line_number(const struct postfix_line *l, enum line_field f)
{
	uint64_t n = 0;

	return str_to_u64(line_get(l, f), &n) ? n : 0;
}

const char *
line_kind_text(enum line_kind kind)
{
	static const char *const texts[] = {
#define KIND(name, text, help) text,
#include "mta/lines.def"
#undef KIND
	};

	return texts[kind];
}

const char *
line_field_text(enum line_field f)
{
	static const char *const texts[] = {
#define FIELD(name, text, type) text,
#include "mta/lines.def"
#undef FIELD
	};

	return texts[f];
}

enum line_field_type
line_field_type(enum line_field f)
{
	static const uint8_t types[] = {
#define FIELD(name, text, type) FIELD_IS_##type,
#include "mta/lines.def"
#undef FIELD
	};

	return (enum line_field_type)types[f];
}
