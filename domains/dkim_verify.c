/* dkim_verify - does a message's DKIM signature hold? */
#include "domains/dkim_verify.h"

#include <stdlib.h>

#include "base/crypto.h"
#include "domains/dkim_canon.h"
#include "domains/settings.h"
#include "domains/tags.h"

enum { DECODED = 2048, TAGS = 32 * 1024 };

static struct str
field_name(struct str field)
{
	struct str name;

	return str_cut(&field, ':', &name) ? str_trim(name) : STR("");
}

/* The domain behind the last @ of an address line. */
static void
read_from(struct dkim_message *m)
{
	for (size_t i = 0; i < m->n_fields; i++) {
		struct str v = m->fields[i];
		ptrdiff_t at = str_find_last(v, STR("@"));
		size_t n = 0;

		if (!str_is_nocase(field_name(v), STR("from")) || at < 0)
			continue;
		v = str_skip(v, (size_t)at + 1);
		while (n < v.n && !memchr("> \t\r\n,;)", v.p[n], 8))
			n++;
		if (!domains_is_domain(str_head(v, n), m->from))
			*m->from = '\0';
		return;
	}
}

/* To the end of the field: lines that begin with a blank belong to it. */
static size_t
field_end(struct str text)
{
	size_t n = 0;

	for (;;) {
		ptrdiff_t end = str_find(str_skip(text, n), STR("\r\n"));

		if (end < 0)
			return text.n;
		n += (size_t)end + 2;
		if (n >= text.n || (text.p[n] != ' ' && text.p[n] != '\t'))
			return n;
	}
}

bool
dkim_message_read(struct arena *a, struct str text, struct dkim_message *out)
{
	struct text crlf;

	memset(out, 0, sizeof(*out));
	text_grow(&crlf, DKIM_MESSAGE);
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '\n' && (i == 0 || text.p[i - 1] != '\r'))
			text_char(&crlf, '\r');
		text_char(&crlf, text.p[i]);
	}
	struct str rest = arena_str(a, text_view(&crlf));
	bool is_whole = !crlf.is_cut;

	text_done(&crlf);
	/* As mbox and pipes may have it. */
	if (str_starts(rest, STR("From ")))
		rest = str_skip(rest, field_end(rest));
	while (rest.n > 0 && !str_starts(rest, STR("\r\n"))) {
		size_t n = field_end(rest);

		if (out->n_fields == DKIM_FIELDS)
			return false;
		out->fields[out->n_fields++] = str_head(rest, n);
		rest = str_skip(rest, n);
	}
	out->body = str_skip(rest, 2);
	read_from(out);
	return is_whole;
}

static void
take_name(struct str value, char out[DNS_NAME], bool is_domain)
{
	struct text t;

	if (is_domain && domains_is_domain(value, out))
		return;
	text_init(&t, out, DNS_NAME);
	if (!is_domain && domains_is_selector(value))
		text_str(&t, value);
}

static void
take_tag(struct dkim_signature *s, struct str name, struct str value)
{
	struct str body;

	if (str_is(name, STR("v")) && !str_is(value, STR("1")))
		s->why = "its version isn't 1";
	else if (str_is(name, STR("a")))
		s->kind = str_is_nocase(value, STR("rsa-sha256")) ? DKIM_RSA
			  : str_is_nocase(value, STR("ed25519-sha256"))
			      ? DKIM_ED25519
			      : DKIM_OTHER;
	else if (str_is(name, STR("c"))) {
		body = value;
		if (!str_cut(&body, '/', &value))
			body = STR("simple");
		s->is_relaxed_header = str_is_nocase(value, STR("relaxed"));
		s->is_relaxed_body = str_is_nocase(body, STR("relaxed"));
	} else if (str_is(name, STR("d")))
		take_name(value, s->domain, true);
	else if (str_is(name, STR("s")))
		take_name(value, s->selector, false);
	else if (str_is(name, STR("h")))
		s->headers = value;
	else if (str_is(name, STR("bh")))
		s->hash = value;
	else if (str_is(name, STR("b")))
		s->signature = value;
	else if (str_is(name, STR("l")) &&
		 (!str_to_i64(value, &s->length) || s->length < 0))
		s->why = "its l= is no length";
}

static bool
signs_from(struct str headers)
{
	struct str one;

	while (tags_part(&headers, ':', &one)) {
		if (str_is_nocase(one, STR("from")))
			return true;
	}
	return false;
}

