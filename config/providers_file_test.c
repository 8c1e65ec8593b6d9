/* providers_file_test - the shipped providers.conf, and files that are wrong */
#include "config/providers_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

/* Every host is whose its name says: the MX that the log shows. */
static const struct {
	const char *host, *provider;
} hosts[] = {
    {"gmail-smtp-in.l.google.com", "google"},
    {"alt2.aspmx.l.google.com", "google"},
    {"aspmx3.googlemail.com", "google"},
    {"outlook-com.olc.protection.outlook.com", "outlook"},
    {"example-com.mail.protection.outlook.com", "microsoft365"},
    {"example-com.n-v1.mx.microsoft", "microsoft365"},
    {"mta7.am0.yahoodns.net", "yahoo"},
    {"mx5.mail.yahoo.co.jp", "yahoo-japan"},
    {"mx01.mail.icloud.com", "apple"},
    {"smtp-in.orange.fr", "orange"},
    {"smtpz4.laposte.net", "laposte"},
    {"smtp-in.sfr.fr", "sfr"},
    {"mx1.free.fr", "free"},
    {"mx00.emig.gmx.net", "gmx"},
    {"mx-ha02.web.de", "gmx"},
    {"mx00.kundenserver.de", "ionos"},
    {"mx00.t-online.de", "t-online"},
    {"mx1.mail.hostpoint.ch", "hostpoint"},
    {"mta-gw.infomaniak.ch", "infomaniak"},
    {"mx1h1.comcast.net", "comcast"},
    {"cxr.mx.a.cloudfilter.net", "cox"},
    {"mx1.emailsrvr.com", "rackspace"},
    {"mailstore1.secureserver.net", "godaddy"},
    {"mxs.mail.ru", "mailru"},
    {"mx.yandex.ru", "yandex"},
    {"mx3.qq.com", "qq"},
    {"163mx01.mxmail.netease.com", "netease"},
    {"smtp-in.libero.it", "libero"},
    {"mx.tb.ukmail.iss.as9143.net", "liberty-global"},
    {"mx0a-00000001.pphosted.com", "proofpoint"},
    {"eu-smtp-inbound-1.mimecast.com", "mimecast"},
    {"d1.ess.barracudanetworks.com", "barracuda"},
    {"mx1.hc1-1.iphmx.com", "cisco"},
    {"example.in.tmes.trendmicro.eu", "trend-micro"},
    {"smtp.bbox.fr", "bouygues"},
    {"mx.freenet.de", "freenet"},
    {"mx11.bluewin.ch", "bluewin"},
    {"mx1.kpnmail.nl", "kpn"},
    {"relay.proximus.be", "proximus"},
    {"mx.telenet.be", "telenet"},
    {"mx0.charter.net", "charter"},
    {"etb-1.mail.tiscali.it", "tiscali"},
    {"mx.a.cloudfilter.net", NULL},
    {"mail.protection.outlook.example", NULL},
    {"notgoogle.com", NULL},
};

static void
shipped(void)
{
	struct error err = {""};
	struct providers *p;
	struct replies *r;

	if (providers_file_read("etc/providers.conf", &p, &r, &err) < 0) {
		CHECK_STR(str_from(err.text), STR(""));
		return;
	}
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		CHECK_STR(
		    str_from(providers_of_host(p, str_from(hosts[i].host))),
		    str_from(hosts[i].provider));
	size_t n = 0;

	while (providers_at(p, n))
		n++;
	CHECK(n >= 30);
	providers_free(&p);
	replies_free(&r);
}

static void
read_text(const char *text, const char *want)
{
	char path[] = "/tmp/outpost-providers.XXXXXX";
	int fd = mkstemp(path);
	FILE *f = fdopen(fd, "w");
	struct error err = {""};

	fputs(text, f);
	fclose(f);
	struct providers *p = NULL;
	struct replies *r = NULL;
	int status = providers_file_read(path, &p, &r, &err);

	CHECK_INT(status, *want ? -1 : 0);
	CHECK((p == NULL) == (*want != '\0') && (r == NULL) == (p == NULL));
	CHECK(str_find(str_from(err.text), str_from(want)) >= 0);
	if (str_find(str_from(err.text), str_from(want)) < 0)
		fprintf(stderr, "%s\n", err.text);
	providers_free(&p);
	replies_free(&r);
	unlink(path);
}

#define BARE(name, class) \
	"{ name = \"" #name "\"; class = \"" class "\"; text = \"x\"; "
#define GOOD "replies = ( " BARE(a, "blocked") "example = \"x\"; "

