/* queue_message - one queued message, as outpost-queue is asked about it */
#include "queue/queue_message.h"

static const struct {
	const char *text, *help;
} results[QUEUE_RESULTS] = {
#define RESULT(name, text, help) [QUEUE_##name] = {text, help},
#include "queue/queue_results.def"
#undef RESULT
};

static const struct {
	const char *text, *help;
} origins[QUEUE_ORIGINS] = {
#define ORIGIN(name, text, help) [QUEUE_ORIGIN_##name] = {text, help},
#include "queue/queue_origins.def"
#undef ORIGIN
};

const char *
queue_origin_text(enum queue_origin o)
{
	return origins[o].text;
}

const char *
queue_origin_help(enum queue_origin o)
{
	return origins[o].help;
}

const char *
queue_result_text(enum queue_result r)
{
	return results[r].text;
}

const char *
queue_result_help(enum queue_result r)
{
	return results[r].help;
}

static bool
is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	       (c >= 'a' && c <= 'z');
}

bool
queue_id_is_good(struct str id)
{
	if (id.n < QUEUE_ID_MIN || id.n > QUEUE_ID_MAX)
		return false;
	for (size_t i = 0; i < id.n; i++) {
		if (!is_alnum(id.p[i]))
			return false;
	}
	return true;
}

bool
queue_instance_is_good(struct str name)
{
	if (name.n == 0 || name.n > QUEUE_INSTANCE_MAX || !is_alnum(*name.p))
		return false;
	for (size_t i = 0; i < name.n; i++) {
		if (!is_alnum(name.p[i]) && !memchr("-_.", name.p[i], 3))
			return false;
	}
	return true;
}

void
queue_escape(struct text *out, struct str s)
{
	static const char hex[] = "0123456789ABCDEF";

	if (s.n == 0)
		text_char(out, '-');
	for (size_t i = 0; i < s.n; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c > ' ' && c < 127 && c != '%' && !(c == '-' && s.n == 1)) {
			text_char(out, (char)c);
			continue;
		}
		text_char(out, '%');
		text_char(out, hex[c >> 4]);
		text_char(out, hex[c & 15]);
	}
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool
queue_unescape(struct str s, char *buf, size_t cap, struct str *out)
{
	size_t n = 0;

	if (s.n == 0)
		return false;
	*out = str_make(buf, 0);
	if (str_is(s, STR("-")))
		return true;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (n == cap || c <= ' ' || c > '~')
			return false;
		if (c == '%') {
			bool is_whole = i + 2 < s.n;
			int high = is_whole ? hex_value(s.p[i + 1]) : -1;
			int low = is_whole ? hex_value(s.p[i + 2]) : -1;

			if (high < 0 || low < 0)
				return false;
			c = (char)(high << 4 | low);
			i += 2;
		}
		buf[n++] = c;
	}
	out->n = n;
	return true;
}

void
queue_message_print(const struct queue_message *m, struct text *out)
{
	text_str(out, m->instance);
	text_char(out, ' ');
	text_str(out, m->id);
	text_printf(out, " %s %lld %lld %lld %lld ",
	    queue_result_text(m->result), (long long)m->from, (long long)m->to,
	    (long long)m->due, (long long)m->size_bytes);
	queue_escape(out, m->account);
	text_char(out, ' ');
	queue_escape(out, m->sender);
	text_char(out, ' ');
	if (ip_is_none(&m->client))
		text_char(out, '-');
	else
		ip_format(out, &m->client);
	text_printf(out, " %s", queue_origin_text(m->origin));
}

static bool
parse_result(struct str s, enum queue_result *out)
{
	for (enum queue_result r = 0; r < QUEUE_RESULTS; r++) {
		if (str_is(s, str_from(results[r].text))) {
			*out = r;
			return true;
		}
	}
	return false;
}

