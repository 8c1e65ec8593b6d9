/* dns_reader - names and records of a DNS packet */
#include "base/dns_reader.h"

enum {
	LABEL_MAX = 63,
	JUMPS = 64, /* compression pointers in one name */
};

const uint8_t *
dns_take(struct dns_reader *r, size_t n)
{
	const uint8_t *p = r->p + r->at;

	if (r->is_bad || n > r->n - r->at) {
		r->is_bad = true;
		return NULL;
	}
	r->at += n;
	return p;
}

void
dns_put_label(struct text *t, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = p[i];

		if (c <= ' ' || c >= 0x7f || c == '.' || c == '\\')
			text_printf(t, "\\%03u", c);
		else
			text_char(t,
			    (char)(c >= 'A' && c <= 'Z' ? c + 'a' - 'A' : c));
	}
}

void
dns_read_name(struct dns_reader *r, struct text *out)
{
	size_t at = r->at, bytes = 0;
	bool has_jumped = false;

	for (int jumps = 0; !r->is_bad;) {
		uint8_t n = at < r->n ? r->p[at] : 0xff;
		bool is_jump = (n & 0xc0) == 0xc0;

		if (at >= r->n || (!is_jump && n > LABEL_MAX) ||
		    (is_jump && (at + 1 >= r->n || ++jumps > JUMPS))) {
			r->is_bad = true;
			return;
		}
		if (!has_jumped)
			r->at = at + (is_jump ? 2 : 1 + (size_t)n);
		if (is_jump) {
			has_jumped = true;
			at = dns_get16(r->p + at) & 0x3fff;
			continue;
		}
		bytes += 1 + (size_t)n;
		if (n == 0)
			return;
		if (at + 1 + n > r->n || bytes > 254) {
			r->is_bad = true;
			return;
		}
		if (out && out->n > 0)
			text_char(out, '.');
		if (out)
			dns_put_label(out, r->p + at + 1, n);
		at += 1 + (size_t)n;
	}
}

bool
dns_read_rr(struct dns_reader *r, struct dns_rr *out)
{
	struct text t;

	text_init(&t, out->owner, sizeof(out->owner));
	dns_read_name(r, &t);
	const uint8_t *p = dns_take(r, 10);

	if (!p)
		return false;
	out->type = dns_get16(p);
	out->class = dns_get16(p + 2);
	out->ttl = dns_get32(p + 4);
	if (out->ttl > 0x7fffffff)
		out->ttl = 0;
	out->n = dns_get16(p + 8);
	out->at = r->at;
	return dns_take(r, out->n) != NULL;
}

void
dns_put(struct text *t, size_t bytes, uint64_t v)
{
	uint8_t b[8];

	bytes_put(b, bytes, v);
	text_bytes(t, b, bytes);
}

void
dns_put_name(struct text *t, const char *name)
{
	struct str rest = str_from(name), label;

	while (rest.n > 0) {
		if (!str_cut(&rest, '.', &label)) {
			label = rest;
			rest.n = 0;
		}
		text_char(t, (char)label.n);
		text_str(t, label);
	}
	text_char(t, '\0');
}