static void
wrong_ones(void)
{
	read_text("providers = ( );", "");
	read_text("providers = ( { name = \"a\"; mx = ( \"b.c\" ) } );", "");
	read_text("other = 1;", ":1: only lists of providers");
	read_text("providers = ( { name = \"a\";\n mxx = ( \"b.c\" ) } );",
	    ":2: unknown key \"mxx\"");
	read_text(
	    "providers = ( { name = \"a\" } );", ":1: provider a has no mx");
	read_text("providers = ( { name = \"A b\"; mx = ( \"b.c\" ) } );",
	    "is no name of a provider");
	read_text("providers = ( { name = \"a\"; mx = ( \"b.c\" ) },\n"
		  "{ name = \"b\"; mx = ( \"b.c\" ) } );",
	    ":2: b.c is a's already");
	read_text("providers = (", ":");
	read_text("replies = ( );", "");
	read_text(GOOD "} );", "");
	read_text(GOOD "},\n" BARE(b, "blocked") "} );", ":2: rule b has no e");
	read_text(GOOD "},\n\n" BARE(a, "blocked") "example = \"x\"; } );",
	    ":3: two rules named \"a\"");
	read_text("replies = ( " BARE(a, "bad") "example = \"x\"; } );",
	    ":1: rule a: \"bad\" is no class");
	read_text(GOOD "scope = \"all\"; } );", "\"all\" is no scope");
	read_text(GOOD "temporary = 1; } );", "temporary is true or false");
	read_text(
	    GOOD "temporary = true; retry_after = \"x\"; } );", "retry_after");
	read_text("replies = (\n{ name = \"a\"; class = \"blocked\";\n"
		  "text = \"a(b\"; example = \"x\"; } );",
	    ":2: rule a: \"a(b\": missing closing parenthesis at byte 3");
	read_text("replies = (\n{ name = \"a\"; class = \"blocked\";\n"
		  "text = \"Spam\"; example = \"x\"; } );",
	    "must be in lower case at \"Spam\"");
}

/* Every rule is the one for its example; so none hides behind another. */
static void
examples(void)
{
	struct providers *p;
	struct replies *r;
	struct replies_rule rule;
	struct reply got;
	struct error err;

	if (providers_file_read("etc/providers.conf", &p, &r, &err) < 0) {
		CHECK_STR(str_from(err.text), STR(""));
		return;
	}
	for (size_t i = 0; replies_at(r, i, &rule); i++) {
		replies_read(
		    r, p, STR(""), STR(""), str_from(rule.example), &got);
		if (!got.rule || strcmp(got.rule, rule.name) != 0)
			test_fail(__FILE__, __LINE__, "%s: %s is for \"%s\"",
			    rule.name, got.rule ? got.rule : "nobody",
			    rule.example);
		CHECK(!rule.provider ||
		      providers_find(p, str_from(rule.provider)));
	}
	providers_free(&p);
	replies_free(&r);
}

/* Neither the code nor the DSN tells: what Postfix logs as put off may be a
 * block, what is refused for good may be over in an hour. */
static void
words_not_codes(void)
{
	static const struct {
		const char *dsn, *text;
		enum reply_class class;
		bool is_temporary;
	} rows[] = {
	    {"4.0.0",
		"host mx00.emig.gmx.net[192.0.2.1] refused to talk to me: "
		"554-gmx.net (mxgmx001) Nemesis ESMTP Service not available "
		"554-No SMTP service 554-IP address is block listed.",
		REPLY_BLOCKED, false},
	    {"5.0.0", "550 Ip frequency limited [aa]", REPLY_RATE_LIMITED,
		true},
	    {"4.0.0", "421 cmsmtp IP blocked. AUP#In-1000", REPLY_BLOCKED,
		false},
	    /* The receiver's own DNS is at fault: no listing. */
	    {"5.7.1",
		"550 5.7.1 Service unavailable; Client host [192.0.2.1] "
		"blocked using zen.spamhaus.org; Error: open resolver; "
		"https://www.spamhaus.org/returnc/pub/192.0.2.1",
		REPLY_OTHER, true},
	    {"5.7.1",
		"554 5.7.1 Client host [192.0.2.1] blocked using "
		"zen.spamhaus.org",
		REPLY_BLOCKED, false},
	};
	struct providers *p;
	struct replies *r;
	struct reply got;
	struct error err;

	if (providers_file_read("etc/providers.conf", &p, &r, &err) < 0) {
		CHECK_STR(str_from(err.text), STR(""));
		return;
	}
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		replies_read(r, p, STR(""), str_from(rows[i].dsn),
		    str_from(rows[i].text), &got);
		CHECK_STR(str_from(reply_class_text(got.class)),
		    str_from(reply_class_text(rows[i].class)));
		CHECK_INT(got.is_temporary, rows[i].is_temporary);
	}
	providers_free(&p);
	replies_free(&r);
}

/* A file without rules, and none at all: those of this version hold. */
static void
shipped_rules(void)
{
	static const char text[] = "452 4.2.2 The mailbox is full";
	struct providers *p;
	struct replies *r;
	struct reply got;
	struct error err;

	CHECK_INT(providers_file_read("/dev/null", &p, &r, &err), 0);
	replies_read(r, p, STR(""), STR(""), str_from(text), &got);
	CHECK_INT(got.class, REPLY_MAILBOX_FULL);
	CHECK(!providers_at(p, 0));
	providers_free(&p);
	replies_free(&r);
}

static void
no_file(void)
{
	struct error err = {""};

	struct providers *p = NULL;
	struct replies *r = NULL;

	CHECK_INT(providers_file_read("/no/such/file", &p, &r, &err), -1);
	CHECK(str_find(str_from(err.text), STR("/no/such/file")) >= 0);
}

TESTS(TEST(shipped), TEST(examples), TEST(words_not_codes), TEST(shipped_rules),
    TEST(wrong_ones), TEST(no_file))
