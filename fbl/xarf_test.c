#include "base/test.h"

#include "base/text.h"
#include "fbl/report.h"

static struct arena arena;
static struct fbl_report r;
static enum fbl_unread unread;
static struct error err;

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

#define REPORTER                                        \
	"\"ReporterInfo\": {\"ReporterOrg\": \"Isp\", " \
	"\"ReporterOrgDomain\": \"isp.example\", "      \
	"\"ReporterOrgEmail\": \"abuse@isp.example\"}, "
#define REPORT                                                         \
	"\"Report\": {\"ReportClass\": \"Activity\", \"ReportType\": " \
	"\"Spam\", \"Date\": \"2026-11-02T09:00:00Z\", \"SourceIp\": " \
	"\"192.0.2.7\", \"SmtpMailFromAddress\": \"a@shop.example\""
#define SPAM "{\"Version\": \"3\", " REPORTER "\"Disclosure\": true, " REPORT
/* X-Outpost-Ref: abc, Message-ID: <1@x> */
#define SAMPLE                                                            \
	", \"Samples\": [{\"ContentType\": \"text/plain\", \"Payload\": " \
	"\"x\"}, {\"ContentType\": \"message/rfc822\", "                  \
	"\"Base64Encoded\": true, \"Payload\": "                          \
	"\"WC1PdXRwb3N0LVJlZjogYWJjCk1lc3NhZ2UtSUQ6IDwxQHg+Cg==\"}]"

static void
test_v3(void)
{
	CHECK_STR(parse(STR(" \n" SPAM SAMPLE "}}")), STR("xarf"));
	CHECK_INT(r.type, FBL_TYPE_ABUSE);
	CHECK_STR(get(FBL_SOURCE_IP), STR("192.0.2.7"));
	CHECK_STR(get(FBL_MAIL_FROM), STR("a@shop.example"));
	CHECK_STR(get(FBL_REPORTER), STR("isp.example"));
	CHECK_INT(r.arrived_at, 1793610000);
	CHECK_STR(get(FBL_MESSAGE_ID), STR("<1@x>"));
	CHECK_STR(header_get(&r.original, STR("X-Outpost-Ref")), STR("abc"));
}

#define CONTACT                                               \
	"{\"org\": \"Isp\", \"contact\": \"a@isp.example\", " \
	"\"domain\": \"isp.example\"}"
#define V4                                                                   \
	"{\"xarf_version\": \"4.2.0\", \"report_id\": "                      \
	"\"02eb480f-8172-431a-9276-c28ba90f694a\", \"timestamp\": "          \
	"\"2026-11-02T09:00:00Z\", \"reporter\": " CONTACT                   \
	", \"sender\": " CONTACT ", \"category\": \"messaging\", \"type\": " \
	"\"spam\", \"source_identifier\": "

static void
test_v4(void)
{
	CHECK_STR(parse(STR(V4 "\"192.0.2.7\", \"smtp_to\": \"b@isp.example\", "
			       "\"evidence\": [{\"content_type\": "
			       "\"message/rfc822\", \"payload\": "
			       "\"TWVzc2FnZS1JRDogPDFAeD4=\"}]}")),
	    STR("xarf"));
	CHECK_INT(r.type, FBL_TYPE_ABUSE);
	CHECK_STR(get(FBL_SOURCE_IP), STR("192.0.2.7"));
	CHECK_STR(get(FBL_RCPT_TO), STR("b@isp.example"));
	CHECK_STR(get(FBL_MESSAGE_ID), STR("<1@x>"));
	CHECK_STR(parse(STR(V4 "\"shop.example\"}")), STR("xarf"));
	CHECK(ip_is_none(&r.source_ip));
	CHECK_STR(parse(STR(V4 "5}")), STR(""));
	CHECK_STR(parse(STR(V4 "\"x\", \"source_port\": 66000}")), STR(""));
	CHECK_INT(unread, FBL_UNREADABLE);
	CHECK_STR(parse(STR("{\"xarf_version\": \"5.0.0\"}")), STR(""));
}

