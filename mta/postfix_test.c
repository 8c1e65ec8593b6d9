/* What the golden lines (explain_test.c) don't show. */
#include "base/test.h"

#include <stdio.h>

#include "base/text.h"
#include "mta/postfix.h"

static struct postfix_line
parse(const char *tag, const char *program, const char *text)
{
	static char line[4096];
	int n = snprintf(line, sizeof(line), "%s: %s", tag, text);
	struct logline in = {
	    .tag = str_make(line, strlen(tag)),
	    .text = str_make(line + n - strlen(text), strlen(text)),
	};
	struct postfix_line out;

	in.program = str_skip(in.tag, in.tag.n - strlen(program));
	postfix_parse(&in, &out);
	return out;
}

static void
test_programs(void)
{
	static const char *const names[] = {"smtp", "qmgr", "lmtp", "pipe",
	    "smtpd", "local", "error", "retry", "anvil", "relay", "qmqpd",
	    "oqmgr", "nqmgr", "spawn", "flush", "showq", "pickup", "bounce",
	    "verify", "tlsmgr", "scache", "master", "cleanup", "virtual",
	    "discard", "postfix", "dnsblog", "postlog", "postmap", "postdrop",
	    "sendmail", "tlsproxy", "proxymap", "postlogd", "postalias",
	    "postqueue", "postsuper", "postscreen", "postfix-script",
	    "trivial-rewrite"};
	char tag[64];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(tag, sizeof(tag), "mx/%s", names[i]);
		CHECK_INT(parse(tag, names[i], "nothing").kind, LINE_OTHER);
	}
	CHECK_INT(parse("mx/unknown", "unknown", "x").kind, LINE_FOREIGN);
	CHECK_INT(parse("mx/", "", "x").kind, LINE_FOREIGN);
	CHECK_INT(parse("mx/a-very-long-program-name-of-someone",
		      "a-very-long-program-name-of-someone", "x")
		      .kind,
	    LINE_FOREIGN);
	CHECK_INT(parse("postfix/policy", "policy", "x").kind, LINE_OTHER);
	CHECK_INT(
	    parse("smtpd", "smtpd", "connect from a[1]").kind, LINE_FOREIGN);
}

static void
test_queue_ids(void)
{
	static const struct {
		const char *text;
		const char *id;
	} rows[] = {
	    {"4C3D21E3F90: removed", "4C3D21E3F90"},
	    {"3Pt2mN2VXxznjll: removed", "3Pt2mN2VXxznjll"},
	    {"12345: removed", "12345"},
	    {"4C3D: removed", ""},
	    {"4c3d21e3f90: removed", ""},
	    {"NOQUEUE: removed", ""},
	    {"warning: removed", ""},
	    {"4C3D21E3F90:removed", ""},
	    {"4C3D21E3F90", ""},
	    {": removed", ""},
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		CHECK_STR(parse("postfix/qmgr", "qmgr", rows[i].text).queue_id,
		    str_from(rows[i].id));
}

static void
test_queued_as(void)
{
	static const struct {
		const char *reply;
		const char *id;
	} rows[] = {
	    {"250 2.0.0 Ok: queued as 4C3D21E3F91", "4C3D21E3F91"},
	    {"250 Ok: queued as 4C3D21E3F91", "4C3D21E3F91"},
	    {"Ok: queued as 3Pt2mN2VXxznjll", "3Pt2mN2VXxznjll"},
	    {"250 2.0.0 Ok: 1234 bytes queued as 4C3D21E3F91", "4C3D21E3F91"},
	    {"250 2.0.0 from MTA(smtp:[127.0.0.1]:10025): 250 2.0.0 Ok: "
	     "queued as 4C3D21E3F91",
		"4C3D21E3F91"},
	    {"250 2.6.0 Ok, id=1-2, from MTA([127.0.0.1]:10025): 250 Ok: "
	     "queued as 4C3D21E3F91",
		"4C3D21E3F91"},
	    {"250 hello Ok: queued as 4C3D21E3F91", ""},
	    {"250 2.0.0 Ok: queued as 4C3D21E3F91 or so", ""},
	    {"250 2.0.0 Ok: queued as nonsense", ""},
	    {"250 2.0.0 Ok: queued as ", ""},
	    {"queued as 4C3D21E3F91", ""},
	    {"", ""},
	};
	char text[512];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		snprintf(text, sizeof(text),
		    "4C3D21E3F90: to=<a@b>, relay=r[192.0.2.1]:25, delay=1, "
		    "delays=1/0/0/0, dsn=2.0.0, status=sent (%s)",
		    rows[i].reply);
		struct postfix_line l = parse("postfix/smtp", "smtp", text);
		CHECK_INT(l.status, LINE_SENT);
		CHECK_STR(line_get(&l, FIELD_QUEUED_AS), str_from(rows[i].id));
	}
}

