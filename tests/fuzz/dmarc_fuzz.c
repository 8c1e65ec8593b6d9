/* dmarc_fuzz - a mail that may bring a DMARC report; an archive; XML in pieces
 *
 * What is read is within its bounds, whatever the pieces are.
 */
#include <stdlib.h>

#include "base/unpack.h"
#include "daemon/dmarc_mail.h"
#include "domains/dmarc_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MAX = 1 << 20 };

static void
check(const struct dmarc_report *r)
{
	if (r->n > DMARC_ROWS + 1 || !*r->domain || !*r->id ||
	    r->end < r->begin)
		abort();
	for (size_t i = 0; i < r->n; i++) {
		const struct dmarc_row *row = &r->v[i];

		if (row->count == 0 || strlen(row->header_from) > DMARC_TEXT ||
		    strlen(row->dkim_domain) > DMARC_TEXT)
			abort();
	}
}

static bool
on_piece(void *ctx, struct str bytes)
{
	*(size_t *)ctx += bytes.n;
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str bytes = str_make((const char *)data, n);
	struct dmarc_report whole, pieces;
	struct dmarc_reader *r;
	struct error err;
	struct arena a;
	size_t out = 0;

	struct str reporter;
	bool is_vouched;

	arena_init(&a);
	if (dmarc_unpack(bytes, &a, &whole, &reporter, &is_vouched) &&
	    whole.n > DMARC_PACK_ROWS)
		abort();
	if (dmarc_mail_read(bytes, &a, &whole, &err) == 1)
		check(&whole);
	unpack(bytes, MAX, on_piece, &out, &err);
	if (out > MAX)
		abort();
	r = dmarc_reader_new(&a);
	dmarc_reader_feed(r, bytes);
	int got = dmarc_reader_end(&r, &whole, &err);

	if (got == 0)
		check(&whole);
	r = dmarc_reader_new(&a);
	for (size_t i = 0; i < n && i < 4096; i++)
		dmarc_reader_feed(r, str_make(bytes.p + i, 1));
	if (n > 4096)
		dmarc_reader_feed(r, str_skip(bytes, 4096));
	if (dmarc_reader_end(&r, &pieces, &err) != got ||
	    (got == 0 && pieces.n != whole.n))
		abort();
	arena_done(&a);
	return 0;
}
