/* dnsbl_test - what lists are asked, and what their answers mean */
#include "reputation/dnsbl.h"

#include <stdio.h>

#include "base/test.h"
#include "reputation/settings.h"

static const char codes[] = "127.0.0.2 SBL; 127.0.0.10-11 PBL;";
static const char bits[] = "127.0.0.&8 phishing; 127.0.0.&16 malware";
static const char *both[] = {"ip4", "ip6"};
static const char *domain[] = {"domain"};
static const char errors[] = "127.0.1.255 asked for an address";

static struct dnsbl_spec
addresses(void)
{
	return (struct dnsbl_spec){
	    .name = "one",
	    .zone = "list.test",
	    .lists = {both, 2},
	    .codes = codes,
	    .errors = "",
	    .listed = "",
	    .unlisted = "",
	    .removal = "",
	    .expires = "",
	    .terms = "",
	    .instead = "",
	    .usual = true,
	};
}

static const struct dnsbl *
add(struct dnsbls *l, const struct dnsbl_spec *s)
{
	struct error err = {""};

	CHECK_INT(dnsbls_add(l, s, &err), 0);
	CHECK_STR(str_from(err.text), STR(""));
	return dnsbls_find(l, str_from(s->name));
}

/* "says: words" of an answer with these addresses. */
static struct str
read(const struct dnsbl *l, const char *ips)
{
	static char buf[300];
	struct dns_record v[8];
	struct dns_answer a = {.v = v};
	struct str rest = str_from(ips), one;
	struct dnsbl_answer said;

	a.status = *ips ? DNS_OK : DNS_NO_NAME;
	for (; rest.n > 0; a.n++) {
		if (!str_cut(&rest, ' ', &one)) {
			one = rest;
			rest.n = 0;
		}
		CHECK(ip_parse(one, &v[a.n].ip));
	}
	dnsbl_read(l, &a, &said);
	snprintf(buf, sizeof(buf), "%s%s%s", dnsbl_says_text(said.says),
	    *said.words ? ": " : "", said.words);
	return str_from(buf);
}

static void
only_its_codes_are_listings(void)
{
	struct dnsbls *l = dnsbls_new();
	struct dnsbl_spec s = addresses(), t = addresses();
	const struct dnsbl *one = add(l, &s), *two;

	t.name = "two";
	t.lists = (struct setting_list){domain, 1};
	t.codes = bits;
	t.errors = errors;
	t.listed = "test.test";
	two = add(l, &t);
	CHECK_STR(read(one, ""), STR("clean"));
	CHECK_STR(read(one, "127.0.0.2"), STR("listed: SBL"));
	CHECK_STR(read(one, "127.0.0.10 127.0.0.11"), STR("listed: PBL"));
	CHECK_STR(read(one, "127.0.0.2 127.0.0.11"), STR("listed: SBL; PBL"));
	CHECK_STR(
	    read(one, "127.0.0.3"), STR("unclear: an unknown code: 127.0.0.3"));
	CHECK_STR(read(one, "127.0.0.3 127.0.0.2"), STR("listed: SBL"));
	CHECK_STR(read(one, "127.0.0.1"),
	    STR("refuses: it refuses to answer: 127.0.0.1"));
	CHECK_STR(read(one, "127.255.255.254 127.0.0.2"),
	    STR("refuses: it refuses to answer: 127.255.255.254 (asked "
		"through a public or unknown resolver)"));
	CHECK_STR(
	    read(one, "198.51.100.7"), STR("lies: it answers 198.51.100.7"));
	CHECK_STR(read(one, "127.0.0.2 198.51.100.7"),
	    STR("lies: it answers 198.51.100.7"));
	CHECK_STR(read(two, "127.0.0.24"), STR("listed: phishing; malware"));
	CHECK_STR(
	    read(two, "127.0.0.4"), STR("unclear: an unknown code: 127.0.0.4"));
	CHECK_STR(read(two, "127.0.0.1"),
	    STR("refuses: it refuses to answer: 127.0.0.1"));
	CHECK_STR(
	    read(two, "127.0.1.255"), STR("refuses: asked for an address"));
	struct dns_answer failed = dns_answer_failed("no answer in time");
	struct dnsbl_answer said;

	dnsbl_read(one, &failed, &said);
	CHECK_INT(said.says, DNSBL_SILENT);
	dnsbls_free(&l);
}

static struct str
ask(const struct dnsbl *l, const char *who, const char *key)
{
	static char name[DNS_NAME];
	struct dnsbl_target t = {.domain = who};

	ip_parse(str_from(who), &t.ip);
	return dnsbl_question(l, &t, key, name) ? str_from(name) : STR("-");
}

