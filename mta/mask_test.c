/* mask_test - other people's addresses in a text */
#include "mta/mask.h"

#include <stdlib.h>

#include "base/test.h"

static struct str
masked(const char *s)
{
	static char buf[8192];
	static struct account_rules rules;
	static struct crypto_key key;
	struct mask m;
	struct text t;

	rules.default_realm = STR("inside.example");
	mask_init(&m, &key, &rules, STR("alice@inside.example"));
	text_init(&t, buf, sizeof(buf));
	mask_text(&m, str_from(s), &t);
	return text_view(&t);
}

/* Stays as it is. */
static const char *const plain[] = {
    "",
    "Nov 22 05:23:56 mail postfix/qmgr[196]: 4jXHYS3GSLz1c9Hx: "
    "from=<alice@inside.example>, size=4012, nrcpt=40 (queue active)",
    "postfix/smtpd[1]: 4jX: client=x.example[192.0.2.1], sasl_method=PLAIN, "
    "sasl_username=alice@inside.example",
    "postfix/smtpd[1]: 4jX: client=x[192.0.2.1], sasl_username=Alice",
    "postfix/qmgr[1]: 4jX: from=<>, size=3, nrcpt=1 (queue active)",
    "postfix/smtp[1]: connect to mx.world.example[192.0.2.25]:25: refused",
    "postfix/smtp[2]: delay=40.5, delays=0/0/40.1/0, dsn=2.0.0, status=sent",
    "meet @ noon, =40 of them; look at www.example.com",
    "disconnect from x[192.0.2.1] mail=8 rcpt=38/40 data=8 quit=1",
    "warning: header Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?= from x[192.0.2.1]",
};

/* None of these words is left, whatever its case. */
static const struct {
	const char *in, *gone, *stays;
} cases[] = {
    {"to=<bob@example.net>, relay=mx.example.net[192.0.2.1]:25", "bob",
	"@example.net>, relay=mx.example.net[192.0.2.1]:25"},
    {"to=<BOB@Example.NET>, x", "bob", "@Example.NET>, x"},
    {"to=<bob@example.net>, status=bounced (host mx said: 550 5.1.1 User Bob "
     "unknown (in reply to RCPT TO command))",
	"bob", "550 5.1.1 User r"},
    {"to=<bob+news@example.net>, status=sent (delivered to file: "
     "/home/bob/Mail)",
	"bob", "/Mail)"},
    {"to=<\"john doe\"@example.net>, x (john doe unknown)", "doe",
	"@example.net>, x"},
    {"to=<john doe@example.net>, x", "john", "@example.net>, x"},
    {"to=<\"a>bob\"@example.net>, x", "bob", "@example.net>, x"},
    {"to=<\"a\\\">bob\"@example.net>, x", "bob", "@example.net>, x"},
    {"to=<bob>, orig_to=<root>, relay=local", "bob", ">, relay=local"},
    {"to=<x@y.example>, orig_to=<root>, relay=local", "root", "relay=local"},
    {"user bob@example.net. Thanks", "bob", "@example.net. Thanks"},
    {"\"bob@example.net\"", "bob", "@example.net\""},
    {"'bob@example.net'", "bob", "@example.net'"},
    {"bob%40example.net", "bob", "%40example.net"},
    {"bob%2540example.net", "bob", "%2540example.net"},
    {"bob=40example.net", "bob", "=40example.net"},
    {"bob%example.net@relay.example", "example.net", "@relay.example"},
    {"bob&#64;example.net", "bob", "&#64;example.net"},
    {"bob (at) example.net", "bob", " (at) example.net"},
    {"b\xc3\xb6"
     "b@example.net",
	"\xc3\xb6", "@example.net"},
    {"bob@b\xc3\xbc"
     "cher.example",
	"bob",
	"@b\xc3\xbc"
	"cher.example"},
    {"bob\xef\xbc\xa0"
     "example.net",
	"bob",
	"\xef\xbc\xa0"
	"example.net"},
    {"mailto:bob@example.net?subject=x", "bob", "mailto:r"},
    {"http://x.example/?u=bob@example.net&l=carl@example.org", "bob", "http:"},
    {"http://x.example/?u=bob@example.net&l=carl@example.org", "carl", "http:"},
    {"from=<bounce+bob=example.net@list.example>", "bob", "@list.example>"},
    {"from=<SRS0=ab=cd=example.net=bob@fwd.example>", "bob", "@fwd.example>"},
    {"/g=bob/s=smith/@gw.example", "bob", "@gw.example"},
    {"o'brien@example.net", "brien", "@example.net"},
    {"<@a.example,@b.example:bob@c.example>", "bob", "@c.example>"},
    {"bob@[192.0.2.1] x", "bob", "@[192.0.2.1] x"},
    {"bob@example.net/carl", "carl", "@example.net~"},
    {"alice@inside.example@bob.example", "alice@", "@bob.example"},
    {"message-id=<bob=example.net.1@x.example>", "bob", "@x.example>"},
    {"sasl_username=bob", "bob", "sasl_username=r"},
    {"sasl_username=bob@example.net, x", "bob", "sasl_username=r"},
    {"sasl_username=4711", "4711", "sasl_username=r"},
    {"to=<x@y.example>, status=bounced (expanded from <bob>): unknown", "bob",
	"(expanded from <r"},
    {"uid=1000 from=<bob>", "bob", "uid=1000 from=<r"},
    {"header Subject: =?utf-8?b?Ym9iQGV4YW1wbGUubmV0?= from x[192.0.2.1]",
	"Ym9i", "header Subject: =?masked?= from x[192.0.2.1]"},
    {"Subject: =?utf-8?q?bob?= =?utf-8?q?=40example.net?= x", "bob",
	"Subject: =?masked?= x"},
    {"Subject: =?utf-8bob@example.net?q?a?= x", "bob", "@example.net"},
    {"Subject: =?utf-7?q?bob?= x", "bob", "=?masked?= x"},
    {"Subject: to bob@example.net, carl@example.org and <dora@x.example>",
	"carl", "Subject: to r"},
    {"Subject: to bob@example.net, carl@example.org and <dora@x.example>",
	"dora", "@x.example>"},
    {"554 5.7.1 <bob@example.net>: Recipient address rejected; "
     "from=<alice@inside.example> to=<bob@example.net> proto=ESMTP",
	"bob", "from=<alice@inside.example> to=<r"},
    {"alice%40inside.example.evil@x.example", "alice", "@x.example"},
    {"<bob@example.net", "bob", "@example.net"},
    {"\"bob@example.net", "bob", "@example.net"},
    {"carl\"bob@example.net", "bob", "@example.net"},
};

