/* imap - tests */
#include "fbl/imap.h"

#include "base/test.h"

/* Feeds bytes in pieces of `step`; all responses, "|" between, a literal in
 * <>. */
static void
feed(struct imap *m, const char *bytes, size_t step, struct text *out)
{
	struct str rest = str_from(bytes);

	while (rest.n > 0) {
		struct str piece = str_head(rest, step);

		rest = str_skip(rest, piece.n);
		for (;;) {
			enum imap_turn turn = imap_feed(m, &piece);

			if (turn == IMAP_TOO_LONG)
				text_add(out, "too long");
			if (turn != IMAP_RESPONSE)
				break;
			text_str(out, text_view(&m->line));
			if (m->has_literal)
				text_printf(out, "<%.*s>",
				    STR_ARG(text_view(&m->literal)));
			text_char(out, '|');
		}
	}
}

static void
check(const char *bytes, const char *want)
{
	static const size_t steps[] = {1, 2, 7, 1000};

	for (size_t i = 0; i < 4; i++) {
		char buf[1024];
		struct imap m;
		struct text t;

		text_init(&t, buf, sizeof(buf));
		imap_init(&m, 20);
		feed(&m, bytes, steps[i], &t);
		CHECK_STR(text_view(&t), str_from(want));
		imap_done(&m);
	}
}

static void
responses_and_literals(void)
{
	check("* OK hello\r\no1 OK done\r\n", "* OK hello|o1 OK done|");
	check("* 1 FETCH (BODY[] {5}\r\na\r\nb) UID 7)\r\n",
	    "* 1 FETCH (BODY[] {} UID 7)<a\r\nb)>|");
	/* What stands in a message is no answer. */
	check("* 1 FETCH (BODY[] {9}\r\no1 OK x\r\n UID 7)\r\no1 OK y\r\n",
	    "* 1 FETCH (BODY[] {} UID 7)<o1 OK x\r\n>|o1 OK y|");
	check("* 1 FETCH ({0}\r\n {3}\r\nxyz)\r\n* 2 EXISTS\r\n",
	    "* 1 FETCH ({} {})<>|* 2 EXISTS|");
	check("* X {20}\r\n01234567890123456789\r\n",
	    "* X {}<01234567890123456789>|");
	check("* X {21}\r\n", "too long");
	check("* X {18446744073709551616}\r\n", "* X {18446744073709551616}|");
	check("\n\r\n", "||");
}

static void
a_long_line_ends_it_unless_it_is_a_search(void)
{
	struct text t, out;
	struct imap m;

	text_grow(&t, 1 << 20);
	text_grow(&out, 1 << 20);
	text_add(&t, "* SEARCH");
	for (int i = 0; i < 20000; i++)
		text_printf(&t, " %d", 10000 + i);
	text_add(&t, "\r\n* 1 FETCH ");
	text_pad(&t, 'x', IMAP_LINE);
	text_add(&t, "\r\n");
	imap_init(&m, 20);
	feed(&m, t.p, 4096, &out);
	CHECK(str_starts(text_view(&out), STR("* SEARCH 10000 10001 ")));
	CHECK(str_ends(text_view(&out), STR("|too long")));
	imap_done(&m);
	text_done(&t);
	text_done(&out);
}

static void
lines(void)
{
	struct str words, rest;
	uint64_t n;
	uint32_t uid;

	CHECK_INT(
	    imap_status(STR("o1 OK [X] yes"), STR("o1"), &words), IMAP_OK);
	CHECK_STR(words, STR("[X] yes"));
	CHECK_INT(imap_status(STR("o1 no such"), STR("o1"), &words), IMAP_NO);
	CHECK_STR(words, STR("such"));
	CHECK_INT(imap_status(STR("o1 NOPE"), STR("o1"), &words), IMAP_BAD);
	CHECK_INT(imap_status(STR("o1"), STR("o1"), &words), IMAP_OTHER);
	CHECK_INT(imap_status(STR("o12 OK"), STR("o1"), &words), IMAP_OTHER);
	CHECK_INT(imap_status(STR("* OK"), STR("o1"), &words), IMAP_OTHER);
	CHECK(imap_is_bye(STR("* BYE later"), &words));
	CHECK(!imap_is_bye(STR("* OK BYE"), &words));
	CHECK(imap_uidvalidity(STR("* OK [UIDVALIDITY 17] ok"), &n));
	CHECK_INT(n, 17);
	CHECK(!imap_uidvalidity(STR("* OK [UIDVALIDITY 17"), &n));
	CHECK(!imap_uidvalidity(STR("* OK look: [UIDVALIDITY 17]"), &n));
	CHECK(!imap_uidvalidity(STR("* NO [UIDVALIDITY 17]"), &n));
	CHECK(imap_is_capability(STR("* CAPABILITY IMAP4rev1 MOVE")));
	CHECK(imap_has_word(STR("* CAPABILITY IMAP4rev1 MOVE"), STR("move")));
	CHECK(!imap_has_word(STR("* CAPABILITY REMOVE X"), STR("MOVE")));
	rest =
	    STR("* SEARCH 3 0 99999999999 18446744073709551617 x 4294967295");
	CHECK(imap_next_found(&rest, &uid) && uid == 3);
	CHECK(imap_next_found(&rest, &uid) && uid == UINT32_MAX);
	CHECK(!imap_next_found(&rest, &uid));
	rest = STR("* 7 EXISTS");
	CHECK(!imap_next_found(&rest, &uid));
}

static void
items(void)
{
	uint64_t n;
	struct str line =
	    STR("* 5 FETCH (FLAGS (\\Seen UID 3) X \"UID 4 \\\" \" "
		"BODY[HEADER.FIELDS (UID A)] {} UID 9 "
		"RFC822.SIZE 123)");

	CHECK(imap_fetch_number(line, STR("UID"), &n));
	CHECK_INT(n, 9);
	CHECK(imap_fetch_number(line, STR("rfc822.size"), &n));
	CHECK_INT(n, 123);
	CHECK(!imap_fetch_number(line, STR("MODSEQ"), &n));
	CHECK(!imap_fetch_number(STR("* 5 FETCH (UID x)"), STR("UID"), &n));
	CHECK(!imap_fetch_number(STR("* 5 FETCH (((("), STR("UID"), &n));
	CHECK(!imap_fetch_number(STR("* 5 FETCH (UID"), STR("UID"), &n));
	CHECK(!imap_fetch_number(STR("* 5 EXISTS"), STR("UID"), &n));
	CHECK(!imap_fetch_number(STR("o5 OK (UID 1)"), STR("UID"), &n));
}

static void
what_is_said(void)
{
	static const uint32_t uids[] = {1, 2, 3, 7, 9, 10};
	char buf[100];
	struct text t;

	text_init(&t, buf, sizeof(buf));
	imap_set(&t, uids, 6);
	CHECK_STR(text_view(&t), STR("1:3,7,9:10"));
	text_clear(&t);
	imap_quote(&t, STR("a \"b\" \\c"));
	CHECK_STR(text_view(&t), STR("\"a \\\"b\\\" \\\\c\""));
	CHECK(imap_can_quote(STR("INBOX/A&AOQ-")));
	CHECK(!imap_can_quote(STR("a\r\nb")));
	CHECK(!imap_can_quote(STR("\xc3\xa4")));
}

TESTS(TEST(responses_and_literals),
    TEST(a_long_line_ends_it_unless_it_is_a_search), TEST(lines), TEST(items),
    TEST(what_is_said))
