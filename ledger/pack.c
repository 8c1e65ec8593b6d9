/* pack - numbers and byte strings, packed */
#include "ledger/pack.h"

#include "base/bytes.h"

void
pack_u64(struct text *t, uint64_t v)
{
	char buf[10];
	size_t n = 0;

	while (v >= 0x80) {
		buf[n++] = (char)(v | 0x80);
		v >>= 7;
	}
	buf[n++] = (char)v;
	text_bytes(t, buf, n);
}

void
pack_i64(struct text *t, int64_t v)
{
	pack_u64(t, v < 0 ? ~((uint64_t)v << 1) : (uint64_t)v << 1);
}

void
pack_str(struct text *t, struct str s)
{
	pack_u64(t, s.n);
	text_bytes(t, s.p, s.n);
}

bool
pack_take_u64(struct str *s, uint64_t *out)
{
	uint64_t v = 0;

	for (size_t i = 0; i < s->n && i < 10; i++) {
		uint8_t b = (uint8_t)s->p[i];

		if (i == 9 && b > 1)
			return false;
		v |= (uint64_t)(b & 0x7f) << (7 * i);
		if (b < 0x80) {
			*s = str_skip(*s, i + 1);
			*out = v;
			return true;
		}
	}
	return false;
}

bool
pack_take_u32(struct str *s, uint32_t max, uint32_t *out)
{
	struct str rest = *s;
	uint64_t v;

	if (!pack_take_u64(&rest, &v) || v > max)
		return false;
	*s = rest;
	*out = (uint32_t)v;
	return true;
}

bool
pack_take_i64(struct str *s, int64_t *out)
{
	uint64_t v;

	if (!pack_take_u64(s, &v))
		return false;
	*out = (int64_t)(v & 1 ? ~(v >> 1) : v >> 1);
	return true;
}

bool
pack_take_str(struct str *s, struct str *out)
{
	struct str rest = *s;
	uint64_t n;

	if (!pack_take_u64(&rest, &n) || n > rest.n)
		return false;
	*out = str_head(rest, (size_t)n);
	*s = str_skip(rest, (size_t)n);
	return true;
}

void
pack_big(uint64_t v, char out[PACK_BIG])
{
	bytes_put(out, PACK_BIG, v);
}

bool
pack_from_big(struct str s, uint64_t *out)
{
	if (s.n != PACK_BIG)
		return false;
	*out = bytes_get(s.p, PACK_BIG);
	return true;
}

static uint64_t
take_word(const char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v |= (uint64_t)(uint8_t)p[i] << (8 * i);
	return v;
}

uint64_t
pack_checksum(struct str s)
{
	uint64_t h = 0x9e3779b97f4a7c15u ^ s.n;

	for (; s.n > 0; s = str_skip(s, 8)) {
		h ^= take_word(s.p, s.n < 8 ? s.n : 8);
		h *= 0xff51afd7ed558ccdu;
		h ^= h >> 32;
	}
	return h;
}