static void
test_plain(void)
{
	for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++)
		CHECK_STR(masked(plain[i]), str_from(plain[i]));
}

static void
test_masked(void)
{
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct str out = masked(cases[i].in);

		if (str_find_nocase(out, str_from(cases[i].gone)) >= 0)
			test_fail(__FILE__, __LINE__, "%s: %s is left in %.*s",
			    cases[i].in, cases[i].gone, STR_ARG(out));
		if (str_find(out, str_from(cases[i].stays)) < 0)
			test_fail(__FILE__, __LINE__, "%s: no %s in %.*s",
			    cases[i].in, cases[i].stays, STR_ARG(out));
	}
}

/* The same address is the same token, another one isn't. */
static void
test_equality(void)
{
	char first[256];
	struct text t;

	text_init(&t, first, sizeof(first));
	text_str(&t, masked("<bob@example.net>"));
	CHECK(str_is_nocase(text_view(&t), masked("<BOB@Example.net>")));
	CHECK(!str_is(text_view(&t), masked("<bob2@example.net>")));
	CHECK(!str_is(str_head(text_view(&t), 10),
	    str_head(masked("<bob@example.org>"), 10)));
	text_clear(&t);
	text_str(&t, masked("Mailbox bob@example.net: bob is full"));
	CHECK_STR(
	    text_view(&t), masked("Mailbox bob@example.net: BOB is full"));
}

/* Whatever comes, it ends, and nothing is read beyond it. */
static void
test_any_bytes(void)
{
	static const char bytes[] = "<>@@\"\"\\==??%40&#64;()[]{}  .,:;+-bq/"
				    "to=from=user=utf-8\xef\xbc\xa0";
	uint32_t random = 1;

	for (int i = 0; i < 20000; i++) {
		char buf[64];
		size_t n = 0;

		while (n + 1 < sizeof(buf)) {
			random = random * 1664525 + 1013904223;
			buf[n++] = bytes[(random >> 10) % (sizeof(bytes) - 1)];
		}
		buf[n] = '\0';
		char *copy = str_dup(str_head(str_from(buf), random >> 26));

		masked(copy);
		free(copy);
	}
}

TESTS(TEST(test_plain), TEST(test_masked), TEST(test_equality),
    TEST(test_any_bytes))
