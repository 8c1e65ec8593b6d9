#include "base/test.h"

#include "base/time.h"
#include "fbl/explain.h"

static struct arena arena;
static struct fbl_report r;
static enum fbl_unread unread;
static struct error err;

/* "" or the name of the format. */
static struct str
parse(struct str bytes)
{
	arena_done(&arena);
	err.text[0] = '\0';
	if (fbl_report_parse(
		bytes, &fbl_limits_default, &arena, &r, &unread, &err) < 0)
		return STR("");
	return fbl_format_text(r.format);
}

static struct str
get(enum fbl_field field)
{
	return fbl_report_get(&r, field);
}

#define TOP                                                             \
	"From: Feedback <fbl@isp.example>\nSubject: FW: hello\n"        \
	"Message-ID: <1@isp.example>\nMIME-Version: 1.0\n"              \
	"Content-Type: multipart/report; report-type=feedback-report; " \
	"boundary=b\n\n"
#define WORDS                                                     \
	"--b\nContent-Type: text/plain\n\n"                       \
	"This is an email abuse report for an email message\n"    \
	"received from IP 192.0.2.9 on Mon, 2 Nov 2026 09:00:00 " \
	"+0000.\n\n"
#define PART "--b\nContent-Type: message/feedback-report\n\n"
#define MESSAGE                                                           \
	"--b\nContent-Type: message/rfc822\n\n"                           \
	"Return-Path: <bounce@shop.example>\n"                            \
	"Received: from mx.host.example (mx.host.example [192.0.2.25])\n" \
	"\tby in.isp.example with ESMTP id 9; Mon, 2 Nov 2026 09:00:00 "  \
	"+0000\n"                                                         \
	"X-Outpost-Ref: abc\n def\nFrom: Shop <news@shop.example>\n"      \
	"To: redacted@isp.example\nSubject: hello\n"                      \
	"Message-ID: <42@shop.example>\n\nBuy!\n"
#define END "--b--\n"

static void
test_arf(void)
{
	CHECK_STR(parse(STR(TOP WORDS PART
		      "feedback-TYPE: Abuse\nUSER-agent: Isp/1.0\n"
		      "Version: 1\nIncidents: 3\n"
		      "Original-Rcpt-To: <joe@isp.example>\n"
		      "Original-Rcpt-To: 8f3a@isp.example\n"
		      "Original-Rcpt-To: 8f3a@isp.example\n"
		      "Reported-Domain: shop.example\n"
		      "Received-Date: Mon, 2 Nov 2026 10:00:00 +0100\n"
		      "Source-IP: [2001:db8::25]\n"
		      "Original-Mail-From: <>\nX-Own: 1\n\n" MESSAGE END)),
	    STR("arf"));
	CHECK_INT(r.type, FBL_TYPE_ABUSE);
	CHECK_STR(get(FBL_USER_AGENT), STR("Isp/1.0"));
	CHECK_INT(r.incidents, 3);
	CHECK_INT(fbl_report_list(&r, FBL_RCPT_TO)->n, 2);
	CHECK_STR(get(FBL_RCPT_TO), STR("joe@isp.example"));
	CHECK_INT(r.arrived_at, 1793610000);
	CHECK(!ip_is_none(&r.source_ip) && !ip_is_v4(&r.source_ip));
	CHECK_STR(get(FBL_MAIL_FROM), STR(""));
	CHECK(get(FBL_MAIL_FROM).p != NULL);
	CHECK_STR(r.derived.v[FBL_MAIL_FROM].v[0], STR("bounce@shop.example"));
	CHECK_STR(get(FBL_MESSAGE_ID), STR("<42@shop.example>"));
	CHECK_STR(
	    header_get(&r.original, STR("x-outpost-ref")), STR("abc def"));
	CHECK_STR(
	    header_get(&r.mail, STR("Message-ID")), STR("<1@isp.example>"));
	CHECK_STR(header_get(&r.part, STR("X-Own")), STR("1"));
}

