/* board_page - where a node's page of a subject stands in Redis, and how it
 * reads
 *
 * A record's value: format and flags in a byte; the version; when it was last
 * seen; how long before that it was first seen; how long after that it was
 * posted; by the flags the mark, what is pending, what policy admitted; cells.
 */
#include "ledger/board_page.h"

#include "base/bytes.h"
#include "ledger/keys.h"
#include "ledger/ledger_state.h"
#include "ledger/pack.h"
#include "ledger/record_dense.h"

enum {
	FORMAT = 0x0f,
	HAS_MARK = 0x10,
	HAS_PENDING = 0x20,
	HAS_ADMITTED = 0x40,
	IS_DENSE = 0x80, /* cells, without DENSE_MARK: as dense_is_usual */
	FLAGS = HAS_MARK | HAS_PENDING | HAS_ADMITTED | IS_DENSE,
	FLAGS_LONG = HAS_MARK | HAS_PENDING | HAS_ADMITTED,
	SEEN = 4, /* bytes of a stamp */
};

static const char dense_mark[DENSE_MARK] = {0, DENSE_USUAL};

/* Not secret: Redis is ours, and names that share 64 bits nobody can find. */
static const uint8_t hash_key[SKETCH_KEY] = "outpost's pages";

void
board_page_find(enum subject_kind kind, struct str key, int bits,
    struct board_page_place *out)
{
	char name[1 + SUBJECT_KEY];
	uint64_t hash;

	key = str_head(key, SUBJECT_KEY);
	name[0] = subject_kind_letter(kind);
	if (key.n > 0)
		memcpy(name + 1, key.p, key.n);
	hash = sketch_hash(hash_key, str_make(name, 1 + key.n));
	out->bucket = (uint32_t)(hash >> 48) >> (BOARD_PAGE_BITS - bits);
	bytes_put(out->fields, BOARD_PAGE_FIELD, hash);
	memcpy(out->fields + BOARD_PAGE_FIELD, out->fields, BOARD_PAGE_FIELD);
	out->fields[2 * BOARD_PAGE_FIELD] = 's';
}

struct str
board_page_record(const struct board_page_place *p)
{
	return str_make(p->fields, BOARD_PAGE_FIELD);
}

struct str
board_page_sketches(const struct board_page_place *p)
{
	return str_make(p->fields + BOARD_PAGE_FIELD, BOARD_PAGE_FIELD + 1);
}

void
board_page_print_key(uint32_t bucket, struct str node, struct text *out)
{
	static const char digits[] = "0123456789abcdef";

	text_add(out, KEYS_PAGES);
	for (int shift = BOARD_PAGE_BITS - 4; shift >= 0; shift -= 4)
		text_char(out, digits[bucket >> shift & 15]);
	text_char(out, ':');
	text_str(out, node);
}

static void
print_version(char format, struct others_version v, struct text *out)
{
	text_char(out, format);
	pack_u64(out, v.starts);
	pack_u64(out, v.seq);
}

void
board_page_print(const struct board_page *p, struct text *out)
{
	struct str record = p->record;
	struct ledger_head h = {0};
	char seen[SEEN];

	(void)ledger_take_head(&record, &h);
	bool is_dense = dense_is_usual(record);

	print_version(
	    (char)(BOARD_PAGE_FORMAT | (h.mark ? HAS_MARK : 0) |
		   (h.pending ? HAS_PENDING : 0) | (is_dense ? IS_DENSE : 0) |
		   (p->recipients || p->messages ? HAS_ADMITTED : 0)),
	    p->version, out);
	bytes_put(seen, SEEN, h.last_seen);
	text_bytes(out, seen, SEEN);
	pack_i64(out, (int64_t)h.last_seen - h.first_seen);
	pack_i64(out, p->at - ledger_unstamp(h.last_seen));
	if (h.mark)
		pack_u64(out, h.mark);
	if (h.pending)
		pack_u64(out, (uint64_t)h.pending);
	if (p->recipients || p->messages) {
		pack_u64(out, (uint64_t)p->recipients);
		pack_u64(out, (uint64_t)p->messages);
	}
	text_str(out, is_dense ? str_skip(record, DENSE_MARK) : record);
}

void
board_page_print_sketches(
    struct others_version version, struct str sketches, struct text *out)
{
	print_version(BOARD_PAGE_FORMAT, version, out);
	text_str(out, sketches);
}