/* CLIENT ORIGIN; older lines have neither. */
static bool
parse_origin(struct str s, struct queue_message *out)
{
	struct str client;

	out->client = (struct ip){0};
	out->origin = QUEUE_ORIGIN_UNTOLD;
	if (s.n == 0)
		return true;
	if (!str_cut(&s, ' ', &client) ||
	    (!str_is(client, STR("-")) && !ip_parse(client, &out->client)))
		return false;
	for (enum queue_origin o = 0; o < QUEUE_ORIGINS; o++) {
		if (str_is(s, str_from(origins[o].text))) {
			out->origin = o;
			return true;
		}
	}
	return false;
}

bool
queue_message_parse(
    struct str line, char buf[2 * QUEUE_TEXT_MAX], struct queue_message *out)
{
	enum { FIELDS = 9 };
	struct str f[FIELDS];
	struct queue_message m;

	for (size_t i = 0; i + 1 < FIELDS; i++) {
		if (!str_cut(&line, ' ', &f[i]))
			return false;
	}
	/* What is left of it are the fields that came later. */
	if (!str_cut(&line, ' ', &f[FIELDS - 1])) {
		f[FIELDS - 1] = line;
		line = STR("");
	} else if (line.n == 0) {
		return false;
	}
	m.instance = f[0];
	m.id = f[1];
	if (!queue_instance_is_good(m.instance) || !queue_id_is_good(m.id) ||
	    !parse_result(f[2], &m.result) || !str_to_i64(f[3], &m.from) ||
	    !str_to_i64(f[4], &m.to) || !str_to_i64(f[5], &m.due) ||
	    !str_to_i64(f[6], &m.size_bytes) || m.size_bytes < 0 ||
	    !queue_unescape(f[7], buf, QUEUE_TEXT_MAX, &m.account) ||
	    !queue_unescape(
		f[8], buf + QUEUE_TEXT_MAX, QUEUE_TEXT_MAX, &m.sender) ||
	    !parse_origin(line, &m))
		return false;
	*out = m;
	return true;
}

/* The next byte that counts; -1 at the end. */
static int
next_byte(struct str *s)
{
	while (s->n > 0) {
		unsigned char c = (unsigned char)*s->p;

		*s = str_skip(*s, 1);
		if (c != '"' && c != '\\')
			return c >= 'A' && c <= 'Z' ? c + 32 : c;
	}
	return -1;
}

bool
queue_sender_is(struct str a, struct str b)
{
	for (;;) {
		int x = next_byte(&a), y = next_byte(&b);

		if (x != y && (x < 0 || y < 0 || (x != '?' && y != '?')))
			return false;
		if (x < 0)
			return true;
	}
}

static bool
has_prefix(struct str account)
{
	static const char *const kinds[] = {"uid:", "ip:", "fwd:", "cert:"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
		if (str_starts(account, str_from(kinds[i])))
			return true;
	}
	return false;
}

/* "shop" of "ann+shop@x.example"; what a mail server would read as another
 * address is none. */
static bool
is_extension(struct str s)
{
	return str_find_char(s, '@') < 0 && str_find_char(s, '%') < 0 &&
	       str_find_char(s, '!') < 0 && str_find_char(s, '"') < 0;
}

bool
queue_sender_is_own(struct str account, struct str sender)
{
	struct str rest = sender, user, domain;
	ptrdiff_t at = str_find_last(sender, STR("@"));
	char plain[QUEUE_TEXT_MAX];
	struct text t;

	if (at <= 0 || has_prefix(account) ||
	    str_find_last(account, STR("@")) <= 0)
		return false;
	str_take(&account, STR("login:"));
	if (str_is_nocase(account, sender))
		return true;
	domain = str_skip(sender, (size_t)at);
	if (!str_cut(&rest, '+', &user) || rest.n <= domain.n ||
	    !is_extension(str_head(rest, rest.n - domain.n)))
		return false;
	text_init(&t, plain, sizeof(plain));
	text_str(&t, user);
	text_str(&t, domain);
	return user.n > 0 && !t.is_cut && str_is_nocase(account, text_view(&t));
}