/* A line that was cut on its way still names its recipient and status. */
static void
test_cut(void)
{
	static const char whole[] =
	    "4C3D21E3F90: to=<a@b>, relay=r[192.0.2.1]:25, delay=1, "
	    "delays=1/0/0/0, dsn=5.7.1, status=bounced (host r[192.0.2.1] "
	    "said: 550 5.7.1 no)";
	char text[sizeof(whole)];

	for (size_t n = 0; n < sizeof(whole); n++) {
		memcpy(text, whole, n);
		text[n] = '\0';
		struct postfix_line l = parse("postfix/smtp", "smtp", text);
		if (l.kind != LINE_DELIVERY)
			CHECK(l.kind == LINE_OTHER && !line_has(&l, FIELD_TO));
		else
			CHECK_STR(line_get(&l, FIELD_TO), STR("a@b"));
	}
}

static void
test_peer(void)
{
	struct str name, address, port;

	CHECK(postfix_peer(STR("a.b[192.0.2.1]:25"), &name, &address, &port));
	CHECK_STR(name, STR("a.b"));
	CHECK_STR(address, STR("192.0.2.1"));
	CHECK_STR(port, STR("25"));
	CHECK(postfix_peer(STR("[2001:db8::1]"), &name, &address, &port));
	CHECK_STR(name, STR(""));
	CHECK_STR(address, STR("2001:db8::1"));
	CHECK_STR(port, STR(""));
	CHECK(!postfix_peer(STR("none"), &name, &address, &port));
	CHECK(!postfix_peer(STR("a[b] c"), &name, &address, &port));
	CHECK(!postfix_peer(STR("a b[c]"), &name, &address, &port));
}

static void
test_numbers(void)
{
	struct postfix_line l = parse("postfix/qmgr", "qmgr",
	    "4C3D21E3F90: from=<a@b>, size=123456, nrcpt=7 (queue active)");

	CHECK_INT(line_number(&l, FIELD_SIZE), 123456);
	CHECK_INT(line_number(&l, FIELD_NRCPT), 7);
	CHECK_INT(line_number(&l, FIELD_UID), 0);
	CHECK_STR(line_get(&l, FIELD_TO), STR(""));
	CHECK(!line_has(&l, FIELD_TO));
}

static void
test_repeats(void)
{
	struct postfix_line l = parse("postfix/smtpd", "smtpd",
	    "message repeated 3 times: [ warning: u[192.0.2.1]: SASL LOGIN "
	    "authentication failed: no]");

	CHECK_INT(l.kind, LINE_LOGIN_FAILED);
	CHECK_INT(l.repeats, 3);
	l = parse("postfix/smtpd", "smtpd", "message repeated 0 times: [ x]");
	CHECK_INT(l.repeats, 1);
	l = parse("postfix/smtpd", "smtpd", "message repeated 2 times: [");
	CHECK_INT(l.kind, LINE_OTHER);
}

TESTS(TEST(test_programs), TEST(test_queue_ids), TEST(test_queued_as),
    TEST(test_cut), TEST(test_peer), TEST(test_numbers), TEST(test_repeats))