static bool
take_version(struct str *value, uint8_t *format, struct others_version *v)
{
	if (value->n == 0)
		return false;
	*format = (uint8_t)value->p[0];
	if ((*format & FORMAT) == 0 || (*format & FORMAT) > BOARD_PAGE_FORMAT ||
	    ((*format & FORMAT) < BOARD_PAGE_FORMAT &&
		*format & ~(FORMAT | FLAGS_LONG)))
		return false;
	*value = str_skip(*value, 1);
	return pack_take_u64(value, &v->starts) &&
	       pack_take_u64(value, &v->seq);
}

bool
board_page_take_version(struct str *value, struct others_version *version)
{
	uint8_t format;

	return take_version(value, &format, version);
}

/* As nodes wrote it that gave each subject a hash of its own. */
static bool
take_own(struct str value, struct board_page *p)
{
	uint64_t at, recipients, messages;

	if (!pack_take_u64(&value, &at) ||
	    !pack_take_u64(&value, &recipients) ||
	    !pack_take_u64(&value, &messages))
		return false;
	p->at = (int64_t)at;
	p->recipients = (int64_t)(recipients & INT32_MAX);
	p->messages = (int64_t)(messages & INT32_MAX);
	p->record = value;
	return true;
}

/* The stamps of a page; a stamp is of 32 bits. */
static bool
take_times(struct str *value, struct board_page *p, struct ledger_head *h)
{
	int64_t since, after;

	if (value->n < SEEN)
		return false;
	h->last_seen = (uint32_t)bytes_get(value->p, SEEN);
	*value = str_skip(*value, SEEN);
	if (!pack_take_i64(value, &since) || !pack_take_i64(value, &after) ||
	    since > h->last_seen ||
	    since < (int64_t)h->last_seen - UINT32_MAX || after > UINT32_MAX ||
	    after < -(int64_t)UINT32_MAX)
		return false;
	h->first_seen = (uint32_t)((int64_t)h->last_seen - since);
	p->at = ledger_unstamp(h->last_seen) + after;
	return true;
}

static bool
take_flagged(struct str *value, uint8_t flags, struct board_page *p,
    struct ledger_head *h)
{
	uint32_t pending = 0, recipients = 0, messages = 0;

	if ((flags & HAS_MARK && !pack_take_u32(value, UINT32_MAX, &h->mark)) ||
	    (flags & HAS_PENDING &&
		!pack_take_u32(value, INT32_MAX, &pending)) ||
	    (flags & HAS_ADMITTED &&
		(!pack_take_u32(value, INT32_MAX, &recipients) ||
		    !pack_take_u32(value, INT32_MAX, &messages))))
		return false;
	h->pending = (int32_t)pending;
	p->recipients = recipients;
	p->messages = messages;
	return true;
}

/* As it stands before a record that ledger_changed_fn gets. */
static void
put_head(const struct ledger_head *h, struct text *out)
{
	pack_u64(out, h->first_seen);
	pack_u64(out, h->last_seen);
	pack_u64(out, h->mark);
	pack_i64(out, h->pending);
}

bool
board_page_take(struct str value, struct text *room, struct board_page *out)
{
	struct board_page p = {0};
	struct ledger_head h = {0};
	uint8_t format;

	if (!take_version(&value, &format, &p.version))
		return false;
	if ((format & FORMAT) < BOARD_PAGE_FORMAT_LONG) {
		if (!take_own(value, &p))
			return false;
		*out = p;
		return true;
	}
	if (!take_times(&value, &p, &h) ||
	    !take_flagged(&value, format & FLAGS, &p, &h))
		return false;
	text_clear(room);
	put_head(&h, room);
	if (format & IS_DENSE)
		text_bytes(room, dense_mark, DENSE_MARK);
	text_str(room, value);
	p.record = text_view(room);
	*out = p;
	return !room->is_cut;
}

bool
board_page_take_sketches(struct str value, struct others_sketches *out)
{
	struct others_sketches s;
	uint8_t format;

	if (!take_version(&value, &format, &s.version))
		return false;
	s.is_long = (format & FORMAT) <= BOARD_PAGE_FORMAT_LONG;
	s.packed = value;
	*out = s;
	return true;
}
