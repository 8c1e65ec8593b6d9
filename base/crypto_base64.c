/* crypto_base64 - RFC 4648 base64, and base64url without padding */
#include "base/crypto.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static void
encode(struct text *t, const void *p, size_t n, const char *letters)
{
	const uint8_t *b = p;

	for (size_t i = 0; i < n; i += 3) {
		size_t have = n - i < 3 ? n - i : 3;
		uint32_t v = (uint32_t)b[i] << 16;
		char quad[4];

		if (have > 1)
			v |= (uint32_t)b[i + 1] << 8;
		if (have > 2)
			v |= b[i + 2];
		for (int k = 0; k < 4; k++)
			quad[k] = letters[v >> (18 - 6 * k) & 63];
		text_bytes(t, quad, have + 1);
	}
}

void
crypto_base64url(struct text *t, const void *p, size_t n)
{
	encode(t, p, n, alphabet);
}

void
crypto_base64(struct text *t, const void *p, size_t n)
{
	encode(t, p, n, plain);
	text_pad(t, '=', (3 - n % 3) % 3);
}

static int
digit(char c)
{
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

bool
crypto_from_base64url(struct str s, uint8_t *out, size_t cap, size_t *n)
{
	size_t length = s.n / 4 * 3 + (s.n % 4 ? s.n % 4 - 1 : 0);
	uint32_t bits = 0;
	int have = 0;
	size_t at = 0;

	if (s.n % 4 == 1 || length > cap)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		int v = digit(s.p[i]);

		if (v < 0)
			return false;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[at++] = (uint8_t)(bits >> have);
			bits &= (1u << have) - 1;
		}
	}
	/* One text for one value: no bits beyond the last byte. */
	if (bits != 0)
		return false;
	*n = at;
	return true;
}
