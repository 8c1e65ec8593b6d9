/* mask - other people's addresses in a text */
#include "mta/mask.h"

#include "mta/header_words.h"
#include "mta/mask_parts.h"

enum { TOKEN = 16, NAMES = 32 };

struct name {
	struct str text;
	char token[TOKEN];
};

struct masking {
	const struct mask *mask;
	struct str s;
	struct name names[NAMES];
	size_t n;
	struct text *out; /* NULL: names are only collected */
};

void
mask_init(struct mask *m, const struct crypto_key *key,
    const struct account_rules *rules, struct str account)
{
	struct text t;

	m->key = *key;
	m->rules = rules;
	str_take(&account, STR("fwd:"));
	str_take(&account, STR("uid:"));
	str_take(&account, STR("login:"));
	text_init(&t, m->own, sizeof(m->own));
	text_str(&t, account);
}

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static void
make_token(const struct mask *m, struct str local, struct str domain,
    char token[TOKEN])
{
	char buf[1024];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < local.n; i++)
		text_char(&t, lower(local.p[i]));
	text_char(&t, '@');
	for (size_t i = 0; i < domain.n; i++)
		text_char(&t, lower(domain.p[i]));
	uint64_t hash = crypto_hash64(&m->key, text_view(&t));

	text_init(&t, token, TOKEN);
	text_printf(&t, "r%010llx", (unsigned long long)(hash >> 24));
}

/* As it stands, or as a login that is normalised. */
static bool
is_own(const struct mask *m, const struct mask_span *p)
{
	struct str own = str_from(m->own);
	char buf[ACCOUNT_TEXT];
	struct text t;

	if (own.n == 0)
		return false;
	if (str_is_nocase(p->whole, own))
		return true;
	text_init(&t, buf, sizeof(buf));
	return p->is_login && account_from_login(m->rules, p->whole, &t) &&
	       str_is(text_view(&t), own);
}

static void
add_name(struct masking *m, struct str name, const char *token)
{
	if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
		name = str_head(str_skip(name, 1), name.n - 2);
	if (name.n < 2 || m->n == NAMES)
		return;
	m->names[m->n].text = name;
	memcpy(m->names[m->n++].token, token, TOKEN);
}

static void
mask_span(struct masking *m, const struct mask_span *p)
{
	struct str base = p->local;
	char token[TOKEN];
	ptrdiff_t plus;

	if (p->is_words) {
		if (m->out)
			text_add(m->out, "=?masked?=");
		return;
	}
	if (is_own(m->mask, p)) {
		if (m->out)
			text_str(m->out,
			    str_make(m->s.p + p->from, p->to - p->from));
		return;
	}
	make_token(m->mask, p->local, p->domain, token);
	if (!m->out) {
		add_name(m, p->local, token);
		plus = str_find_char(base, '+');
		if (plus > 0)
			add_name(m, str_head(base, (size_t)plus), token);
		return;
	}
	text_str(m->out, p->before);
	text_add(m->out, token);
	text_str(m->out, p->at);
	text_str(m->out, p->domain);
	text_str(m->out, p->after);
}

/* Is the word of n bytes at i a part of what Postfix wrote, or of a host's
 * name? */
static bool
is_structure(struct str s, size_t i, size_t n)
{
	static const struct str keys[] = {STR_INIT("status="),
	    STR_INIT("relay="), STR_INIT("proto="), STR_INIT("conn_use=")};
	struct str head = str_head(s, i);
	size_t end = i + n;

	if (end < s.n && s.p[end] == '=' && i > 0 && s.p[i - 1] == ' ')
		return true;
	if (end + 1 < s.n && s.p[end] == '.' && mask_is_word(s.p[end + 1]))
		return true;
	if (i > 1 && s.p[i - 1] == '.' && mask_is_word(s.p[i - 2]))
		return true;
	for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
		if (str_ends(head, keys[k]))
			return true;
	}
	return false;
}

static const struct name *
find_name(const struct masking *m, size_t i, size_t to)
{
	struct str rest = str_make(m->s.p + i, to - i);

	if (i > 0 && mask_is_word(m->s.p[i - 1]))
		return NULL;
	for (size_t k = 0; k < m->n; k++) {
		const struct name *name = &m->names[k];

		if (rest.n >= name->text.n &&
		    str_is_nocase(str_head(rest, name->text.n), name->text) &&
		    (rest.n == name->text.n ||
			!mask_is_word(rest.p[name->text.n])) &&
		    !is_structure(m->s, i, name->text.n))
			return name;
	}
	return NULL;
}

/* What stands between addresses. */
static void
put_plain(struct masking *m, size_t from, size_t to)
{
	ptrdiff_t tag = str_find(m->s, STR("]: "));
	size_t i = from;

	if (!m->out)
		return;
	while (i < to) {
		const struct name *name =
		    tag >= 0 && i < (size_t)tag ? NULL : find_name(m, i, to);

		if (name)
			text_add(m->out, name->token);
		else
			text_char(m->out, m->s.p[i]);
		i += name ? name->text.n : 1;
	}
}

static void
walk(struct masking *m)
{
	struct mask_span p;
	size_t at = 0;

	while (mask_find(m->s, at, &p)) {
		put_plain(m, at, p.from);
		mask_span(m, &p);
		at = p.to;
	}
	put_plain(m, at, m->s.n);
}

void
mask_text(const struct mask *mask, struct str s, struct text *out)
{
	struct masking m = {.mask = mask, .s = s};

	walk(&m);
	m.out = out;
	walk(&m);
}
