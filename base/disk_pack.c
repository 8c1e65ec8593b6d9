/* disk_pack - many records in one block of bytes */
#include "base/disk_pack.h"

enum { SHARED_MAX = 255, LENGTH_BITS = 7, LENGTH_MORE = 1 << LENGTH_BITS };

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
	r->left = block;
	r->is_begun = false;
	r->is_torn = first.n == 0 || first.n > DISK_KEY;
	r->key_n = r->is_torn ? 0 : first.n;
	if (!r->is_torn)
		memcpy(r->key, first.p, first.n);
}

/* The lengths before a record, and its key's rest, which must make the key come
 * after the last one. */
static bool
take_key(struct disk_pack_reader *r, size_t *value_n)
{
	struct str *s = &r->left, rest;
	size_t shared = (uint8_t)s->p[0], rest_n;

	*s = str_skip(*s, 1);
	if (shared > r->key_n || !take_length(s, &rest_n) ||
	    !take_length(s, value_n) || rest_n > DISK_KEY - shared ||
	    !take_bytes(s, rest_n, &rest) ||
	    str_compare(rest, str_make(r->key + shared, r->key_n - shared)) <=
		0)
		return false;
	memcpy(r->key + shared, rest.p, rest.n);
	r->key_n = shared + rest.n;
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

static size_t
count_shared(struct str a, struct str b)
{
	size_t n = a.n < b.n ? a.n : b.n, i = 0;

	n = n < SHARED_MAX ? n : SHARED_MAX;
	while (i < n && a.p[i] == b.p[i])
		i++;
	return i;
}

void
disk_pack_add(struct text *out, const struct disk_record *before,
    const struct disk_record *r)
{
	struct str rest = STR("");

	if (before) {
		size_t shared = count_shared(before->key, r->key);

		rest = str_skip(r->key, shared);
		text_char(out, (char)shared);
		add_length(out, rest.n);
	}
	add_length(out, r->value.n);
	text_str(out, rest);
	text_str(out, r->value);
}

size_t
disk_pack_size(const struct disk_record *before, const struct disk_record *r)
{
	size_t n = length_size(r->value.n) + r->value.n;

	if (before) {
		size_t rest = r->key.n - count_shared(before->key, r->key);

		n += 1 + length_size(rest) + rest;
	}
	return n;
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
