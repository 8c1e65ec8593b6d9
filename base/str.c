/* str - a borrowed view of bytes */
#include "base/str.h"

#include "base/error.h"

static char
lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool
equal_nocase(const char *a, const char *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (lower(a[i]) != lower(b[i]))
			return false;
	}
	return true;
}

bool
str_is_nocase(struct str a, struct str b)
{
	return a.n == b.n && equal_nocase(a.p, b.p, a.n);
}

ptrdiff_t
str_find_char(struct str s, char c)
{
	const char *at = s.n ? memchr(s.p, c, s.n) : NULL;

	return at ? at - s.p : -1;
}

ptrdiff_t
str_find(struct str s, struct str needle)
{
	if (needle.n == 0)
		return 0;
	if (s.n < needle.n)
		return -1;
	const char *at = memmem(s.p, s.n, needle.p, needle.n);

	return at ? at - s.p : -1;
}

ptrdiff_t
str_find_last(struct str s, struct str needle)
{
	if (needle.n > s.n)
		return -1;
	if (needle.n == 1) {
		const char *at = memrchr(s.p, needle.p[0], s.n);

		return at ? at - s.p : -1;
	}
	for (size_t i = s.n - needle.n + 1; i-- > 0;) {
		if (needle.n == 0 || memcmp(s.p + i, needle.p, needle.n) == 0)
			return (ptrdiff_t)i;
	}
	return -1;
}

ptrdiff_t
str_find_nocase(struct str s, struct str needle)
{
	if (needle.n > s.n)
		return -1;
	for (size_t i = 0; i <= s.n - needle.n; i++) {
		if (equal_nocase(s.p + i, needle.p, needle.n))
			return (ptrdiff_t)i;
	}
	return -1;
}

bool
str_take(struct str *s, struct str prefix)
{
	if (!str_starts(*s, prefix))
		return false;
	*s = str_skip(*s, prefix.n);
	return true;
}

bool
str_cut(struct str *s, char sep, struct str *head)
{
	ptrdiff_t at = str_find_char(*s, sep);

	if (at < 0)
		return false;
	struct str before = str_head(*s, (size_t)at);

	*s = str_skip(*s, (size_t)at + 1);
	*head = before;
	return true;
}

struct str
str_trim(struct str s)
{
	while (s.n > 0 && is_blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

bool
str_to_u64(struct str s, uint64_t *out)
{
	uint64_t v = 0;

	if (s.n == 0)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		unsigned digit = (unsigned char)s.p[i] - (unsigned)'0';

		if (digit > 9 || v > UINT64_MAX / 10)
			return false;
		v *= 10;
		if (v > UINT64_MAX - digit)
			return false;
		v += digit;
	}
	*out = v;
	return true;
}

bool
str_to_i64(struct str s, int64_t *out)
{
	bool is_negative = str_take(&s, STR("-"));
	uint64_t limit = (uint64_t)INT64_MAX + is_negative;
	uint64_t v;

	if (!str_to_u64(s, &v) || v > limit)
		return false;
	if (is_negative && v == limit)
		*out = INT64_MIN;
	else
		*out = is_negative ? -(int64_t)v : (int64_t)v;
	return true;
}

char *
str_dup(struct str s)
{
	char *z = xalloc(s.n + 1, 1);

	if (s.n > 0)
		memcpy(z, s.p, s.n);
	return z;
}

int
str_compare(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n;
	int order = n ? memcmp(a.p, b.p, n) : 0;

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

enum { WORD_MAX = 64 };

static unsigned
least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

/* Optimal string alignment: three rows of the matrix suffice. */
static unsigned
distance(struct str a, struct str b)
{
	unsigned rows[3][WORD_MAX + 1];

	for (unsigned j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (unsigned i = 1; i <= a.n; i++) {
		unsigned *row = rows[i % 3];
		const unsigned *above = rows[(i + 2) % 3];
		const unsigned *second = rows[(i + 1) % 3];

		row[0] = i;
		for (unsigned j = 1; j <= b.n; j++) {
			unsigned d = above[j - 1] + (a.p[i - 1] != b.p[j - 1]);

			d = least(d, least(above[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			    a.p[i - 2] == b.p[j - 1])
				d = least(d, second[j - 2] + 1);
			row[j] = d;
		}
	}
	return rows[a.n % 3][b.n];
}

unsigned
str_distance(struct str a, struct str b, unsigned max)
{
	if (str_is(a, b))
		return 0;
	if (a.n > WORD_MAX || b.n > WORD_MAX)
		return max + 1;
	return least(distance(a, b), max + 1);
}

static unsigned
continuation(struct str s, size_t i)
{
	unsigned c = i < s.n ? (unsigned char)s.p[i] : 0;

	return (c & 0xc0) == 0x80 ? c & 0x3f : 0x100;
}

/* The sequence of n bytes at s whose first holds `head`; 0 when it isn't one,
 * is longer than need be (below `least_rune`), or no character. */
static size_t
decode(
    struct str s, size_t n, uint32_t head, uint32_t least_rune, uint32_t *rune)
{
	uint32_t r = head;

	for (size_t i = 1; i < n; i++) {
		unsigned c = continuation(s, i);

		if (c > 0x3f)
			return 0;
		r = r << 6 | c;
	}
	if (r < least_rune || r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff))
		return 0;
	*rune = r;
	return n;
}

size_t
str_utf8(struct str s, uint32_t *rune)
{
	if (s.n == 0)
		return 0;
	unsigned char c = (unsigned char)s.p[0];

	if (c < 0x80) {
		*rune = c;
		return 1;
	}
	if ((c & 0xe0) == 0xc0)
		return decode(s, 2, c & 0x1f, 0x80, rune);
	if ((c & 0xf0) == 0xe0)
		return decode(s, 3, c & 0x0f, 0x800, rune);
	if ((c & 0xf8) == 0xf0)
		return decode(s, 4, c & 0x07, 0x10000, rune);
	return 0;
}
