#include "base/dns_answer.h"

#include <stdlib.h>

#include "base/test.h"

static struct dns_scratch scratch;

/* The question of `name` with these bytes behind it, as an answer. */
static struct dns_answer
read(const char *name, enum dns_type type, unsigned answers, struct str rest)
{
	static uint8_t packet[70000];
	size_t n = dns_question(7, name, type, packet) - 11;

	packet[2] |= 0x80;
	packet[7] = (uint8_t)answers;
	packet[11] = 0;
	memcpy(packet + n, rest.p, rest.n);
	return dns_answer_read(
	    str_make((char *)packet, n + rest.n), name, type, &scratch);
}

#define A_OF_QUESTION "\300\014\0\1\0\1\0\0\0\5\0\4\300\0\2\1"

static void
addresses(void)
{
	struct dns_answer a = read("a.b", DNS_A, 1, STR(A_OF_QUESTION));

	CHECK_INT(a.status, DNS_OK);
	CHECK_INT(a.n, 1);
	CHECK_INT(a.ttl, 5);
	CHECK_INT(a.v[0].ip.b[12], 192);
	/* Somebody else's record isn't an answer. */
	a = read("a.b", DNS_A, 1, STR("\1c\0\0\1\0\1\0\0\0\5\0\4\300\0\2\1"));
	CHECK_INT(a.status, DNS_NO_TYPE);
	/* Nor one of another class. */
	a = read(
	    "a.b", DNS_A, 1, STR("\300\014\0\1\0\3\0\0\0\5\0\4\300\0\2\1"));
	CHECK_INT(a.status, DNS_NO_TYPE);
}

static void
names(void)
{
	char out[DNS_NAME], longest[300];

	CHECK(dns_name(STR("Example.COM."), out));
	CHECK_STR(str_from(out), STR("example.com"));
	CHECK(dns_name(STR("."), out) && !*out);
	CHECK(dns_name(STR("_dmarc.x"), out));
	CHECK(!dns_name(STR(".a"), out));
	CHECK(!dns_name(STR("a..b"), out));
	CHECK(!dns_name(STR("a.."), out));
	CHECK(!dns_name(STR("a\0b"), out));
	for (size_t i = 0; i < sizeof(longest); i++)
		longest[i] = i % 50 == 49 ? '.' : 'x';
	CHECK(dns_name(str_make(longest, 253), out));
	CHECK(!dns_name(str_make(longest, 254), out));
}

static void
bad_packets(void)
{
	static const struct {
		const char *what;
		unsigned answers;
		struct str rest;
	} all[] = {
	    {"nothing there", 1, STR_INIT("")},
	    {"cut", 1, STR_INIT("\300\014\0\1\0\1\0\0\0\5\0\4\300\0\2")},
	    {"size", 1, STR_INIT("\300\014\0\1\0\1\0\0\0\5\0\5\300\0\2\1\1")},
	    {"to itself", 1,
		STR_INIT("\300\025\0\1\0\1\0\0\0\5\0\4\300\0\2\1")},
	    {"behind the end", 1,
		STR_INIT("\377\377\0\1\0\1\0\0\0\5\0\4\300\0\2\1")},
	    {"long label", 1, STR_INIT("\177\0\0\1\0\1\0\0\0\5\0\4\300\0\2\1")},
	    {"two records said", 2, STR_INIT(A_OF_QUESTION)},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		struct dns_answer a =
		    read("a.b", DNS_A, all[i].answers, all[i].rest);

		if (a.status != DNS_FAILED)
			test_fail(__FILE__, __LINE__, "%s", all[i].what);
	}
	CHECK_INT(
	    read("a.b", DNS_TXT, 1, STR("\300\014\0\20\0\1\0\0\0\5\0\3\5ab"))
		.status,
	    DNS_FAILED);
	CHECK_INT(read("a.b", DNS_MX, 1, STR("\300\014\0\17\0\1\0\0\0\5\0\1\0"))
		      .status,
	    DNS_FAILED);
	CHECK_INT(dns_answer_read(STR("short"), "a", DNS_A, &scratch).status,
	    DNS_FAILED);
}

static void
odd_names(void)
{
	/* A dot, a blank and a zero inside labels stand as numbers. */
	struct dns_answer a = read("a.b", DNS_PTR, 1,
	    STR("\300\014\0\14\0\1\0\0\0\5\0\10\3x.Y\2 \0\0"));

	CHECK_INT(a.n, 1);
	CHECK_STR(a.v[0].text, STR("x\\046y.\\032\\000"));
}

static void
copies(void)
{
	struct dns_answer a = read(
	    "a.b", DNS_TXT, 1, STR("\300\014\0\20\0\1\0\0\0\5\0\6\2ab\2cd"));
	struct dns_answer *b;
	size_t size;

	CHECK_INT(a.v[0].strings, 2);
	b = dns_answer_copy(&a, &size);
	memset(&scratch, 0, sizeof(scratch));
	CHECK_STR(b->v[0].text, STR("abcd"));
	CHECK_INT(size, sizeof(*b) + sizeof(*b->v) + 4);
	free(b);
}

/* More records than are kept: what there is counts, and it is told. */
static void
too_many(void)
{
	static char rest[70000];
	struct text t;

	text_init(&t, rest, sizeof(rest));
	for (int i = 0; i < 600; i++)
		text_str(&t, STR(A_OF_QUESTION));
	uint8_t packet[DNS_QUERY];
	size_t n = dns_question(7, "a.b", DNS_A, packet) - 11;
	static char whole[70000];

	memcpy(whole, packet, n);
	memcpy(whole + n, rest, t.n);
	whole[2] = (char)0x80;
	whole[6] = 2;
	whole[7] = 88;
	whole[11] = 0;
	struct dns_answer a =
	    dns_answer_read(str_make(whole, n + t.n), "a.b", DNS_A, &scratch);

	CHECK_INT(a.n, DNS_RECORDS);
	CHECK(a.is_cut);
}

static void
reversed(void)
{
	char out[DNS_NAME];
	struct ip ip;

	CHECK(ip_parse(STR("192.0.2.1"), &ip));
	dns_reverse(&ip, NULL, out);
	CHECK_STR(str_from(out), STR("1.2.0.192.in-addr.arpa"));
	dns_reverse(&ip, "zen.example", out);
	CHECK_STR(str_from(out), STR("1.2.0.192.zen.example"));
	CHECK(ip_parse(STR("2001:db8::12"), &ip));
	dns_reverse(&ip, NULL, out);
	CHECK_STR(str_from(out), STR("2.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0."
				     "0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa"));
}

TESTS(TEST(addresses), TEST(names), TEST(bad_packets), TEST(odd_names),
    TEST(copies), TEST(too_many), TEST(reversed))
