/* dnsbl - lists of bad senders, asked by DNS (RFC 5782), and what they answer
 */
#include "reputation/dnsbl.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/map.h"

#define SETTING SETTING_ROW
#define SETTING_STRUCT dnsbl_spec
static const struct setting rows[] = {
#include "reputation/dnsbl_fields.def"
};
#undef SETTING_STRUCT
#undef SETTING

const struct setting_table dnsbl_fields = {
    "dnsbls", rows, sizeof(rows) / sizeof(rows[0])};

enum { CODES = 64 };

/* The first three bytes, and the last: from..to, or bits. */
struct dnsbl_code {
	uint8_t head[3], from, to, bits;
	bool is_error;
	const char *words;
};

struct dnsbls {
	struct arena arena;
	struct map names;
	struct dnsbl *v[DNSBLS_MAX];
	size_t n;
};

struct dnsbls *
dnsbls_new(void)
{
	struct dnsbls *l = xalloc(1, sizeof(*l));

	arena_init(&l->arena);
	map_init(&l->names);
	return l;
}

void
dnsbls_free(struct dnsbls **lp)
{
	struct dnsbls *l = *lp;

	if (!l)
		return;
	*lp = NULL;
	map_done(&l->names);
	arena_done(&l->arena);
	free(l);
}

static bool
is_name(struct str s)
{
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-')
			return false;
	}
	return s.n > 0 && s.n < DNSBL_NAME && *s.p != '-';
}

static bool
take_byte(struct str s, uint8_t *out)
{
	uint64_t n;

	if (!str_to_u64(s, &n) || n > 255)
		return false;
	*out = (uint8_t)n;
	return true;
}

/* "127.0.0.2", "127.0.0.2-9", "127.0.0.&8" */
static bool
take_code(struct str s, struct dnsbl_code *c)
{
	struct str part;

	for (int i = 0; i < 3; i++) {
		if (!str_cut(&s, '.', &part) || !take_byte(part, &c->head[i]))
			return false;
	}
	if (c->head[0] != 127)
		return false;
	if (str_take(&s, STR("&")))
		return take_byte(s, &c->bits) && c->bits > 0;
	if (!str_cut(&s, '-', &part))
		part = s;
	return take_byte(part, &c->from) && take_byte(s, &c->to) &&
	       c->from <= c->to;
}

static int
put_code(struct dnsbls *l, struct dnsbl *one, struct str text, bool is_error,
    struct error *err)
{
	struct dnsbl_code *c = &one->codes[one->n_codes];
	struct str words = text, code;

	if (one->n_codes == CODES)
		return error_set(
		    err, "dnsbl %s: more than %d codes", one->name, CODES);
	if (!str_cut(&words, ' ', &code)) {
		code = words;
		words.n = 0;
	}
	if (!take_code(code, c))
		return error_set(err,
		    "dnsbl %s: \"%.*s\" doesn't begin with a code "
		    "(127.0.0.2, 127.0.0.2-9, 127.0.0.&8)",
		    one->name, STR_ARG(text));
	c->is_error = is_error;
	c->words = arena_dup(&l->arena, str_trim(words));
	one->n_codes++;
	return 0;
}

static int
put_codes(struct dnsbls *l, struct dnsbl *one, const char *texts, bool is_error,
    struct error *err)
{
	struct str rest = str_from(texts), text;

	while (rest.n > 0) {
		if (!str_cut(&rest, ';', &text)) {
			text = rest;
			rest.n = 0;
		}
		text = str_trim(text);
		if (text.n > 0 && put_code(l, one, text, is_error, err) < 0)
			return -1;
	}
	return 0;
}

static int
put_kinds(const struct dnsbl_spec *spec, struct dnsbl *one, struct error *err)
{
	static const struct {
		const char *word;
		enum dnsbl_kind kind;
	} kinds[] = {
	    {"ip4", DNSBL_IP4}, {"ip6", DNSBL_IP6}, {"domain", DNSBL_DOMAIN}};

	for (size_t i = 0; i < spec->lists.n; i++) {
		unsigned before = one->kinds;

		for (size_t k = 0; k < 3; k++) {
			if (strcmp(spec->lists.v[i], kinds[k].word) == 0)
				one->kinds |= kinds[k].kind;
		}
		if (one->kinds == before)
			return error_set(err,
			    "dnsbl %s: lists is of \"ip4\", \"ip6\", "
			    "\"domain\", not \"%s\"",
			    spec->name, spec->lists.v[i]);
	}
	if (one->kinds == 0)
		return error_set(err, "dnsbl %s: lists is needed", spec->name);
	if (one->kinds & DNSBL_DOMAIN && one->kinds != DNSBL_DOMAIN)
		return error_set(err,
		    "dnsbl %s: addresses and domains are two lists of one zone",
		    spec->name);
	return 0;
}

static int
check(const struct dnsbls *l, const struct dnsbl_spec *spec, struct error *err)
{
	char folded[DNS_NAME];
	struct str zone = str_from(spec->zone);

	if (!is_name(str_from(spec->name)))
		return error_set(err,
		    "\"%s\" is no name of a list (a-z, 0-9, \"-\"; at most "
		    "%d)",
		    spec->name, DNSBL_NAME - 1);
	if (dnsbls_find(l, str_from(spec->name)))
		return error_set(err, "two lists named \"%s\"", spec->name);
	if (zone.n == 0 || !dns_name(zone, folded))
		return error_set(
		    err, "dnsbl %s: \"%s\" is no zone", spec->name, spec->zone);
	if (!*spec->codes)
		return error_set(err,
		    "dnsbl %s: codes are needed: what its "
		    "answers mean",
		    spec->name);
	if (l->n == DNSBLS_MAX)
		return error_set(err, "more than %d lists", DNSBLS_MAX);
	return 0;
}

