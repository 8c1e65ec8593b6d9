/* disk_pack - many records in one block of bytes */
#include "base/disk_pack.h"

enum { SHARED_MAX = 255, LENGTH_BITS = 7, LENGTH_MORE = 1 << LENGTH_BITS };
enum { HALF_BITS = 4, HALF_MAX = (1 << HALF_BITS) - 1 };

/* As a length it would be a 0 of two bytes. */
static const char mark[] = {(char)LENGTH_MORE, 0};

/* Of a key: what begins and what ends as the key before, and the rest. */
struct parts {
	size_t begin, end, rest;
};

static size_t
length_size(size_t n)
{
	size_t size = 1;

	for (; n >= LENGTH_MORE; n >>= LENGTH_BITS)
		size++;
	return size;
}

static void
add_length(struct text *out, size_t n)
{
	for (; n >= LENGTH_MORE; n >>= LENGTH_BITS)
		text_char(out, (char)(n % LENGTH_MORE | LENGTH_MORE));
	text_char(out, (char)n);
}

static bool
take_length(struct str *s, size_t *n)
{
	enum { BITS = 32 };

	*n = 0;
	for (unsigned shift = 0; shift < BITS && s->n > 0;
	     shift += LENGTH_BITS) {
		uint8_t byte = (uint8_t)s->p[0];

		*s = str_skip(*s, 1);
		*n |= (size_t)(byte % LENGTH_MORE) << shift;
		if (byte < LENGTH_MORE)
			return true;
	}
	return false;
}

static bool
take_bytes(struct str *s, size_t n, struct str *out)
{
	if (n > s->n)
		return false;
	*out = str_head(*s, n);
	*s = str_skip(*s, n);
	return true;
}

void
disk_pack_read(struct disk_pack_reader *r, struct str first, struct str block)
{
	r->is_former = !str_starts(block, str_make(mark, sizeof(mark)));
	r->left = r->is_former ? block : str_skip(block, sizeof(mark));
	r->is_begun = false;
	r->is_torn = first.n == 0 || first.n > DISK_KEY;
	r->key_n = r->is_torn ? 0 : first.n;
	if (!r->is_torn)
		memcpy(r->key, first.p, first.n);
}

static bool
take_parts(struct disk_pack_reader *r, struct parts *out)
{
	struct str *s = &r->left, halves;
	size_t more = 0;

	out->begin = (uint8_t)s->p[0];
	out->end = 0;
	*s = str_skip(*s, 1);
	if (r->is_former)
		return take_length(s, &out->rest);
	if (!take_bytes(s, 1, &halves))
		return false;
	out->end = (uint8_t)halves.p[0] >> HALF_BITS;
	out->rest = (uint8_t)halves.p[0] & HALF_MAX;
	if (out->rest == HALF_MAX && !take_length(s, &more))
		return false;
	out->rest += more;
	return true;
}

/* The lengths before a record, and its key, which must come after the last one.
 */
static bool
take_key(struct disk_pack_reader *r, size_t *value_n)
{
	char tail[DISK_KEY];
	struct parts k;
	struct str rest;

	if (!take_parts(r, &k) || k.begin + k.end > r->key_n ||
	    !take_length(&r->left, value_n) ||
	    k.rest > DISK_KEY - k.begin - k.end ||
	    !take_bytes(&r->left, k.rest, &rest))
		return false;
	struct str before = str_make(r->key + k.begin, r->key_n - k.begin);
	size_t n = k.rest + k.end;

	if (k.rest > 0)
		memcpy(tail, rest.p, k.rest);
	memcpy(tail + k.rest, before.p + before.n - k.end, k.end);
	if (str_compare(str_make(tail, n), before) <= 0)
		return false;
	memcpy(r->key + k.begin, tail, n);
	r->key_n = k.begin + n;
	return true;
}

bool
disk_pack_next(struct disk_pack_reader *r, struct disk_record *out)
{
	size_t value_n;

	if (r->is_torn || (r->is_begun && r->left.n == 0))
		return false;
	bool is = r->is_begun ? take_key(r, &value_n)
			      : take_length(&r->left, &value_n);

	r->is_begun = true;
	r->is_torn = !is || !take_bytes(&r->left, value_n, &out->value);
	out->key = str_make(r->key, r->key_n);
	return !r->is_torn;
}

static struct parts
compare_keys(struct str key, struct str before)
{
	size_t n = before.n < key.n ? before.n : key.n;
	size_t most = n < SHARED_MAX ? n : SHARED_MAX;
	struct parts k = {0};

	while (k.begin < most && key.p[k.begin] == before.p[k.begin])
		k.begin++;
	most = n - k.begin < HALF_MAX ? n - k.begin : HALF_MAX;
	while (k.end < most &&
	       key.p[key.n - 1 - k.end] == before.p[before.n - 1 - k.end])
		k.end++;
	k.rest = key.n - k.begin - k.end;
	return k;
}

static void
add_parts(struct text *out, const struct parts *k)
{
	size_t half = k->rest < HALF_MAX ? k->rest : HALF_MAX;

	text_char(out, (char)k->begin);
	text_char(out, (char)(k->end << HALF_BITS | half));
	if (half == HALF_MAX)
		add_length(out, k->rest - HALF_MAX);
}

static size_t
parts_size(const struct parts *k)
{
	return 2 + (k->rest < HALF_MAX ? 0 : length_size(k->rest - HALF_MAX));
}

void
disk_pack_add(struct text *out, const struct disk_record *before,
    const struct disk_record *r)
{
	struct str rest = STR("");

	if (before) {
		struct parts k = compare_keys(r->key, before->key);

		rest = str_head(str_skip(r->key, k.begin), k.rest);
		add_parts(out, &k);
	} else {
		text_bytes(out, mark, sizeof(mark));
	}
	add_length(out, r->value.n);
	text_str(out, rest);
	text_str(out, r->value);
}

size_t
disk_pack_size(const struct disk_record *before, const struct disk_record *r)
{
	size_t n = length_size(r->value.n) + r->value.n;

	if (!before)
		return sizeof(mark) + n;
	struct parts k = compare_keys(r->key, before->key);

	return n + parts_size(&k) + k.rest;
}

/* The records from i on that come nearest to the share: behind the last one. */
static size_t
cut(const struct disk_record *r, size_t i, size_t n, size_t room, size_t share,
    size_t *used)
{
	size_t begin = i;

	for (*used = 0; i < n; i++) {
		size_t size =
		    disk_pack_size(i > begin ? &r[i - 1] : NULL, &r[i]);

		if (i > begin &&
		    (*used + size > room || *used + size / 2 > share))
			break;
		*used += size;
	}
	return i;
}

size_t
disk_pack_plan(const struct disk_record *r, size_t n, size_t room, size_t *ends)
{
	size_t full = room * DISK_PACK_FULL / 100, left = 0, count = 0, used;

	for (size_t i = 0; i < n; i++)
		left += disk_pack_size(i > 0 ? &r[i - 1] : NULL, &r[i]);
	if (left <= room) {
		ends[0] = n;
		return 1;
	}
	size_t blocks = (left + full - 1) / full;

	for (size_t i = 0; i < n; i = ends[count++]) {
		size_t to_come = blocks > count ? blocks - count : 1;

		ends[count] = cut(r, i, n, room, left / to_come, &used);
		left -= used < left ? used : left;
	}
	return count;
}