/* What the part doesn't tell comes from the words and from the message. */
static void
test_derived(void)
{
	CHECK_STR(
	    parse(STR(TOP WORDS PART "Feedback-Type: abuse\n"
				     "Source-IP: x.x.x.x\n\n" MESSAGE END)),
	    STR("arf"));
	CHECK_INT(r.read.v[FBL_SOURCE_IP].n, 0);
	CHECK_STR(get(FBL_SOURCE_IP), STR("192.0.2.9"));
	CHECK_INT(r.arrived_at, 1793610000);
	CHECK_STR(get(FBL_MAIL_FROM), STR("bounce@shop.example"));
	CHECK_INT(r.incidents, 1);
}

static void
test_types(void)
{
	static const struct {
		const char *word;
		enum fbl_type type;
	} words[] = {{"abuse", FBL_TYPE_ABUSE}, {"FRAUD", FBL_TYPE_FRAUD},
	    {"virus", FBL_TYPE_VIRUS}, {"not-spam", FBL_TYPE_NOT_SPAM},
	    {"opt-out", FBL_TYPE_OPT_OUT}, {"opt-out-list", FBL_TYPE_OPT_OUT},
	    {"auth-failure", FBL_TYPE_AUTH_FAILURE},
	    {"miscategorized", FBL_TYPE_OTHER}, {"other", FBL_TYPE_OTHER},
	    {"", FBL_TYPE_OTHER}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		CHECK_INT(fbl_type_of(str_from(words[i].word)), words[i].type);
	CHECK_STR(
	    parse(STR(TOP PART "User-Agent: x\nAuth-Failure: dmarc\n\n" END)),
	    STR("arf"));
	CHECK_INT(r.type, FBL_TYPE_AUTH_FAILURE);
}

/* Odd ways to send one. */
static void
test_odd(void)
{
	/* The report's part in base64, multipart/mixed. */
	CHECK_STR(parse(STR("Content-Type: multipart/mixed; boundary=b\n\n"
			    "--b\nContent-Type: message/feedback-report\n"
			    "Content-Transfer-Encoding: base64\n\n"
			    "RmVlZGJhY2stVHlwZTogZnJhdWQK\n" END)),
	    STR("arf"));
	CHECK_INT(r.type, FBL_TYPE_FRAUD);
	/* The header alone, under a wrong name. */
	CHECK_STR(parse(STR(TOP PART "Feedback-Type: abuse\n\n--b\n"
				     "Content-Type: text/rfc822-header\n\n"
				     ">From x\nMessage-ID: <7@x>\n" END)),
	    STR("arf"));
	CHECK_STR(get(FBL_MESSAGE_ID), STR("<7@x>"));
	/* No part of the report's, or under another type. */
	CHECK_STR(parse(STR(TOP WORDS MESSAGE END)), STR("arf"));
	CHECK_INT(r.type, FBL_TYPE_ABUSE);
	CHECK_STR(get(FBL_SOURCE_IP), STR("192.0.2.9"));
	CHECK_STR(parse(STR(TOP "--b\nContent-Type: text/plain\n\n"
				"Feedback-Type: not-spam\n\n" MESSAGE END)),
	    STR("arf"));
	CHECK_INT(r.type, FBL_TYPE_NOT_SPAM);
	/* Cut off in the message. */
	CHECK_STR(parse(STR(TOP PART "Feedback-Type: virus\n\n--b\n"
				     "Content-Type: message/rfc822\n\n"
				     "X-Outpost-Ref: abc\nMess")),
	    STR("arf"));
	CHECK_STR(header_get(&r.original, STR("X-Outpost-Ref")), STR("abc"));
}

static void
test_hotmail(void)
{
	CHECK_STR(parse(STR("From: staff@hotmail.com\n"
			    "Subject: complaint about message from 192.0.2.1\n"
			    "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
			    "Content-Type: message/rfc822\n\n"
			    "X-HmXmrOriginalRecipient: <joe@hotmail.com>\n"
			    "X-Reporter-IP: 192.0.2.200\n"
			    "Message-ID: <7@x>\n\nx\n" END)),
	    STR("jmrp"));
	CHECK_STR(get(FBL_RCPT_TO), STR("joe@hotmail.com"));
	CHECK_STR(get(FBL_SOURCE_IP), STR("192.0.2.1"));
	CHECK_INT(r.type, FBL_TYPE_ABUSE);
	CHECK_STR(parse(STR("X-HmXmrOriginalRecipient: joe@hotmail.com\n"
			    "Message-ID: <7@x>\nFrom: me@x\n\nx\n")),
	    STR("jmrp"));
	CHECK_STR(get(FBL_MESSAGE_ID), STR("<7@x>"));
}

static void
test_none(void)
{
	CHECK_STR(parse(STR("From: joe@x\nSubject: hello\n\nDear abuse,\n")),
	    STR(""));
	CHECK_INT(unread, FBL_LETTER);
	CHECK(strstr(err.text, "joe@x") != NULL);
	CHECK_STR(parse(STR("From: a\x1b[31m@x\n\nx")), STR(""));
	CHECK(!strchr(err.text, '\x1b'));
	CHECK_STR(parse(STR("From: MAILER-DAEMON\nContent-Type: "
			    "multipart/report; report-type=delivery-status; "
			    "boundary=b\n\n--b\n\nx\n" MESSAGE END)),
	    STR(""));
	CHECK_INT(unread, FBL_LETTER);
	CHECK_STR(parse(STR(TOP)), STR(""));
	CHECK_INT(unread, FBL_UNREADABLE);
	CHECK_STR(parse(STR("")), STR(""));
	CHECK_STR(parse(STR("{\"a\": 1}")), STR(""));
	CHECK_INT(unread, FBL_LETTER);
	/* A message that brings a report of its own as an attachment to what is
	 * complained about doesn't speak for the reporter. */
	CHECK_STR(parse(STR(TOP PART "Feedback-Type: abuse\n\n--b\n"
				     "Content-Type: message/rfc822\n\n"
				     "Content-Type: message/feedback-report\n"
				     "\nFeedback-Type: fraud\n" END)),
	    STR("arf"));
	CHECK_INT(r.type, FBL_TYPE_ABUSE);
}

static void
test_identity(void)
{
	struct text a, b;

	text_grow(&a, 1 << 16);
	text_grow(&b, 1 << 16);
	parse(STR(TOP PART "Feedback-Type: abuse\n\n" MESSAGE END));
	fbl_report_identity(&r, &a);
	parse(STR("Received: by another.way\n" TOP PART
		  "Feedback-Type: abuse\n\n" MESSAGE END));
	fbl_report_identity(&r, &b);
	CHECK_STR(text_view(&a), text_view(&b));
	text_clear(&b);
	parse(STR(TOP PART "Feedback-Type: fraud\n\n" MESSAGE END));
	fbl_report_identity(&r, &b);
	CHECK(!str_is(text_view(&a), text_view(&b)));
	text_done(&a);
	text_done(&b);
}

static void
test_explain(void)
{
	struct json_out j;
	struct text t;

	text_grow(&t, 1 << 16);
	json_out_init(&j, &t);
	parse(STR(TOP PART "Feedback-Type: abuse\nX-Own: 1\n\n" END));
	fbl_explain(&j, &r);
	json_close(&j);
	CHECK_STR(text_view(&t),
	    STR("{\"format\":\"arf\",\"feedback_type\":\"abuse\","
		"\"incidents\":1,\"other_fields\":[{\"name\":\"X-Own\","
		"\"value\":\"1\"}],\"derived\":[]}"));
	text_done(&t);
	arena_done(&arena);
}

TESTS(TEST(test_arf), TEST(test_derived), TEST(test_types), TEST(test_odd),
    TEST(test_hotmail), TEST(test_none), TEST(test_identity),
    TEST(test_explain))