static void
test_invalid(void)
{
	static const char *const bad[] = {SPAM, SPAM "}", "{\"Report\": 5}",
	    "{\"Report\": {}, \"Version\": \"3\"}",
	    SPAM ", \"SourcePort\": -1}}", SPAM ", \"DestinationIp\": \"5\"}}",
	    SPAM ", \"FirstSeen\": \"then\"}}", SPAM ", \"Samples\": []}}",
	    SPAM ", \"Samples\": [{}]}}", SPAM ", \"Samples\": [[]]}}",
	    SPAM ", \"Account\": {}}}", SPAM ", \"CVE\": \"CVE-1-2\"}}",
	    SPAM ", \"Date\": \"2026-11-02T09:00:00Z\"}}"};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		CHECK_STR(parse(str_from(bad[i])), STR(""));
		CHECK_INT(unread, FBL_UNREADABLE);
	}
	CHECK_STR(parse(STR("{}")), STR(""));
	CHECK_INT(unread, FBL_LETTER);
}

#define MAIL                                                        \
	"From: abuse@isp.example\nContent-Type: multipart/report; " \
	"report-type=feedback-report; boundary=b\n\n"               \
	"--b\nContent-Type: message/feedback-report\n\n"            \
	"Feedback-Type: xarf\nUser-Agent: Isp/1\nVersion: 1\n\n--b\n"

static void
test_mail(void)
{
	CHECK_STR(parse(STR(MAIL "Content-Type: application/json; "
				 "name=xarf.json\n\n" SPAM "}}\n--b--\n")),
	    STR("xarf"));
	CHECK_STR(header_get(&r.mail, STR("From")), STR("abuse@isp.example"));
	CHECK_STR(parse(STR(MAIL "Content-Type: application/json\n"
				 "Content-Transfer-Encoding: base64\n\n"
				 "eyJSZXBvcnQiOiA1fQ==\n--b--\n")),
	    STR(""));
	CHECK_INT(unread, FBL_UNREADABLE);
	CHECK_STR(parse(STR(MAIL "\nhello\n--b--\n")), STR(""));
	CHECK_INT(unread, FBL_UNREADABLE);
}

#define OLD                                                              \
	"X-XARF: PLAIN\nContent-Type: multipart/mixed; boundary=b\n\n"   \
	"--b\n\nDear Sir: we saw: spam\n--b\nContent-Type: text/plain\n" \
	"Content-Disposition: attachment; filename=report.txt\n\n"

static void
test_old(void)
{
	CHECK_STR(
	    parse(STR(OLD "---\n# none\nReported-From: abuse@isp.example\n"
			  "Category: abuse\nReport-Type: spam\n"
			  "Source-Type: ip-address\nSource: '192.0.2.7'\n"
			  "User-Agent: a: b\nDate: Mon, 02 Nov 2026 09:00:00 "
			  "+0000\n--b\nContent-Type: message/rfc822\n\n"
			  "Message-ID: <1@x>\n\n--b--\n")),
	    STR("x-arf"));
	CHECK_INT(r.type, FBL_TYPE_ABUSE);
	CHECK_STR(get(FBL_SOURCE_IP), STR("192.0.2.7"));
	CHECK_STR(get(FBL_USER_AGENT), STR("a: b"));
	CHECK_STR(get(FBL_MESSAGE_ID), STR("<1@x>"));
	CHECK_INT(r.arrived_at, 1793610000);
	CHECK_STR(parse(STR(OLD "Category: abuse\nReport-Type: login-attack\n"
				"Source: 192.0.2.7\n--b--\n")),
	    STR("x-arf"));
	CHECK_INT(r.type, FBL_TYPE_OTHER);
	CHECK_STR(parse(STR(OLD "Category: abuse\n--b--\n")), STR(""));
	CHECK_INT(unread, FBL_LETTER);
}

/* Much JSON in few bytes. */
static void
test_bombs(void)
{
	struct text t;

	text_grow(&t, 4 << 20);
	text_add(&t, "{\"Report\": [");
	for (int i = 0; i < 300000; i++)
		text_add(&t, "{},");
	CHECK_STR(parse(text_view(&t)), STR(""));
	CHECK_INT(unread, FBL_UNREADABLE);
	text_clear(&t);
	for (int i = 0; i < 15000; i++)
		text_add(&t, "{\"a\":");
	CHECK_STR(parse(text_view(&t)), STR(""));
	text_clear(&t);
	text_add(&t, "{\"a\": \"");
	text_pad(&t, 'x', 2 << 20);
	text_add(&t, "\"}");
	CHECK_STR(parse(text_view(&t)), STR(""));
	CHECK_INT(unread, FBL_UNREADABLE);
	text_done(&t);
	arena_done(&arena);
}

TESTS(TEST(test_v3), TEST(test_v4), TEST(test_invalid), TEST(test_mail),
    TEST(test_old), TEST(test_bombs))
