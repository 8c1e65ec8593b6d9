/* tsig - DNS messages signed with a shared key */
#include "domains/tsig.h"

#include "base/crypto.h"
#include "base/dns_reader.h"

enum {
	HEADER = 12,
	TSIG = 250,
	CLASS_ANY = 255,
	BADSIG = 16,
	BADKEY = 17,
	BADTIME = 18,
	BASE64_MAX = 400,
	FIXED = 16, /* of a signature's data, beside names and MAC */
};

static const char *const algorithms[] = {
    "hmac-sha1", "hmac-sha224", "hmac-sha256", "hmac-sha384", "hmac-sha512"};

const char *
tsig_algorithm(struct str name)
{
	if (str_ends(name, STR(".")))
		name.n--;
	for (size_t i = 0; i < sizeof(algorithms) / sizeof(*algorithms); i++) {
		if (str_is_nocase(name, str_from(algorithms[i])))
			return algorithms[i];
	}
	return NULL;
}

/* What a signature says beside its MAC. */
struct variables {
	int64_t at;
	unsigned fudge, error;
	struct str other;
};

static void
make_mac(const struct tsig_key *key, const struct tsig_mac *request,
    struct str message, const struct variables *v, struct tsig_mac *out)
{
	struct text t;

	text_grow(&t, message.n + 4096);
	if (request) {
		dns_put(&t, 2, request->n);
		text_bytes(&t, request->b, request->n);
	}
	text_str(&t, message);
	dns_put_name(&t, key->name);
	dns_put(&t, 2, CLASS_ANY);
	dns_put(&t, 4, 0);
	dns_put_name(&t, key->algorithm);
	dns_put(&t, 6, (uint64_t)v->at);
	dns_put(&t, 2, v->fudge);
	dns_put(&t, 2, v->error);
	dns_put(&t, 2, v->other.n);
	text_str(&t, v->other);
	out->n = crypto_hmac_by(key->algorithm + strlen("hmac-"),
	    str_make((const char *)key->secret, key->n), text_view(&t), out->b);
	text_done(&t);
}

void
tsig_sign(struct text *message, const struct tsig_key *key, int64_t now,
    const struct tsig_mac *request, struct tsig_mac *mac)
{
	const struct variables v = {.at = now, .fudge = TSIG_FUDGE};
	uint64_t id = bytes_get(message->p, 2);

	make_mac(key, request, text_view(message), &v, mac);
	dns_put_name(message, key->name);
	dns_put(message, 2, TSIG);
	dns_put(message, 2, CLASS_ANY);
	dns_put(message, 4, 0);
	dns_put(message, 2, strlen(key->algorithm) + 2 + mac->n + FIXED);
	dns_put_name(message, key->algorithm);
	dns_put(message, 6, (uint64_t)now);
	dns_put(message, 2, TSIG_FUDGE);
	dns_put(message, 2, mac->n);
	text_bytes(message, mac->b, mac->n);
	dns_put(message, 2, id);
	dns_put(message, 4, 0); /* no error, nothing else */
	bytes_put(message->p + 10, 2, bytes_get(message->p + 10, 2) + 1);
}

/* A signature, as it stands in a packet. */
struct signature {
	size_t at; /* where its record begins */
	char name[DNS_NAME_TEXT], algorithm[DNS_NAME_TEXT];
	struct str mac;
	unsigned id;
	struct variables v;
};

static bool
skip_records(struct dns_reader *r, const uint8_t *head, size_t *last)
{
	unsigned questions = dns_get16(head + 4);
	unsigned records = dns_get16(head + 6) + dns_get16(head + 8) +
			   (unsigned)dns_get16(head + 10);
	struct dns_rr rr;

	if (dns_get16(head + 10) == 0)
		return false;
	for (unsigned i = 0; i < questions && !r->is_bad; i++) {
		dns_read_name(r, NULL);
		dns_take(r, 4);
	}
	for (unsigned i = 0; i + 1 < records && !r->is_bad; i++)
		dns_read_rr(r, &rr);
	*last = r->at;
	return !r->is_bad;
}

static struct str
take_str(struct dns_reader *r, size_t n)
{
	const uint8_t *p = dns_take(r, n);

	return str_make((const char *)p, p ? n : 0);
}

/* false: its last record is none. */
static bool
read_signature(struct str packet, struct signature *s)
{
	struct dns_reader r = {(const uint8_t *)packet.p, packet.n, 0, false};
	const uint8_t *head = dns_take(&r, HEADER), *p;
	struct dns_rr rr;
	struct text t;

	if (!head || !skip_records(&r, head, &s->at) || !dns_read_rr(&r, &rr) ||
	    rr.type != TSIG || rr.class != CLASS_ANY || rr.ttl != 0 ||
	    r.at != packet.n)
		return false;
	memcpy(s->name, rr.owner, sizeof(s->name));
	r.at = rr.at;
	text_init(&t, s->algorithm, sizeof(s->algorithm));
	dns_read_name(&r, &t);
	p = dns_take(&r, 10);
	if (!p)
		return false;
	s->v.at = (int64_t)bytes_get(p, 6);
	s->v.fudge = dns_get16(p + 6);
	s->mac = take_str(&r, dns_get16(p + 8));
	p = dns_take(&r, 6);
	if (!p)
		return false;
	s->id = dns_get16(p);
	s->v.error = dns_get16(p + 2);
	s->v.other = take_str(&r, dns_get16(p + 4));
	return !r.is_bad && r.at == packet.n;
}

