/* dkim_key - a DKIM key's record */
#include "domains/dkim_key.h"

#include "domains/tags.h"

enum { ED25519_BYTES = 32, DER_INTEGER = 2, DER_BITS = 3, DER_SEQUENCE = 0x30 };

static int
digit_of(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *
decode(struct str s, struct dkim_key *out)
{
	uint32_t bits = 0;
	unsigned n = 0, pads = 0;

	for (size_t i = 0; i < s.n; i++) {
		int digit = digit_of(s.p[i]);

		if (is_blank(s.p[i]))
			continue;
		if (s.p[i] == '=') {
			pads++;
			continue;
		}
		if (digit < 0)
			return "the key (p=) has a character that base64 "
			       "doesn't have";
		if (pads > 0)
			return "the key (p=) goes on behind its end";
		bits = bits << 6 | (uint32_t)digit;
		if (++n % 4 == 1)
			continue;
		if (out->key_n == sizeof(out->key))
			return "the key (p=) is too long";
		out->key[out->key_n++] =
		    (uint8_t)(bits >> (n % 4 == 2      ? 4
					  : n % 4 == 3 ? 2
						       : 0));
	}
	if (n % 4 == 1 || (pads > 0 && (n + pads) % 4 != 0))
		return "the key (p=) is cut short";
	return NULL;
}

/* What stands in a DER element of this kind; it is stepped over. */
static bool
take_der(struct str *in, uint8_t kind, struct str *out)
{
	const uint8_t *p = (const uint8_t *)in->p;
	size_t n, head = 2;

	if (in->n < 2 || p[0] != kind)
		return false;
	n = p[1];
	if (n & 0x80) {
		size_t bytes = n & 0x7f;

		if (bytes == 0 || bytes > 3 || in->n < 2 + bytes)
			return false;
		n = 0;
		for (size_t i = 0; i < bytes; i++)
			n = n << 8 | p[2 + i];
		head += bytes;
	}
	if (n > in->n - head)
		return false;
	*out = str_make(in->p + head, n);
	*in = str_skip(*in, head + n);
	return true;
}

/* The modulus's bits of a SubjectPublicKeyInfo, or of the bare RSAPublicKey
 * in it; 0: it is neither. */
static unsigned
rsa_bits(const struct dkim_key *k)
{
	struct str in = str_make((const char *)k->key, k->key_n);
	struct str body, inner, modulus, rest;
	unsigned bits;

	if (!take_der(&in, DER_SEQUENCE, &body) || in.n > 0)
		return 0;
	rest = body;
	if (take_der(&rest, DER_SEQUENCE, &inner)) {
		if (!take_der(&rest, DER_BITS, &inner) || inner.n < 1 ||
		    *inner.p != 0)
			return 0;
		inner = str_skip(inner, 1);
		if (!take_der(&inner, DER_SEQUENCE, &body))
			return 0;
	}
	if (!take_der(&body, DER_INTEGER, &modulus) ||
	    !take_der(&body, DER_INTEGER, &rest))
		return 0;
	while (modulus.n > 0 && *modulus.p == 0)
		modulus = str_skip(modulus, 1);
	if (modulus.n == 0)
		return 0;
	bits = (unsigned)modulus.n * 8;
	for (uint8_t top = (uint8_t)*modulus.p; !(top & 0x80);
	     top = (uint8_t)(top << 1))
		bits--;
	return bits;
}

static bool
lists(struct str value, struct str word, struct str or_word)
{
	struct str part;

	while (tags_part(&value, ':', &part)) {
		if (str_is_nocase(part, word) || str_is_nocase(part, or_word))
			return true;
	}
	return false;
}

static const char *
put_tag(struct dkim_key *k, const struct tag *t, struct str *p)
{
	if (str_is(t->name, STR("p"))) {
		if (p->p)
			return "p= stands there twice";
		*p = t->value;
	} else if (str_is(t->name, STR("k"))) {
		k->kind = str_is_nocase(t->value, STR("rsa")) ? DKIM_RSA
			  : str_is_nocase(t->value, STR("ed25519"))
			      ? DKIM_ED25519
			      : DKIM_OTHER;
	} else if (str_is(t->name, STR("h"))) {
		k->is_without_sha256 =
		    !lists(t->value, STR("sha256"), STR("sha256"));
	} else if (str_is(t->name, STR("s"))) {
		k->is_not_for_mail = !lists(t->value, STR("email"), STR("*"));
	} else if (str_is(t->name, STR("t"))) {
		k->is_testing = lists(t->value, STR("y"), STR("y"));
		k->is_strict = lists(t->value, STR("s"), STR("s"));
	}
	return NULL;
}

bool
dkim_key_is_record(struct str txt)
{
	struct tag t;
	bool is_first = true;

	while (tags_next(&txt, &t) > 0) {
		if (str_is(t.name, STR("p")) ||
		    (is_first && str_is(t.name, STR("v")) &&
			str_starts(t.value, STR("DKIM"))))
			return true;
		is_first = false;
	}
	return false;
}

static const char *
check_key(struct dkim_key *k)
{
	if (k->kind == DKIM_OTHER)
		return "k= names a kind of key that isn't known (rsa, ed25519)";
	if (k->kind == DKIM_ED25519) {
		k->bits = 256;
		return k->key_n == ED25519_BYTES
			   ? NULL
			   : "an Ed25519 key (p=) has 32 bytes, this one hasn't";
	}
	k->bits = rsa_bits(k);
	return k->bits > 0 ? NULL : "the key (p=) is no RSA public key";
}

const char *
dkim_key_read(struct str txt, struct dkim_key *out)
{
	struct str p = {NULL, 0};
	bool is_first = true;
	const char *why = NULL;
	struct tag t;
	int got;

	*out = (struct dkim_key){0};
	while ((got = tags_next(&txt, &t)) > 0 && !why) {
		bool is_version = str_is(t.name, STR("v"));

		if (is_version && !is_first)
			return "v=DKIM1 must come first";
		if (is_version && !str_is(t.value, STR("DKIM1")))
			return "its version isn't DKIM1";
		why = put_tag(out, &t, &p);
		is_first = false;
	}
	if (why)
		return why;
	if (got < 0)
		return t.name.n > 0 && memchr(t.name.p, '"', t.name.n)
			   ? "there is a quotation mark inside the record"
			   : "something in it is no tag (NAME=VALUE;)";
	if (!p.p)
		return "it has no key (p=)";
	out->is_revoked = p.n == 0;
	if (out->is_revoked)
		return NULL;
	why = decode(p, out);
	return why ? why : check_key(out);
}
