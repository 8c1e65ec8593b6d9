/* lmtp_fuzz - any bytes of a client, in pieces of any size
 *
 * The first byte says how large the pieces are. All at once gives the same
 * answers; what is kept is bounded; each answer is a line of SMTP.
 */
#include <stdlib.h>

#include "fbl/lmtp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

enum { MAX_BYTES = 4096, OUT_MAX = 16 << 20 };

static void
check_lines(struct str out)
{
	struct str line;

	while (str_cut(&out, '\n', &line)) {
		if (line.n < 5 || line.p[0] < '2' || line.p[0] > '5' ||
		    (line.p[3] != ' ' && line.p[3] != '-') ||
		    !str_ends(line, STR("\r")))
			abort();
	}
	if (out.n > 0)
		abort();
}

static void
check(const struct lmtp *l)
{
	if (l->data.n > MAX_BYTES || l->line.n > LMTP_LINE ||
	    l->recipients > LMTP_RECIPIENTS || l->state > LMTP_OVER)
		abort();
}

/* Takes one piece, as the daemon does. false: it is over. */
static bool
feed(struct lmtp *l, struct str piece, struct text *out, size_t *messages)
{
	for (;;) {
		size_t before = piece.n;
		enum lmtp_turn turn = lmtp_feed(l, &piece, out);

		check(l);
		if (piece.n > before)
			abort();
		if (turn == LMTP_CLOSE)
			return false;
		if (turn == LMTP_MORE) {
			if (piece.n > 0)
				abort();
			return true;
		}
		(*messages)++;
		lmtp_answer(l, "250 2.0.0 taken", out);
	}
}

static size_t
run(struct str all, size_t size, struct text *out)
{
	struct lmtp l = {0};
	size_t messages = 0;

	lmtp_init(&l, STR("mx.example.com"), MAX_BYTES, out);
	while (all.n > 0 && feed(&l, str_head(all, size), out, &messages))
		all = str_skip(all, size);
	lmtp_done(&l);
	return messages;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct str all = str_make((const char *)data, n);
	struct text once, often;
	size_t size;

	if (n == 0)
		return 0;
	size = 1 + data[0] % 32;
	all = str_skip(all, 1);
	text_grow(&once, OUT_MAX);
	text_grow(&often, OUT_MAX);
	if (run(all, all.n + 1, &once) != run(all, size, &often) ||
	    !str_is(text_view(&once), text_view(&often)))
		abort();
	check_lines(text_view(&once));
	text_done(&once);
	text_done(&often);
	return 0;
}