static int
say_error(const struct signature *s, const struct tsig_key *key, int64_t now,
    struct error *err)
{
	switch (s->v.error) {
	case BADKEY:
		return error_set(err,
		    "the server doesn't know the key %s (BADKEY)", key->name);
	case BADSIG:
		return error_set(err,
		    "the server has another secret for the key %s, or another "
		    "algorithm than %s (BADSIG)",
		    key->name, key->algorithm);
	case BADTIME:
		return error_set(err,
		    "the server's clock is %lld seconds from ours (BADTIME)",
		    s->v.other.n == 6
			? (long long)((int64_t)bytes_get(s->v.other.p, 6) - now)
			: 0LL);
	default:
		return error_set(
		    err, "the server refused the signature (%u)", s->v.error);
	}
}

static bool
is_signed_by(const struct signature *s, struct str packet,
    const struct tsig_key *key, const struct tsig_mac *request)
{
	struct text message;
	struct tsig_mac mac;

	if (strcmp(s->name, key->name) != 0 ||
	    strcmp(s->algorithm, key->algorithm) != 0)
		return false;
	text_grow(&message, packet.n + 1);
	text_str(&message, str_head(packet, s->at));
	bytes_put(message.p, 2, s->id);
	bytes_put(message.p + 10, 2, bytes_get(message.p + 10, 2) - 1);
	make_mac(key, request, text_view(&message), &s->v, &mac);
	text_done(&message);
	return mac.n == s->mac.n && crypto_same(mac.b, s->mac.p, mac.n);
}

int
tsig_verify(struct str packet, const struct tsig_key *key,
    const struct tsig_mac *request, int64_t now, struct error *err)
{
	struct signature s;

	if (!read_signature(packet, &s))
		return error_set(err,
		    "the server's answer is not signed: it doesn't know the "
		    "key %s, or somebody else answered",
		    key->name);
	if (s.v.error != 0)
		return say_error(&s, key, now, err);
	if (!is_signed_by(&s, packet, key, request))
		return error_set(
		    err, "the server's answer has a bad signature");
	if (s.v.at > now + (int64_t)s.v.fudge ||
	    s.v.at < now - (int64_t)s.v.fudge)
		return error_set(err,
		    "the server's clock is %lld seconds from ours",
		    (long long)(s.v.at - now));
	return 0;
}

/* The word behind `name`, with or without quotation marks. */
static struct str
word_after(struct str text, struct str name)
{
	ptrdiff_t at;
	size_t n = 0;

	do {
		at = str_find(text, name);
		if (at < 0)
			return STR("");
		text = str_skip(text, (size_t)at + name.n);
	} while (text.n == 0 || !strchr(" \t", *text.p));
	text = str_trim(text);
	if (str_take(&text, STR("\"")))
		return str_cut(&text, '"', &name) ? name : STR("");
	while (n < text.n && !strchr(" \t\r\n;{}", text.p[n]))
		n++;
	return str_head(text, n);
}

static bool
read_base64(struct str s, struct tsig_key *out)
{
	char buf[BASE64_MAX];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	while (str_ends(s, STR("=")))
		s.n--;
	for (size_t i = 0; i < s.n; i++)
		text_char(&t, s.p[i] == '+'   ? '-'
			      : s.p[i] == '/' ? '_'
					      : s.p[i]);
	return !t.is_cut && t.n > 0 &&
	       crypto_from_base64url(
		   text_view(&t), out->secret, sizeof(out->secret), &out->n);
}

/* Both say the same, or one says it. */
static bool
agree(struct str *said, struct str file)
{
	if (said->n == 0)
		*said = file;
	return file.n == 0 || str_is_nocase(*said, file);
}

int
tsig_read_key(struct str file, struct str name, struct str algorithm,
    struct tsig_key *out, struct error *err)
{
	struct str secret = str_trim(file);

	if (str_find_char(file, '{') >= 0) {
		struct str key = word_after(file, STR("key"));

		if (str_ends(key, STR(".")))
			key.n--;
		if (str_ends(name, STR(".")))
			name.n--;
		secret = word_after(file, STR("secret"));
		if (!agree(&name, key) ||
		    !agree(&algorithm, word_after(file, STR("algorithm"))))
			return error_set(err,
			    "the file has another key or algorithm than the "
			    "settings say");
	}
	if (algorithm.n == 0)
		algorithm = STR("hmac-sha256");
	out->algorithm = tsig_algorithm(algorithm);
	if (!out->algorithm)
		return error_set(err,
		    "an algorithm is hmac-sha256, hmac-sha512, hmac-sha384, "
		    "hmac-sha224 or hmac-sha1");
	if (name.n == 0 || !dns_name(name, out->name))
		return error_set(err, "the key has no name that can be one");
	if (!read_base64(secret, out))
		return error_set(err, "the secret is no base64");
	return 0;
}