static void
read_signature(struct str field, struct dkim_signature *s)
{
	struct str rest = field, name;
	struct tag t;
	int got = 0;

	*s = (struct dkim_signature){
	    .field = field, .kind = DKIM_OTHER, .length = -1};
	str_cut(&rest, ':', &name);
	while ((got = tags_next(&rest, &t)) > 0)
		take_tag(s, t.name, t.value);
	if (s->why)
		return;
	if (got < 0)
		s->why = "it can't be read";
	else if (!*s->domain || !*s->selector)
		s->why = "it has no domain (d=) or selector (s=)";
	else if (s->kind == DKIM_OTHER)
		s->why = "its algorithm (a=) is not accepted any more";
	else if (s->hash.n == 0 || s->signature.n == 0)
		s->why = "it is empty";
	else if (!signs_from(s->headers))
		s->why = "From is not among the signed fields (h=)";
}

size_t
dkim_signatures(
    const struct dkim_message *m, struct dkim_signature out[DKIM_SIGNATURES])
{
	size_t n = 0;

	for (size_t i = 0; i < m->n_fields && n < DKIM_SIGNATURES; i++) {
		if (str_is_nocase(
			field_name(m->fields[i]), STR("dkim-signature")))
			read_signature(m->fields[i], &out[n++]);
	}
	return n;
}

/* Base64 with blanks in it. */
static bool
decode(struct str s, uint8_t out[DECODED], size_t *n)
{
	char buf[2 * DECODED];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '=' || c == ' ' || c == '\t' || c == '\r' || c == '\n')
			continue;
		text_char(&t, c == '+' ? '-' : c == '/' ? '_' : c);
	}
	return !t.is_cut &&
	       crypto_from_base64url(text_view(&t), out, DECODED, n);
}

static bool
is_body_right(const struct dkim_message *m, const struct dkim_signature *s)
{
	uint8_t want[DECODED], got[CRYPTO_SHA256];
	size_t n;
	struct text body;

	if (!decode(s->hash, want, &n) || n != CRYPTO_SHA256)
		return false;
	text_grow(&body, DKIM_MESSAGE);
	dkim_canon_body(m->body, s->is_relaxed_body, &body);
	struct str v = text_view(&body);

	if (s->length >= 0)
		v = str_head(v, (size_t)s->length);
	crypto_sha256(v, got);
	text_done(&body);
	return memcmp(want, got, CRYPTO_SHA256) == 0;
}

/* Of several fields of a name the last one that isn't signed yet. */
static void
add_signed(const struct dkim_message *m, struct str name,
    bool is_used[DKIM_FIELDS], bool is_relaxed, struct text *out)
{
	for (size_t i = m->n_fields; i-- > 0;) {
		if (is_used[i] ||
		    !str_is_nocase(field_name(m->fields[i]), name))
			continue;
		is_used[i] = true;
		dkim_canon_field(m->fields[i], is_relaxed, out);
		return;
	}
}

static bool
is_signed(const struct dkim_key *key, struct str data, struct str signature)
{
	struct str k = str_make((const char *)key->key, key->key_n);
	uint8_t hash[CRYPTO_SHA256];

	if (key->kind == DKIM_RSA)
		return crypto_verify_rsa(k, data, signature);
	crypto_sha256(data, hash);
	return crypto_verify_ed25519(
	    k, str_make((const char *)hash, sizeof(hash)), signature);
}

const char *
dkim_verify(const struct dkim_message *m, const struct dkim_signature *s,
    const struct dkim_key *key)
{
	bool is_used[DKIM_FIELDS] = {false};
	uint8_t signature[DECODED];
	struct str names = s->headers, name;
	struct text data;
	size_t n;

	if (s->why)
		return s->why;
	if (key->kind != s->kind)
		return "the key in the DNS is of another kind";
	if (key->is_revoked)
		return "the key in the DNS was withdrawn";
	if (!is_body_right(m, s))
		return "the body was changed after it was signed";
	if (!decode(s->signature, signature, &n))
		return "it can't be read";
	text_grow(&data, DKIM_MESSAGE);
	while (tags_part(&names, ':', &name))
		add_signed(m, name, is_used, s->is_relaxed_header, &data);
	dkim_canon_own(s->field, s->is_relaxed_header, &data);
	bool is_good = is_signed(
	    key, text_view(&data), str_make((const char *)signature, n));

	text_done(&data);
	return is_good ? NULL
		       : "the key in the DNS isn't the one that signed, or a "
			 "signed field was changed";
}
