/* dns_answer - questions to a resolver and what its packets say (RFC 1035) */
#include "base/dns_answer.h"

#include <stdlib.h>

#include "base/dns_reader.h"
#include "base/error.h"

enum {
	HEADER = 12,
	CNAMES = 16,
	CLASS_IN = 1,
	FLAG_RESPONSE = 0x8000,
	FLAG_CUT = 0x0200,
	FLAG_SECURE = 0x0020,
};

/* Reads one record after the other into the scratch. */
struct answer_reader {
	struct dns_reader packet;
	struct dns_scratch *s;
	size_t used;
	struct dns_answer a;
	enum dns_type type;
	char owner[DNS_NAME_TEXT]; /* the name behind the CNAMEs so far */
};

static bool
keep_bytes(struct answer_reader *r, const void *p, size_t n)
{
	if (n > DNS_BYTES - r->used) {
		r->a.is_cut = true;
		return false;
	}
	if (n > 0)
		memcpy(r->s->bytes + r->used, p, n);
	r->used += n;
	return true;
}

static bool
read_strings(
    struct answer_reader *r, const struct dns_rr *rr, struct dns_record *out)
{
	const uint8_t *p = r->packet.p + rr->at;
	size_t at = 0, begin = r->used;

	while (at < rr->n) {
		size_t n = p[at];

		if (at + 1 + n > rr->n) {
			r->packet.is_bad = true;
			return false;
		}
		if (!keep_bytes(r, p + at + 1, n))
			return false;
		out->strings++;
		at += 1 + n;
	}
	out->text = str_make(r->s->bytes + begin, r->used - begin);
	return true;
}

static bool
read_data_name(struct answer_reader *r, const struct dns_rr *rr, size_t skip,
    struct str *out)
{
	struct dns_reader name = r->packet;
	char buf[DNS_NAME_TEXT];
	size_t begin = r->used;
	struct text t;

	text_init(&t, buf, sizeof(buf));
	name.at = rr->at + skip;
	if (skip > rr->n)
		name.is_bad = true;
	dns_read_name(&name, &t);
	if (name.is_bad || name.at > rr->at + rr->n) {
		r->packet.is_bad = true;
		return false;
	}
	if (!keep_bytes(r, buf, t.n))
		return false;
	*out = str_make(r->s->bytes + begin, t.n);
	return true;
}

static bool
read_address(struct answer_reader *r, const struct dns_rr *rr, struct ip *out)
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
	const uint8_t *p = r->packet.p + rr->at;
	bool is_v4 = rr->type == DNS_A;

	if (rr->n != (is_v4 ? 4 : 16)) {
		r->packet.is_bad = true;
		return false;
	}
	if (is_v4)
		memcpy(out->b, mapped, 12);
	memcpy(out->b + (is_v4 ? 12 : 0), p, rr->n);
	return true;
}

static bool
read_data(
    struct answer_reader *r, const struct dns_rr *rr, struct dns_record *out)
{
	size_t begin = r->used;

	switch (rr->type) {
	case DNS_A:
	case DNS_AAAA:
		return read_address(r, rr, &out->ip);
	case DNS_TXT:
	case DNS_SPF:
		return read_strings(r, rr, out);
	case DNS_MX:
		if (rr->n >= 2)
			out->preference = dns_get16(r->packet.p + rr->at);
		return read_data_name(r, rr, 2, &out->text);
	case DNS_NS:
	case DNS_CNAME:
	case DNS_PTR:
		return read_data_name(r, rr, 0, &out->text);
	default:
		if (!keep_bytes(r, r->packet.p + rr->at, rr->n))
			return false;
		out->text = str_make(r->s->bytes + begin, rr->n);
		return true;
	}
}

static void
note_ttl(struct answer_reader *r, uint32_t ttl)
{
	if (r->a.ttl > ttl)
		r->a.ttl = ttl;
}

/* The records of the answer's section that belong to the owner's name: an alias
 * (then there is another round) or what was asked for. */
static bool
read_answers(struct answer_reader *r, size_t begin, unsigned count)
{
	struct dns_record alias = {0};
	bool has_alias = false;
	struct dns_rr rr;

	r->packet.at = begin;
	for (unsigned i = 0; i < count && dns_read_rr(&r->packet, &rr); i++) {
		if (rr.class != CLASS_IN || strcmp(rr.owner, r->owner) != 0)
			continue;
		if (rr.type == DNS_CNAME && r->type != DNS_CNAME) {
			has_alias = read_data(r, &rr, &alias);
			note_ttl(r, rr.ttl);
		} else if (rr.type == r->type && r->a.n == DNS_RECORDS) {
			r->a.is_cut = true;
		} else if (rr.type == r->type) {
			struct dns_record *out = &r->s->v[r->a.n];

			*out = (struct dns_record){0};
			r->a.n += read_data(r, &rr, out) ? 1 : 0;
			note_ttl(r, rr.ttl);
		}
	}
	if (!has_alias || r->a.n > 0 || r->packet.is_bad ||
	    alias.text.n >= sizeof(r->owner))
		return false;
	memcpy(r->owner, alias.text.p, alias.text.n);
	r->owner[alias.text.n] = '\0';
	return ++r->a.cnames < CNAMES;
}

