/* case_id - what people call a case */
#include "ledger/case_id.h"

enum { SYMBOLS = 8, BITS = 5, DIGITS = SYMBOLS * BITS / 4, DASH = 4 };

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void
print(uint64_t v, char id[CASE_ID])
{
	char *at = id;

	for (int i = 0; i < SYMBOLS; i++) {
		if (i == DASH)
			*at++ = '-';
		*at++ = alphabet[v >> BITS * (SYMBOLS - 1 - i) & 31];
	}
	*at = '\0';
}

void
case_id(const char *cause, char id[CASE_ID])
{
	uint64_t v = 0;

	*id = '\0';
	for (int i = 0; i < DIGITS; i++) {
		int digit = hex(cause[i]);

		if (digit < 0)
			return;
		v = v << 4 | (uint64_t)digit;
	}
	print(v, id);
}

static int
symbol(char c)
{
	if (c >= 'a' && c <= 'z')
		c = (char)(c - 'a' + 'A');
	if (c == 'O')
		c = '0';
	if (c == 'I' || c == 'L')
		c = '1';
	const char *found = c ? strchr(alphabet, c) : NULL;

	return found ? (int)(found - alphabet) : -1;
}

bool
case_id_parse(struct str text, char id[CASE_ID])
{
	uint64_t v = 0;
	int n = 0;

	for (size_t i = 0; i < text.n; i++) {
		int bits = symbol(text.p[i]);

		if (text.p[i] == '-')
			continue;
		if (bits < 0 || n == SYMBOLS)
			return false;
		v = v << BITS | (uint64_t)bits;
		n++;
	}
	if (n != SYMBOLS)
		return false;
	print(v, id);
	return true;
}
