#include "domains/dmarc_report.h"

#include <stdio.h>

#include "base/test.h"
#include "base/text.h"

#define META                                                              \
	"<report_metadata><org_name>Receiver &amp; Co</org_name>"         \
	"<email>dmarc@receiver.example</email><report_id>r-1</report_id>" \
	"<date_range><begin>1795219200</begin><end>1795305599</end>"      \
	"</date_range></report_metadata>"
#define POLICY                                                             \
	"<policy_published><domain>Example.COM.</domain><p>quarantine</p>" \
	"<sp>none</sp><pct>100</pct></policy_published>"
#define ROW(ip, n, dkim, spf)                                                \
	"<record><row><source_ip>" ip "</source_ip><count>" n "</count>"     \
	"<policy_evaluated><disposition>none</disposition><dkim>" dkim       \
	"</dkim><spf>" spf "</spf></policy_evaluated></row><identifiers>"    \
	"<envelope_from>bounce.example.com</envelope_from><header_from>"     \
	"example.com</header_from></identifiers><auth_results><dkim><domain" \
	">other.test</domain><result>fail</result></dkim><dkim><domain>"     \
	"example.com</domain><selector>s1</selector><result>pass</result>"   \
	"</dkim><spf><domain>bounce.example.com</domain><result>pass"        \
	"</result></spf></auth_results></record>"
#define WHOLE(inside) "<?xml version=\"1.0\"?>\n<feedback>" inside "</feedback>"

static int
read_in(struct str xml, size_t piece, struct arena *a, struct dmarc_report *d,
    struct error *err)
{
	struct dmarc_reader *r = dmarc_reader_new(a);

	while (xml.n > 0 && dmarc_reader_feed(r, str_head(xml, piece)))
		xml = str_skip(xml, piece);
	return dmarc_reader_end(&r, d, err);
}

static void
good(void)
{
	static const char xml[] =
	    WHOLE("<version>1.0</version>" META POLICY ROW(
		"192.0.2.1", "7", "pass", "fail") ROW("2001:db8::1", "0",
		"pass", "pass") ROW("nonsense", "1", "pass",
		"pass") "<extension><a><b/></a></extension>" ROW("2001:db8::2",
		"3", "fail", "fail"));
	struct dmarc_report d;
	struct arena a;
	struct error err;

	for (size_t piece = 1; piece < sizeof(xml); piece *= 3) {
		arena_init(&a);
		CHECK_INT(read_in(str_from(xml), piece, &a, &d, &err), 0);
		CHECK_STR(str_from(d.organisation), STR("Receiver & Co"));
		CHECK_STR(str_from(d.email), STR("dmarc@receiver.example"));
		CHECK_STR(str_from(d.id), STR("r-1"));
		CHECK_STR(str_from(d.domain), STR("example.com"));
		CHECK_INT(d.begin, 1795219200);
		CHECK_INT(d.end, 1795305599);
		CHECK_INT(d.policy, DMARC_QUARANTINE);
		CHECK_INT(d.n, 2);
		CHECK_INT(d.v[0].count, 7);
		CHECK(d.v[0].dkim_passes && !d.v[0].spf_passes);
		CHECK_STR(str_from(d.v[0].dkim_domain), STR("example.com"));
		CHECK_STR(str_from(d.v[0].dkim_selector), STR("s1"));
		CHECK_STR(
		    str_from(d.v[0].envelope_from), STR("bounce.example.com"));
		CHECK_STR(str_from(d.v[0].spf_result), STR("pass"));
		CHECK(!d.v[1].dkim_passes && !d.is_cut);
		arena_done(&a);
	}
}

static void
successor(void)
{
	static const char xml[] =
	    "<d:feedback xmlns:d=\"urn:ietf:params:xml:ns:dmarc-2.0\">"
	    "<d:report_metadata><d:org_name>x</d:org_name><d:report_id>2"
	    "</d:report_id><d:date_range><d:begin>1</d:begin><d:end>2</d:end>"
	    "</d:date_range></d:report_metadata><d:policy_published><d:domain>"
	    "a.test</d:domain><d:p>reject</d:p><d:testing>y</d:testing>"
	    "<d:discovery_method>treewalk</d:discovery_method>"
	    "</d:policy_published></d:feedback>";
	struct dmarc_report d;
	struct arena a;
	struct error err;

	arena_init(&a);
	CHECK_INT(read_in(str_from(xml), 100, &a, &d, &err), 0);
	CHECK_STR(str_from(d.domain), STR("a.test"));
	CHECK_INT(d.policy, DMARC_REJECT);
	CHECK_INT(d.n, 0);
	arena_done(&a);
}

static void
refused(void)
{
	static const struct {
		const char *xml, *why;
	} all[] = {
	    {"", "no element"},
	    {"hello", "syntax"},
	    {WHOLE(META POLICY "<record>"), "mismatched"},
	    {"<html/>", "no DMARC report"},
	    {WHOLE(POLICY), "report_id"},
	    {WHOLE(META), "no domain"},
	    {"<!DOCTYPE feedback><feedback/>", "document type"},
	    {"<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]>"
	     "<feedback>&b;</feedback>",
		"document type"},
	    {"<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>"
	     "<feedback><report_metadata><org_name>&a;</org_name>"
	     "</report_metadata></feedback>",
		"document type"},
	    {"<feedback>&a;</feedback>", "undefined entity"},
	    {"<feedback><a><a><a><a><a><a><a><a><a><a><a><a><a>", "deep"},
	};
	struct dmarc_report d;
	struct error err;
	struct arena a;

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		arena_init(&a);
		CHECK_INT(
		    read_in(str_from(all[i].xml), 1000, &a, &d, &err), -1);
		if (!strstr(err.text, all[i].why))
			test_fail(
			    __FILE__, __LINE__, "%s: %s", all[i].why, err.text);
		arena_done(&a);
	}
}

/* More rows than are kept; texts longer than they may be. */
static void
large(void)
{
	struct dmarc_report d;
	struct arena a;
	struct error err;
	struct text t;

	arena_init(&a);
	text_grow(&t, 64 * 1024 * 1024);
	text_add(&t, "<feedback>" META POLICY);
	for (int i = 0; i < DMARC_ROWS + 10; i++)
		text_add(&t, ROW("192.0.2.1", "2", "pass", "pass"));
	text_add(&t, "<record><row><source_ip>");
	text_pad(&t, '1', 100000);
	text_add(&t, "</source_ip><count>1</count></row></record></feedback>");
	CHECK_INT(read_in(text_view(&t), 65536, &a, &d, &err), 0);
	CHECK_INT(d.n, DMARC_ROWS + 1);
	CHECK(d.is_cut);
	CHECK_INT(d.v[DMARC_ROWS].count, 20);
	text_done(&t);
	arena_done(&a);
}

/* Neither elements, attributes nor comments that never end. */
static void
endless(void)
{
	static const char *const begins[] = {
	    "<feedback ", "<feedback a=\"", "<feedback><!-- ", "<feedback>"};

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		struct dmarc_report d;
		struct error err;
		struct text t;
		struct arena a;

		arena_init(&a);
		text_grow(&t, 4 * 1024 * 1024);
		text_add(&t, begins[i]);
		text_pad(&t, ' ', 2 * 1024 * 1024);
		CHECK_INT(read_in(text_view(&t), 65536, &a, &d, &err), -1);
		CHECK_STR(
		    str_from(err.text), STR("too much of it is no element"));
		text_done(&t);
		arena_done(&a);
	}
}

TESTS(TEST(good), TEST(successor), TEST(refused), TEST(large), TEST(endless))