/* Of a negative answer: the SOA's (RFC 2308). */
static void
read_negative_ttl(struct answer_reader *r, unsigned count)
{
	uint32_t alias_ttl = r->a.cnames > 0 ? r->a.ttl : UINT32_MAX;
	struct dns_rr rr;

	r->a.ttl = 0;
	for (unsigned i = 0; i < count && dns_read_rr(&r->packet, &rr); i++) {
		if (rr.type != DNS_SOA || rr.n < 22)
			continue;
		uint32_t minimum = dns_get32(r->packet.p + rr.at + rr.n - 4);

		r->a.ttl = rr.ttl < minimum ? rr.ttl : minimum;
	}
	if (r->a.ttl > alias_ttl)
		r->a.ttl = alias_ttl;
}

struct dns_answer
dns_answer_failed(const char *why)
{
	return (struct dns_answer){.status = DNS_FAILED, .why = why};
}

static const char *
rcode_words(unsigned rcode)
{
	switch (rcode) {
	case 0:
	case 3:
		return NULL;
	case 1:
		return "the server did not understand the question";
	case 2:
		return "the server failed (SERVFAIL)";
	case 5:
		return "the server refused to answer";
	default:
		return "the server answered with an error";
	}
}

/* The question's section: is it ours? */
static bool
is_ours(struct answer_reader *r, unsigned count)
{
	char asked[DNS_NAME_TEXT], name[DNS_NAME_TEXT];
	struct text t;

	if (count != 1)
		return false;
	text_init(&t, asked, sizeof(asked));
	dns_read_name(&r->packet, &t);
	const uint8_t *p = dns_take(&r->packet, 4);

	if (!p || dns_get16(p) != r->type || dns_get16(p + 2) != CLASS_IN)
		return false;
	/* r->owner is the caller's text: odd bytes stand as they are. */
	struct str rest = str_from(r->owner), label;

	text_init(&t, name, sizeof(name));
	while (str_cut(&rest, '.', &label)) {
		dns_put_label(&t, (const uint8_t *)label.p, label.n);
		text_char(&t, '.');
	}
	dns_put_label(&t, (const uint8_t *)rest.p, rest.n);
	memcpy(r->owner, name, t.n + 1);
	return strcmp(asked, name) == 0;
}

struct dns_answer
dns_answer_read(struct str packet, const char *name, enum dns_type type,
    struct dns_scratch *s)
{
	const uint8_t *p = (const uint8_t *)packet.p;
	struct answer_reader r = {
	    .packet = {p, packet.n, 0, false}, .s = s, .type = type};
	const uint8_t *head = dns_take(&r.packet, HEADER);

	if (!head || strlen(name) >= DNS_NAME)
		return dns_answer_failed("the answer can't be read");
	unsigned flags = dns_get16(head + 2), answers = dns_get16(head + 6);
	const char *why = rcode_words(flags & 0xf);

	if (why)
		return dns_answer_failed(why);
	memcpy(r.owner, name, strlen(name) + 1);
	if (!(flags & FLAG_RESPONSE) || !is_ours(&r, dns_get16(head + 4)))
		return dns_answer_failed("the answer is to another question");
	if (flags & FLAG_CUT)
		return dns_answer_failed("the answer was cut short");
	r.a.ttl = UINT32_MAX;
	r.a.v = s->v;
	r.a.is_secure = flags & FLAG_SECURE;
	for (size_t begin = r.packet.at; read_answers(&r, begin, answers);)
		;
	if (r.a.n == 0)
		read_negative_ttl(&r, dns_get16(head + 8));
	if (r.packet.is_bad)
		return dns_answer_failed("the answer can't be read");
	if (r.a.n == 0 && r.a.is_cut)
		return dns_answer_failed("the answer is too large");
	if (r.a.n == 0)
		r.a.status = (flags & 0xf) == 3 ? DNS_NO_NAME : DNS_NO_TYPE;
	return r.a;
}

struct dns_answer *
dns_answer_copy(const struct dns_answer *a, size_t *size)
{
	size_t bytes = 0, records = a->n * sizeof(*a->v);

	for (size_t i = 0; i < a->n; i++)
		bytes += a->v[i].text.n;
	*size = sizeof(*a) + records + bytes;
	struct dns_answer *out = xalloc(1, *size);
	struct dns_record *v = (struct dns_record *)(void *)(out + 1);
	char *p = (char *)(v + a->n);

	*out = *a;
	out->v = v;
	for (size_t i = 0; i < a->n; i++) {
		v[i] = a->v[i];
		v[i].text.p = p;
		if (v[i].text.n > 0)
			memcpy(p, a->v[i].text.p, v[i].text.n);
		p += v[i].text.n;
	}
	return out;
}
