/* dmarc_pack - DMARC aggregate reports as bytes */
#include "domains/dmarc_pack.h"

#include "base/bytes.h"
#include "base/text.h"

enum { DKIM = 1, SPF = 2, EXCUSED = 4, VOUCHED = 8, HEAD = 18, ROW = 26 };

static void
put_text(struct text *t, struct str s)
{
	s = str_head(s, DMARC_TEXT);
	text_char(t, (char)s.n);
	text_str(t, s);
}

static void
put_u64(struct text *t, uint64_t v)
{
	uint8_t b[8];

	bytes_put(b, 8, v);
	text_bytes(t, b, 8);
}

static bool
take_text(struct str *rest, char out[DMARC_TEXT + 1])
{
	size_t n = rest->n > 0 ? (uint8_t)*rest->p : 1;

	if (rest->n < n + 1)
		return false;
	memcpy(out, rest->p + 1, n);
	out[n] = '\0';
	*rest = str_skip(*rest, n + 1);
	return true;
}

void
dmarc_pack_head(const struct dmarc_report *r, struct str reporter,
    bool is_vouched, struct text *t)
{
	put_u64(t, (uint64_t)r->begin);
	put_u64(t, (uint64_t)r->end);
	text_char(t, is_vouched ? VOUCHED : 0);
	text_char(t, (char)r->policy);
	put_text(t, reporter);
	put_text(t, str_from(r->id));
}

bool
dmarc_unpack_head(struct str v, struct dmarc_head *out)
{
	if (v.n < HEAD)
		return false;
	out->begin = (int64_t)bytes_get(v.p, 8);
	out->end = (int64_t)bytes_get(v.p + 8, 8);
	out->is_vouched = v.p[16] & VOUCHED;
	out->policy = (enum dmarc_policy)v.p[17];
	v = str_skip(v, HEAD);
	return out->policy <= DMARC_REJECT && take_text(&v, out->reporter) &&
	       take_text(&v, out->id);
}

void
dmarc_pack_row(const struct dmarc_row *row, struct text *t)
{
	put_u64(t, row->count);
	text_bytes(t, row->source.b, sizeof(row->source.b));
	text_char(t,
	    (char)((row->dkim_passes ? DKIM : 0) | (row->spf_passes ? SPF : 0) |
		   (row->is_excused ? EXCUSED : 0)));
	text_char(t, (char)row->did);
	put_text(t, str_from(row->header_from));
	put_text(t, str_from(row->envelope_from));
	put_text(t, str_from(row->dkim_domain));
	put_text(t, str_from(row->dkim_selector));
	put_text(t, str_from(row->spf_domain));
}

bool
dmarc_unpack_row(struct str v, char texts[DMARC_ROW_TEXTS][DMARC_TEXT + 1],
    struct dmarc_row *out)
{
	struct dmarc_row row = {.count = 0};

	if (v.n < ROW)
		return false;
	row.count = bytes_get(v.p, 8);
	memcpy(row.source.b, v.p + 8, sizeof(row.source.b));
	row.dkim_passes = v.p[24] & DKIM;
	row.spf_passes = v.p[24] & SPF;
	row.is_excused = v.p[24] & EXCUSED;
	row.did = (enum dmarc_policy)v.p[25];
	v = str_skip(v, ROW);
	for (int i = 0; i < DMARC_ROW_TEXTS; i++) {
		if (!take_text(&v, texts[i]))
			return false;
	}
	row.header_from = texts[0];
	row.envelope_from = texts[1];
	row.dkim_domain = texts[2];
	row.dkim_selector = texts[3];
	row.spf_domain = texts[4];
	row.dkim_result = row.spf_result = "";
	*out = row;
	return row.did <= DMARC_REJECT;
}

static void
put_piece(struct text *out, struct str piece)
{
	uint8_t n[2];

	bytes_put(n, 2, piece.n);
	text_bytes(out, n, 2);
	text_str(out, piece);
}

static bool
take_piece(struct str *rest, struct str *piece)
{
	size_t n = rest->n >= 2 ? (size_t)bytes_get(rest->p, 2) : 0;

	if (rest->n < n + 2)
		return false;
	*piece = str_head(str_skip(*rest, 2), n);
	*rest = str_skip(*rest, n + 2);
	return true;
}

void
dmarc_pack(const struct dmarc_report *r, struct str reporter, bool is_vouched,
    struct text *out)
{
	char buf[DMARC_PACKED_ROW];
	struct text t;

	put_piece(out, str_from(r->domain));
	text_init(&t, buf, sizeof(buf));
	dmarc_pack_head(r, reporter, is_vouched, &t);
	put_piece(out, text_view(&t));
	for (size_t i = 0; i < r->n && i < DMARC_PACK_ROWS; i++) {
		text_init(&t, buf, sizeof(buf));
		dmarc_pack_row(&r->v[i], &t);
		put_piece(out, text_view(&t));
	}
}

static bool
unpack_rows(struct str rest, struct arena *a, struct dmarc_report *r)
{
	char(*texts)[DMARC_TEXT + 1];
	struct str piece;

	r->v = arena_alloc(a, DMARC_PACK_ROWS * sizeof(*r->v));
	while (rest.n > 0) {
		texts = arena_alloc(a, DMARC_ROW_TEXTS * sizeof(*texts));
		if (r->n == DMARC_PACK_ROWS || !take_piece(&rest, &piece) ||
		    !dmarc_unpack_row(piece, texts, &r->v[r->n++]))
			return false;
	}
	return true;
}

bool
dmarc_unpack(struct str v, struct arena *a, struct dmarc_report *out,
    struct str *reporter, bool *is_vouched)
{
	struct dmarc_report r = {0};
	struct str domain, head;
	struct dmarc_head h;
	struct text t;

	if (!take_piece(&v, &domain) || domain.n >= DNS_NAME ||
	    !take_piece(&v, &head) || !dmarc_unpack_head(head, &h))
		return false;
	text_init(&t, r.domain, sizeof(r.domain));
	text_str(&t, domain);
	r.begin = h.begin;
	r.end = h.end;
	r.policy = h.policy;
	r.organisation = r.email = "";
	r.id = arena_dup(a, str_from(h.id));
	*reporter = arena_str(a, str_from(h.reporter));
	*is_vouched = h.is_vouched;
	if (!unpack_rows(v, a, &r))
		return false;
	*out = r;
	return true;
}
