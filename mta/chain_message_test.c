#include <stdlib.h>

#include "mta/chain_script.h"

static struct text told;

static void
on_message(void *ctx, struct str account, struct str message_id, int64_t at)
{
	(void)ctx;
	text_printf(&told, "%.*s %.*s +%d\n", STR_ARG(account),
	    STR_ARG(message_id), (int)(at - SCRIPT_BEGIN));
}

/* What is told of the lines. */
static struct str
run(const char *lines)
{
	static struct script s;
	struct str rest = str_from(lines), line;

	text_done(&told);
	text_grow(&told, 1 << 16);
	script_init(&s);
	const struct chains_options o = {.settings = &s.settings,
	    .uid_name = script_uid,
	    .on_message = on_message};

	s.chains = chains_new(&o, script_on_fact, &s);
	while (str_cut(&rest, '\n', &line))
		script_line(&s, line);
	script_done(&s);
	return text_view(&told);
}

#define LOGIN                                            \
	"0 postfix/smtpd: A00001: client=c[192.0.2.7], " \
	"sasl_method=PLAIN, sasl_username=alice@example.com\n"

static void
test_told(void)
{
	CHECK_STR(run(LOGIN "1 postfix/cleanup: A00001: message-id=<1@x>\n"),
	    STR("alice@example.com 1@x +1\n"));
	CHECK_STR(run("0 postfix/pickup: A00001: uid=1000 from=<carol>\n"
		      "0 postfix/cleanup: A00001: message-id=<2@x>\n"),
	    STR("uid:carol 2@x +0\n"));
	CHECK_STR(
	    run(LOGIN "1 postfix/cleanup: A00001: message-id=<>\n"), STR(""));
}

/* --- subjects --- */

static void
on_accepted(void *ctx, const struct fact *f)
{
	(void)ctx;
	if (f->kind == FACT_ACCEPTED)
		text_printf(&told, "%u\n", (unsigned)f->subject);
}

/* The subjects' hashes of the messages that are accepted. */
static void
run_subjects(const char *lines, unsigned out[8])
{
	static struct script s;
	struct str rest = str_from(lines), line;
	size_t n = 0;

	text_done(&told);
	text_grow(&told, 1 << 16);
	script_init(&s);
	const struct chains_options o = {.settings = &s.settings, .seed = 99};

	s.chains = chains_new(&o, on_accepted, &s);
	while (str_cut(&rest, '\n', &line))
		script_line(&s, line);
	script_done(&s);
	rest = text_view(&told);
	for (; n < 8; n++)
		out[n] = str_cut(&rest, '\n', &line)
			     ? (unsigned)strtoul(line.p, NULL, 10)
			     : 1;
}

#define SENT(id, checks)                                              \
	"0 postfix/submission/smtpd: " id ": client=c[192.0.2.7], "   \
	"sasl_method=PLAIN, sasl_username=alice@example.com\n" checks \
	"0 postfix/qmgr: " id ": from=<a@x>, size=9, nrcpt=1 (queue active)\n"
#define CHECKED(id, what)                                            \
	"0 postfix/cleanup: " id ": " what " from c[192.0.2.7]; "    \
	"from=<a@example.com> to=<b@far.example> proto=ESMTP helo=<" \
	"[127.0.0.1]>\n"

/* As Postfix 3.7 writes it. Numbers differ from letter to letter. */
static void
test_subjects(void)
{
	unsigned h[8];

	run_subjects(
	    SENT("A00001",
		CHECKED("A00001",
		    "info: header Subject: Invoice 4711")) SENT("A00002",
		CHECKED("A00002", "warning: header Subject: invoice  52"))
		SENT("A00003",
		    CHECKED("A00003", "info: header Subject: Greetings"))
		    SENT("A00004", CHECKED("A00004",
				       "info: header X-Mailer: Invoice 4711"))
			SENT("A00005", "") SENT("A00006",
			    CHECKED("A00006", "info: header Subject: Greetings")
				CHECKED("A00006",
				    "info: nested-header Subject: Invoice 1")
				    CHECKED("A00006",
					"info: header Subject: Invoice 1")),
	    h);
	CHECK(h[0] > 1);
	CHECK_INT(h[1], h[0]);
	CHECK(h[2] > 1 && h[2] != h[0]);
	CHECK_INT(h[3], 0);
	CHECK_INT(h[4], 0);
	CHECK_INT(h[5], h[2]); /* what it encloses has others */
	CHECK_INT(h[6], 1);
}

/* What anybody writes, and answers, says nothing of who wrote it. */
static void
test_subjects_that_tell(void)
{
	unsigned h[8];

	run_subjects(
	    SENT("A00001", CHECKED("A00001", "info: header Subject: Hello"))
		SENT("A00002",
		    CHECKED("A00002", "info: header Subject: Re: the summer "
				      "party of our department")) SENT("A00003",
		    CHECKED("A00003", "info: header Subject: Your parcel "
				      "could not be delivered")),
	    h);
	CHECK(h[0] > 1 && !(h[0] & FACT_SUBJECT_TELLS));
	CHECK(h[1] > 1 && !(h[1] & FACT_SUBJECT_TELLS));
	CHECK(h[2] & FACT_SUBJECT_TELLS);
}

/* Only what cleanup says of that queue id, before it is accepted. */
static void
test_subjects_of_others(void)
{
	unsigned h[8];

	run_subjects(
	    "0 postfix/cleanup: A00002: info: header Subject: x from local; "
	    "from=<a@x>\n"
	    "0 postfix/smtpd: A00001: info: header Subject: x from local; "
	    "from=<a@x>\n" SENT("A00001", "") CHECKED(
		"A00001", "info: header Subject: late") SENT("A00002", "")
		SENT("A00003", CHECKED("A00003", "info: header Subject:  \t")),
	    h);
	CHECK_INT(h[0], 0);
	CHECK_INT(h[1], 0);
	CHECK_INT(h[2], 0);
	CHECK_INT(h[3], 1);
}

/* Inbound mail has no account; nor has what nobody submitted. */
static void
test_not_told(void)
{
	CHECK_STR(run("0 postfix/smtpd: A00001: client=m[203.0.113.1]\n"
		      "1 postfix/cleanup: A00001: message-id=<1@x>\n"),
	    STR(""));
	CHECK_STR(
	    run("1 postfix/cleanup: A00001: message-id=<1@x>\n"), STR(""));
}

/* Behind a content filter the same message is not told again. */
static void
test_filter(void)
{
	CHECK_STR(
	    run(LOGIN
		"1 postfix/cleanup: A00001: message-id=<1@x>\n"
		"1 postfix/qmgr: A00001: from=<a@x>, size=5, nrcpt=1 (queue "
		"active)\n"
		"2 postfix/smtpd: B00001: client=l[127.0.0.1], "
		"orig_queue_id=A00001, orig_client=c[192.0.2.7]\n"
		"2 postfix/cleanup: B00001: message-id=<1@x>\n"),
	    STR("alice@example.com 1@x +1\n"));
	text_done(&told);
}

TESTS(TEST(test_told), TEST(test_not_told), TEST(test_filter),
    TEST(test_subjects), TEST(test_subjects_that_tell),
    TEST(test_subjects_of_others))