static void
what_is_asked(void)
{
	struct dnsbls *l = dnsbls_new();
	struct dnsbl_spec s = addresses();
	const struct dnsbl *one = add(l, &s), *keyed, *named;
	char name[DNS_NAME], other[DNS_NAME];

	s.name = "keyed";
	s.zone = "%k.list.test";
	keyed = add(l, &s);
	s.name = "named";
	s.zone = "names.test";
	s.lists = (struct setting_list){domain, 1};
	s.listed = "test.test";
	named = add(l, &s);
	CHECK_STR(ask(one, "192.0.2.5", ""), STR("5.2.0.192.list.test"));
	CHECK_STR(ask(one, "2001:db8::1", ""),
	    STR("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0."
		"0.2.list.test"));
	CHECK_STR(ask(one, "example.com", ""), STR("-"));
	CHECK_STR(ask(named, "example.com", ""), STR("example.com.names.test"));
	CHECK_STR(ask(named, "192.0.2.5", ""), STR("-"));
	CHECK_STR(ask(keyed, "192.0.2.5", ""), STR("-"));
	CHECK_STR(
	    ask(keyed, "192.0.2.5", "k3y"), STR("5.2.0.192.k3y.list.test"));
	CHECK(dnsbl_test_question(
	    one, DNSBL_IP4, DNSBL_TEST_LISTED, 0, "", name));
	CHECK_STR(str_from(name), STR("2.0.0.127.list.test"));
	CHECK(dnsbl_test_question(
	    one, DNSBL_IP6, DNSBL_TEST_UNLISTED, 0, "", name));
	CHECK_STR(str_from(name),
	    STR("1.0.0.0.0.0.f.7.f.f.f.f.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
		"0.0.list.test"));
	CHECK(dnsbl_test_question(
	    named, DNSBL_DOMAIN, DNSBL_TEST_LISTED, 0, "", name));
	CHECK_STR(str_from(name), STR("test.test.names.test"));
	for (int k = 0; k < 3; k++) {
		const struct dnsbl *of = k == 2 ? named : one;
		enum dnsbl_kind kind = (enum dnsbl_kind)(1 << k);

		CHECK(dnsbl_test_question(
		    of, kind, DNSBL_TEST_ANY, 0x01020304, "", name));
		CHECK(dnsbl_test_question(
		    of, kind, DNSBL_TEST_ANY, 0x01020305, "", other));
		CHECK(strcmp(name, other) != 0);
	}
	dnsbls_free(&l);
}

static void
bad_lists(void)
{
	static const char *no_kind[] = {"ip5"};
	struct dnsbls *l = dnsbls_new();
	struct dnsbl_spec s = addresses();
	struct error err;

	s.name = "One";
	CHECK_INT(dnsbls_add(l, &s, &err), -1);
	s = addresses();
	s.codes = "2 listed";
	CHECK_INT(dnsbls_add(l, &s, &err), -1);
	CHECK_STR(str_from(err.text),
	    STR("dnsbl one: \"2 listed\" doesn't begin with a code "
		"(127.0.0.2, 127.0.0.2-9, 127.0.0.&8)"));
	s = addresses();
	s.codes = "";
	CHECK_INT(dnsbls_add(l, &s, &err), -1);
	s = addresses();
	s.lists = (struct setting_list){no_kind, 1};
	CHECK_INT(dnsbls_add(l, &s, &err), -1);
	s.lists = (struct setting_list){domain, 1};
	CHECK_INT(dnsbls_add(l, &s, &err), -1);
	s = addresses();
	s.zone = "a..b";
	CHECK_INT(dnsbls_add(l, &s, &err), -1);
	s = addresses();
	CHECK_INT(dnsbls_add(l, &s, &err), 0);
	CHECK_INT(dnsbls_add(l, &s, &err), -1);
	CHECK_STR(str_from(err.text), STR("two lists named \"one\""));
	dnsbls_free(&l);
}

static void
which_are_wanted(void)
{
	static const char *lists[] = {"usual", "-usual-one", "named"};
	static const char *keys[] = {"keyed=/etc/key"};
	struct dnsbls *l = dnsbls_new();
	struct dnsbl_spec s = addresses();
	struct reputation_settings set = {
	    .dnsbl_lists = {lists, 1}, .dnsbl_keys = {keys, 0}};
	struct error err;

	s.name = "usual-one";
	const struct dnsbl *usual = add(l, &s);

	s.name = "named";
	s.usual = false;
	const struct dnsbl *named = add(l, &s);

	s.name = "keyed";
	s.zone = "%k.list.test";
	s.instead = "usual-one";
	const struct dnsbl *keyed = add(l, &s);

	CHECK(dnsbl_is_wanted(&set, l, usual));
	CHECK(!dnsbl_is_wanted(&set, l, named));
	CHECK(!dnsbl_is_wanted(&set, l, keyed));
	set.dnsbl_keys.n = 1;
	CHECK(!dnsbl_is_wanted(&set, l, usual));
	CHECK(dnsbl_is_wanted(&set, l, keyed));
	set.dnsbl_keys.n = 0;
	set.dnsbl_lists.n = 3;
	CHECK(!dnsbl_is_wanted(&set, l, usual));
	CHECK(dnsbl_is_wanted(&set, l, named));
	CHECK_INT(dnsbl_settings_check_names(&set, l, &err), 0);
	lists[1] = "-other";
	CHECK_INT(dnsbl_settings_check_names(&set, l, &err), -1);
	CHECK_STR(
	    str_from(err.text), STR("dnsbl_lists: there is no list \"other\""));
	lists[1] = "-usual-one";
	dnsbls_free(&l);
}

TESTS(TEST(only_its_codes_are_listings), TEST(what_is_asked), TEST(bad_lists),
    TEST(which_are_wanted))
