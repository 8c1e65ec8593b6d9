/* imap_fuzz - any bytes of an IMAP server, in pieces of any size
 *
 * The first byte says how large the pieces are. What is kept is bounded, and
 * each line can be asked everything.
 */
#include <stdlib.h>

#include "fbl/imap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { LITERAL = 4096 };

static void
ask(const struct imap *m)
{
	struct str line = text_view(&m->line), words;
	uint64_t number;
	uint32_t uid;

	if (line.n > IMAP_LINE || m->literal.n > LITERAL)
		abort();
	imap_status(line, STR("o1"), &words);
	imap_is_bye(line, &words);
	imap_uidvalidity(line, &number);
	if (imap_is_capability(line))
		imap_has_word(line, STR("MOVE"));
	imap_fetch_number(line, STR("UID"), &number);
	imap_fetch_number(line, STR("RFC822.SIZE"), &number);
	while (imap_next_found(&line, &uid)) {
		if (uid == 0)
			abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = str_make((const char *)data, n);
	size_t step = n > 0 ? data[0] % 100 + 1 : 1;
	enum imap_turn turn = IMAP_MORE;
	struct imap m;

	imap_init(&m, LITERAL);
	all = str_skip(all, 1);
	while (all.n > 0 && turn != IMAP_TOO_LONG) {
		struct str piece = str_head(all, step);

		all = str_skip(all, piece.n);
		while ((turn = imap_feed(&m, &piece)) == IMAP_RESPONSE)
			ask(&m);
	}
	imap_done(&m);
	return 0;
}
