/* lmtp - tests */
#include "fbl/lmtp.h"

#include "base/test.h"

enum { MAX = 64 };

/* Feeds text in pieces of `step` bytes; a message is answered 250 and appended
 * to *got with a bar behind it. */
static enum lmtp_turn
talk(const char *text, size_t step, struct text *got, struct text *out)
{
	struct lmtp l;
	struct str all = str_from(text);
	enum lmtp_turn turn = LMTP_MORE;

	lmtp_init(&l, STR("mx.example"), MAX, out);
	while (all.n > 0 && turn != LMTP_CLOSE) {
		struct str piece = str_head(all, step);

		all = str_skip(all, piece.n);
		while ((turn = lmtp_feed(&l, &piece, out)) == LMTP_TAKEN) {
			text_str(got, text_view(&l.data));
			text_char(got, '|');
			lmtp_answer(&l, "250 2.0.0 taken", out);
		}
	}
	lmtp_done(&l);
	return turn;
}

static void
check_talk(const char *text, const char *want_got, const char *want_out)
{
	for (size_t step = 1; step < 200; step += 13) {
		struct text got, out;

		text_grow(&got, 100000);
		text_grow(&out, 100000);
		talk(text, step, &got, &out);
		CHECK_STR(text_view(&got), str_from(want_got));
		CHECK_STR(text_view(&out), str_from(want_out));
		text_done(&got);
		text_done(&out);
	}
}

#define HELLO "220 mx.example LMTP outpostd, for reports\r\n"
#define CAN                                                             \
	"250-outpostd\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n" \
	"250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 64\r\n"
#define OPEN "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<fbl@x>\r\nDATA\r\n"
#define OPENED    \
	HELLO CAN \
	    "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on, end with a dot\r\n"

static void
takes_messages(void)
{
	check_talk(OPEN "a\r\n.\r\n", "a\r\n|", OPENED "250 2.0.0 taken\r\n");
	check_talk(OPEN ".\r\n", "|", OPENED "250 2.0.0 taken\r\n");
	check_talk(OPEN "a\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<a>\r\n"
			"rcpt to:<b>\r\ndata\r\nb\r\n.\r\nQUIT\r\n",
	    "a\r\n|b\r\n|",
	    OPENED "250 2.0.0 taken\r\n250 2.1.0 ok\r\n250 2.1.5 ok\r\n"
		   "250 2.1.5 ok\r\n354 go on, end with a dot\r\n"
		   "250 2.0.0 taken\r\n250 2.0.0 taken\r\n221 2.0.0 bye\r\n");
}

static void
ends_at_a_dot_between_crlf_only(void)
{
	check_talk(OPEN "..a\r\n.b\r\nc\n.\nd\r.\re\r\n.\r\n",
	    ".a\r\nb\r\nc\n.\nd\r.\re\r\n|", OPENED "250 2.0.0 taken\r\n");
	check_talk(OPEN "a\r\n.\rb\r\n.\n\r\r\n.\r\n", "a\r\n\rb\r\n\n\r\r\n|",
	    OPENED "250 2.0.0 taken\r\n");
}

static void
refuses_what_is_too_long(void)
{
	check_talk(OPEN "0123456789012345678901234567890123456789\r\n"
			"0123456789012345678901234567890123456789\r\n.\r\n"
			"NOOP\r\n",
	    "",
	    OPENED "552 5.3.4 the message is too large\r\n250 2.0.0 ok\r\n");
	check_talk("LHLO x\r\nMAIL FROM:<> BODY=8BITMIME SIZE=65\r\n", "",
	    HELLO CAN "552 5.3.4 the message is too large\r\n");

	char line[3 * LMTP_LINE];

	memset(line, 'x', sizeof(line));
	memcpy(line + sizeof(line) - 9, "\r\nNOOP\r\n", 9);
	check_talk(line, "",
	    HELLO "500 5.5.2 the line is too long\r\n250 2.0.0 ok\r\n");
}

static void
wants_an_order(void)
{
	check_talk("MAIL FROM:<>\r\nLHLO x\r\nDATA\r\nRCPT TO:<a>\r\n"
		   "EHLO x\r\nRSET\r\nLHLOX\r\n",
	    "",
	    HELLO "503 5.5.1 LHLO first, and one MAIL at a time\r\n" CAN
		  "503 5.5.1 RCPT first\r\n503 5.5.1 MAIL first\r\n"
		  "500 5.5.1 not an LMTP command here\r\n250 2.0.0 ok\r\n"
		  "500 5.5.1 not an LMTP command here\r\n");
}

static void
has_an_end_of_patience(void)
{
	struct text got, out, in;

	text_grow(&got, 1000);
	text_grow(&out, 100000);
	text_grow(&in, 1000);
	for (int i = 0; i < LMTP_ERRORS + 5; i++)
		text_add(&in, "bla\r\n");
	CHECK_INT(talk(in.p, 7, &got, &out), LMTP_CLOSE);
	CHECK(str_ends(text_view(&out), STR("421 4.7.0 too many errors\r\n")));
	text_done(&got);
	text_done(&out);
	text_done(&in);
}

static void
bounds_recipients(void)
{
	struct text got, out, in;
	size_t answers = 0;
	struct str rest, line;

	text_grow(&got, 1000);
	text_grow(&out, 1000000);
	text_grow(&in, 1000000);
	text_add(&in, "LHLO x\r\nMAIL FROM:<>\r\n");
	for (int i = 0; i < LMTP_RECIPIENTS + 9; i++)
		text_add(&in, "RCPT TO:<a@x>\r\n");
	text_add(&in, "DATA\r\n.\r\n");
	talk(in.p, 1000, &got, &out);
	rest = text_view(&out);
	while (str_cut(&rest, '\n', &line))
		answers += str_starts(line, STR("250 2.0.0 taken"));
	CHECK_INT(answers, LMTP_RECIPIENTS);
	text_done(&got);
	text_done(&out);
	text_done(&in);
}

TESTS(TEST(takes_messages), TEST(ends_at_a_dot_between_crlf_only),
    TEST(refuses_what_is_too_long), TEST(wants_an_order),
    TEST(has_an_end_of_patience), TEST(bounds_recipients))
