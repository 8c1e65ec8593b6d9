/* providers_file_test - the shipped providers.conf, and files that are wrong */
#include "config/providers_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/test.h"

/* Every host is whose its name says: the MX that the log shows. */
static void
shipped(void)
{
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
	    {"mx.a.cloudfilter.net", NULL},
	    {"mail.protection.outlook.example", NULL},
	    {"notgoogle.com", NULL},
	};
	struct error err = {""};
	struct providers *p = providers_file_read("etc/providers.conf", &err);

	CHECK_STR(str_from(err.text), STR(""));
	if (!p)
		return;
	for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); i++)
		CHECK_STR(
		    str_from(providers_of_host(p, str_from(hosts[i].host))),
		    str_from(hosts[i].provider));
	size_t n = 0;

	while (providers_at(p, n))
		n++;
	CHECK(n >= 30);
	providers_free(&p);
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
	struct providers *p = providers_file_read(path, &err);

	CHECK((p == NULL) == (*want != '\0'));
	CHECK(str_find(str_from(err.text), str_from(want)) >= 0);
	if (str_find(str_from(err.text), str_from(want)) < 0)
		fprintf(stderr, "%s\n", err.text);
	providers_free(&p);
	unlink(path);
}

static void
wrong_ones(void)
{
	read_text("providers = ( );", "");
	read_text("providers = ( { name = \"a\"; mx = ( \"b.c\" ) } );", "");
	read_text("other = 1;", ":1: only a list of providers");
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
}

static void
no_file(void)
{
	struct error err = {""};

	CHECK(!providers_file_read("/no/such/file", &err));
	CHECK(str_find(str_from(err.text), STR("/no/such/file")) >= 0);
}

TESTS(TEST(shipped), TEST(wrong_ones), TEST(no_file))