static const char *
dup_or(struct dnsbls *l, const char *s, const char *other)
{
	return arena_dup(&l->arena, str_from(*s ? s : other));
}

int
dnsbls_add(struct dnsbls *l, const struct dnsbl_spec *spec, struct error *err)
{
	struct dnsbl *one = arena_alloc(&l->arena, sizeof(*one));

	memset(one, 0, sizeof(*one));
	one->name = dup_or(l, spec->name, "");
	one->codes = arena_alloc(&l->arena, CODES * sizeof(*one->codes));
	if (check(l, spec, err) < 0 || put_kinds(spec, one, err) < 0 ||
	    put_codes(l, one, spec->codes, false, err) < 0 ||
	    put_codes(l, one, spec->errors, true, err) < 0)
		return -1;
	if (one->kinds == DNSBL_DOMAIN && !*spec->listed)
		return error_set(err,
		    "dnsbl %s: listed is needed: a domain that is always there",
		    spec->name);
	bool is_domain = one->kinds == DNSBL_DOMAIN;

	one->zone = dup_or(l, spec->zone, "");
	one->removal = dup_or(l, spec->removal, "");
	one->expires = dup_or(l, spec->expires, "");
	one->terms = dup_or(l, spec->terms, "");
	one->instead = dup_or(l, spec->instead, "");
	one->listed = dup_or(l, spec->listed, "2.0.0.127");
	one->unlisted =
	    dup_or(l, spec->unlisted, is_domain ? "invalid" : "1.0.0.127");
	one->is_usual = spec->usual;
	one->is_info = spec->info;
	one->is_of_clients = spec->clients;
	one->has_key = str_find(str_from(one->zone), STR("%k")) >= 0;
	map_put(&l->names, str_from(one->name), one);
	l->v[l->n++] = one;
	return 0;
}

const struct dnsbl *
dnsbls_at(const struct dnsbls *l, size_t i)
{
	return i < l->n ? l->v[i] : NULL;
}

const struct dnsbl *
dnsbls_find(const struct dnsbls *l, struct str name)
{
	return map_find(&l->names, name);
}

const char *
dnsbl_says_text(enum dnsbl_says s)
{
	static const char *const texts[] = {
	    [DNSBL_CLEAN] = "clean",
	    [DNSBL_LISTED] = "listed",
	    [DNSBL_UNCLEAR] = "unclear",
	    [DNSBL_REFUSES] = "refuses",
	    [DNSBL_LIES] = "lies",
	    [DNSBL_SILENT] = "silent",
	};

	return texts[s];
}

static bool
is_meant(const struct dnsbl_code *c, const uint8_t b[4])
{
	if (memcmp(c->head, b, 3) != 0)
		return false;
	return c->bits ? (c->bits & b[3]) != 0
		       : c->from <= b[3] && b[3] <= c->to;
}

static void
add_words(struct text *t, const char *words)
{
	if (str_find(text_view(t), str_from(words)) >= 0)
		return;
	text_printf(t, "%s%s", t->n > 0 ? "; " : "", words);
}

/* One address of the answer. Words are added for what is worse than what there
 * was. */
static enum dnsbl_says
read_one(const struct dnsbl *l, const struct ip *ip, struct text *words)
{
	const uint8_t *b = ip->b + 12;
	enum dnsbl_says says = DNSBL_UNCLEAR;
	bool is_network = b[0] == 127 && b[1] == 255 && b[2] == 255;
	bool is_refusal =
	    is_network || (b[0] == 127 && !b[1] && !b[2] && b[3] == 1);

	for (size_t i = 0; i < l->n_codes; i++) {
		const struct dnsbl_code *c = &l->codes[i];

		if (!is_meant(c, b))
			continue;
		if (!c->is_error && is_refusal)
			continue;
		says = c->is_error ? DNSBL_REFUSES : DNSBL_LISTED;
		add_words(words, *c->words ? c->words : "listed");
		if (c->is_error)
			return says;
	}
	if (says == DNSBL_LISTED)
		return says;
	if (!ip_is_v4(ip) || b[0] != 127)
		says = DNSBL_LIES;
	else if (is_refusal)
		says = DNSBL_REFUSES;
	text_add(words, says == DNSBL_LIES	? "it answers "
			: says == DNSBL_REFUSES ? "it refuses to answer: "
						: "an unknown code: ");
	ip_format(words, ip);
	if (is_network)
		text_add(words, b[3] == 252   ? " (no such zone)"
				: b[3] == 254 ? " (asked through a public or "
						"unknown resolver)"
				: b[3] == 255 ? " (asked too often, or not "
						"registered)"
					      : "");
	return says;
}

void
dnsbl_read(
    const struct dnsbl *l, const struct dns_answer *a, struct dnsbl_answer *out)
{
	struct text t;

	*out = (struct dnsbl_answer){DNSBL_CLEAN, ""};
	text_init(&t, out->words, sizeof(out->words));
	if (a->status == DNS_FAILED) {
		out->says = DNSBL_SILENT;
		text_add(&t, a->why);
		return;
	}
	for (size_t i = 0; i < a->n; i++) {
		char one[DNSBL_TEXT];
		struct text words;

		text_init(&words, one, sizeof(one));
		enum dnsbl_says says = read_one(l, &a->v[i].ip, &words);

		if (says < out->says)
			continue;
		if (says > out->says)
			text_clear(&t);
		out->says = says;
		add_words(&t, one);
	}
}
